"""The pages of jobs: what a workshop is told to do, what it answers, and what planners see of that."""

import csv
import io
import itertools
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import icalendar
import pytest
from cli.small_region import run
from flask import Flask
from flask.testing import FlaskClient
from web.accounts import Clock, client_as, post
from web.bench_shop import NOW, PHONE, SECRET, copy_region, jobs_of, open_house
from web.drafts import make_app

from cosmolocal.records import JobState, JobStatus, Role
from cosmolocal.web import job_table
from cosmolocal.web.names import Names
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.job_states import MOVES
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.people import OPERATOR


@pytest.fixture
def house(planned, tmp_path) -> tuple[Flask, Clock]:
    return open_house(copy_region(planned[0], tmp_path / "region"), planned[1])


@pytest.fixture
def app(house) -> Flask:
    return house[0]


@pytest.fixture
def clock(house) -> Clock:
    return house[1]


@pytest.fixture
def nora(app) -> FlaskClient:
    """Return a client of who answers for the workshop that has jobs."""
    return client_as(app, "nora")


@pytest.fixture
def pia(app) -> FlaskClient:
    return client_as(app, "pia")


def job(app: Flask, lot: str) -> JobStatus:
    [found] = [status for status in jobs_of(app, "north") if status.job.lot == lot]
    return found


def say(client: FlaskClient, status: JobStatus, step: str, version: int | None = None, **fields: str):
    seen = status.version if version is None else version
    return post(client, f"/jobs/{status.job.id}/", {"step": step, "version": str(seen), **fields})


