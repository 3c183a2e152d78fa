"""Planning, checking and showing plans from the command line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cosmolocal import __version__
from cosmolocal.cli.backups import backup, restore_command
from cosmolocal.cli.designs import designs
from cosmolocal.cli.fronts import front
from cosmolocal.cli.gaps import gaps
from cosmolocal.cli.imports import import_command, init, places, workshops
from cosmolocal.cli.jobs import jobs, publish_plan_command
from cosmolocal.cli.keys import keys
from cosmolocal.cli.network import network
from cosmolocal.cli.options import OUT, gap_option, json_option, region_option, seconds_option, seed_option
from cosmolocal.cli.orders import orders as order_commands
from cosmolocal.cli.output import (
    BAD_INPUT,
    INCOMPLETE,
    STOPPED,
    Commands,
    ProgressLine,
    count,
    say,
    say_compiling,
    stop_on_interrupt,
    write_json,
    write_table,
)
from cosmolocal.cli.people import people
from cosmolocal.cli.quoting import quote
from cosmolocal.cli.roads import road
from cosmolocal.cli.scenarios import scenario
from cosmolocal.cli.serving import serve
from cosmolocal.cli.siting import siting
from cosmolocal.cli.texts import describe_explanation, describe_moves, describe_plan
from cosmolocal.workflows import (
    NETWORK_FORMATS,
    PLAN_FORMATS,
    RULES,
    SOLVERS,
    Planned,
    Previous,
    Request,
    SolveSettings,
    Watch,
    Workspace,
    describe_figures,
    diagnose,
    explain_order,
    export_network,
    export_view,
    gap_percent,
    plan_book,
    plan_summary,
    plan_to_bytes,
    read_replanning,
    tell_changes,
    validate_region,
    view_plan,
)
from cosmolocal.workflows.outliving import outliving, store_interrupted

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__)
def main() -> None:
    """Plans who makes what, for whom, by when: designs are global, making is local."""


main.add_command(backup)
main.add_command(restore_command)
main.add_command(designs)
main.add_command(front)
main.add_command(gaps)
main.add_command(keys)
main.add_command(siting)
main.add_command(import_command)
main.add_command(init)
main.add_command(jobs)
main.add_command(network)
main.add_command(order_commands)
main.add_command(people)
main.add_command(places)
main.add_command(publish_plan_command)
main.add_command(quote)
main.add_command(scenario)
main.add_command(road)
main.add_command(serve)
main.add_command(workshops)


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
        for name, number in found.counts.items():
            click.echo(f"{'–' if number is None else number:>7} {name.replace('_', ' ')}")
        say(f"{count(len(found.problems), 'problem')}, {count(len(found.warnings), 'warning')}")
    if found.problems:
        raise SystemExit(BAD_INPUT)


def read_overrides(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return settings given as ``name=value``."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise click.UsageError(f"--set takes name=value; found {', '.join(wrong)}")
    return {name.strip(): value.strip() for name, _, value in (pair.partition("=") for pair in pairs)}


def read_request(options: dict[str, Any]) -> Request | None:
    """Return which plan is to be followed, and how closely; None: none."""
    given = {name: options[name] for name in ("keep", "most_moves", "move_cost") if options[name] is not None}
    if options["previous"] is None:
        if given:
            names = ", ".join("--" + name.replace("_", "-") for name in given)
            raise click.UsageError(f"{names} needs --from, the plan before")
        return None
    return Request(options["previous"], options["keep"], options["most_moves"], options["move_cost"] or 0)


@main.command()
@click.argument("orders", type=FILE)
@region_option
@seconds_option(60.0, "Longest time to solve.")
@gap_option("Stop when the plan is at most this part of its cost from the best; 0 proves it best.")
@seed_option
@click.option(
    "--solver",
    type=click.Choice(SOLVERS),
    default=SOLVERS[0],
    show_default=True,
    help="exact decides all at once, prices part by part; flow takes only what is a flow.",
)
@click.option("--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override a setting of the region.")
@click.option("--from", "previous", metavar="PLAN", help="Follow this plan (file, id or published): promises stay.")
@click.option("--keep", type=FILE, help="CSV of what became of its lots: lot or order, state, workshop, reason.")
@click.option("--most-moves", type=click.IntRange(0), help="Most lots that may move without need.")
@click.option("--move-cost", type=click.IntRange(0), help="Cents by which each such move is made dearer.")
@click.option("--out", type=OUT, help="Write the plan file here.")
@click.option("--dry-run", is_flag=True, help="Solve and report, but store and write nothing.")
@click.option("--require-complete", is_flag=True, help="End with exit code 5 when anything stays unmet.")
@click.option("--quiet", is_flag=True, help="Print nothing but faults.")
@json_option
def plan(orders: Path, region: Path, overrides: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Plan an order book: who makes what, for whom, by when."""
    workspace = Workspace(region)
    request = read_request(options)
    before: Previous | None = None
    if request is None:
        inputs, book = workspace.read(orders, read_overrides(overrides))
    else:
        inputs, book, before = read_replanning(workspace, orders, read_overrides(overrides), request)
    line = ProgressLine(options["quiet"])
    watch = Watch(listener=line, on_compiling=None if options["quiet"] else say_compiling)
    with stop_on_interrupt(watch.stop):
        if not options["quiet"]:
            say(f"planning {count(len(book.orders), 'order')} of {book.name}; Ctrl-C keeps the best plan so far")
        solve_settings = SolveSettings(options["seconds"], options["gap"], options["seed"], options["solver"])
        with nullcontext() if options["dry_run"] else _outliving(workspace, watch):
            planned = plan_book(inputs, book, solve_settings, watch, before)
            if not options["dry_run"]:
                workspace.save(planned, inputs.region)
    line.end()
    _write(planned, options)
    changes = tell_changes(planned.plan, inputs.region)
    if as_json:
        write_json(plan_summary(planned) | ({} if changes is None else {"changes": changes}))
    elif not options["quiet"]:
        describe_plan(planned, view_plan(planned.plan, inputs.region, planned.orders, planned.run))
        describe_moves(changes)
    if watch.stop.is_set():
        raise SystemExit(STOPPED)
    if options["require_complete"] and planned.plan.unmet:
        say(f"{count(len(planned.plan.unmet), 'lot')} stay unmet, and a complete plan was required")
        raise SystemExit(INCOMPLETE)


