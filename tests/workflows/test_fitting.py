"""What cannot be published: a plan that has no room any more, or is published over what nobody saw."""

import pytest
from workflows.test_jobs import ADMINISTRATOR, NOW, PLANNER, folder, plan, plan_next, planned, workspace

from cosmolocal.errors import InputError
from cosmolocal.workflows.fitting import find_overbooked
from cosmolocal.workflows.plan_publishing import find_publication, publish_plan

__all__ = ["folder", "plan", "planned", "workspace"]


def test_a_plan_that_was_just_made_fits(workspace, plan):
    assert list(find_overbooked(plan, workspace.region())) == []


def test_a_plan_that_has_no_hours_any_more_is_not_published_even_where_the_change_is_confirmed(workspace, plan, folder):
    shops = folder / "workshops.yaml"
    shops.write_text(
        shops.read_text().replace("agreed: 10, actual: 10, maximum: 20", "agreed: 1, actual: 1, maximum: 1")
    )
    with pytest.raises(InputError) as told:
        publish_plan(workspace, PLANNER, plan.id, ["workshops.yaml"], NOW)
    assert {problem.code for problem in told.value.problems} == {"J006"}
    [first, *_] = told.value.problems
    assert first.where in ("plan: north/laser", "plan: south/laser")
    assert "there are at most 1.0 h now" in first.message
    assert find_publication(workspace) is None


def test_a_plan_of_a_machine_that_is_gone_is_not_published(workspace, plan, folder):
    shops = folder / "workshops.yaml"
    shops.write_text(shops.read_text().replace("- {id: laser,", "- {id: cutter,"))
    gone = {problem.where for problem in find_overbooked(plan, workspace.region())}
    assert gone == {f"plan: {task.workshop}/laser" for row in plan.allocations for task in row.tasks}


def test_a_plan_is_not_published_over_another_than_the_person_saw(workspace, plan, folder):
    publish_plan(workspace, PLANNER, plan.id, now=NOW, over="")
    after = plan_next(folder, "--set", "transfer_weeks=0")
    with pytest.raises(InputError, match=f"J005 plan: before: pia has published plan {plan.id} since you looked"):
        publish_plan(workspace, ADMINISTRATOR, after.id, now=NOW, over="")
    assert find_publication(workspace).plan == plan.id
    assert publish_plan(workspace, ADMINISTRATOR, after.id, now=NOW, over=plan.id).plan == after.id
