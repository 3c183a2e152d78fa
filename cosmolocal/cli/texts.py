"""Plans and explanations as lines of text."""

from collections.abc import Mapping
from typing import Any

import click

from cosmolocal.cli.output import write_table
from cosmolocal.workflows import Planned, PlanView, describe_figures

TERMS = ("machine", "material", "bought", "transport", "co2e", "lateness", "distance")


def describe_plan(planned: Planned, view: PlanView) -> None:
    """Write the figures of a plan just made."""
    plan = planned.plan
    click.echo(f"plan {plan.id} of {plan.book}: {plan.status.value}, stopped by {plan.stopped_by.value}")
    write_table(("figure", "value"), describe_figures(view).items())
    checks = sum(planned.audit.checked.values())
    click.echo(f"audit: 0 problems in {checks} checks; solved in {planned.run.seconds} s")


def euros(cents: int) -> str:
    """Return an amount in euros."""
    return f"{cents / 100:,.2f} €"


def describe_explanation(found: Mapping[str, Any]) -> None:
    """Write why an order is made where it is, or why not."""
    for row in found["allocations"]:
        click.echo(f"lot {row['lot']}: {row['quantity']} made at {row['workshop']}, delivered in week {row['week']}")
        cost = row["cost"]
        for term in TERMS:
            if cost[f"{term}_cents"]:
                click.echo(f"    {euros(cost[f'{term}_cents']):>14}  {term}")
        click.echo(f"    {euros(cost['total_cents']):>14}  together")
        for other in row["alternatives"]:
            click.echo(
                f"    instead at {other['workshop']} in week {other['week']}: {euros(other['extra_cents'])} more"
                + _lacks(other)
            )
    unmet = found["unmet"]
    if unmet["quantity"]:
        click.echo(f"{unmet['quantity']} imported for {euros(unmet['total_cents'])}")
        for reason in unmet["reasons"]:
            click.echo(f"    because: {reason['text']}")
        for fix in unmet["fixes"]:
            worth = f" (saves {euros(fix['saves_cents'])})" if fix["saves_cents"] else ""
            click.echo(f"    would help: {fix['text']}{worth}")


def _lacks(other: Mapping[str, Any]) -> str:
    if not other["lacks"]:
        return ""
    return ", but no room: " + "; ".join(
        f"{name} lacks {amount} in week {week}" for name, week, amount in other["lacks"]
    )
