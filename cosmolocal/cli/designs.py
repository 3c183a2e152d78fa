"""Designs from the command line."""

from pathlib import Path

import click

from cosmolocal.cli.options import FOLDER, json_option, region_option
from cosmolocal.cli.output import BAD_INPUT, say, write_json, write_table
from cosmolocal.workflows import (
    check_design,
    list_designs,
    publish_design,
    read_foreign_manifests,
    show_design,
    verify_designs,
)


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
@click.argument("design")
@region_option
def show(design: str, region: Path) -> None:
    """Show one version of a design as JSON: ID or ID@VERSION."""
    write_json(show_design(region, design))


@designs.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@json_option
def read(files: tuple[Path, ...], as_json: bool) -> None:
    """Read manifests of others (OKH-LOSH TOML, OKH 1.0 YAML) and count what had to be cleaned."""
    found = read_foreign_manifests(files)
    if as_json:
        write_json(found)
        return
    counts: dict[str, int] = {}
    for entry in found:
        for problem in (*entry["problems"], *entry["warnings"]):
            counts[problem["code"]] = counts.get(problem["code"], 0) + 1
        for problem in entry["problems"]:
            say(f"{problem['code']} {problem['where']}: {problem['message']}")
    readable = sum(entry["ok"] for entry in found)
    licensed = sum(entry["license"] is not None for entry in found)
    unknown = sum(bool(entry["unknown"]) for entry in found)
    click.echo(f"{readable} of {len(found)} read, {licensed} with a known licence, {unknown} with unknown requirements")
    write_table(("code", "times"), sorted(counts.items()))


@designs.command()
@click.argument("folder", type=FOLDER)
@click.option("--id", "design_id", required=True, help="publisher~slug")
@json_option
def check(folder: Path, design_id: str, as_json: bool) -> None:
    """Check a folder before it is published."""
    report = check_design(folder, design_id)
    if as_json:
        write_json(report)
    else:
        for kind in ("problems", "warnings"):
            for problem in report[kind]:
                click.echo(f"{kind[:-1]}: {problem['code']} {problem['where']}: {problem['message']}")
        say("ready to publish" if report["ok"] else "not ready")
    if not report["ok"]:
        raise SystemExit(BAD_INPUT)


@designs.command()
@click.argument("folder", type=FOLDER)
@click.option("--id", "design_id", required=True, help="publisher~slug")
@click.option("--message", default="", help="Kept with the release.")
@region_option
def publish(folder: Path, design_id: str, message: str, region: Path) -> None:
    """Publish a folder as a new version; the same bytes again change nothing."""
    write_json(publish_design(region, design_id, folder, message))


@designs.command()
@click.argument("place", type=click.Path(path_type=Path), required=False)
@region_option
@json_option
def verify(place: Path | None, region: Path, as_json: bool) -> None:
    """Check every byte of the store, or of one OCFL object, against its inventories."""
    found = verify_designs(place or region / "designs")
    if as_json:
        write_json(found)
    else:
        for problem in (*found["errors"], *found["warnings"]):
            click.echo(f"{problem['code']} {problem['where']}: {problem['message']}")
        say(f"{len(found['errors'])} errors, {len(found['warnings'])} warnings")
    if not found["ok"]:
        raise SystemExit(BAD_INPUT)