@contextmanager
def _outliving(workspace: Workspace, watch: Watch) -> Iterator[None]:
    """Store what an earlier run left that was killed, and keep the best plan of this one in case it is."""
    for left in store_interrupted(workspace, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"):
        say(f"an earlier run was interrupted; its best plan is stored as plan {left}")
    with outliving(workspace, watch):
        yield


def _write(planned: Planned, options: dict[str, Any]) -> None:
    """Write the plan file, unless told not to, and say where the plan is."""
    out: Path | None = options["out"]
    if options["dry_run"]:
        kept = "nothing was stored or written (--dry-run)"
    else:
        kept = f"stored as plan {planned.plan.id}"
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(plan_to_bytes(planned.plan))
            kept += f" and written to {out}"
    if not options["quiet"]:
        say(kept)


@main.command()
@click.argument("plan")
@region_option
@click.option("--orders", type=FILE, help="The order book, where the plan does not name one in the region's folder.")
@json_option
def audit(plan: str, region: Path, orders: Path | None, as_json: bool) -> None:
    """Check a plan (file or id) again from the input files alone."""
    report = Workspace(region).audit(plan, orders)
    if as_json:
        found = {name: [item.as_dict() for item in getattr(report, name)] for name in ("problems", "notes")}
        write_json({**found, "cost_cents": report.cost_cents, "checked": report.checked})
    else:
        write_table(("rule", "checked", "says"), ((rule, n, RULES[rule]) for rule, n in sorted(report.checked.items())))
        for problem in (*report.problems, *report.notes):
            say(str(problem))
        say(count(len(report.problems), "problem") if report.problems else "the plan is right")
    if report.problems:
        raise SystemExit(BAD_INPUT)


@main.command()
@click.argument("plan")
@click.argument("order")
@region_option
@json_option
def explain(plan: str, order: str, region: Path, as_json: bool) -> None:
    """Say why an order of a plan (file or id) is made where it is, or why it is not."""
    workspace = Workspace(region)
    view = workspace.find_plan(plan)
    found = explain_order(view.plan, view.orders, workspace.region_of(view.plan), order)
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
    workspace = Workspace(region)
    if plan is None:
        rows = [
            (
                *(p.id, p.book, p.started_at, p.status.value, gap_percent(p.gap), p.allocations, p.unmet),
                *(p.state.value, p.scenario),
            )
            for p in workspace.plans()
        ]
        head = ("plan", "book", "made", "status", "gap", "made_here", "imported", "state", "scenario")
        _show_table(head, rows, as_json)
        return
    view = workspace.find_plan(plan)
    figures, changes = describe_figures(view), tell_changes(view.plan, workspace.region_of(view.plan))
    if as_json:
        write_json({**figures, **({} if changes is None else {"changes": changes})})
    else:
        write_table(("figure", "value"), figures.items())
        describe_moves(changes)


def _show_table(head: Sequence[str], rows: Sequence[Sequence[object]], as_json: bool) -> None:
    if as_json:
        write_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        write_table(head, rows)


@main.command()
@click.argument("plan")
@region_option
@click.option("--format", "form", type=click.Choice(PLAN_FORMATS), required=True)
@click.option("--out", type=OUT, help="Write here instead of stdout.")
def export(plan: str, region: Path, form: str, out: Path | None) -> None:
    """Write a plan (file or id), its trips or the figures of its areas, as CSV, JSON, GeoJSON, HTML or Parquet."""
    workspace = Workspace(region)
    view = workspace.find_plan(plan)
    data = export_view(view, workspace.region_of(view.plan), region, form)
    if out is None:
        click.echo(data, nl=False)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
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
    diagnosis = diagnose(region)
    if as_json:
        write_json(diagnosis.as_dict())
    else:
        for one in diagnosis.findings:
            click.echo(f"{one.mark:5} {one.what}: {one.found}{f' → {one.mend}' if one.mend else ''}")
    if not diagnosis.ok:
        raise SystemExit(BAD_INPUT)
