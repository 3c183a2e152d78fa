"""Starting a region, bringing lists into it, taking them out again, and finding places."""

import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import OUT, json_option, read_columns, region_option
from cosmolocal.cli.output import count, say, write_json, write_table
from cosmolocal.errors import InputError
from cosmolocal.records import PlaceKind
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.exchanging import EXPORT_FORMATS, export_workshops
from cosmolocal.workflows.importing import (
    KINDS,
    Request,
    Review,
    apply_import,
    read_near,
    review_import,
    suggest_kind,
    write_review,
)
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.place_lists import add_places
from cosmolocal.workflows.places import open_places
from cosmolocal.workflows.starting import NewRegion, next_steps, region_id_of, start_region

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
#: rows shown of each outcome, unless all are asked for
SHOWN = 10


@click.command()
@click.argument("region", type=click.Path(file_okay=False, path_type=Path))
@click.option("--id", "region_id", help="Small letters, digits, hyphens; the folder's name unless given.")
@click.option("--name", help="What people call the region.")
@click.option("--lat", type=click.FloatRange(-90, 90), help="Degrees north of its centre.")
@click.option("--lon", type=click.FloatRange(-180, 180), help="Degrees east of its centre.")
@click.option("--country", default="", help="Two letters.")
@click.option("--currency", default="EUR", show_default=True)
@click.option("--start", type=DAY, help="First Monday that is planned; the next one unless given.")
@json_option
def init(region: Path, region_id: str | None, as_json: bool, **given: Any) -> None:
    """Start a region in a folder: its files, with what nobody knows yet; nothing is written over."""
    for name in ("name", "lat", "lon"):
        if given[name] is None and not sys.stdin.isatty():
            raise click.UsageError(f"--{name} is missing, and there is no terminal to ask at")
    name = given["name"] or click.prompt("What is the region called?", err=True)
    lat = given["lat"] if given["lat"] is not None else click.prompt("Degrees north?", type=float, err=True)
    lon = given["lon"] if given["lon"] is not None else click.prompt("Degrees east?", type=float, err=True)
    start = given["start"].date() if given["start"] else _next_monday(date.today())
    new = NewRegion(region_id or region_id_of(region), name, lat, lon, given["country"], given["currency"], start)
    written = start_region(region, new)
    if as_json:
        write_json({"written": [str(path) for path in written], "next": list(next_steps(region, new))})
        return
    for path in written:
        click.echo(str(path))
    say("next:")
    for step in next_steps(region, new):
        say(f"  {step}")


def _next_monday(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


@click.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=FILE)
@region_option
@click.option("--apply", is_flag=True, help="Change the register; else it is only shown what would change.")
@click.option("--near", metavar="LAT,LON", help="Only what is near this point.")
@click.option("--within", type=click.FloatRange(0.001, 20_100), default=50.0, show_default=True, help="Km around it.")
@click.option("--country", default="", help="Only this country, as the list writes it.")
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="What a column stands for.")
@click.option("--source", default="", help="Name of the list; known lists have one, else the file's name.")
@click.option("--date", "day", type=DAY, help="Day of the list; today unless given.")
@click.option("--licence", default="", help="Licence of the list, best as SPDX id.")
@click.option("--accept-fuzzy", is_flag=True, help="Take words for equipment that are only like a process.")
@click.option("--assume-hours", type=click.FloatRange(0, 168), help="Hours a week of machines that nobody knows.")
@click.option("--assume-cost", type=click.FloatRange(0, 100_000), help="Cost an hour of machines that nobody knows.")
@click.option("--review", type=OUT, help="Write every row with its outcome here, with a column to decide in.")
@click.option("--decisions", type=FILE, help="Such a file, with decisions: new, leave, or a workshop's id.")
@click.option("--all", "every", is_flag=True, help="Show every row, not the first of each outcome.")
@json_option
def import_command(kind: str, file: Path, region: Path, as_json: bool, **given: Any) -> None:
    """Bring a list of workshops or machines into the register: shown first, changed with --apply."""
    request = _request(kind, file, given)
    workspace = Workspace(region)
    try:
        review = apply_import(workspace, OPERATOR, request) if given["apply"] else review_import(workspace, request)
    except InputError:
        _hint_kind(request)
        raise
    if given["review"] is not None:
        given["review"].parent.mkdir(parents=True, exist_ok=True)
        given["review"].write_text(write_review(review), encoding="utf-8")
    if as_json:
        write_json(_as_dict(review, given["apply"]))
    else:
        _show(review, given["every"])
        say("the register was changed" if given["apply"] else "nothing was written; --apply changes the register")
        if review.counts["refused"] == len(review.rows):
            _hint_kind(request)
        elif not request.licence and review.workshops != review.before:
            say("nobody said under which licence the list is; --licence keeps it with what comes in")


def _hint_kind(request: Request) -> None:
    """Say of which kind a list seems to be, if it is another one than was asked for."""
    kind = suggest_kind(request)
    if kind != request.kind:
        say(f"this file looks like another kind of list: cosmolocal import {kind} {request.file}")


