"""A region that several processes change at once: killed at any moment, and backed up meanwhile."""

import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from cosmolocal.workflows.backups import back_up, restore
from torture.region import REGION, prepare, recover, verify, verify_region
from torture.region_writers import Told, add, change, find_lost, release, writing_at_once
from torture.region_writers import publish as publish_writer
from torture.sections import Result, Section, amount, table

KILLS, KILLED_WRITERS = 1_000, 4
BACKUPS, BACKUP_WRITERS = 20, 5
#: [s] longest time between two kills
PAUSE = 0.3
#: the history of a book is shown as far as so many changes; then a new region is begun
ROUND = 60


def run_database_kills(share: float) -> Result:
    """Kill one of four writers again and again; each round has a region of its own."""
    kills, told, wrong, chance = amount(KILLS, share), Counter[str](), list[str](), random.Random(1)
    for first in range(0, kills, ROUND):
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            place = Path(folder)
            prepare(place)
            publish_writer(place, 0, 0)
            with writing_at_once(place, KILLED_WRITERS) as writers:
                for _ in range(min(ROUND, kills - first)):
                    time.sleep(chance.uniform(0, PAUSE))
                    writers.kill(chance.randrange(KILLED_WRITERS))
                    wrong += find_lost(place / REGION, [])
            told.update(kind for kind, *_ in writers.told())
            recover(place)
            wrong += [*writers.faults(), *find_lost(place / REGION, writers.told()), *verify(place)]
    done = f"{kills:,} kills under {KILLED_WRITERS} writers, {told.total():,} things acknowledged"
    return Result(done, tuple(wrong), table(("acknowledged", "how many"), sorted(told.items())))


def run_backup(share: float) -> Result:
    """Back a region up again and again while five writers change it, and restore each backup."""
    count, wrong, rows = amount(BACKUPS, share), list[str](), list[tuple[int, int, int, str]]()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        place = Path(folder)
        prepare(place)
        with writing_at_once(place, BACKUP_WRITERS, (add, change, release)) as writers:
            for number in range(count):
                time.sleep(0.5)
                told = writers.told()
                begun = time.monotonic()
                wrong += check_backup(place, number, told)
                rows.append((number + 1, len(told), len(writers.told()) - len(told), f"{time.monotonic() - begun:.2f}"))
        wrong += writers.faults()
    details = table(("backup", "acknowledged before", "while it was made and restored", "seconds"), rows)
    done = f"{count:,} backups under {BACKUP_WRITERS} writers, {rows[-1][1]:,} things acknowledged before the last"
    return Result(done, tuple(wrong), details)


def check_backup(place: Path, number: int, told: list[Told]) -> list[str]:
    """Back up and restore, and return what the restored region lacks, or what is wrong with it."""
    backup, restored = place / f"backup-{number}", place / f"restored-{number}"
    back_up(place / REGION, backup)
    restore(backup, restored)
    return [f"backup {number}: {line}" for line in (*find_lost(restored, told), *verify_region(restored))]


SECTIONS = (
    Section(
        "database-kills",
        "1,000 random `kill -9` under four writers of one region, who change orders, publish plans and answer jobs",
        "0 acknowledged things lost, no change without its note, one plan counts, database and OCFL root valid",
        run_database_kills,
    ),
    Section(
        "backup",
        "20 backups while five writers change a region, each restored into an empty folder",
        "every acknowledgement from before the backup's start is there, database and OCFL root valid",
        run_backup,
    ),
)
