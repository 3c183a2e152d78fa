"""A region whose plan counts, in a folder: its jobs, people of each kind, a clock that stands still."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from cli.small_region import make_region, run
from flask import Flask
from web.accounts import Clock, add_person, use_fakes
from web.design_shop import manifest, publish, step

from cosmolocal.records import JobStatus, Role
from cosmolocal.web import create_app
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.plan_publishing import publish_plan
from cosmolocal.workflows.stewarding import set_design_owners

SECRET = "Carrer Secret 7, 3-2"
PHONE = "Berta, ring twice"
#: a Monday, one week before the plan begins
NOW = datetime(2026, 8, 31, 8, tzinfo=UTC)
SHELF_ORDER = "SHELF,we~shelf,*,3,home,2026-09-25,,normal,no,1,"
SHELF = {
    "name": "Shelf",
    "part": [{"name": "board", "mass": 900}],
}
SHELF_LINES = {"bom": [{"part": "board", "quantity": 2}, {"bought": "screw", "quantity": 8, "cost": 0.1}]}


def plan_region(folder: Path) -> str:
    """Make a region whose orders say exactly where they go, plan it, and return the id of the plan."""
    make_region(folder)
    text = manifest("1.0.0", [step(), step(part="board", **{"minutes-per-unit": 9})], SHELF_LINES, **SHELF)
    publish(folder, "we~shelf", text, {"README.md": "# Read me\n", "parts/board.svg": "<svg/>"})
    book = folder / "orders/book.csv"
    head, *lines = book.read_text().splitlines()
    lines = [*lines, SHELF_ORDER]
    book.write_text("\n".join([head + ",address,contact", *(f'{line},"{SECRET}","{PHONE}"' for line in lines)]) + "\n")
    result = run("plan", book, "--region", folder)
    assert result.exit_code == 0, result.output
    return Workspace(folder).plans()[0].id


def copy_region(planned: Path, folder: Path) -> Path:
    """Return a copy of a planned region, files with the times that they have."""
    return Path(shutil.copytree(planned, folder, copy_function=shutil.copy2))


def open_house(folder: Path, plan_id: str | None) -> tuple[Flask, Clock]:
    """Return an application over a region with people of each kind, its plan published where one is named."""
    if plan_id is not None:
        publish_plan(Workspace(folder), OPERATOR, plan_id, now=NOW)
    app, clock = create_app(folder, secret_key=b"of the tests"), Clock()
    clock.now = NOW
    use_fakes(app)
    app.extensions["now"] = clock
    for name, role, workshop in (
        ("nora", Role.WORKSHOP, "north"),
        ("susi", Role.WORKSHOP, "south"),
        ("pia", Role.PLANNER, None),
        ("max", Role.MAKER, None),
        ("root", Role.ADMINISTRATOR, None),
    ):
        add_person(app, name, role, workshop=workshop)
    set_design_owners(folder, "we~shelf", ["max"], "ada")
    return app, clock


def jobs_of(app: Flask, workshop: str) -> list[JobStatus]:
    """Return the jobs of a workshop in the plan that counts."""
    bench = Bench(app.extensions["workspace"], app.extensions["now"])
    return [status for status in bench.jobs(OPERATOR) if status.job.workshop == workshop]
