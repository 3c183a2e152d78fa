"""The store of designs: a fault at each system call, and kills at any moment."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from torture.faults import FAULTS, NO_FAULT, Operation, Outcome, run_operation
from torture.kills import WRITERS, Killed, run_kills
from torture.sections import Result, Section, amount, table
from torture.store import operations

KILLS = 1_000


def run_store_faults(share: float) -> Result:
    """Run every operation of the store with each fault; of a share, only each n-th fault."""
    outcomes = list(run_all(operations(), round(1 / share)))
    return Result(f"{len(outcomes):,} runs", tuple(name_wrong(outcomes)), table_of_faults(outcomes))


def run_store_kills(share: float) -> Result:
    """Kill writers at moments nobody chose."""
    killed = run_kills(amount(KILLS, share))
    done = f"{killed.kills:,} kills under {WRITERS} writers, {killed.released + killed.yanked:,} things acknowledged"
    return Result(done, killed.wrong, table_of_kills(killed))


def run_all(chosen: Iterable[Operation], every: int) -> Iterator[Outcome]:
    """Yield every outcome, and say which operation is at work."""
    for operation in chosen:
        sys.stderr.write(f"  {operation.name}\n")
        yield from run_operation(operation, every)


def name_wrong(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield what is wrong, with its place."""
    for outcome in outcomes:
        for wrong in outcome.wrong:
            yield f"{outcome.operation}: {outcome.fault} at {outcome.call} no. {outcome.nth}: {wrong}"


def table_of_faults(outcomes: Iterable[Outcome]) -> str:
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
    return table(("operation", *faults, "acknowledged", "wrong"), [*rows, total])


def table_of_kills(killed: Killed) -> str:
    """Return a Markdown table of what random kills came to."""
    head = ("writers", "kills", "releases acknowledged", "yanks acknowledged", "releases there", "wrong")
    row = (WRITERS, killed.kills, killed.released, killed.yanked, killed.there, len(killed.wrong))
    return table(head, [row])


SECTIONS = (
    Section(
        "store-faults",
        "kill, EIO, ENOSPC and a disk that stays full at every mutating system call of each change of the store",
        "0 acknowledged things lost, nothing half-made visible, a retry works, the OCFL root valid",
        run_store_faults,
    ),
    Section(
        "store-kills",
        "1,000 random `kill -9` under four writers of one store",
        "0 acknowledged things lost, nothing half-made visible, the OCFL root valid",
        run_store_kills,
    ),
)
