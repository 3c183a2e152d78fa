"""A slice of the sequences of steps of `make torture`, and the proof that they can find something."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cosmolocal.records import Answer, Person
from torture.stateful import ADA, Ran, Shop, run_machine, run_pieces


def test_a_region_is_as_the_model_says_whatever_is_done_with_it():
    ran = run_machine(8, seed=5)
    assert ran.wrong == ()
    assert ran.steps > 200


def test_pieces_come_to_one_result():
    ran = run_pieces(2)
    assert isinstance(ran, Ran)
    assert ran.wrong == ()
    assert ran.steps == sum(ran.tally.values())


class Forgetful(Shop):
    """Loses a change of an order."""

    def change_order(self, person: Person, digest: str, key: str, cells: Mapping[str, str]) -> None:
        super().change_order(person, digest, key, {**cells, "quantity": "1"})


class Open(Shop):
    """Lets everybody answer, whatever they have seen."""

    def answer(self, person: Person, job: str, answer: Answer, version: int) -> None:  # noqa: ARG002
        super().answer(ADA, job, answer, self.bench.job(ADA, job).version)


class Lasting(Shop):
    """Keeps what is taken down."""

    def take_down(self, version: str) -> None:
        self.yank(version)


@pytest.mark.parametrize("careless", [Forgetful, Open, Lasting])
def test_a_region_without_a_rule_is_found_out(careless: type[Shop]):
    def make(folder: Path) -> Shop:
        return careless(folder)

    [wrong] = run_machine(60, 3, make, steps=40, shorten=False).wrong
    assert wrong.startswith("AssertionError: ")
    assert "the model" in wrong
    assert "state.begin(" in wrong
