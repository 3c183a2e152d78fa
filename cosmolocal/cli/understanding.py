"""Designs understood: what changed, who can make them, what is to be confirmed, where they come from."""

import getpass
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import count, say, write_json, write_table
from cosmolocal.workflows import Workspace, euros
from cosmolocal.workflows.comparing import compare_versions
from cosmolocal.workflows.makes import list_makes, report_make
from cosmolocal.workflows.work_list import build_work_list, read_books

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
KINDS = {
    "stayed": "still made by",
    "gained": "now made too by",
    "lost": "no longer made by",
    "unknown": "unknown whether made by",
    "neither": "made neither before nor now by",
}
QUANTITY = click.IntRange(1, 10_000_000)


@click.command()
@click.argument("design", metavar="ID")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--quantity", type=QUANTITY, default=1, show_default=True, help="Units in a lot.")
@region_option
@json_option
def compare(design: str, old: str, new: str, quantity: int, region: Path, as_json: bool) -> None:
    """Compare two versions of a design (or other~id@version of a fork), and what the change means for planning."""
    found = compare_versions(Workspace(region).region(), design, old, new, quantity)
    if as_json:
        write_json(found)
        return
    click.echo(f"{found['old']} → {found['new']}")
    _describe_files(found["files"])
    for change in found["fields"]:
        click.echo(f"field {change['name']}: {_shown(change['old'])} → {_shown(change['new'])}")
    _describe_bom(found["bom"])
    for part in found["operations"]:
        _describe_part(part)
    _describe_planning(found["planning"])


def _shown(value: Any) -> str:
    return "–" if value in (None, "", []) else str(value)


def _describe_files(files: Mapping[str, Any]) -> None:
    for kind in ("added", "removed"):
        for file in files[kind]:
            click.echo(f"file {kind}: {file['path']} ({file['size_bytes']:,} bytes)")
    for change in files["changed"]:
        sizes = f"{change['old']['size_bytes']:,} → {change['new']['size_bytes']:,} bytes"
        click.echo(f"file changed: {change['old']['path']} ({sizes})")
    for change in files["renamed"]:
        click.echo(f"file renamed: {change['old']['path']} → {change['new']['path']}")


def _describe_bom(bom: Mapping[str, Any]) -> None:
    for kind in ("added", "removed"):
        for line in bom[kind]:
            click.echo(f"bill of materials, {kind}: {line['quantity']} × {_line(line)}")
    for change in bom["changed"]:
        click.echo(f"bill of materials, changed: {_line(change['old'])}: {_changes(change['fields'])}")


def _line(line: Mapping[str, Any]) -> str:
    into = f" into {line['into']}" if line["into"] else ""
    return f"{line['part'] or line['design'] or line['bought']}{into}"


