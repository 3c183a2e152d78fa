"""A slice of the uploads of `make torture`, and the proof that they can find something."""

from collections.abc import Callable, Iterable
from typing import Any

from torture.experiments.same_upload import run_same_upload
from torture.small_region import zip_lamp
from torture.uploads import CUT, send_rounds, served


def test_the_same_upload_sent_five_times_is_one_release():
    result = run_same_upload(0.03)
    assert result.wrong == ()
    assert "| 201 |" in result.details


def test_a_server_that_takes_each_upload_for_a_new_one_is_found_out():
    taken: list[int] = []

    def careless(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        taken.append(len(environ["wsgi.input"].read()))
        start("201 Created", [("Content-Length", "0")])
        return [b""]

    with served(careless) as port:
        found = send_rounds(port, "", 2, lambda _: zip_lamp(), lambda _: len(taken))
    assert any("releases instead of" in line for line in found.wrong)
    assert found.answers["201"] + found.answers[CUT] == 12
