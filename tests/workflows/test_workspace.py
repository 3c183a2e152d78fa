"""The region folder as pages and commands see it."""

from pathlib import Path

import pytest
from cli.small_region import make_region, write_lamp

from cosmolocal.errors import InputError
from cosmolocal.planning.plans import Provenance, plan_id
from cosmolocal.records import StoppedBy
from cosmolocal.workflows import SolveSettings, Watch, Workspace, plan_book, publish_design

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(make_region(tmp_path / "region"))


def test_a_region_is_read_once_and_again_when_a_file_changed(workspace):
    first = workspace.inputs()
    assert workspace.inputs() is first
    path = workspace.folder / "workshops.yaml"
    path.write_text(path.read_text().replace("North Makers", "Makers of the North"))
    assert workspace.region().workshops[0].name == "Makers of the North"


def test_a_new_release_is_seen(workspace, tmp_path):
    assert len(workspace.region().designs) == 2
    publish_design(workspace.folder, write_lamp(tmp_path / "new", "1.2.0"), None, "")
    assert [design.version for design in workspace.region().designs] == ["1.0.0", "1.1.0", "1.2.0"]


def test_a_file_that_breaks_is_noticed_and_so_is_its_mend(workspace):
    path = workspace.folder / "places.csv"
    good = path.read_text()
    path.write_text("nothing")
    with pytest.raises(InputError):
        workspace.region()
    path.write_text(good)
    assert workspace.region().places[0].id == "home"


def solve(workspace, watch: Watch, seed: int = 0):
    inputs, book = workspace.read(workspace.folder / "orders/book.csv", {})
    planned = plan_book(inputs, book, SolveSettings(seed=seed), watch)
    workspace.save(planned, inputs.region)
    return planned


def test_what_is_stored_is_what_was_planned(workspace):
    planned = solve(workspace, Watch())
    assert workspace.plan(planned.plan.id).plan == planned.plan
    assert workspace.plan(planned.plan.id).orders == planned.orders
    assert [summary.id for summary in workspace.plans()] == [planned.plan.id]


def test_the_run_keeps_its_progress_and_the_listener_hears_it(workspace):
    heard = []
    planned = solve(workspace, Watch(listener=heard.append))
    assert [(round(each.seconds, 2), each.cost_cents, each.bound_cents) for each in heard] == list(planned.run.progress)
    assert heard


def test_another_seed_is_another_plan(workspace):
    assert solve(workspace, Watch(), seed=1).plan.id != solve(workspace, Watch(), seed=2).plan.id


def test_every_fault_of_a_copied_plan_file_is_one_of_input(workspace, tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(b'{"id": 3}')
    with pytest.raises(InputError) as caught:
        workspace.find_plan(str(path))
    assert [problem.code for problem in caught.value.problems] == ["P082"]


def test_a_plan_cut_short_does_not_take_the_id_of_the_finished_one():
    """Else the database, which keeps a plan as it is, would never hold the finished one."""
    watch, settings = Watch(), SolveSettings(gap=0.0)
    watch.stop.set()
    inputs, book = Workspace(ROOT).read(ROOT / "orders/small.csv", {})
    plan = plan_book(inputs, book, settings, watch).plan
    assert plan.stopped_by is StoppedBy.PERSON
    provenance = Provenance(plan.book, plan.digests)
    finished = plan_id([plan.region, None], provenance, plan.settings, settings)
    cut = plan_id([plan.region, [0, 1]], provenance, plan.settings, settings)
    assert len({plan.id, finished, cut}) == 3
