"""Rules for a plan that follows another one: what stays, what moves, and why."""

from collections import Counter
from itertools import product

from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.ledger import Ledger
from cosmolocal.planning.audit.weeks import group_week
from cosmolocal.records import KEPT_STATES, Allocation, Changes, Earlier, EarlierTask, LotState, Plan, WorkshopStatus

#: who does what of a lot, and the week of its last task; None: it is imported
Standing = tuple[tuple[EarlierTask, ...], int] | None


def set_history_aside(facts: Facts, ledger: Ledger, plan: Plan) -> None:
    """Apply the rule on what is done, and take it from what has to be planned; note what has begun."""
    if plan.changes is None:
        return
    planned = {row.lot for row in plan.allocations} | {row.lot for row in plan.unmet}
    for index, row in enumerate(plan.changes.earlier):
        if row.state is LotState.DONE:
            demand = facts.demands.pop(row.lot, None)
            is_right = demand is not None and row.lot not in planned
            found = "planned again" if row.lot in planned else "no lot of an order" if demand is None else "done"
            ledger.apply("P064", _place(index, row), is_right, found, "done")
    facts.begun = frozenset(
        row.lot for row in plan.changes.earlier if row.state is LotState.STARTED and row.hindrance is None
    )


def check_changes(facts: Facts, ledger: Ledger, plan: Plan) -> None:
    """Apply the rules on what a plan took over from the one before."""
    changes = plan.changes
    if changes is None:
        return
    rows = {row.lot: row for row in plan.allocations}
    _check_places(ledger, changes, rows)
    _check_budget(ledger, changes, plan)
    _check_declined(ledger, changes, rows)
    _check_pinned(ledger, changes, rows)
    _check_hindrances(facts, ledger, changes, rows)


def _place(index: int, row: Earlier) -> str:
    return f"plan: changes.earlier[{index}] (lot {row.lot})"


def _standing(row: Allocation | None) -> Standing:
    if row is None:
        return None
    rest = (task for task in row.tasks if not task.first)
    return tuple(EarlierTask(t.path, t.workshop, tuple(use.group for use in t.uses)) for t in rest), row.week


def _check_places(ledger: Ledger, changes: Changes, rows: dict[str, Allocation]) -> None:
    moved: dict[str, tuple[object, ...]] = {}
    for index, row in enumerate(changes.earlier):
        now = _standing(rows.get(row.lot))
        stays = now == (row.tasks, row.week)
        if row.state in KEPT_STATES and row.hindrance is None:
            ledger.apply("P060", _place(index, row), stays, "elsewhere", f"{row.workshop}, week {row.week}")
        if row.state is not LotState.DONE and not stays:
            new = rows.get(row.lot)
            end = ("", None) if new is None else (new.workshop, new.week)
            moved[row.lot] = (row.workshop, row.week, *end, row.hindrance is not None)
    ledger.equal("P061", "plan: changes.moves", sorted(move.lot for move in changes.moves), sorted(moved))
    for index, move in enumerate(changes.moves):
        told = (move.from_workshop, move.from_week, move.to_workshop, move.to_week, move.forced)
        ledger.equal("P061", f"plan: changes.moves[{index}] (lot {move.lot})", told, moved.get(move.lot, told))


def _check_budget(ledger: Ledger, changes: Changes, plan: Plan) -> None:
    hindered = {row.lot for row in changes.earlier if row.hindrance is not None}
    count = sum(move.lot not in hindered for move in changes.moves)
    if changes.most_moves is not None:
        ledger.at_most("P062", "plan: changes.moves", count, changes.most_moves)
    steered_cents = plan.cost_cents + changes.move_cents * count
    ledger.at_most("P066", "plan: changes.steered_bound_cents", changes.steered_bound_cents, steered_cents)
    ledger.at_most("P066", "plan: changes.free_bound_cents", changes.free_bound_cents, plan.cost_cents)


def _check_declined(ledger: Ledger, changes: Changes, rows: dict[str, Allocation]) -> None:
    for name, closed in (("declined", changes.declined), ("forbidden", changes.forbidden)):
        for index, row in enumerate(closed):
            shops = sorted({task.workshop for task in rows[row.lot].tasks}) if row.lot in rows else []
            where = f"plan: changes.{name}[{index}] (lot {row.lot})"
            ledger.apply("P063", where, row.workshop not in shops, shops, f"not {row.workshop}")


