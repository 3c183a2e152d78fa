"""A small region with a plan, a person and a token, for what asks the API a lot."""

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask

from cosmolocal.database import open_database
from cosmolocal.database.fronts import save_front
from cosmolocal.database.planning_runs import add_run, finish_run, start_run
from cosmolocal.designs.bundles import create_root
from cosmolocal.errors import NotFoundError
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Aim, Closure, Figures, Front, FrontPoint, Person, Role, RunRequest, RunState, Scope
from cosmolocal.records.siting import SiteWish, Siting
from cosmolocal.web import create_app
from cosmolocal.web.api.closures import id_of
from cosmolocal.web.api.limits import Limits
from cosmolocal.workflows import Planned, Workspace, plan_book, publish_design
from cosmolocal.workflows.closures import set_closure
from cosmolocal.workflows.design_questions import ask_question
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.plan_publishing import publish_plan
from cosmolocal.workflows.roads import keep_road
from cosmolocal.workflows.running import Runner
from cosmolocal.workflows.siting import keep_siting
from cosmolocal.workflows.wishing import add_wish
from cosmolocal.workflows.workspace import DATABASE
from torture.lamp_region import MANIFEST, WORKSHOPS, write_lamp, write_region
from torture.road_files import write_road

#: hours are scarce, so that some have a price
SCARCE = WORKSHOPS.replace("agreed: 10", "agreed: 2")
CLOSURE = Closure("south", "", date(2026, 9, 21), date(2026, 9, 22), None, "moving house")
#: ids of what there always is, by the name of the parameter
KNOWN: dict[str, str | int] = {
    "plan_id": "newest",
    "order_id": "A",
    "workshop_id": "north",
    "place_id": "home",
    "design_id": "us~lamp",
    "version": "1.0.0",
    "token_id": 999,
    "book": "book",
    "key": "A",
    "run_id": 1,
    "wish_id": 999,
    "question_id": 1,
    "closure_id": id_of(CLOSURE),
    "scenario_id": "second-shift",
}


class NoHasher:
    """Hashes nothing: passwords are not what is tortured."""

    def hash(self, password: str) -> str:
        """Return the password as it is."""
        return password

    def check(self, stored: str, password: str) -> bool:
        """Tell whether it is the one that is stored."""
        return stored == password


@dataclass(frozen=True, slots=True)
class SmallRegion:
    """An application over it."""

    app: Flask
    #: of somebody who may do everything
    token: str
    #: a zip archive that can be published
    archive: bytes
    #: `KNOWN`, and ids that come of planning
    known: dict[str, str | int]


def make_small_region(folder: Path) -> SmallRegion:
    """Make the region in a new folder, plan it, and give somebody an account and a token."""
    write_region(folder, SCARCE)
    create_root(folder / "designs")
    bundle = write_lamp(folder.parent / "lamp", "1.0.0")
    publish_design(folder, bundle, None, "first version", "ada")
    workspace = Workspace(folder)
    inputs, book = workspace.read(folder / "orders/book.csv", {})
    workspace.save(plan_book(inputs, book, SolveSettings(10.0), Watch()), inputs.region)
    app = create_app(folder, secret_key=b"of the torture")
    app.extensions["limits"] = Limits(changes=10**9, dear=10**9)
    app.extensions["people"] = lambda: People(folder / DATABASE, hasher=NoHasher())
    people = app.extensions["people"]()
    ada = Person("ada", "Ada Lovelace", frozenset({Role.ADMINISTRATOR, Role.MAKER}))
    people.add(OPERATOR, ada, "a quiet evening by the sea")
    token = people.make_token(ada, "torture", Scope, 9)
    people.close()
    write_road(folder)
    known = KNOWN | {"job_id": set_going(app, ada), "front_id": suppose(workspace)}
    keep_road(workspace, ada)
    return SmallRegion(app, token, zip_lamp(), known)


def suppose(workspace: Workspace) -> str:
    """Write scenarios, store a front, and keep an answer where sites would open; return the id of the front."""
    (workspace.folder / "scenarios").mkdir()
    for name in ("second-shift", "third-shift"):
        path = workspace.folder / f"scenarios/{name}.yaml"
        path.write_text("scenario: {title: Longer hours}\nedits:\n- hours: {percent: 150}\n", "utf-8")
    view = workspace.plan(workspace.plans()[0].id)
    share = view.plan.local_share
    figures = Figures(view.plan.cost_cents, 0, share, 0)
    point = FrontPoint(view.plan.id, figures, view.plan.bound_cents)
    db = open_database(workspace.folder / DATABASE)
    for number in (1, 2):
        front = Front(f"{number:012d}", view.plan.region, view.plan.book, Aim.SHARE, (point,), ())
        save_front(db, front, f"2026-09-07T08:00:0{number}+00:00")
    db.close()
    cost = view.plan.cost_cents
    siting = Siting(view.plan.id, SiteWish(), (), 1, 1, cost, cost, cost, cost, share.value, share.value, 4)
    keep_siting(workspace, siting)
    return front.id


def set_going(app: Flask, person: Person) -> str:
    """Publish the plan, close a workshop, ask something, note a run, wish something; return the id of a job."""
    workspace: Workspace = app.extensions["workspace"]
    plan = workspace.plans()[0].id
    publish_plan(workspace, person, plan)
    set_closure(workspace, person, CLOSURE)
    ask_question(workspace, person, "us~lamp@1.0.0", "Which glue holds it?")
    view = workspace.plan(plan)
    order = next(order for order in view.orders if order.id == "B")
    add_wish(workspace, person, (view, order), {"kind": "avoid", "workshop": "south"})
    app.extensions["runner"] = Runner(workspace, solve=solve_nothing)
    db = open_database(workspace.folder / DATABASE)
    run_id = add_run(db, RunRequest("orders/book.csv"), person.name, "2026-09-07T08:00:00Z", "")
    start_run(db, run_id, "2026-09-07T08:00:01Z")
    finish_run(db, run_id, RunState.DONE, "2026-09-07T08:00:09Z", plan)
    db.close()
    return Bench(workspace).jobs(person)[0].job.id


def solve_nothing(_: Workspace, request: RunRequest, __: Watch) -> Planned:
    """Fail: solvers are not what is tortured."""
    raise NotFoundError(f"{request.book} is not planned here")


def zip_lamp(version: str = "1.0.0", weight: bytes = b"") -> bytes:
    """Return a version of the lamp as a zip archive, with a file of some bytes if there are any."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("okh.toml", MANIFEST.format(version=version, minutes="20"))
        if weight:
            writer.writestr("weight.bin", weight)
    return archive.getvalue()
