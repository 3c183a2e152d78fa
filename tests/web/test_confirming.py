"""The work list, and the form that confirms how a part is made."""

import doctest
import re

import pytest
from web.accounts import client_as, post
from web.design_shop import make_shop
from web.test_designs import words

from cosmolocal.designs.notices import read_notices
from cosmolocal.designs.operations import read_operations
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import NoticeKind, Operation, Provenance, Role, Tolerance
from cosmolocal.web import confirming_view
from cosmolocal.web.confirming_view import build_rows, build_tables, tell_gaps
from cosmolocal.workflows.makers import Gap

FORM = "/designs/us~stool/1.0.0/confirm"
TIMED = {
    "part": "",
    "operation-0-process": "laser-cutting",
    "operation-0-minutes-per-unit": "7.5",
    "operation-0-setup-minutes": "5",
    "operation-0-material": "plywood",
    "operation-0-envelope-mm": "400 × 300 × 4",
    "note": "Timed with a watch.",
    "do": "confirm",
}


@pytest.fixture
def app(tmp_path):
    return make_shop(tmp_path / "region")


@pytest.fixture
def maker(app):
    return client_as(app, "mia", Role.MAKER)


def test_the_work_list_says_what_to_confirm_and_what_it_unlocks(read):
    page = read("/designs/to-confirm")
    assert "Confirm this design to unlock 7 units in 1 order." in words(page)
    assert f'href="{FORM}?part="' in page
    assert "the whole : machine time" in words(page)


def test_nothing_to_confirm_is_said(app, read):
    (app.extensions["workspace"].folder / "orders/all.csv").unlink()
    assert "No order waits for a confirmation" in words(read("/designs/to-confirm"))


def test_the_form_shows_what_is_known_what_is_not_and_who_waits(maker):
    page = maker.get(FORM).text
    text = words(page)
    assert "Not known until now: machine time, material." in text
    assert "7 units wait for this design: order SIT of all (7)." in text
    assert 'value="400 × 300 × 4"' in page
    assert '<option value="laser-cutting" selected>' in page


def test_a_confirmation_unlocks_and_tells_who_when_and_what_was_there_before(app, maker, read):
    answer = post(maker, FORM, TIMED)
    assert answer.headers["Location"] == "/designs/us~stool/1.0.0/?done=confirmed"
    page = words(read(answer.headers["Location"]))
    assert "What you confirmed is kept" in page
    assert re.search(r"the whole Laser cutting 7.5 5 plywood 400 × 300 × 4 mm – confirmed by mia on \d", page)
    assert (
        "Timed with a watch. The version itself says: Laser cutting, time unknown, 5 min set-up, 400 × 300 × 4 mm"
        in page
    )
    assert "Workshops that can make it 2 of 2" in page
    assert "No order waits for a confirmation" in words(read("/designs/to-confirm"))
    [notice] = read_notices(app.extensions["workspace"].folder / "designs", "us~stool")
    assert (notice.kind, notice.by, notice.reason) == (NoticeKind.CONFIRM, "mia", "Timed with a watch.")


def test_a_fault_keeps_what_was_typed_and_stands_beside_its_field(app, maker):
    answer = post(maker, FORM, TIMED | {"operation-0-envelope-mm": "wide", "operation-0-material": "oak"})
    assert answer.status_code == 422
    assert 'name="operation-0-envelope-mm" type="text" value="wide"' in answer.text
    assert 'aria-describedby="hint-operation-0-envelope-mm fault-operation-0-envelope-mm-1"' in answer.text
    assert 'value="oak"' in answer.text
    assert "Timed with a watch." in answer.text
    assert read_notices(app.extensions["workspace"].folder / "designs", "us~stool") == ()


def test_no_row_at_all_is_refused(maker):
    answer = post(maker, FORM, {"part": "", "do": "confirm"})
    assert answer.status_code == 422
    assert "must be one table or more" in words(answer.text)


