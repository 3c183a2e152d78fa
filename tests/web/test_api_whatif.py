"""What if, in the API: it says what the pages' files say, and holds what its document promises."""

import pytest
from cli.small_region import run
from flask import Flask
from gaps_region import make_busy
from web.planned import make_planned
from web.test_api_story import V1, check

from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records.siting import SiteAim, SiteWish
from cosmolocal.workflows.gaps import rank_next
from cosmolocal.workflows.siting import choose_sites
from torture.road_files import write_road

EDITS = """edits:
- close-workshop: {workshop: north}
- machine-down: {workshop: south, first_day: 2026-09-21, last_day: 2026-09-22}
- radius: {workshop: south, radius_km: 4.5}
- settings: {co2e_cents_per_kg: 60, priority_percent: {high: 300}}
- link: {from: north, to: home, closed: true}
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whatif") / "region"
    app = make_planned(folder)
    make_busy(folder)
    (folder / "scenarios").mkdir()
    for name, text in {"good": "scenario: {title: Good}\n" + EDITS, "bad": "scenario: {}\n"}.items():
        (folder / f"scenarios/{name}.yaml").write_text(text, "utf-8")
    for command in (("plan", folder / "orders/busy.csv"), ("front", folder / "orders/book.csv", "--points", "2")):
        result = run(*command, "--region", folder, "--quiet")
        assert result.exit_code == 0, result.output
    yield app
    app.extensions["runner"].close()


@pytest.fixture
def plan(app: Flask) -> str:
    [plan] = [plan.id for plan in app.extensions["workspace"].plans() if plan.book == "orders/busy.csv"]
    return plan


def ask(app: Flask, address: str):
    """Return what the API answers, held against its document."""
    answer = app.test_client().get(f"{V1}{address}")
    check("GET", f"{V1}{address}", answer)
    return answer


def test_scenarios_are_listed_with_what_is_wrong_and_told_with_their_edits(app):
    bad, good = ask(app, "/scenarios").json["scenarios"]
    assert (bad["id"], bad["title"], good["problems"]) == ("bad", "", [])
    assert {problem["code"] for problem in bad["problems"]} == {"W071"}
    told = ask(app, "/scenarios/good").json
    assert [edit["kind"] for edit in told["edits"]] == [
        "close-workshop", "machine-down", "radius", "settings", "link",
    ]  # fmt: skip
    assert told["edits"][1]["values"]["last_day"] == "2026-09-22"
    assert told["edits"][2]["values"] == {"workshop": "south", "radius_km": 4.5}
    assert ask(app, "/scenarios/good").headers["ETag"]
    assert ask(app, "/scenarios/none").status_code == 404


def test_a_front_says_what_its_page_sends(app):
    [row] = ask(app, "/fronts").json["fronts"]
    told = ask(app, f"/fronts/{row['id']}").json
    assert told == app.test_client().get(f"/plans/front/{row['id']}.json").json
    assert (row["points"], row["aims"]) == (len(told["points"]), ["cost", "local-share"])
    assert ask(app, "/fronts/none").status_code == 404


def test_missing_hours_come_in_pages_and_all_else_at_once(app, plan):
    sent = app.test_client().get(f"/plans/{plan}/gaps.json").json
    told = ask(app, f"/plans/{plan}/gaps").json
    assert told == {name: value for name, value in sent.items() if name != "hours"}
    assert told["next"] is None
    found, following = [], f"/plans/{plan}/gaps/hours?limit=1"
    while following:
        page = ask(app, following.removeprefix(V1)).json
        found += page["hours"]
        following = page["next"]
    assert found == sent["hours"]
    assert found


def test_what_to_buy_next_and_where_sites_open_is_told_once_it_was_found(app, plan):
    workspace = app.extensions["workspace"]
    assert ask(app, f"/plans/{plan}/siting").status_code == 404
    view = workspace.plan(plan)
    rank_next(workspace, view, 1, SolveSettings(5.0), Watch())
    choose_sites(workspace, view, SiteWish(2, aim=SiteAim.SHARE), SolveSettings(5.0), Watch())
    ranked = ask(app, f"/plans/{plan}/gaps").json["next"]["ranked"]
    assert ranked[0]["measured"] is not None
    assert {name for row in ranked for name in row["proposals"]} >= {"laser@north", "corner@home"}
    told = ask(app, f"/plans/{plan}/siting").json
    assert told == app.test_client().get(f"/plans/{plan}/siting.json").json
    assert told["sites"]


def test_the_road_is_told_once_it_was_found(app):
    assert ask(app, "/road").status_code == 404
    folder = app.extensions["workspace"].folder
    write_road(folder)
    assert run("road", "--region", folder, "--quiet").exit_code == 0
    assert ask(app, "/road").json == app.test_client().get("/road/road.json").json
