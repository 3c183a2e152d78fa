"""The best plan so far, handed on every now and then while a solver is at work, so that it outlives the program."""

from collections.abc import Callable

from cosmolocal.planning.solvers.solution import Told, Watch

#: [s] from the start to the first plan that is handed on, and between two, at least
KEEP_SECONDS = 5.0
#: between two, so many times the time that one takes to be made
SHARE = 20
#: the first one waits a second for so many lots
LOTS_PER_SECOND = 500


class BestKept:
    """A view that hands on the best plan it was told, as long as there is time to make it.

    ``until`` [s] is when the solver ends; a plan of many lots takes long to be made, so the first one waits longer.
    """

    def __init__(self, watch: Watch, hand_on: Callable[[Told], None], until: float, lots: int = 0) -> None:
        self._watch, self._hand_on, self._until = watch, hand_on, until
        self._best: Told | None = None
        self._next = watch.seconds() + max(KEEP_SECONDS, lots / LOTS_PER_SECOND)
        #: [s] that the next one is thought to take
        self._expected = until / 6

    def __call__(self, told: Told) -> Told:
        """Note what is told, and hand on the best of it when it is time; it is passed on as it is."""
        cents = told.cost_cents
        if told.taken is not None and cents is not None:
            best = self._best.cost_cents if self._best else None
            if best is None or cents < best:
                self._best = told
        now = self._watch.seconds()
        if self._best is not None and now >= self._next and now + 3 * self._expected <= self._until:
            begun, best_told, self._best = self._watch.seconds(), self._best, None
            self._hand_on(best_told)
            ended = self._watch.seconds()
            self._expected = ended - begun
            self._next = ended + max(KEEP_SECONDS, SHARE * (ended - begun))
        return told
