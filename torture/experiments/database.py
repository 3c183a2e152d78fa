"""The database and the files that belong to it: a fault at each system call, and kills at any moment."""

from torture.experiments.store import name_wrong, run_all, table_of_faults
from torture.region import operations
from torture.sections import Result, Section


def run_database_faults(share: float) -> Result:
    """Run every operation with each fault; of a share, only each n-th fault."""
    outcomes = list(run_all(operations(), round(1 / share)))
    return Result(f"{len(outcomes):,} runs", tuple(name_wrong(outcomes)), table_of_faults(outcomes))


SECTIONS = (
    Section(
        "database-faults",
        "kill, EIO, ENOSPC and a disk that stays full at every mutating system call of order changes, storing and"
        " publishing a plan, answering a job, migration, backup and restore",
        "0 acknowledged things lost, nothing half-made visible, a retry works, database and OCFL root valid",
        run_database_faults,
    ),
)
