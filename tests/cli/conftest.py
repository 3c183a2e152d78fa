"""A small region in a folder, and one that is planned."""

import shutil
from pathlib import Path

import pytest
from cli.small_region import make_region, run


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """Return a region with its plan file ``plan.json`` and its database; only to be copied."""
    region = make_region(tmp_path_factory.mktemp("finished") / "region")
    result = run("plan", region / "orders/book.csv", "--region", region, "--out", region / "plan.json")
    assert result.exit_code == 0, result.output
    return region


@pytest.fixture
def planned(finished, tmp_path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "region", copy_function=shutil.copy2))


@pytest.fixture
def region(planned) -> Path:
    """Return a region that nobody has planned yet."""
    shutil.rmtree(planned / "build")
    (planned / "plan.json").unlink()
    return planned
