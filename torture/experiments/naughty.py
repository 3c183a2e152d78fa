"""Strings that programs stumble over, in every field of every form and of the API; and what pages make of them."""

from functools import partial

from torture.full_region import make_full_region
from torture.naughty import COUNT, naughty_strings
from torture.naughty_api import feed_api
from torture.naughty_forms import Fed, feed_addresses, form_tasks, memory_folder, run_tasks
from torture.naughty_pages import run_pages
from torture.sections import Result, Section, table

#: the operations of the API are parted into so many tasks
API_PARTS = 24
#: of the strings, each n-th goes into addresses
ADDRESSES = 5


def run_strings(share: float) -> Result:
    """Send the strings; of a share, each n-th."""
    strings = naughty_strings()[:: max(1, round(1 / share))]
    with memory_folder() as folder:
        full = make_full_region(folder)
        forms, missing = form_tasks(full, strings)
        tasks = [partial(feed_api, strings=strings, part=part, parts=API_PARTS) for part in range(API_PARTS)]
        # the forms come last, for they are sorted by their size: no process waits long for another's last task
        fed = run_tasks(full, [partial(feed_addresses, strings=strings[::ADDRESSES]), *tasks, *forms])
    done = f"{len(strings)} strings in {fed.fields} fields, {fed.requests:,} requests"
    return Result(done, (*missing, *fed.wrong), table_of(fed))


def table_of(fed: Fed) -> str:
    """Return a Markdown table of what came back."""
    by_route: dict[str, list[str]] = {}
    for (route, status), count in sorted(fed.answers.items()):
        by_route.setdefault(route, []).append(f"{status}: {count:,}")
    return table(
        ("form or operation", "answers"), [(f"`{route}`", ", ".join(told)) for route, told in by_route.items()]
    )


def run_in_browser(share: float) -> Result:
    """Open the pages; of a share, each n-th."""
    with memory_folder() as folder:
        shown = run_pages(make_full_region(folder), max(1, round(1 / share)))
    done = f"{shown.pages} pages opened after {shown.forms} forms took such texts, {shown.tables} tables read"
    return Result(done, tuple(dict.fromkeys(shown.wrong)))


SECTIONS = (
    Section(
        "naughty-strings",
        f"{COUNT} naughty strings in every field of every form, every part of an address and every field of the API",
        "every form is met; 0 status 5xx, 0 answers against the specification, 0 pages with something active",
        run_strings,
    ),
    Section(
        "naughty-pages",
        "texts that would run, wherever a person can write one – forms, names, Markdown, SVG, lists of the region –, "
        "and then every page in a real browser, every table as a spreadsheet reads it",
        "0 scripts run or refused, 0 dialogs, 0 formulas in tables",
        run_in_browser,
    ),
)