def _request(kind: str, file: Path, given: dict[str, Any]) -> Request:
    near = read_near(given["near"]) if given["near"] else None
    if given["near"] and near is None:
        raise click.UsageError(f"--near takes LAT,LON in degrees, such as 41.39,2.17; found {given['near']}")
    hours, cost = given["assume_hours"], given["assume_cost"]
    if (hours is None) != (cost is None):
        raise click.UsageError("--assume-hours and --assume-cost go together: an hour needs a cost to be planned")
    assumed = None if hours is None else (round(hours * 60), round(cost * 100))
    return Request(
        kind=kind,
        file=file,
        source=given["source"],
        day=given["day"].date() if given["day"] else date.today(),
        licence=given["licence"],
        near=near,
        within_km=given["within"],
        country=given["country"],
        columns=read_columns(given["columns"]),
        accept_fuzzy=given["accept_fuzzy"],
        assumed=assumed,
        decisions=given["decisions"],
    )


def _as_dict(review: Review, applied: bool) -> dict[str, Any]:
    return {
        "applied": applied,
        "counts": review.counts,
        "workshops": sorted(review.named),
        "columns": [{"column": each.header, "field": each.field, "by": each.found_by} for each in review.columns],
        "asked": dict(review.asked),
        "rows": [
            {
                "place": row.row.place,
                "name": row.row.name,
                "outcome": row.outcome.value,
                "workshop": row.workshop,
                "notes": list(row.notes),
            }
            for row in review.rows
        ],
        "problems": [],
    }


def _show(review: Review, every: bool) -> None:
    if review.read_as:
        say(f"read as {review.read_as}")
        for column in review.columns:
            meaning = f"{column.field} (by {column.found_by})" if column.field else "left out"
            say(f"  {column.header}: {meaning}")
    for outcome, number in review.counts.items():
        if outcome in ("rows", "outside", "same") or not number:
            continue
        rows = [row for row in review.rows if row.outcome.value == outcome]
        for row in rows if every else rows[:SHOWN]:
            about = f" → {row.workshop}" if row.workshop else ""
            click.echo(f"{outcome:>8}  {row.row.place}  {row.row.name}{about}")
            for note in row.notes:
                click.echo(f"{'':10}{note}")
        if not every and len(rows) > SHOWN:
            click.echo(f"{outcome:>8}  … and {len(rows) - SHOWN} more (--all shows them, --review writes them)")
    for word, process in review.asked.items():
        click.echo(f"     ask  equipment {word!r}: {process or 'no process is like it'}")
    counts = review.counts
    told = [count(counts.pop("rows"), "row"), *(f"{number} {name}" for name, number in counts.items())]
    click.echo(", ".join(told))
    click.echo(f"about {count(len(review.named), 'workshop')}")


@click.group()
def workshops() -> None:
    """Take the register of workshops elsewhere."""


@workshops.command("export")
@region_option
@click.option("--format", "form", type=click.Choice(EXPORT_FORMATS), required=True)
@click.option("--out", type=OUT, help="Write here instead of stdout.")
def export_command(region: Path, form: str, out: Path | None) -> None:
    """Write the workshops as Open Know-Where JSON or GeoJSON; imported again, nothing is lost."""
    text = export_workshops(region, form)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")


@click.group()
def places() -> None:
    """Look for places by what people write."""


@places.command("add")
@click.argument("file", type=FILE)
@click.option("--kind", type=click.Choice(["neighbourhood", "hub"]), default="neighbourhood", show_default=True)
@click.option("--apply", is_flag=True, help="Change places.csv; else it is only shown what would be new.")
@region_option
@json_option
def add_command(file: Path, kind: str, apply: bool, region: Path, as_json: bool) -> None:
    """Add the neighbourhoods or hubs of a table or GeoJSON to places.csv; those it has already stay as they are."""
    rows = add_places(Workspace(region), OPERATOR, file, PlaceKind(kind), apply)
    counts = Counter(row.outcome for row in rows)
    told = {name: counts[name] for name in ("new", "same", "refused")}
    if as_json:
        shown = [{"place": r.place, "name": r.name, "outcome": r.outcome, "id": r.id, "note": r.note} for r in rows]
        write_json({"applied": apply, "counts": {"rows": len(rows), **told}, "rows": shown, "problems": []})
        return
    for row in rows:
        if row.outcome != "same":
            note = f": {row.note}" if row.note else ""
            click.echo(f"{row.outcome:>8}  {row.place}  {row.name}{f' → {row.id}' if row.id else ''}{note}")
    click.echo(", ".join([count(len(rows), "row"), *(f"{number} {name}" for name, number in told.items())]))
    say("places.csv was changed" if apply and told["new"] else "nothing was written; --apply changes places.csv")


@places.command("find")
@click.argument("text")
@region_option
@click.option("--most", type=click.IntRange(1, 100), default=5, show_default=True)
@json_option
def find_command(text: str, region: Path, most: int, as_json: bool) -> None:
    """Find a place or an address among the region's own, with how well it fits."""
    searched = open_places(region)
    found = searched.find(text, most)
    if searched.silent:
        say(f"{searched.silent} did not answer; the region's own places were searched")
    if as_json:
        names = ("id", "name", "kind", "lat", "lon", "score")
        write_json(
            {"places": [{n: getattr(each, n) for n in names} | {"quality": each.quality.value} for each in found]}
        )
        return
    head = ("quality", "score", "place", "name", "lat", "lon")
    write_table(head, ((e.quality.value, e.score, e.id or "–", e.name, e.lat, e.lon) for e in found))
    if not found:
        say("nothing is like it")
