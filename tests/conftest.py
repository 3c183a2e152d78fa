"""What all tests share: laws are tried without a clock; templates are compiled, a region with jobs is planned once."""

from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from templates_kept import KeptTemplates
from web.bench_shop import plan_region

# how long a law takes says more about what else the machine does than about the law
settings.register_profile("clockless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")
# a test that makes an application of its own spent nine tenths of its time on them
Flask.jinja_options = {"bytecode_cache": KeptTemplates()}


@pytest.fixture(scope="session")
def planned(tmp_path_factory) -> tuple[Path, str]:
    """Return a region with jobs, and the id of its plan; only to be copied."""
    folder = tmp_path_factory.mktemp("planned") / "region"
    return folder, plan_region(folder)
