"""Breaks things on purpose and says what came of it: python -m torture [--every N] [--kills N]."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from torture.faults import FAULTS, NO_FAULT, Operation, Outcome, UnavailableError, run_operation
from torture.kills import WRITERS, Killed, run_kills
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
    faults = (NO_FAULT, *FAULTS)
    rows = [
        (name, *(runs[name, fault] for fault in faults), told[name], wrong[name])
        for name in dict.fromkeys(operation for operation, _ in runs)
    ]
    total = ("all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
    return _table(("operation", *faults, "acknowledged", "wrong"), [*rows, total])


def build_kills_table(killed: Killed) -> str:
    """Return a Markdown table of what random kills came to."""
    head = ("writers", "kills", "releases acknowledged", "yanks acknowledged", "releases there", "wrong")
    row = (WRITERS, killed.kills, killed.released, killed.yanked, killed.there, len(killed.wrong))
    return _table(head, [row])


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def main() -> int:
    """Run what is asked for; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take only each N-th fault")
    parser.add_argument("--only", action="append", help="name of an operation; may be given again")
    parser.add_argument("--kills", type=int, default=200, help="number of random kills afterwards")
    given = parser.parse_args()
    chosen = [operation for operation in operations() if given.only is None or operation.name in given.only]
    if not chosen:
        parser.error(f"there is no such operation; there are: {', '.join(op.name for op in operations())}")
    begun = time.monotonic()
    try:
        outcomes = list(run_all(chosen, given.every))
    except UnavailableError as error:
        sys.stderr.write(f"cannot be run here: {error}\n")
        return 2
    sys.stdout.write(f"{build_table(outcomes)}{len(outcomes)} runs in {time.monotonic() - begun:.0f} s\n\n")
    begun = time.monotonic()
    killed = run_kills(given.kills)
    sys.stderr.write("".join(f"random kills: {wrong}\n" for wrong in killed.wrong))
    sys.stdout.write(f"{build_kills_table(killed)}{given.kills} kills in {time.monotonic() - begun:.0f} s\n")
    return int(bool(killed.wrong) or any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
