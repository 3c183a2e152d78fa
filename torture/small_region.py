"""A small region with a plan, a person and a token, for what asks the API a lot."""

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask

from cosmolocal.database import open_database
from cosmolocal.database.planning_runs import add_run, finish_run, start_run
from cosmolocal.designs.bundles import create_root
from cosmolocal.errors import NotFoundError
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Closure, Person, Role, RunRequest, RunState, Scope
from cosmolocal.web import create_app
from cosmolocal.web.api.closures import id_of
from cosmolocal.web.api.limits import Limits
from cosmolocal.workflows import Planned, Workspace, plan_book, publish_design
from cosmolocal.workflows.closures import set_closure
from cosmolocal.workflows.design_questions import ask_question
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.plan_publishing import publish_plan
from cosmolocal.workflows.running import Runner
from cosmolocal.workflows.wishing import add_wish
from cosmolocal.workflows.workspace import DATABASE

REGION = """
region: {id: small, name: Small, attribution: made up}
settings: {start_date: 2026-09-07, weeks: 4, max_lots_per_order: 2}
network:
  detour_factor: 1.3
  modes:
    - {id: bike, name: Bike, speed_kmh: 15, cents_per_trip: 150, cents_per_km: 90, co2e_g_per_km: 5, max_load_kg: 80}
"""
WORKSHOPS = """
workshops:
  - id: north
    name: North Makers
    lat: 41.42
    lon: 2.16
    groups:
      - {id: laser, process: laser-cutting, machines: 1, envelope_mm: [900, 600, 50], materials: [plywood],
         tolerance: medium, hourly_cost: 12, weekly_hours: [{agreed: 2, actual: 10, maximum: 20}]}
  - id: south
    name: South Makers
    lat: 41.38
    lon: 2.16
    groups:
      - {id: laser, process: laser-cutting, machines: 1, envelope_mm: [900, 600, 50], materials: [plywood],
         tolerance: medium, hourly_cost: 24, weekly_hours: [{agreed: 2, actual: 10, maximum: 20}]}
"""
PLACES = "id,name,kind,lat,lon,district,population\nhome,Home,neighbourhood,41.40,2.18,,1000\n"
ORDERS = """id,design,version,quantity,place,due_date,release_date,priority,splittable,minimum_lot,max_distance_km
A,us~lamp,*,5,home,2026-09-18,,normal,no,1,
B,us~lamp,^1.0,8,home,2026-09-25,,high,yes,2,
FAR,us~lamp,*,1,home,2026-09-25,,normal,no,1,0.1
"""
MANIFEST = """okhv = "OKH-LOSHv1.0"
name = "Lamp"
repo = "https://example.org/lamp"
version = "1.0.0"
license = "CERN-OHL-S-2.0"
licensor = "us"
function = "Gives light."
mass = 900

[x-cosmolocal]
reference-price = 90.00

[[x-cosmolocal.operation]]
process = "laser-cutting"
minutes-per-unit = 20
setup-minutes = 5
material = "plywood"
material-cost = 3.00
envelope-mm = [400, 300, 4]
tolerance = "medium"
provenance = "declared"
"""
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
    (folder / "orders").mkdir(parents=True)
    for name, text in (("region.yaml", REGION), ("workshops.yaml", WORKSHOPS), ("places.csv", PLACES)):
        (folder / name).write_text(text)
    (folder / "orders/book.csv").write_text(ORDERS)
    create_root(folder / "designs")
    bundle = folder.parent / "lamp"
    bundle.mkdir()
    (bundle / "okh.toml").write_text(MANIFEST)
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
    return SmallRegion(app, token, zip_lamp(), KNOWN | {"job_id": set_going(app, ada)})


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


def zip_lamp() -> bytes:
    """Return the lamp as a zip archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("okh.toml", MANIFEST)
    return archive.getvalue()
