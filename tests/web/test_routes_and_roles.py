"""Every route × role × own or other object. A route that is not in the table fails: say who may use it.

A row is ``"METHOD /route/as/flask/writes/it"``: who may use it on anything, and who on what they own. Requests are sent
with an empty form: whoever is let in may well be told that something is missing, but not that it is not allowed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cli.small_region import ORDERS, PLACES, REGION, WORKSHOPS, run, write_lamp
from flask import Flask
from flask.testing import FlaskClient
from web.accounts import PASSWORD, add_person, csrf_token, use_fakes
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from cosmolocal.database import open_database, writing
from cosmolocal.database.jobs import add_publication, save_job
from cosmolocal.database.questions import add_question
from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.designs.notices import NewNotice, add_notice
from cosmolocal.records import Closure, DesignQuestion, Job, NoticeKind, Person, Publication, Role, Scope
from cosmolocal.web import create_app
from cosmolocal.web.api.closures import id_of
from cosmolocal.web.people import ID
from cosmolocal.web.sign_in import SESSION, takes_tokens
from cosmolocal.workflows.drafts import create_draft
from cosmolocal.workflows.inputs import CLOSURES
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.closures import append_closure

NOBODY = "nobody"
V, W, M, P, A = (str(role) for role in (Role.VIEWER, Role.WORKSHOP, Role.MAKER, Role.PLANNER, Role.ADMINISTRATOR))
EVERYBODY = (NOBODY, V, W, M, P, A)
SIGNED_IN = (V, W, M, P, A)


@dataclass(frozen=True, slots=True)
class Row:
    """Who may use a route."""

    #: on things that others own, or nobody
    anything: tuple[str, ...]
    #: on what they own; None: the same
    own: tuple[str, ...] | None = None
    #: does a thing of others not even exist for those who may not use it?
    hides: bool = False
    #: sent as JSON, where a route looks into it before it asks whose the thing is
    body: dict[str, Any] | None = None


#: what the person of the role workshop may set; another one stands in the file already
CLOSURE = {"workshop": "north", "first_day": "2026-09-14", "last_day": "2026-09-15"}
FOREIGN = Closure("south", "", date(2026, 9, 21), date(2026, 9, 22))

ROUTES = {
    "GET /": Row(EVERYBODY),
    # those who run the server; the figures are for this machine, see tests/web/test_operating.py
    "GET /health": Row(EVERYBODY),
    "GET /metrics": Row(EVERYBODY),
    "GET /static/<path:filename>": Row(EVERYBODY),
    # plans
    "GET /plans/": Row(EVERYBODY),
    "GET /plans/history.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/difference": Row(EVERYBODY),
    "GET /plans/<before>/difference/<after>/": Row(EVERYBODY),
    "GET /plans/<before>/difference/<after>/lots.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<before>/difference/<after>/moves.geojson": Row(EVERYBODY),
    "GET /plans/<plan_id>/": Row(EVERYBODY),
    "GET /plans/<plan_id>/map.json": Row(EVERYBODY),
    "GET /plans/<plan_id>/plan.<any(csv, json, geojson, html):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/<any(neighbourhoods, districts):kind>.<any(csv, json, geojson):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/load": Row(EVERYBODY),
    "GET /plans/<plan_id>/load.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/timeline": Row(EVERYBODY),
    "GET /plans/<plan_id>/timeline.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/front/": Row(EVERYBODY),
    "POST /plans/front/": Row((P, A)),
    "GET /plans/front/<front_id>": Row(EVERYBODY),
    "GET /plans/front/<front_id>.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/front": Row(EVERYBODY),
    "GET /plans/<plan_id>/worth": Row(EVERYBODY),
    "GET /plans/<plan_id>/worth.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/gaps": Row(EVERYBODY),
    "GET /plans/<plan_id>/gaps.<any(csv, json):form>": Row(EVERYBODY),
    "POST /plans/<plan_id>/gaps/runs": Row((P, A)),
    "POST /plans/<plan_id>/gaps/scenarios": Row((P, A)),
    "GET /plans/<plan_id>/siting": Row(EVERYBODY),
    "GET /plans/<plan_id>/siting.<any(csv, json):form>": Row(EVERYBODY),
    "POST /plans/<plan_id>/siting/runs": Row((P, A)),
    "POST /plans/<plan_id>/siting/scenarios": Row((P, A)),
    "GET /plans/<plan_id>/orders/<order_id>": Row(EVERYBODY),
    "GET /plans/<plan_id>/unmet": Row(EVERYBODY),
    "GET /plans/<plan_id>/workshops/": Row(EVERYBODY),
    "GET /plans/<plan_id>/workshops/<workshop_id>": Row(EVERYBODY),
    "GET /plans/<plan_id>/network": Row(EVERYBODY),
    "GET /network/": Row(EVERYBODY),
    "GET /network/reach.<any(csv, json, geojson):form>": Row(EVERYBODY),
    "GET /network.<any(graphml, geojson):form>": Row(EVERYBODY),
    # the road to the target, and what everybody may see
    "GET /road/": Row(EVERYBODY),
    "POST /road/": Row((P, A)),
    "GET /road/road.<any(json, csv, html):form>": Row(EVERYBODY),
    "GET /open/": Row(EVERYBODY),
    "GET /open/plan.<any(csv, json, geojson):form>": Row(EVERYBODY),
    "GET /open/neighbourhoods.csv": Row(EVERYBODY),
    "GET /open/road.<any(csv, json):form>": Row(EVERYBODY),
    # places
    "GET /places/": Row((P, A)),
    "POST /places/": Row((P, A)),
    "GET /places/map.svg": Row((P, A)),
    "GET /places/places.<any(csv, json):form>": Row((P, A)),
    # lists of workshops
    "GET /workshops/import": Row((P, A)),
    "POST /workshops/import": Row((P, A)),
    # order books
    "GET /orders/": Row(EVERYBODY),
    "GET /orders/new": Row((P, A)),
    "POST /orders/new": Row((P, A)),
    "GET /orders/<book>/": Row(EVERYBODY),
    "GET /orders/<book>/book.<any(csv, json):form>": Row(EVERYBODY),
    "GET /orders/<book>/history": Row((P, A)),
    "GET /orders/<book>/add": Row((P, A)),
    "POST /orders/<book>/add": Row((P, A)),
    "GET /orders/<book>/rows/<key>/": Row((P, A)),
    "POST /orders/<book>/rows/<key>/": Row((P, A)),
    "GET /orders/<book>/rows/<key>/remove": Row((P, A)),
    "POST /orders/<book>/rows/<key>/remove": Row((P, A)),
    "GET /orders/<book>/upload": Row((P, A)),
    "POST /orders/<book>/upload": Row((P, A)),
    # planning
    "GET /runs/": Row((P, A)),
    "GET /runs/new": Row((P, A)),
    "POST /runs/": Row((P, A)),
    f"GET /runs/<{ID}:run_id>": Row((P, A)),
    f"GET /runs/<{ID}:run_id>/progress": Row((P, A)),
    f"POST /runs/<{ID}:run_id>/cancel": Row((P, A)),
    "GET /wishes/": Row((P, A)),
    "POST /plans/<plan_id>/orders/<order_id>/wishes": Row((P, A)),
    f"POST /wishes/<{ID}:wish_id>/withdraw": Row((P, A)),
    "GET /plans/<plan_id>/changes": Row(EVERYBODY),
    "GET /plans/<plan_id>/publish": Row((P, A)),
    "POST /plans/<plan_id>/publish": Row((P, A)),
    # what if
    "GET /scenarios/": Row(EVERYBODY),
    "GET /scenarios/new": Row((P, A)),
    "POST /scenarios/new": Row((P, A)),
    "GET /scenarios/compare": Row(EVERYBODY),
    "GET /scenarios/compare.<any(csv, json):form>": Row(EVERYBODY),
    "GET /scenarios/<scenario_id>/": Row(EVERYBODY),
    "GET /scenarios/<scenario_id>/scenario.yaml": Row(EVERYBODY),
    "GET /scenarios/<scenario_id>/edit": Row((P, A)),
    "POST /scenarios/<scenario_id>/edit": Row((P, A)),
    "GET /scenarios/<scenario_id>/add/<kind>": Row((P, A)),
    "POST /scenarios/<scenario_id>/add/<kind>": Row((P, A)),
    "POST /scenarios/<scenario_id>/remove": Row((P, A)),
    "POST /scenarios/<scenario_id>/delete": Row((P, A)),
    "POST /scenarios/<scenario_id>/run": Row((P, A)),
    # workshops and their jobs
    "GET /jobs/": Row((W, P, A)),
    "GET /jobs/jobs.<any(csv, json):form>": Row((W, P, A)),
    "GET /jobs/<job_id>/": Row((P, A), (W, P, A)),
    "POST /jobs/<job_id>/": Row((A,), (W, A)),
    "GET /jobs/<job_id>/sheet": Row((P, A), (W, P, A)),
    "GET /workshops/<workshop_id>/hours": Row((P, A), (W, P, A)),
    "POST /workshops/<workshop_id>/hours": Row((P, A), (W, P, A)),
    "POST /workshops/<workshop_id>/hours/remove": Row((P, A), (W, P, A)),
    "GET /workshops/<workshop_id>/calendar": Row((P, A), (W, P, A)),
    "POST /workshops/<workshop_id>/calendar": Row((P, A), (W, P, A)),
    "POST /workshops/<workshop_id>/calendar/revoke": Row((P, A), (W, P, A)),
    "GET /calendars/<secret>.ics": Row(EVERYBODY),
    # makers
    "GET /my-designs/": Row((M, A)),
    "GET /designs/<design_id>/<version>/ask": Row((W, M, P, A)),
    "POST /designs/<design_id>/<version>/ask": Row((W, M, P, A)),
    f"GET /questions/<{ID}:question_id>/": Row(EVERYBODY),
    f"POST /questions/<{ID}:question_id>/": Row((A,), SIGNED_IN),
    # designs
    "GET /designs/": Row(EVERYBODY),
    "GET /designs/<design_id>/": Row(EVERYBODY),
    "GET /designs/<design_id>/<version>/": Row(EVERYBODY),
    "GET /designs/<design_id>/<version>/files/<path:path>": Row(EVERYBODY),
    "GET /designs/<design_id>/<version>/picture/<path:path>": Row(EVERYBODY),
    "GET /designs/<design_id>/<version>/preview/<path:path>": Row(EVERYBODY),
    "GET /designs/<design_id>/<version>/bundle.zip": Row(EVERYBODY),
    "GET /designs/<design_id>/compare": Row(EVERYBODY),
    "GET /designs/to-confirm": Row(EVERYBODY),
    "GET /designs/<design_id>/<version>/confirm": Row((W, M, P, A)),
    "POST /designs/<design_id>/<version>/confirm": Row((W, M, P, A)),
    "GET /designs/<design_id>/<version>/yank": Row((A,), SIGNED_IN),
    "POST /designs/<design_id>/<version>/yank": Row((A,), SIGNED_IN),
    "POST /designs/<design_id>/<version>/unyank": Row((A,), SIGNED_IN),
    "GET /designs/<design_id>/owners": Row((A,), SIGNED_IN),
    "POST /designs/<design_id>/owners": Row((A,), SIGNED_IN),
    "GET /designs/<design_id>/<version>/take-down": Row((A,)),
    "POST /designs/<design_id>/<version>/take-down": Row((A,)),
    "GET /designs/<design_id>/<version>/report-make": Row((W, M, A)),
    "POST /designs/<design_id>/<version>/report-make": Row((W, M, A)),
    # publishing
    "GET /designs/new": Row((M, A)),
    "GET /designs/<design_id>/new-version": Row((), (M, A)),
    "GET /drafts/": Row((M, A)),
    "POST /drafts/": Row((M, A)),
    "GET /drafts/<draft_id>": Row((A,), (M, A), hides=True),
    "POST /drafts/<draft_id>": Row((A,), (M, A), hides=True),
    "POST /drafts/<draft_id>/discard": Row((A,), (M, A), hides=True),
    "PUT /drafts/<draft_id>/files/<path:path>": Row((A,), (M, A), hides=True),
    "DELETE /drafts/<draft_id>/files/<path:path>": Row((A,), (M, A), hides=True),
    # the same for programs, as files
    "GET /designs.<any(json, csv):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/unmet.<any(json, csv):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/trips.<any(json, csv):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/workshops.<any(json, csv, geojson):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/workshops/<workshop_id>.<any(json, csv):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/orders/<order_id>.<any(json, csv):form>": Row(EVERYBODY),
    # for programs
    "GET /api/": Row(EVERYBODY),
    "GET /api/v1/openapi.json": Row(EVERYBODY),
    "GET /api/v1/region": Row(EVERYBODY),
    "GET /api/v1/workshops": Row(EVERYBODY),
    "GET /api/v1/workshops/<workshop_id>": Row(EVERYBODY),
    "GET /api/v1/places": Row(EVERYBODY),
    "GET /api/v1/places/<place_id>": Row(EVERYBODY),
    "GET /api/v1/processes": Row(EVERYBODY),
    "GET /api/v1/plans": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/allocations": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/unmet": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/prices": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/loads": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/orders": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/gaps": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/gaps/hours": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/siting": Row(EVERYBODY),
    "GET /api/v1/scenarios": Row(EVERYBODY),
    "GET /api/v1/scenarios/<scenario_id>": Row(EVERYBODY),
    "GET /api/v1/fronts": Row(EVERYBODY),
    "GET /api/v1/fronts/<front_id>": Row(EVERYBODY),
    "GET /api/v1/road": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/orders/<order_id>": Row(EVERYBODY),
    "GET /api/v1/quote": Row(EVERYBODY),
    "GET /api/v1/me": Row(SIGNED_IN),
    "GET /api/v1/me/tokens": Row(SIGNED_IN),
    "POST /api/v1/me/tokens": Row(SIGNED_IN),
    f"DELETE /api/v1/me/tokens/<{ID}:token_id>": Row(SIGNED_IN),
    "GET /api/v1/designs/<design_id>/owners": Row(EVERYBODY),
    "PUT /api/v1/designs/<design_id>/owners": Row((A,), SIGNED_IN, body={"owners": ["is-not-here"]}),
    "GET /api/v1/designs": Row(EVERYBODY),
    "GET /api/v1/designs/<design_id>": Row(EVERYBODY),
    "GET /api/v1/designs/<design_id>/<version>": Row(EVERYBODY),
    "POST /api/v1/designs": Row((M, A)),
    "POST /api/v1/designs/<design_id>/yank": Row((A,), SIGNED_IN, body={"version": "9.9.9", "reason": "a test"}),
    "POST /api/v1/designs/<design_id>/unyank": Row((A,), SIGNED_IN, body={"version": "9.9.9", "reason": "a test"}),
    "GET /api/v1/books": Row(EVERYBODY),
    "POST /api/v1/books": Row((P, A)),
    "GET /api/v1/books/<book>": Row(EVERYBODY),
    "GET /api/v1/books/<book>/history": Row((P, A)),
    "GET /api/v1/books/<book>/orders": Row(EVERYBODY),
    "POST /api/v1/books/<book>/orders": Row((P, A)),
    "GET /api/v1/books/<book>/orders/<key>": Row(EVERYBODY),
    "PATCH /api/v1/books/<book>/orders/<key>": Row((P, A)),
    "DELETE /api/v1/books/<book>/orders/<key>": Row((P, A)),
    "POST /api/v1/books/<book>/preview": Row((P, A)),
    "POST /api/v1/books/<book>/table": Row((P, A)),
    "GET /api/v1/runs": Row((P, A)),
    "POST /api/v1/runs": Row((P, A)),
    f"GET /api/v1/runs/<{ID}:run_id>": Row((P, A)),
    f"POST /api/v1/runs/<{ID}:run_id>/cancel": Row((P, A)),
    "GET /api/v1/publications": Row(EVERYBODY),
    "GET /api/v1/plans/<plan_id>/publication": Row(EVERYBODY),
    "POST /api/v1/plans/<plan_id>/publish": Row((P, A), body={}),
    "GET /api/v1/plans/<plan_id>/changes": Row(EVERYBODY),
    "GET /api/v1/wishes": Row((P, A)),
    "POST /api/v1/plans/<plan_id>/orders/<order_id>/wishes": Row((P, A)),
    f"DELETE /api/v1/wishes/<{ID}:wish_id>": Row((P, A)),
    # who answers for a workshop names it, or has one
    "GET /api/v1/jobs": Row((W, P, A)),
    "GET /api/v1/jobs/<job_id>": Row((P, A), (W, P, A)),
    "POST /api/v1/jobs/<job_id>/answers": Row((A,), (W, A), body={"step": "accept"}),
    "GET /api/v1/closures": Row(EVERYBODY),
    "GET /api/v1/closures/<closure_id>": Row(EVERYBODY),
    "POST /api/v1/closures": Row((W, P, A), body=CLOSURE),
    "POST /api/v1/closures/effect": Row((W, P, A), body=CLOSURE),
    # the one of another workshop: only planners
    "DELETE /api/v1/closures/<closure_id>": Row((P, A)),
    "GET /api/v1/questions": Row(SIGNED_IN),
    "GET /api/v1/designs/<design_id>/questions": Row(EVERYBODY),
    "POST /api/v1/designs/<design_id>/questions": Row((W, M, P, A)),
    f"POST /api/v1/questions/<{ID}:question_id>/answers": Row((A,), SIGNED_IN, body={"text": "a test"}),
    # accounts
    "GET /sign-in": Row(EVERYBODY),
    "POST /sign-in": Row(EVERYBODY),
    "POST /sign-out": Row(EVERYBODY),
    "GET /first-run": Row(EVERYBODY),
    "POST /first-run": Row(EVERYBODY),
    "GET /invitation/<code>": Row(EVERYBODY),
    "POST /invitation/<code>": Row(EVERYBODY),
    "GET /account": Row(SIGNED_IN),
    "POST /account/password": Row(SIGNED_IN),
    "POST /account/tokens": Row(SIGNED_IN),
    f"POST /account/tokens/<{ID}:token_id>/revoke": Row(SIGNED_IN),
    f"POST /account/sessions/<{ID}:session_id>/end": Row(SIGNED_IN),
    "GET /people/": Row((A,)),
    "POST /people/invitations": Row((A,)),
    f"POST /people/invitations/<{ID}:invitation_id>/withdraw": Row((A,)),
    "GET /people/<name>/": Row((A,)),
    "POST /people/<name>/access": Row((A,)),
    "POST /people/<name>/<any(activate, deactivate):change>": Row((A,)),
}
#: what stands in an address for a part of it; ``design_id`` is a design of others, or one that everybody here owns
VALUES = {
    "front_id": "000000000000",
    "plan_id": "newest",
    "before": "newest",
    "after": "newest",
    "order_id": "A",
    "book": "book",
    "key": "A",
    "version": "1.0.0",
    "path": "okh.toml",
    "filename": "css/site.css",
    "form": "geojson",
    "kind": "districts",
    "place_id": "home",
    "secret": "none",
    "code": "none",
    "name": "stranger",
    "change": "deactivate",
    "scenario_id": "north-closes",
    "run_id": 99,
    "wish_id": 99,
    "job_id": "none",
    "question_id": 99,
    "closure_id": id_of(FOREIGN),
    "token_id": 99,
    "session_id": 99,
    "invitation_id": 99,
}
NOW = datetime(2026, 9, 7, tzinfo=UTC)
OTHERS, OWN = "us~lamp", "own~lamp"
#: things of others and own ones: a workshop that somebody answers for, a job there, a question about a design
THINGS = {
    OTHERS: {"workshop_id": "south", "job_id": "job-south", "question_id": 1},
    OWN: {"workshop_id": "north", "job_id": "job-north", "question_id": 2},
}


@dataclass(frozen=True, slots=True)
class House:
    """An application with a region, and somebody of each role."""

    app: Flask
    rules: dict[str, Rule]
    #: by role
    secrets: dict[str, str]
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return open_house(tmp_path_factory.mktemp("house"))


def open_house(folder: Path) -> House:
    """Make the region in a folder, and somebody of each role; `make torture` does so too."""
    app = create_app(make_owned_region(folder / "region"), secret_key=b"of the tests")
    use_fakes(app)
    secrets, tokens = {}, {}
    people = app.extensions["people"]()
    for role in Role:
        add_person(app, str(role), role, workshop="north" if role is Role.WORKSHOP else None)
        secrets[str(role)] = people.sign_in(str(role), PASSWORD)
        tokens[str(role)] = people.make_token(people.find(OPERATOR, str(role)), "test", Scope, 9)
    people.close()
    return House(app, dict(rules_of(app)), secrets, tokens)


def make_owned_region(folder: Path) -> Path:
    """Make a region with a design that a stranger owns, and one that everybody with an account owns."""
    (folder / "orders").mkdir(parents=True)
    files = {"region.yaml": REGION, "workshops.yaml": WORKSHOPS, "places.csv": PLACES, "orders/book.csv": ORDERS}
    files |= {"closures.csv": append_closure("", FOREIGN)}
    for name, text in files.items():
        (folder / name).write_text(text)
    root = folder / "designs"
    create_root(root)
    for design_id in (OTHERS, OWN):
        bundle = write_lamp(folder.parent / design_id, "1.0.0")
        publish_bundle(root, design_id, bundle, message="", created=NOW, by="stranger")
    owners = [str(role) for role in Role]
    add_notice(root, OWN, NewNotice(NoticeKind.OWNERS, by="stranger", at=NOW, values={"owners": owners}))
    add_jobs_and_questions(folder)
    return folder


def add_jobs_and_questions(folder: Path) -> None:
    """Store a plan that counts, with a job for each of two workshops, and a question about each design."""
    workspace = Workspace(folder)
    plan = plan_without_lots(folder)
    db = open_database(workspace.database_path)
    publication = Publication(plan, "stranger", NOW.isoformat(), None)
    with writing(db):
        add_publication(db, publication)
        for things in THINGS.values():
            shop, job_id = str(things["workshop_id"]), str(things["job_id"])
            job = Job(job_id, "book", "A", "A/1", f"{OWN}@1.0.0", 3, shop, "home", True, NOW.date(), NOW.date(), (), ())
            save_job(db, job, plan, NOW.isoformat())
        for number, design_id in enumerate((OTHERS, OWN), 1):
            assert (
                add_question(db, DesignQuestion(0, design_id, "1.0.0", "stranger", NOW.isoformat(), "Why?")) == number
            )
    db.close()


def plan_without_lots(folder: Path) -> str:
    """Plan an empty order book, and return the id of the plan."""
    book = folder / "orders/none.csv"
    book.write_text(ORDERS.splitlines()[0] + "\n")
    result = run("plan", book, "--region", folder)
    assert result.exit_code == 0, result.output
    return Workspace(folder).plans()[0].id


def rules_of(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"{method} {rule.rule}", rule


def send(house: House, route: str, role: str, design_id: str) -> TestResponse:
    """Send a request as somebody of a role, in a browser of its own or, to the API, with a token."""
    method, rule = route.partition(" ")[0], house.rules[route]
    values = VALUES | THINGS[design_id] | {"design_id": design_id}
    if "form" in rule.arguments and "geojson" not in rule.rule:
        values["form"] = "json"
    if "draft_id" in rule.arguments:
        values["draft_id"] = add_draft(house, role if design_id == OWN and role != NOBODY else "stranger")
    if "closure_id" in rule.arguments:
        # whoever was let in has removed it
        (house.app.extensions["workspace"].folder / CLOSURES).write_text(append_closure("", FOREIGN))
    with house.app.test_request_context():
        known = {name: values[name] for name in rule.arguments}
        address = house.app.url_for(rule.endpoint, **known)
    client = house.app.test_client()
    blueprint = rule.endpoint.rpartition(".")[0]
    if takes_tokens(blueprint):
        headers = {"If-Match": "*"}
        if role != NOBODY:
            headers["Authorization"] = f"Bearer {house.tokens[role]}"
        return client.open(address, method=method, headers=headers, json=ROUTES[route].body, buffered=True)
    if role != NOBODY:
        show_who(client, house.secrets[role])
    headers = {} if method == "GET" else {"X-CSRFToken": csrf_token(client)}
    return client.open(address, method=method, headers=headers, buffered=True)


def add_draft(house: House, name: str) -> str:
    """Make a draft of somebody, with one file, and return its id."""
    maker = Person(name, name.title(), frozenset({Role.MAKER}))
    draft = create_draft(house.app.extensions["workspace"].folder, maker)
    (draft.files / VALUES["path"]).write_text("")
    return draft.id


def show_who(client: FlaskClient, secret: str) -> None:
    with client.session_transaction() as session:
        session[SESSION] = secret


def is_refused(answer: TestResponse, row: Row) -> bool:
    if row.hides and answer.status_code == 404:
        return True
    to_sign_in = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    return answer.status_code in (401, 403) or to_sign_in


def test_every_route_has_its_row(house: House):
    assert house.rules.keys() == ROUTES.keys()


@pytest.mark.parametrize("design_id", [OTHERS, OWN])
@pytest.mark.parametrize("route", ROUTES)
def test_a_route_lets_in_whom_its_row_names_and_nobody_else(house: House, route: str, design_id: str):
    row = ROUTES[route]
    # signing out ends the session that all other tests use
    roles = EVERYBODY if route != "POST /sign-out" else EVERYBODY[:1]
    answers = {role: send(house, route, role, design_id) for role in roles}
    assert {role: answer.status for role, answer in answers.items() if answer.status_code >= 500} == {}
    expected = row.anything if design_id == OTHERS or row.own is None else row.own
    let_in = {role for role, answer in answers.items() if not is_refused(answer, row)}
    assert let_in == {role for role in expected if role in roles}
