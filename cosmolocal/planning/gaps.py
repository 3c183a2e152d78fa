"""What machine time lacks: the hours that unmet lots would take, by process, place and week; ``docs/gaps.md``."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.records import Apart, Gaps, HourWorth, Lot, Operation, Order, Plan, Reason, Region, Unmet, UnmetHours

#: reasons that more hours of machines there are would mend
FOR_HOURS = frozenset({"capacity", "too-large"})
#: reasons that other machines, or machines elsewhere, would mend
FOR_MACHINES = frozenset(
    {"no-process", "no-envelope", "no-material", "no-tolerance", "no-minimum-lot", "no-single-workshop", "radius"}
)


@dataclass(slots=True)
class _Cell:
    """Minutes of a process for a place in a week, while they are added up."""

    least: int = 0
    mean: int = 0
    lots: set[str] = field(default_factory=set)


def find_gaps(plan: Plan, region: Region, orders: Sequence[Order]) -> Gaps:
    """Return what a plan lacks; the region is as the plan's settings say."""
    ground, order_by_id = Ground(region), {order.id: order for order in orders}
    lots = {lot.id: lot for lot in cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order)}
    short = [row for row in plan.unmet if _kind(row) in FOR_HOURS]
    cells: dict[tuple[str, str, int], _Cell] = defaultdict(_Cell)
    for row in short:
        if row.lot in lots:  # an order book may be cut otherwise since
            _add_hours(cells, ground, order_by_id[row.order], lots[row.lot])
    hours = tuple(
        UnmetHours(process, place, week, cell.least, cell.mean, tuple(sorted(cell.lots)))
        for (process, place, week), cell in sorted(cells.items())
    )
    return Gaps(
        hours=hours,
        worth=find_worth(plan, ground),
        apart=_set_apart([row for row in plan.unmet if _kind(row) not in FOR_HOURS]),
        lots=len(short),
        units=sum(row.quantity for row in short),
    )


def _kind(row: Unmet) -> str:
    return row.reasons[0].code if row.reasons else "gap"


def _add_hours(cells: Mapping[tuple[str, str, int], _Cell], ground: Ground, order: Order, lot: Lot) -> None:
    """Spread the machine time of a lot evenly over the weeks from its release to its due date."""
    bill = ground.catalogue.bill(lot.design) if lot.design in ground.catalogue.by_key else None
    if not isinstance(bill, TaskNode):
        return
    weeks = weeks_of(ground, order)
    for process, least, mean in needed_minutes(ground, bill, lot):
        for nth, week in enumerate(weeks):
            cell = cells[process, order.place, week]
            cell.least += _part(least, nth, len(weeks))
            cell.mean += _part(mean, nth, len(weeks))
            cell.lots.add(lot.id)


def _part(minutes: int, nth: int, count: int) -> int:
    """Return one of several even parts, whole minutes that add up; the first are the larger ones."""
    return minutes // count + (nth < minutes % count)


def weeks_of(ground: Ground, order: Order) -> range:
    """Return the weeks from the release of an order to its due date that are planned; at least one."""
    last = ground.settings.weeks - 1
    first = min(ground.first_week(order), last)
    return range(first, max(first, min(ground.week_of(order.due_date), last)) + 1)


def needed_minutes(ground: Ground, bill: TaskNode, lot: Lot) -> Iterator[tuple[str, int, int]]:
    """Yield process, least and mean minutes of each operation of a lot, on the machines that can do it."""
    for node in bill.walk():
        for operation in node.operations:
            minutes = [_minutes_of(ground, operation, node.quantity * units, lot) for units, _ in ground.runs(lot)]
            if operation.process is not None:
                least, mean = (sum(each[index] for each in minutes) for index in (0, 1))
                yield operation.process, least, mean


def _minutes_of(ground: Ground, operation: Operation, pieces: int, lot: Lot) -> tuple[int, int]:
    able = ground.machines.able(operation, lot.quantity)
    if not len(able):  # as on a machine of 100 % speed without a set-up of its own
        alone = ceil_div(operation.setup_seconds + pieces * (operation.seconds or 0), 60)
        return alone, alone
    minutes = ground.machines.minutes(operation, able, pieces)
    return int(minutes.min()), ceil_div(int(minutes.sum()), len(minutes))


def find_worth(plan: Plan, ground: Ground) -> tuple[HourWorth, ...]:
    """Return what an hour of each process is worth in each week, on the dearest machines that can do it."""
    process_of = {f"{shop.id}/{group.id}": group.process for shop in ground.workshops.values() for group in shop.groups}
    best: dict[tuple[str, int], HourWorth] = {}
    for price in sorted(plan.prices, key=lambda price: (-price.cents, price.resource)):
        if price.cents > 0 and price.resource in process_of:
            for process in ground.ancestors.get(process_of[price.resource], frozenset()):
                found = HourWorth(process, price.week, price.cents, price.resource)
                best.setdefault((process, price.week), found)
    return tuple(best[key] for key in sorted(best))


def _set_apart(rows: Sequence[Unmet]) -> tuple[Apart, ...]:
    by_kind: dict[str, list[Unmet]] = defaultdict(list)
    for row in rows:
        by_kind[_kind(row)].append(row)
    found = [
        Apart(
            reason=kind,
            lots=tuple(sorted(row.lot for row in each)),
            units=sum(row.quantity for row in each),
            cents=sum(row.cost.total_cents for row in each),
            is_for_machines=kind in FOR_MACHINES,
            processes=tuple(sorted({name for row in each for reason in row.reasons for name in _processes(reason)})),
        )
        for kind, each in by_kind.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.cents, each.reason)))


def _processes(reason: Reason) -> list[str]:
    named = reason.values.get("processes", reason.values.get("process", ""))
    return [name for name in str(named).split(", ") if name not in ("", "?")]
