"""A slice of the full disk of `make torture`, and the proof that it can find something."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from torture.experiments.full_disk import torture_disk
from torture.full_disk import small_disk
from torture.sections import UnavailableError


@pytest.fixture
def disk() -> Iterator[Path]:
    try:
        with small_disk() as folder:
            yield folder
    except UnavailableError as error:
        pytest.skip(str(error))


def test_on_a_full_disk_reading_goes_on_and_writing_is_refused_in_words(disk: Path):
    tally = torture_disk(disk, 1)
    assert tally.wrong == []
    assert {status for when, _, status in tally.answers if when == "is full"} == {200, 507}


def test_an_application_that_owns_up_to_a_fault_instead_is_found_out(disk: Path):
    def spoil(app: Flask) -> None:
        app.register_error_handler(OSError, lambda _: ("Our fault", 500))

    wrong = torture_disk(disk, 1, spoil).wrong
    assert any(line.startswith("page: add an order while the disk is full: 500") for line in wrong)
