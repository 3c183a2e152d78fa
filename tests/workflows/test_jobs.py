"""Publishing a plan, answering its jobs, and the plan after it."""

import shutil
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cli.small_region import make_region, run

from cosmolocal.database import jobs as rows
from cosmolocal.database import open_database, writing
from cosmolocal.database.queueing import queued
from cosmolocal.errors import ForbiddenError, InputError, NotFoundError, UnreadableError
from cosmolocal.exports.plan_file import plan_from_bytes
from cosmolocal.records import (
    Answer,
    DeclineReason,
    Delivery,
    Gate,
    JobEvent,
    JobState,
    JobStatus,
    Person,
    Plan,
    PlanState,
    Role,
    Step,
)
from cosmolocal.workflows import Workspace, jobs
from cosmolocal.workflows.job_list import jobs_of
from cosmolocal.workflows.job_steering import steering_of_jobs
from cosmolocal.workflows.jobs import Bench, visible_delivery
from cosmolocal.workflows.plan_publishing import find_publication, list_publications, outdated_inputs, publish_plan

NOW = datetime(2026, 8, 31, 8, tzinfo=UTC)
SECRET = "Carrer Secret 7, 3-2"
PHONE = "Berta, ring twice"
PLANNER = Person("pia", "Pia", frozenset({Role.PLANNER}))
ADMINISTRATOR = Person("adam", "Adam", frozenset({Role.ADMINISTRATOR}))
MAKER = Person("max", "Max", frozenset({Role.MAKER}))
VIEWER = Person("vera", "Vera", frozenset({Role.VIEWER}))
NORTH = Person("nora", "Nora", frozenset({Role.WORKSHOP}), "north")
SOUTH = Person("susi", "Susi", frozenset({Role.WORKSHOP}), "south")
WORKERS = {"north": NORTH, "south": SOUTH}


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> Path:
    """Return a region whose orders say exactly where they go, planned once."""
    folder = make_region(tmp_path_factory.mktemp("planned") / "region")
    book = folder / "orders/book.csv"
    head, *lines = book.read_text().splitlines()
    book.write_text("\n".join([head + ",address,contact", *(f'{line},"{SECRET}","{PHONE}"' for line in lines)]) + "\n")
    result = run("plan", book, "--region", folder, "--out", folder / "plan.json")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def folder(planned, tmp_path) -> Path:
    return Path(shutil.copytree(planned, tmp_path / "region", copy_function=shutil.copy2))


@pytest.fixture
def workspace(folder) -> Workspace:
    return Workspace(folder)


@pytest.fixture
def plan(folder) -> Plan:
    return plan_from_bytes((folder / "plan.json").read_bytes(), "plan.json")


