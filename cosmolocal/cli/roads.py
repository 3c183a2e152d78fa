"""The road to the target on the command line: what to buy in which year, how far it gets, how sure that is."""

from pathlib import Path

import click

from cosmolocal.cli.options import OUT, json_option, region_option
from cosmolocal.cli.output import INCOMPLETE, say, write_json, write_table
from cosmolocal.planning.solvers.roads import RoadSettings
from cosmolocal.records import RoadStatus
from cosmolocal.workflows import Workspace, euros, gap_percent
from cosmolocal.workflows.road_report import build_road_report
from cosmolocal.workflows.road_words import ENGLISH, headline, status_word, sureness
from cosmolocal.workflows.roads import RoadView, Wanted, describe_road, find_view, write_road


@click.command()
@region_option
@click.option("--target", type=click.FloatRange(0, 100), metavar="PERCENT", help="Local share to reach.")
@click.option("--year", type=click.IntRange(1900, 2200), help="Year of the target.")
@click.option("--budget", type=click.FloatRange(0, 1e11), metavar="EUR", help="Spent a year at most.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Of the futures that are drawn.")
@click.option("--samples", type=click.IntRange(10, 2000), help="How many futures are drawn.")
@click.option(
    "--seconds", type=click.FloatRange(1, 3600), default=60.0, show_default=True, help="Longest single search."
)
@click.option("--gap", type=click.FloatRange(0, 1), default=0.01, show_default=True, help="Stop so near to the best.")
@click.option("--out", type=OUT, help="Write a report as one HTML file.")
@click.option("--require-complete", is_flag=True, help="End with exit code 5 when a goal is not met.")
@click.option("--quiet", is_flag=True, help="Print nothing but faults.")
@json_option
def road(region: Path, seconds: float, gap: float, quiet: bool, as_json: bool, **given: object) -> None:
    """Find the road to the region's target: which investments in which year, and how far they get."""
    workspace, wanted = Workspace(region), _wanted(given)
    if not quiet:
        say("finding the road, and what would change it; up to some minutes")
    view = find_view(workspace, wanted, RoadSettings(seconds, gap))
    if wanted == Wanted():
        write_road(workspace, view)
    if isinstance(out := given["out"], Path):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(build_road_report(view), "utf-8")
        if not quiet:
            say(f"written to {out}")
    if as_json:
        write_json(describe_road(view))
    elif not quiet:
        _describe(view)
    if given["require_complete"] and view.road.status is not RoadStatus.MET:
        say(f"{status_word(view.road.status)}; that every goal is met was required")
        raise SystemExit(INCOMPLETE)


def _wanted(given: dict[str, object]) -> Wanted:
    def scaled(name: str, scale: int) -> int | None:
        return None if given[name] is None else round(float(str(given[name])) * scale)

    return Wanted(
        scaled("target", 10), scaled("year", 1), scaled("budget", 100), scaled("seed", 1), scaled("samples", 1)
    )


def _describe(view: RoadView) -> None:
    road, terms = view.road, view.terms
    click.echo(headline(view, ENGLISH))
    click.echo(sureness(view, ENGLISH))
    click.echo(
        f"at the worth of {terms.first_year}: {euros(road.cost_cents)},"
        f" and no path can cost less than {euros(road.bound_cents)} (gap {gap_percent(road.gap)})"
    )
    bands = {band.year: band for band in road.bands}
    names = {offer.id: offer.name for offer in view.inputs.offers}
    rows = [
        (
            year.year,
            ENGLISH.share(year.share),
            f"{ENGLISH.share(bands[year.year].low)} – {ENGLISH.share(bands[year.year].high)}",
            euros(year.bought_cents),
            euros(year.kept_cents),
            ", ".join(f"{buy.count} × {names[buy.offer]}" for buy in road.buys if buy.year == year.year),
        )
        for year in road.years
    ]
    write_table(("year", "made here", "8 of 10 futures", "bought", "kept", "to buy or open"), rows)
    for limit in road.limits:
        say(f"1,000 hours more of {limit.process} in {terms.target.year} would add {limit.worth / 10_000:.2f} points")