def _check_pinned(ledger: Ledger, changes: Changes, rows: dict[str, Allocation]) -> None:
    for index, pin in enumerate(changes.pinned):
        if pin.hindrance is None:
            row = rows.get(pin.lot)
            found = None if row is None else (row.workshop, row.week)
            ledger.equal("P067", f"plan: changes.pinned[{index}] (lot {pin.lot})", found, (pin.workshop, pin.week))


def _check_hindrances(facts: Facts, ledger: Ledger, changes: Changes, rows: dict[str, Allocation]) -> None:
    """Look whether what is said to hinder a lot does so, where the records tell."""
    declined = {(row.lot, row.workshop) for row in changes.declined}
    forbidden = {(row.lot, row.workshop) for row in changes.forbidden}
    pinned = {(pin.lot, pin.workshop, pin.week) for pin in changes.pinned}
    wanted = _wanted(facts, changes) + _pinned_minutes(changes, rows)
    for index, row in enumerate(changes.earlier):
        if row.hindrance is None:
            continue
        code, values = row.hindrance.code, row.hindrance.values
        shop = facts.workshops.get(str(values.get("workshop")))
        is_so = True
        if code == "closed":
            is_so = shop is None or shop.status is not WorkshopStatus.ACTIVE
        elif code == "declined":
            is_so = (row.lot, values.get("workshop")) in declined
        elif code in ("first-article", "no-first-article"):
            demand = facts.demands.get(row.lot)
            is_so = demand is not None and demand.lot.first_article is (code == "first-article")
        elif code == "forbidden":
            is_so = (row.lot, values.get("workshop")) in forbidden
        elif code == "wished":
            is_so = (row.lot, values.get("workshop"), values.get("week")) in pinned
        elif code == "no-hours":
            is_so = _is_full(facts, wanted, str(values.get("resource")), int(values.get("week", -1)))
        ledger.apply("P065", _place(index, row), is_so, f"{code} {dict(values)}", "what the inputs say")


def _wanted(facts: Facts, changes: Changes) -> Counter[tuple[str, str, int]]:
    """Return the minutes that all lots would use where the plan before had them, at least, by group and week."""
    minutes: Counter[tuple[str, str, int]] = Counter()
    for row in changes.earlier:
        demand = facts.demands.get(row.lot)
        gone = row.hindrance is not None and row.hindrance.code not in ("no-hours", "no-load")
        if row.state is LotState.DONE or demand is None or gone:
            continue
        for task in row.tasks:
            week = row.week - _weeks_before(row.tasks, task, facts.settings.transfer_weeks)
            for (nth, group), first in product(enumerate(task.groups), (False, True)):
                used = facts.minutes_of(demand, task.path, nth, (task.workshop, group), first)
                minutes[task.workshop, group, week - (facts.gate_weeks(demand) if first else 0)] += used
    return minutes


def _pinned_minutes(changes: Changes, rows: dict[str, Allocation]) -> Counter[tuple[str, str, int]]:
    """Return the minutes of lots that went where planners want them, by group and week."""
    minutes: Counter[tuple[str, str, int]] = Counter()
    moved = {move.lot for move in changes.moves}
    before = {row.lot for row in changes.earlier}
    for pin in changes.pinned:
        row = rows.get(pin.lot)
        if pin.hindrance is None and row is not None and (pin.lot in moved or pin.lot not in before):
            for task in row.tasks:
                for use in task.uses:
                    minutes[task.workshop, use.group, task.week] += use.minutes
    return minutes


def _weeks_before(tasks: tuple[EarlierTask, ...], task: EarlierTask, transfer_weeks: int) -> int:
    """Return how many weeks before the last task another one is done: one transfer for each change of workshop."""
    shop_by_path = {each.path: each.workshop for each in tasks}
    weeks, path, shop = 0, task.path, task.workshop
    while path:
        path = path.rpartition("/")[0]
        user = shop_by_path.get(path, shop)
        weeks += transfer_weeks if user != shop else 0
        shop = user
    return weeks


def _is_full(facts: Facts, wanted: Counter[tuple[str, str, int]], resource: str, week: int) -> bool:
    shop_id, _, group_id = resource.partition("/")
    group = facts.groups.get((shop_id, group_id))
    if group is None:
        return True
    capacity = group_week(facts.workshops[shop_id], group, week, facts.settings)
    return wanted[shop_id, group_id, week] > capacity.limit_minutes
