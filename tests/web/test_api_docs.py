"""The examples of docs/api.md do what they say, in a region as small as they need."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from torture.small_region import SmallRegion, make_small_region

TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")
COMMANDS = re.findall(r"^curl .*$", TEXT, re.MULTILINE)
TABLE = b"id,design,quantity,place,due_date\nA,us~lamp,6,home,2026-09-18\nNEW,us~lamp,2,home,2026-09-25\n"
FILES = re.findall(r"`(/(?:plans|designs)[^`]*)`", TEXT)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallRegion:
    return make_small_region(tmp_path_factory.mktemp("small") / "region")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_example_of_the_docs_is_answered(small: SmallRegion, command: str):
    meant = {"SERVER": "", "TOKEN": small.token, "ETAG": "*", "MARK": "*", "JOB": str(small.known["job_id"])}
    words = shlex.split(re.sub(r"\$([A-Z]+)", lambda match: meant[match[1]], command))
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
            data = {"@bundle.zip": small.archive, "@orders.csv": TABLE}[value]
    answer = small.app.test_client().open(address, method=method, headers=headers, data=data)
    assert answer.status_code in (200, 201), answer.text


@pytest.mark.parametrize("address", FILES)
def test_a_file_that_the_docs_name_is_there(small: SmallRegion, address: str):
    assert small.app.test_client().get(address).status_code == 200


def test_there_are_examples():
    assert len(COMMANDS) > 28
    assert len(FILES) > 5
