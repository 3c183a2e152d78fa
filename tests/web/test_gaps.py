"""The page of what is missing: hours, apart, an hour checked, what to buy next, a scenario made of it."""

import csv
import io
from types import SimpleNamespace

import pytest
from web.accounts import client_as, post
from web.planned import make_busy_planned, settle
from web.test_designs import words

from cosmolocal.records import Proposal, Purchase, Role, RunState
from cosmolocal.web.gaps_view import open_rows


@pytest.fixture(scope="module")
def planned_busy(tmp_path_factory):
    app, plan = make_busy_planned(tmp_path_factory.mktemp("gaps") / "region")
    yield app, plan
    app.extensions["runner"].close()


@pytest.fixture
def busy(planned_busy):
    return planned_busy[0]


@pytest.fixture
def address(planned_busy) -> str:
    return f"/plans/{planned_busy[1]}/gaps"


def test_who_is_not_signed_in_reads_hours_and_what_stands_apart(busy, address):
    client = busy.test_client()
    page = client.get(address)
    assert page.status_code == 200
    text = words(page.text)
    assert "imported because machines are full" in text
    assert "Hours that are missing, by place and process" in text
    assert "Map of missing hours" in page.text
    assert "too far away" in text
    assert "Find what to buy or open next" not in text
    rows = list(csv.DictReader(io.StringIO(client.get(f"{address}.csv").text)))
    assert {(row["process"], row["place"], row["week"]) for row in rows} == {("laser-cutting", "home", "0")}
    assert client.get(f"{address}.json").json["lots"] == int(text.partition(" lots are")[0].rpartition(" ")[2])


def test_a_week_without_gaps_says_so_and_unknown_filters_are_refused(busy, address):
    client = busy.test_client()
    nothing = client.get(f"{address}?week=3").text
    assert "Nothing is missing there and then." in words(nothing)
    assert "Map of missing hours" not in nothing, "the map shows what the table shows"
    assert client.get(f"{address}?process=magic").status_code == 422
    assert client.get(f"{address}?measure=most").status_code == 422
    least, mean = (client.get(f"{address}.csv?measure={name}").text for name in ("least", "mean"))
    assert least == mean


def test_an_hour_is_checked_in_the_background(busy, address):
    planner = client_as(busy, "petra", Role.PLANNER)
    assert "not checked" in words(planner.get(address).text)
    answer = post(planner, f"{address}/runs", {"hour": "north/laser@0", "seconds": "5"})
    assert answer.status_code == 303
    settle(busy.extensions["runner"])
    run_page = words(planner.get(answer.headers["Location"]).text)
    assert "what one more hour would save beside plan" in run_page
    assert "what was found is kept with the plan" in run_page
    assert "with 60 min, priced" in words(planner.get(address).text)


def test_what_to_buy_is_found_in_the_background_and_made_a_scenario(busy, address):
    planner = client_as(busy, "paul", Role.PLANNER)
    unasked = words(planner.get(address).text)
    assert "nobody has asked yet" in unasked
    assert "Lasts" in unasked, "what it costs and how long it lasts is known before anybody asks"
    assert "Pays back" not in unasked.partition("How this is found")[0]
    answer = post(planner, f"{address}/runs", {"count": "1", "seconds": "5"})
    settle(busy.extensions["runner"])
    run_id = int(answer.headers["Location"].rpartition("/")[2])
    assert busy.extensions["runner"].find(run_id).state is RunState.DONE
    text = words(planner.get(address).text)
    assert "Planned for real" in text
    [row, *_] = planner.get(f"{address}.json").json["next"]["ranked"]
    table = text.partition("Planned for real")[2].partition("Not planned")[0]
    assert f"{row['proposal']['lifetime_years']} years" in table
    assert "Would serve" in table
    assert "Pays back in" in table
    assert "scaled to a year of 52 weeks" in text
    made = post(planner, f"{address}/scenarios", {"proposal": "laser@north"})
    assert made.status_code == 303
    assert "Laser: north" in words(planner.get(made.headers["Location"]).text)
    assert post(planner, f"{address}/scenarios", {"proposal": "laser@north"}).status_code == 303, "it is the same"
    assert (busy.extensions["workspace"].folder / "scenarios/laser-at-north.yaml").is_file()
    assert post(planner, f"{address}/scenarios", {"proposal": "laser@mars"}).status_code == 404


def test_a_wrong_form_is_told_and_kept(busy, address):
    planner = client_as(busy, "pia", Role.PLANNER)
    answer = post(planner, f"{address}/runs", {"count": "99", "seconds": "soon"})
    assert answer.status_code == 422
    assert 'value="99"' in answer.text
    assert 'value="soon"' in answer.text
    page = words(answer.text)
    assert "Plan how many Look here: found '99'; must be a whole number from 0 to 50" in page
    assert "Seconds for each Look here: found 'soon'; must be a whole number from 1 to 86400" in page


def test_faults_of_the_file_stand_on_the_page(busy, address):
    path = busy.extensions["workspace"].folder / "investments.yaml"
    before = path.read_text()
    path.write_text("candidates: [{place: atlantis}]")
    try:
        text = words(busy.test_client().get(address).text)
        assert "investments.yaml has faults" in text
        assert "atlantis" in text
    finally:
        path.write_text(before)


def test_what_was_not_planned_pays_back_no_sooner_than_by_the_most_that_it_saves():
    purchase = Purchase(price_cents=800_000, yearly_cents=100_000, lifetime_years=8)
    proposal = Proposal("laser", "Laser", "north", "north", (), purchase, annuity_cents=200_000)
    row = {"measured": None, "proposals": ["laser@north"], "places": ["north"], "annuity_cents": 200_000}
    names = SimpleNamespace(place=str.title)
    for gains, years in ((300_000, 2.0), (-100_000, None), (-150_000, None)):
        found = {"ranked": [{**row, "gains_at_most_cents_a_year": gains}, {**row, "measured": {}}]}
        [told] = open_rows(found, {"laser@north": proposal}, names)
        assert (told.where, told.lifetime_years, told.payback_years) == ("North", 8, years)
    [unasked] = open_rows(None, {"laser@north": proposal}, names)
    assert (unasked.annuity_cents, unasked.gains_at_most_cents, unasked.payback_years) == (200_000, None, None)
