"""A small region in which every form of the pages can be met, and clients for who is signed in and who is not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cosmolocal.designs.bundles import create_root
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Closure, Person, Role, Scope
from cosmolocal.web import create_app
from cosmolocal.web.api.closures import id_of
from cosmolocal.web.api.limits import Limits
from cosmolocal.web.sign_in import SESSION
from cosmolocal.workflows import Workspace, plan_book, publish_design
from cosmolocal.workflows.drafts import create_draft
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.running import Runner
from cosmolocal.workflows.scenarios import save_scenario_text
from cosmolocal.workflows.stewarding import yank_design
from cosmolocal.workflows.workspace import DATABASE
from torture.kept_folder import KeptFolder, keep_folder
from torture.lamp_region import write_lamp, write_region
from torture.pages import CSRF, Crawl, Field, Form, crawl, read_page
from torture.small_region import NoHasher, make_small_region

#: a day on which the north is closed
CLOSED = Closure("north", "", date(2026, 9, 21), date(2026, 9, 22), None, "a feast")
PASSWORD = "a quiet evening by the sea"
SCENARIO = "scenario:\n  title: North closes\nedits:\n- close-workshop: {workshop: north}\n"
MACHINE = (
    "{process: laser-cutting, machines: 1, hourly_cost: 20, weekly_hours: [{agreed: 20, actual: 30, maximum: 40}]}"
)
FILES = {
    "investments.yaml": f"""machines:
- {{id: laser, name: Laser, group: {MACHINE}, price: 9000, yearly_cost: 600, lifetime_years: 8}}
workshops:
- {{id: corner, name: Corner, machines: {{laser: 1}}, price: 90000, lifetime_years: 5}}
candidates: [{{place: all workshops}}, {{place: home}}]
""",
    "consumption.yaml": """year: 2026
categories:
- id: signs
  name: Signs
  eur_per_year: {value: 600000, provenance: assumed}
  kg_per_year: {value: 9000, provenance: assumed}
  growth_percent: {value: 0, provenance: assumed}
  local_percent: {value: 10, provenance: assumed}
  outside_percent: {value: 20, provenance: assumed}
  hours_per_1000_eur: {laser-cutting: {value: 10, provenance: assumed}}
""",
    "road.yaml": """road:
  first_year: 2027
  target: {percent: 40, year: 2030, provenance: assumed}
  yearly_budget: {value: 40000, provenance: assumed}
  machines_added_per_workshop: {value: 3, provenance: assumed}
  open_weeks: {value: 46, provenance: assumed}
  price_percent: {value: 100, provenance: assumed}
  discount_percent: {value: 3, provenance: assumed}
  samples: 20
