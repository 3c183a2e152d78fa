"""Generalized assignment as planning problems: python -m benchmarks.gap FILE… --seconds 60.

A file holds m agents and n jobs: m n, then m rows of n costs, m rows of n uses, m capacities. Each job goes to one
agent. A job is a lot, an agent a resource, a job at an agent an option; to leave a job out costs more than any plan
without gaps. So a bound of that much proves that no agents can take all jobs: then `feasible` is false; without an
assignment and without that proof it is null. Exit codes: 0 done, 2 bad usage, 3 a file that cannot be read or counted.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.others import OTHERS
from cosmolocal.errors import InputError
from cosmolocal.planning.problem import Ints, PlanningProblem, require_countable
from cosmolocal.planning.solvers.choosing import get_ready, solve
from cosmolocal.planning.solvers.solution import SOLVERS, SolveSettings, Watch


@dataclass(frozen=True, slots=True)
class Assignment:
    """An instance: what each job costs and uses at each agent."""

    #: [m × n]
    cost: Ints
    use: Ints
    #: [m]
    capacity: Ints


def read_instance(path: Path) -> Assignment:
    """Return the instance in a file.

    Raises
    ------
    ValueError
        When the file does not hold as many whole numbers as its first two say, or one of them is negative.
    """
    try:
        numbers = np.array(path.read_text(encoding="ascii").split(), dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{path}: must hold whole numbers of 64 bits only: {error}") from None
    if (numbers < 0).any():
        raise ValueError(f"{path}: holds {numbers.min()}; costs, uses and capacities are at least 0")
    sizes = numbers[:2].tolist()
    if len(sizes) < 2 or min(sizes) < 1 or len(numbers) != 2 + 2 * sizes[0] * sizes[1] + sizes[0]:
        raise ValueError(f"{path}: holds {len(numbers)} numbers, which is not m n, two tables of them and m capacities")
    agents, jobs = sizes
    tables = numbers[2:-agents].reshape(2, agents, jobs)
    return Assignment(tables[0], tables[1], numbers[-agents:])


def build_problem(instance: Assignment) -> PlanningProblem:
    """Return an instance as a planning problem."""
    agents, jobs = instance.cost.shape
    none = np.zeros(0, dtype=np.int64)
    left_out = price_of_leaving_out(instance)
    use = instance.use.T.ravel()
    # what uses nothing of an agent fits there always
    using = np.flatnonzero(use)
    return PlanningProblem(
        option_start=np.arange(jobs + 1, dtype=np.int64) * agents,
        option_cost=instance.cost.T.ravel().copy(),
        use_start=np.searchsorted(using, np.arange(jobs * agents + 1)).astype(np.int64),
        use_resource=np.tile(np.arange(agents), jobs)[using],
        use_amount=use[using],
        unmet_cost=np.full(jobs, left_out, dtype=np.int64),
        capacity=instance.capacity.copy(),
        step_resource=none,
        step_size=none,
        step_blocks=none,
        step_cost=none,
    )


def price_of_leaving_out(instance: Assignment) -> int:
    """Return what leaving a job out costs: more than all dearest options together.

    Raises
    ------
    InputError
        When that is more than can be counted exactly.
    """
    # whole numbers of any size: a sum of 64 bits could wrap around
    most: int = sum(max(row) for row in instance.cost.T.tolist()) + 1
    require_countable(most * instance.cost.shape[1])
    return most


def check_assignment(instance: Assignment, agent_by_job: list[int]) -> int | None:
    """Return the cost of an assignment, summed job by job; None: a job is left out, or an agent has too much."""
    free, total = instance.capacity.tolist(), 0
    for job, agent in enumerate(agent_by_job):
        if agent < 0:
            return None
        free[agent] -= int(instance.use[agent, job])
        total += int(instance.cost[agent, job])
    return total if min(free) >= 0 else None


def run(path: Path, settings: SolveSettings, method: str = "ours") -> dict[str, object]:
    """Return the figures of one instance, solved by us or by one of the `OTHERS` with the same time."""
    instance = read_instance(path)
    agents, jobs = instance.cost.shape
    problem = build_problem(instance)
    get_ready(Watch())
    started = time.perf_counter()
    if method == "ours":
        solution = solve(problem, settings, Watch())
        option, bound, solver = solution.taken.option, solution.bound_cents, solution.solver
    else:
        answer = OTHERS[method](problem, settings.seconds)
        option, bound, solver = answer.taken.option, answer.bound_cents, answer.name
    seconds = time.perf_counter() - started
    agent_by_job = np.full(jobs, -1, dtype=np.int64)
    agent_by_job[option // agents] = option % agents
    assignment = agent_by_job.tolist()
    objective = check_assignment(instance, assignment)
    return {
        "instance": f"{path.parent.name}/{path.stem}",
        "objective": objective,
        "bound": bound,
        "feasible": True if objective is not None else False if bound >= price_of_leaving_out(instance) else None,
        "gap": None if objective is None else round((objective - bound) / max(1, objective), 6),
        "seconds": round(seconds, 2),
        "solver": solver,
        "assignment": assignment,
    }


def main() -> int:
    """Print one JSON object a line; files that cannot be read are named on stderr, and the others solved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--solver", choices=SOLVERS, default="auto")
    parser.add_argument("--against", default="", help=f"others to solve the same: {','.join(OTHERS)}")
    given = parser.parse_args()
    others = [name for name in given.against.split(",") if name]
    if unknown := set(others) - set(OTHERS):
        parser.error(f"--against knows {', '.join(OTHERS)}; found {', '.join(sorted(unknown))}")
    code = 0
    for path, method in product(given.files, ["ours", *others]):
        try:
            figures = run(path, SolveSettings(given.seconds, given.gap, given.seed, given.solver), method)
        except (ValueError, OSError, InputError) as error:
            sys.stderr.write(f"{error if str(path) in str(error) else f'{path}: {error}'}\n")
            code = 3
            continue
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
