"""What is known of one version of a design, whatever became of it."""

import pytest
from web.design_shop import make_shop, step

from cosmolocal.errors import NotFoundError
from cosmolocal.records import NoticeKind
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.design_export import swhid_of
from cosmolocal.workflows.design_page import read_record, read_surroundings, require_design
from cosmolocal.workflows.stewarding import confirm_operations, take_down_design, yank_design


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    make_shop(tmp_path / "region")
    return Workspace(tmp_path / "region")


def test_the_version_that_new_plans_take_is_meant_unless_one_is_named(workspace):
    record = read_record(workspace, "us~lamp")
    assert record.key == "us~lamp@1.1.0"
    assert [one.version for one in record.releases] == ["1.2.0", "1.1.0", "1.0.0", "0.9.0"]
    assert record.owners == ("ada",)


def test_where_all_are_withdrawn_or_gone_the_highest_left_is_meant(workspace):
    for version in ("1.0.0", "1.1.0"):
        yank_design(workspace.folder, f"us~lamp@{version}", "old", "ada")
    assert read_record(workspace, "us~lamp").key == "us~lamp@1.2.0"
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        take_down_design(workspace.folder, f"us~lamp@{version}", "gone", "root")
    record = read_record(workspace, "us~lamp")
    assert (record.key, record.design, record.release.taken_down) == ("us~lamp@1.2.0", None, "gone")


def test_a_version_whose_files_are_gone_is_told_but_cannot_be_used(workspace):
    record = read_record(workspace, "us~lamp", "0.9.0")
    assert record.notice(NoticeKind.TAKE_DOWN).by == "root"
    with pytest.raises(NotFoundError, match="taken down: Not ours to give"):
        require_design(workspace, "us~lamp", "0.9.0")


@pytest.mark.parametrize(("design", "version"), [("no~no", None), ("us~lamp", "9.9.9"), ("us~lamp", "^1")])
def test_what_is_not_there_is_not_found(workspace, design, version):
    with pytest.raises(NotFoundError):
        read_record(workspace, design, version)


def test_the_last_confirmation_counts_and_the_figures_before_it_are_those_of_the_manifest(workspace):
    for minutes in (3, 4):
        table = step(**{"minutes-per-unit": minutes})
        confirm_operations(workspace.folder, "us~lamp@1.1.0", "shade", [table], "mia", f"{minutes} by the watch")
    record, design = require_design(workspace, "us~lamp", "1.1.0")
    around = read_surroundings(workspace, record, design)
    assert {name: [one.seconds for one in steps] for name, steps in around.stated.items()} == {"shade": [120]}
    assert record.confirmation("shade").reason == "4 by the watch"
    assert record.confirmation("") is None
    assert [one.seconds for one in design.parts[1].operations] == [240]
    assert around.swhid == swhid_of(workspace.folder, "us~lamp@1.1.0")
