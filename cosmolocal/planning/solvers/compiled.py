"""Functions compiled to machine code, run on all cores, and the arrays they read."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
from numba.core import event

from cosmolocal.cores import count_cores, use_all_cores
from cosmolocal.planning.problem import Ints, PlanningProblem

#: what numba says of itself while it compiles
_EVENT = "numba:compile"

F = TypeVar("F", bound=Callable[..., object])

#: numba's own types do not know the options of compiling
_NJIT: Any = numba.njit

#: pieces that work is cut into: always as many, so that the number of threads does not change the result
CHUNKS = 16


def compiled(function: F) -> F:
    """Compile a function when it is first called; what was compiled is kept on disk. It runs without the GIL.

    It can make no arrays of its own: with ``_nrt`` each tuple of arrays that is handed on is counted array by array,
    which made moves ten times slower.
    """
    options = {"nogil": True, "error_model": "numpy", "_nrt": False}
    try:
        return _NJIT(cache=True, **options)(function)
    except RuntimeError:  # there is no folder that can be written to
        return _NJIT(**options)(function)


def inlined(function: F) -> F:
    """Compile a function into each function that calls it: a call with many arrays costs more than a move."""
    return _NJIT(inline="always", nogil=True, error_model="numpy")(function)


class _Teller(event.Listener):
    """Tells once that something is being compiled."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell, self.has_told = tell, False

    def on_start(self, event: object) -> None:  # noqa: ARG002 - numba hands it over by place
        """Tell it, the first time."""
        if not self.has_told:
            self.has_told = True
            self.tell()

    def on_end(self, event: object) -> None:
        """Say nothing."""


@contextmanager
def telling(tell: Callable[[], None] | None) -> Iterator[None]:
    """Call ``tell`` once when something is compiled that could not be read from the disk; None: tell nobody."""
    with nullcontext() if tell is None else event.install_listener(_EVENT, _Teller(tell)):
        yield


class Threads:
    """Runs compiled functions side by side.

    Threads of Python rather than of numba: numba's own pool ends the process when two threads use it at once, as pages
    that plan at the same time would.
    """

    def __init__(self, count: int | None = None) -> None:
        self.set_count(count)
        if hasattr(os, "register_at_fork"):
            # a process that was forked has none of its parent's threads
            os.register_at_fork(after_in_child=lambda: self.set_count(self.count))

    def set_count(self, count: int | None = None) -> None:
        """Use so many threads from now on; None: as many as there are cores for this process."""
        self.count = count or count_cores()
        self._pool = ThreadPoolExecutor(self.count, "planning", use_all_cores)

    def run(self, function: Callable[..., object], count: int, *given: object) -> None:
        """Call ``function(*given, nth)`` for each nth below ``count``.

        With one thread it is this one: to hand a small problem over and back takes longer than to solve it.
        """
        if self.count == 1:
            for nth in range(count):
                function(*given, nth)
            return
        for done in [self._pool.submit(function, *given, nth) for nth in range(count)]:
            done.result()


THREADS = Threads()


@inlined
def piece(count: int, chunk: int) -> tuple[int, int]:
    """Return the first and the end of the piece ``chunk`` of `CHUNKS` pieces of ``count`` things."""
    return count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS


class Arrays(NamedTuple):
    """A problem as compiled functions read it: always the same types, steps in the order of resources."""

    option_start: Ints
    option_cost: Ints
    use_start: Ints
    #: int32
    use_resource: Ints
    #: int32, unless there are amounts beyond it
    use_amount: Ints
    unmet_cost: Ints
    lot_units: Ints
    capacity: Ints
    #: [R] capacity with all steps
    limit: Ints
    #: [R + 1] steps of resource r are step_start[r] … step_start[r + 1] − 1
    step_start: Ints
    step_size: Ints
    step_blocks: Ints
    step_cost: Ints


def _narrowed(amounts: Ints) -> Ints:
    return amounts.astype(np.int32 if amounts.max(initial=0) < 1 << 31 else np.int64, copy=False)


def build_arrays(problem: PlanningProblem) -> Arrays:
    """Return the arrays of a problem; nothing is copied that has the right type."""
    order = np.argsort(problem.step_resource, kind="stable")
    edges = np.searchsorted(problem.step_resource[order], np.arange(problem.resource_count + 1))
    return Arrays(
        option_start=problem.option_start,
        option_cost=problem.option_cost,
        use_start=problem.use_start,
        use_resource=problem.use_resource.astype(np.int32, copy=False),
        use_amount=_narrowed(problem.use_amount),
        unmet_cost=problem.unmet_cost,
        lot_units=problem.units,
        capacity=problem.capacity,
        limit=problem.largest_capacity(),
        step_start=edges.astype(np.int64),
        step_size=problem.step_size[order],
        step_blocks=problem.step_blocks[order],
        step_cost=problem.step_cost[order],
    )


@inlined
def steps_cost(arrays: Arrays, resource: int, load: int) -> int:
    """Return the least cost of the steps that cover a load of a resource, in cents."""
    missing = load - arrays.capacity[resource]
    total = 0
    if missing > 0:
        for step in range(arrays.step_start[resource], arrays.step_start[resource + 1]):
            taken = min(arrays.step_blocks[step], -(-missing // arrays.step_size[step]))
            total += taken * arrays.step_cost[step]
            missing -= taken * arrays.step_size[step]
            if missing <= 0:
                break
    return total


@compiled
def steps_blend(arrays: Arrays, resource: int, load: int, whole: float) -> float:
    """Return what the steps that cover a load cost; ``whole``: from 1, whole blocks, to 0, the part of them in use."""
    missing = load - arrays.capacity[resource]
    total = 0.0
    if missing > 0:
        for step in range(arrays.step_start[resource], arrays.step_start[resource + 1]):
            size, blocks = arrays.step_size[step], arrays.step_blocks[step]
            covered = min(missing, blocks * size)
            used = whole * -(-covered // size) + (1.0 - whole) * covered / size
            total += arrays.step_cost[step] * used
            missing -= covered
            if missing <= 0:
                break
    return total


@inlined
def priced_cost(arrays: Arrays, prices: Ints, option: int) -> int:
    """Return what a unit by an option costs with its resources paid for, in thousandths of a cent."""
    total = arrays.option_cost[option] * 1000
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        total += prices[arrays.use_resource[use]] * np.int64(arrays.use_amount[use])
    return total


@inlined
def has_room(arrays: Arrays, loads: Ints, option: int, units: int) -> bool:
    """Tell whether units by an option fit beside the loads."""
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        resource = arrays.use_resource[use]
        if loads[resource] + units * arrays.use_amount[use] > arrays.limit[resource]:
            return False
    return True


@inlined
def add_load(arrays: Arrays, loads: Ints, option: int, units: int) -> int:
    """Add units by an option to the loads (negative: take away); return the change of the steps' cost in cents."""
    change = 0
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        resource = arrays.use_resource[use]
        before = steps_cost(arrays, resource, loads[resource])
        loads[resource] += units * arrays.use_amount[use]
        change += steps_cost(arrays, resource, loads[resource]) - before
    return change
