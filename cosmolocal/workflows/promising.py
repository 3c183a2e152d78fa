"""Quotes: when an order that is not in the book could be had, from where, and for how much, beside a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.free_room import find_loads
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.offers import Offer
from cosmolocal.planning.promises import Promise, PromiseDesk
from cosmolocal.planning.wording import fix_sentence
from cosmolocal.records import Allocation, CostTerms, Fix, Order, Plan, Priority, Region, to_plain
from cosmolocal.workflows.inputs import RegionInputs, settings_of
from cosmolocal.workflows.makers import not_found, place_ids, tell
from cosmolocal.workflows.pins import is_pin
from cosmolocal.workflows.words import Words
from cosmolocal.workflows.workspace import Workspace, real_plans

CODES = {"O020": "what is asked of a quote has a wrong value"}

MOST_UNITS = 10_000_000
MOST_ALTERNATIVES = 200
#: every priority by its name
PRIORITIES = {priority.value: priority for priority in Priority}


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants a quote for."""

    #: ``id`` or ``id@range``
    design: str
    quantity: int
    place: str
    #: None: any week of the plan will do
    due_date: date | None = None
    release_date: date | None = None
    max_distance_m: int | None = None
    priority: Priority = Priority.NORMAL
    #: the cheapest week instead of the earliest
    cheapest: bool = False
    #: how many other offers to list
    alternatives: int = 0
    #: is one piece made and checked before the rest is begun?
    first_article: bool = False


@dataclass(frozen=True, slots=True)
class QuoteDesk:
    """Where quotes are given, with the plan that it stands beside."""

    promises: PromiseDesk
    words: Words
    #: None: no plan, so all machines are free
    plan: str | None = None
    book: str | None = None
    #: files that changed since the plan was made
    changed: tuple[str, ...] = ()

    @property
    def region(self) -> Region:
        """Return the region, with the settings of the plan."""
        return self.promises.ground.region


def open_desk(workspace: Workspace, plan: str | None = None) -> QuoteDesk:
    """Return the desk beside a plan (file or id); unless named beside the newest stored one, if there is any.

    Beside a stored plan it is kept as long as the files of the region stay as they are.
    """
    if plan is None:
        stored = real_plans(workspace.plans())
        plan = stored[0].id if stored else None
    if plan is not None and Path(plan).is_file():
        return build_desk(workspace.inputs(), workspace.load(plan))
    return _opened(workspace.folder, _Same(workspace.inputs()), plan)


class _Same:
    """Inputs as a key of a cache: equal only to themselves."""

    def __init__(self, inputs: RegionInputs) -> None:
        self.inputs = inputs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.inputs is self.inputs

    def __hash__(self) -> int:
        return id(self.inputs)


@lru_cache(maxsize=4)
def _opened(folder: Path, key: _Same, plan: str | None) -> QuoteDesk:
    return build_desk(key.inputs, None if plan is None else Workspace(folder).load(plan))


def build_desk(inputs: RegionInputs, plan: Plan | None) -> QuoteDesk:
    """Return a desk for a region as its files are, beside a plan."""
    if plan is None:
        return desk_of(inputs.region, ())
    region = replace(inputs.region, settings=settings_of(plan.settings))
    changed = [name for name, digest in inputs.digests.items() if plan.digests.get(name) != digest]
    gone = [name for name in plan.digests if not is_pin(name) and name not in (*inputs.digests, plan.book)]
    return replace(
        desk_of(region, plan.allocations), plan=plan.id, book=plan.book, changed=tuple(sorted((*changed, *gone)))
    )


def desk_of(region: Region, allocations: tuple[Allocation, ...]) -> QuoteDesk:
    """Return a desk for a region in which some lots are made already."""
    resources = Resources(Ground(region))
    promises = PromiseDesk(resources, find_loads(resources, allocations))
    return QuoteDesk(promises, Words.of(region, region.settings.start_date))


def quote(desk: QuoteDesk, question: Question) -> dict[str, Any]:
    """Return when an order could be had, from where and for how much, or why not: JSON values.

    Raises
    ------
    NotFoundError
        For a design or a place that does not exist.
    InputError
        For wrong values, all of them at once.
    """
    order = _order(desk, question)
    found = desk.promises.promise(order, question.cheapest)
    others = desk.promises.alternatives(found, question.alternatives)
    settings = desk.region.settings
    return {
        "design": found.lot.design,
        "quantity": question.quantity,
        "place": question.place,
        "due_date": None if question.due_date is None else question.due_date.isoformat(),
        "plan": desk.plan,
        "book": desk.book,
        "changed": list(desk.changed),
        "first_monday": settings.start_date.isoformat(),
        "weeks": settings.weeks,
        "preference": "cheapest" if question.cheapest else "earliest",
        **_answer(found, desk.words),
        "imported": _terms(found.imported),
        "reasons": [tell(reason, desk.words) for reason in found.reasons],
        "fixes": [_fix(fix, desk.words) for fix in found.fixes],
        "alternatives": [_alternative(offer, found, desk.words) for offer in others],
    }