def _changes(fields: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(f"{change['name']} {_shown(change['old'])} → {_shown(change['new'])}" for change in fields)


def _describe_part(part: Mapping[str, Any]) -> None:
    name = part["part"] or "putting it together"
    if part["was"] != part["is_now"]:
        click.echo(f"part {'added' if part['is_now'] else 'removed'}: {name}")
    elif part["mass_g"][0] != part["mass_g"][1]:
        click.echo(f"part {name}: mass_g {_shown(part['mass_g'][0])} → {_shown(part['mass_g'][1])}")
    for kind in ("added", "removed"):
        for step in part[kind]:
            click.echo(f"operation {kind}: {name}: {step['process'] or 'unknown'} ({step['provenance']})")
    for change in part["changed"]:
        step = change["new"]
        click.echo(f"operation changed: {name}: {step['process'] or 'unknown'}: {_changes(change['fields'])}")


def _describe_planning(planning: Mapping[str, Any]) -> None:
    rows: list[tuple[str, str, str]] = []
    for process in planning["processes"]:
        for kind, label in (("seconds", "min per unit"), ("setup_seconds", "min set-up per lot")):
            old, new = process[kind]["old"], process[kind]["new"]
            if old or new or kind == "seconds":
                rows.append((f"{process['process']}, {label}", _minutes(old), _minutes(new)))
    for name, label in (("bought_cents", "bought, per unit"), ("material_cents", "material, per unit")):
        rows.append((label, _euros(planning[name]["old"]), _euros(planning[name]["new"])))
    rows.append(("mass, g per unit", _shown(planning["mass_g"]["old"]), _shown(planning["mass_g"]["new"])))
    cheapest = planning["cheapest_cents"]
    lot = f"cheapest lot of {planning['quantity']}"
    rows.append((lot, _euros(cheapest["old"]), _euros(cheapest["new"])))
    write_table(("for planning", "old", "new"), rows)
    for fault in filter(None, planning["fault"].values()):
        click.echo(f"cannot be taken apart: {fault}")
    for kind, label in KINDS.items():
        shops = planning["workshops"][kind]
        click.echo(f"{label}: {len(shops)}")
        for shop in shops if kind in ("lost", "unknown") else ():
            click.echo(f"    {shop['name']} ({shop['workshop']}): {_because(shop)}")
        for shop in shops if kind == "gained" else ():
            click.echo(f"    {shop['name']} ({shop['workshop']}); before: {_because(shop)}")


def _minutes(seconds: int | None) -> str:
    return "unknown" if seconds is None else f"{seconds / 60:.1f}"


def _euros(cents: int | None) -> str:
    return "–" if cents is None else euros(cents)


def _because(row: Mapping[str, Any]) -> str:
    return " ".join(reason["text"] for reason in row["because"])


def describe_makers(found: Mapping[str, Any]) -> None:
    """Write which workshops can make a design, which cannot and why, and for how much."""
    where = f" for {found['place']}" if found["place"] else ", fetched at the workshop"
    click.echo(f"who can make {count(found['quantity'], 'unit')}{where}:")
    rows = [
        (row["workshop"], row["ability"], _euros(row["total_cents"]), _euros(row["unit_cents"]), row["monday"] or "–")
        for row in found["workshops"]
    ]
    write_table(("workshop", "answer", "all weighed", "per unit", "week of"), rows)
    for row in found["workshops"]:
        _describe_maker(row)
    click.echo(f"imported: {euros(found['imported']['total_cents'])}, all weighed")


def _describe_maker(row: Mapping[str, Any]) -> None:
    if row["because"]:
        click.echo(f"{row['workshop']}: {_because(row)}")
    chosen = {task["path"]: task["workshop"] for task in row["tasks"]}
    for part in row["elsewhere"]:
        able = count(len(part["workshops"]), "workshop")
        here = f"{chosen[part['path']]} ({able} could)" if part["path"] in chosen else able
        click.echo(f"{row['workshop']}: gets {part['path']} from {here}")


@click.command("work-list")
@click.argument("orders", nargs=-1, type=FILE)
@region_option
@json_option
def work_list(orders: tuple[Path, ...], region: Path, as_json: bool) -> None:
    """List the designs to confirm first, by the ordered units that this unlocks; all order books unless named."""
    inputs = Workspace(region).region()
    found = build_work_list(inputs, read_books(region, inputs, orders))
    if as_json:
        write_json(found)
        return
    rows = []
    for number, row in enumerate(found["designs"], start=1):
        unknown = "; ".join(f"{item['part'] or row['name']}: {item['field']}" for item in row["unknown"])
        rows.append((number, row["design"], row["units"], row["orders"], row["unlocks"], row["units_so_far"], unknown))
    if rows:
        write_table(("n", "design", "units_wait", "orders", "unlocks", "so_far", "unknown"), rows)
    totals = found["totals"]
    click.echo(
        f"confirm {'this' if totals['designs'] == 1 else 'these'} {count(totals['designs'], 'design')}"
        f" to unlock {count(totals['units'], 'unit')} of {count(totals['orders'], 'order')}"
        if rows
        else "no order waits for anything unknown"
    )
    for row in found["blocked_otherwise"]:
        say(f"{row['book']} {row['order']}: also {', '.join(row['reasons'])}; confirming is not enough")


def describe_lineage(found: Mapping[str, Any]) -> None:
    """Write what a design builds upon, what was derived from it, and whether there is a newer version."""
    if found["yanked"] is not None:
        click.echo(f"withdrawn: {found['yanked']}")
    if found["newer"]:
        click.echo(f"newer version: {found['newer']}")
    for source in found["upstream"]:
        _describe_source(source, 0)
    for fork in found["forks"]:
        _describe_fork(fork, 0)


def _notices(row: Mapping[str, Any]) -> str:
    newer = f", newer: {row['newer']}" if row["newer"] else ""
    return newer + (f", withdrawn: {row['yanked']}" if row["yanked"] is not None else "")


def _describe_source(source: Mapping[str, Any], depth: int) -> None:
    indent = "    " * depth
    if source["kind"] == "web":
        click.echo(f"{indent}from {source['source']}")
        return
    there = "seen above" if source["again"] else source["name"] if source["here"] else "not in this store"
    click.echo(f"{indent}from {source['source']} ({there}){_notices(source)}")
    for further in source["upstream"]:
        _describe_source(further, depth + 1)


def _describe_fork(fork: Mapping[str, Any], depth: int) -> None:
    versions = ", ".join(f"{one['version']} from {' and '.join(one['from'])}" for one in fork["versions"])
    click.echo(f"{'    ' * depth}fork {fork['id']} ({fork['name']}): {versions}")
    for further in fork["forks"]:
        _describe_fork(further, depth + 1)


def describe_history(rows: Iterable[Mapping[str, Any]]) -> None:
    """Write all versions of a design, newest first, and what became of them."""
    rows = tuple(rows)
    cells = ([row[name] for name in ("version", "created", "by", "message")] for row in rows)
    write_table(("version", "published", "by", "message"), cells)
    for row in rows:
        for kind, label in (("yanked", "withdrawn"), ("taken_down", "taken down")):
            if row[kind] is not None:
                click.echo(f"{row['version']} was {label}: {row[kind]}")


@click.command()
@click.argument("design", metavar="ID")
@region_option
@json_option
def makes(design: str, region: Path, as_json: bool) -> None:
    """Show what was made of a design so far, as people report it."""
    found = list_makes(Workspace(region), design)
    if as_json:
        write_json(found)
        return
    write_table(
        ("date", "version", "units", "place", "by", "note"),
        ([row[k] for k in ("made_on", "version", "quantity", "place", "person", "note")] for row in found["makes"]),
    )
    click.echo(f"{count(found['units'], 'unit')} so far")


@click.command("report-make")
@click.argument("design", metavar="ID@VERSION")
@click.option("--quantity", required=True, help="Units made.")
@click.option("--date", default="", help="Day it was made; today unless given.")
@click.option("--place", default="", help="Id of the workshop or place it was made in.")
@click.option("--note", default="", help="Anything worth knowing.")
@click.option("--by", default=getpass.getuser, show_default="login name", help="Who reports it.")
@region_option
@json_option
def report_make_(design: str, by: str, region: Path, as_json: bool, **values: str) -> None:
    """Report that units of a version were made."""
    found = report_make(Workspace(region), design, values, by)
    if as_json:
        write_json(found)
    else:
        click.echo(f"{count(found['quantity'], 'unit')} of {design}, made on {found['made_on']}, noted")


COMMANDS = (compare, work_list, makes, report_make_)
