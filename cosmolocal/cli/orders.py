"""Order books on the command line: look at one, or add many orders to one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import json_option, read_columns, region_option
from cosmolocal.cli.output import BAD_INPUT, count, say, say_problems, write_json
from cosmolocal.errors import Problem
from cosmolocal.orders import REQUIRED
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.order_books import open_book, read_bytes, read_order_book
from cosmolocal.workflows.order_reading import DATE_ORDERS, Options, decode
from cosmolocal.workflows.order_uploads import Preview, map_columns, preview_rows, take_upload
from cosmolocal.workflows.people import OPERATOR

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def orders() -> None:
    """Look at order books, and add to them."""


@orders.command()
@click.argument("file", type=FILE)
@region_option
@json_option
def check(file: Path, region: Path, as_json: bool) -> None:
    """Check an order book against the region, and list all faults; nothing is written."""
    book = read_order_book(file.stem, read_bytes(file), Workspace(region).region())
    # a column that is missing is one fault, not one of each row
    absent = set(REQUIRED).difference(book.text.columns)
    faults = [fault for row in book.rows for fault in row.faults if fault.column not in absent]
    problems = [*book.faults, *(fault.problem for fault in faults)]
    if as_json:
        counts = {"orders": len(book.rows), "units": book.units}
        write_json({"problems": [problem.as_dict() for problem in problems], "counts": counts})
    else:
        for problem in problems:
            say(str(problem))
        click.echo(f"{count(len(book.rows), 'order')}, {count(book.units, 'unit')}, {count(len(problems), 'problem')}")
    if problems:
        raise SystemExit(BAD_INPUT)


@orders.command()
@click.argument("book")
@click.argument("file", type=FILE)
@region_option
@click.option("--dates", type=click.Choice(DATE_ORDERS), default=DATE_ORDERS[0], show_default=True)
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="What a column stands for.")
@click.option("--leave-out-faults", is_flag=True, help="Take the good rows although others have faults.")
@click.option("--dry-run", is_flag=True, help="Say what it would do, and write nothing.")
@json_option
def add(book: str, file: Path, region: Path, as_json: bool, **given: Any) -> None:
    """Add the orders of a table (CSV as people send it) to an order book; those it has already are changed."""
    workspace = Workspace(region)
    text, encoding = decode(file.read_bytes())
    options = Options(dates=given["dates"])
    opened = open_book(workspace, book)
    preview = preview_rows(workspace, opened, text, options)
    if given["columns"]:
        options = replace(options, columns=map_columns(preview.sent, read_columns(given["columns"])))
        preview = preview_rows(workspace, opened, text, options)
    say(f"read as {encoding}, columns parted by {preview.sent.separator}")
    for header, column in zip(preview.sent.header, preview.sent.columns, strict=True):
        say(f"  {header}: {column or 'left out'}")
    problems = list(preview.faults)
    if preview.problems or (problems and not given["leave_out_faults"]):
        say_problems(problems, as_json)
        _hint(preview, options)
        raise SystemExit(BAD_INPUT)
    if not given["dry_run"]:
        take_upload(workspace, OPERATOR, opened, text, options, (preview.mark, given["leave_out_faults"]))
    _tell(preview, problems, as_json)


def _hint(preview: Preview, options: Options) -> None:
    """Say which options would take what is refused."""
    columns = {fault.column for row in preview.faulty for fault in row.faults}
    if preview.problems:
        say("--map COLUMN=FIELD says what a column stands for")
    if options.dates == DATE_ORDERS[0] and columns & {"due_date", "release_date"}:
        say("dates such as 31/12/2026 are read with --dates day-first, 12/31/2026 with --dates month-first")
    elif not preview.problems:
        say("--leave-out-faults takes the other rows")


def _tell(preview: Preview, problems: list[Problem], as_json: bool) -> None:
    numbers = {"added": preview.added, "changed": preview.changed, "same": preview.same, "left_out": preview.faulty}
    counts = {name: len(rows) for name, rows in numbers.items()}
    if as_json:
        write_json({"counts": counts, "problems": [problem.as_dict() for problem in problems]})
        return
    for problem in problems:
        say(str(problem))
    click.echo(", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()))
