"""Every route × role × own or other object. A route that is not in the table fails: say who may use it.

A row is ``"METHOD /route/as/flask/writes/it"``: who may use it on anything, and who on what they own. Requests are sent
with an empty form: whoever is let in may well be told that something is missing, but not that it is not allowed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli.small_region import PLACES, REGION, WORKSHOPS, write_lamp
from flask import Flask
from flask.testing import FlaskClient
from web.accounts import PASSWORD, add_person, csrf_token, use_fakes
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.designs.notices import NewNotice, add_notice
from cosmolocal.records import NoticeKind, Person, Role, Scope
from cosmolocal.web import create_app
from cosmolocal.web.people import ID
from cosmolocal.web.sign_in import SESSION, takes_tokens
from cosmolocal.workflows.drafts import create_draft
from cosmolocal.workflows.people import OPERATOR

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
    #: sent as JSON, where a route looks into it before it asks who it is
    body: dict[str, str] | None = None


ROUTES = {
    "GET /": Row(EVERYBODY),
    "GET /static/<path:filename>": Row(EVERYBODY),
    # plans
    "GET /plans/": Row(EVERYBODY),
    "GET /plans/history.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/difference": Row(EVERYBODY),
    "GET /plans/<before>/difference/<after>/": Row(EVERYBODY),
    "GET /plans/<before>/difference/<after>/lots.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/": Row(EVERYBODY),
    "GET /plans/<plan_id>/map.json": Row(EVERYBODY),
    "GET /plans/<plan_id>/plan.<any(csv, json, geojson, html):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/neighbourhoods.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/load": Row(EVERYBODY),
    "GET /plans/<plan_id>/load.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/timeline": Row(EVERYBODY),
    "GET /plans/<plan_id>/timeline.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/worth": Row(EVERYBODY),
    "GET /plans/<plan_id>/worth.<any(csv, json):form>": Row(EVERYBODY),
    "GET /plans/<plan_id>/orders/<order_id>": Row(EVERYBODY),
    "GET /plans/<plan_id>/unmet": Row(EVERYBODY),
    "GET /plans/<plan_id>/workshops/": Row(EVERYBODY),
    "GET /plans/<plan_id>/workshops/<workshop_id>": Row(EVERYBODY),
    "GET /plans/<plan_id>/network": Row(EVERYBODY),
    "GET /network/": Row(EVERYBODY),
    "GET /network.<any(graphml, geojson):form>": Row(EVERYBODY),
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
    # for programs
    "GET /api/v1/designs": Row(EVERYBODY),
    "GET /api/v1/designs/<design_id>": Row(EVERYBODY),
    "GET /api/v1/designs/<design_id>/<version>": Row(EVERYBODY),
    "POST /api/v1/designs": Row((M, A)),
    "POST /api/v1/designs/<design_id>/yank": Row((A,), SIGNED_IN, body={"version": "9.9.9", "reason": "a test"}),
    "POST /api/v1/designs/<design_id>/unyank": Row((A,), SIGNED_IN, body={"version": "9.9.9", "reason": "a test"}),
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
    "plan_id": "newest",
    "before": "newest",
    "after": "newest",
    "order_id": "A",
    "workshop_id": "north",
    "version": "1.0.0",
    "path": "okh.toml",
    "filename": "css/site.css",
    "form": "geojson",
    "code": "none",
    "name": "stranger",
    "change": "deactivate",
    "token_id": 99,
    "session_id": 99,
    "invitation_id": 99,
}
NOW = datetime(2026, 9, 7, tzinfo=UTC)
OTHERS, OWN = "us~lamp", "own~lamp"


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
    app = create_app(make_owned_region(tmp_path_factory.mktemp("house") / "region"), secret_key=b"of the tests")
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
    folder.mkdir()
    for name, text in (("region.yaml", REGION), ("workshops.yaml", WORKSHOPS), ("places.csv", PLACES)):
        (folder / name).write_text(text)
    root = folder / "designs"
    create_root(root)
    for design_id in (OTHERS, OWN):
        bundle = write_lamp(folder.parent / design_id, "1.0.0")
        publish_bundle(root, design_id, bundle, message="", created=NOW, by="stranger")
    owners = [str(role) for role in Role]
    add_notice(root, OWN, NewNotice(NoticeKind.OWNERS, by="stranger", at=NOW, values={"owners": owners}))
    return folder


def rules_of(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"{method} {rule.rule}", rule


def send(house: House, route: str, role: str, design_id: str) -> TestResponse:
    """Send a request as somebody of a role, in a browser of its own or, to the API, with a token."""
    method, rule = route.partition(" ")[0], house.rules[route]
    values = VALUES | {"design_id": design_id}
    if "any(csv, json):form" in rule.rule:
        values["form"] = "csv"
    if "draft_id" in rule.arguments:
        values["draft_id"] = add_draft(house, role if design_id == OWN and role != NOBODY else "stranger")
    with house.app.test_request_context():
        known = {name: values[name] for name in rule.arguments}
        address = house.app.url_for(rule.endpoint, **known)
    client = house.app.test_client()
    blueprint = rule.endpoint.rpartition(".")[0]
    if takes_tokens(blueprint):
        headers = {} if role == NOBODY else {"Authorization": f"Bearer {house.tokens[role]}"}
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
