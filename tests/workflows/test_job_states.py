"""What answers come to: any sequence of them gives a valid state, and what is refused says why."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.records import Answer, DeclineReason, Gate, GroupUse, Job, JobEvent, JobState, JobStatus, JobTask, Step
from cosmolocal.workflows.job_states import (
    AFTER,
    ANSWER_DAYS,
    MOVES,
    REFUSALS,
    check_answer,
    find_news,
    find_progress,
    steps_for,
)

MONDAY = date(2026, 9, 7)
OFFERED = "2026-08-24T08:00:00+00:00"
IN_TIME = datetime(2026, 8, 25, 8, tzinfo=UTC)
TASK = JobTask("", "us~lamp@1.0.0", "", MONDAY, 5, (GroupUse("laser", "laser-cutting", 105),))
JOB = Job("j", "orders/book.csv", "A", "A/1", "us~lamp@1.0.0", 5, "north", "home", True, MONDAY, MONDAY, (TASK,), ())
GATED = replace(JOB, gate=Gate("north", MONDAY, MONDAY + timedelta(weeks=1)))
HELPER = replace(GATED, id="k", workshop="south", delivers=False)

answers = st.builds(
    Answer,
    st.sampled_from(Step),
    st.none() | st.sampled_from(DeclineReason),
    st.none() | st.integers(-3, 9).map(lambda weeks: MONDAY + timedelta(weeks=weeks)) | st.just(date(2026, 9, 9)),
    st.none() | st.integers(-1, 7),
    st.sampled_from(["", " ", "broken", "x" * 2_001]),
)


def event(number: int, answer: Answer) -> JobEvent:
    return JobEvent("j", number, answer, "ada", "2026-08-25T08:00:00+00:00")


@given(
    st.lists(
        st.builds(Answer, st.sampled_from(Step), quantity=st.integers(1, 2), note=st.text(max_size=1)), max_size=8
    ),
    st.integers(0, 8),
    st.sampled_from(Step),
)
def test_what_a_report_may_pass_over_leaves_the_job_as_its_person_saw_it(said: list[Answer], seen: int, step: Step):
    events = [event(number, answer) for number, answer in enumerate(said, 1)]
    seen = min(seen, len(events))
    news = find_news(events, seen, Answer(step, quantity=2))
    assert set(map(id, news)) <= set(map(id, events[seen:]))
    if step is not Step.PART:
        assert list(news) == events[seen:]
    if not news:
        come = [find_progress(JOB, events[:number], OFFERED, IN_TIME) for number in range(seen, len(events) + 1)]
        assert all(one == come[0] for one in come)


def answered(*given_answers: Answer, now: datetime = IN_TIME, job: Job = JOB):
    return find_progress(job, [event(n, answer) for n, answer in enumerate(given_answers, 1)], OFFERED, now)


@given(st.lists(answers, max_size=12), st.integers(0, 60))
def test_any_sequence_of_answers_gives_a_state_that_the_table_knows(tries: list[Answer], days: int):
    """Those that are refused leave no trace; a refusal always says why; never more is made than was asked for."""
    now = IN_TIME + timedelta(days=days)
    events: list[JobEvent] = []
    for answer in tries:
        before = find_progress(JOB, events, OFFERED, now)
        problems = check_answer(JOB, before.state, answer, now.date())
        if answer.step not in MOVES[before.state]:
            assert [problem.message for problem in problems] == [REFUSALS[before.state]]
        if not problems:
            events.append(event(len(events) + 1, answer))
            after = find_progress(JOB, events, OFFERED, now)
            assert after.state is AFTER[answer.step]
            assert (after.state is JobState.DONE) == (after.made == JOB.quantity)
        assert 0 <= find_progress(JOB, events, OFFERED, now).made <= JOB.quantity
    steps = [one.answer.step for one in events]
    assert Step.FINISH not in steps[:-1]
    if Step.START in steps:
        assert Step.ACCEPT in steps[: steps.index(Step.START)]
    if steps:
        assert find_progress(JOB, events, OFFERED, now + timedelta(days=999)).state is not JobState.EXPIRED


def test_every_state_but_the_last_two_can_be_left_and_every_one_can_be_reached():
    assert {state for state in JobState if not MOVES[state]} == {JobState.DONE, JobState.WITHDRAWN}
    reached = {AFTER[step] for moves in MOVES.values() for step in moves}
    assert reached == set(JobState) - {JobState.OFFERED, JobState.EXPIRED, JobState.WITHDRAWN}
    assert MOVES.keys() == REFUSALS.keys() == set(JobState)
    assert all(AFTER[step] is not JobState.DECLINED for step in MOVES[JobState.PART_DONE])


@given(st.lists(st.tuples(st.booleans(), answers), max_size=30))
def test_nothing_beyond_the_first_unit_is_made_before_the_first_article_is_checked(tries: list[tuple[bool, Answer]]):
    """Two jobs of a lot, in any order: the check is said once, by the job of its workshop that has been started."""
    said: dict[str, list[JobEvent]] = {GATED.id: [], HELPER.id: []}
    checks = 0
    for by_checker, answer in tries:
        job = GATED if by_checker else HELPER
        before = find_progress(job, said[job.id], OFFERED, IN_TIME)
        checked = "2026-09-08T08:00:00+00:00" if checks else None
        status = JobStatus(job, "p", before.state, before.made, OFFERED, before.answer_by, (), checked)
        problems = check_answer(job, before.state, answer, IN_TIME.date(), waits=status.waits)
        if answer.step not in steps_for(status):
            assert {problem.code for problem in problems} <= {"J010", "J016", "J017"}
            assert problems
        if not problems:
            said[job.id].append(event(len(said[job.id]) + 1, answer))
            if answer.step is Step.CHECKED:
                assert by_checker
                assert before.state in (JobState.STARTED, JobState.PART_DONE)
                checks += 1
        after = find_progress(job, said[job.id], OFFERED, IN_TIME)
        assert after.made >= 1 or not (by_checker and checks)
        if not checks:
            assert after.made <= 1
            assert after.state is not JobState.DONE
    assert checks <= 1


@pytest.mark.parametrize(
    ("job", "waits", "answer", "codes"),
    [
        (GATED, True, Answer(Step.CHECKED, note="fits"), []),
        (GATED, True, Answer(Step.FINISH), ["J016"]),
        (GATED, True, Answer(Step.PART, quantity=1), []),
        (GATED, True, Answer(Step.PART, quantity=2), ["J016"]),
        (GATED, True, Answer(Step.CHECKED, quantity=1), ["J015"]),
        (GATED, False, Answer(Step.FINISH), []),
        (GATED, False, Answer(Step.CHECKED), ["J017"]),
        (HELPER, True, Answer(Step.CHECKED), ["J017"]),
        (HELPER, True, Answer(Step.FINISH), ["J016"]),
        (JOB, False, Answer(Step.CHECKED), ["J017"]),
    ],
)
def test_what_may_be_said_while_a_first_article_waits_for_its_check(job, waits, answer, codes):
    found = check_answer(job, JobState.STARTED, answer, IN_TIME.date(), waits=waits)
    assert [problem.code for problem in found] == codes


@pytest.mark.parametrize(
    ("days", "state"), [(0, "offered"), (ANSWER_DAYS, "offered"), (ANSWER_DAYS + 1, "expired"), (400, "expired")]
)
def test_what_nobody_answers_expires_and_is_not_declined(days: int, state: str):
    now = datetime.fromisoformat(OFFERED) + timedelta(days=days)
    assert answered(now=now).state == state
    assert check_answer(JOB, JobState(state), Answer(Step.ACCEPT), now.date()) == []


def test_an_offer_ends_with_the_week_it_is_for_and_lives_a_day_at_least():
    soon = find_progress(JOB, (), "2026-09-11T08:00:00+00:00", datetime(2026, 9, 11, tzinfo=UTC))
    assert (soon.state, soon.answer_by) == (JobState.OFFERED, date(2026, 9, 13))
    late = find_progress(JOB, (), "2026-09-30T08:00:00+00:00", datetime(2026, 9, 30, tzinfo=UTC))
    assert (late.state, late.answer_by) == (JobState.OFFERED, date(2026, 9, 30))


def test_a_job_that_the_plan_lost_is_withdrawn_unless_it_is_done():
    accepted = [event(1, Answer(Step.ACCEPT))]
    done = [*accepted, event(2, Answer(Step.START)), event(3, Answer(Step.FINISH))]
    assert find_progress(JOB, accepted, OFFERED, IN_TIME, is_current=False).state is JobState.WITHDRAWN
    assert find_progress(JOB, done, OFFERED, IN_TIME, is_current=False).state is JobState.DONE


@pytest.mark.parametrize(
    ("state", "answer", "codes"),
    [
        ("offered", Answer(Step.DECLINE), ["J011"]),
        ("offered", Answer(Step.DECLINE, DeclineReason.OTHER), ["J011"]),
        ("offered", Answer(Step.DECLINE, DeclineReason.OTHER, note="moving house"), []),
        ("offered", Answer(Step.DECLINE, DeclineReason.NO_TIME), []),
        ("offered", Answer(Step.PROPOSE), ["J012"]),
        ("offered", Answer(Step.PROPOSE, week=date(2026, 9, 8)), ["J012"]),
        ("offered", Answer(Step.PROPOSE, week=MONDAY), ["J012"]),
        ("offered", Answer(Step.PROPOSE, week=date(2026, 8, 17)), ["J012"]),
        ("offered", Answer(Step.PROPOSE, week=date(2026, 8, 24)), []),
        ("started", Answer(Step.PART), ["J013"]),
        ("started", Answer(Step.PART, quantity=0), ["J013"]),
        ("started", Answer(Step.PART, quantity=5), ["J013"]),
        ("started", Answer(Step.PART, quantity=4), []),
        ("accepted", Answer(Step.PROBLEM), ["J014"]),
        ("accepted", Answer(Step.START, note="x" * 2_001), ["J014"]),
        ("accepted", Answer(Step.START, DeclineReason.CLOSED, MONDAY, 2), ["J015"] * 3),
        ("done", Answer(Step.START), ["J010"]),
        ("offered", Answer(Step.START), ["J010"]),
        ("withdrawn", Answer(Step.ACCEPT), ["J010"]),
    ],
)
def test_what_is_wrong_with_an_answer_is_told_all_at_once(state: str, answer: Answer, codes: list[str]):
    assert [problem.code for problem in check_answer(JOB, JobState(state), answer, IN_TIME.date())] == codes
