"""Trade-offs from the command line: several plans of an order book to choose from."""

from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import gap_option, json_option, region_option, seconds_option, seed_option
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
from cosmolocal.planning.fronts import FrontSettings
from cosmolocal.records import Aim, Front
from cosmolocal.workflows import SOLVERS, SolveSettings, Watch, Workspace, euros, gap_percent
from cosmolocal.workflows.fronts import (
    FEWEST_POINTS,
    MOST_POINTS,
    SECONDS,
    describe_front,
    make_front,
    read_aims,
    save_offer,
)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
#: what one step of each aim is called
STEPS = {Aim.CO2E: "one tonne of CO2e less", Aim.FAIRNESS: "one per cent of load less"}


@click.command()
@click.argument("orders", type=FILE)
@region_option
@click.option(
    "--aims",
    default="cost,local-share",
    show_default=True,
    help=f"cost and one of {', '.join(aim.value for aim in Aim)}; local-share is that of value.",
)
@click.option("--points", type=click.IntRange(FEWEST_POINTS, MOST_POINTS), default=5, show_default=True, help="Plans.")
@seconds_option(SECONDS, "Longest time for all.")
@gap_option("Each plan is at most this part of its cost from the cheapest of its kind.")
@seed_option
@click.option("--dry-run", is_flag=True, help="Solve and report, but store nothing.")
@click.option("--quiet", is_flag=True, help="Print nothing but faults.")
@json_option
def front(orders: Path, region: Path, aims: str, as_json: bool, **options: Any) -> None:
    """Plan an order book several times, to choose between cost and another aim."""
    aim, workspace = read_aims(aims), Workspace(region)
    inputs, book = workspace.read(orders, {})
    line = ProgressLine(options["quiet"])
    watch = Watch(listener=line, on_compiling=None if options["quiet"] else say_compiling)
    solving = SolveSettings(options["seconds"], options["gap"], options["seed"], SOLVERS[0])
    with stop_on_interrupt(watch.stop):
        if not options["quiet"]:
            say(f"planning {count(len(book.orders), 'order')} of {book.name}; Ctrl-C keeps the plans so far")
        offer = make_front(inputs, book, FrontSettings(aim, options["points"], solving), watch)
    line.end()
    if not options["dry_run"]:
        save_offer(workspace, offer, inputs)
    if as_json:
        write_json(describe_front(offer.front) | {"seconds": offer.seconds})
    elif not options["quiet"]:
        describe(offer.front)
        say("nothing was stored (--dry-run)" if options["dry_run"] else f"stored as front {offer.front.id}")
    if watch.stop.is_set():
        raise SystemExit(STOPPED)


def describe(front: Front) -> None:
    """Print the points of a front, and what each next step costs."""
    heads = ("plan", "cost", "none cheaper than", "gap", "co2e kg", "value", "units", "mass", "busiest", "next step")
    rows = []
    for number, point in enumerate(front.points):
        figures, share, step = point.figures, point.figures.local_share, front.step_cents(number)
        parts = [_percent(part) for part in (share.value, share.units, share.mass, figures.fairness)]
        money = (euros(figures.cost_cents), euros(point.bound_cents), gap_percent(point.gap))
        next_step = "–" if step is None else euros(step)
        rows.append((point.plan, *money, f"{figures.co2e_g / 1000:,.0f}", *parts, next_step))
    write_table(heads, rows)
    say(f"next step: what {STEPS.get(front.aim, 'one more per cent made here')} costs from a plan to the next one")


def _percent(per_mille: int | None) -> str:
    return "–" if per_mille is None else f"{per_mille / 10:.1f} %"
