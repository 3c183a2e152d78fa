"""A small region with a plan in its database, and runners that do not solve for long."""

import shutil
import threading
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from cli.small_region import make_region, run
from flask import Flask
from gaps_region import make_busy
from web.accounts import use_fakes

from cosmolocal.records import RunRequest
from cosmolocal.web import create_app
from cosmolocal.workflows import Planned, Watch, Workspace
from cosmolocal.workflows.running import Runner, solve_request

BOOK = "orders/book.csv"


@cache
def finished_region() -> Path:
    """Return a region with one plan; only to be copied."""
    region = make_region(Path(mkdtemp(prefix="planned-")) / "region")
    result = run("plan", region / BOOK, "--region", region, "--quiet")
    assert result.exit_code == 0, result.output
    return region


@cache
def busy_region() -> Path:
    """Return that region with more orders than its lasers have time for, planned; only to be copied."""
    region = Path(mkdtemp(prefix="busy-")) / "region"
    shutil.copytree(finished_region(), region, copy_function=shutil.copy2)
    make_busy(region)
    result = run("plan", region / "orders/busy.csv", "--region", region, "--quiet")
    assert result.exit_code == 0, result.output
    return region


def make_busy_planned(folder: Path) -> tuple[Flask, str]:
    """Return an application over a copy of the busy region, and the id of its plan."""
    app = make_planned(folder, busy_region())
    [plan] = [plan.id for plan in app.extensions["workspace"].plans() if plan.book == "orders/busy.csv"]
    return app, plan


def make_planned(folder: Path, region: Path | None = None) -> Flask:
    """Return an application over a copy of a region, of the finished one unless another is given."""
    shutil.copytree(region or finished_region(), folder, copy_function=shutil.copy2)
    app = create_app(folder, secret_key=b"of the tests")
    use_fakes(app)
    return app


class Fake:
    """Solves only when let, after telling progress; stops when told to, with the plan it has."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self.asked: list[RunRequest] = []

    def __call__(self, workspace: Workspace, request: RunRequest, watch: Watch) -> Planned:
        self.asked.append(request)
        watch.report(50_000, None)
        watch.report(50_000, 40_000)
        watch.report(45_000, 44_000)
        self.begun.set()
        while not (self.let.wait(0.02) or watch.stop.is_set()):
            pass
        return solve_request(workspace, request, watch)


def use_fake(app: Flask, fake: object) -> Runner:
    """Let an application solve by a fake."""
    app.extensions["runner"] = runner = Runner(app.extensions["workspace"], solve=fake)  # type: ignore[arg-type]
    return runner


def settle(runner: Runner) -> None:
    """Wait until everything that was asked for has ended."""
    runner._waiting.put(None)
    if runner._thread is not None:
        runner._thread.join(60)
    runner._thread = None
