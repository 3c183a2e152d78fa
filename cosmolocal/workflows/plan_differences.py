"""Two plans side by side: their figures, the lots that moved, and who gains and loses work."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from cosmolocal.records import Allocation, Reason, Unmet
from cosmolocal.workflows.workspace import PlanView

#: what can become of a lot between two plans
KINDS = ("moved", "retimed", "rerouted", "made-now", "imported-now", "only-new", "only-old")
#: whether more of a figure is better (1), worse (-1) or neither (0); in the order in which they are shown
FIGURES = {
    "lots_served": 1,
    "unmet": -1,
    "orders_late": -1,
    "share_value": 1,
    "cost_cents": -1,
    "money_cents": -1,
    "co2e_g": -1,
    "distance_m": -1,
    "utilisation": 0,
    "unfairness": -1,
    "gap": -1,
}


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A key figure in both plans."""

    #: key of ``FIGURES``
    name: str
    #: None: not known
    before: float | None
    after: float | None

    @property
    def delta(self) -> float | None:
        """Return by how much it grew; None: not known."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def verdict(self) -> str:
        """Return "better", "worse", "same", or "" where neither can be said."""
        if self.delta is None:
            return ""
        if self.delta == 0:
            return "same"
        sign = FIGURES[self.name]
        return "" if sign == 0 else "better" if self.delta * sign > 0 else "worse"


@dataclass(frozen=True, slots=True)
class Served:
    """How a plan serves a lot."""

    #: where the last task is done; "": it is imported
    workshop: str
    #: first day of the week of delivery; None: it is imported
    monday: date | None
    #: (path of the part, workshop, first day of its week)
    tasks: tuple[tuple[str, str, date], ...]
    quantity: int
    cost_cents: int
    late_weeks: int


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part of a lot that is made elsewhere, or in another week."""

    #: as in `cosmolocal.records.Task`
    path: str
    design: str
    part: str
    from_workshop: str
    to_workshop: str
    #: first day of its week
    from_monday: date
    to_monday: date
    #: it is the piece that is made and checked before the others
    first: bool = False


@dataclass(frozen=True, slots=True)
class LotChange:
    """A lot that the two plans do not serve in the same way."""

    lot: str
    order: str
    #: ``id@version``
    design: str
    #: one of ``KINDS``
    kind: str
    #: None: the plan does not hold the lot
    before: Served | None
    after: Served | None
    #: why it moved, where the newer plan follows the older one
    why: Reason | None = None
    #: those that both plans make, and not in the same way; none that are where the lot itself is
    parts: tuple[PartChange, ...] = ()
    #: "added" or "removed": one of the plans alone waits for a first article; "": both do, or none
    gate: str = ""

    @property
    def cost_difference_cents(self) -> int | None:
        """Return by how much it is dearer; None: one of the plans does not hold it."""
        return None if self.before is None or self.after is None else self.after.cost_cents - self.before.cost_cents

    @property
    def workshops(self) -> frozenset[str]:
        """Return every workshop that had or has a part in it."""
        sides = [side for side in (self.before, self.after) if side is not None]
        return frozenset(shop for side in sides for _, shop, _ in side.tasks) | {
            s.workshop for s in sides if s.workshop
        }


@dataclass(frozen=True, slots=True)
class WorkshopChange:
    """A workshop in both plans."""

    workshop: str
    #: lots that it finishes
    lots_before: int
    lots_after: int
    #: machine minutes
    minutes_before: int
    minutes_after: int
    #: lots that it finishes now and did not before, and the other way round
    came: int
    left: int


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """What is different in a plan from another one."""

    figures: tuple[FigureChange, ...]
    #: by lot
    lots: tuple[LotChange, ...]
    #: number of lots that both serve in the same way
    same: int
    #: of workshops with work in one of them
    workshops: tuple[WorkshopChange, ...]

    @property
    def moves(self) -> dict[tuple[str, str], int]:
        """Return the number of lots by (workshop before, workshop after), of those that another one finishes now."""
        return Counter(
            (lot.before.workshop, lot.after.workshop)
            for lot in self.lots
            if lot.kind == "moved" and lot.before and lot.after
        )


