"""What tests of the pages and of the browser share."""

from pathlib import Path

import pytest
from web.bench_shop import plan_region


@pytest.fixture(scope="session")
def planned(tmp_path_factory) -> tuple[Path, str]:
    """Return a region with jobs, and the id of its plan; only to be copied."""
    folder = tmp_path_factory.mktemp("planned") / "region"
    return folder, plan_region(folder)
