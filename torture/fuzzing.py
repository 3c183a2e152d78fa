"""Feeds a reader with many wrong inputs and looks at what it does: it may take an input or refuse it, nothing else.

Inputs are changed ones of a collection. Into it goes whatever brought the reader to lines in an order that was not
seen before – a part of the runs is traced for that – or to a refusal in words that were not heard before. Each input
has a second of processor time and 512 MiB. The inputs are parted into pieces, each with a seed and a process of its
own, so that they are the same ones on every machine.
"""

import mmap
import os
import pickle
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NoReturn

from cosmolocal.errors import CosmolocalError, InputError, Said
from torture.mutations import mutate

PIECES = 4
#: [s] of processor time, and [bytes] above what the process has before
SECONDS = 1.0
MEMORY = 512 * 1024**2
#: [s] without a further input until a process is given up
STALLED = 100.0
#: every so many runs one is traced, at chance
TRACED = 16
#: [bytes] of the inputs that are kept to be changed further
MAX_KEPT = 4096
_OWN_CODE = f"{os.sep}cosmolocal{os.sep}"
_HEAD = struct.Struct("<QQ")
_ROOM = 1024**2
#: tries to make an input that was not withstood shorter
_SHORTENINGS = 400
_MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Target:
    """A reader, and what it is fed with."""

    name: str
    #: raises a `CosmolocalError` where it refuses; any other exception is a finding
    read: Callable[[bytes], object]
    #: inputs to begin with
    seeds: tuple[bytes, ...]
    #: words of the format
    words: tuple[bytes, ...] = ()
    #: makes an input from nothing
    make: Callable[[random.Random], bytes] | None = None


class TooLongError(BaseException):
    """An input took more than its processor time."""


@dataclass(slots=True)
class Fed:
    """What came of many inputs."""

    inputs: int = 0
    accepted: int = 0
    #: by the words in which they were refused
    refusals: set[tuple[str, str]] = field(default_factory=set)
    #: changes of line that were seen in our own code
    steps: int = 0
    #: inputs worth to be changed further
    kept: int = 0
    #: [s] of processor time of the slowest
    slowest: float = 0.0
    #: [bytes] of the longest
    longest: int = 0
    #: what was not withstood, by its kind and place: the shortest input
    found: dict[str, bytes] = field(default_factory=dict)

    def add(self, other: "Fed") -> None:
        """Add what came of another piece."""
        self.inputs += other.inputs
        self.accepted += other.accepted
        self.refusals |= other.refusals
        self.steps = max(self.steps, other.steps)
        self.kept += other.kept
        self.slowest = max(self.slowest, other.slowest)
        self.longest = max(self.longest, other.longest)
        for what, data in other.found.items():
            self.found[what] = min(self.found.get(what, data), data, key=len)

    @property
    def wrong(self) -> tuple[str, ...]:
        """Return what was not withstood, with the shortest input."""
        return tuple(f"{what}, by {data[:300]!r}" for what, data in sorted(self.found.items()))


class _Tracer:
    """Notes from which line to which a run goes in our own code."""

    def __init__(self) -> None:
        self.seen: set[tuple[CodeType, int, int]] = set()
        self.last = 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:  # noqa: ARG002
        return self._line if _OWN_CODE in frame.f_code.co_filename else None

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self.seen.add((frame.f_code, self.last, frame.f_lineno))
            self.last = frame.f_lineno
        return self._line


class Feeder:
    """Feeds one reader in this process."""

    def __init__(self, target: Target, seed: int, note: Callable[[bytes], None] = lambda _: None) -> None:
        self.target, self.chance, self.note = target, random.Random(f"{target.name} {seed}"), note
        self.fed = Fed()
        self.tracer = _Tracer()
        self.kept: list[bytes] = []

    def feed(self, inputs: int) -> Fed:
        """Feed so many inputs; the first are the seeds."""
        before = signal.signal(signal.SIGPROF, _raise_too_long)
        try:
            for data in self._inputs(inputs):
                self._feed(data)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
        self.fed.steps, self.fed.kept = len(self.tracer.seen), len(self.kept)
        return self.fed

    def _inputs(self, inputs: int) -> Iterator[bytes]:
        seeds, make = self.target.seeds[:inputs], self.target.make
        yield from seeds
        for _ in range(inputs - len(seeds)):
            if make is not None and self.chance.random() < 0.3:
                made = make(self.chance)
                yield (
                    mutate(made, self.chance, self.target.words, self.kept or seeds)
                    if self.chance.random() < 0.5
                    else made
                )
            else:
                yield mutate(self._chosen(), self.chance, self.target.words, self.kept or seeds)

    def _chosen(self) -> bytes:
        """Return an input to change; the newest ones are chosen as often as all others."""
        kept = self.kept or self.target.seeds
        newest = len(kept) - len(kept) // 5 if self.chance.random() < 0.5 and len(kept) >= 5 else 0
        return kept[self.chance.randrange(min(newest, len(kept) - 1), len(kept))]

    def _feed(self, data: bytes) -> None:
        self.note(data)
        self.fed.inputs += 1
        self.fed.longest = max(self.fed.longest, len(data))
        is_traced = self.fed.inputs <= len(self.target.seeds) or self.chance.randrange(TRACED) == 0
        begun = time.process_time()
        is_new = self._traced(data) if is_traced else self._once(data)
        if not is_traced:  # what is traced is slow of itself
            self.fed.slowest = max(self.fed.slowest, time.process_time() - begun)
        if is_new and len(data) <= MAX_KEPT:
            self.kept.append(data)

    def _traced(self, data: bytes) -> bool:
        before = len(self.tracer.seen)
        self.tracer.last = 0
        sys.settrace(self.tracer)
        try:
            is_new = self._once(data, seconds=20 * SECONDS)
        finally:
            sys.settrace(None)
        return is_new or len(self.tracer.seen) > before

    def _once(self, data: bytes, seconds: float = SECONDS) -> bool:
        """Feed one input; tell whether it was refused in words that are new."""
        error = try_input(self.target.read, data, seconds)
        if error is None:
            self.fed.accepted += 1
            return False
        if isinstance(error, CosmolocalError):
            before = len(self.fed.refusals)
            self.fed.refusals.update(words_of(error))
            return len(self.fed.refusals) > before
        sys.settrace(None)
        what = place_of(error)
        if what not in self.fed.found and len(self.fed.found) < _MOST_FOUND:
            self.fed.found[what] = shorten(self.target.read, data, what)
        return False