def _order(desk: QuoteDesk, question: Question) -> Order:
    design_id, _, version_range = question.design.partition("@")
    catalogue, settings = desk.promises.ground.catalogue, desk.region.settings
    if design_id not in catalogue.versions and catalogue.find_taken_down(design_id, version_range or "*") is None:
        raise not_found(catalogue, question.design)
    if question.place not in place_ids(desk.region):
        raise NotFoundError(say("there is no place %(name)s", name=repr(question.place)))
    due_date = question.due_date or settings.start_date + timedelta(weeks=settings.weeks, days=-1)
    problems = list(_check(question))
    if problems:
        raise InputError(problems)
    return Order(
        id="quote",
        design=design_id,
        version=version_range or "*",
        quantity=question.quantity,
        place=question.place,
        due_date=due_date,
        release_date=question.release_date,
        priority=question.priority,
        max_distance_m=question.max_distance_m,
        first_article=question.first_article,
    )


def _check(question: Question) -> list[Problem]:
    problems = []
    if not 1 <= question.quantity <= MOST_UNITS:
        rule = say("must be from 1 to %(most_units)s", most_units=f"{MOST_UNITS:,}")
        problems.append(
            Problem("O020", "quote: quantity", say("found %(found)s; %(rule)s", found=question.quantity, rule=rule))
        )
    if not 0 <= question.alternatives <= MOST_ALTERNATIVES:
        rule = say("must be from 0 to %(most_alternatives)s", most_alternatives=MOST_ALTERNATIVES)
        told = say("found %(found)s; %(rule)s", found=question.alternatives, rule=rule)
        problems.append(Problem("O020", "quote: alternatives", told))
    if question.max_distance_m is not None and question.max_distance_m < 0:
        found = say("found %(found)s; must be 0 or more", found=question.max_distance_m)
        problems.append(Problem("O020", "quote: max_distance_m", found))
    release, due = question.release_date, question.due_date
    if release is not None and due is not None and release > due:
        message = say("found %(found)s; it is due before, on %(due)s", found=release, due=due)
        problems.append(Problem("O020", "quote: release_date", message))
    return problems


def _answer(found: Promise, words: Words) -> dict[str, Any]:
    """Return what is promised; all of it is None where nothing can be."""
    offer, import_cents = found.offer, found.imported.total_cents
    if offer is None:
        names = (
            "week",
            "monday",
            "promised_date",
            "cost_cents",
            "cost",
            "overtime_cents",
            "fairness_cents",
            "trips_cents",
        )
        empty: dict[str, Any] = {**dict.fromkeys(names), "workshops": [], "tasks": [], "legs": []}
        return {"feasible": False, **empty, "import_is_cheaper": None, "proved": found.is_proved}
    row = offer.allocation
    return {
        "feasible": True,
        **_when(row.week, words),
        "cost_cents": offer.total_cents,
        "workshops": list(offer.workshops),
        "cost": _terms(row.cost),
        "overtime_cents": offer.overtime_cents,
        "fairness_cents": offer.fairness_cents,
        "trips_cents": offer.trips_cents,
        "import_is_cheaper": import_cents < offer.total_cents,
        "proved": found.is_proved,
        "tasks": to_plain(row.tasks),
        "legs": to_plain(row.legs),
    }


def _when(week: int, words: Words) -> dict[str, Any]:
    monday = words.monday(week)
    return {"week": week, "monday": monday.isoformat(), "promised_date": (monday + timedelta(days=6)).isoformat()}


def _terms(cost: CostTerms) -> dict[str, int]:
    return {**to_plain(cost), "money_cents": cost.money_cents, "total_cents": cost.total_cents}


def _fix(fix: Fix, words: Words) -> dict[str, Any]:
    return {**to_plain(fix), "text": fix_sentence(fix.code, fix.values, str, words.show)}


def _alternative(offer: Offer, found: Promise, words: Words) -> Mapping[str, Any]:
    """Return another offer; ``extra_cents`` is how much dearer it is than the answer (negative: cheaper)."""
    answer = found.offer
    return {
        **_when(offer.allocation.week, words),
        "workshops": list(offer.workshops),
        "cost_cents": offer.total_cents,
        "extra_cents": None if answer is None else offer.total_cents - answer.total_cents,
        "late_weeks": offer.allocation.cost.late_weeks,
    }
