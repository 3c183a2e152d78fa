"""A slice of the faults, kills and backups of a region, and the proof that each experiment can find something."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cosmolocal.database import open_database, writing
from cosmolocal.database.order_changes import save_order_change
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.backups import back_up, restore
from cosmolocal.workflows.order_books import list_changes, open_book
from cosmolocal.workflows.order_changes import add_order
from cosmolocal.workflows.rewriting import replace_file
from torture.experiments.region import check_backup
from torture.faults import FAULTS, NO_FAULT, Operation, Outcome, run_operation
from torture.region import ADA, CELLS, DATABASE, REGION, operations, prepare, publish
from torture.region_writers import DEEDS, add, find_lost, release, writing_at_once
from torture.sections import UnavailableError

EVERY = 61
OPERATIONS = operations()
ADD = next(operation for operation in OPERATIONS if operation.name == "add an order")
BACK_UP = next(operation for operation in OPERATIONS if operation.name == "back up")


def outcomes_of(operation: Operation, every: int) -> Iterator[Outcome]:
    try:
        yield from run_operation(operation, every)
    except UnavailableError as error:
        if os.environ.get("CI") == "true" and shutil.which("strace") is None:
            raise
        pytest.skip(f"no faults can be injected here: {error}")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_region_is_as_before_or_as_after_whatever_call_fails(operation: Operation):
    outcomes = list(outcomes_of(operation, EVERY))
    assert [outcome for outcome in outcomes if outcome.wrong] == []
    assert {outcome.fault for outcome in outcomes} <= {NO_FAULT, *FAULTS}
    assert len(outcomes) > 2


def add_and_note_later(place: Path) -> None:
    """Change the book, and only then its history: who is stopped in between leaves a change that nobody made."""
    workspace = Workspace(place / REGION)
    if "NEW" in open_book(workspace, "book").row_by_key:
        return
    path = place / REGION / "orders/book.csv"
    before = path.read_bytes()
    add_order(workspace, ADA, "book", "", CELLS)
    [note, after] = [*list_changes(workspace, "book"), path.read_bytes()]
    path.with_name(".book.csv.note").unlink()
    path.write_bytes(before)
    db = open_database(place / REGION / DATABASE)
    try:
        with writing(db):
            db.execute("DELETE FROM order_changes")
        replace_file(path, after)
        with writing(db):
            save_order_change(db, note)
    finally:
        db.close()


def back_up_in_place(place: Path) -> None:
    """Copy straight to where the backup is to be."""
    if not (place / "backup").exists():
        back_up(place / REGION, place / "staged")
        shutil.copytree(place / "staged", place / "backup")
        shutil.rmtree(place / "staged")


@pytest.mark.parametrize(
    ("operation", "careless", "every"), [(ADD, add_and_note_later, 7), (BACK_UP, back_up_in_place, 19)]
)
def test_a_careless_way_is_found_out(operation: Operation, careless: Callable[[Path], None], every: int):
    outcomes = outcomes_of(replace(operation, act=careless), every)
    assert any(outcome.wrong for outcome in outcomes)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    prepare(tmp_path)
    publish(tmp_path)
    return tmp_path


def test_writers_of_a_region_that_are_killed_at_any_moment_lose_nothing(place: Path):
    with writing_at_once(place, 4) as writers:
        for number in range(6):
            time.sleep(0.2)
            writers.kill(number % 4)
        time.sleep(1)
    assert writers.faults() == []
    assert {kind for kind, *_ in writers.told()} >= {"added", "changed"}
    assert list(find_lost(place / REGION, writers.told())) == []


def test_a_backup_holds_what_was_acknowledged_before_it_began(place: Path):
    with writing_at_once(place, 3, (add, release)) as writers:
        time.sleep(1.5)
        told = writers.told()
        assert check_backup(place, 0, told) == []
    assert told
    assert writers.faults() == []


def test_what_was_acknowledged_and_is_lost_is_found_out(place: Path):
    """A backup from before is one without what came after."""
    back_up(place / REGION, place / "before")
    restore(place / "before", place / "restored")
    told = [DEEDS[nth](place, 0, nth) for nth in range(4)] + [release(place, 0, 4)]
    assert list(find_lost(place / REGION, told)) == []
    lost = list(find_lost(place / "restored", told))
    assert any("the order W0-0 was added and is not there" in line for line in lost)
    assert any("the answer no. " in line for line in lost)
    assert any("us~lamp-0 1.0.4 was published and is not there" in line for line in lost)
