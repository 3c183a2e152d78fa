"""Wishes of planners: where a lot is to be made, or not; kept by order, and heeded whenever its plan is made anew."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from cosmolocal.database import open_database
from cosmolocal.database import wishes as rows
from cosmolocal.database.library import Database
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.fields import Fields
from cosmolocal.planning.earlier import CarefulBuilder, HinderedError
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.pinning import find_place
from cosmolocal.records import (
    Allocation,
    Declined,
    Lot,
    Order,
    Person,
    Pinned,
    Plan,
    Reason,
    Region,
    Unmet,
    Wish,
    WishKind,
)
from cosmolocal.workflows.inputs import settings_of
from cosmolocal.workflows.keep_file import Said
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.sessions import utc_now
from cosmolocal.workflows.workspace import DATABASE, PlanView, Workspace

CODES = {
    "P123": "a wish has a missing or wrong value",
    "P124": "a wish cannot be met",
}
LONGEST_NOTE = 500
#: the fields of the form
FIELDS = ("kind", "lot", "workshop", "monday", "note")


class UnmetWishError(InputError):
    """A wish that cannot be met; the reason can be told in the reader's language."""

    def __init__(self, where: str, reason: Reason) -> None:
        self.reason = reason
        super().__init__([Problem("P124", where, reason.code)])


@dataclass(frozen=True, slots=True)
class _Asked:
    """An order of a plan, and its lots as the plan has them."""

    view: PlanView
    region: Region
    order: Order

    def lots(self) -> dict[str, Lot]:
        """Return the lots by id."""
        every: tuple[Allocation | Unmet, ...] = (*self.view.plan.allocations, *self.view.plan.unmet)
        return {
            row.lot: Lot(row.lot, row.order, row.design, row.quantity) for row in every if row.order == self.order.id
        }


def add_wish(
    workspace: Workspace,
    by: Person | None,
    found: tuple[PlanView, Order],
    values: Mapping[str, str],
    now: Callable[[], datetime] = utc_now,
) -> Wish:
    """Keep what a planner wishes for an order of a plan; it takes the place of what it contradicts.

    ``values`` are texts as a form has them: ``kind``; ``lot`` (empty: the whole order, which can only be kept from a
    workshop); ``workshop``; ``monday`` of the week; ``note``. To stay needs the lot alone.

    Raises
    ------
    InputError
        With every fault of the values, or why the wish cannot be met.
    """
    authorize(by, Action.STEER)
    view, order = found
    region = workspace.region()
    asked = _Asked(view, replace(region, settings=settings_of(view.plan.settings)), order)
    with opened(workspace.folder) as db:
        held = rows.list_wishes(db, view.plan.region, view.plan.book, order.id)
        wish = read_wish(asked, values, held)
        stamp = now().strftime("%Y-%m-%dT%H:%M:%SZ")
        wish = replace(wish, person=by.name if by else "", created=stamp)
        return replace(wish, id=rows.add_wish(db, view.plan.region, wish))


def read_wish(asked: _Asked, values: Mapping[str, str], held: tuple[Wish, ...]) -> Wish:
    """Return a wish from texts, checked against the region as it is."""
    problems: list[Problem] = []
    given = {name: values.get(name, "").strip() for name in FIELDS if values.get(name, "").strip()}
    table = Fields(given, "wish", "P123", problems)
    kind = table.choice("kind", WishKind, WishKind.STAY, required=True)
    lot, lots = table.text("lot", required=kind is not WishKind.AVOID), asked.lots()
    if lot and lot not in lots:
        table.fault("lot", lot, say("must be one of %(known)s", known=", ".join(lots)))
    workshop, monday = table.text("workshop", required=kind is not WishKind.STAY), table.day("monday")
    if workshop and workshop not in {shop.id for shop in asked.region.workshops}:
        table.fault("workshop", workshop, say("must be the id of a workshop of the region"))
    if kind is WishKind.PLACE and monday is None and "monday" not in given:
        problems.append(Problem("P123", "wish: monday", say("is missing; it is required")))
    note = table.text("note", max_length=LONGEST_NOTE)
    if problems:
        raise InputError(problems)
    plan = asked.view.plan
    if kind is WishKind.STAY:
        place = next(((row.workshop, row.week) for row in plan.allocations if row.lot == lot), None)
        if place is None:
            raise InputError(
                [
                    Problem(
                        "P123", "wish: lot", say("found %(found)s; nobody here makes it in this plan", found=repr(lot))
                    )
                ]
            )
        workshop, monday = place[0], asked.region.settings.start_date + timedelta(weeks=place[1])
    wish = Wish(0, plan.book, asked.order.id, lot, kind, workshop, _monday(monday, kind), note, "", "")
    if kind is WishKind.PLACE and (reason := find_hindrance(asked, wish, lots[lot], held)):
        raise UnmetWishError("wish: workshop", reason)
    return wish


