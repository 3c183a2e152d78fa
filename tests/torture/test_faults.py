"""A slice of the faults of `make torture`: killed or failing at a system call, the store loses nothing."""

import os
import shutil
from pathlib import Path

import pytest

from torture.__main__ import build_table
from torture.faults import Operation, Outcome, UnavailableError, run_operation
from torture.store import operations

#: a step that is prime to the three faults, so that a slice meets each of them
EVERY = 11


def outcomes_of(operation: Operation, every: int = EVERY) -> list[Outcome]:
    try:
        return list(run_operation(operation, every))
    except UnavailableError as error:
        if os.environ.get("CI") == "true" and shutil.which("strace") is None:
            raise
        pytest.skip(f"no faults can be injected here: {error}")


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_store_is_as_before_or_as_after_whatever_call_fails(operation: Operation) -> None:
    outcomes = outcomes_of(operation)
    assert [outcome for outcome in outcomes if outcome.wrong] == []
    assert len(outcomes) >= 3
    assert any(not outcome.acknowledged for outcome in outcomes)


def write_carelessly(place: Path) -> None:
    (place / "a").write_text("new")
    (place / "b").write_text("new")


def prepare(place: Path) -> None:
    (place / "a").write_text("old")
    (place / "b").write_text("old")


def look(place: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(place.iterdir())}


def test_an_operation_that_is_not_atomic_is_found_out() -> None:
    """The proof that the experiment can fail: two files written one after the other."""
    careless = Operation("careless", prepare, write_carelessly, look, lambda _: None, lambda _: [])
    outcomes = outcomes_of(careless, every=1)
    assert any("neither as before nor as after" in wrong for outcome in outcomes for wrong in outcome.wrong)
    assert "| careless |" in build_table(outcomes)


def test_an_operation_that_forgets_what_it_acknowledged_is_found_out() -> None:
    def lose(place: Path) -> None:
        (place / "a").write_text("old")

    forgetful = Operation("forgetful", prepare, write_carelessly, look, lose, lambda _: [])
    assert any(outcome.acknowledged and outcome.wrong for outcome in outcomes_of(forgetful, every=1))
