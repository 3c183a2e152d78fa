"""Planning from the web: the form, the queue, the page of a run, and how runs end."""

import re

import pytest
from showcase import ShownWorkspace
from web.accounts import client_as, post, use_fakes
from web.planned import BOOK, Fake, make_planned, settle, use_fake
from web.test_designs import words

from cosmolocal.database import open_database
from cosmolocal.database.planning_runs import add_run, beat, start_run
from cosmolocal.errors import ForbiddenError, InputError
from cosmolocal.records import Person, PlanningRun, Role, RunRequest, RunState
from cosmolocal.web import create_app
from cosmolocal.web.runs_view import ProgressRow, draw_progress, show_run, thin_out
from cosmolocal.workflows.running import MOST_OPEN, Runner

FORM = {"book": BOOK, "seconds": "20", "gap": "0"}
PLANNER = Person("petra", "Petra", frozenset({Role.PLANNER}))


@pytest.fixture
def app(tmp_path):
    app = make_planned(tmp_path / "region")
    yield app
    app.extensions["runner"].close()


@pytest.fixture
def planner(app):
    return client_as(app, "petra", Role.PLANNER)


@pytest.fixture
def fake(app):
    fake = Fake()
    use_fake(app, fake)
    return fake


def begin(planner, fake, **more: str) -> str:
    answer = post(planner, "/runs/", FORM | more)
    assert answer.status_code == 303, words(answer.text)
    assert fake.begun.wait(20)
    return answer.headers["Location"]


def test_a_plan_is_asked_for_made_and_led_to(app, planner):
    """From the form to the stored plan, with the real solver."""
    form = planner.get("/runs/new").text
    assert '<option value="orders/book.csv"' in form
    address = post(planner, "/runs/", FORM).headers["Location"]
    settle(app.extensions["runner"])
    page = planner.get(address).text
    assert "It is done, and the plan is kept." in words(page)
    [plan] = re.findall(r'href="/plans/([0-9a-f]{12})/"', page)
    assert "Plan of book" in planner.get(f"/plans/{plan}/").text
    assert words(planner.get("/runs/").text).count("done") == 1
    run = app.extensions["runner"].find(1)
    assert (run.state, run.plan, run.person, run.request.gap) == (RunState.DONE, plan, "petra", 0.0)


