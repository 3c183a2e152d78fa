"""What all tests share: laws are tried without a clock, by one thread; what is slow to make is made once."""

import gc
import os
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from templates_kept import KeptTemplates
from web.bench_shop import plan_region

from cosmolocal.planning.solvers.compiled import THREADS

# how long a law takes says more about what else the machine does than about the law
settings.register_profile("clockless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")
# tests run side by side already, and tiny problems spent more than half of their time on being handed over;
# that threads change nothing is tried with several; what runs in a process of its own has one for each core
THREADS.set_count(1)
# a test that makes an application of its own spent nine tenths of its time on them
Flask.jinja_options = {"bytecode_cache": KeptTemplates()}


def is_roomy(folder: Path) -> bool:
    """Tell whether a folder takes what tests write, 2 GiB at most, and scripts may be run in it."""
    if not os.access(folder, os.W_OK):
        return False
    system = os.statvfs(folder)
    return system.f_bavail * system.f_frsize >= 2 << 30 and not system.f_flag & os.ST_NOEXEC


# in memory where there is room: designs and databases are synced to the disk all the time, and tests waited for it
if is_roomy(Path("/dev/shm")):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")


def pytest_collection_finish() -> None:
    """Let garbage be looked for among what tests make, not among twenty thousand tests."""
    gc.freeze()


@pytest.fixture(scope="session")
def planned(tmp_path_factory) -> tuple[Path, str]:
    """Return a region with jobs, and the id of its plan; only to be copied."""
    folder = tmp_path_factory.mktemp("planned") / "region"
    return folder, plan_region(folder)
