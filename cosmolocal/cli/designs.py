"""Designs from the command line."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import FOLDER, json_option, region_option
from cosmolocal.cli.output import BAD_INPUT, count, say, write_json, write_table
from cosmolocal.workflows import (
    check_design,
    euros,
    list_designs,
    publish_design,
    read_foreign_manifests,
    show_design,
    verify_designs,
)

id_option = click.option("--id", "design_id", help="publisher~slug; from the manifest unless given.")


@click.group()
def designs() -> None:
    """List, show, read, check, publish and verify designs."""


@designs.command("list")
@region_option
@json_option
def list_(region: Path, as_json: bool) -> None:
    """List the designs of a region with their versions."""
    rows = list_designs(region)
    if as_json:
        write_json(rows)
        return
    head = ("id", "versions", "licence", "unknown")
    cells = [
        (row["id"], " ".join(row["versions"]), row["license"] or "needs a person", len(row["unknown"])) for row in rows
    ]
    write_table(head, cells)


@designs.command()
@click.argument("design", metavar="ID[@VERSION]")
@region_option
@json_option
def show(design: str, region: Path, as_json: bool) -> None:
    """Show one version of a design; the newest unless told."""
    found = show_design(region, design)
    if as_json:
        write_json(found)
    else:
        _describe_design(found)


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
    for name in found["unknown"]:
        click.echo(f"unknown: {name}")


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
@click.argument("folder", type=FOLDER)
@id_option
@json_option
def check(folder: Path, design_id: str | None, as_json: bool) -> None:
    """Check a folder before it is published; nothing is written."""
    report = check_design(folder, design_id)
    if as_json:
        write_json(report)
    else:
        for kind in ("problems", "warnings"):
            for problem in report[kind]:
                click.echo(f"{kind[:-1]}: {problem['code']} {problem['where']}: {problem['message']}")
        say(f"{report['id']} is {'ready to publish' if report['ok'] else 'not ready'}")
    if not report["ok"]:
        raise SystemExit(BAD_INPUT)


@designs.command()
@click.argument("folder", type=FOLDER)
@id_option
@click.option("--message", default="", help="Kept with the release.")
@region_option
@json_option
def publish(folder: Path, design_id: str | None, message: str, region: Path, as_json: bool) -> None:
    """Publish a folder as a new version; the same bytes again change nothing."""
    found = publish_design(region, folder, design_id, message)
    if as_json:
        write_json(found)
        return
    for warning in found["warnings"]:
        say(f"warning: {warning['code']} {warning['where']}: {warning['message']}")
    click.echo(f"{found['id']}@{found['version']} is published, {found['digest']}")


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
