"""A workshop's own calendar: who may write it, what it does to the plan that counts, and the plan after it."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cli.small_region import make_region, run

from cosmolocal.errors import ForbiddenError, InputError, NotFoundError
from cosmolocal.planning.audit.weeks import group_week
from cosmolocal.records import Closure, Person, Role
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.closures import (
    effect_of_closure,
    list_closures,
    remove_closure,
    set_closure,
)
from cosmolocal.workflows.plan_publishing import outdated_inputs, publish_plan

NOW = datetime(2026, 8, 31, 8, tzinfo=UTC)
PLANNER = Person("pia", "Pia", frozenset({Role.PLANNER}))
NORTH = Person("nora", "Nora", frozenset({Role.WORKSHOP}), "north")
SOUTH = Person("susi", "Susi", frozenset({Role.WORKSHOP}), "south")
MAKER = Person("max", "Max", frozenset({Role.MAKER}))
ALL_WEEKS = Closure("north", "laser", date(2026, 9, 7), date(2026, 10, 4), None, "laser is broken")
ONE_DAY = Closure("north", "", date(2026, 9, 11), date(2026, 9, 11), None, "holiday")


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> Path:
    folder = make_region(tmp_path_factory.mktemp("planned") / "region")
    assert run("plan", folder / "orders/book.csv", "--region", folder).exit_code == 0
    return folder


@pytest.fixture
def workspace(planned, tmp_path) -> Workspace:
    return Workspace(Path(shutil.copytree(planned, tmp_path / "region", copy_function=shutil.copy2)))


def test_what_is_set_is_listed_and_taken_back_without_a_trace(workspace):
    before = dict(workspace.inputs().digests)
    set_closure(workspace, NORTH, ALL_WEEKS)
    set_closure(workspace, PLANNER, ONE_DAY)
    set_closure(workspace, NORTH, ONE_DAY)
    assert list_closures(workspace) == list_closures(workspace, "north") == (ALL_WEEKS, ONE_DAY)
    assert list_closures(workspace, "south") == ()
    assert set(workspace.inputs().digests) - set(before) == {"closures.csv"}
    remove_closure(workspace, NORTH, ALL_WEEKS)
    assert list_closures(workspace) == (ONE_DAY,)
    with pytest.raises(NotFoundError):
        remove_closure(workspace, NORTH, ALL_WEEKS)
    remove_closure(workspace, NORTH, ONE_DAY)
    assert list_closures(workspace) == ()
    assert not list(workspace.folder.glob(".staging-closures*"))


@pytest.mark.parametrize("person", [None, MAKER, SOUTH])
def test_nobody_else_writes_a_workshop_s_calendar(workspace, person):
    for work in (set_closure, remove_closure, effect_of_closure):
        with pytest.raises(ForbiddenError):
            work(workspace, person, ONE_DAY)
    assert not (workspace.folder / "closures.csv").exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"group": "press"}, "W054"),
        ({"last_day": date(2026, 9, 1)}, "W052"),
        ({"weekly_minutes": 60}, "W052"),
        ({"reason": "two\nlines"}, "W051"),
        ({"reason": " blanks "}, "W051"),
    ],
)
def test_a_closure_that_cannot_be_is_refused_and_nothing_is_written(workspace, changed, code):
    set_closure(workspace, NORTH, ALL_WEEKS)
    content = (workspace.folder / "closures.csv").read_bytes()
    with pytest.raises(InputError) as told:
        set_closure(workspace, NORTH, replace(ONE_DAY, **changed))
    assert {problem.code for problem in told.value.problems} == {code}
    assert (workspace.folder / "closures.csv").read_bytes() == content


def test_what_the_file_has_no_column_for_is_not_lost_but_refused(workspace):
    """Without its group the whole workshop would be closed."""
    path = workspace.folder / "closures.csv"
    path.write_text("workshop,from,to,hours\n")
    with pytest.raises(InputError) as told:
        set_closure(workspace, NORTH, ALL_WEEKS)
    assert [problem.code for problem in told.value.problems] == ["W051"]
    assert path.read_text() == "workshop,from,to,hours\n"


def test_the_effect_is_told_before_anything_is_saved_and_is_what_the_plan_lacks(workspace):
    [summary] = workspace.plans()
    assert effect_of_closure(workspace, NORTH, ALL_WEEKS) == (), "no plan counts yet"
    publish_plan(workspace, PLANNER, summary.id, now=NOW)
    plan = workspace.plan(summary.id).plan
    used = {
        (row.lot, task.week): sum(use.minutes for use in task.uses)
        for row in plan.allocations
        for task in row.tasks
        if task.workshop == "north"
    }
    assert used, "the cheaper workshop makes something"
    found = effect_of_closure(workspace, NORTH, ALL_WEEKS)
    assert sum(row.missing_minutes for row in found) == sum(used.values())
    assert sorted(lot for row in found for lot in row.lots) == sorted(lot for lot, _ in used)
    assert all((row.group, row.now_minutes, row.then_minutes) == ("laser", 600, 0) for row in found)
    assert (
        effect_of_closure(workspace, NORTH, replace(ALL_WEEKS, first_day=date(2027, 1, 1), last_day=date(2027, 1, 2)))
        == ()
    )
    assert not (workspace.folder / "closures.csv").exists()


def test_the_next_plan_and_its_audit_keep_to_the_closure(workspace):
    [summary] = workspace.plans()
    set_closure(workspace, NORTH, ALL_WEEKS)
    assert outdated_inputs(workspace, workspace.plan(summary.id).plan) == ("closures.csv",)
    region = workspace.region()
    north = next(shop for shop in region.workshops if shop.id == "north")
    assert group_week(north, north.groups[0], 0, region.settings).limit_minutes == 0
    result = run(
        "plan", workspace.folder / "orders/book.csv", "--region", workspace.folder, "--out", workspace.folder / "n.json"
    )
    assert result.exit_code == 0, result.output
    after = workspace.load(str(workspace.folder / "n.json"))
    assert {task.workshop for row in after.allocations for task in row.tasks} == {"south"}
    assert run("audit", workspace.folder / "n.json", "--region", workspace.folder).exit_code == 0
    # what was planned before breaks the capacity, says the audit, which shares no code with planning
    stale = run("audit", summary.id, "--region", workspace.folder)
    assert stale.exit_code == 3
    assert "closures.csv" in stale.output
    assert "P050" in stale.output or "minutes" in stale.output


def test_faults_of_the_file_are_told_with_those_of_all_others(workspace):
    (workspace.folder / "closures.csv").write_text("workshop,from,to,hours\nwest,2026-09-07,2026-09-07,closed\n")
    (workspace.folder / "places.csv").write_text("id,name\n")
    result = run("validate", "--region", workspace.folder, "--json")
    assert result.exit_code == 3
    assert '"W020"' in result.stdout
    (workspace.folder / "places.csv").write_text("id,name,kind,lat,lon\n")
    assert '"W054"' in run("validate", "--region", workspace.folder, "--json").stdout