""",
}


#: forms that only a page shows on which a solver has worked, and what scripts of a page send; with the fields they have
BY_HAND = {
    "POST /plans/<plan_id>/gaps/scenarios": ("/plans/{plan_id}/gaps/scenarios", ("proposal",)),
    "POST /plans/<plan_id>/siting/scenarios": ("/plans/{plan_id}/siting/scenarios", ("name", "seconds", "do")),
}


class IdleRunner(Runner):
    """Takes runs and plans nothing: they wait."""

    def _work(self) -> None:
        return


@dataclass(slots=True)
class FullRegion:
    """Applications over copies of it, which can be made anew after each change."""

    full: KeptFolder
    #: one in which nobody has an account yet
    bare: KeptFolder
    app: Flask
    empty: Flask
    secret: str
    #: for the API, of the same person
    token: str
    #: what stands in addresses, by name
    values: dict[str, str]
    #: of the first account
    first_code: str

    @property
    def folder(self) -> Path:
        """Return the folder of the region."""
        return self.full.folder

    def client(self, *, signed_in: bool = True) -> FlaskClient:
        """Return a browser: of somebody who may do everything, or of nobody."""
        return _browser(self.app, self.secret if signed_in else "")

    def stranger(self) -> FlaskClient:
        """Return a browser where nobody has an account."""
        return _browser(self.empty, "")

    def copy(self, place: Path) -> "FullRegion":
        """Return the same in another folder, for another process."""
        full, bare = self.full.copy(place / "region"), self.bare.copy(place / "empty")
        return replace(self, full=full, bare=bare, app=_make_app(full.folder), empty=_make_app(bare.folder))

    def crawl(self) -> Crawl:
        """Return all pages, and all forms with a field for each thing that can be said in them."""
        found = crawl(self.app, self.client(), self.starts)
        for app, client, starts in (
            (self.app, self.client(signed_in=False), ["http://localhost/sign-in"]),
            (self.empty, self.stranger(), [f"http://localhost/first-run?code={self.first_code}"]),
        ):
            more = crawl(app, client, starts)
            found.pages |= {address: text for address, text in more.pages.items() if address not in found.pages}
            found.forms |= {route: form for route, form in more.forms.items() if route not in found.forms}
            found.wrong += more.wrong
        token = next(
            form.values[CSRF] for form in found.forms.values() if form.method == "POST" and CSRF in form.values
        )
        for route, (action, names) in BY_HAND.items():
            form = Form("", "http://localhost" + action.format(**self.values), route.partition(" ")[0])
            form.fields = [Field(CSRF, "hidden", token[0]), *(Field(name, "text") for name in names)]
            found.forms.setdefault(route, form)
        return found

    def restore(self) -> None:
        """Make both regions as they were."""
        for one in (self.full, self.bare):
            one.restore()

    @property
    def starts(self) -> list[str]:
        """Return an address of each page whose address can be built."""
        found = []
        for rule in self.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and not rule.rule.startswith(("/api", "/static")):
                values = {name: self.values.get(name, "") for name in rule.arguments}
                if "form" not in values and all(values.values()):
                    built = rule.build(values, append_unknown=False)
                    found.append(f"http://localhost{built[1]}" if built else "")
        more = (
            "/",
            "/designs/us~lamp/1.1.0/",
            "/places/?lat=41.4&lon=2.17&new=yes",
            "/places/?place=home&lat=41.4&lon=2.1",
        )
        return [*(f"http://localhost{path}" for path in more), *filter(None, found)]


def make_full_region(place: Path) -> FullRegion:
    """Make the region in a folder below ``place``."""
    folder, empty = place / "region", place / "empty"
    small = make_small_region(folder)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    publish_design(folder, write_lamp(place / "newer", "1.1.0"), None, "second", "ada")
    yank_design(folder, "us~lamp@1.1.0", "it breaks", "ada")
    write_region(empty)
    create_root(empty / "designs")
    app, nobody = (_make_app(one) for one in (folder, empty))
    ada = Person("ada", "Ada", frozenset(Role), "north")
    people: People = app.extensions["people"]()
    people.set_access(OPERATOR, "ada", Role, "north")
    people.add(OPERATOR, Person("bo", "Bo", frozenset(Role), "south"), PASSWORD)
    people.sign_in("ada", PASSWORD)
    secret, code = people.sign_in("ada", PASSWORD), people.invite(OPERATOR, {Role.MAKER})
    token = people.make_token(people.find(OPERATOR, "ada"), "strings", Scope, 9)
    people.close()
    workspace = Workspace(folder)
    save_scenario_text(workspace, ada, "closes", SCENARIO, "")
    inputs, book = workspace.read(folder / "orders/book.csv", {"overtime_percent": "50"})
    workspace.save(plan_book(inputs, book, SolveSettings(5.0), Watch()), inputs.region)
    draft = create_draft(folder, ada, "us~lamp@1.0.0")
    newest = workspace.plans()[0].id
    values = {**{name: str(value) for name, value in small.known.items()}, "plan_id": newest, "draft_id": draft.id}
    values |= {"scenario_id": "closes", "kind": "demand", "name": "bo", "code": code, "path": "okh.toml", "form": "csv"}
    values |= {"before": newest, "after": workspace.plans()[-1].id, "place_id": "home", "workshop_id": "north"}
    values["closure_id"] = id_of(CLOSED)
    first = nobody.extensions["people"]()
    first_code = str(first.first_run_code())
    first.close()
    _set_up_by_hand(_browser(app, secret))
    kept = keep_folder(folder, place / "kept"), keep_folder(empty, place / "kept-empty")
    return FullRegion(*kept, app, nobody, secret, token, values, first_code)


def _browser(app: Flask, secret: str) -> FlaskClient:
    """Return a browser; forms of one such browser are good for all, for their tokens are made of the same secret."""
    client = app.test_client()
    with client.session_transaction() as session:
        session[CSRF] = "ab" * 20
        if secret:
            session[SESSION] = secret
    return client


def _make_app(folder: Path) -> Flask:
    app = create_app(folder, secret_key=b"of the torture")
    workspace = app.extensions["workspace"]
    app.extensions["limits"] = Limits(changes=10**9, dear=10**9)
    app.extensions["people"] = lambda: People(folder / DATABASE, hasher=NoHasher())
    app.extensions["runner"] = IdleRunner(workspace)
    return app


def _set_up_by_hand(client: FlaskClient) -> None:
    """Fill in the forms whose traces other forms need: a closed day, an address of a calendar, a run that waits."""
    for page, said in (
        ("/workshops/north/hours", {"from": "2026-09-21", "to": "2026-09-22", "reason": "a feast", "do": "save"}),
        ("/workshops/north/calendar", {}),
        ("/runs/new", {}),
    ):
        forms = read_page(f"http://localhost{page}", client.get(page).get_data(as_text=True))[1]
        form = next(form for form in forms if form.method == "POST" and "sign-out" not in form.action)
        response = send(client, form, said)
        if response.status_code >= 400:
            raise RuntimeError(f"{page} answers {response.status_code} to what is right")


def send(client: FlaskClient, form: Form, said: Mapping[str, str]) -> TestResponse:
    """Send a form as a browser does, with some fields filled in otherwise; a field that takes a file gets one."""
    values: dict[str, list[str]] = {**form.values, **{name: [text] for name, text in said.items()}}
    files = {field.name for field in form.fields if field.kind == "file"}
    pairs = [(name, one) for name, texts in values.items() if name not in files for one in texts]
    query = "&".join(f"{_quoted(name)}={_quoted(one)}" for name, one in pairs)
    if form.method == "GET":
        return client.get(form.action.partition("?")[0] + "?" + query, buffered=True)
    if not files:
        told = "application/x-www-form-urlencoded"
        return client.post(form.action, data=query, content_type=told, buffered=True)
    lines = [f'form-data; name="{_in_head(name)}"\r\n\r\n{one}' for name, one in pairs]
    for name in files:
        text = said.get(name, "")
        lines.append(f'form-data; name="{name}"; filename="{_in_head(text)}"\r\n\r\n{text}')
    body = "".join(f"--{_BOUNDARY}\r\nContent-Disposition: {line}\r\n" for line in lines) + f"--{_BOUNDARY}--\r\n"
    told = f"multipart/form-data; boundary={_BOUNDARY}"
    return client.post(form.action, data=body.encode("utf-8", "surrogatepass"), content_type=told, buffered=True)


_BOUNDARY = "----torture"


def _in_head(text: str) -> str:
    """Return a name as browsers write it into the head of a part."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _quoted(text: str) -> str:
    """Return a text as an address holds it; halves of surrogate pairs as their bytes would be."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
