"""Plans and explanations as lines of text."""

from collections.abc import Mapping
from typing import Any

import click

from cosmolocal.cli.output import count, write_table
from cosmolocal.workflows import Planned, PlanView, describe_changes, describe_figures, euros, gap_percent

TERMS = {
    "machine": "machine time",
    "material": "material",
    "bought": "bought pieces",
    "transport": "transport",
    "co2e": "CO2e, weighed",
    "lateness": "lateness, weighed",
    "distance": "distance, weighed",
}
STOPS = {
    "proof": "proved best",
    "gap": "gap reached",
    "options": "all options tried",
    "tried": "nothing left to try",
    "clock": "time is up",
    "person": "stopped by you",
}
#: figures of a comparison, by their names in its JSON
FIGURES = {
    "lots_served": "Lots made here",
    "unmet": "Lots imported",
    "orders_late": "Orders late",
    "share_value": "Local share of value",
    "cost_cents": "Cost",
    "money_cents": "Money",
    "co2e_g": "CO2e",
    "distance_m": "Distance",
    "utilisation": "Machines busy",
    "unfairness": "Uneven load",
    "gap": "At most above the best",
}


def describe_plan(planned: Planned, view: PlanView) -> None:
    """Write the figures of a plan just made."""
    plan = planned.plan
    click.echo(f"plan {plan.id} of {plan.book}: {plan.status.value} ({STOPS[plan.stopped_by.value]})")
    write_table(("figure", "value"), describe_figures(view).items())
    checks = sum(planned.audit.checked.values())
    click.echo(f"audit: 0 problems in {checks:,} checks; solved in {planned.run.seconds} s")


def describe_moves(changes: Mapping[str, Any] | None) -> None:
    """Write what a plan changes against the one before; nothing where it follows none."""
    if changes is None:
        return
    write_table(("against the plan before", "value"), describe_changes(changes).items())
    for row in (*changes["conflicts"], *changes["moves"]):
        click.echo(row["text"])


def describe_comparison(found: Mapping[str, Any]) -> None:
    """Write plans beside the first of them: figures with differences, and who gains and loses."""
    names = [plan["scenario"] or plan["plan"] for plan in found["plans"]]
    heads = [names[0], *(head for name in names[1:] for head in (name, "+/−"))]
    write_table(
        ("figure", *heads),
        [(FIGURES[row["figure"]], *_beside(row["values"], row["figure"])) for row in found["figures"]],
    )
    for what, key, name, field in (
        ("workshop, hours", "workshops", "workshop", "minutes"),
        ("neighbourhood, made here", "places", "place", "served"),
        ("neighbourhood, late", "places", "place", "late"),
    ):
        sides = [(row[name], [side[field] for side in row["plans"]]) for row in found[key]]
        changed = [(which, *_beside(values, field)) for which, values in sides if len(set(values)) > 1]
        if changed:
            write_table((what, *heads), changed)
    for row in found["moved"]:
        click.echo(f"plan {row['plan']}: {count(row['lots'], 'lot')} served otherwise, {row['same']} as before")
    for plan, name in zip(found["plans"], names, strict=True):
        if plan["cheaper"] == "open":
            click.echo(f"{name}: so near to the first plan that it is not proved which is cheaper at its best")


def _beside(values: list[float | None], figure: str) -> list[str]:
    """Return the first figure, and each other one with its difference from it, signed."""
    first, shown = values[0], [_figure(values[0], figure)]
    for value in values[1:]:
        delta = None if value is None or first is None else value - first
        sign = "+" if delta and delta > 0 else "−" if delta else ""
        shown += [_figure(value, figure), "–" if delta is None else sign + _figure(abs(delta), figure)]
    return shown


def _figure(value: float | None, figure: str) -> str:
    """Return a figure in the unit that its name tells.

    >>> _figure(755, "share_value"), _figure(90, "minutes"), _figure(None, "gap"), _figure(540, "lots_served")
    ('75.5 %', '1.5', '–', '540')
    """
    if value is None:
        return "–"
    shown = {
        "share_value": lambda: f"{value / 10:.1f} %",
        "utilisation": lambda: f"{value / 10:.1f} %",
        "unfairness": lambda: f"{value / 1000:.2f}",
        "gap": lambda: gap_percent(value),
        "cost_cents": lambda: euros(round(value)),
        "money_cents": lambda: euros(round(value)),
        "co2e_g": lambda: f"{value / 1000:,.0f} kg",
        "distance_m": lambda: f"{value / 1000:,.0f} km",
        "minutes": lambda: f"{value / 60:,.1f}",
    }
    return shown[figure]() if figure in shown else f"{value:,.0f}"


def describe_explanation(found: Mapping[str, Any]) -> None:
    """Write why an order is made where it is, or why not."""
    if asked := found["asked"]:
        amount = f"{asked['quantity']} × {asked['design']} {asked['version']}"
        click.echo(f"order {found['order']}: {amount} for {asked['place_name']}, due {asked['due_date']}")
    for row in found["allocations"]:
        _describe_allocation(row)
    unmet = found["unmet"]
    if unmet["quantity"]:
        click.echo(f"imported: {count(unmet['quantity'], 'unit')}, for {euros(unmet['total_cents'])} all weighed")
        for reason in unmet["reasons"]:
            click.echo(f"    because: {reason['text']}")
        for fix in unmet["fixes"]:
            worth = f" (saves {euros(fix['saves_cents'])})" if fix["saves_cents"] else ""
            click.echo(f"    would help: {fix['text']}{worth}")


def _describe_allocation(row: Mapping[str, Any]) -> None:
    spot = f"{row['workshop_name']} ({row['workshop']})"
    cost = row["cost"]
    late = f", {count(cost['late_weeks'], 'week')} late" if cost["late_weeks"] else ""
    click.echo(f"lot {row['lot']}: {count(row['quantity'], 'unit')} from {spot}, {_week(row)}{late}")
    if "first_article" in row:
        gate = row["first_article"]
        rest = f"the other {row['quantity'] - 1} from week {gate['rest_week']}, once it is checked"
        click.echo(f"    first article by {gate['workshop']} in week {gate['week']}, {rest}")
    for task in row["tasks"]:
        if task["workshop"] != row["workshop"]:
            what = f"{task['quantity']} × {task['path']}{' of the first article' if task.get('first') else ''}"
            click.echo(f"    {what} made at {task['workshop']} in week {task['week']}")
    for term, name in TERMS.items():
        if cost[f"{term}_cents"]:
            click.echo(f"    {euros(cost[f'{term}_cents']):>14}  {name}")
    click.echo(f"    {euros(cost['total_cents']):>14}  together")
    for other in row["alternatives"]:
        _describe_alternative(other)


def _describe_alternative(other: Mapping[str, Any]) -> None:
    extra = other["extra_cents"]
    price = "at the same cost" if not extra else f"{euros(abs(extra))} {'dearer' if extra > 0 else 'cheaper'}"
    room = "; ".join(lack["text"] for lack in other["lacks"])
    spot = f"{other['workshop_name']} ({other['workshop']})"
    click.echo(f"    or from {spot}, {_week(other)}: {price}{f', but there is no room: {room}' if room else ''}")


def _week(row: Mapping[str, Any]) -> str:
    return f"week {row['week']} (from Monday {row['monday']})"