class Clock:
    """A moment that moves only when told."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(workspace, plan, clock) -> Bench:
    publish_plan(workspace, PLANNER, plan.id, now=NOW)
    return Bench(workspace, clock)


def job_of(bench: Bench, lot: str) -> JobStatus:
    [status] = [one for one in bench.jobs(PLANNER) if one.job.lot == lot]
    return status


def say(bench: Bench, lot: str, *answers: Answer) -> JobStatus:
    status = job_of(bench, lot)
    for answer in answers:
        status = bench.answer(WORKERS[status.job.workshop], status.job.id, answer, status.version)
    return status


def plan_next(folder: Path, *options: str) -> Plan:
    out = folder / "next.json"
    result = run("plan", folder / "orders/book.csv", "--region", folder, "--from", "published", "--out", out, *options)
    assert result.exit_code == 0, result.output
    audit = run("audit", out, "--region", folder)
    assert audit.exit_code == 0, audit.output
    return plan_from_bytes(out.read_bytes(), "next.json")


ACCEPT, START, FINISH = Answer(Step.ACCEPT), Answer(Step.START), Answer(Step.FINISH)
DECLINE = Answer(Step.DECLINE, DeclineReason.MACHINE_DOWN, note="the laser is broken")


# -- the plan that counts


def test_a_stored_plan_is_a_draft_until_it_is_published(workspace, plan):
    assert [(row.id, row.state) for row in workspace.plans()] == [(plan.id, PlanState.DRAFT)]
    assert find_publication(workspace) is None
    assert Bench(workspace).jobs(PLANNER) == ()
    found = publish_plan(workspace, PLANNER, plan.id[:6], now=NOW)
    assert (found.plan, found.published_by, found.superseded_at) == (plan.id, "pia", None)
    assert publish_plan(workspace, ADMINISTRATOR, plan.id) == found, "publishing it again changes nothing"
    assert [row.state for row in workspace.plans()] == [PlanState.PUBLISHED]


def test_one_plan_counts_and_the_history_is_kept(workspace, plan, folder):
    publish_plan(workspace, PLANNER, plan.id, now=NOW)
    after = plan_next(folder, "--set", "co2e_cents_per_kg=30")
    later = NOW + timedelta(days=1)
    publish_plan(workspace, ADMINISTRATOR, after.id, now=later)
    publish_plan(workspace, PLANNER, plan.id, now=later + timedelta(days=1))
    history = [(row.plan, row.published_by, row.superseded_at is None) for row in list_publications(workspace)]
    assert history == [(plan.id, "pia", True), (after.id, "adam", False), (plan.id, "pia", False)]
    assert {row.id: row.state for row in workspace.plans()} == {
        plan.id: PlanState.PUBLISHED,
        after.id: PlanState.SUPERSEDED,
    }


def test_a_plan_whose_inputs_changed_is_published_only_where_each_change_is_confirmed(workspace, plan, folder):
    places = folder / "places.csv"
    places.write_text(places.read_text() + "park,Park,hub,41.41,2.17,,\n")
    book = folder / "orders/book.csv"
    book.unlink()
    assert outdated_inputs(workspace, plan) == ("orders/book.csv", "places.csv")
    with pytest.raises(InputError) as told:
        publish_plan(workspace, PLANNER, plan.id, ["places.csv"], NOW)
    assert [(problem.code, problem.where) for problem in told.value.problems] == [
        ("J001", "plan: digests.orders/book.csv")
    ]
    assert find_publication(workspace) is None
    found = publish_plan(workspace, PLANNER, plan.id, ["places.csv", "orders/book.csv"], NOW)
    assert found.changed == ("orders/book.csv", "places.csv")
    assert list_publications(workspace) == (found,)


def test_an_order_book_that_cannot_be_read_is_not_taken_for_one_that_changed(workspace, plan, folder):
    book = folder / "orders/book.csv"
    book.rename(folder / "kept.csv")
    book.symlink_to(book.name)  # a link that leads to itself
    with pytest.raises(InputError, match=r"O001 orders/book\.csv: cannot be read: "):
        publish_plan(workspace, PLANNER, plan.id, ["orders/book.csv"], NOW)
    assert find_publication(workspace) is None
    (folder / "kept.csv").replace(book)
    assert publish_plan(workspace, PLANNER, plan.id, (), NOW).changed == ()


def test_a_book_that_no_longer_fits_its_region_has_not_changed_itself(workspace, plan, folder):
    places = folder / "places.csv"
    places.write_text(places.read_text().replace("home,", "house,"))
    assert outdated_inputs(workspace, plan) == ("places.csv",)


@pytest.mark.parametrize("person", [None, VIEWER, MAKER, NORTH])
def test_only_planners_publish(workspace, plan, person):
    with pytest.raises(ForbiddenError):
        publish_plan(workspace, person, plan.id)


def test_a_plan_that_is_not_stored_cannot_be_published(workspace):
    with pytest.raises(NotFoundError):
        publish_plan(workspace, PLANNER, "ffff")


def test_from_the_command_line(folder, plan):
    assert run("plan", folder / "orders/book.csv", "--region", folder, "--from", "published").exit_code == 4
    (folder / "places.csv").write_text((folder / "places.csv").read_text() + "park,Park,hub,41.41,2.17,,\n")
    refused = run("publish-plan", plan.id, "--region", folder, "--json")
    assert (refused.exit_code, '"J001"' in refused.stdout) == (3, True)
    assert run("publish-plan", plan.id, "--region", folder, "--although-changed").exit_code == 0
    assert "published" in run("show", "--region", folder).stdout
    listed = run("jobs", "--region", folder, "--workshop", "north", "--state", "offered")
    assert listed.exit_code == 0
    assert "A/1" in listed.stdout


# -- jobs


def test_every_task_of_the_plan_is_in_one_job_and_in_the_hands_of_its_workshop(bench, plan):
    jobs = [status.job for status in bench.jobs(PLANNER)]
    tasks = sorted((job.workshop, job.lot, task.path) for job in jobs for task in job.tasks)
    assert tasks == sorted((task.workshop, row.lot, task.path) for row in plan.allocations for task in row.tasks)
    assert sum(job.minutes for job in jobs) == sum(
        use.minutes for row in plan.allocations for task in row.tasks for use in task.uses
    )
    assert {status.state for status in bench.jobs(PLANNER)} == {JobState.OFFERED}


def test_a_workshop_sees_and_answers_its_own_jobs_only(bench):
    for worker in (NORTH, SOUTH):
        assert {one.job.workshop for one in bench.jobs(worker, worker.workshop)} <= {worker.workshop}
    with pytest.raises(ForbiddenError):
        bench.jobs(NORTH)
    with pytest.raises(ForbiddenError):
        bench.jobs(NORTH, "south")
    status = job_of(bench, "A/1")
    other = SOUTH if status.job.workshop == "north" else NORTH
    for person in (None, VIEWER, MAKER, other):
        with pytest.raises(ForbiddenError):
            bench.job(person, status.job.id)
        with pytest.raises(ForbiddenError):
            bench.answer(person, status.job.id, ACCEPT, 0)
    with pytest.raises(ForbiddenError):
        bench.answer(PLANNER, status.job.id, ACCEPT, 0)
    assert bench.answer(ADMINISTRATOR, status.job.id, ACCEPT, 0).state is JobState.ACCEPTED
    with pytest.raises(NotFoundError):
        bench.job(PLANNER, "no-such-job")
    with pytest.raises(ForbiddenError):
        bench.job(VIEWER, "no-such-job")


def test_from_offer_to_done(bench):
    status = say(bench, "A/1", ACCEPT, START, Answer(Step.PART, quantity=2), Answer(Step.PROBLEM, note="no wood"))
    assert (status.state, status.made, status.version) == (JobState.PROBLEM, 2, 4)
    status = say(bench, "A/1", START, Answer(Step.PART, quantity=4), FINISH)
    assert (status.state, status.made) == (JobState.DONE, 5)
    assert [event.number for event in status.events] == list(range(1, 8))
    with pytest.raises(InputError):
        bench.answer(ADMINISTRATOR, status.job.id, START, status.version)


def test_a_lot_with_a_first_article_is_done_only_after_the_check(folder, workspace, clock):
    book = folder / "orders/book.csv"
    head, *lines = book.read_text().splitlines()
    marked = [f"{line},{'yes' if line.startswith('A,') else 'no'}" for line in lines]
    book.write_text("\n".join([f"{head},first_article", *marked]) + "\n")
    assert run("plan", book, "--region", folder, "--out", folder / "gated.json").exit_code == 0
    gated = plan_from_bytes((folder / "gated.json").read_bytes(), "gated.json")
    publish_plan(workspace, PLANNER, gated.id, now=NOW)
    bench = Bench(workspace, clock)
    assert {status.job.lot for status in bench.jobs(PLANNER) if status.job.gated} == {"A/1"}
    status = say(bench, "A/1", ACCEPT, START)
    [row] = [row for row in gated.allocations if row.lot == "A/1"]
    assert status.job.gate is not None
    assert status.job.gate.workshop == row.first_article.workshop
    assert sum(task.quantity for task in status.job.tasks if task.first) == 1
    assert status.waits
    for early in (FINISH, Answer(Step.PART, quantity=2)):
        with pytest.raises(InputError) as told:
            say(bench, "A/1", early)
        assert [problem.code for problem in told.value.problems] == ["J016"]
    clock.moment += timedelta(days=9)
    status = say(bench, "A/1", Answer(Step.PART, quantity=1), Answer(Step.CHECKED, note="fits"))
    assert (status.state, status.made, status.waits) == (JobState.PART_DONE, 1, False)
    assert status.checked_at == clock.moment.isoformat(timespec="seconds")
    with pytest.raises(InputError) as told:
        say(bench, "A/1", Answer(Step.CHECKED))
    assert [problem.code for problem in told.value.problems] == ["J017"]
    status = say(bench, "A/1", Answer(Step.PART, quantity=3), FINISH)
    assert (status.state, status.made) == (JobState.DONE, 5)


def test_the_check_of_one_job_opens_the_others_of_its_lot(bench, workspace, plan):
    """Two jobs of a lot as two workshops share it: the one that has to check speaks for both."""
    gate = Gate("north", date(2026, 9, 7), date(2026, 9, 14))
    base = job_of(bench, "A/1").job
    jobs = [replace(base, id=f"shared-{shop}", lot="C/1", workshop=shop, gate=gate) for shop in WORKERS]
    db = open_database(workspace.database_path)
    for job in jobs:
        rows.save_job(db, job, plan.id, NOW.isoformat())
    db.conn.commit()
    db.close()

    def tell(shop: str, *answers: Answer) -> JobStatus:
        status = bench.job(PLANNER, f"shared-{shop}")
        for answer in answers:
            status = bench.answer(WORKERS[shop], status.job.id, answer, status.version)
        return status

    for shop in WORKERS:
        tell(shop, ACCEPT, START)
    for shop, answer, code in (("south", FINISH, "J016"), ("south", Answer(Step.CHECKED), "J017")):
        with pytest.raises(InputError) as told:
            tell(shop, answer)
        assert [problem.code for problem in told.value.problems] == [code]
    tell("north", Answer(Step.CHECKED))
    assert {one.waits for one in bench.jobs(PLANNER)} == {False}
    assert tell("south", FINISH).state is JobState.DONE


def test_the_same_answer_sent_twice_counts_once_and_a_stale_one_is_refused(bench):
    status = job_of(bench, "A/1")
    worker = WORKERS[status.job.workshop]
    first = bench.answer(worker, status.job.id, ACCEPT, 0)
    assert bench.answer(worker, status.job.id, ACCEPT, 0) == first
    for stale in (DECLINE, START):
        with pytest.raises(InputError) as told:
            bench.answer(worker, status.job.id, stale, 0)
        assert [problem.code for problem in told.value.problems] == ["J003"]
    with pytest.raises(InputError):
        bench.answer(ADMINISTRATOR, status.job.id, ACCEPT, 0)
    assert job_of(bench, "A/1").version == 1


def answer_at_once(workspace, clock, status: JobStatus, step: Step, quantity: int | None = None) -> list[str]:
    """Let four people answer the same version of a job at the same moment; return what each was told, in order."""
    ends: list[str] = []
    ready = threading.Barrier(4)

    def answer(number: int) -> None:
        ready.wait()
        said = Answer(step, note=str(number), quantity=quantity)
        try:
            Bench(workspace, clock).answer(ADMINISTRATOR, status.job.id, said, status.version)
            ends.append("heard")
        except InputError as error:
            ends.append(error.problems[0].code)

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_of_many_who_answer_at_once_one_is_heard(bench, workspace, clock):
    ends = answer_at_once(workspace, clock, job_of(bench, "A/1"), Step.ACCEPT)
    assert ends == ["J003", "J003", "J003", "heard"]
    assert job_of(bench, "A/1").version == 1


def test_who_reports_the_count_that_was_known_keeps_nobody_from_being_heard(bench):
    say(bench, "A/1", ACCEPT, START, Answer(Step.PART, quantity=2))
    status = job_of(bench, "A/1")
    worker = WORKERS[status.job.workshop]

    def answer(person: Person, said: Answer) -> JobStatus:
        return bench.answer(person, status.job.id, said, status.version)

    assert answer(worker, Answer(Step.PART, quantity=2, note="glue dries")).version == 4
    three = Answer(Step.PART, quantity=3, note="one more")
    assert (answer(ADMINISTRATOR, three).version, job_of(bench, "A/1").made) == (5, 3)
    assert answer(ADMINISTRATOR, three).version == 5, "sent twice it counts once"
    for late in (three, Answer(Step.PART, quantity=2), FINISH, Answer(Step.PROBLEM, note="no wood")):
        with pytest.raises(InputError) as told:
            answer(worker, late)
        assert [problem.code for problem in told.value.problems] == ["J003"]
    assert [event.number for event in job_of(bench, "A/1").events] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("before", "heard"), [(1, 4), (2, 1)])
def test_of_many_who_report_at_once_all_are_heard_where_the_count_is_known_and_else_one(
    bench, workspace, clock, before, heard
):
    status = say(bench, "A/1", ACCEPT, START, Answer(Step.PART, quantity=before))
    ends = answer_at_once(workspace, clock, status, Step.PART, quantity=1)
    assert ends == ["J003"] * (4 - heard) + ["heard"] * heard
    told = job_of(bench, "A/1")
    assert (told.made, told.version) == (1, 3 + heard)
    assert len({event.answer.note for event in told.events[3:]}) == heard


def test_who_waits_to_answer_is_told_at_once_that_somebody_was_faster(bench, workspace, clock):
    """One of fifty who write waited for many turns in vain; the same answer sent twice counts as one here too."""
    status, ends = job_of(bench, "A/1"), dict[str, str]()

    def answer(note: str) -> None:
        try:
            said = Answer(Step.ACCEPT, note=note)
            ends[note] = str(Bench(workspace, clock).answer(ADMINISTRATOR, status.job.id, said, 0).version)
        except InputError as error:
            ends[note] = error.problems[0].code

    threads = {note: threading.Thread(target=answer, args=(note,)) for note in ("late", "first")}
    with queued(workspace.database_path, 1):
        for thread in threads.values():
            thread.start()
        db = open_database(workspace.database_path)
        event = JobEvent(status.job.id, 1, Answer(Step.ACCEPT, note="first"), ADMINISTRATOR.name, "2026-09-01T12:00:00")
        rows.add_event(db, event)
        db.conn.commit()
        db.close()
        threads["late"].join()
        assert ends == {"late": "J003"}
    threads["first"].join()
    assert ends == {"late": "J003", "first": "1"}


def test_events_cannot_be_changed_or_removed(bench, workspace):
    say(bench, "A/1", ACCEPT)
    db = open_database(workspace.database_path)
    for sql in ("UPDATE job_events SET note = 'x'", "DELETE FROM job_events"):
        with pytest.raises(Exception, match="events"):
            db.execute(sql)
    db.close()


# -- where it goes exactly


def test_who_may_know_where_an_order_goes_exactly(bench, workspace):
    status = job_of(bench, "A/1")
    own = WORKERS[status.job.workshop]
    other = SOUTH if own is NORTH else NORTH
    strangers = (None, VIEWER, MAKER, other)
    found = Delivery(SECRET, PHONE)
    order = next(
        order for order in workspace.read(workspace.folder / "orders/book.csv", {})[1].orders if order.id == "A"
    )
    steps = (None, ACCEPT, START, Answer(Step.PART, quantity=1), Answer(Step.PROBLEM, note="x"), START, FINISH)
    for step in steps:
        if step is not None:
            status = bench.answer(own, status.job.id, step, status.version)
        assert visible_delivery(own, status, order) == (None if step is None else found)
        assert bench.delivery(own, status.job.id) == (None if step is None else found)
        assert all(visible_delivery(person, status, order) is None for person in strangers)
        assert visible_delivery(PLANNER, status, order) == visible_delivery(ADMINISTRATOR, status, order) == found


def test_an_order_book_that_cannot_be_read_is_no_answer_to_where_an_order_goes(bench, folder):
    status = say(bench, "A/1", ACCEPT)
    own, book = WORKERS[status.job.workshop], folder / "orders/book.csv"
    book.rename(folder / "kept.csv")
    assert bench.delivery(own, status.job.id) is None, "it is gone"
    book.symlink_to(book.name)  # a link that leads to itself
    with pytest.raises(UnreadableError, match=r"O001 orders/book\.csv: cannot be read: "):
        bench.delivery(own, status.job.id)
    (folder / "kept.csv").replace(book)
    assert bench.delivery(own, status.job.id) == Delivery(SECRET, PHONE)


@pytest.mark.parametrize("answer", [DECLINE, Answer(Step.PROPOSE, week=date(2026, 9, 21))])
def test_who_takes_an_acceptance_back_knows_it_no_more(bench, answer):
    status = say(bench, "A/1", ACCEPT)
    assert bench.delivery(WORKERS[status.job.workshop], status.job.id) is not None
    status = say(bench, "A/1", answer)
    assert bench.delivery(WORKERS[status.job.workshop], status.job.id) is None


def test_addresses_are_nowhere_but_in_the_order_book(bench, workspace, folder, plan):
    say(bench, "A/1", ACCEPT)
    places = [str(run("explain", plan.id, "A", "--region", folder, "--json").stdout)]
    places += [str(run("explain", folder / "plan.json", "A", "--region", folder, "--json").stdout)]
    for form in ("csv", "unmet-csv", "trips-csv", "json", "geojson", "html", "districts-geojson"):
        for name in (plan.id, folder / "plan.json"):
            places.append(run("export", name, "--region", folder, "--format", form).stdout)
    places += [str(workspace.find_plan(name)) for name in (plan.id, str(folder / "plan.json"))]
    places += [str(bench.jobs(ADMINISTRATOR))]
    assert all(places)
    assert [text for text in places if SECRET in text or PHONE in text] == []
    assert SECRET.encode() not in workspace.database_path.read_bytes()


# -- the plan after it


def test_accepted_and_started_stay_declined_go_elsewhere_and_answers_outlive_the_plan(bench, workspace, folder):
    accepted, started = say(bench, "A/1", ACCEPT), say(bench, "B/1", ACCEPT, START)
    declined = say(bench, "B/2", DECLINE)
    after = plan_next(folder)
    assert after.changes is not None
    assert {row.lot for row in after.changes.kept} == {"A/1", "B/1"}
    [row] = after.changes.declined
    assert (row.lot, row.workshop, row.why) == ("B/2", declined.job.workshop, "the laser is broken")
    assert all(one.workshop != declined.job.workshop for one in after.allocations if one.lot == "B/2")
    publish_plan(workspace, PLANNER, after.id, now=NOW + timedelta(days=1))
    now = {one.job.id: one.state for one in bench.jobs(PLANNER, states=frozenset(JobState))}
    assert now[accepted.job.id] is JobState.ACCEPTED
    assert now[started.job.id] is JobState.STARTED
    assert now[declined.job.id] is JobState.WITHDRAWN
    assert job_of(bench, "B/2").state is JobState.OFFERED


def test_what_expired_is_free_again_and_offered_anew(bench, workspace, folder, plan, clock):
    clock.moment = NOW + timedelta(days=8)
    assert {one.state for one in bench.jobs(PLANNER)} == {JobState.EXPIRED}
    found = steering_of_jobs(plan, bench.statuses())
    assert (set(found.said.states.values()), found.said.declined) == ({"planned"}, ())
    assert found.expired == ("A/1", "B/1", "B/2")
    after = plan_next(folder, "--set", "co2e_cents_per_kg=30")
    publish_plan(workspace, PLANNER, after.id, now=clock.moment)
    assert {one.state for one in bench.jobs(PLANNER)} == {JobState.OFFERED}


def test_a_week_proposed_is_a_wish_that_the_planner_decides(bench, plan):
    status = say(bench, "A/1", Answer(Step.PROPOSE, week=date(2026, 9, 21), note="holidays"))
    found = steering_of_jobs(plan, bench.statuses())
    [wish] = found.wishes
    assert (wish.lot, wish.proposed, wish.planned) == ("A/1", date(2026, 9, 21), status.job.last_monday)
    assert found.said.states["A/1"] == "planned"


def test_done_lots_are_not_made_again_and_a_keep_file_has_the_last_word(bench, folder):
    say(bench, "A/1", ACCEPT, START, FINISH)
    say(bench, "B/1", ACCEPT)
    (folder / "keep.csv").write_text("lot,state\nB/1,planned\n")
    after = plan_next(folder, "--keep", str(folder / "keep.csv"))
    assert after.changes is not None
    assert after.changes.done == {"A/1"}
    assert after.changes.kept == ()
    assert "A/1" not in {row.lot for row in after.allocations}


def test_a_job_is_another_one_when_anything_that_was_asked_changes(plan, workspace):
    orders = workspace.plan(plan.id).orders
    ids = [job.id for job in jobs_of(plan, orders)]
    assert len(set(ids)) == len(ids)

    def with_tasks(row, **fields):
        return replace(row, tasks=tuple(replace(task, **fields) for task in row.tasks))

    def ids_with(**fields) -> list[str]:
        rows = tuple(
            replace(row, tasks=tuple(replace(task, **fields) for task in row.tasks)) for row in plan.allocations
        )
        return [job.id for job in jobs_of(replace(plan, allocations=rows), orders)]

    for fields in ({"week": 3}, {"design": "us~lamp@9.9.9"}, {"quantity": 99}, {"workshop": "west"}):
        assert not set(ids) & set(ids_with(**fields))
    later = plan.settings | {"start_date": "2026-08-31"}
    rows = tuple(
        replace(row, tasks=tuple(replace(task, week=task.week + 1) for task in row.tasks)) for row in plan.allocations
    )
    assert [job.id for job in jobs_of(replace(plan, settings=later, allocations=rows), orders)] == ids


# -- jobs are kept between two questions


ANSWERS = (
    Answer(step=Step.ACCEPT),
    Answer(step=Step.START),
    Answer(step=Step.PROBLEM, note="the saw is broken"),
    Answer(step=Step.START),
    Answer(step=Step.FINISH),
)


def test_jobs_that_are_kept_are_the_jobs_read_anew(folder):
    """After each answer, for every question; the same tuple comes again while nothing was said."""
    workspace = Workspace(folder)
    publish_plan(workspace, PLANNER, workspace.plans()[0].id, now=NOW)
    bench = Bench(workspace, lambda: NOW)
    questions = [(shop, current) for shop in (None, *WORKERS) for current in (True, False)]
    for number, answer in enumerate(ANSWERS):
        for status in bench.statuses()[:3]:
            bench.answer(WORKERS[status.job.workshop], status.job.id, answer, number)
            for shop, current in questions:
                kept = bench.statuses(shop, current=current)
                assert bench.statuses(shop, current=current) is kept
                jobs._STATUSES.clear()
                jobs._NEWEST.clear()
                assert bench.statuses(shop, current=current) == kept
                assert all(status.events for status in bench.statuses()[:1])


def test_what_else_is_written_leaves_the_kept_jobs_alone(folder):
    workspace = Workspace(folder)
    publish_plan(workspace, PLANNER, workspace.plans()[0].id, now=NOW)
    bench = Bench(workspace, lambda: NOW)
    kept, before = bench.statuses(), workspace.database_state()
    db = open_database(workspace.database_path)
    with writing(db):
        db.execute("UPDATE plans SET solver = solver || '!'")
    db.close()
    assert workspace.database_state() != before
    assert bench.statuses() is kept


def test_an_offer_that_runs_out_is_told_of_though_nobody_wrote_anything(folder):
    workspace, days = Workspace(folder), [NOW]
    publish_plan(workspace, PLANNER, workspace.plans()[0].id, now=NOW)
    bench = Bench(workspace, lambda: days[-1])
    assert {status.state for status in bench.statuses()} == {JobState.OFFERED}
    days.append(NOW + timedelta(days=60))
    assert {status.state for status in bench.statuses()} == {JobState.EXPIRED}
