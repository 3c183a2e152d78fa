"""The pages of a workshop's hours: what is told before a closure is saved is what is true after it."""

import re

import pytest
from flask import Flask
from web.accounts import client_as, post
from web.bench_shop import copy_region, open_house

from cosmolocal.records import Closure
from cosmolocal.web.closures_view import fill_form
from cosmolocal.workflows.closures import list_closures
from cosmolocal.workflows.own_hours import read_own_hours
from cosmolocal.workflows.people import OPERATOR

HOURS = "/workshops/north/hours"
DOWN = {"kind": "closed", "group": "laser", "from": "2026-09-07", "to": "2026-10-04", "reason": "laser <is> down"}
HALF = {"kind": "hours", "group": "", "from": "2026-09-09", "to": "2026-09-15", "hours": "2.5", "reason": ""}


@pytest.fixture
def app(planned, tmp_path) -> Flask:
    return open_house(copy_region(planned[0], tmp_path / "region"), planned[1])[0]


@pytest.fixture
def nora(app):
    return client_as(app, "nora")


def closures(app: Flask) -> tuple[Closure, ...]:
    return list_closures(app.extensions["workspace"])


def cells(page: str) -> list[list[str]]:
    body = page.partition("<tbody")[2].partition(">")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    return [[" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in row] for row in rows]


def test_hours_there_less_hours_planned_are_free(nora):
    rows = cells(nora.get(HOURS).text)
    assert len(rows) == 4
    for _, there, planned, free in rows:
        assert float(there[:-2]) - float(planned[:-2]) == pytest.approx(float(free[:-2]), abs=0.11)
    assert sum(float(row[2][:-2]) for row in rows) > 0


def test_looking_saves_nothing_and_saving_makes_true_what_was_told(app, nora):
    page = post(nora, HOURS, DOWN | {"do": "look"})
    assert page.status_code == 200
    assert closures(app) == ()
    assert "laser &lt;is&gt; down" in page.text
    told = {row[0]: row[1] for row in cells(page.text)}
    [group] = read_own_hours(app.extensions["workspace"], OPERATOR, "north")
    assert sum(week.used_minutes > 0 for week in group.weeks) == len(told)
    assert post(nora, HOURS, DOWN | {"do": "save"}).status_code == 303
    [closure] = closures(app)
    assert (closure.workshop, closure.group, closure.reason) == ("north", "laser", "laser <is> down")
    for _, there, planned, free in cells(nora.get(HOURS).text):
        assert there == "closed"
        if planned != "0 h":
            assert free == f"{planned} too many"


def test_other_hours_are_set_for_whole_weeks(app, nora):
    post(nora, HOURS, HALF | {"do": "save"})
    [closure] = closures(app)
    assert (closure.first_day.isoformat(), closure.last_day.isoformat()) == ("2026-09-07", "2026-09-20")
    assert closure.weekly_minutes == 150
    assert [row[1] for row in cells(nora.get(HOURS).text)] == ["2.5 h", "2.5 h", "10 h", "10 h"]
    again = post(nora, HOURS, HALF | {"do": "look", "group": "laser"})
    assert again.status_code == 422
    assert "Other hours are set already" in again.text


def test_what_is_taken_back_is_gone_and_taking_it_twice_is_told(app, nora):
    post(nora, HOURS, DOWN | {"do": "save"})
    [closure] = closures(app)
    assert post(nora, f"{HOURS}/remove", fill_form(closure)).status_code == 303
    assert closures(app) == ()
    assert post(nora, f"{HOURS}/remove", fill_form(closure)).status_code == 404


def test_a_form_that_is_to_be_changed_comes_back_filled_in(nora):
    page = post(nora, HOURS, HALF | {"do": "change"}).text
    for value in ("2026-09-09", "2026-09-15", "2.5"):
        assert f'value="{value}"' in page


def test_the_form_is_one_step_away_from_the_top_of_a_page_that_is_long_on_a_phone(nora):
    page = nora.get(HOURS).text
    assert page.index('href="#set"') < page.index("<table") < page.index('id="set"')
    assert f'action="{HOURS}#set"' in page
    assert f'formaction="{HOURS}#set"' in post(nora, HOURS, DOWN | {"do": "look"}).text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"from": ""}, "Name a day"),
        ({"from": "soon"}, "Name a day"),
        ({"from": "9999-12-31"}, "Name a day"),
        ({"to": "2026-09-01"}, "must not be before the first"),
        ({"kind": "hours", "hours": ""}, "0 to 168"),
        ({"kind": "hours", "hours": "169"}, "0 to 168"),
        ({"kind": "hours", "hours": "nan"}, "0 to 168"),
        ({"kind": "hours", "hours": "1e2"}, "0 to 168"),
        ({"group": "mill"}, "There is no such machine group"),
        ({"reason": "x" * 501}, "at most 500"),
        ({"reason": "two\nlines"}, "one line"),
    ],
)
@pytest.mark.parametrize("do", ["look", "save"])
def test_a_wrong_field_is_told_and_nothing_is_saved(app, nora, changed, told, do):
    answer = post(nora, HOURS, DOWN | changed | {"do": do})
    assert answer.status_code == 422
    assert told in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert closures(app) == ()


def test_nobody_changes_the_hours_of_others(app):
    susi = client_as(app, "susi")
    assert post(susi, HOURS, DOWN | {"do": "save"}).status_code == 403
    assert susi.get(HOURS).status_code == 403
    assert client_as(app, "pia").get("/workshops/nowhere/hours").status_code == 404
    assert closures(app) == ()
