"""Remembering what takes time to make: bounded, newest use first, and made once where many ask at the same moment."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Values by key, as many as there is room for; what was not used for longest is forgotten first.

    A value is remembered for its key alone: the key holds everything that the value depends on. Keys that tell states
    of one thing may name it as their ``family``, of which the newest alone is remembered: the states before it will
    not come again, and each may hold a whole region.
    """

    def __init__(self, room: int, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self.room, self._weigh = room, weigh
        self._kept: OrderedDict[Hashable, tuple[T, int, Hashable]] = OrderedDict()
        self._newest: dict[Hashable, Hashable] = {}
        self._used = 0
        self._lock = threading.Lock()
        self._turns: dict[Hashable, threading.Lock] = {}

    @property
    def used(self) -> int:
        """Return how much of the room is taken."""
        return self._used

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable) -> T | None:
        """Return what is remembered for a key; None: nothing is."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def recall(self, key: Hashable, make: Callable[[], T], family: Hashable = None) -> T:
        """Return what is remembered for a key, or else what ``make`` returns; what it raises is not remembered.

        Of several threads that ask for the same at once, one makes it and the others wait.
        """
        if (found := self.find(key)) is not None:
            return found
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if (found := self.find(key)) is not None:
                return found
            try:
                value = make()
                self.keep(key, value, family)
            finally:
                with self._lock:
                    self._turns.pop(key, None)
            return value

    def keep(self, key: Hashable, value: T, family: Hashable = None) -> None:
        """Remember a value; one that is larger than the whole room is not."""
        weight = self._weigh(value)
        with self._lock:
            self._forget(key)
            if family is not None:
                self._forget(self._newest.get(family))
            if weight > self.room:
                return
            self._kept[key] = value, weight, family
            self._used += weight
            if family is not None:
                self._newest[family] = key
            while self._used > self.room:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: Hashable) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._used -= found[1]
            if self._newest.get(found[2]) == key:
                del self._newest[found[2]]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._newest.clear()
            self._used = 0


class Same:
    """A value as a key: equal only to itself. Comparing large records field by field would take too long."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)
