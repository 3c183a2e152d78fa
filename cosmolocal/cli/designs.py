"""Designs from the command line."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import BAD_INPUT, count, say, write_json, write_table
from cosmolocal.cli.publishing import COMMANDS as PUBLISHING
from cosmolocal.cli.understanding import COMMANDS as UNDERSTANDING
from cosmolocal.cli.understanding import QUANTITY, describe_history, describe_lineage, describe_makers
from cosmolocal.workflows import (
    Workspace,
    euros,
    list_found,
    read_foreign_manifests,
    reindex_designs,
    show_design,
    verify_designs,
)
from cosmolocal.workflows.lineage import list_history, show_lineage
from cosmolocal.workflows.makers import list_makers

DAY = click.DateTime(["%Y-%m-%d"])


def day_of(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    """Return the day of a moment."""
    return None if value is None else value.date()


@click.group()
def designs() -> None:
    """Find, show, compare, start, check, publish, export and verify designs."""


for command in (*PUBLISHING, *UNDERSTANDING):
    designs.add_command(command)


@designs.command("list")
@click.option("--words", default="", help="Beginnings of words in names, functions, people, parts and materials.")
@click.option("--process", default="", help="A process that is needed, or any kind of it.")
@click.option("--material", default="", help="A material that is worked.")
@click.option("--fits", default="", metavar="XxYxZ", help="[mm] Every piece, or every one of --process, fits.")
@click.option("--licence", default="", help="SPDX id or its beginning, such as CERN-OHL.")
@click.option("--unknown", is_flag=True, help="Only designs with requirements that nobody has said.")
@click.option("--near", default="", metavar="PLACE", help="Every part can be made at most --within km from there.")
@click.option("--within", default="", metavar="KM")
@region_option
@json_option
def list_(region: Path, as_json: bool, unknown: bool, **wanted: str) -> None:
    """List the designs of a region with their versions, all or those that fit."""
    rows = list_found(region, wanted | ({"unknown": "yes"} if unknown else {}))
    if as_json:
        write_json(rows)
        return
    head = ("id", "versions", "licence", "unknown")
    cells = [
        (row["id"], " ".join(row["versions"]), row["license"] or "needs a person", len(row["unknown"])) for row in rows
    ]
    write_table(head, cells)


@designs.command()
@region_option
@json_option
def reindex(region: Path, as_json: bool) -> None:
    """Build the index of the designs in the database anew, from the store alone."""
    found = reindex_designs(region)
    if as_json:
        write_json(found)
        return
    write_table(("indexed", "rows"), found["counts"].items())
    say(f"{count(len(found['changed']), 'design')} had other rows before")


@designs.command()
@click.argument("design", metavar="ID[@VERSION]")
@click.option("--makers", is_flag=True, help="Also show which workshops can make it, which cannot and why.")
@click.option("--quantity", type=QUANTITY, help="With --makers: units, in one lot; 1 unless given.")
@click.option("--to", "place", help="With --makers: id of the place to deliver to; else it is fetched.")
@click.option(
    "--due", "due_date", type=DAY, callback=day_of, help="With --makers: day it is due; any week unless given."
)
@region_option
@json_option
def show(design: str, makers: bool, region: Path, as_json: bool, **asked: Any) -> None:
    """Show one version of a design with its history and lineage; the newest unless told."""
    asked = {name: value for name, value in asked.items() if value is not None}
    if asked and not makers:
        raise click.UsageError("--quantity, --to and --due say for what workshops are asked; add --makers")
    found = show_design(region, design)
    name = f"{found['id']}@{found['version']}"
    found |= {"lineage": show_lineage(region, name), "history": list_history(region, found["id"])}
    if makers:
        found["makers"] = list_makers(Workspace(region).region(), name, **asked)
    if as_json:
        write_json(found)
        return
    _describe_design(found)
    describe_lineage(found["lineage"])
    describe_history(found["history"])
    if makers:
        describe_makers(found["makers"])


def _describe_design(found: Mapping[str, Any]) -> None:
    price = found["reference_price_cents"]
    click.echo(f"{found['name']} {found['version']} ({found['id']})")
    click.echo(found["function"])
    click.echo(f"licence {found['license'] or 'needs a person'}, by {found['licensor']}, from {found['repo']}")
    click.echo(f"price outside the region: {'unknown' if price is None else euros(price)}")
    if isinstance(found["tasks"], str):
        click.echo(f"its bill of materials cannot be taken apart: {found['tasks']}")
    else:
        write_table(
            ("made", "pieces", "g_each", "processes"),
            (
                (task["path"] or "the whole", task["quantity"], task["mass_g"], ", ".join(task["processes"]) or "–")
                for task in found["tasks"]
            ),
        )
    _describe_operations(found["parts"])
    for name in found["unknown"]:
        click.echo(f"unknown: {name}")


def _describe_operations(parts: Iterable[Mapping[str, Any]]) -> None:
    """Write how sure each operation is: where it was taken from, and who confirmed it."""
    rows = []
    for part in parts:
        for step in part["operations"]:
            by = step["confirmed"]
            confirmed = f"{by['by']}, {by['at'][:10]}" if by else "–"
            rows.append((part["name"] or "the whole", step["process"] or "unknown", step["provenance"], confirmed))
    if rows:
        write_table(("operation_of", "process", "provenance", "confirmed"), rows)


@designs.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@json_option
def read(files: tuple[Path, ...], as_json: bool) -> None:
    """Read manifests of others (OKH-LOSH TOML, OKH 1.0 YAML) and count what had to be cleaned."""
    found = read_foreign_manifests(files)
    if as_json:
        write_json(found)
        return
    for problem in (problem for entry in found for problem in entry["problems"]):
        say(f"{problem['code']} {problem['where']}: {problem['message']}")
    codes = Counter(item["code"] for entry in found for item in (*entry["problems"], *entry["warnings"]))
    readable = sum(entry["ok"] for entry in found)
    licensed = sum(entry["license"] is not None for entry in found)
    unknown = sum(bool(entry["unknown"]) for entry in found)
    click.echo(f"{readable} of {len(found)} read, {licensed} with a known licence, {unknown} with unknown requirements")
    write_table(("code", "times"), sorted(codes.items()))


@designs.command()
@click.argument("place", metavar="[OBJECT_OR_ROOT]", type=click.Path(path_type=Path), required=False)
@region_option
@json_option
def verify(place: Path | None, region: Path, as_json: bool) -> None:
    """Check every byte of the store, or of one OCFL object, against its inventories."""
    found = verify_designs(place or region / "designs")
    if as_json:
        write_json(found)
    else:
        for error in found["errors"]:
            click.echo(f"{error['code']} {error['where']}: {error['message']}")
        write_table(("warning", "times"), sorted(Counter(item["code"] for item in found["warnings"]).items()))
        say(f"{count(len(found['errors']), 'error')}, {count(len(found['warnings']), 'warning')}")
    if not found["ok"]:
        raise SystemExit(BAD_INPUT)
