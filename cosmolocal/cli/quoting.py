"""Quotes on the command line: when an order could be had, from where, for how much."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import count, say, write_json, write_table
from cosmolocal.cli.texts import TERMS
from cosmolocal.workflows import PRIORITIES, Question, Workspace, euros, open_desk
from cosmolocal.workflows import quote as find_quote

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("design", metavar="DESIGN[@RANGE]")
@click.argument("quantity", type=click.IntRange(1, 10_000_000))
@click.argument("place")
@region_option
@click.option("--plan", help="Beside this plan (file or id); unless named the newest stored one.")
@click.option("--due", type=DAY, help="Day it is due; any week of the plan unless given.")
@click.option("--release", type=DAY, help="Making may not start before the week of this day.")
@click.option("--max-distance", type=click.FloatRange(0), metavar="KM", help="Farthest workshop that may deliver it.")
@click.option("--priority", type=click.Choice(PRIORITIES), default="normal", show_default=True)
@click.option("--first-article", is_flag=True, help="One piece is made and checked before the rest is begun.")
@click.option("--earliest/--cheapest", default=True, show_default=True, help="Which week is the answer.")
@click.option("--alternatives", type=click.IntRange(0, 200), default=3, show_default=True, help="Other offers to list.")
@json_option
def quote(region: Path, plan: str | None, as_json: bool, **given: Any) -> None:
    """Say when an order that is not in the book could be had, from where and for how much, beside a plan."""
    found = find_quote(open_desk(Workspace(region), plan), _question(given))
    if as_json:
        write_json(found)
    else:
        _describe(found)


def _question(given: Mapping[str, Any]) -> Question:
    due, release = (day.date() if isinstance(day, datetime) else None for day in (given["due"], given["release"]))
    kilometres = given["max_distance"]
    return Question(
        design=given["design"],
        quantity=given["quantity"],
        place=given["place"],
        due_date=due,
        release_date=release,
        max_distance_m=None if kilometres is None else round(kilometres * 1000),
        priority=PRIORITIES[given["priority"]],
        cheapest=not given["earliest"],
        alternatives=given["alternatives"],
        first_article=given["first_article"],
    )


def _describe(found: Mapping[str, Any]) -> None:
    if found["plan"] is None:
        say("there is no plan: all machines count as free")
    elif found["changed"]:
        say(f"changed since plan {found['plan']} was made: {', '.join(found['changed'])}")
    asked = f"{found['quantity']} × {found['design']} for {found['place']}"
    if not found["feasible"]:
        click.echo(f"{asked}: cannot be made here, imported for {euros(found['imported']['total_cents'])} all weighed")
    else:
        _describe_offer(found, asked)
    for reason in found["reasons"]:
        click.echo(f"    because: {reason['text']}" if not found["feasible"] else f"    {reason['text']}")
    for fix in found["fixes"]:
        worth = f" (saves {euros(fix['saves_cents'])})" if fix["saves_cents"] else ""
        click.echo(f"    would help: {fix['text']}{worth}")
    if found["alternatives"]:
        rows = [
            (row["monday"], row["promised_date"], ", ".join(row["workshops"]), euros(row["cost_cents"]))
            for row in found["alternatives"]
        ]
        write_table(("week of", "there by", "workshops", "all weighed"), rows)
    if not found["proved"]:
        say("the search was cut short: something earlier or cheaper may have been missed")


def _describe_offer(found: Mapping[str, Any], asked: str) -> None:
    late = found["cost"]["late_weeks"]
    by = f"there by {found['promised_date']}" + (f", {count(late, 'week')} late" if late else "")
    click.echo(f"{asked}: {by}, from {', '.join(found['workshops'])}, {euros(found['cost_cents'])} all weighed")
    terms = {name: found["cost"][f"{term}_cents"] for term, name in TERMS.items()}
    terms |= {"overtime": found["overtime_cents"], "fairness, weighed": found["fairness_cents"]}
    terms |= {"shared trips, weighed": found["trips_cents"]}
    for name, cents in terms.items():
        if cents:
            click.echo(f"    {euros(cents):>14}  {name}")
    click.echo(f"    {euros(found['imported']['total_cents']):>14}  imported instead, all weighed")
