"""Trade-offs on the web: asking, the page with its chart, its files, and the words of limits."""

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest
from web.accounts import client_as, post
from web.planned import BOOK, make_planned, settle
from web.test_designs import words

from cosmolocal.records import Aim, Role
from cosmolocal.workflows.fronts import list_fronts

FORM = {"book": BOOK, "aim": "fairness", "points": "3", "gap": "0", "seconds": "60"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = make_planned(tmp_path_factory.mktemp("front") / "region")
    planner = client_as(app, "petra", Role.PLANNER)
    address = post(planner, "/plans/front/", FORM).headers["Location"]
    settle(app.extensions["runner"])
    app.extensions["asked"] = address
    yield app
    app.extensions["runner"].close()


@pytest.fixture
def front(app):
    [(_, front)] = list_fronts(app.extensions["workspace"])
    return front


def test_a_front_is_asked_for_made_in_the_background_and_led_to(app, front):
    planner = client_as(app, "petra", Role.PLANNER)
    page = planner.get(app.extensions["asked"]).text
    assert "See all plans to choose from" in words(page)
    cheapest = front.points[0].plan
    answer = planner.get(f"/plans/{cheapest}/front")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/plans/front/{front.id}")
    assert f"/plans/front/{front.id}" in app.test_client().get("/plans/front/").text


def test_the_page_shows_every_plan_in_table_and_chart(app, front):
    page = app.test_client().get(f"/plans/front/{front.id}").text
    assert front.aim is Aim.FAIRNESS
    assert len(front.points) > 1
    chart = ElementTree.fromstring(re.search(r"<svg.*?</svg>", page, re.S)[0])
    links = [link.get("href") for link in chart.iter("{http://www.w3.org/2000/svg}a")]
    assert links == [f"/plans/{point.plan}/" for point in front.points]
    assert [f"<code>{point.plan}</code>" in page for point in front.points] == [True] * len(front.points)
    assert 'class="front-area"' in page


def test_one_step_has_one_price_and_no_range(app, front):
    steps = [front.step_cents(number) for number in range(len(front.points))]
    known = [step for step in steps if step is not None]
    page = words(app.test_client().get(f"/plans/front/{front.id}").text)
    assert ("From the one to the other, one per cent less load" in page) == (len(known) == 1)
    assert ("depends on where one stands" in page) == (len(known) > 1)


def test_against_another_aim_nothing_is_said_of_what_no_plan_can_reach(app, front):
    page = app.test_client().get(f"/plans/front/{front.id}?against=co2e").text
    assert 'class="front-area"' not in page
    assert "others may be better by this one" in words(page)


def test_the_files_hold_what_the_table_shows(app, front):
    client = app.test_client()
    rows = list(csv.DictReader(io.StringIO(client.get(f"/plans/front/{front.id}.csv").text)))
    told = json.loads(client.get(f"/plans/front/{front.id}.json").text)
    assert [row["plan"] for row in rows] == [point["plan"] for point in told["points"]]
    assert [int(row["cost_cents"]) for row in rows] == [point.figures.cost_cents for point in front.points]
    assert [int(row["busiest_permille"]) for row in rows] == [point.figures.fairness for point in front.points]
    assert told["aims"] == ["cost", "fairness"]
    for point in told["points"]:
        assert point["bound_cents"] <= point["cost_cents"]


def test_a_plan_with_a_limit_says_so_in_every_language(app, front):
    limited = next(point for point in front.points if point.limit is not None)
    for language, word in (("en", "It keeps a limit"), ("fr", "limite"), ("es", "límite"), ("ca", "límit")):
        page = app.test_client().get(f"/plans/{limited.plan}/", headers={"Accept-Language": language}).text
        assert word in page


def test_faults_of_the_form_are_told_at_once_and_its_input_is_kept(app):
    planner = client_as(app, "petra", Role.PLANNER)
    answer = post(planner, "/plans/front/", {"book": "nowhere.csv", "aim": "fame", "points": "1", "gap": "7"})
    page = words(answer.text)
    assert answer.status_code == 422
    assert "fame" in page
    assert page.count("must be one of") == 2
    assert 'value="7"' in answer.text
    assert app.test_client().get("/plans/front/000000000000").status_code == 404
    assert app.test_client().get("/plans/none/front").status_code == 404
