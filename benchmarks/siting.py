"""Capacitated facility location: python -m benchmarks.siting FILE… --seconds 60 --against cpsat,highs.

A file holds m sites and n customers: m n, then capacity and opening cost of each site, then of each customer its demand
and the m costs of serving all of it from each site. Demand may be split. Where a file has the word `capacity` in place
of a number, each of the capacities given makes an instance. `--city SITESxCUSTOMERSxRATIO` makes one up.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, product
from pathlib import Path

import numpy as np

from benchmarks.siting_cities import make_city
from benchmarks.siting_others import OTHERS
from cosmolocal.planning.siting import SitingProblem
from cosmolocal.planning.solvers.siting import compile_siting, solve_siting
from cosmolocal.planning.solvers.solution import SolveSettings

CAPACITIES = (8000, 10000, 12000, 14000)
WORD = "capacity"
#: demand and capacity are counted in whole parts of a unit
FINEST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What is open and who gets how many units from where: (site, customer, units)."""

    open: list[int]
    flow: list[tuple[int, int, int]]


def read_instances(path: Path, capacities: list[int]) -> Iterator[tuple[str, SitingProblem]]:
    """Yield the instances in a file with their names.

    Raises
    ------
    ValueError
        When the file does not hold as many numbers as its first two say, or demand too fine to count.
    """
    words = path.read_text(encoding="ascii").split()
    if WORD in words:
        for capacity in capacities:
            given = [str(capacity) if word == WORD else word for word in words]
            yield f"{path.stem}_{capacity}", build_problem(path, given)
    else:
        yield path.stem, build_problem(path, words)


def build_problem(path: Path, words: list[str]) -> SitingProblem:
    """Return the instance that the words of a file make; demand and capacity in units that are whole."""
    sites, customers = (int(float(word)) for word in words[:2])
    if len(words) != 2 + 2 * sites + customers * (sites + 1):
        raise ValueError(f"{path}: holds {len(words)} numbers, which is not m n, 2 m, n (m + 1)")
    first, rest = words[2 : 2 + 2 * sites], words[2 + 2 * sites :]
    demand, capacity = rest[:: sites + 1], first[::2]
    times = math.lcm(*(Fraction(word).denominator for word in demand))
    if times > FINEST:
        raise ValueError(f"{path}: has demand in parts of {times}; parts of {FINEST} are the finest")
    table = np.array(rest, dtype=np.float64).reshape(customers, sites + 1)
    return SitingProblem(
        open_cost=np.array(first[1::2], dtype=np.float64),
        capacity=np.array([int(Fraction(word) * times) for word in capacity], dtype=np.int64),
        demand=np.array([round(Fraction(word) * times) for word in demand], dtype=np.int64),
        cost=table[:, 1:].T.copy(),
        unserved_cost=np.full(customers, np.inf),
        existing=np.zeros(sites, dtype=np.bool_),
    )


def make_up(words: str, seed: int) -> SitingProblem:
    """Return the city that words such as 300x300x5 ask for."""
    sites, customers, ratio = words.split("x")
    return make_city(int(sites), int(customers), float(ratio), seed)


def check_answer(problem: SitingProblem, answer: Answer) -> float | None:
    """Return what an answer costs, summed flow by flow; None: someone is not served, or a site has too much."""
    left, room, total = problem.demand.tolist(), problem.capacity.tolist(), Fraction(0)
    is_open = set(answer.open)
    for site in is_open:
        total += Fraction(float(problem.open_cost[site]))
    for site, customer, units in answer.flow:
        if site not in is_open or units < 0:
            return None
        left[customer] -= units
        room[site] -= units
        total += Fraction(float(problem.cost[site, customer])) * units / int(problem.demand[customer])
    return float(total) if not any(left) and min(room) >= 0 else None


def run(name: str, problem: SitingProblem, settings: SolveSettings, method: str = "ours") -> dict[str, object]:
    """Return the figures of one instance, solved by us or by one of the `OTHERS` with the same time."""
    started = time.perf_counter()
    if method == "ours":
        found = solve_siting(problem, settings)
        is_open, flow, bound, status = found.is_open, found.flow, found.bound, found.status.value
    else:
        is_open, flow, bound, status = OTHERS[method](problem, settings.seconds)
    seconds = time.perf_counter() - started
    listed = list(zip(flow.site.tolist(), flow.customer.tolist(), flow.units.tolist(), strict=True))
    answer = Answer(np.flatnonzero(is_open).tolist(), listed)
    objective = check_answer(problem, answer)
    return {
        "instance": name,
        "method": method,
        "objective": objective,
        "bound": bound,
        "gap": None if objective is None else round((objective - bound) / max(1e-9, abs(objective)), 9),
        "seconds": round(seconds, 2),
        "status": status,
        "open": answer.open,
        "assignment": [[site, customer, units / int(problem.demand[customer])] for site, customer, units in listed],
    }


def main() -> None:
    """Print one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument(
        "--city", nargs="+", default=[], help="made up, e.g. 300x300x5: sites, customers, room / demand"
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--capacity", type=int, nargs="+", default=list(CAPACITIES))
    parser.add_argument("--against", default="", help=f"others to solve the same: {','.join(OTHERS)}")
    given = parser.parse_args()
    others = [name for name in given.against.split(",") if name]
    if unknown := set(others) - set(OTHERS):
        parser.error(f"--against knows {', '.join(OTHERS)}; found {', '.join(sorted(unknown))}")
    compile_siting()
    read = chain.from_iterable(read_instances(path, given.capacity) for path in given.files)
    made = ((f"city_{each}", make_up(each, given.seed)) for each in given.city)
    for (name, problem), method in product(chain(read, made), ["ours", *others]):
        figures = run(name, problem, SolveSettings(given.seconds, given.gap, given.seed), method)
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
