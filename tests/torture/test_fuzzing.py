"""A slice of the wrong inputs of `make torture`, and the proof that they can find something."""

import io
import itertools
import os
import zipfile
from collections.abc import Iterator

import pytest

from cosmolocal.errors import CosmolocalError, InputError, Problem
from cosmolocal.network.street_draft import Draft
from cosmolocal.network.street_graphml import read_graphml
from torture.experiments.fuzz import READERS, SECTIONS, table_of
from torture.fuzz_targets import open_targets
from torture.fuzzing import Feeder, Target, fuzz, try_input


@pytest.fixture(scope="module")
def targets() -> Iterator[dict[str, Target]]:
    with open_targets() as found:
        yield found


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_wrong_inputs_or_refuses_them_in_words(name: str, targets: dict[str, Target]):
    fed = Feeder(targets[name], 0).feed(400)
    assert fed.wrong == ()
    assert fed.inputs == 400
    assert fed.accepted > 0
    assert fed.refusals


@pytest.mark.parametrize("name", READERS)
def test_every_reader_takes_some_of_what_it_begins_with(name: str, targets: dict[str, Target]):
    assert any(try_input(targets[name].read, seed, 10) is None for seed in targets[name].seeds)


def test_inputs_are_the_same_each_time(targets: dict[str, Target]):
    met: list[list[bytes]] = [[], []]
    for found in met:
        Feeder(targets["graphml"], 3, found.append).feed(200)
    assert met[0] == met[1]


def test_what_opens_the_way_deeper_is_kept(targets: dict[str, Target]):
    target = targets["workshops"]
    fed = Feeder(target, 1).feed(600)
    assert fed.kept > len(target.seeds)


def test_a_reader_without_the_check_of_the_frame_is_found_out(targets: dict[str, Target]):
    def read(data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.testzip()

    found = Feeder(Target("zip", read, targets["zip"].seeds, (), targets["zip"].make), 0).feed(300).found
    assert any(what.startswith("BadZipFile at the experiment") for what in found)


def test_an_input_that_breaks_a_reader_is_made_short():
    def read(data: bytes) -> None:
        if b"=" in data and b"x" in data:
            raise ZeroDivisionError

    found = Feeder(Target("any", read, (b"some x, and much more besides = y",)), 0).feed(3).found
    assert [*found.values()] == [b"x="]


def test_a_reader_that_takes_its_time_is_found_out():
    def read(_: bytes) -> None:
        for _ in itertools.repeat(0):
            pass

    assert [*Feeder(Target("slow", read, (b"",)), 0).feed(0 + 1).found] == ["took more than 1 s"]


def hog(data: bytes) -> None:
    bytearray(600 * 1024**2 if data else 1)


def die(data: bytes) -> None:
    if len(data) > 3:
        os._exit(3)
    raise InputError([Problem("U010", "archive", "is short")])


def test_a_reader_that_takes_too_much_memory_is_found_out():
    assert [what for what in fuzz(Target("hog", hog, (b"a",)), 1, pieces=1).found if what.startswith("MemoryError")]


def test_a_reader_that_takes_the_process_along_is_found_out():
    fed = fuzz(Target("die", die, (b"a", b"abcd")), 20, pieces=1)
    assert fed.found == {"the process ended with 3": b"abcd"}


def test_the_sections_tell_what_was_done():
    fuzzed = next(section for section in SECTIONS if section.name == "fuzz-graphml").run(0.0005)
    assert fuzzed.wrong == ()
    assert fuzzed.done.startswith("500 inputs, the slowest ")
    assert "| 500 |" in fuzzed.details
    assert table_of(Feeder(Target("any", die, (b"a",)), 0).feed(1)).splitlines()[-1].startswith("| 1 | 0 | 1 | ")


@pytest.mark.parametrize("encoding", ["e", "hex", "utf-7", "undefined", "punycode"])
def test_a_network_in_an_encoding_that_nobody_knows_is_refused(encoding: str):
    """Found by fuzzing: expat asks Python for the encoding, and what Python raises came out."""
    data = f"<?xml version='1.0' encoding='{encoding}'?><graphml></graphml>".encode()
    with pytest.raises(CosmolocalError, match=r"N001 x: (names an encoding|line 1)"):
        read_graphml(data, Draft("x"))