def test_progress_is_shown_while_it_runs_and_only_what_is_new_is_sent(app, planner, fake):
    address = begin(planner, fake)
    app.extensions["runner"].find(1)
    while len(app.extensions["runner"].find(1).progress) < 3:
        pass
    page = planner.get(address).text
    assert "It is running." in words(page)
    assert '<noscript><meta http-equiv="refresh"' in page
    answer = planner.get(f"{address}/progress")
    assert "€450.00" in words(answer.text)
    assert "2.23%" in words(answer.text), "the gap is rounded up"
    assert (answer.headers["X-Run-Open"], answer.text.count('<polyline class="line-')) == ("yes", 2)
    same = planner.get(f"{address}/progress", headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    fake.let.set()
    settle(app.extensions["runner"])
    ended = planner.get(f"{address}/progress", headers={"If-None-Match": answer.headers["ETag"]})
    assert (ended.status_code, ended.headers["X-Run-Open"]) == (200, "no")
    assert "refresh" not in planner.get(address).text


def test_a_cancelled_run_keeps_the_best_plan_and_one_that_waits_ends_at_once(app, planner, fake):
    first, second = begin(planner, fake), post(planner, "/runs/", FORM).headers["Location"]
    assert "It waits for the run before it to end." in words(planner.get(second).text)
    post(planner, f"{second}/cancel")
    assert "cancelled before there was a plan" in words(planner.get(second).text)
    post(planner, f"{first}/cancel")
    settle(app.extensions["runner"])
    page = words(planner.get(first).text)
    assert "It was cancelled; the best plan that was found is kept. Look at the plan" in page
    assert post(planner, f"{first}/cancel").status_code == 303, "what has ended stays as it is"
    assert app.extensions["runner"].find(1).state is RunState.CANCELLED
    assert len(fake.asked) == 1


def test_a_run_that_is_to_end_says_whether_it_has_a_plan_to_keep_and_offers_no_cancel_twice(app, planner):
    db = open_database(app.extensions["workspace"].folder / "build/cosmolocal.db")
    boot = app.extensions["runner"].boot
    run_id = add_run(db, RunRequest(BOOK), "petra", "2026-09-07T08:00:00Z", boot)
    start_run(db, run_id, "2026-09-07T08:00:00Z")
    address = f"/runs/{run_id}"
    assert 'id="run-cancel"' in planner.get(address).text
    post(planner, f"{address}/cancel")
    page = planner.get(address).text
    assert "as soon as it has a plan to keep" in words(page)
    assert 'id="run-cancel"' not in page
    beat(db, boot, "2026-09-07T08:00:01Z", run_id, [(0, (1.0, 50_000, None))])
    db.close()
    assert "the best plan so far is being kept" in words(planner.get(address).text)


def test_what_the_form_asks_for_is_what_is_run(planner, fake):
    more = {"seed": "7", "solver": "exact", "settings": "overtime_percent = 50\nweeks=5", "gap": "1.5"}
    begin(planner, fake, **more)
    [asked] = fake.asked
    assert asked == RunRequest(BOOK, 20.0, 0.015, 7, "exact", {"overtime_percent": "50", "weeks": "5"})


def test_every_fault_is_told_at_once_beside_its_field_and_nothing_is_lost(app, planner):
    wrong = {
        "book": "../secret.csv",
        "seconds": "soon",
        "gap": "101",
        "seed": "-1",
        "solver": "magic",
        "settings": "weeks",
        "previous": "none",
        "most-moves": "few",
        "move-cost": "x",
    }
    answer = post(planner, "/runs/", wrong)
    assert answer.status_code == 422
    for name in wrong:
        assert f'id="fault-{name}-1"' in answer.text, name
    assert 'value="soon"' in answer.text
    assert app.extensions["runner"].list_newest() == ()


def test_faults_of_the_order_book_and_of_settings_are_told_before_anything_waits(app, planner):
    path = app.extensions["workspace"].folder / BOOK
    path.write_text(path.read_text().replace("us~lamp,*,5", "us~lamb,*,5"))
    answer = post(planner, "/runs/", FORM | {"settings": "colour=red"})
    page = words(answer.text)
    assert (answer.status_code, "O005" in page, "W022" in page) == (422, True, True)
    assert post(planner, "/runs/", FORM | {"most-moves": "1"}).status_code == 422


def test_a_run_that_fails_tells_all_that_is_wrong(app, planner):
    def break_down(*_):
        raise RuntimeError("the sky fell")

    use_fake(app, break_down)
    address = post(planner, "/runs/", FORM).headers["Location"]
    settle(app.extensions["runner"])
    assert "It failed; there is no plan. What went wrong P121 RuntimeError: the sky fell" in words(
        planner.get(address).text
    )


def test_inputs_that_became_wrong_meanwhile_are_told_whole(app, planner, fake):
    path = app.extensions["workspace"].folder / BOOK
    address = begin(planner, fake)
    path.write_text(path.read_text().replace("us~lamp,*,5,home", "us~lamb,*,0,moon"))
    fake.let.set()
    settle(app.extensions["runner"])
    run = app.extensions["runner"].find(1)
    assert run.state is RunState.FAILED
    assert len(run.problems) >= 2
    page = words(planner.get(address).text)
    assert all(message in page.replace("&#39;", "'") for _, _, message in run.problems)


def test_only_so_many_runs_wait(app):
    runner = use_fake(app, Fake())
    for _ in range(MOST_OPEN):
        runner.ask(PLANNER, RunRequest(BOOK))
    with pytest.raises(InputError, match="P120"):
        runner.ask(PLANNER, RunRequest(BOOK))


def test_closing_cancels_what_waits_and_keeps_the_plan_in_hand(app, fake):
    runner = app.extensions["runner"]
    for _ in range(3):
        runner.ask(PLANNER, RunRequest(BOOK))
    assert fake.begun.wait(20)
    runner.close()
    states = [(run.state, bool(run.plan)) for run in runner.list_newest()]
    assert states == [(RunState.CANCELLED, False), (RunState.CANCELLED, False), (RunState.CANCELLED, True)]


def test_a_run_whose_program_died_is_lost_and_one_that_lives_is_not(app):
    runner = app.extensions["runner"]
    db = open_database(app.extensions["workspace"].database_path)
    long_ago, now = "2026-09-07T08:00:00Z", runner._stamp()
    dead = add_run(db, RunRequest(BOOK), "petra", long_ago, "another start")
    start_run(db, dead, long_ago)
    alive = add_run(db, RunRequest(BOOK), "petra", now, "another program")
    db.close()
    assert runner.find(dead).state is RunState.LOST
    assert runner.find(alive).state is RunState.QUEUED
    assert RunState.LOST in {run.state for run in Runner(app.extensions["workspace"]).list_newest()}


def test_another_program_s_wish_to_cancel_is_heard(app, fake):
    runner = app.extensions["runner"]
    run_id = runner.ask(PLANNER, RunRequest(BOOK))
    assert fake.begun.wait(20)
    Runner(app.extensions["workspace"]).cancel(PLANNER, run_id)
    settle(runner)
    assert runner.find(run_id).state is RunState.CANCELLED


@pytest.mark.parametrize("role", [Role.VIEWER, Role.WORKSHOP, Role.MAKER])
def test_nobody_but_planners_asks_or_cancels(app, role):
    runner, other = app.extensions["runner"], Person("otto", "Otto", frozenset({role}), "north")
    for act in (lambda: runner.ask(other, RunRequest(BOOK)), lambda: runner.cancel(other, 1)):
        with pytest.raises(ForbiddenError):
            act()
    with pytest.raises(ForbiddenError):
        runner.ask(None, RunRequest(BOOK))


def test_a_run_that_is_not_there_is_not_found(planner):
    assert planner.get("/runs/99").status_code == 404
    assert planner.get("/runs/99999999999999999999").status_code == 404
    assert post(planner, "/runs/99/cancel").status_code == 404


def test_a_region_without_order_books_says_what_to_do(tmp_path):

    app = create_app(workspace=ShownWorkspace(tmp_path), secret_key=b"of the tests")
    use_fakes(app)
    planner = client_as(app, "petra", Role.PLANNER)
    assert "There is no order book yet" in planner.get("/runs/new").text
    assert "Nobody has asked for a plan here yet." in planner.get("/runs/").text


def test_a_table_of_progress_keeps_first_and_last():
    rows = tuple(range(1000))
    kept = thin_out(rows, 24)
    assert (len(kept), kept[0], kept[-1]) == (24, 0, 999)
    assert sorted(set(kept)) == list(kept)
    assert thin_out(rows[:24], 24) == rows[:24]


def test_a_run_without_points_has_no_chart(app):
    with app.test_request_context():
        run = PlanningRun(1, RunRequest(BOOK), RunState.RUNNING, "p", "2026-09-07T08:00:00Z", "2026-09-07T08:00:00Z")
        assert show_run(run).chart == ""


@pytest.mark.parametrize(("language", "told"), [("en", "€54,400"), ("fr", "54\u202f400\xa0€"), ("es", "54.400\xa0€")])
def test_the_scales_of_the_chart_are_written_as_the_language_does(app, language, told):
    rows = (ProgressRow(0.5, 5_450_000, 5_410_000), ProgressRow(2.5, 5_440_000, 5_420_000))
    with app.test_request_context(f"/?lang={language}"):
        svg = draw_progress(rows, 3.0)
    assert f">{told}</text>" in svg
    assert ">2.5\xa0s</text>" in svg or ">2,5\xa0s</text>" in svg or ">2\xa0s</text>" in svg


def test_costs_close_together_keep_their_cents(app):
    with app.test_request_context("/?lang=en"):
        svg = draw_progress((ProgressRow(0.5, 5_000, 4_990),), 3.0)
    labels = re.findall(r">(€[^<]*)</text>", svg)
    assert len(labels) == len(set(labels)) > 1
