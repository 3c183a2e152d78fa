"""A slice of the planners of `make torture`, and the proof that they can find something."""

from dataclasses import replace

from samples import PLAN

from cosmolocal.records import Person, Publication
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.plan_publishing import publish_plan
from torture.busy_region import NOW
from torture.planners import find_oversold, find_overtaken, run_planners


def test_planners_that_are_killed_at_any_moment_never_publish_what_does_not_fit():
    found = run_planners(4, 6)
    assert found.wrong == ()
    assert found.acknowledged > 0
    assert found.there >= found.acknowledged


def publish_over_anything(workspace: Workspace, person: Person, plan: str, _: str) -> Publication:
    return publish_plan(workspace, person, plan, (), NOW)


def test_who_publishes_over_what_nobody_saw_is_found_out():
    found = run_planners(4, 12, publish_over_anything)
    assert any("which nobody saw" in wrong for wrong in found.wrong)


def test_publications_that_are_lost_or_count_at_once_are_found_out():
    first = Publication("aa", "ann", NOW.isoformat(), NOW.isoformat(), ())
    second = Publication("bb", "bob", NOW.isoformat(), None, ())
    acknowledged = [{"person": "bob", "plan": "bb", "over": "aa"}]
    assert list(find_overtaken([second, first], acknowledged)) == []
    assert list(find_overtaken([second, replace(first, superseded_at=None)], acknowledged)) == ["2 plans count"]
    lost = [*acknowledged, {"person": "eve", "plan": "cc", "over": "bb"}]
    assert "that is lost" in "".join(find_overtaken([second, first], lost))


def test_hours_that_are_sold_twice_are_found_out():
    [task] = PLAN.allocations[0].tasks[:1]
    use = replace(task.uses[0], minutes=1_300)
    row = replace(PLAN.allocations[0], tasks=(replace(task, uses=(use,)),))
    assert list(find_oversold(replace(PLAN, allocations=(row,)))) == []
    assert len(list(find_oversold(replace(PLAN, allocations=(row, row))))) == 1
