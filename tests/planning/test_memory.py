"""How much memory prices take beside a problem: the largest regions must fit beside their own arrays."""

import tracemalloc
from dataclasses import fields

from benchmarks.generator import make_region
from cosmolocal.planning.problem import PlanningProblem
from cosmolocal.planning.solvers.relaxation import find_prices


def bytes_of(problem: PlanningProblem) -> int:
    arrays = (getattr(problem, field.name) for field in fields(problem))
    return sum(array.nbytes for array in arrays if array is not None)


def test_prices_take_less_memory_than_the_problem_itself():
    """Ten million lots fit into 16 GiB only so: sorting all uses at once took three times what they take themselves."""
    problem = make_region(lots=20_000, workshops=500)
    find_prices(make_region(lots=200, workshops=20))  # what is compiled counts for nothing
    tracemalloc.start()
    try:
        find_prices(problem)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < bytes_of(problem)
