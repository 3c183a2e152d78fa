"""The region folder as pages and commands see it."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cli.small_region import ORDERS, make_region, run, write_lamp

from cosmolocal.designs.notices import NewNotice, add_notice
from cosmolocal.errors import InputError, UnreadableError
from cosmolocal.planning.plans import Provenance, plan_id
from cosmolocal.records import NoticeKind, StoppedBy
from cosmolocal.workflows import SolveSettings, Watch, Workspace, plan_book
from cosmolocal.workflows.checking import validate_region
from cosmolocal.workflows.inputs import find_file_states

ROOT = Path(__file__).parent.parent.parent


def release(workspace: Workspace, bundle: Path) -> None:
    result = run("designs", "publish", bundle, "--region", workspace.folder)
    assert result.exit_code == 0, result.output


def note(workspace: Workspace, kind: NoticeKind, version: str, reason: str = "", **values: Any) -> None:
    root, now = workspace.folder / "designs", datetime.now(UTC)
    add_notice(root, "us~lamp", NewNotice(kind, by="ada", at=now, version=version, reason=reason, values=values))


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(make_region(tmp_path / "region"))


def test_an_order_book_is_read_once_and_again_when_it_or_the_region_changed(workspace):
    path = workspace.folder / "orders/book.csv"
    first = workspace.book(path)
    assert workspace.book(path) is first
    path.write_text(ORDERS.replace("A,us~lamp", "NEW,us~lamp"))
    second = workspace.book(path)
    assert [order.id for order in second.orders if order.id in ("A", "NEW")] == ["NEW"]
    shops = workspace.folder / "workshops.yaml"
    shops.write_text(shops.read_text().replace("North Makers", "Makers of the North"))
    assert workspace.book(path) is not second
    path.write_text("nonsense")
    for _ in range(2):
        with pytest.raises(InputError):
            workspace.book(path)


def test_a_region_is_read_once_and_again_when_a_file_changed(workspace):
    first = workspace.inputs()
    assert workspace.inputs() is first
    path = workspace.folder / "workshops.yaml"
    path.write_text(path.read_text().replace("North Makers", "Makers of the North"))
    assert workspace.region().workshops[0].name == "Makers of the North"


def make_unreadable(path: Path) -> None:
    """Put a file in the place of one that is there, and whose reading ends as on a broken disk (EIO)."""
    path.unlink()
    path.symlink_to("/proc/self/mem")


def test_a_scenario_that_cannot_be_read_is_not_taken_for_none(workspace):
    assert run("plan", workspace.folder / "orders/book.csv", "--region", workspace.folder).exit_code == 0
    plan = replace(workspace.plan(workspace.plans()[0].id).plan, scenario="north-closes")
    path = workspace.folder / "scenarios/north-closes.yaml"
    path.parent.mkdir(exist_ok=True)
    text = "scenario: {title: North closes}\nedits:\n- radius: {workshop: north, radius_km: 7}\n"
    region = workspace.region()
    path.write_text(text)
    edited = workspace.region_of(plan)
    assert edited != region
    make_unreadable(path)
    for _ in range(2):
        with pytest.raises(UnreadableError, match=r"W070 scenarios/north-closes\.yaml: cannot be read: Input/output"):
            workspace.region_of(plan)
    path.unlink()
    assert workspace.region_of(plan) is region, "it is gone: the region is as its own files say"
    path.write_text(text)
    assert workspace.region_of(plan) == edited


def test_a_region_file_that_cannot_be_read_does_not_name_no_streets(workspace):
    find_file_states(workspace.folder)
    make_unreadable(workspace.folder / "region.yaml")
    for look in (lambda: find_file_states(workspace.folder), workspace.state, workspace.inputs):
        with pytest.raises(UnreadableError, match=r"W020 region\.yaml: cannot be read: Input/output error"):
            look()


def test_a_new_release_is_seen(workspace, tmp_path):
    assert len(workspace.region().designs) == 2
    release(workspace, write_lamp(tmp_path / "new", "1.2.0"))
    assert [design.version for design in workspace.region().designs] == ["1.0.0", "1.1.0", "1.2.0"]


def test_a_new_notice_is_seen(workspace):
    ground = workspace.ground()
    assert workspace.ground() is ground
    note(workspace, NoticeKind.YANK, "1.1.0", "the leg breaks")
    assert [design.yanked for design in workspace.region().designs] == [None, "the leg breaks"]
    assert workspace.ground().catalogue.resolve("us~lamp", "*") == "1.0.0"
    note(workspace, NoticeKind.UNYANK, "1.1.0", "it does not")
    assert [design.yanked for design in workspace.region().designs] == [None, None]


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


def audit(workspace: Workspace, plan_id: str) -> tuple[set[str], set[str]]:
    report = workspace.audit(plan_id)
    return {problem.code for problem in report.problems}, {note.code for note in report.notes}


def test_a_version_that_is_yanked_or_published_later_is_a_note_of_an_old_plan_and_leaves_new_ones(workspace, tmp_path):
    old = solve(workspace, Watch()).plan
    assert audit(workspace, old.id) == (set(), set())
    release(workspace, write_lamp(tmp_path / "new", "1.2.0"))
    assert audit(workspace, old.id) == (set(), {"P092"})
    for version in ("1.1.0", "1.2.0"):
        note(workspace, NoticeKind.YANK, version, "the leg breaks")
    assert audit(workspace, old.id) == (set(), {"P092"})
    new = solve(workspace, Watch()).plan
    assert [{name for name in plan.digests if name.startswith("designs/")} for plan in (old, new)] == [
        {"designs/us~lamp@1.1.0"},
        {"designs/us~lamp@1.0.0"},
    ]
    assert workspace.find_plan(old.id).plan == old


def test_a_version_that_is_taken_down_is_a_fault_of_the_plans_that_use_it(workspace):
    planned = solve(workspace, Watch())
    note(workspace, NoticeKind.TAKE_DOWN, "1.1.0", "a secret")
    report = workspace.audit(planned.plan.id)
    [problem] = report.problems
    assert (problem.code, problem.where) == ("P090", "plan: digests.designs/us~lamp@1.1.0")
    assert "us~lamp@1.1.0 was taken down: a secret" in problem.message
    assert (report.checked, report.notes) == ({}, ())
    assert workspace.find_plan(planned.plan.id).plan == planned.plan
    for form in ("csv", "unmet-csv", "trips-csv", "json", "geojson", "html", "districts-geojson"):
        assert workspace.export(planned.plan.id, form)


def test_a_confirmation_since_is_a_changed_input(workspace):
    planned = solve(workspace, Watch())
    operations = [{"process": "laser-cutting", "minutes-per-unit": 7, "material": "plywood", "envelope-mm": [9, 9, 4]}]
    note(workspace, NoticeKind.CONFIRM, "1.0.0", part="", operations=operations)
    assert audit(workspace, planned.plan.id) == (set(), set()), "no order takes that version"
    note(workspace, NoticeKind.CONFIRM, "1.1.0", part="", operations=operations)
    assert audit(workspace, planned.plan.id)[0] >= {"P090", "P018"}
    again = solve(workspace, Watch())
    assert again.plan.id != planned.plan.id
    assert audit(workspace, again.plan.id) == (set(), set())


def test_an_order_gets_exactly_the_bytes_it_pins_or_is_refused(workspace):
    digest = workspace.region().designs[0].digest
    book = workspace.folder / "orders/book.csv"
    book.write_text(ORDERS.replace("A,us~lamp,*", f"A,us~lamp,1.0.0 {digest}"))
    note(workspace, NoticeKind.YANK, "1.0.0", "the leg breaks")
    planned = solve(workspace, Watch())
    assert {row.design for row in planned.plan.allocations if row.order == "A"} == {"us~lamp@1.0.0"}
    assert workspace.plan(planned.plan.id).orders[0].digest == digest
    assert audit(workspace, planned.plan.id) == (set(), set())
    book.write_text(ORDERS.replace("A,us~lamp,*", f"A,us~lamp,1.1.0 {digest}"))
    with pytest.raises(InputError) as caught:
        workspace.read(book, {})
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [
        ("O011", "book.csv: order A.version")
    ]


def test_a_lost_notice_is_told_once_by_the_check_of_all_files(workspace):
    note(workspace, NoticeKind.YANK, "1.1.0", "the leg breaks")
    [lost] = (workspace.folder / "designs/us~lamp/logs").glob("*.json")
    lost.unlink()
    [problem] = validate_region(workspace.folder).problems
    assert (problem.code, problem.where) == ("D062", "designs/us~lamp/logs/head")


@pytest.mark.parametrize(
    "name", ["investments.yaml", "consumption.yaml", "road.yaml", "scenarios/more.yaml", "region.yaml"]
)
def test_a_page_is_made_anew_when_a_file_it_may_show_comes_changes_or_goes(workspace, name):
    path = workspace.folder / name
    path.parent.mkdir(exist_ok=True)
    seen = [workspace.state()]
    before = path.read_text() if path.exists() else ""
    path.write_text(before + "# one\n")
    seen.append(workspace.state())
    path.write_text(before + "# another one\n")
    seen.append(workspace.state())
    path.unlink()
    seen.append(workspace.state())
    assert all(one != other for one, other in pairwise(seen))


def test_validate_tells_every_fault_of_every_scenario_and_counts_them(workspace):
    folder = workspace.folder / "scenarios"
    folder.mkdir()
    texts = {
        "good": "scenario: {title: Good}\nedits:\n- close-workshop: {workshop: north}\n",
        "nowhere": "scenario: {title: Nowhere}\nedits:\n- close-workshop: {workshop: east}\n"
        "- radius: {workshop: west, radius_km: 2}\n",
        "odd": "scenario: {title: Odd}\nedits:\n- demand: {percent: much}\n- explode: {}\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    found = validate_region(workspace.folder)
    assert found.counts["scenarios"] == 3
    where = [problem.where for problem in found.problems]
    assert sum("nowhere" in place for place in where) == 2
    assert sum("odd" in place for place in where) == 2
    assert len(where) == 4
