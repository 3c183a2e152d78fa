"""What all tests share: laws are tried without a clock, and a region with jobs is planned once."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from web.bench_shop import plan_region

# how long a law takes says more about what else the machine does than about the law
settings.register_profile("clockless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")


@pytest.fixture(scope="session")
def planned(tmp_path_factory) -> tuple[Path, str]:
    """Return a region with jobs, and the id of its plan; only to be copied."""
    folder = tmp_path_factory.mktemp("planned") / "region"
    return folder, plan_region(folder)
