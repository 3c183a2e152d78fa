"""The best plan so far, handed on every now and then while a solver is at work, so that it outlives the program."""

from collections.abc import Callable

from cosmolocal.planning.solvers.solution import Told, Watch

#: [s] from the start to the first plan that is handed on, and between two, at least
KEEP_SECONDS = 5.0
#: between two, so many times the time that one takes to be made
SHARE = 20


class BestKept:
    """A view that hands on the best plan it was told."""

    def __init__(self, watch: Watch, hand_on: Callable[[Told], None]) -> None:
        self._watch, self._hand_on = watch, hand_on
        self._best: Told | None = None
        self._next = watch.seconds() + KEEP_SECONDS

    def __call__(self, told: Told) -> Told:
        """Note what is told, and hand on the best of it when it is time; it is passed on as it is."""
        cents = told.cost_cents
        if told.taken is not None and cents is not None:
            best = self._best.cost_cents if self._best else None
            if best is None or cents < best:
                self._best = told
        if self._best is not None and self._watch.seconds() >= self._next:
            begun, best_told, self._best = self._watch.seconds(), self._best, None
            self._hand_on(best_told)
            ended = self._watch.seconds()
            self._next = ended + max(KEEP_SECONDS, SHARE * (ended - begun))
        return told
