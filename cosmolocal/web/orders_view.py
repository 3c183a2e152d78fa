"""Why an order is made where it is: cost terms, tasks, ways and alternatives as rows."""

from dataclasses import dataclass

from cosmolocal.records import Allocation, Alternative, CostTerms, Plan, Task
from cosmolocal.web.languages import count, day, hours, km, mass, money, percent, unit
from cosmolocal.web.names import Names
from cosmolocal.web.plans_view import is_weighed, term_labels
from cosmolocal.web.words import gettext, ngettext


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term of a cost."""

    label: str
    cents: int
    #: what it comes from
    source: str
    #: True: a weight of the plan, no money changes hands
    weighed: bool


@dataclass(frozen=True, slots=True)
class AlternativeRow:
    """Another way to serve a lot."""

    workshop: str
    week: int
    extra_cents: int
    #: what it lacks, in words; empty: there is room
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeLot:
    """A lot that is made in the region, explained."""

    allocation: Allocation
    verdict: str
    terms: tuple[TermRow, ...]
    alternatives: tuple[AlternativeRow, ...]
    #: how it waits for its first article; "": it has none
    gate: str
    #: first what is done first
    tasks: tuple[Task, ...]


def made_lots(plan: Plan, order_id: str, names: Names) -> list[MadeLot]:
    """Return the lots of an order that are made in the region."""
    return [
        MadeLot(
            row,
            verdict(row, names),
            tuple(term_rows(row.cost, plan, row)),
            tuple(alternative_rows(row, names)),
            gate(row, names),
            (*row.first_tasks, *row.batch_tasks),
        )
        for row in plan.allocations
        if row.order == order_id
    ]


def term_rows(cost: CostTerms, plan: Plan, row: Allocation | None = None) -> list[TermRow]:
    """Return the terms of a cost that are not zero; they sum up to its total."""
    sources = _sources(cost, plan, row)
    return [
        TermRow(label, cents, sources.get(name, ""), is_weighed(name))
        for name, label in term_labels().items()
        if (cents := getattr(cost, name))
    ]


def _sources(cost: CostTerms, plan: Plan, row: Allocation | None) -> dict[str, str]:
    def weight(name: str) -> int:
        return int(plan.settings.get(name) or 0)

    weeks = ngettext("%(num)s week late", "%(num)s weeks late", cost.late_weeks)
    sources = {
        "co2e_cents": _at(mass(cost.co2e_g), money(weight("co2e_cents_per_kg")), "kg"),
        "distance_cents": _at(km(cost.distance_m), money(weight("distance_cents_per_km")), "km"),
        "lateness_cents": weeks,
        "penalty_cents": gettext("%(percent)s of the import", percent=percent(weight("import_penalty_percent") / 100)),
        "import_cents": gettext("the price outside, and bringing it here"),
    }
    if row is not None:
        minutes = sum(use.minutes for task in row.tasks for use in task.uses)
        trips = sum(leg.trips for leg in row.legs if leg.distance_m)
        sources["machine_cents"] = hours(minutes)
        sources["transport_cents"] = ngettext("%(num)s trip", "%(num)s trips", trips) + ", " + km(cost.distance_m)
    return sources


def _at(amount: str, price: str, unit: str) -> str:
    return gettext("%(amount)s at %(price)s per %(unit)s", amount=amount, price=price, unit=unit)


def alternative_rows(allocation: Allocation, names: Names) -> list[AlternativeRow]:
    """Return the alternatives, cheapest first."""
    rows = [
        AlternativeRow(other.workshop, other.week, other.extra_cents, tuple(_lacks(other, names)))
        for other in allocation.alternatives
    ]
    return sorted(rows, key=lambda row: (row.extra_cents, row.week, row.workshop))


def _lacks(other: Alternative, names: Names) -> list[str]:
    lacks = []
    for resource, week, amount in other.lacks:
        missing = hours(amount) if "/" in resource else unit(count(amount), "kg")
        lacks.append(
            gettext(
                "%(amount)s of %(resource)s in the week of %(day)s",
                amount=missing,
                resource=names.resource(resource),
                day=day(names.monday(week)),
            )
        )
    return lacks


def gate(allocation: Allocation, names: Names) -> str:
    """Return in one sentence how a lot waits for its first article; "": it has none."""
    first = allocation.first_article
    if first is None:
        return ""
    return gettext(
        "First article: in the week of %(day)s %(workshop)s makes one unit. Only when it is checked may the rest be "
        "begun, from the week of %(rest)s on as planned.",
        workshop=names.place(first.workshop),
        day=day(names.monday(first.week)),
        rest=day(names.monday(allocation.batch_week)),
    )


def verdict(allocation: Allocation, names: Names) -> str:
    """Return in one sentence why the lot is made where it is."""
    rows = alternative_rows(allocation, names)
    free = [row for row in rows if not row.lacks]
    cheaper = [row for row in rows if row.lacks and row.extra_cents < 0]
    here = names.place(allocation.workshop)
    if cheaper:
        best = cheaper[0]
        return gettext(
            "%(other)s would cost %(amount)s less, but has no room; %(here)s is the best with room.",
            other=names.place(best.workshop),
            amount=money(-best.extra_cents),
            here=here,
        )
    if free and free[0].extra_cents < 0:
        return gettext(
            "%(other)s would cost %(amount)s less and has room: the plan is not the best possible.",
            other=names.place(free[0].workshop),
            amount=money(-free[0].extra_cents),
        )
    if rows and rows[0].extra_cents == 0:
        return gettext(
            "Nothing costs less than %(here)s; %(other)s in the week of %(day)s would cost the same.",
            here=here,
            other=names.place(rows[0].workshop),
            day=day(names.monday(rows[0].week)),
        )
    if rows:
        return gettext(
            "%(here)s costs least; the next best, %(other)s in the week of %(day)s, would cost %(amount)s more.",
            here=here,
            other=names.place(rows[0].workshop),
            day=day(names.monday(rows[0].week)),
            amount=money(rows[0].extra_cents),
        )
    return gettext("%(here)s in this week is the only way that was found.", here=here)
