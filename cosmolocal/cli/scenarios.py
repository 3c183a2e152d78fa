"""What if, on the command line: scenarios listed, checked, planned and compared."""

from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import gap_option, json_option, region_option, seconds_option, seed_option
from cosmolocal.cli.output import (
    BAD_INPUT,
    STOPPED,
    ProgressLine,
    count,
    say,
    say_compiling,
    stop_on_interrupt,
    write_json,
    write_table,
)
from cosmolocal.cli.texts import describe_comparison, describe_moves, describe_plan
from cosmolocal.records import to_plain
from cosmolocal.scenarios import read_scenario
from cosmolocal.workflows import (
    SolveSettings,
    Watch,
    Workspace,
    plan_summary,
    plan_to_bytes,
    tell_changes,
    view_plan,
)
from cosmolocal.workflows.plan_comparison import compare, tell_comparison
from cosmolocal.workflows.scenarios import Supposed, check_scenario, find_scenario, list_scenarios, run_scenario
from cosmolocal.workflows.scenarios import plans_of_names as find_plans

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
USUAL_BOOK = Path("orders/autumn.csv")


@click.group()
def scenario() -> None:
    """Plan what if: named sets of edits over the region, in the folder scenarios/."""


@scenario.command("list")
@region_option
@json_option
def list_command(region: Path, as_json: bool) -> None:
    """List the scenarios of a region with their newest plans."""
    rows = [
        {
            "scenario": one.id,
            "title": one.scenario.title if one.scenario else "",
            "edits": len(one.scenario.edits) if one.scenario else 0,
            "problems": len(one.problems),
            "plan": one.plans[0].id if one.plans else "",
        }
        for one in list_scenarios(Workspace(region))
    ]
    if as_json:
        write_json(rows)
    else:
        write_table(("scenario", "title", "edits", "problems", "plan"), [tuple(row.values()) for row in rows])


@scenario.command()
@click.argument("names", nargs=-1)
@region_option
@json_option
def check(names: tuple[str, ...], region: Path, as_json: bool) -> None:
    """Check scenarios (names or files; all unless named) against the region, and list all faults."""
    workspace = Workspace(region)
    problems = []
    for name in names or [one.id for one in list_scenarios(workspace)]:
        if Path(name).is_file():
            problems += check_scenario(workspace.region(), (), read_scenario(Path(name)))
        else:
            problems += find_scenario(workspace, name).problems
    if as_json:
        write_json({"problems": [problem.as_dict() for problem in problems]})
    else:
        for problem in problems:
            say(str(problem))
        say(count(len(problems), "problem"))
    if problems:
        raise SystemExit(BAD_INPUT)


@scenario.command()
@click.argument("names", nargs=-1, required=True)
@region_option
@click.option("--orders", type=FILE, required=True, help="The order book.")
@click.option(
    "--base", metavar="PLAN", help="Start from this plan (file or id); else the newest whose inputs are as now."
)
@seconds_option(60.0, "Longest time for each.")
@gap_option("As of plan.")
@seed_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write each plan file into this folder.")
@click.option("--quiet", is_flag=True, help="Print nothing but faults.")
@json_option
def run(names: tuple[str, ...], region: Path, orders: Path, as_json: bool, **options: Any) -> None:
    """Plan scenarios from the plan of the region as it is; where there is none, that is planned first."""
    workspace = Workspace(region)
    for name in names:
        find_scenario(workspace, name)
    settings = SolveSettings(options["seconds"], options["gap"], options["seed"])
    base = workspace.load(options["base"]) if options["base"] else None
    found: list[tuple[str, Supposed]] = []
    stopped = False
    for name in names:
        line = ProgressLine(options["quiet"])
        watch = Watch(listener=line, on_compiling=None if options["quiet"] else say_compiling)
        with stop_on_interrupt(watch.stop):
            if not options["quiet"]:
                say(f"planning scenario {name} with {orders.name}; Ctrl-C keeps the best plan so far")
            supposed = run_scenario(workspace, name, orders, settings, watch, base)
        line.end()
        base, stopped = supposed.base, watch.stop.is_set()
        workspace.save(supposed.planned, workspace.region())
        found.append((name, supposed))
        if options["out"] is not None:
            options["out"].mkdir(parents=True, exist_ok=True)
            (options["out"] / f"{name}.json").write_bytes(plan_to_bytes(supposed.planned.plan))
        if not as_json and not options["quiet"]:
            _describe(workspace, name, supposed)
        if stopped:
            break
    if as_json:
        write_json({"base": base.id if base else None, "plans": [_tell(workspace, *one) for one in found]})
    if stopped:
        raise SystemExit(STOPPED)


def _describe(workspace: Workspace, name: str, supposed: Supposed) -> None:
    planned = supposed.planned
    region = workspace.region_of(planned.plan)
    how = "planned just now" if supposed.is_base_new else "stored"
    click.echo(f"scenario {name}, from plan {supposed.base.id} ({how})")
    describe_plan(planned, view_plan(planned.plan, region, planned.orders, planned.run))
    found = tell_changes(planned.plan, region)
    describe_moves(None if found is None else {**found, "moves": ()})


def _tell(workspace: Workspace, name: str, supposed: Supposed) -> dict[str, Any]:
    plan = supposed.planned.plan
    changes = tell_changes(plan, workspace.region_of(plan)) or {}
    moved = {"moved": len(changes.get("moves", ())), "base": supposed.base.id}
    dearer = plan.cost_cents - supposed.base.cost_cents
    return {"scenario": name, **plan_summary(supposed.planned), **moved, "cost_difference_cents": dearer}


@scenario.command("compare")
@click.argument("names", nargs=-1, required=True, metavar="PLAN_OR_NAME...")
@region_option
@json_option
def compare_command(names: tuple[str, ...], region: Path, as_json: bool) -> None:
    """Compare plans (ids, or scenarios for their newest plans) with the first, or with the plan it starts from."""
    workspace = Workspace(region)
    found = compare(workspace, find_plans(workspace, names))
    if as_json:
        write_json(to_plain(tell_comparison(found)))
    else:
        describe_comparison(tell_comparison(found))