def compare_plans(before: PlanView, after: PlanView) -> PlanDifference:
    """Return what is different in ``after``; lots are the same where their ids are, weeks where their Mondays are."""
    old, new = _served(before), _served(after)
    rows = {row.lot: row for view in (before, after) for row in _lots(view)}
    changes = after.plan.changes
    follows = changes is not None and changes.previous == before.plan.id
    reasons = {move.lot: move.why for move in changes.moves} if changes is not None and follows else {}
    made = [{row.lot: row for row in view.plan.allocations} for view in (before, after)]
    starts = _start(before), _start(after)
    lots = [
        LotChange(
            lot,
            row.order,
            row.design,
            kind,
            old.get(lot),
            new.get(lot),
            reasons.get(lot),
            _find_parts(made[0].get(lot), made[1].get(lot), starts),
            _find_gate(made[0].get(lot), made[1].get(lot)),
        )
        for lot, row in sorted(rows.items())
        if (kind := _kind(old.get(lot), new.get(lot)))
    ]
    figures = zip(FIGURES, _figures(before), _figures(after), strict=True)
    return PlanDifference(
        tuple(FigureChange(*figure) for figure in figures),
        tuple(lots),
        len(rows) - len(lots),
        _workshops(before, after, old, new),
    )


def _lots(view: PlanView) -> list[Allocation | Unmet]:
    return [*view.plan.allocations, *view.plan.unmet]


def _served(view: PlanView) -> dict[str, Served]:
    start = _start(view)
    return {row.lot: _serve(row, start) for row in _lots(view)}


def _start(view: PlanView) -> date:
    return date.fromisoformat(str(view.plan.settings["start_date"]))


def _find_parts(
    before: Allocation | None, after: Allocation | None, starts: tuple[date, date]
) -> tuple[PartChange, ...]:
    """Return the parts that both plans make, and not in the same way; not the whole, which is where the lot is.

    Of a first article the whole is one of them: it may be made elsewhere than the lot.
    """
    if before is None or after is None:
        return ()
    old = {(task.first, task.path): task for task in before.tasks}
    pairs = ((was, task) for task in after.tasks if (was := old.get((task.first, task.path))))
    changes = (
        PartChange(
            now.path, now.design, now.part, was.workshop, now.workshop,
            starts[0] + timedelta(weeks=was.week), starts[1] + timedelta(weeks=now.week), now.first,
        )
        for was, now in pairs
        if now.path or now.first
    )  # fmt: skip
    return tuple(
        part for part in changes if (part.from_workshop, part.from_monday) != (part.to_workshop, part.to_monday)
    )


def _find_gate(before: Allocation | None, after: Allocation | None) -> str:
    if before is None or after is None or bool(before.first_tasks) == bool(after.first_tasks):
        return ""
    return "added" if after.first_tasks else "removed"


def _serve(row: Allocation | Unmet, start: date) -> Served:
    if isinstance(row, Unmet):
        return Served("", None, (), row.quantity, row.cost.total_cents, 0)
    tasks = tuple(sorted((task.path, task.workshop, start + timedelta(weeks=task.week)) for task in row.tasks))
    monday = start + timedelta(weeks=row.week)
    return Served(row.workshop, monday, tasks, row.quantity, row.cost.total_cents, row.cost.late_weeks)


def _kind(before: Served | None, after: Served | None) -> str:
    """Return what became of a lot; "": nothing."""
    if before is None or after is None:
        return "only-new" if before is None else "only-old"
    if bool(before.workshop) != bool(after.workshop):
        return "made-now" if after.workshop else "imported-now"
    if before.workshop != after.workshop:
        return "moved"
    if before.monday != after.monday:
        return "retimed"
    return "rerouted" if (before.tasks, before.quantity) != (after.tasks, after.quantity) else ""


def _figures(view: PlanView) -> list[float | None]:
    kpis = view.kpis
    return [
        kpis.lots_served,
        len(view.plan.unmet),
        kpis.orders_late,
        kpis.local_share.value,
        kpis.cost_cents,
        kpis.money_cents,
        round(1000 * (kpis.co2e_local_kg + kpis.co2e_imported_kg)),
        round(1000 * kpis.distance_km),
        kpis.utilisation,
        kpis.unfairness,
        view.plan.gap,
    ]


def _workshops(
    before: PlanView, after: PlanView, old: dict[str, Served], new: dict[str, Served]
) -> tuple[WorkshopChange, ...]:
    lots = [Counter(row.workshop for row in side.values() if row.workshop) for side in (old, new)]
    minutes = [_minutes(view) for view in (before, after)]
    came, left = Counter[str](), Counter[str]()
    for lot in old.keys() | new.keys():
        was, now = (side[lot].workshop if lot in side else "" for side in (old, new))
        if was != now:
            came[now] += 1
            left[was] += 1
    names = sorted({*lots[0], *lots[1], *minutes[0], *minutes[1]})
    return tuple(
        WorkshopChange(name, lots[0][name], lots[1][name], minutes[0][name], minutes[1][name], came[name], left[name])
        for name in names
    )


def _minutes(view: PlanView) -> Counter[str]:
    found = Counter[str]()
    for row in view.plan.allocations:
        for task in row.tasks:
            found[task.workshop] += sum(use.minutes for use in task.uses)
    return found
