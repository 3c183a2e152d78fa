"""Publishing a plan from its page: what is told of the jobs is what happens to them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from cli.small_region import run
from flask import Flask
from web.accounts import client_as, post
from web.bench_shop import copy_region, jobs_of, open_house

from cosmolocal.database import opening
from cosmolocal.database.queueing import queued
from cosmolocal.workflows.job_list import jobs_of as jobs_of_plan
from cosmolocal.workflows.plan_publishing import find_publication


@pytest.fixture
def app(planned, tmp_path) -> Flask:
    return open_house(copy_region(planned[0], tmp_path / "region"), None)[0]


def figures(page: str) -> list[int]:
    """Return how many jobs stay, come and go."""
    row = page.partition('<dl class="figures-row">')[2].partition("</dl>")[0]
    return [int(number) for number in re.findall(r"<dd>(\d+) ", row)]


def plan_with_more(folder: Path) -> str:
    """Ask for more lamps and plan again; return the id of the new plan."""
    book = folder / "orders/book.csv"
    book.write_text(book.read_text().replace("A,us~lamp,*,5,", "A,us~lamp,*,6,"))
    result = run("plan", book, "--region", folder, "--json")
    assert result.exit_code == 0, result.output
    return str(re.findall(r'"(?:plan|id)": "([0-9a-f]{12})"', result.stdout)[0])


def test_a_draft_is_published_from_its_page(app, planned):
    _, plan_id = planned
    pia = client_as(app, "pia")
    page = pia.get(f"/plans/{plan_id}/").text
    assert "draft" in page
    assert f'href="/plans/{plan_id}/publish"' in page
    assert "publish" not in app.test_client().get(f"/plans/{plan_id}/").text.partition("<main")[2].lower()
    ask = pia.get(f"/plans/{plan_id}/publish")
    stay, new, gone = figures(ask.text)
    assert find_publication(app.extensions["workspace"]) is None
    assert post(pia, f"/plans/{plan_id}/publish").status_code == 303
    assert find_publication(app.extensions["workspace"]).plan == plan_id
    assert (stay, new, gone) == (0, len(jobs_of(app, "north")) + len(jobs_of(app, "south")), 0)
    assert "It counts since" in pia.get(f"/plans/{plan_id}/").text
    assert "published plan" in pia.get("/plans/").text
    assert "counts already" in pia.get(f"/plans/{plan_id}/publish").text


def test_what_stays_comes_and_goes_is_counted_and_promises_are_named(app, planned):
    _, plan_id = planned
    pia, nora = client_as(app, "pia"), client_as(app, "nora")
    post(pia, f"/plans/{plan_id}/publish")
    before = {status.job.id: status for status in jobs_of(app, "north") + jobs_of(app, "south")}
    [promised] = [status for status in before.values() if status.job.lot == "A/1"]
    post(nora, f"/jobs/{promised.job.id}/", {"step": "accept", "version": "0"})
    new_plan = plan_with_more(app.extensions["workspace"].folder)
    page = pia.get(f"/plans/{new_plan}/publish").text
    stay, new, gone = figures(page)
    assert "1 is promised or begun" in page
    assert "Promised or begun, and not in this plan" in page
    assert post(pia, f"/plans/{new_plan}/publish").status_code == 303
    after = {status.job.id for status in jobs_of(app, "north") + jobs_of(app, "south")}
    assert (stay, new, gone) == (len(after & before.keys()), len(after - before.keys()), len(before.keys() - after))
    assert "It counted until" in pia.get(f"/plans/{plan_id}/").text


def test_each_changed_input_is_confirmed_on_its_own(app, planned):
    _, plan_id = planned
    pia = client_as(app, "pia")
    for name in ("region.yaml", "places.csv"):
        path = app.extensions["workspace"].folder / name
        path.write_text(path.read_text() + "\n")
    address = f"/plans/{plan_id}/publish"
    named = re.findall(r'name="confirmed" value="([^"]+)"', pia.get(address).text)
    assert len(named) == 2
    for confirmed in ([], named[:1], named[1:]):
        answer = post(pia, address, {"confirmed": confirmed})
        assert answer.status_code == 422
        assert re.findall(r'value="([^"]+)" checked', answer.text) == confirmed
        assert find_publication(app.extensions["workspace"]) is None
    assert post(pia, address, {"confirmed": named}).status_code == 303
    assert sorted(find_publication(app.extensions["workspace"]).changed) == sorted(named)


def test_only_planners_publish(app, planned):
    for name in ("nora", "max"):
        client = client_as(app, name)
        assert client.get(f"/plans/{planned[1]}/publish").status_code == 403
        assert post(client, f"/plans/{planned[1]}/publish").status_code == 403
    assert client_as(app, "pia").get("/plans/nothing/publish").status_code == 404


def test_work_in_weeks_that_are_over_is_named_before_it_is_offered(app, planned):
    _, plan_id = planned
    pia, clock = client_as(app, "pia"), app.extensions["now"]
    assert "over" not in pia.get(f"/plans/{plan_id}/publish").text
    clock.wait(days=14)
    page = pia.get(f"/plans/{plan_id}/publish").text
    jobs = jobs_of_draft(app, plan_id)
    past = [job for job in jobs if job.last_monday + timedelta(days=7) <= clock().date()]
    assert len(past) > 0
    assert f">{len(past)} new job" in page
    assert "Nothing can be made in a week that is over." in page, "true of one job and of many"
    assert "later start date" in page


def jobs_of_draft(app: Flask, plan_id: str):
    view = app.extensions["workspace"].plan(plan_id)
    return jobs_of_plan(view.plan, view.orders)


def test_whoever_cannot_write_for_others_is_told_to_try_again(app, planned, monkeypatch):
    pia = client_as(app, "pia")
    database = app.extensions["workspace"].database_path
    address = f"/plans/{planned[1]}/publish"
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.05)
    with queued(database, 1):
        answer = post(pia, address)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "try again in a moment" in answer.text
    assert find_publication(app.extensions["workspace"]) is None
    assert post(pia, address).status_code == 303


def test_whoever_looked_before_another_plan_was_published_is_told_to_look_again(app, planned):
    pia, folder = client_as(app, "pia"), app.extensions["workspace"].folder
    post(pia, f"/plans/{planned[1]}/publish", {"counted": ""})
    new_plan = plan_with_more(folder)
    answer = post(pia, f"/plans/{new_plan}/publish", {"counted": ""})
    assert answer.status_code == 422
    assert "since you looked" in answer.text
    assert f'name="counted" value="{planned[1]}"' in answer.text
    assert post(pia, f"/plans/{new_plan}/publish", {"counted": planned[1]}).status_code == 303
