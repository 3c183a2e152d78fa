"""Every page of the application: axe by day, by night and on a phone. A route that stands in no list fails."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from browser.looking import faults, opened, visit
from browser.serving import served
from browser.test_browser import PAGES as SHOWN
from flask import Flask
from playwright.sync_api import Page
from web.accounts import client_as, post
from web.bench_shop import copy_region, jobs_of, open_house
from web.planned import BOOK, Fake, settle, use_fake
from web.test_fronts import FORM
from web.test_roads import find_road
from web.test_scenarios import EMPTY

from cosmolocal.records import Person, Role
from cosmolocal.web import create_app
from cosmolocal.workflows.design_questions import ask_question
from cosmolocal.workflows.drafts import create_draft
from cosmolocal.workflows.fronts import list_fronts
from cosmolocal.workflows.people import OPERATOR

SHELF = "/designs/we~shelf/1.0.0"
#: by route: an address of it, and who looks; pages that only show a plan stand in SHOWN
PAGES = {
    "/": ("/", "pia"),
    "/plans/": ("/plans/", "pia"),
    "/plans/<plan_id>/": ("/plans/{plan}/", "pia"),
    "/plans/<plan_id>/orders/<order_id>": ("/plans/{plan}/orders/SHELF", "pia"),
    "/plans/<plan_id>/gaps": ("/plans/{plan}/gaps", "pia"),
    "/plans/<plan_id>/siting": ("/plans/{plan}/siting", "pia"),
    "/plans/front/": ("/plans/front/", "pia"),
    "/plans/front/<front_id>": ("/plans/front/{front}", ""),
    "/plans/<plan_id>/changes": ("/plans/{plan}/changes", "pia"),
    "/plans/<plan_id>/publish": ("/plans/{plan}/publish", "pia"),
    "/scenarios/": ("/scenarios/", "pia"),
    "/scenarios/new": ("/scenarios/new", "pia"),
    "/scenarios/compare": ("/scenarios/compare?plan={plan}&plan={supposed}", ""),
    "/scenarios/<scenario_id>/": ("/scenarios/north-closes/", "pia"),
    "/scenarios/<scenario_id>/add/<kind>": ("/scenarios/north-closes/add/demand", "pia"),
    "/scenarios/<scenario_id>/edit": ("/scenarios/north-closes/edit", "pia"),
    "/road/": ("/road/", "pia"),
    "/open/": ("/open/", ""),
    "/network/": ("/network/", ""),
    "/places/": ("/places/", "pia"),
    "/workshops/import": ("/workshops/import", "pia"),
    "/orders/": ("/orders/", "pia"),
    "/orders/new": ("/orders/new", "pia"),
    "/orders/<book>/": ("/orders/book/", "pia"),
    "/orders/<book>/history": ("/orders/book/history", "pia"),
    "/orders/<book>/add": ("/orders/book/add", "pia"),
    "/orders/<book>/rows/<key>/": ("/orders/book/rows/A/", "pia"),
    "/orders/<book>/rows/<key>/remove": ("/orders/book/rows/A/remove", "pia"),
    "/orders/<book>/upload": ("/orders/book/upload", "pia"),
    "/runs/": ("/runs/", "pia"),
    "/runs/new": ("/runs/new", "pia"),
    "/runs/<int(max=999999999):run_id>": ("/runs/1", "pia"),
    "/wishes/": ("/wishes/", "pia"),
    "/jobs/": ("/jobs/", "nora"),
    "/jobs/<job_id>/": ("/jobs/{job}/", "nora"),
    "/jobs/<job_id>/sheet": ("/jobs/{job}/sheet", "nora"),
    "/workshops/<workshop_id>/hours": ("/workshops/north/hours", "nora"),
    "/workshops/<workshop_id>/calendar": ("/workshops/north/calendar", "nora"),
    "/my-designs/": ("/my-designs/", "max"),
    "/questions/<int(max=999999999):question_id>/": ("/questions/1/", "max"),
    "/designs/": ("/designs/", ""),
    "/designs/to-confirm": ("/designs/to-confirm", "max"),
    "/designs/new": ("/designs/new", "max"),
    "/designs/<design_id>/": ("/designs/we~shelf/", "max"),
    "/designs/<design_id>/compare": ("/designs/we~shelf/compare?a=1.0.0&b=1.0.0", ""),
    "/designs/<design_id>/owners": ("/designs/we~shelf/owners", "max"),
    "/designs/<design_id>/new-version": ("/designs/we~shelf/new-version", "max"),
    "/designs/<design_id>/<version>/": (f"{SHELF}/", "max"),
    "/designs/<design_id>/<version>/ask": (f"{SHELF}/ask", "nora"),
    "/designs/<design_id>/<version>/confirm": (f"{SHELF}/confirm", "max"),
    "/designs/<design_id>/<version>/preview/<path:path>": (f"{SHELF}/preview/README.md", ""),
    "/designs/<design_id>/<version>/report-make": (f"{SHELF}/report-make", "nora"),
    "/designs/<design_id>/<version>/take-down": (f"{SHELF}/take-down", "root"),
    "/designs/<design_id>/<version>/yank": (f"{SHELF}/yank", "max"),
    "/drafts/": ("/drafts/", "max"),
    "/drafts/<draft_id>": ("/drafts/{draft}", "max"),
    "/api/": ("/api/", "max"),
    "/sign-in": ("/sign-in", ""),
    "/account": ("/account", "nora"),
    "/people/": ("/people/", "root"),
    "/people/<name>/": ("/people/nora/", "root"),
    # where nobody has an account yet
    "/first-run": ("/first-run", ""),
    "/invitation/<code>": ("/invitation/{code}", ""),
}
#: more to see on some of them
MORE = (("/jobs/", "pia"), ("/designs/we~shelf/", "pia"), ("/plans/{limited}/", "pia"), ("/plans/{supposed}/", "pia"))
#: what is no page on purpose
NOT_THERE = ("/nowhere", "?week=soon")
#: other things that can be asked for: files, parts of pages, and what leads on; so do all with a form, and the API
NO_PAGES = {
    "/static/<path:filename>",
    "/health",
    "/metrics",
    "/calendars/<secret>.ics",
    "/designs/<design_id>/<version>/bundle.zip",
    "/designs/<design_id>/<version>/files/<path:path>",
    "/designs/<design_id>/<version>/picture/<path:path>",
    "/open/neighbourhoods.csv",
    "/places/map.svg",
    "/plans/<before>/difference/<after>/moves.geojson",
    "/plans/<plan_id>/map.json",
    "/plans/<plan_id>/front",
    "/plans/difference",
    "/runs/<int(max=999999999):run_id>/progress",
    "/scenarios/<scenario_id>/scenario.yaml",
}


@dataclass(frozen=True, slots=True)
class House:
    """A running server over a region with something on each page, and one in which nobody has an account."""

    address: str
    empty: str
    #: what stands in addresses
    values: dict[str, str]
    #: by name
    cookies: dict[str, str]

    def find(self, route: str) -> str:
        """Return an address of a route."""
        path = PAGES[route][0].format(**self.values)
        return (self.empty if route == "/first-run" else self.address) + path


@pytest.fixture(scope="module")
def house(planned, tmp_path_factory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("every")
    region = copy_region(planned[0], folder / "region")
    find_road(region)
    app = open_house(region, planned[1])[0]
    empty = create_app(copy_region(planned[0], folder / "empty"), secret_key=b"of the tests")
    workspace = app.extensions["workspace"]
    ask_question(workspace, OPERATOR, "we~shelf@1.0.0", "Which screws?")
    draft = create_draft(workspace.folder, Person("max", "Max", frozenset({Role.MAKER})))
    [job] = [status.job for status in jobs_of(app, "north") if status.job.lot == "SHELF/1"]
    values = {"plan": planned[1], "job": job.id, "draft": draft.id, "code": invite(app)}
    cookies = {name: client_as(app, name).get_cookie("cosmolocal").value for name in ("pia", "nora", "max", "root")}
    values |= suppose(app)
    plan_again(app)
    with served(app) as address, served(empty) as nobody:
        yield House(address, nobody, values, cookies)


def invite(app: Flask) -> str:
    """Return the code of an invitation."""
    people = app.extensions["people"]()
    code = people.invite(OPERATOR, {Role.MAKER})
    people.close()
    return code


def suppose(app: Flask) -> dict[str, str]:
    """Return the ids of plans to choose from, and of the plan of a scenario."""
    pia, runner = client_as(app, "pia"), app.extensions["runner"]
    assert post(pia, "/scenarios/new", {"name": "north-closes", "text": EMPTY}).status_code == 303
    assert post(pia, "/scenarios/north-closes/add/close-workshop", {"workshop": "north"}).status_code == 303
    assert post(pia, "/scenarios/north-closes/run", {"book": BOOK}).status_code == 303
    assert post(pia, "/plans/front/", FORM).status_code == 303
    settle(runner)
    [(_, front)] = list_fronts(app.extensions["workspace"])
    [supposed] = [plan.id for plan in app.extensions["workspace"].plans() if plan.scenario]
    runner.close()
    return {"front": front.id, "limited": front.points[-1].plan, "supposed": supposed}


def plan_again(app: Flask) -> None:
    """Let a run come to its end."""
    fake = Fake()
    fake.let.set()
    runner = use_fake(app, fake)
    assert post(client_as(app, "pia"), "/runs/", {"book": BOOK, "seconds": "5"}).status_code == 303
    settle(runner)


@pytest.mark.browser
@pytest.mark.parametrize("name", dict.fromkeys(who for _, who in PAGES.values()))
def test_axe_finds_nothing_on_any_page_nothing_sticks_out_and_nothing_leaves_the_host(browser, house, name):
    with opened(browser) as page:
        if name:
            page.context.add_cookies([{"name": "cosmolocal", "value": house.cookies[name], "url": house.address}])
        addresses = [house.find(route) for route, (_, who) in PAGES.items() if who == name]
        addresses += [house.address + path.format(**house.values) for path, who in MORE if who == name]
        look(page, addresses, (house.address, house.empty))


@pytest.mark.browser
@pytest.mark.parametrize("part", range(2))
def test_the_same_holds_for_the_states_of_a_plan(browser, site, part):
    with opened(browser) as page:
        look(page, [site + path for path in list(SHOWN.values())[part::2]], (site,))


def look(page: Page, addresses: Iterable[str], hosts: tuple[str, ...]) -> None:
    """Say what is wrong with pages: faults, heads, what they ask of others, and complain of."""
    found: list[object] = []
    page.on("request", lambda request: request.url.startswith((*hosts, "data:", "blob:")) or found.append(request.url))
    page.on("console", lambda message: message.type != "error" or found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    for address in addresses:
        status = visit(page, address, timeout=120_000)
        if address.endswith(NOT_THERE):
            assert status in (404, 422)
            found = [told for told in found if "Failed to load resource" not in str(told)]
        elif status != 200:
            found.append((address, status))
        found += [(address, *fault) for fault in faults(page)]
        if page.locator("h1").count() != 1:
            found.append((address, "heads", page.locator("h1").count()))
    assert found == []


def test_each_route_is_a_page_that_is_looked_at_or_said_to_be_none(tmp_path):
    """Files for programs say their form, and the API its version; every other route stands in one of the lists."""
    (tmp_path / "build").mkdir()
    rules = create_app(tmp_path, secret_key=b"of the tests").url_map.iter_rules()
    asked = {rule.rule for rule in rules if "GET" in (rule.methods or ())}
    others = {rule for rule in asked if ":form>" not in rule and not rule.startswith("/api/v1/")}
    routes = create_app(tmp_path, secret_key=b"of the tests").url_map.bind("")
    shown = {
        routes.match(path.partition("?")[0], return_rule=True)[0].rule
        for path in SHOWN.values()
        if not path.endswith(NOT_THERE)
    }
    assert others == PAGES.keys() | shown | NO_PAGES
