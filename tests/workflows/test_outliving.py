"""The best plan so far of a run whose program is killed."""

import fcntl
import os
import signal

from workflows.test_jobs import PLANNER, folder, plan, planned, workspace

from cosmolocal.database import open_database
from cosmolocal.database.planning_runs import add_run, find_run, start_run
from cosmolocal.planning import keeping
from cosmolocal.planning.keeping import BestKept
from cosmolocal.planning.solvers.solution import SolveSettings, Told, Watch
from cosmolocal.records import RunRequest, RunState
from cosmolocal.workflows import plan_book
from cosmolocal.workflows.outliving import FOLDER, outliving, store_interrupted
from cosmolocal.workflows.planning import audit_records
from cosmolocal.workflows.running import Runner

__all__ = ["folder", "plan", "planned", "workspace"]
BOOK = "orders/book.csv"
NOW = "2026-09-07T08:00:00Z"


def test_a_solver_hands_on_plans_that_pass_their_audit(workspace, folder, monkeypatch):
    monkeypatch.setattr(keeping, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "LOTS_PER_SECOND", 10**9)
    taken = []
    inputs, book = workspace.read(folder / BOOK, {})
    watch = Watch(on_plan=lambda *found: taken.append(found))
    ended = plan_book(inputs, book, SolveSettings(600.0), watch).plan
    assert taken
    for found, orders in taken:
        assert audit_records(found, inputs.region, orders).problems == ()
        assert found.cost_cents >= ended.cost_cents


def test_the_best_is_handed_on_and_nothing_twice(monkeypatch):
    monkeypatch.setattr(keeping, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "SHARE", 0)
    handed = []
    view = BestKept(Watch(), lambda told: handed.append(told.cost_cents), until=1_000)
    for cents in (9, None, 7):
        told = Told(cents, 1, None if cents is None else lambda: None)
        assert view(told) is told
    view(Told(None, 2))
    assert handed == [9, 7]


def test_nothing_is_handed_on_when_there_is_no_time_for_it(monkeypatch):
    monkeypatch.setattr(keeping, "KEEP_SECONDS", 0.0)
    handed = []
    for until, lots in ((0.0, 0), (1_000, 10**9)):
        BestKept(Watch(), handed.append, until, lots)(Told(9, 1, lambda: None))
    assert handed == []


def leave(workspace, plan, run: int) -> None:
    """Keep a plan in another process, which is killed."""
    child = os.fork()
    if child == 0:
        watch = Watch()
        with outliving(workspace, watch, run):
            watch.on_plan(plan, workspace.plan(plan.id).orders)
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_what_a_killed_program_left_is_stored_and_its_run_has_ended(workspace, plan):
    db = open_database(workspace.database_path)
    run = add_run(db, RunRequest(BOOK), PLANNER.name, NOW, "another start")
    start_run(db, run, NOW)
    db.close()
    leave(workspace, plan, run)
    found = Runner(workspace).find(run)
    assert (found.state, found.plan) == (RunState.LOST, plan.id)
    assert list((workspace.database_path.parent / FOLDER).iterdir()) == []
    assert Runner(workspace).find(run) == found


def test_a_run_that_is_just_beginning_has_not_lost_its_program(workspace, monkeypatch):
    db = open_database(workspace.database_path)
    run = add_run(db, RunRequest(BOOK), PLANNER.name, NOW, "another start")
    start_run(db, run, NOW)
    flock, looked = fcntl.flock, []

    def look_and_lock(descriptor: int, how: int) -> None:
        if not how & fcntl.LOCK_NB:  # who begins; others look at the runs at that very moment
            looked.append(store_interrupted(workspace, NOW))
        flock(descriptor, how)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", look_and_lock)
        with outliving(workspace, Watch(), run):
            assert looked == [()]
            found = find_run(db, run)
            assert found is not None
            assert found.state is RunState.RUNNING
            assert len(list((workspace.database_path.parent / FOLDER).glob("*.lock"))) == 1
    db.close()


def test_what_the_living_keep_is_left_alone_and_gone_when_they_end(workspace, plan):
    watch = Watch()
    with outliving(workspace, watch):
        watch.on_plan(plan, workspace.plan(plan.id).orders)
        assert store_interrupted(workspace, NOW) == ()
        assert len(list((workspace.database_path.parent / FOLDER).iterdir())) == 2
    assert list((workspace.database_path.parent / FOLDER).iterdir()) == []
    assert watch.on_plan is None
