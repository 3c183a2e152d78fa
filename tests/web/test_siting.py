"""The page of the next workshops: chosen in the background, made a scenario, planned, sent as files."""

import csv
import io

import pytest
from web.accounts import client_as, post
from web.planned import make_busy_planned, settle
from web.test_designs import words

from cosmolocal.records import Role, RunState


@pytest.fixture(scope="module")
def planned_busy(tmp_path_factory):
    app, plan = make_busy_planned(tmp_path_factory.mktemp("siting") / "region")
    yield app, plan
    app.extensions["runner"].close()


@pytest.fixture
def busy(planned_busy):
    return planned_busy[0]


@pytest.fixture
def address(planned_busy) -> str:
    return f"/plans/{planned_busy[1]}/siting"


def test_without_an_answer_it_says_how_many_sites_there_are(busy, address):
    client = busy.test_client()
    page = client.get(address)
    assert page.status_code == 200
    assert "sites could open; nobody has asked yet which" in words(page.text)
    assert "Choose sites" not in words(page.text), "only who may plan is asked"
    assert client.get(f"{address}.json").json == {}
    assert "Several together" in words(client.get(address.replace("siting", "gaps")).text)


def test_sites_are_chosen_made_a_scenario_and_planned(busy, address):
    planner, runner = client_as(busy, "paula", Role.PLANNER), busy.extensions["runner"]
    answer = post(planner, f"{address}/runs", {"most": "2", "aim": "local-share", "seconds": "10"})
    assert answer.status_code == 303
    settle(runner)
    run_id = int(answer.headers["Location"].rpartition("/")[2])
    assert runner.find(run_id).state is RunState.DONE, runner.find(run_id).problems
    run_page = planner.get(answer.headers["Location"])
    assert "where the next workshops go beside plan" in words(run_page.text)
    assert f"{address}#found" in run_page.text
    page = planner.get(address).text
    text = words(page)
    assert "chosen for local share first" in text
    sites = planner.get(f"{address}.json").json["sites"]
    assert page.count("map-chosen-site") == len(sites) > 0, "the map marks each site of the table"
    assert page.count('class="map-candidate"') > 1, "the places that could open too are there, and in the legend"
    assert "not planned yet" in text
    rows = list(csv.DictReader(io.StringIO(planner.get(f"{address}.csv").text)))
    told = planner.get(f"{address}.json").json
    assert [row["proposal"] for row in rows] == [site["proposal"] for site in told["sites"]]
    assert rows
    made = post(planner, f"{address}/scenarios", {"do": "write"})
    assert made.status_code == 303
    assert planner.get(made.headers["Location"]).status_code == 200
    answer = post(planner, f"{address}/scenarios", {"do": "plan", "seconds": "5"})
    assert answer.status_code == 303
    settle(runner)
    run_id = int(answer.headers["Location"].rpartition("/")[2])
    assert runner.find(run_id).state is RunState.DONE, runner.find(run_id).problems
    told = planner.get(f"{address}.json").json
    assert told["planned"]["after_share"] > told["planned"]["before_share"]
    text = words(planner.get(address).text)
    assert "not planned yet" not in text
    assert "Compare it with this one" in text


def test_a_wrong_form_is_told_and_kept(busy, address):
    planner = client_as(busy, "pius", Role.PLANNER)
    answer = post(planner, f"{address}/runs", {"most": "0", "budget": "much", "aim": "fame", "seconds": "soon"})
    assert answer.status_code == 422
    page = words(answer.text)
    for label, found in (("At most so many sites", "0"), ("Budget to buy them, EUR", "much"), ("Seconds", "soon")):
        assert f"{label} Look here: found '{found}'; must be a whole number from " in page
    assert "Chosen for" in page
    assert "Look here: found 'fame'; must be one of cost, local-share" in page
    assert 'value="much"' in answer.text
    told = words(post(planner, f"{address}/runs?lang=fr", {"most": "0"}).text)
    assert "il faut un nombre entier de 1 à 20" in told


def test_nothing_can_be_written_before_sites_are_chosen(busy):
    [other] = [plan.id for plan in busy.extensions["workspace"].plans() if plan.book != "orders/busy.csv"]
    planner = client_as(busy, "pamela", Role.PLANNER)
    answer = post(planner, f"/plans/{other}/siting/scenarios", {"do": "write"})
    assert answer.status_code == 422
    assert "P155" in answer.text