def _monday(day: date | None, kind: WishKind) -> date | None:
    return None if day is None or kind is WishKind.AVOID else day - timedelta(days=day.weekday())


def find_hindrance(asked: _Asked, wish: Wish, lot: Lot, held: tuple[Wish, ...]) -> Reason | None:
    """Return why a lot cannot be made where and when it is wished, were it alone; None: it can."""
    if wish.monday is None:
        return None
    ground = Ground(asked.region)
    avoided = frozenset(
        one.workshop
        for one in held
        if one.kind is WishKind.AVOID and one.lot in ("", lot.id) and (one.lot == "" or one.workshop != wish.workshop)
    )
    if wish.workshop in avoided:
        return Reason("forbidden", {"workshop": wish.workshop})
    changes = asked.view.plan.changes
    declined = frozenset(row.workshop for row in (changes.declined if changes else ()) if row.lot == lot.id)
    if wish.workshop in declined:
        return Reason("declined", {"workshop": wish.workshop})
    pin = Pinned(lot.id, wish.workshop, ground.week_of(wish.monday))
    try:
        find_place(CarefulBuilder(ground, {lot.id: avoided | declined}), lot, asked.order, pin)
    except HinderedError as error:
        return error.reason
    return None


def withdraw_wish(workspace: Workspace, by: Person | None, wish_id: int, now: Callable[[], datetime] = utc_now) -> None:
    """Take a wish back; others of the same order stay."""
    authorize(by, Action.STEER)
    with opened(workspace.folder) as db:
        stamp = now().strftime("%Y-%m-%dT%H:%M:%SZ")
        if not rows.withdraw_wish(db, workspace.region().id, wish_id, by.name if by else "", stamp):
            raise NotFoundError(say("there is no wish %(name)s", name=wish_id))


def list_wishes(workspace: Workspace, region: str, book: str = "", order: str = "") -> tuple[Wish, ...]:
    """Return the wishes that hold in a region, newest first; those of one order book or order where they are named."""
    if not (workspace.folder / DATABASE).exists():
        return ()
    with opened(workspace.folder) as db:
        return rows.list_wishes(db, region, book, order)


def steering_of_wishes(workspace: Workspace, plan: Plan, region: Region) -> Said:
    """Return what planners wish for the lots of a plan, in the weeks of the region's settings."""
    lots: dict[str, list[str]] = {}
    every: tuple[Allocation | Unmet, ...] = (*plan.allocations, *plan.unmet)
    for row in every:
        lots.setdefault(row.order, []).append(row.lot)
    pinned, forbidden = [], []
    for wish in list_wishes(workspace, plan.region, plan.book):
        for lot in lots.get(wish.order, ()):
            if wish.lot not in ("", lot):
                continue
            if wish.kind is WishKind.AVOID:
                forbidden.append(Declined(lot, wish.workshop, wish.note))
            elif wish.monday is not None:
                pinned.append(Pinned(lot, wish.workshop, (wish.monday - region.settings.start_date).days // 7))
    forbidden.sort(key=lambda row: (row.lot, row.workshop))
    pinned.sort(key=lambda pin: pin.lot)
    return Said(pinned=tuple(pinned), forbidden=tuple(forbidden))


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """Open the region's database for a while."""
    db = open_database(folder / DATABASE)
    try:
        yield db
    finally:
        db.close()
