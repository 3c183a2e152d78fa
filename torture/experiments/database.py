"""The database and the files that belong to it: a fault at each system call."""

import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from torture.experiments.store import name_wrong, table_of_faults
from torture.faults import Outcome, run_operation
from torture.region import operations, prepare
from torture.sections import Result, Section


def run_database_faults(share: float) -> Result:
    """Run every operation with each fault; of a share, only each n-th fault."""
    outcomes = list(run_at_once(round(1 / share)))
    return Result(f"{len(outcomes):,} runs", tuple(name_wrong(outcomes)), table_of_faults(outcomes))


def run_at_once(every: int) -> Iterator[Outcome]:
    """Yield the outcomes of all operations; as many processes as there are processors share the faults of each."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))  # what all of them start from is planned once
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
        shares = [
            pool.submit(run_share, number, every * workers, every * worker)
            for number in range(len(operations()))
            for worker in range(workers)
        ]
        for share in shares:
            yield from share.result()


def run_share(number: int, every: int, first: int) -> list[Outcome]:
    """Return the outcomes of each ``every``-th fault of an operation."""
    return list(run_operation(operations()[number], every, first))


SECTIONS = (
    Section(
        "database-faults",
        "kill, EIO, ENOSPC and a disk that stays full at every mutating system call of order changes, storing and"
        " publishing a plan, answering a job, migration, backup and restore",
        "0 acknowledged things lost, nothing half-made visible, a retry works, database and OCFL root valid",
        run_database_faults,
    ),
)
