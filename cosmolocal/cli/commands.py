"""Planning, checking and showing plans from the command line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cosmolocal import __version__
from cosmolocal.cli.designs import designs
from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import (
    BAD_INPUT,
    INCOMPLETE,
    STOPPED,
    Commands,
    ProgressLine,
    say,
    say_problems,
    stop_on_interrupt,
    write_json,
    write_table,
)
from cosmolocal.cli.serving import serve
from cosmolocal.cli.texts import describe_explanation, describe_plan
from cosmolocal.workflows import (
    NETWORK_FORMATS,
    Planned,
    SolveSettings,
    Watch,
    Workspace,
    audit_files,
    describe_figures,
    diagnose,
    explain_order,
    export_network,
    export_view,
    find_book,
    plan_book,
    plan_summary,
    read_book,
    validate_region,
    view_plan,
)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def remember_json(as_json: bool) -> None:
    """Let faults be printed as JSON too."""
    click.get_current_context().find_root().meta["as_json"] = as_json


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Plans who makes what, for whom, by when: designs are global, making is local."""


main.add_command(designs)
main.add_command(serve)


@main.command()
@region_option
@json_option
def validate(region: Path, as_json: bool) -> None:
    """Check every input file of a region and list all faults."""
    found = validate_region(region)
    if as_json:
        write_json(found.as_dict())
    else:
        for warning in found.warnings:
            say(f"warning: {warning}")
        for problem in found.problems:
            say(str(problem))
        for name, count in found.counts.items():
            click.echo(f"{count:7} {name.replace('_', ' ')}")
        say(f"{len(found.problems)} problems, {len(found.warnings)} warnings")
    if found.problems:
        raise SystemExit(BAD_INPUT)


