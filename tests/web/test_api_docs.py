"""The examples of docs/api.md do what they say, in a region as small as they need."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from torture.small_region import SmallRegion, make_small_region

TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")
COMMANDS = re.findall(r"^curl .*$", TEXT, re.MULTILINE)
FILES = re.findall(r"`(/(?:plans|designs)[^`]*)`", TEXT)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallRegion:
    return make_small_region(tmp_path_factory.mktemp("small") / "region")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_example_of_the_docs_is_answered(small: SmallRegion, command: str):
    words = shlex.split(command.replace("$SERVER", "").replace("$TOKEN", small.token))
    address, method, headers, data = words[-1], "GET", {}, None
    for word, value in pairwise(words[1:]):
        if word == "-X":
            method = value
        if word == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        if word == "-d":
            data = value
        if word == "--data-binary":
            data = small.archive
    answer = small.app.test_client().open(address, method=method, headers=headers, data=data)
    assert answer.status_code in (200, 201), answer.text


@pytest.mark.parametrize("address", FILES)
def test_a_file_that_the_docs_name_is_there(small: SmallRegion, address: str):
    assert small.app.test_client().get(address).status_code == 200


def test_there_are_examples():
    assert len(COMMANDS) > 10
    assert len(FILES) > 5
