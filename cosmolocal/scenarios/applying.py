"""A scenario applied to a region and an order book: one edit after the other, all faults at once."""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import singledispatchmethod

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Closure, LinkRule, MachineGroup, Order, Provenance, Region, Workshop, WorkshopStatus
from cosmolocal.records.scenarios import (
    AddMachines,
    ChangeDemand,
    ChangeHours,
    ChangeLink,
    ChangeMachines,
    ChangePrice,
    ChangeRadius,
    ChangeSettings,
    CloseWorkshop,
    Edit,
    MachineDown,
    OpenWorkshop,
    Scenario,
)
from cosmolocal.region import apply_settings
from cosmolocal.scenarios.reading import file_name
from cosmolocal.scenarios.writing import kind_of

CODES = {
    "W073": "an edit names a workshop, machine group, place, district or design that is not there",
    "W074": "an edit adds what is there already, under the same id",
    "W075": "an edit takes away more machines than there are",
    "W076": "an edit is of a workshop that is closed",
}

HOURS_PER_WEEK = 168


def apply_scenario(region: Region, orders: Collection[Order], scenario: Scenario) -> tuple[Region, tuple[Order, ...]]:
    """Return region and orders with all edits; orders of which nothing is left are gone.

    Raises
    ------
    InputError
        With every edit that cannot be applied.
    """
    editor = _Editor(region, tuple(orders))
    for index, edit in enumerate(scenario.edits):
        editor.where = f"{file_name(scenario.id)}: edits[{index}].{kind_of(edit)}"
        editor.apply(edit)
    if editor.problems:
        raise InputError(editor.problems)
    shops = tuple(editor.shops.values())
    return replace(editor.region, workshops=shops), editor.orders


def scaled(value: int, percent: int) -> int:
    """Return percent of a value, halves rounded up.

    >>> scaled(5, 50), scaled(1, 40)
    (3, 0)
    """
    return (value * percent + 50) // 100


