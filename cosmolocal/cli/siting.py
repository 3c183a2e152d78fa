"""Where the next workshops go, on the command line."""

from collections.abc import Mapping
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
from cosmolocal.records.siting import SiteAim, SiteWish
from cosmolocal.workflows import SolveSettings, Watch, Workspace, euros, gap_percent
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.siting import MOST_SITES, choose_sites, plan_sites, tell_siting, write_sites


@click.command()
@click.argument("plan")
@region_option
@click.option("--most", type=click.IntRange(1, MOST_SITES), default=1, show_default=True, help="At most so many sites.")
@click.option("--budget", type=click.IntRange(0), help="EUR that all of them may cost to buy.")
@click.option("--aim", type=click.Choice([aim.value for aim in SiteAim]), default="cost", show_default=True)
@seconds_option(30.0, "To choose; to plan.")
@gap_option()
@click.option("--scenario", metavar="NAME", help="Write the sites as a scenario of this name.")
@click.option("--plan", "is_planned", is_flag=True, help="Write them as a scenario, and really plan it.")
@click.option("--quiet", is_flag=True, help="Print nothing but faults.")
@json_option
def siting(plan: str, region: Path, as_json: bool, **options: Any) -> None:
    """Choose where to open workshops or add machines together, beside a plan."""
    workspace = Workspace(region)
    view = workspace.find_plan(plan)
    budget = None if options["budget"] is None else 100 * options["budget"]
    wish = SiteWish(options["most"], budget, SiteAim(options["aim"]))
    settings = SolveSettings(options["seconds"], options["gap"], view.plan.seed)
    watch = Watch(ProgressLine(options["quiet"]), on_compiling=None if options["quiet"] else say_compiling)
    with stop_on_interrupt(watch.stop):
        found = choose_sites(workspace, view, wish, settings, watch)
        if found.sites and (options["scenario"] or options["is_planned"]):
            write_sites(workspace, OPERATOR, view.plan, options["scenario"] or "")
        if found.sites and options["is_planned"] and not watch.stop.is_set():
            found = plan_sites(workspace, OPERATOR, view.plan, settings, watch)
    if isinstance(watch.listener, ProgressLine):
        watch.listener.end()
    if as_json:
        write_json(tell_siting(found))
    elif not options["quiet"]:
        _describe(tell_siting(found))
    if watch.stop.is_set():
        raise SystemExit(STOPPED)


def _describe(found: Mapping[str, Any]) -> None:
    click.echo(
        f"{count(found['site_count'], 'site')} could open; {count(found['customer_count'], 'group')} of lots "
        "could be served for less by one of them"
    )
    rows = [
        (
            site["proposal"],
            euros(site["price_cents"]),
            euros(site["open_cents"]),
            euros(site["saved_cents"]),
            f"{site['units']:g}",
            f"{site['new_units']:g}",
            len(site["places"]),
            f"{site['load']:.0%}",
        )
        for site in found["sites"]
    ]
    if rows:
        head = ("site", "price", f"cost_of_{found['weeks']}_weeks", "saves", "units", "imported_now", "places", "full")
        write_table(head, rows)
    else:
        click.echo("no site pays within these limits")
    click.echo(
        f"by the model: cost {euros(found['now_cents'])} -> {euros(found['model_cents'])} with the sites' own cost, "
        f"made here by value {_share(found['now_share'])} -> {_share(found['model_share'])}; "
        f"at most {gap_percent(found['gap'])} from the best choice of the model"
    )
    planned = found["planned"]
    if planned is not None:
        click.echo(
            f"really planned ({planned['plan']}): cost {euros(planned['before_cents'])} -> "
            f"{euros(planned['after_cents'] + found['open_cents'])} with the sites' own cost, made here by value "
            f"{_share(planned['before_share'])} -> {_share(planned['after_share'])}, lots imported "
            f"{planned['before_unmet']} -> {planned['after_unmet']}; gaps {gap_percent(planned['before_gap'])}, "
            f"{gap_percent(planned['after_gap'])}"
        )
        least, most = found["proved_savings_cents"]
        click.echo(f"proved: the best plan with them saves between {euros(least)} and {euros(most)}")
    elif found["sites"]:
        click.echo("not planned yet: --plan tells what they really save")
    if found["scenario"]:
        say(f"written: scenarios/{found['scenario']}.yaml")


def _share(per_mille: int | None) -> str:
    return "–" if per_mille is None else f"{per_mille / 10:.1f} %"
