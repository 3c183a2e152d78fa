"""Why an order of a plan is made where it is, or why not."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from cosmolocal.errors import NotFoundError
from cosmolocal.planning.wording import fix_sentence, reason_sentence
from cosmolocal.records import PRIVATE_FIELDS, Allocation, Order, Plan, Region, Unmet, to_plain
from cosmolocal.workflows.words import Words

Sentence = Callable[[str, Mapping[str, str | int]], str]


def plan_words(plan: Plan, region: Region) -> Words:
    """Return the words that a plan of a region is told in."""
    return Words.of(region, date.fromisoformat(str(plan.settings["start_date"])))


def sentences(words: Words) -> tuple[Sentence, Sentence]:
    """Return what makes English sentences of reasons and of fixes."""
    return (
        lambda code, values: reason_sentence(code, values, str, words.show),
        lambda code, values: fix_sentence(code, values, str, words.show),
    )


def explain_order(plan: Plan, orders: tuple[Order, ...], region: Region, order_id: str) -> dict[str, Any]:
    """Return why an order is served as it is: JSON values for the command line.

    Raises
    ------
    NotFoundError
        When the plan has no such order.
    """
    allocations = [row for row in plan.allocations if row.order == order_id]
    unmet = [row for row in plan.unmet if row.order == order_id]
    if not allocations and not unmet:
        raise NotFoundError(f"the plan has no order {order_id!r}")
    words = plan_words(plan, region)
    return {
        "plan": plan.id,
        "order": order_id,
        "asked": next((_asked(order, words) for order in orders if order.id == order_id), None),
        "allocations": [_allocation(row, words) for row in allocations],
        "unmet": _unmet(unmet, words),
    }


def _asked(order: Order, words: Words) -> dict[str, Any]:
    plain = {name: value for name, value in to_plain(order).items() if name not in PRIVATE_FIELDS}
    return {**plain, "place_name": words.place(order.place)}


def _allocation(row: Allocation, words: Words) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(row) | _placed(row.workshop, row.week, words)
    if row.first_article is not None:
        plain["first_article"] = {
            "workshop": row.first_article.workshop,
            "week": row.first_article.week,
            "monday": words.monday(row.first_article.week).isoformat(),
            "rest_week": row.batch_week,
            "rest_monday": words.monday(row.batch_week).isoformat(),
        }
    plain["cost"] |= {"money_cents": row.cost.money_cents, "total_cents": row.cost.total_cents}
    plain["alternatives"] = [
        {
            **to_plain(other),
            **_placed(other.workshop, other.week, words),
            "lacks": [_lack(words, *lack) for lack in other.lacks],
        }
        for other in row.alternatives
    ]
    return plain


def _placed(workshop: str, week: int, words: Words) -> dict[str, str]:
    return {"workshop_name": words.names.get(workshop, workshop), "monday": words.monday(week).isoformat()}


def _lack(words: Words, resource: str, week: int, amount: int) -> dict[str, Any]:
    is_group = "/" in resource
    text = f"{words.resource(resource)} lacks {amount} {'minutes' if is_group else 'kg'} in {words.week(week)}"
    return {"resource": resource, "week": week, "minutes" if is_group else "kg": amount, "text": text}


def _unmet(rows: list[Unmet], words: Words) -> dict[str, Any]:
    """Return what is imported of an order; lots of one size have the same reasons, which stand once."""
    reason_text, fix_text = sentences(words)
    reasons = [{**to_plain(item), "text": reason_text(item.code, item.values)} for row in rows for item in row.reasons]
    fixes = [{**to_plain(item), "text": fix_text(item.code, item.values)} for row in rows for item in row.fixes]
    return {
        "quantity": sum(row.quantity for row in rows),
        "lots": [row.lot for row in rows],
        "total_cents": sum(row.cost.total_cents for row in rows),
        "reasons": list({item["text"]: item for item in reasons}.values()),
        "fixes": list({item["text"]: item for item in fixes}.values()),
    }
