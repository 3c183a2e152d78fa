"""Fills a region with texts that would run if a page let them, and opens every page that shows them in a browser."""

import csv
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Dialog, Error, Page, sync_playwright

from cosmolocal.records import Person, Role
from cosmolocal.workflows import publish_design
from cosmolocal.workflows.people import OPERATOR
from torture.full_region import PASSWORD, SCENARIO, FullRegion, send
from torture.lamp_region import MANIFEST
from torture.naughty import SCRIPT
from torture.naughty_forms import BY_NOBODY, find_forms, right_values
from torture.pages import Crawl, Form, find_active, route_of
from torture.sections import UnavailableError
from torture.serving import served

#: texts, each of which runs in another place of a page
PROBES = (
    f"<img src=x onerror={SCRIPT}>",
    f'"><svg onload="{SCRIPT}">',
    f"' autofocus onfocus='{SCRIPT}",
    f"</textarea></title></script><script>{SCRIPT}</script>",
    f"javascript:{SCRIPT}",
    f'=HYPERLINK("javascript:{SCRIPT}")',
)
#: forms that would take away what others show
_DESTROYS = re.compile(
    r"take-down|discard|remove|revoke|activate|sign-out|cancel|withdraw|/end$|password|delete|access|yank"
)
_FREE = frozenset({"text", "search", "textarea", "url", "tel", "email"})
MARKDOWN = f"""# <img src=x onerror="{SCRIPT}">

<script>{SCRIPT}</script> [a](javascript:{SCRIPT}) ![b](javascript:{SCRIPT}) <a href="javascript:{SCRIPT}">c</a>

[d]: javascript:{SCRIPT}
[d] <svg onload="{SCRIPT}"></svg> `<script>{SCRIPT}</script>` <data:text/html,<script>{SCRIPT}</script>>
"""
SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="{SCRIPT}"><script>{SCRIPT}</script>
<a href="javascript:{SCRIPT}"><text y="9">x</text></a><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"
 onload="{SCRIPT}"/></foreignObject></svg>"""
HTML = f"<!DOCTYPE html><html><body onload='{SCRIPT}'><script>{SCRIPT}</script></body></html>"
WATCH = """
window.__wrong = [];
document.addEventListener('securitypolicyviolation',
  e => window.__wrong.push(e.violatedDirective + ' ' + e.blockedURI));
