"""Breaks things on purpose and says what came of it: python -m torture [--every N]."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from torture.faults import FAULTS, Operation, Outcome, UnavailableError, run_operation
from torture.store import operations


def run_all(chosen: Iterable[Operation], every: int) -> Iterator[Outcome]:
    """Yield every outcome; what is wrong is told at once."""
    for operation in chosen:
        for outcome in run_operation(operation, every):
            for wrong in outcome.wrong:
                place = f"{outcome.operation}: {outcome.fault} at {outcome.call} no. {outcome.nth}"
                sys.stderr.write(f"{place}: {wrong}\n")
            yield outcome


def build_table(outcomes: Iterable[Outcome]) -> str:
    """Return a Markdown table with a row for each operation."""
    runs: Counter[tuple[str, str]] = Counter()
    told: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for outcome in outcomes:
        runs[outcome.operation, outcome.fault] += 1
        told[outcome.operation] += outcome.acknowledged
        wrong[outcome.operation] += bool(outcome.wrong)
    lines = [("operation", *FAULTS, "acknowledged", "wrong"), ("---",) * (len(FAULTS) + 3)]
    for name in dict.fromkeys(operation for operation, _ in runs):
        counts = [str(runs[name, fault]) for fault in FAULTS]
        lines.append((name, *counts, str(told[name]), str(wrong[name])))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> int:
    """Run what is asked for; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take only each N-th fault")
    parser.add_argument("--only", action="append", help="name of an operation; may be given again")
    given = parser.parse_args()
    chosen = [operation for operation in operations() if given.only is None or operation.name in given.only]
    if not chosen:
        parser.error(f"there is no such operation; there are: {', '.join(op.name for op in operations())}")
    try:
        outcomes = list(run_all(chosen, given.every))
    except UnavailableError as error:
        sys.stderr.write(f"cannot be run here: {error}\n")
        return 2
    sys.stdout.write(build_table(outcomes))
    return int(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
