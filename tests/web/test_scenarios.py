"""Scenarios on the web: from an empty form to a comparison, without JavaScript."""

from pathlib import Path

import pytest
from flask import Flask
from web.accounts import client_as, csrf_token
from web.planned import BOOK, make_planned, settle
from web.test_pages import words

from cosmolocal.records import Role
from cosmolocal.scenarios import KINDS, read_scenario
from cosmolocal.web import scenarios_view

EMPTY = "scenario:\n  title: North closes\nedits: []\n"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_planned(tmp_path / "region")


@pytest.fixture
def planner(app: Flask):
    return client_as(app, "planner", Role.PLANNER)


def post(client, address: str, **fields: str):
    return client.post(address, data={"csrf_token": csrf_token(client), **fields})


def test_a_scenario_is_made_edited_planned_and_compared(app: Flask, planner):
    folder = app.extensions["workspace"].folder
    assert post(planner, "/scenarios/new", name="north-closes", text=EMPTY).status_code == 303
    here = "/scenarios/north-closes/"
    assert post(planner, f"{here}add/close-workshop", workshop="north").status_code == 303
    assert post(planner, f"{here}add/demand", percent="150").status_code == 303
    assert len(read_scenario(folder / "scenarios/north-closes.yaml").edits) == 2
    assert "150% of the quantities." in words(planner.get(here).text)
    answer = post(planner, f"{here}run", book=BOOK)
    assert answer.status_code == 303, answer.text
    settle(app.extensions["runner"])
    [run] = app.extensions["runner"].list_newest()
    assert (str(run.state), run.problems) == ("done", ())
    everybody = app.test_client()
    page = everybody.get(f"/scenarios/compare?plan={run.plan}")
    assert page.status_code == 200
    assert "Who gains, who loses" in words(page.text)
    plain = everybody.get(f"/scenarios/compare.json?plan={run.plan}").get_json()
    assert [plan["scenario"] for plan in plain["plans"]] == ["", "north-closes"]
    assert plain["plans"][1]["cheaper"] == "no"
    assert "it is not proved which of the two would be cheaper" not in words(page.text)
    rows = everybody.get(f"/scenarios/compare.csv?plan={run.plan}").text.splitlines()
    assert len(rows) > 2 * len(plain["figures"])
    # the plan that people look at stays the one of the region as it is
    assert run.plan not in everybody.get("/").text
    assert "north-closes" in words(everybody.get(f"/plans/{run.plan}/").text)


def test_it_is_said_where_costs_lie_too_near_to_each_other_to_tell(app: Flask, planner):
    same = "scenario: {title: the same}\nedits:\n- demand: {percent: 100}\n"
    assert post(planner, "/scenarios/new", name="as-it-is", text=same).status_code == 303
    assert post(planner, "/scenarios/as-it-is/run", book=BOOK).status_code == 303
    settle(app.extensions["runner"])
    plan = app.extensions["runner"].list_newest()[0].plan
    page = words(app.test_client().get(f"/scenarios/compare?plan={plan}").text)
    assert "as-it-is: what it costs and what the first plan costs lie so near to each other" in page


def test_what_is_wrong_is_told_and_what_was_typed_is_kept(planner):
    wrong = "scenario: {title: x}\nedits:\n- close-workshop: {workshop: nowhere}\n- hours: {percent: -1}\n"
    answer = post(planner, "/scenarios/new", name="Not so", text=wrong)
    assert answer.status_code == 422
    assert "W072" in answer.text
    assert "edits[1].hours.percent" in answer.text
    assert "Not so" in answer.text
    assert "nowhere" in answer.text
    assert post(planner, "/scenarios/new", name="one", text=EMPTY).status_code == 303
    again = post(planner, "/scenarios/new", name="one", text=EMPTY)
    assert (again.status_code, "W077" in again.text) == (422, True)
    answer = post(planner, "/scenarios/one/add/hours", machines="north", percent="many")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'value="many"' in answer.text


def test_a_text_is_changed_unless_somebody_else_was_faster(app: Flask, planner):
    folder = app.extensions["workspace"].folder
    post(planner, "/scenarios/new", name="one", text=EMPTY)
    changed = EMPTY.replace("North", "Nord")
    assert post(planner, "/scenarios/one/edit", text=changed, before=EMPTY).status_code == 303
    assert read_scenario(folder / "scenarios/one.yaml").title == "Nord closes"
    late = post(planner, "/scenarios/one/edit", text=EMPTY, before=EMPTY)
    assert (late.status_code, "W078" in late.text) == (422, True)


def test_edits_are_taken_out_and_scenarios_deleted_and_copied(app: Flask, planner):
    folder = app.extensions["workspace"].folder
    text = "# note\nscenario: {title: x}\nedits:\n- hours: {percent: 50}\n- hours: {percent: 60}\n"
    post(planner, "/scenarios/new", name="one", text=text)
    post(planner, "/scenarios/one/remove", number="0")
    assert [edit.percent for edit in read_scenario(folder / "scenarios/one.yaml").edits] == [60]
    assert "hours: {percent: 60}" in planner.get("/scenarios/new?copy=one").text
    assert planner.get("/scenarios/one/scenario.yaml").text == (folder / "scenarios/one.yaml").read_text()
    post(planner, "/scenarios/one/delete")
    assert not (folder / "scenarios/one.yaml").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_edit_has_a_form(planner, kind: str):
    post(planner, "/scenarios/new", name="one", text=EMPTY)
    page = planner.get(f"/scenarios/one/add/{kind}")
    assert page.status_code == 200
    for field in scenarios_view.FIELDS[kind]:
        assert f'name="{field}"' in page.text
