"""Designs on their way in and out: started, checked, published, withdrawn, confirmed, exported."""

import getpass
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, TypeVar

import click

from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import BAD_INPUT, count, say, write_json
from cosmolocal.errors import InputError, Problem
from cosmolocal.workflows.design_export import digest_of, export_design, export_file, swhid_of
from cosmolocal.workflows.design_ids import slug_of
from cosmolocal.workflows.publishing import (
    check_design,
    confirm_operations,
    foresee_publishing,
    new_design,
    publish_design,
    read_operation_tables,
    set_design_owners,
    take_down_design,
    unyank_design,
    yank_design,
)
from cosmolocal.workflows.recovering import recover_designs

Command = TypeVar("Command", bound=Callable[..., Any])

BUNDLE = click.Path(exists=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
KEY = "ID@VERSION"
#: warnings of a mass, a price and operations that nobody stated
UNKNOWN_FOR_PLANNING = ("D021", "D023", "D024")
id_option = click.option("--id", "design_id", help="publisher~slug; from the manifest unless given.")
message_option = click.option("--message", default="", help="What is new; kept with the release.")
reason_option = click.option("--reason", required=True, help="Why; everybody who uses the version is told.")


def _login_name() -> str:
    """Return the name of whoever is at the machine, as names of people are written."""
    try:
        return slug_of(getpass.getuser())
    except (KeyError, OSError):  # a user without a name, as containers have them
        return ""


by_option = click.option(
    "--by", default=_login_name, metavar="NAME", help="Name of the person who does it; your login name unless given."
)
operator_option = click.option(
    "--operator", is_flag=True, help="You run this store; the notice says who it was. Else only owners do this."
)


def stated_options(command: Command) -> Command:
    """Let a person say what a manifest lacks."""
    for option in (
        click.option("--set", "pairs", multiple=True, metavar="FIELD=TEXT", help="Another required field, likewise."),
        click.option("--license", "license_", help="SPDX expression that holds, whatever the manifest says."),
        click.option("--version", help="Semantic version that holds, whatever the manifest says."),
    ):
        command = option(command)
    return command


def _stated(version: str | None, license_: str | None, pairs: Iterable[str]) -> dict[str, str]:
    stated = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign:
            raise click.BadParameter(f"found {pair!r}; it is written FIELD=TEXT", param_hint="--set")
        stated[name.strip()] = text.strip()
    found = {"version": version, "license": license_}
    return stated | {name: text for name, text in found.items() if text is not None}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", help="What the design is called; the folder's name unless given.")
@click.option("--licensor", default="", help="Who gives the licence.")
@click.option("--license", "license_", default="", help="SPDX expression, such as CERN-OHL-S-2.0.")
@click.option("--repo", default="", help="Web address of the project.")
@click.option("--function", default="", help="What it is for, in one sentence.")
@json_option
def new(as_json: bool, folder: Path, name: str | None, license_: str, **fields: str) -> None:
    """Start a bundle: a manifest that explains itself and a readme, in a new folder."""
    fields |= {"name": name or folder.resolve().name, "license": license_}
    found = new_design(folder, {key: text for key, text in fields.items() if text})
    if as_json:
        write_json(found)
        return
    click.echo(f"{found['folder']}: {' and '.join(found['files'])}")
    if found["fill_in"]:
        say(f"still to be filled in: {', '.join(found['fill_in'])}")


@click.command()
@click.argument("path", metavar="FOLDER|ZIP", type=BUNDLE)
@id_option
@stated_options
@click.option(
    "--region",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a region: count the units in its order books that wait for what is unknown.",
)
@json_option
def check(as_json: bool, path: Path, design_id: str | None, region: Path | None, **stated: Any) -> None:
    """Check a folder or an archive before it is published; nothing is written."""
    report = check_design(path, design_id, region_folder=region, stated=_stated_from(stated))
    if as_json:
        write_json(report)
    else:
        _describe_report(report, path)
    if not report["ok"]:
        raise SystemExit(BAD_INPUT)


def _stated_from(options: Mapping[str, Any]) -> dict[str, str]:
    return _stated(options["version"], options["license_"], options["pairs"])


def _describe_report(report: Mapping[str, Any], path: Path) -> None:
    for kind in ("problems", "warnings"):
        for problem in report[kind]:
            click.echo(f"{kind[:-1]}: {problem['code']} {problem['where']}: {problem['message']}")
    for name in report["unknown"]:
        click.echo(f"unknown: {name}")
    if report.get("blocked"):
        click.echo(f"{count(report['blocked'], 'unit')} on order wait for what is unknown")
    name = report["id"] or path.resolve().name
    key = f"{name}@{report['version']}" if report["id"] and report["version"] else name
    say(f"{key} is {'ready to publish' if report['ok'] else 'not ready'}")


@click.command()
@click.argument("path", metavar="FOLDER|ZIP", type=BUNDLE)
@id_option
@stated_options
@message_option
@by_option
@click.option("--dry-run", is_flag=True, help="Only tell what would be published; nothing is written.")
@region_option
@json_option
def publish(path: Path, as_json: bool, region: Path, dry_run: bool, **options: Any) -> None:
    """Publish a folder or an archive as a new version; the same bytes again change nothing."""
    bundle = (region, path, options["design_id"])
    stated = _stated_from(options)
    if dry_run:
        found = foresee_publishing(*bundle, options["by"], stated)
    else:
        found = publish_design(_at_rest(region), *bundle[1:], options["message"], options["by"], stated)
    if as_json:
        write_json(found)
        return
    _describe_warnings(found["warnings"])
    told = ("would be published" if dry_run else "is published") if found["is_new"] else "is there already"
    click.echo(f"{found['id']}@{found['version']} {told}, {found['digest']}")


def _describe_warnings(warnings: Iterable[Mapping[str, str]]) -> None:
    """Write what is odd; what only planning lacks is the same at every release, and is told in one line."""
    warnings = tuple(warnings)
    for warning in warnings:
        if warning["code"] not in UNKNOWN_FOR_PLANNING:
            say(f"warning: {warning['code']} {warning['where']}: {warning['message']}")
    if lacking := sum(warning["code"] in UNKNOWN_FOR_PLANNING for warning in warnings):
        verb = "is" if lacking == 1 else "are"
        say(f"{count(lacking, 'thing')} {verb} unknown for planning: see designs check")


@click.command()
@click.argument("key", metavar=KEY)
@reason_option
@by_option
@operator_option
@region_option
@json_option
def yank(key: str, reason: str, by: str, region: Path, as_json: bool, operator: bool) -> None:
    """Withdraw a version: only orders that name exactly this one still get it."""
    _tell(yank_design(_at_rest(region), key, reason, by, must_own=not operator), f"{key} is withdrawn", as_json)


@click.command()
@click.argument("key", metavar=KEY)
@click.option("--reason", default="", help="Why.")
@by_option
@operator_option
@region_option
@json_option
def unyank(key: str, reason: str, by: str, region: Path, as_json: bool, operator: bool) -> None:
    """Take back that a version was withdrawn."""
    found = unyank_design(_at_rest(region), key, by, reason, must_own=not operator)
    _tell(found, f"{key} is no longer withdrawn", as_json)


@click.command()
@click.argument("design_id", metavar="ID")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@by_option
@operator_option
@region_option
@json_option
def owners(design_id: str, names: tuple[str, ...], by: str, region: Path, as_json: bool, operator: bool) -> None:
    """Name the people who release versions of a design from now on; all others no longer do."""
    found = set_design_owners(_at_rest(region), design_id, names, by, must_own=not operator)
    _tell(found, f"{design_id} belongs to {', '.join(names)}", as_json)


@click.command("take-down")
@click.argument("key", metavar=KEY)
@reason_option
@by_option
@operator_option
@region_option
@json_option
def take_down(key: str, reason: str, by: str, region: Path, as_json: bool, operator: bool) -> None:
    """Remove the files of a version for good; a tombstone tells why, and its number is never used again."""
    if not operator:
        rule = "files are removed for good by whoever runs the store; say that you do, with --operator"
        raise InputError([Problem("D060", key, rule)])
    _tell(take_down_design(_at_rest(region), key, reason, by), f"{key} is taken down", as_json)


@click.command()
@click.argument("key", metavar=KEY)
@click.option("--part", default="", help="Name of a part; the whole unless given.")
@click.option(
    "--operations",
    type=FILE,
    help="TOML file with [[operation]] tables that say how the part is made; as the version says it unless given.",
)
@by_option
@region_option
@json_option
def confirm(key: str, part: str, operations: Path | None, region: Path, as_json: bool, **options: str) -> None:
    """Confirm how a part of a version is made, so that planning may rely on it."""
    tables = read_operation_tables(operations) if operations else None
    found = confirm_operations(_at_rest(region), key, part, tables, options["by"])
    steps = count(len(found["values"]["operations"]), "operation")
    _tell(found, f"{steps} of {part or 'the whole'} of {key} confirmed", as_json)


def _at_rest(region: Path) -> Path:
    """Return a region whose designs are brought to rest after a crash, as far as they can be."""
    if told := recover_designs(region):
        say(f"warning: what a crash left cannot all be cleared away: {told}")
    return region


def _tell(notice: Mapping[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        write_json(notice)
    else:
        click.echo(f"{text} (notice {notice['number']} by {notice['by']})")


@click.command()
@click.argument("key", metavar=KEY)
@click.option("--file", "inner", metavar="PATH", help="Only this file of the version.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="File to write; - is stdout. In the working folder, named after the version or the file, unless given.",
)
@region_option
@json_option
def export(key: str, inner: str | None, out: Path | None, region: Path, as_json: bool) -> None:
    """Write a version as a zip: a BagIt bag whose bytes are the same on every machine; or one file of it."""
    blocks: Iterable[bytes]
    if inner is None:
        name, blocks = export_design(region, key)
    else:
        name, blocks = Path(inner).name, _blocks(export_file(region, key, inner))
    place = out or Path(name)
    if str(place) == "-":
        if as_json:
            raise click.UsageError("--json and --out - both need stdout; take one of them")
        for block in blocks:
            sys.stdout.buffer.write(block)
        return
    with _whole_file(place) as file:
        size = sum(map(file.write, blocks))
    if as_json:
        names = {"digest": digest_of(region, key), "swhid": swhid_of(region, key)}
        write_json({"id": key, "file": str(place), "bytes": size, **names})
    else:
        click.echo(f"{place}: {count(size, 'byte')}")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


@contextmanager
def _whole_file(place: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes its place once it is whole."""
    with NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False) as file:
        part = Path(file.name)
        try:
            yield file
            file.flush()  # what a full disk takes no more of is found out before
            part.chmod(0o644)
            part.replace(place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


COMMANDS = (new, check, publish, yank, unyank, owners, take_down, confirm, export)