def text_of(page: str) -> str:
    """Return what a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main")[0]))


# -- the list of a workshop


def test_a_workshop_sees_its_own_jobs_each_once_and_those_of_no_other(app, nora):
    page = nora.get("/jobs/").text
    assert Counter(re.findall(r'href="/jobs/([0-9a-f]{16})/"', page)) == Counter(
        status.job.id for status in jobs_of(app, "north")
    )
    other = client_as(app, "susi").get("/jobs/")
    assert other.status_code == 200
    assert not re.findall(r'href="/jobs/[0-9a-f]{16}/"', other.text)


def test_every_state_has_one_group_and_the_days_left_are_counted(app, clock):
    """The oracle is the table of the states: whoever can act at once stands above whoever cannot."""
    statuses = jobs_of(app, "north")
    names = Names.of(app.extensions["workspace"].region())
    today = clock().date()
    for state in JobState:
        rows = job_table.build_rows([replace(status, state=state) for status in statuses], names, today)
        with app.test_request_context():
            groups = job_table.group_rows(rows, today)
        assert sum(len(group.rows) for group in groups) == len(rows)
        keys = {group.key for group in groups}
        assert keys <= ({"week", "later"} if state is JobState.ACCEPTED else keys)
        if not MOVES[state]:
            assert keys <= {"done", "gone"}
    [row, *_] = job_table.build_rows(statuses, names, today)
    assert row.status.answer_by == today + timedelta(days=row.days_left)


def test_time_runs_out_on_the_page_as_in_the_calendar(nora, clock):
    assert "7 days left to answer" in text_of(nora.get("/jobs/").text)
    clock.wait(days=6)
    assert "1 day left to answer" in text_of(nora.get("/jobs/").text)
    clock.wait(days=1)
    assert "answer today" in text_of(nora.get("/jobs/").text)
    clock.wait(days=1)
    page = text_of(nora.get("/jobs/").text)
    assert "not answered in time" in page
    assert "you can still accept" in page


def test_without_a_published_plan_the_pages_say_what_comes_next(planned, tmp_path):
    app, _ = open_house(copy_region(planned[0], tmp_path / "region"), None)
    assert "No plan is published yet" in client_as(app, "nora").get("/jobs/").text
    assert "publish it" in client_as(app, "pia").get("/jobs/").text
    assert "nothing is used" in client_as(app, "nora").get("/workshops/north/hours").text


def test_whoever_joins_is_led_to_their_own_rooms(planned, tmp_path):
    app, _ = open_house(copy_region(planned[0], tmp_path / "region"), None)
    for name, rooms, not_theirs in (
        ("nora", ("/jobs/", "/workshops/north/hours"), "/runs/new"),
        ("pia", ("/orders/", "/runs/new", "/jobs/"), "/my-designs/"),
        ("max", ("/designs/new", "/my-designs/"), "/runs/new"),
        ("root", ("/people/#invite", "/runs/new"), "/my-designs/"),
    ):
        page = client_as(app, name).get("/account?done=joined").text
        notice = page.partition('role="status"')[2].partition("</ul>")[0]
        assert [room for room in rooms if f'href="{room}"' not in notice] == []
        assert not_theirs not in notice


def test_before_the_first_plan_everybody_reads_what_they_can_do_next(tmp_path):
    app = make_app(tmp_path / "region")
    for client, next_step, other in (
        (client_as(app, "pia", Role.PLANNER), "/runs/new", "/sign-in"),
        (client_as(app, "max", Role.MAKER), "/designs/", "/runs/new"),
        (app.test_client(), "/sign-in", "/runs/new"),
    ):
        for address in ("/", "/plans/"):
            main = client.get(address).text.partition("<main")[2].partition("</main")[0]
            assert f'href="{next_step}' in main, address
            assert other not in main


# -- one job


def test_the_pick_list_holds_what_the_bill_of_materials_says(app, nora):
    """Three shelves of two boards and eight screws each, cut of plywood."""
    page = text_of(nora.get(f"/jobs/{job(app, 'SHELF/1').job.id}/").text)
    for told in ("3 × plywood 400 × 300 × 4 mm", "6 × board made here", "24 × screw bought", "6 × plywood"):
        assert told in page


def test_files_of_the_exact_version_can_be_taken(app, nora):
    page = nora.get(f"/jobs/{job(app, 'SHELF/1').job.id}/").text
    links = [link for link in re.findall(r'href="(/designs/[^"]+)"', page) if "/ask" not in link]
    assert any(link.endswith("/1.0.0/bundle.zip") for link in links)
    assert sum("/files/" in link for link in links) == 3
    assert {nora.get(link, buffered=True).status_code for link in links} == {200}


def test_the_address_is_told_after_acceptance_and_not_before(app, nora):
    status = job(app, "A/1")
    pages = (f"/jobs/{status.job.id}/", f"/jobs/{status.job.id}/sheet")
    for page in pages:
        assert SECRET not in nora.get(page).text
        assert PHONE not in nora.get(page).text
    assert "shown when the job is accepted" in nora.get(pages[0]).text
    assert say(nora, status, "accept").status_code == 303
    for page in pages:
        assert SECRET in nora.get(page).text
        assert PHONE in nora.get(page).text
    say(nora, status, "decline", 1, reason="no-time")
    assert SECRET not in nora.get(pages[0]).text
    for twin in ("csv", "json"):
        assert SECRET not in nora.get(f"/jobs/jobs.{twin}").text


def test_from_offered_to_done_every_step_is_taken_and_told(app, nora):
    status = job(app, "B/1")
    steps = [
        ({"step": "propose", "week": "2026-09-14", "note": "the week after"}, JobState.PROPOSED),
        ({"step": "accept"}, JobState.ACCEPTED),
        ({"step": "start"}, JobState.STARTED),
        ({"step": "part", "quantity": "1"}, JobState.PART_DONE),
        ({"step": "problem", "note": "the laser smokes"}, JobState.PROBLEM),
        ({"step": "start"}, JobState.STARTED),
        ({"step": "finish"}, JobState.DONE),
    ]
    for number, (fields, state) in enumerate(steps):
        answer = post(nora, f"/jobs/{status.job.id}/", {"version": str(number), **fields}, follow_redirects=True)
        assert answer.status_code == 200
        assert 'role="status"' in answer.text
        assert job(app, "B/1").state is state
        assert ("Go on" in answer.text) == (state is JobState.PROBLEM), "after a problem a job is not started anew"
        assert ("The job goes on." in answer.text) == (number == 5)
    page = text_of(answer.text)
    for told in ("would make it in the week of 14 Sept", "the week after", "1 made so far", "the laser smokes", "nora"):
        assert told in page
    assert "nothing more can be said" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"step": "decline", "note": "keep this"}, "Choose why the job is declined"),
        ({"step": "decline", "reason": "other", "note": ""}, "Choose why the job is declined"),
        ({"step": "propose", "week": "", "note": "keep this"}, "Name the Monday"),
        ({"step": "propose", "week": "never", "note": "keep this"}, "Name the Monday"),
        ({"step": "finish"}, "Accept this job first"),
        ({"step": "", "note": "keep this"}, "Choose what you want to say"),
        ({"step": "fly"}, "Choose what you want to say"),
    ],
)
def test_what_is_missing_is_told_beside_its_field_and_what_was_typed_stays(app, nora, fields, told):
    status = job(app, "B/1")
    answer = post(nora, f"/jobs/{status.job.id}/", {"version": "0", **fields})
    assert answer.status_code == 422
    assert told in answer.text
    assert fields.get("note", "") in answer.text
    assert job(app, "B/1").version == 0


def tasks_of(page: str) -> list[bool]:
    """Return of each thing to make whether it is a first article; neighbours that are alike count once."""
    heads = ["first article" in head for head in re.findall(r"<h3>([^<]*×.*?)</h3>", page)]
    return [head for head, _ in itertools.groupby(heads)]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            (
                "The first article is not checked yet",
                "first article to check",
                "is not checked yet. The rest must",
                "The rest waits",
                "The rest may be made now; it is planned from the week of",
            ),
        ),
        (
            "ca",
            (
                "La primera peça encara no està comprovada",
                "primera peça per comprovar",
                "encara no està comprovada. La",
                "La resta espera",
                "Ja es pot fer la resta; està prevista a partir de la setmana del",
            ),
        ),
    ],
)
def test_a_job_with_a_first_article_tells_what_waits_for_its_check(planned, tmp_path, lang, words):
    folder = copy_region(planned[0], tmp_path / "region")
    book = folder / "orders/book.csv"
    head, *lines = book.read_text().splitlines()
    marked = [f"{line},{'yes' if line.startswith('SHELF,') else 'no'}" for line in lines]
    book.write_text("\n".join([f"{head},first_article", *marked]) + "\n")
    assert run("plan", book, "--region", folder).exit_code == 0
    app, _ = open_house(folder, next(row.id for row in Workspace(folder).plans() if row.id != planned[1]))
    nora = client_as(app, "nora")
    nora.set_cookie("lang", lang)
    status = job(app, "SHELF/1")
    page = f"/jobs/{status.job.id}/"
    for step in ("accept", "start"):
        say(nora, job(app, "SHELF/1"), step)
    for address in (page, f"{page}sheet"):
        assert all(word in text_of(nora.get(address).text) for word in (words[0], words[3]))
        assert "North Makers" in text_of(nora.get(address).text)
    assert lang != "en" or tasks_of(nora.get(page).text) == [True, False], "what is made first stands first"
    assert words[1] in text_of(nora.get("/jobs/").text)
    pia = client_as(app, "pia")
    assert words[1] in text_of(pia.get("/jobs/").text) or lang != "en"
    [row] = pia.get("/jobs/jobs.json?due=check").json["jobs"]
    assert (row["lot"], row["gate_workshop"], row["checked_at"]) == ("SHELF/1", "north", None)
    assert row["gate_monday"] < row["rest_monday"]
    assert len(re.findall(r'<th scope="row" role="rowheader"><a href="/jobs/', pia.get("/jobs/?due=check").text)) == 1
    assert words[0] in app.test_client().get(f"{feed_of(nora).partition('?')[0]}?lang={lang}").text.replace("\r\n ", "")
    assert 'value="finish"' not in nora.get(page).text
    refused = say(nora, job(app, "SHELF/1"), "part", quantity="2", note="keep this")
    assert refused.status_code == 422
    assert words[2] in text_of(refused.text)
    assert "keep this" in refused.text
    assert text_of(refused.text).count("24 ×") == 0
    assert say(nora, job(app, "SHELF/1"), "checked", note="fits well").status_code == 303
    after = text_of(nora.get(page).text)
    assert words[0] not in after
    assert "fits well" in after
    assert words[3] not in after, "nothing waits any more"
    assert all(words[4] in told for told in (after, text_of(nora.get(f"{page}sheet").text)))
    assert words[1] not in text_of(nora.get("/jobs/").text)
    assert pia.get("/jobs/jobs.json?due=check").json["jobs"] == []
    assert say(nora, job(app, "SHELF/1"), "finish").status_code == 303
    assert job(app, "SHELF/1").state is JobState.DONE


def test_a_quantity_that_is_none_is_shown_again(app, nora):
    status = job(app, "B/1")
    say(nora, status, "accept")
    say(nora, status, "start", 1)
    for wrong in ("many", "0", "-1", "99999", "4.5"):
        answer = say(nora, status, "part", 2, quantity=wrong)
        assert answer.status_code == 422
        assert f'value="{wrong}"' in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert job(app, "B/1").version == 2


def test_a_stale_form_tells_what_happened_and_keeps_what_was_typed(app, nora):
    status = job(app, "B/1")
    say(nora, status, "accept")
    answer = say(client_as(app, "root"), status, "decline", reason="closed", note="holidays <b>")
    assert answer.status_code == 422
    page = text_of(answer.text)
    assert "somebody has answered this job since you opened it" in page
    assert "nora: accepted" in page
    assert "holidays &lt;b&gt;" in answer.text
    assert job(app, "B/1").state is JobState.ACCEPTED


def test_only_the_own_workshop_answers(app, pia):
    status = job(app, "B/1")
    assert say(client_as(app, "susi"), status, "accept").status_code == 403
    assert say(pia, status, "accept").status_code == 403
    assert 'name="step"' not in pia.get(f"/jobs/{status.job.id}/").text
    assert job(app, "B/1").version == 0


# -- all jobs, for planners


def test_filters_find_what_a_naive_search_finds(app, nora, pia, clock):
    for lot, step in (("A/1", "accept"), ("B/1", "accept"), ("SHELF/1", "decline")):
        say(nora, job(app, lot), step, **({"reason": "no-time"} if step == "decline" else {}))
    clock.wait(days=16)
    statuses = jobs_of(app, "north")
    today = clock().date()
    naive = {
        "": statuses,
        "workshop=south": [],
        "workshop=north&state=accepted": [one for one in statuses if one.state == "accepted"],
        "state=expired": [one for one in statuses if one.state == "expired"],
        "week=2026-09-07": [one for one in statuses if one.job.first_monday == date(2026, 9, 7)],
        "due=late": [
            one for one in statuses if one.state == "accepted" and one.job.last_monday + timedelta(days=7) <= today
        ],
        "due=soon": [one for one in statuses if one.state == "expired"],
    }
    assert naive["due=late"], "the test would say nothing"
    for query, wanted in naive.items():
        ids = [one.job.id for one in wanted]
        page = pia.get(f"/jobs/?{query}").text
        assert sorted(re.findall(r'<th scope="row" role="rowheader"><a href="/jobs/(\w+)/"', page)) == sorted(ids), (
            query
        )
        rows = json.loads(pia.get(f"/jobs/jobs.json?{query}").text)["jobs"]
        assert sorted(row["job"] for row in rows) == sorted(ids), query
        lines = list(csv.DictReader(io.StringIO(pia.get(f"/jobs/jobs.csv?{query}").text)))
        assert lines == [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows], (
            query
        )


@pytest.mark.parametrize("query", ["workshop=none", "state=lost", "week=monday", "due=never", "page=x"])
def test_a_filter_that_names_nothing_is_told(pia, query):
    answer = pia.get(f"/jobs/?{query}")
    assert answer.status_code == 422
    assert "P095" in answer.text


def test_rows_made_after_an_answer_are_those_made_anew(app, nora):
    """Only the row of the job that was answered is another one."""
    bench, today = Bench(app.extensions["workspace"], app.extensions["now"]), NOW.date()
    names = Names.of(app.extensions["workspace"].region())
    before = job_table.build_rows(bench.jobs(OPERATOR), names, today)
    say(nora, job(app, "B/1"), "accept")
    statuses = bench.jobs(OPERATOR)
    after = job_table.build_rows(statuses, names, today, before)
    assert after == job_table.build_rows(statuses, names, today)
    changed = [row.status.job.lot for was, row in zip(before, after, strict=True) if row is not was]
    assert changed == ["B/1"]


def test_counts_of_states_are_those_of_the_jobs(app, nora, pia):
    say(nora, job(app, "A/1"), "accept")
    found = dict(re.findall(r'href="/jobs/\?state=([a-z-]+)">(\d+) job', pia.get("/jobs/").text))
    assert found == {state: str(n) for state, n in Counter(one.state.value for one in jobs_of(app, "north")).items()}


# -- the sheet


def test_the_sheet_holds_ids_quantities_digests_and_a_code(app, nora):
    status = job(app, "SHELF/1")
    page = nora.get(f"/jobs/{status.job.id}/sheet").text
    assert '<svg viewBox="0 0 ' in page
    assert "style=" not in page
    [design] = [one for one in app.extensions["workspace"].region().designs if one.key == "we~shelf@1.0.0"]
    for told in (status.job.id, status.plan, "SHELF/1", "24", *(file.sha256 for file in design.files)):
        assert told in page
    assert f"http://localhost/jobs/{status.job.id}/" in page


# -- calendars


def feed_of(client: FlaskClient, workshop: str = "north") -> str:
    page = post(client, f"/workshops/{workshop}/calendar").text
    [address] = re.findall(r"http://localhost(/calendars/[\w.-]+\.ics\?lang=\w+)", page)
    return address


def test_a_calendar_has_an_event_for_each_job_over_its_weeks(app, nora):
    say(nora, job(app, "A/1"), "accept")
    answer = app.test_client().get(feed_of(nora))
    assert answer.mimetype == "text/calendar"
    events = list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))
    wanted = {
        f"{one.job.id}@small.cosmolocal": (one.job.first_monday, one.job.last_monday + timedelta(days=7), one.version)
        for one in jobs_of(app, "north")
    }
    found = {str(one["UID"]): (one["DTSTART"].dt, one["DTEND"].dt, int(one["SEQUENCE"])) for one in events}
    assert found == wanted
    assert Counter(str(one["STATUS"]) for one in events) == {"CONFIRMED": 1, "TENTATIVE": len(wanted) - 1}
    assert SECRET not in answer.text
    assert PHONE not in answer.text


def test_a_calendar_that_has_not_changed_is_not_sent_again(app, nora):
    address, reader = feed_of(nora), app.test_client()
    first = reader.get(address)
    again = reader.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    say(nora, job(app, "A/1"), "accept")
    assert reader.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_an_address_is_worth_nothing_once_it_is_renewed_or_revoked_or_its_person_may_not(app, nora):
    reader = app.test_client()
    first, second = feed_of(nora), feed_of(nora)
    assert [reader.get(one).status_code for one in (first, second)] == [404, 200]
    secret = second.split("/")[2].removesuffix(".ics").partition(".ics")[0]
    stored = (app.extensions["workspace"].database_path).read_bytes()
    assert secret.encode() not in stored
    root = client_as(app, "root")
    post(root, "/people/nora/access", {"roles": "workshop", "workshop": "south"})
    assert reader.get(second).status_code == 404
    post(root, "/people/nora/access", {"roles": "workshop", "workshop": "north"})
    assert reader.get(second).status_code == 200
    assert post(nora, "/workshops/north/calendar/revoke").status_code == 303
    assert reader.get(second).status_code == 404


def test_nobody_has_a_calendar_of_a_workshop_that_is_not_theirs(app):
    assert post(client_as(app, "susi"), "/workshops/north/calendar").status_code == 403
    assert post(client_as(app, "pia"), "/workshops/nowhere/calendar").status_code == 404


# -- what the head leads to


@pytest.mark.parametrize(
    ("name", "words"), [("nora", {"My jobs"}), ("pia", {"Jobs"}), ("max", {"My designs"}), ("root", {"Jobs"})]
)
def test_the_head_leads_to_the_rooms_of_a_person_and_to_no_other(app, name, words):
    head = client_as(app, name).get("/designs/").text.partition("</header>")[0]
    assert set(re.findall(r">(My jobs|Jobs|My designs)<", head)) == words
    assert not re.findall(r">(My jobs|Jobs|My designs)<", app.test_client().get("/designs/").text)


def test_a_workshop_and_maker_in_one_has_both_rooms(app):
    client = client_as(app, "both", Role.WORKSHOP, Role.MAKER, workshop="north")
    head = client.get("/designs/").text.partition("</header>")[0]
    assert set(re.findall(r">(My jobs|Jobs|My designs)<", head)) == {"My jobs", "My designs"}


def test_a_lot_that_is_done_is_counted_where_the_plan_that_follows_says_what_moved(app, nora):
    for step in ("accept", "start", "finish"):
        assert say(nora, job(app, "B/1"), step).status_code == 303
    workspace = app.extensions["workspace"]
    result = run("plan", workspace.folder / "orders/book.csv", "--from", "published", "--region", workspace.folder)
    assert result.exit_code == 0, result.output
    again = workspace.plan(workspace.plans()[0].id).plan
    assert again.changes.done == {"B/1"}
    page = text_of(nora.get(f"/plans/{again.id}/changes").text)
    assert "done 1 lot not in the plan any more" in page
