"""Small changes to a region or an order book, named so that they can be carried out and tried."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.hours import open_days, other_minutes
from cosmolocal.records import CapacityPeriod, Fix, LinkRule, MachineGroup, Order, Region, Tolerance, Workshop

#: [minutes] in a week; no machine can run longer
MINUTES_OF_WEEK = 7 * 24 * 60

Change = tuple[Region, tuple[Order, ...]]


def apply_fix(region: Region, orders: Iterable[Order], fix: Fix) -> Change:
    """Return the region and the orders as they are after a fix.

    Raises
    ------
    KeyError
        For a fix that only a person can carry out, such as ``confirm``.
    """
    return _APPLY[fix.code](region, tuple(orders), fix)


def is_applicable(fix: Fix) -> bool:
    """Tell whether `apply_fix` can carry a fix out."""
    return fix.code in _APPLY


def _number(fix: Fix, name: str) -> int:
    return int(fix.values[name])


def _change_order(orders: tuple[Order, ...], fix: Fix, **fields: object) -> tuple[Order, ...]:
    return tuple(replace(order, **fields) if order.id == fix.values["order"] else order for order in orders)  # type: ignore[arg-type]


def _change_workshop(region: Region, fix: Fix, change: Callable[[Workshop], Workshop]) -> Region:
    wanted = fix.values["workshop"]
    return replace(region, workshops=tuple(change(shop) if shop.id == wanted else shop for shop in region.workshops))


def _change_group(region: Region, fix: Fix, change: Callable[[MachineGroup, Workshop], MachineGroup]) -> Region:
    def of_workshop(shop: Workshop) -> Workshop:
        groups = tuple(change(group, shop) if group.id == fix.values["group"] else group for group in shop.groups)
        return replace(shop, groups=groups)

    return _change_workshop(region, fix, of_workshop)


def _order_radius(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    return region, _change_order(orders, fix, max_distance_m=_number(fix, "to_m"))


def _workshop_radius(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    return _change_workshop(region, fix, lambda shop: replace(shop, radius_m=_number(fix, "to_m"))), orders


def _due_date(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    return region, _change_order(orders, fix, due_date=date.fromisoformat(str(fix.values["to_date"])))


def _split(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    return region, _change_order(orders, fix, splittable=True)


def _no_first_article(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    return region, _change_order(orders, fix, first_article=False)


def _smaller_lots(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    return region, _change_order(orders, fix, splittable=True, minimum_lot=_number(fix, "to_units"))


def _import_penalty(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    return replace(region, settings=replace(region.settings, import_penalty_percent=_number(fix, "to_percent"))), orders


def _envelope(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    size = tuple(int(part) for part in str(fix.values["to_mm"]).split(" × "))
    return _change_group(region, fix, lambda group, _: replace(group, envelope_mm=(size[0], size[1], size[2]))), orders


def _material(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    def add(group: MachineGroup, _: Workshop) -> MachineGroup:
        return replace(group, materials=(*(group.materials or ()), str(fix.values["material"])))

    return _change_group(region, fix, add), orders


def _tolerance(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    finer = Tolerance(str(fix.values["to_class"]))
    return _change_group(region, fix, lambda group, _: replace(group, tolerance=finer)), orders


def _minimum_lot(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    return _change_group(region, fix, lambda group, _: replace(group, minimum_lot=_number(fix, "to_units"))), orders


def _hours(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    monday = region.settings.start_date + timedelta(weeks=_number(fix, "week"))
    more = _number(fix, "hours") * 60

    def add(group: MachineGroup, shop: Workshop) -> MachineGroup:
        return replace(group, periods=_longer_week(group, shop, monday, more))

    return _change_group(region, fix, add), orders


def extra_minutes_per_machine(group: MachineGroup, shop: Workshop, monday: date, minutes: int) -> int | None:
    """Return how many more minutes each machine must run for the group to gain ``minutes``; None: impossible."""
    if other_minutes(shop, group, monday) is not None:
        return None  # the workshop itself has set the hours of that week
    usual, working = len(shop.open_weekdays), open_days(shop, group, monday)
    return ceil_div(minutes * usual, group.machines * working) if working > 0 else None


def _longer_week(group: MachineGroup, shop: Workshop, monday: date, minutes: int) -> tuple[CapacityPeriod, ...]:
    """Return the periods with one week of more minutes cut out of the period that holds it."""
    extra = extra_minutes_per_machine(group, shop, monday, minutes)
    sunday, periods = monday + timedelta(days=6), []
    for period in group.periods:
        holds = (period.valid_from or monday) <= monday <= (period.valid_to or monday)
        if not holds or extra is None:
            periods.append(period)
            continue
        if period.valid_from is None or period.valid_from < monday:
            periods.append(replace(period, valid_to=monday - timedelta(days=1)))
        longer = {
            name: min(MINUTES_OF_WEEK, getattr(period, name) + extra)
            for name in ("agreed_minutes", "actual_minutes", "maximum_minutes")
        }
        end = sunday if period.valid_to is None else min(sunday, period.valid_to)
        periods.append(replace(period, valid_from=monday, valid_to=end, **longer))
        if period.valid_to is None or period.valid_to > sunday:
            periods.append(replace(period, valid_from=sunday + timedelta(days=1)))
    return tuple(periods)


def _link_capacity(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    ends = {str(fix.values["from_place"]), str(fix.values["to_place"])}
    rules = list(region.network.links)
    for number, rule in enumerate(rules):
        if {rule.from_place, rule.to_place} == ends:
            rules[number] = replace(rule, weekly_capacity_kg=_number(fix, "to_kg"))
            break
    else:
        one, other = sorted(ends)
        rules.append(LinkRule(one, other, weekly_capacity_kg=_number(fix, "to_kg")))
    return replace(region, network=replace(region.network, links=tuple(rules))), orders


def _hub_capacity(region: Region, orders: tuple[Order, ...], fix: Fix) -> Change:
    places = tuple(
        replace(place, weekly_capacity_kg=_number(fix, "to_kg")) if place.id == fix.values["place"] else place
        for place in region.places
    )
    return replace(region, places=places), orders


_APPLY: dict[str, Callable[[Region, tuple[Order, ...], Fix], Change]] = {
    "order-radius": _order_radius,
    "workshop-radius": _workshop_radius,
    "due-date": _due_date,
    "no-first-article": _no_first_article,
    "split": _split,
    "smaller-lots": _smaller_lots,
    "import-penalty": _import_penalty,
    "envelope": _envelope,
    "material": _material,
    "tolerance": _tolerance,
    "minimum-lot": _minimum_lot,
    "hours": _hours,
    "link-capacity": _link_capacity,
    "hub-capacity": _hub_capacity,
}