"""
LOOK = """() => [window.__ran || 0, window.__wrong || [],
  [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on|^srcdoc$/i.test(a.name))
    || /^\\s*(javascript|vbscript):/i.test(e.getAttribute('href') || e.getAttribute('src') || ''))
    .map(e => e.outerHTML)]"""
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
#: [ms]
PATIENCE, MAP_PATIENCE = 60_000, 15_000


@dataclass(slots=True)
class Shown:
    """What came of opening the pages."""

    pages: int = 0
    forms: int = 0
    tables: int = 0
    wrong: list[str] = field(default_factory=list)


def fill(full: FullRegion) -> set[str]:
    """Put the texts wherever a person can write them; return the forms that took some."""
    taken: set[str] = set()
    client = full.client()
    for route, form in sorted(find_forms(full).items()):
        if form.method != "POST" or _DESTROYS.search(route) or route in BY_NOBODY:
            continue
        for probe in PROBES:
            taken |= {route for said in _saids(route, form, probe) if _is_taken(send(client, form, said))}
    _fill_by_hand(full)
    return taken


def _saids(route: str, form: Form, probe: str) -> Iterator[dict[str, str]]:
    """Yield a text in each free field alone."""
    free = dict.fromkeys(one.name for one in form.fields if one.kind in _FREE)
    for name in free:
        yield {**right_values(route, form), name: probe}


def _is_taken(response: Any) -> bool:
    return bool(response.status_code < 400)


def _fill_by_hand(full: FullRegion) -> None:
    """Put the texts into what comes as files: a bundle, and the lists of the region."""
    folder = full.folder.parent / "hostile"
    folder.mkdir()
    manifest = MANIFEST.format(version="3.0.0", minutes="20")
    for name, probe in (("Lamp", PROBES[0]), ("us", PROBES[1]), ("Gives light.", PROBES[3])):
        manifest = manifest.replace(f'"{name}"', f"'''{probe}'''")
    manifest = manifest.replace("mass = 900\n", 'mass = 900\nreadme = "README.md"\nimage = "picture.svg"\n')
    files = {
        "okh.toml": manifest,
        "README.md": MARKDOWN,
        "picture.svg": SVG,
        "page.html": HTML,
        "table.csv": f"{PROBES[0]},=1+1\n",
    }
    files |= {"notes.txt": "\n".join(PROBES), "model.stl": f"solid {PROBES[0]}\nendsolid\n", "model.gltf": HTML}
    for name, text in files.items():
        (folder / name).write_text(text)
    publish_design(full.folder, folder, "us~lamp", PROBES[0], "ada")
    title = SCENARIO.replace("North closes", f"'{PROBES[0]}'")
    (full.folder / "scenarios" / "closes.yaml").write_text(title)
    people = full.app.extensions["people"]()
    people.add(OPERATOR, Person("cleo", PROBES[0], frozenset(Role), "south"), PASSWORD)
    people.close()
    for name, old in (("workshops.yaml", "North Makers"), ("places.csv", "Home"), ("region.yaml", "made up")):
        path = full.folder / name
        quoted = PROBES[0] if name.endswith("csv") else f"'{PROBES[0]}'"
        path.write_text(path.read_text().replace(old, quoted))


def find_formulas(table: bytes) -> Iterator[str]:
    """Yield cells of a CSV file that a spreadsheet would work out."""
    for row in csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")):
        for cell in row:
            if cell[:1] in tuple("=+-@\t\r") and not re.fullmatch(r"[-+]?[\d.,:e]+", cell):
                yield cell[:60]


@contextmanager
def browser_page(cookie: str, address: str) -> Iterator[tuple[Page, list[str]]]:
    """Give a page of a browser in which somebody is signed in, and the list of dialogs that came."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise UnavailableError("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context()
        context.add_cookies([{"name": "cosmolocal", "value": cookie, "url": address}])
        context.add_init_script(WATCH)
        page, dialogs = context.new_page(), list[str]()

        def note(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", note)
        try:
            yield page, dialogs
        finally:
            browser.close()


def open_pages(full: FullRegion, crawled: Crawl, every: int = 1) -> Shown:
    """Open each page in a browser, and note what ran there or wanted to."""
    shown, client = Shown(), full.client()
    cookie = client.get_cookie("cosmolocal")
    addresses = [
        *crawled.pages,
        *(name for name, (kind, _) in crawled.files.items() if "svg" in kind or "html" in kind),
    ]
    with served(full.app) as server, browser_page(cookie.value if cookie else "", server) as (page, dialogs):
        for address in addresses[::every]:
            shown.pages += 1
            place = address.removeprefix("http://localhost")
            with suppress(Error):  # what is sent to be kept is no page
                page.goto(server + place, timeout=PATIENCE)
            if page.locator("#map").count():
                with suppress(Error):
                    page.wait_for_selector("#map[data-ready]", timeout=MAP_PATIENCE)
            ran, refused, active = page.evaluate(LOOK)
            told = [*([f"{ran} scripts ran"] * bool(ran)), *refused, *active, *(f"dialog {text}" for text in dialogs)]
            shown.wrong += [f"{route_of(full.app, address) or place}: {text[:200]}" for text in told]
            dialogs.clear()
    return shown


def run_pages(full: FullRegion, every: int = 1) -> Shown:
    """Fill the region, read all its pages and tables, and open the pages in a browser."""
    taken = fill(full)
    crawled = full.crawl()
    shown = open_pages(full, crawled, every)
    shown.forms = len(taken)
    shown.wrong += crawled.wrong
    for address, text in crawled.pages.items():
        shown.wrong += [f"{route_of(full.app, address)}: the page holds {active}" for active in find_active(text)]
    for address, (kind, data) in crawled.files.items():
        if kind == "text/csv":
            shown.tables += 1
            shown.wrong += [f"{address}: a spreadsheet works out {cell!r}" for cell in find_formulas(data)]
    return shown
