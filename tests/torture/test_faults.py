"""A slice of the faults of `make torture`: killed or failing at a system call, the store loses nothing."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from torture.experiments.store import table_of_faults
from torture.faults import (
    CALLS,
    FAULTS,
    NO_FAULT,
    Operation,
    Outcome,
    count_calls,
    run_operation,
)
from torture.sections import UnavailableError
from torture.store import DESIGN, operations, prepare

#: a step that is prime to the number of faults, so that a slice meets each of them
EVERY = 17
#: calls on files that change nothing, or only tell the disk to begin
LOOKS = (
    *("access", "close", "dup", "fadvise64", "fcntl", "fstat", "fstatfs", "getcwd", "getdents64", "ioctl", "lseek"),
    *("lstat", "mmap", "newfstatat", "pread64", "read", "readlink", "readlinkat", "stat", "statfs", "statx"),
)


def outcomes_of(operation: Operation, every: int = EVERY) -> Iterator[Outcome]:
    try:
        yield from run_operation(operation, every)
    except UnavailableError as error:
        if os.environ.get("CI") == "true" and shutil.which("strace") is None:
            raise
        pytest.skip(f"no faults can be injected here: {error}")


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_store_is_as_before_or_as_after_whatever_call_fails(operation: Operation) -> None:
    outcomes = list(outcomes_of(operation))
    assert [outcome for outcome in outcomes if outcome.wrong] == []
    assert {outcome.fault for outcome in outcomes} == {NO_FAULT, *FAULTS}
    assert len({outcome.call for outcome in outcomes}) > 3
    assert any(not outcome.acknowledged for outcome in outcomes)


def write_carelessly(place: Path) -> None:
    (place / "a").write_text("new")
    (place / "b").write_text("new")


def prepare_two_files(place: Path) -> None:
    (place / "a").write_text("old")
    (place / "b").write_text("old")


def look_at_files(place: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(place.iterdir())}


def plain(name: str, act: Callable[[Path], None], recover: Callable[[Path], None] = lambda _: None) -> Operation:
    return Operation(name, prepare_two_files, act, look_at_files, recover, lambda _: [])


def test_an_operation_that_is_not_atomic_is_found_out() -> None:
    """The proof that the experiment can fail: two files written one after the other."""
    outcomes = list(outcomes_of(plain("careless", write_carelessly), every=1))
    assert any("neither as before nor as after" in wrong for outcome in outcomes for wrong in outcome.wrong)
    assert "| careless |" in table_of_faults(outcomes)


def test_an_operation_that_acknowledges_what_failed_is_found_out() -> None:
    def boast(place: Path) -> None:
        with suppress(OSError):
            write_carelessly(place)

    outcomes = outcomes_of(plain("boastful", boast), every=1)
    assert any(outcome.acknowledged and outcome.wrong for outcome in outcomes if outcome.fault == "EIO")


def test_a_recovery_that_forgets_what_was_acknowledged_is_found_out() -> None:
    """Without any fault too: the next start of the program must lose nothing."""
    outcomes = outcomes_of(plain("forgetful", write_carelessly, prepare_two_files), every=100)
    assert [outcome.fault for outcome in outcomes if outcome.acknowledged and outcome.wrong] == [NO_FAULT]


def test_an_operation_that_does_not_do_what_it_is_for_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        list(outcomes_of(plain("idle", prepare_two_files)))


def prepare_with_twin(place: Path) -> None:
    """Make a store, and beside it what publishing a version makes of it."""
    prepare(place)
    shutil.copytree(place, place.with_name("twin"), dirs_exist_ok=True)
    publish_version.act(place.with_name("twin"))
    place.with_name("twin").rename(place / "twin")


publish_version = next(operation for operation in operations() if operation.name == "publish a version")


def copy_straight_into_the_object(place: Path) -> None:
    """Publish without staging: readers see the folder of the version grow."""
    shutil.copytree(place / "twin/designs" / DESIGN, place / "designs" / DESIGN, dirs_exist_ok=True)


def remove_before_the_new_is_there(place: Path) -> None:
    """Publish by putting the object in anew: for a moment readers see no design."""
    there, new = place / "designs" / DESIGN, place / "twin/designs" / DESIGN
    if there.exists() and new.exists():
        there.rename(place / "old")
    if new.exists():
        new.rename(there)


def leave_something_behind(place: Path) -> None:
    """Publish as it is right, but with a file that no OCFL object holds."""
    publish_version.act(place)
    (place / "designs" / DESIGN / "note.txt").write_text("done")


@pytest.mark.parametrize(
    ("careless", "finding"),
    [
        (copy_straight_into_the_object, "at once: InputError"),
        (remove_before_the_new_is_there, "at once: neither as before nor as after: {}"),
        (leave_something_behind, "note.txt"),
    ],
)
def test_a_careless_way_to_publish_is_found_out(careless: Callable[[Path], None], finding: str) -> None:
    operation = replace(publish_version, prepare=prepare_with_twin, act=careless)
    assert any(finding in wrong for outcome in outcomes_of(operation, every=3) for wrong in outcome.wrong)


def test_every_call_that_changes_a_disk_is_known(tmp_path: Path) -> None:
    """What strace counts as a call on files, less those that only look."""
    for operation in operations():
        place = tmp_path / operation.name
        place.mkdir()
        operation.prepare(place)
        made = count_calls(operation, place, tmp_path / "calls.txt", "%file,%desc")
        assert set(made) <= {*CALLS, *LOOKS}
