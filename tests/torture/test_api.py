"""A slice of the requests of `make torture` to the API, and the proof that they can find something."""

from pathlib import Path

import pytest
from flask import Response, request

from torture.api import run_requests
from torture.small_region import SmallRegion, make_small_region


@pytest.fixture
def small(tmp_path: Path) -> SmallRegion:
    return make_small_region(tmp_path / "region")


def test_no_request_finds_a_fault_of_the_server_or_an_answer_that_the_specification_does_not_know(small: SmallRegion):
    tally = run_requests(small, 120)
    assert tally.wrong == []
    assert tally.requests >= 120
    assert {status for _, status in tally.answers} >= {200, 401, 404, 422}


def test_an_answer_that_is_not_as_specified_is_found_out(small: SmallRegion):
    def spoil(response: Response) -> Response:
        if request.path == "/api/v1/processes" and response.status_code == 200:
            response.data = b'{"processes": 3}'
        return response

    small.app.after_request(spoil)
    told = run_requests(small, 60).wrong
    assert any(line.startswith("GET /api/v1/processes: ") for line in told)
