"""Solves a made-up region of any size: python -m benchmarks.region --lots 10000 --workshops 500 --seconds 30.

`--against` solves the same region by other solvers in turn, each in the same time. Each method runs in a process of its
own, so that its peak of memory is its own; compiled code is made ready before, on a small region.
"""

import argparse
import json
import resource
import sys
import time
from multiprocessing import get_context

from benchmarks.generator import make_region
from benchmarks.others import OTHERS, Answer
from benchmarks.region_audit import audit_region
from cosmolocal.planning.problem import PlanningProblem
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.solution import SolveSettings, Watch


def solve_ours(problem: PlanningProblem, settings: SolveSettings) -> Answer:
    """Return the project's own answer."""
    solution = solve(problem, settings, Watch())
    return Answer(solution.taken, solution.cost_cents, solution.bound_cents, solution.solver)


def measure(method: str, given: argparse.Namespace) -> dict[str, object]:
    """Return the figures of one method on the region asked for."""
    region = {
        "lots": given.lots, "workshops": given.workshops, "parts": given.parts, "weeks": given.weeks,
        "splittable": given.splittable, "fairness": given.fairness, "seed": given.seed,
    }  # fmt: skip
    settings = SolveSettings(given.seconds, given.gap, given.seed, given.solver)
    if method == "ours":
        small = {**region, "lots": 2_500, "workshops": 60}
        solve_ours(make_region(**small), SolveSettings(5.0, 0.0))
    problem = make_region(**region)
    made_mib = peak_mib()
    started = time.perf_counter()
    answer = solve_ours(problem, settings) if method == "ours" else OTHERS[method](problem, given.seconds)
    seconds = time.perf_counter() - started
    peak = peak_mib()
    faults = audit_region(problem, answer.taken, answer.cost_cents, answer.bound_cents)
    return {
        "method": answer.name,
        "lots": given.lots,
        "workshops": given.workshops,
        "options": problem.option_count,
        "cost": answer.cost_cents,
        "bound": answer.bound_cents,
        "gap": round((answer.cost_cents - answer.bound_cents) / max(1, answer.cost_cents), 7),
        "seconds": round(seconds, 2),
        "seconds_per_1000_lots": round(1000 * seconds / given.lots, 4),
        "peak_mib": peak,
        "peak_mib_of_the_region": made_mib,
        "unmet": int((problem.unmet_units(answer.taken) > 0).sum()),
        "audit": faults,
    }


def peak_mib() -> int:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Print one JSON object for each method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=10_000)
    parser.add_argument("--workshops", type=int, default=500)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=1)
    parser.add_argument("--splittable", type=float, default=0.0, help="part of the lots that may be split")
    parser.add_argument("--fairness", action="store_true", help="load above a fair one costs; only with one part")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--gap", type=float, default=0.0, help="stop at this gap")
    parser.add_argument("--solver", choices=["auto", "exact", "prices", "flow"], default="auto")
    parser.add_argument("--against", default="", help=f"others to solve the same: {','.join(OTHERS)}")
    given = parser.parse_args()
    if given.fairness and given.parts > 1:
        parser.error("--fairness takes one part")
    if unknown := set(filter(None, given.against.split(","))) - set(OTHERS):
        parser.error(f"--against knows {', '.join(OTHERS)}; found {', '.join(sorted(unknown))}")
    for method in ["ours", *filter(None, given.against.split(","))]:
        with get_context("spawn").Pool(1) as pool:
            figures = pool.apply(measure, (method, given))
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