def _raise_too_long(*_: object) -> NoReturn:
    raise TooLongError


def try_input(read: Callable[[bytes], object], data: bytes, seconds: float) -> BaseException | None:
    """Return what a reader raises for an input."""
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            read(data)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # whatever it is, it is looked at
        return error
    return None


def words_of(error: CosmolocalError) -> Iterator[tuple[str, str]]:
    """Yield in which words an input was refused, without what was found there."""
    if not isinstance(error, InputError):
        yield type(error).__name__, str(getattr(error, "why", ""))
        return
    for problem in error.problems[:40]:
        said = problem.message
        yield problem.code, said.template if isinstance(said, Said) else said[:8]


def place_of(error: BaseException) -> str:
    """Return what was raised, and the line of our own code that it came out of."""
    if isinstance(error, TooLongError):
        return f"took more than {SECONDS:g} s"
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _OWN_CODE in frame.filename]
    place = f"{own[-1].filename.rpartition(_OWN_CODE)[2]}, line {own[-1].lineno}" if own else "the experiment"
    told = f": {error}" if not own else ""
    return f"{type(error).__name__} at {place}{told[:300]}"


def shorten(read: Callable[[bytes], object], data: bytes, what: str) -> bytes:
    """Return a shorter input that does the same."""
    tries, size = _SHORTENINGS, len(data) // 2
    while size and tries > 0:
        at = 0
        while at < len(data) and tries > 0:
            shorter = data[:at] + data[at + size :]
            tries -= 1
            error = try_input(read, shorter, SECONDS)
            if error is not None and not isinstance(error, CosmolocalError) and place_of(error) == what:
                data = shorter
            else:
                at += size
        size //= 2
    return data


def fuzz(target: Target, inputs: int, pieces: int = PIECES) -> Fed:
    """Feed a reader with so many inputs, in as many processes as there are cores."""
    fed = Fed()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        waiting = [
            _Piece(target, number, inputs // pieces + (number < inputs % pieces), Path(folder))
            for number in range(pieces)
        ]
        at_work: list[_Piece] = []
        try:
            while waiting or at_work:
                while waiting and len(at_work) < (os.cpu_count() or 1):
                    at_work.append(waiting.pop(0))
                    at_work[-1].start()
                time.sleep(0.05)
                for piece in [piece for piece in at_work if piece.has_ended()]:
                    at_work.remove(piece)
                    fed.add(piece.result())
        finally:
            for piece in at_work:
                piece.kill()
    return fed


class _Piece:
    """A part of the inputs, and the process that feeds them; what is being fed stands in memory that both see."""

    def __init__(self, target: Target, number: int, inputs: int, folder: Path) -> None:
        self.target, self.number, self.inputs = target, number, inputs
        self.path = folder / str(number)
        self.shared = mmap.mmap(-1, _ROOM)
        self.pid, self.status = 0, 0
        self.count, self.moved = -1, 0.0
        self.fate = ""

    def start(self) -> None:
        self.moved = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                self._work()
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)

    def _work(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        room = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        fed = Feeder(self.target, self.number, self._note).feed(self.inputs)
        self.path.write_bytes(pickle.dumps(fed))

    def _note(self, data: bytes) -> None:
        count, _ = _HEAD.unpack_from(self.shared)
        length = min(len(data), _ROOM - _HEAD.size)
        self.shared[_HEAD.size : _HEAD.size + length] = data[:length]
        _HEAD.pack_into(self.shared, 0, count + 1, length)

    def has_ended(self) -> bool:
        """Tell whether the process has ended; one that does not get on is ended."""
        count, _ = _HEAD.unpack_from(self.shared)
        if count != self.count:
            self.count, self.moved = count, time.monotonic()
        elif time.monotonic() - self.moved > STALLED:
            self.fate = f"did not get on for {STALLED:g} s"
            self.kill()
            return True
        pid, self.status = os.waitpid(self.pid, os.WNOHANG)
        return pid != 0

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        _, self.status = os.waitpid(self.pid, 0)

    def result(self) -> Fed:
        if self.status == 0 and self.path.exists():
            fed: Fed = pickle.loads(self.path.read_bytes())
            return fed
        count, length = _HEAD.unpack_from(self.shared)
        fate = self.fate or f"the process ended with {os.waitstatus_to_exitcode(self.status)}"
        return Fed(count, found={fate: self.shared[_HEAD.size : _HEAD.size + length]})
