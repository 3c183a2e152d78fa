"""What a new process does first, whatever a crash left."""

import logging
import shutil
from pathlib import Path

import pytest
from cli.small_region import files_in, make_region, run, write_lamp

from cosmolocal.web import create_app
from cosmolocal.workflows.recovering import recover_designs

ABANDONED = ".staging-designs/dead"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    return make_region(tmp_path_factory.mktemp("small") / "region")


@pytest.fixture
def region(small, tmp_path) -> Path:
    """Return a region after a crash: the newest release is committed, the inventory of its design is the old one."""
    region = Path(shutil.copytree(small, tmp_path / "region"))
    lamp = region / "designs/us~lamp"
    for name in ("inventory.json", "inventory.json.sha512"):
        shutil.copyfile(lamp / "v1" / name, lamp / name)
    (region / ABANDONED).mkdir(parents=True)
    (region / ABANDONED / "half.stl").write_text("half")
    return region


def is_at_rest(region: Path) -> bool:
    lamp = region / "designs/us~lamp"
    is_newest = (lamp / "inventory.json").read_bytes() == (lamp / "v2/inventory.json").read_bytes()
    return is_newest and not (region / ABANDONED).exists()


def test_recovery_brings_a_region_to_rest_and_then_changes_nothing(region):
    assert not is_at_rest(region)
    assert recover_designs(region) == ""
    assert is_at_rest(region)
    before = files_in(region)
    assert recover_designs(region) == ""
    assert files_in(region) == before


def test_serving_begins_with_it(region):
    create_app(region, secret_key=b"of the tests")
    assert is_at_rest(region)


def test_a_command_that_writes_begins_with_it(region, tmp_path):
    """The command writes to another design."""
    bundle = write_lamp(tmp_path / "stool", "1.0.0")
    dry = run("designs", "publish", bundle, "--id", "others~stool", "--by", "us", "--region", region, "--dry-run")
    assert (dry.exit_code, is_at_rest(region)) == (0, False)
    done = run("designs", "publish", bundle, "--id", "others~stool", "--by", "us", "--region", region)
    assert (done.exit_code, is_at_rest(region)) == (0, True), done.output


def test_a_region_without_designs_is_at_rest(tmp_path):
    assert recover_designs(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_be_written_hinders_no_reader(region, caplog):
    """A file where staging would be stands for a disk that is read-only: root may write everywhere."""
    shutil.rmtree(region / ".staging-designs")
    (region / ".staging-designs").write_text("")
    with caplog.at_level(logging.WARNING):
        app = create_app(region, secret_key=b"of the tests")
    assert "what a crash left cannot all be cleared away" in caplog.text
    assert app.test_client().get("/designs/us~lamp/1.1.0/files/okh.toml", buffered=True).status_code == 200


def test_a_damaged_design_hinders_no_other(region):
    """One whose log is damaged comes first by its name."""
    damaged = region / "designs/aa~lamp"
    shutil.copytree(region / "designs/us~lamp", damaged)
    (damaged / "logs").mkdir()
    told = recover_designs(region)
    assert "aa~lamp" in told
    assert is_at_rest(region)
    result = run("designs", "yank", "us~lamp@1.0.0", "--reason", "it tips", "--region", region)
    assert result.exit_code == 0
    assert "warning: what a crash left cannot all be cleared away: D003 designs/aa~lamp" in result.stderr