def test_rows_are_added_without_losing_any_and_a_row_can_be_left_out(maker, read):
    sent = TIMED | {"operation-1-process": "assembly", "operation-1-minutes-per-unit": "3"}
    more = post(maker, FORM, sent | {"do": "more"})
    assert more.status_code == 200
    assert more.text.count("<fieldset") == 5
    assert '<option value="assembly" selected>' in more.text
    post(maker, FORM, sent | {"operation-1-leave-out": "1"})
    assert "Assembly" not in words(read("/designs/us~stool/")).partition("How it is made")[2]


def test_each_part_has_its_own_form(maker):
    page = maker.get("/designs/us~lamp/1.1.0/confirm?part=shade").text
    assert "Confirm how it is made: shade" in words(page)
    assert 'name="operation-0-minutes-per-unit" type="text" value="2"' in page
    assert maker.get("/designs/us~lamp/1.1.0/confirm?part=none").status_code == 404
    assert maker.get("/designs/us~lamp/0.9.0/confirm").status_code == 404


def test_who_may_not_confirm_sees_no_form(app, client):
    assert client.get(FORM).headers["Location"].startswith("/sign-in?next=")
    viewer = client_as(app, "vic", Role.VIEWER)
    assert post(viewer, FORM, TIMED).status_code == 403
    assert read_notices(app.extensions["workspace"].folder / "designs", "us~stool") == ()


STEPS = (
    Operation("laser-cutting", 20, 1, "plywood", 7, (1, 2, 3), Tolerance.FINE),
    Operation("assembly", 3_599, 0),
    Operation(None, None, 60, unknown=("process", "minutes")),
    Operation("laser-cutting", None, 0, None, 0, None, unknown=("minutes", "material", "envelope")),
)


def test_what_the_form_shows_and_gets_back_unchanged_means_the_same():
    tables = build_tables(build_rows(STEPS))
    assert read_operations(tables, "form", load_vocabulary()) == STEPS
    assert {step.provenance for step in STEPS} == {Provenance.DECLARED}


def test_examples_in_the_documentation_hold():
    assert doctest.testmod(confirming_view).failed == 0


def test_what_no_workshop_could_make_is_not_kept_before_a_person_says_it_again(app, maker, read):
    """A typing error in a material would be kept for good, and the units that wait would leave the list."""
    root = app.extensions["workspace"].folder / "designs"
    sent = TIMED | {"operation-0-material": "tar"}
    answer = post(maker, FORM, sent)
    assert answer.status_code == 422
    text = words(answer.text)
    assert "Nothing is kept yet: no workshop of the region could make it like this" in text
    assert "They take: plywood" in text
    assert 'aria-describedby="hint-operation-0-material doubt-operation-0-material-1"' in answer.text
    assert read_notices(root, "us~stool") == ()
    assert post(maker, FORM, sent | {"do": "anyway"}).status_code == 303
    assert [notice.values["operations"][0]["material"] for notice in read_notices(root, "us~stool")] == ["tar"]
    page = words(read("/designs/to-confirm"))
    assert (
        "Blocked otherwise No workshop of the region can make these orders, whatever is confirmed. 7 units wait."
        in page
    )
    assert "all that the order books ask for is known" not in page
    assert f'href="{FORM}?part="' in read("/designs/to-confirm")


def test_a_process_that_nobody_has_and_a_piece_too_large_are_told_beside_their_fields(maker):
    lasting = post(maker, FORM, TIMED | {"operation-0-process": "welding"}).text
    assert "No workshop of the region has a machine for it." in words(lasting)
    large = post(maker, FORM, TIMED | {"operation-0-envelope-mm": "9000 × 9000 × 4"}).text
    assert 'id="doubt-operation-0-envelope-mm-1"' in large


def test_each_kind_of_gap_has_its_sentence(app):
    gaps = (Gap(0, "process"), Gap(0, "together"), Gap(1, "tolerance"), Gap(2, "material", ("pine",)))
    with app.test_request_context("/"):
        told = tell_gaps(gaps)
    assert [len(told[f"operation-{name}"]) for name in ("0-process", "1-tolerance", "2-material")] == [2, 1, 1]
