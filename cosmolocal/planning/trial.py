"""What would a change be worth? One order decided anew in what the plan leaves free, all other lots staying."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.fixes import apply_fix
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder, OptionTable, step_arrays
from cosmolocal.planning.problem import Ints, Taken
from cosmolocal.planning.solvers.room import Room
from cosmolocal.records import Fix, Order, Region

#: changed regions that are kept at the same time
MOST_CHANGED = 50
#: kinds of lots whose ways are kept at the same time: those of one may be many
MOST_BUILDERS = 4
#: orders whose options are kept at the same time
MOST_TABLES = 8


def _make_place(kept: dict[Any, Any], most: int) -> None:
    """Let the one kept longest go where there are too many."""
    if len(kept) >= most:
        del kept[next(iter(kept))]


class Trial:
    """Tries fixes on a plan."""

    def __init__(self, builder: OptionBuilder, table: OptionTable, choice: Ints, orders: Iterable[Order]) -> None:
        self.builder, self.table, self.choice = builder, table, choice
        self.orders = {order.id: order for order in orders}
        self.room = Room(table.problem)
        self.room.loads += table.problem.loads(choice)
        self.loads, self.limit = self.room.loads, self.room.limit
        self._changed: dict[tuple[str | int, ...], Resources] = {}
        self._builders: dict[tuple[tuple[str, int, bool], ...], OptionBuilder] = {}
        self._tables: dict[Order, OptionTable] = {}
        self._steps_now = int(table.problem.step_costs(self.loads).sum())
        self._numbers: dict[str, list[int]] = {}
        for number, lot in enumerate(table.lots):
            self._numbers.setdefault(lot.order, []).append(number)

    def saving(self, order_id: str, fix: Fix) -> int:
        """Return by how many cents a fix makes the plan cheaper, other orders' lots unchanged; ≤ 0: it does not help.

        Only counted when more of the order is made here than before.
        """
        region = self.builder.ground.region
        changed, (order,) = apply_fix(region, (self.orders[order_id],), fix)
        table = self._options(order, changed, fix)
        before, made_before = self._order_now(order_id)
        room = Room(table.problem)
        others = self._loads_of_others(order_id, table.resources)
        room.loads[: len(others)] += others
        fixed_steps = int(table.problem.step_costs(room.loads).sum())
        after, made_after = self._place(table, room)
        return before + self._steps_now - after - fixed_steps if made_after > made_before else 0

    def _options(self, order: Order, region: Region, fix: Fix) -> OptionTable:
        """Return the options of an order alone, in a region after a fix."""
        if region is self.builder.ground.region:
            return self._everywhere(order)
        if fix.code == "hours":
            return self._with_hours(self._everywhere(order), region, fix)
        resources = self._resources(region, fix)
        lots = cut_orders([order], resources.ground.catalogue, resources.ground.settings.max_lots_per_order)
        return self.builder.like(resources.ground, resources).build(lots, [order])

    def _everywhere(self, order: Order) -> OptionTable:
        """Return the options of an order alone, in every workshop; lots that are alike share the ways found."""
        if order not in self._tables:
            ground = self.builder.ground
            lots = cut_orders([order], ground.catalogue, ground.settings.max_lots_per_order)
            kind = tuple((lot.design, lot.quantity, lot.first_article) for lot in lots)
            if kind not in self._builders:
                _make_place(self._builders, MOST_BUILDERS)
                self._builders[kind] = self.builder.like(ground, self.builder.resources)
            _make_place(self._tables, MOST_TABLES)
            self._tables[order] = self._builders[kind].build(lots, [order])
        return self._tables[order]

    def _with_hours(self, table: OptionTable, region: Region, fix: Fix) -> OptionTable:
        """Return options with other hours of one workshop: ways stay, only its capacities and steps are others."""
        base, weeks = self.builder.resources, self.builder.resources.weeks
        shop = next(shop for shop in region.workshops if shop.id == fix.values["workshop"])
        own = Resources(Ground(replace(region, workshops=(shop,), designs=())), links=[])
        first = np.array([base.group(shop.id, group.id) for group in shop.groups], dtype=np.int64)
        fair = base.fair(shop.id)
        number = np.append((first[:, None] + np.arange(weeks)).ravel(), [] if fair is None else [fair]).astype(np.int64)
        problem = table.problem
        capacity = problem.capacity.copy()
        capacity[number] = own.capacities
        is_other = np.ones(len(capacity), dtype=bool)
        is_other[number] = False
        kept, steps = is_other[problem.step_resource], step_arrays(own)
        changed = replace(
            problem,
            capacity=capacity,
            step_resource=np.append(problem.step_resource[kept], number[steps[0]]),
            step_size=np.append(problem.step_size[kept], steps[1]),
            step_blocks=np.append(problem.step_blocks[kept], steps[2]),
            step_cost=np.append(problem.step_cost[kept], steps[3]),
        )
        return replace(table, problem=changed)

    def _resources(self, region: Region, fix: Fix) -> Resources:
        """Return the resources of a changed region; many orders ask for the same hours of the same machines."""
        key = (fix.code, *fix.values.values())
        if key not in self._changed:
            _make_place(self._changed, MOST_CHANGED)
            self._changed[key] = Resources(self._ground(region))
            # the same trips by the same numbers
            for kind in self.table.resources.trips:
                self._changed[key].trip((kind.from_place, kind.to_place), kind.mode, kind.cost.distance_m)
        return self._changed[key]

    def _ground(self, region: Region) -> Ground:
        ground = Ground(region)
        if ground.region.network == self.builder.ground.region.network:
            ground.share_routes(self.builder.ground)
        return ground

    def _lots_of(self, order_id: str) -> list[int]:
        return self._numbers.get(order_id, [])

    def _order_now(self, order_id: str) -> tuple[int, int]:
        """Return (cents, units made here) of an order in the plan."""
        cents = units = 0
        for number in self._lots_of(order_id):
            option = int(self.choice[number])
            problem = self.table.problem
            cents += int(problem.option_cost[option] if option >= 0 else problem.unmet_cost[number])
            units += self.table.lots[number].quantity if option >= 0 else 0
        return cents, units

    def _loads_of_others(self, order_id: str, resources: Resources) -> Ints:
        own = self.choice[self._lots_of(order_id)]
        own = np.sort(own[own >= 0])
        loads = self.loads - self.table.problem.loads_of(Taken(own, np.ones_like(own)))
        # fixes change capacities, never which groups and limited links there are, unless one gets its first limit
        if len(resources.links) != len(self.table.resources.links):
            return self._moved(loads, resources)
        return loads

    def _moved(self, loads: Ints, resources: Resources) -> Ints:
        """Return loads by the numbers of other resources."""
        old = self.table.resources
        by_name = {
            old.name(resource): int(loads[resource]) for resource in np.flatnonzero(loads[: old.fair_start]).tolist()
        }
        moved = [by_name.get(resources.name(resource), 0) for resource in range(resources.fair_start)]
        return np.array([*moved, *loads[old.fair_start :].tolist()], dtype=np.int64)

    def _place(self, table: OptionTable, room: Room) -> tuple[int, int]:
        """Return (cents beyond the steps of the others, units made here), each lot placed where it is cheapest."""
        problem, cents, units = table.problem, 0, 0
        for number, lot in enumerate(table.lots):
            best, best_cost = -1, int(problem.unmet_cost[number])
            for option in room.fitting(number).tolist():
                if int(problem.option_cost[option]) < best_cost:
                    cost = int(problem.option_cost[option]) + room.change(option, +1)
                    room.change(option, -1)
                    if cost < best_cost:
                        best, best_cost = option, cost
            if best >= 0:
                room.change(best, +1)
                units += lot.quantity
            cents += best_cost
        return cents, units

    def tried(self, order_id: str, fixes: Iterable[Fix], most: int = 2) -> tuple[Fix, ...]:
        """Return the fixes that help with what each saves, at most ``most``.

        ``fixes`` stand in order of size; a larger one is kept only where it saves more than every smaller one.
        """
        found: list[Fix] = []
        for fix in fixes:
            saves_cents = self.saving(order_id, fix)
            if saves_cents > max([0, *(smaller.saves_cents for smaller in found)]):
                found.append(replace(fix, saves_cents=saves_cents))
            if len(found) == most:
                break
        return tuple(found)
