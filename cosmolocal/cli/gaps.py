"""Gaps on the command line: what a plan lacks, what an hour is worth, what to buy or open next."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import gap_option, json_option, region_option, seconds_option
from cosmolocal.cli.output import (
    STOPPED,
    ProgressLine,
    count,
    say,
    say_compiling,
    stop_on_interrupt,
    write_json,
    write_table,
)
from cosmolocal.workflows import PlanView, SolveSettings, Watch, Workspace, euros
from cosmolocal.workflows.gaps import MOST_PLANNED, check_one_hour, propose, rank_next, read_hour, tell_gaps
from cosmolocal.workflows.people import OPERATOR

#: rows of open proposals that are listed
MOST_OPEN = 10
#: hours that are listed with their prices, and places by their names
MOST_HOURS, MOST_PLACES = 5, 3


@click.command()
@click.argument("plan")
@region_option
@click.option("--next", "number", type=click.IntRange(0, MOST_PLANNED), help="Plan so many things to buy or open.")
@click.option("--check", "hour", metavar="WORKSHOP/GROUP@WEEK", help="Plan again with one more hour there and then.")
@click.option("--scenario", metavar="OFFER@PLACE", help="Write one thing to buy or open as a scenario.")
@seconds_option(30.0, "For each plan.")
@gap_option()
@click.option("--quiet", is_flag=True, help="Print nothing but faults.")
@json_option
def gaps(plan: str, region: Path, as_json: bool, **options: Any) -> None:
    """Say what machine hours a plan lacks, what an hour is worth, and what to buy or open next."""
    workspace = Workspace(region)
    view = workspace.find_plan(plan)
    watch = Watch(ProgressLine(options["quiet"]), on_compiling=None if options["quiet"] else say_compiling)
    with stop_on_interrupt(watch.stop):
        _find_out(workspace, view, options, watch)
    found = tell_gaps(workspace, view)
    if options["scenario"] is not None:
        scenario = propose(workspace, OPERATOR, view.plan, options["scenario"])
        found["scenario"] = scenario.id
    if as_json:
        write_json(found)
    elif not options["quiet"]:
        _describe(found)
    if watch.stop.is_set():
        raise SystemExit(STOPPED)


def _find_out(workspace: Workspace, view: PlanView, options: Mapping[str, Any], watch: Watch) -> None:
    settings = SolveSettings(options["seconds"], options["gap"], view.plan.seed)
    if options["hour"] is not None:
        check_one_hour(workspace, view, *read_hour(options["hour"]), settings, watch)
    if options["number"] is not None:
        rank_next(workspace, view, options["number"], settings, watch)
    if isinstance(watch.listener, ProgressLine):
        watch.listener.end()


def _describe(found: Mapping[str, Any]) -> None:
    click.echo(f"{count(found['lots'], 'lot')} of {count(found['units'], 'unit')} would be made here with more hours")
    _describe_hours(found)
    for row in found["apart"]:
        named = f" ({', '.join(row['processes'])})" if row["processes"] else ""
        mend = "machines would mend it" if row["is_for_machines"] else "no machine mends it"
        told = f"apart: {count(len(row['lots']), 'lot')}, {row['reason']}{named}: {mend}; {euros(row['cents'])}"
        click.echo(told)
    for row in found["checked"]:
        click.echo(
            f"one more hour of {row['resource']} in week {row['week']} ({row['added_minutes']} min): price "
            f"{euros(row['price_cents'])}, planned again {euros(row['saved_cents'])} "
            f"(at most {euros(row['most_cents'])})"
        )
    if found["next"] is not None:
        _describe_next(found["next"])
    if "scenario" in found:
        say(f"written: scenarios/{found['scenario']}.yaml")


def _describe_hours(found: Mapping[str, Any]) -> None:
    least: dict[str, int] = defaultdict(int)
    mean: dict[str, int] = defaultdict(int)
    places: dict[str, set[str]] = defaultdict(set)
    for row in found["hours"]:
        least[row["process"]] += row["least_minutes"]
        mean[row["process"]] += row["mean_minutes"]
        places[row["process"]].add(row["place"])
    worth: dict[str, int] = defaultdict(int)
    for row in found["worth"]:
        worth[row["process"]] = max(worth[row["process"]], row["cents"])
    rows = [
        (name, f"{least[name] / 60:.1f}", f"{mean[name] / 60:.1f}", len(places[name]), euros(worth[name]))
        for name in sorted(least, key=lambda name: (-least[name], name))
    ]
    if rows:
        write_table(("process", "hours_least", "hours_mean", "places", "hour_worth_at_most"), rows)
    dearest = {f"{row['resource']}@{row['week']}": row["cents"] for row in found["worth"]}
    if dearest:
        ranked = sorted(dearest, key=lambda hour: (-dearest[hour], hour))[:MOST_HOURS]
        shown = [(hour, euros(dearest[hour])) for hour in ranked]
        write_table(("dearest_hour", "price"), shown)
        say("--check plans again with one more of these hours, such as --check " + shown[0][0])


def _describe_next(found: Mapping[str, Any]) -> None:
    measured = [row for row in found["ranked"] if row["measured"]]
    rows = [
        (
            row["proposals"][0],
            euros(row["proposal"]["price_cents"]),
            row["proposal"]["lifetime_years"],
            euros(row["annuity_cents"]),
            euros(row["measured"]["saves_cents_a_year"]),
            euros(row["measured"]["gains_cents_a_year"]),
            "never" if row["measured"]["payback_years"] is None else row["measured"]["payback_years"],
        )
        for row in measured
    ]
    if rows:
        head = ("planned", "price", "lasts_years", "cost_a_year", "saves_a_year", "gains_a_year", "payback_years")
        write_table(head, rows)
    for row in measured:
        serves = row["measured"]
        click.echo(
            f"{row['proposals'][0]} would serve {count(serves['lots'], 'lot')} of {count(serves['units'], 'unit')}, "
            f"{serves['new_lots']} of them imported now, for {_some(serves['places'])}"
        )
    left = [row for row in found["ranked"] if not row["measured"]]
    for row in left[:MOST_OPEN]:
        name = row["proposals"][0] if len(row["proposals"]) == 1 else f"{row['offer']} in {len(row['places'])} places"
        click.echo(f"not planned: {name}: gains at most {euros(row['gains_at_most_cents_a_year'])} a year")
    if found["is_safe"]:
        click.echo("proved: nothing that was not planned gains more")
    else:
        click.echo(
            f"not proved: something that was not planned might gain up to {euros(found['open_cents_a_year'])} a year "
            f"more; the plan itself may be {euros(found['gap_cents'])} from its best"
        )
    say(f"a year: what {found['weeks']} planned weeks save, scaled to {found['scaled_to_weeks']}")


def _some(places: Sequence[str]) -> str:
    """Return the first names of a list, and how many more there are.

    >>> _some(["a", "b", "c", "d", "e"]), _some([])
    ('a, b, c and 2 more', 'no place')
    """
    more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    return ", ".join(places[:MOST_PLACES]) + more if places else "no place"