class _Editor:
    """A region and its orders while they are edited."""

    def __init__(self, region: Region, orders: tuple[Order, ...]) -> None:
        self.region, self.orders = region, orders
        self.shops = {shop.id: shop for shop in region.workshops}
        self.places = {place.id: place for place in region.places}
        self.problems: list[Problem] = []
        #: of the edit in hand
        self.where = ""

    def fault(self, code: str, field: str, found: str, rule: str) -> None:
        """Add a problem of the edit in hand."""
        told = say("found %(found)s; %(rule)s", found=repr(found), rule=rule)
        self.problems.append(Problem(code, f"{self.where}.{field}", told))

    @singledispatchmethod
    def apply(self, edit: Edit) -> None:
        """Apply one edit, or note why it cannot be."""
        raise TypeError(f"{type(edit).__name__} is no edit")

    @apply.register
    def _(self, edit: CloseWorkshop) -> None:
        if (shop := self._find(edit.workshop)) is not None:
            self._put(replace(shop, status=WorkshopStatus.TEMPORARILY_CLOSED))

    @apply.register
    def _(self, edit: OpenWorkshop) -> None:
        shop = edit.workshop
        if shop.id in self.shops or shop.id in self.places:
            self.fault("W074", "id", shop.id, say("there is a workshop or a place with this id"))
        else:
            self._put(shop)

    @apply.register
    def _(self, edit: AddMachines) -> None:
        shop = self._find(edit.workshop)
        if shop is not None and any(group.id == edit.group.id for group in shop.groups):
            rule = say("there is a machine group of %(workshop)s with this id", workshop=shop.id)
            self.fault("W074", "group.id", edit.group.id, rule)
        elif shop is not None:
            self._put(replace(shop, groups=(*shop.groups, edit.group)))

    @apply.register
    def _(self, edit: ChangeMachines) -> None:
        shop = self._find(edit.workshop, edit.group)
        if shop is None:
            return
        [group] = [group for group in shop.groups if group.id == edit.group]
        if group.machines + edit.change < 0:
            rule = say("there are %(machines)s", machines=group.machines)
            self.fault("W075", "change", str(edit.change), rule)
        elif group.machines + edit.change == 0:
            self._put(replace(shop, groups=tuple(each for each in shop.groups if each is not group)))
        else:
            self._change(shop, edit.group, lambda each: replace(each, machines=each.machines + edit.change))

    @apply.register
    def _(self, edit: MachineDown) -> None:
        shop = self._find(edit.workshop, edit.group)
        if shop is not None:
            days = (edit.first_day, edit.last_day)
            closure = Closure(shop.id, edit.group, *days, reason="scenario", provenance=Provenance.ASSUMED)
            self._put(replace(shop, closures=(*shop.closures, closure)))

    @apply.register
    def _(self, edit: ChangeHours) -> None:
        def change(minutes: int) -> int:
            return min(HOURS_PER_WEEK * 60, scaled(minutes, edit.percent))

        def more(group: MachineGroup) -> MachineGroup:
            periods = tuple(
                replace(
                    period,
                    agreed_minutes=change(period.agreed_minutes),
                    actual_minutes=change(period.actual_minutes),
                    maximum_minutes=change(period.maximum_minutes),
                )
                for period in group.periods
            )
            return replace(group, periods=periods)

        for shop in self._named(edit.workshop, edit.group):
            self._change(shop, edit.group, more)

    @apply.register
    def _(self, edit: ChangePrice) -> None:
        def dearer(group: MachineGroup) -> MachineGroup:
            return replace(group, hourly_cost_cents=scaled(group.hourly_cost_cents, edit.percent))

        for shop in self._named(edit.workshop, edit.group):
            self._change(shop, edit.group, dearer)

    @apply.register
    def _(self, edit: ChangeDemand) -> None:
        districts = {place.district for place in self.places.values()} - {""}
        if edit.place and edit.place not in self.places and edit.place not in self.shops:
            self.fault("W073", "place", edit.place, say("must be the id of a place of the region"))
        if edit.district and edit.district not in districts:
            rule = say("must be one of %(known)s", known=", ".join(sorted(districts)) or "–")
            self.fault("W073", "district", edit.district, rule)
        if edit.design and all(design.id != edit.design for design in self.region.designs):
            self.fault("W073", "design", edit.design, say("must be the id of a design of the region"))
        changed = (self._scale(order, edit.percent) if self._is_of(order, edit) else order for order in self.orders)
        self.orders = tuple(order for order in changed if order.quantity)

    def _is_of(self, order: Order, edit: ChangeDemand) -> bool:
        place = self.places.get(order.place)
        return (
            edit.place in ("", order.place)
            and edit.design in ("", order.design)
            and (not edit.district or (place is not None and place.district == edit.district))
        )

    @staticmethod
    def _scale(order: Order, percent: int) -> Order:
        quantity = scaled(order.quantity, percent)
        return replace(order, quantity=quantity, minimum_lot=max(1, min(order.minimum_lot, quantity)))

    @apply.register
    def _(self, edit: ChangeSettings) -> None:
        try:
            self.region = replace(self.region, settings=apply_settings(self.region.settings, dict(edit.values)))
        except InputError as error:
            self.problems += [
                Problem(one.code, one.where.replace("settings: ", f"{self.where}.", 1), one.message)
                for one in error.problems
            ]

    @apply.register
    def _(self, edit: ChangeRadius) -> None:
        if (shop := self._find(edit.workshop)) is not None:
            self._put(replace(shop, radius_m=edit.radius_m))

    @apply.register
    def _(self, edit: ChangeLink) -> None:
        ends = {"from": edit.from_place, "to": edit.to_place}
        unknown = {field: end for field, end in ends.items() if end not in self.places and end not in self.shops}
        for field, end in unknown.items():
            self.fault("W073", field, end, say("must be the id of a place of the region"))
        if unknown:
            return
        pair, rules = {edit.from_place, edit.to_place}, self.region.network.links
        usual = LinkRule(edit.from_place, edit.to_place)
        now = next((rule for rule in rules if {rule.from_place, rule.to_place} == pair), usual)
        limit = now.weekly_capacity_kg if edit.weekly_capacity_kg is None else edit.weekly_capacity_kg
        changed = replace(now, closed=edit.closed, weekly_capacity_kg=limit)
        links = tuple(changed if rule is now else rule for rule in rules)
        links = links if now in rules else (*links, changed)
        self.region = replace(self.region, network=replace(self.region.network, links=links))

    def _find(self, workshop: str, group: str = "") -> Workshop | None:
        """Return an open workshop that has the machine group, if one is named; None: a fault is noted."""
        shop = self.shops.get(workshop)
        if shop is None:
            self.fault("W073", "workshop", workshop, say("must be the id of a workshop"))
        elif shop.status is not WorkshopStatus.ACTIVE:
            self.fault("W076", "workshop", workshop, say("is closed: nothing else of it can be changed"))
        elif group and all(each.id != group for each in shop.groups):
            known = ", ".join(each.id for each in shop.groups)
            self.fault("W073", "group", group, say("must be one of %(known)s", known=known or "–"))
        else:
            return shop
        return None

    def _named(self, workshop: str, group: str) -> tuple[Workshop, ...]:
        """Return the workshop that is named, or all where none is."""
        if not workshop:
            return tuple(self.shops.values())
        shop = self._find(workshop, group)
        return () if shop is None else (shop,)

    def _change(self, shop: Workshop, group: str, change: Callable[[MachineGroup], MachineGroup]) -> None:
        groups = tuple(change(each) if group in ("", each.id) else each for each in shop.groups)
        self._put(replace(shop, groups=groups))

    def _put(self, shop: Workshop) -> None:
        self.shops[shop.id] = shop
