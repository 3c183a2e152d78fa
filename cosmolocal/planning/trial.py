"""What would a change be worth? One order decided anew in what the plan leaves free, all other lots staying."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.fixes import apply_fix
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.problem import Ints, Taken
from cosmolocal.planning.solvers.room import Room
from cosmolocal.records import Fix, Order, Region

#: changed regions that are kept at the same time
MOST_CHANGED = 50


class Trial:
    """Tries fixes on a plan."""

    def __init__(self, builder: OptionBuilder, table: OptionTable, choice: Ints, orders: Iterable[Order]) -> None:
        self.builder, self.table, self.choice = builder, table, choice
        self.orders = {order.id: order for order in orders}
        self.room = Room(table.problem)
        self.room.loads += table.problem.loads(choice)
        self.loads, self.limit = self.room.loads, self.room.limit
        self._changed: dict[tuple[str | int, ...], Resources] = {}
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
        resources = self.builder.resources if changed is region else self._resources(changed, fix)
        ground = resources.ground
        lots = cut_orders([order], ground.catalogue, ground.settings.max_lots_per_order)
        table = self.builder.like(ground, resources).build(lots, [order])
        before, made_before = self._order_now(order_id)
        room = Room(table.problem)
        room.loads += self._loads_of_others(order_id, resources)
        fixed_steps = int(table.problem.step_costs(room.loads).sum())
        after, made_after = self._place(table, room)
        return before + self._steps_now - after - fixed_steps if made_after > made_before else 0

    def _resources(self, region: Region, fix: Fix) -> Resources:
        """Return the resources of a changed region; many orders ask for the same hours of the same machines."""
        key = (fix.code, *fix.values.values())
        if key not in self._changed:
            if len(self._changed) == MOST_CHANGED:
                self._changed.clear()
            self._changed[key] = Resources(self._ground(region))
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
            for option in range(int(problem.option_start[number]), int(problem.option_start[number + 1])):
                if int(problem.option_cost[option]) < best_cost and room.fits(option):
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