def read_overrides(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return settings given as ``name=value``."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise click.UsageError(f"--set takes name=value; found {', '.join(wrong)}")
    return {name.strip(): value.strip() for name, _, value in (pair.partition("=") for pair in pairs)}


@main.command()
@click.argument("orders", type=FILE)
@region_option
@click.option(
    "--seconds", type=click.FloatRange(0.1, 86_400), default=60.0, show_default=True, help="Longest time to solve."
)
@click.option(
    "--gap", type=click.FloatRange(0.0, 1.0), default=SolveSettings().gap, show_default=True, help="Stop at this gap."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option("--solver", type=click.Choice(["auto", "exact"]), default="auto", show_default=True)
@click.option("--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override a setting of the region.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan file here.")
@click.option("--dry-run", is_flag=True, help="Solve and report, but store and write nothing.")
@click.option("--require-complete", is_flag=True, help="End with exit code 5 when anything stays unmet.")
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
@json_option
def plan(orders: Path, region: Path, overrides: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Plan an order book: who makes what, for whom, by when."""
    remember_json(as_json)
    workspace = Workspace(region)
    inputs = workspace.inputs().with_settings(read_overrides(overrides))
    book = read_book(region, orders, inputs.region)
    line = ProgressLine(options["quiet"])
    watch = Watch(listener=line)
    with stop_on_interrupt(watch.stop):
        planned = plan_book(inputs, book, SolveSettings(options["seconds"], options["gap"], options["seed"]), watch)
    line.end()
    if not options["dry_run"]:
        workspace.save(planned, inputs.region)
    _report(planned, workspace, as_json, options)
    if watch.stop.is_set():
        raise SystemExit(STOPPED)
    if options["require_complete"] and planned.plan.unmet:
        raise SystemExit(INCOMPLETE)


def _report(planned: Planned, workspace: Workspace, as_json: bool, options: dict[str, Any]) -> None:
    view = view_plan(planned.plan, workspace.region(), planned.orders, planned.run)
    if options["out"] is not None and not options["dry_run"]:
        options["out"].parent.mkdir(parents=True, exist_ok=True)
        options["out"].write_bytes(export_view(view, workspace.region(), workspace.folder, "json"))
    if as_json:
        write_json(plan_summary(planned))
    elif not options["quiet"]:
        describe_plan(planned, view)


@main.command()
@click.argument("plan")
@region_option
@click.option("--orders", type=FILE, help="The order book, where the plan does not name one in the region's folder.")
@json_option
def audit(plan: str, region: Path, orders: Path | None, as_json: bool) -> None:
    """Check a plan (file or id) again from the input files alone."""
    remember_json(as_json)
    workspace = Workspace(region)
    view = workspace.find_plan(plan, orders)
    inputs = workspace.inputs()
    book = read_book(region, orders or find_book(view.plan, region), inputs.region)
    report = audit_files(view.plan, inputs, book)
    if as_json:
        problems = [problem.as_dict() for problem in report.problems]
        write_json({"problems": problems, "cost_cents": report.cost_cents, "checked": report.checked})
    else:
        for rule, count in sorted(report.checked.items()):
            click.echo(f"{rule}  checked {count:7} times")
        say_problems(report.problems, False) if report.problems else say("the plan is right")
    if report.problems:
        raise SystemExit(BAD_INPUT)


@main.command()
@click.argument("plan")
@click.argument("order")
@region_option
@json_option
def explain(plan: str, order: str, region: Path, as_json: bool) -> None:
    """Say why an order of a plan is made where it is, or why it is not."""
    remember_json(as_json)
    found = explain_order(Workspace(region).find_plan(plan).plan, order)
    if as_json:
        write_json(found)
    else:
        describe_explanation(found)


@main.command()
@click.argument("plan", required=False)
@region_option
@json_option
def show(plan: str | None, region: Path, as_json: bool) -> None:
    """Show the figures of a plan (file or id), or list the stored plans."""
    remember_json(as_json)
    workspace = Workspace(region)
    if plan is None:
        rows = [
            (p.id, p.book, p.started_at, p.status.value, f"{p.gap:.2%}", p.allocations, p.unmet)
            for p in workspace.plans()
        ]
        head = ("plan", "book", "made", "status", "gap", "made_here", "imported")
        _show_table(head, rows, as_json)
        return
    figures = describe_figures(workspace.find_plan(plan))
    if as_json:
        write_json(figures)
    else:
        write_table(("figure", "value"), figures.items())


def _show_table(head: Sequence[str], rows: Sequence[Sequence[object]], as_json: bool) -> None:
    if as_json:
        write_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        write_table(head, rows)


@main.command()
@click.argument("plan")
@region_option
@click.option("--format", "form", type=click.Choice(["csv", "json", "geojson", "html", "parquet"]), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of stdout.")
def export(plan: str, region: Path, form: str, out: Path | None) -> None:
    """Write a plan (file or id) as CSV, JSON, GeoJSON, an HTML report or Parquet."""
    workspace = Workspace(region)
    data = export_view(workspace.find_plan(plan), workspace.region(), region, form)
    if out is None:
        click.get_binary_stream("stdout").write(data)
    else:
        out.write_bytes(data)


@main.command()
@region_option
@click.option("--format", "form", type=click.Choice(NETWORK_FORMATS), required=True)
def graph(region: Path, form: str) -> None:
    """Write the network of places and links as GraphML, GeoJSON or JSON."""
    click.echo(export_network(Workspace(region).region(), form), nl=False)


@main.command()
@region_option
@json_option
def doctor(region: Path, as_json: bool) -> None:
    """Name each thing that is wrong with the installation or the region, and its mend."""
    checks = diagnose(region)
    if as_json:
        write_json({"checks": checks})
    else:
        for check in checks:
            mark = "ok   " if check["ok"] else "WRONG"
            mend = f" → {check['mend']}" if check["mend"] else ""
            click.echo(f"{mark} {check['what']}: {check['found']}{mend}")
    if not all(check["ok"] for check in checks):
        raise SystemExit(BAD_INPUT)
