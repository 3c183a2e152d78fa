"""Plans at prices of CO2e: each is the cheapest of those that emit no more than it does.

The first is made from nothing, each other one from those at the nearest prices; ``docs/tradeoffs.md`` says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.planning.around import FEW_WORKSHOPS, Around
from cosmolocal.planning.carriage import Carried
from cosmolocal.planning.earlier import Present
from cosmolocal.planning.ground import Ground, Runs
from cosmolocal.planning.haulage import NEVER
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.offered import Asked, Offered, hold, measure, offer
from cosmolocal.planning.options import LotWay, OptionBuilder, OptionTable
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.rounds import build_options, mean_group_prices
from cosmolocal.planning.solvers.choosing import priced_costs, solve
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Known, Solution, SolveSettings
from cosmolocal.planning.ways import Way, WayFinder, WayKey
from cosmolocal.planning.widening import Solving, widen
from cosmolocal.records import Aim, BoundLine, Limit, Order

CODES = {"P160": "a front of CO2e is asked for where trips are shared"}

#: [cents per kg] that the plan of least CO2e is sought at: 10,000 EUR per tonne
HIGHEST_PRICE = 1000
#: of each lot, that a plan at the next price begins with
KEPT_WAYS = 4


@dataclass(frozen=True, slots=True)
class Priced:
    """A plan at a price of CO2e, as arrays."""

    builder: OptionBuilder
    table: OptionTable
    solution: Solution

    def best_ways(self) -> list[int]:
        """Return the numbers of the ways that are cheapest at its prices, `KEPT_WAYS` of each lot, and those taken."""
        table, chosen = self.table, self.solution.choice[self.solution.choice >= 0]
        problem = table.problem
        priced = priced_costs(problem, table.resources.pad(self.solution.prices))
        priced[chosen] = -NEVER
        least = np.full(len(table.ways), NEVER, dtype=np.int64)
        np.minimum.at(least, table.option_way, priced)
        of_lot = np.array([way.lot for way in table.ways], dtype=np.int64)
        order = np.lexsort((least, of_lot))
        nth = np.arange(len(order)) - np.searchsorted(of_lot[order], of_lot[order])
        kept: list[int] = order[(nth < KEPT_WAYS) & (least[order] < NEVER)].tolist()
        return kept

    def weeks(self) -> dict[tuple[int, WayKey], int]:
        """Return the week of each way that is taken."""
        table, chosen = self.table, self.solution.choice[self.solution.choice >= 0].tolist()
        ways = [(table.ways[int(table.option_way[option])], int(table.option_week[option])) for option in chosen]
        return {(way.lot, way.key): week for way, week in ways}


class PricedPlans:
    """Plans of an order book at prices of CO2e."""

    def __init__(self, asked: Asked) -> None:
        if asked.region.network.share_trips:
            found = say("found share_trips; the CO2e of a shared trip belongs to no lot, so its front is not known")
            raise InputError([Problem("P160", "region.yaml: network", found)])
        self.asked, self.watch = asked, asked.watch
        self.orders = {order.id: order for order in asked.orders}
        #: nothing to be a part of
        self.whole = 0
        self.priced: dict[int, Priced] = {}
        self.found: dict[int, Offered] = {}

    def find(self, points: int) -> list[Offered]:
        """Return at most so many plans: at no price, at the highest, and at those between the plans farthest apart.

        The price between two plans is what the CO2e costs that one saves against the other: a plan below the line
        from one to the other shows itself at no price better.
        """
        for first in (0, HIGHEST_PRICE):
            self.add(first, points)
        while len(self.found) < points and not self.watch.stop.is_set():
            price = self.next_price()
            if price is None:
                break
            self.add(price, points)
        return list(self.found.values())

    def next_price(self) -> int | None:
        """Return the price between the two neighbours farthest apart that was not tried; None: there is none."""
        ordered = sorted(self.found.items())
        best, widest = None, 0
        for (low, one), (high, other) in pairwise(ordered):
            dearer = other.figures.cost_cents - one.figures.cost_cents
            less_g = one.figures.co2e_g - other.figures.co2e_g
            if dearer > 0 and less_g > 0 and dearer * less_g > widest and high - low > 1:
                price = min(max(1000 * dearer // less_g, low + 1), high - 1)
                best, widest = price, dearer * less_g
        return best

    def add(self, price: int, points: int) -> None:
        """Plan at a price of CO2e: from nothing, or from the plans at the next lower and the next higher price."""
        settings = self.sharpen(price, self.asked.turn(points - len(self.found)))
        if not self.priced or next(iter(self.priced.values())).builder.is_complete:
            builder, table, solution = self.begin(price, settings)
        else:
            builder, table, solution = self.go_on(price, settings)
        table, solution = widen(builder, table, solution, self.orders, Solving(settings, self.watch))
        self.priced[price] = Priced(builder, table, solution)
        plan = offer(self.asked, builder, table, solution, ())
        figures = measure(builder, plan)
        if price:
            plan = hold(self.asked, plan, solution, (Limit(Aim.CO2E, figures.co2e_g),))
        # what is weighed is rounded up to a cent, lot by lot
        line = BoundLine(0, PRICE_SCALE * (solution.bound_cents - len(table.lots)), price)
        self.found[price] = Offered(plan, figures, (line,))

    def sharpen(self, price: int, settings: SolveSettings) -> SolveSettings:
        """Return settings whose gap is that of cost alone: CO2e at a price makes the whole more than that."""
        figures = [self.found[near].figures for near in self.near(price)]
        parts = [one.cost_cents / max(1, one.cost_cents + price * one.co2e_g // 1000) for one in figures]
        return replace(settings, gap=settings.gap * min(parts, default=1.0))

    def near(self, price: int) -> list[int]:
        """Return the next lower and the next higher price that was planned at."""
        lower = [other for other in self.found if other < price]
        higher = [other for other in self.found if other > price]
        return [*([max(lower)] if lower else []), *([min(higher)] if higher else [])]

    def begin(self, price: int, settings: SolveSettings) -> tuple[OptionBuilder, OptionTable, Solution]:
        """Plan at a price of CO2e from nothing."""
        ground = self.asked.ground(price)
        self.share(ground)
        builder = OptionBuilder(ground)
        lots = cut_orders(self.asked.orders, ground.catalogue, ground.settings.max_lots_per_order)
        table, sure, prices = build_options(builder, lots, self.asked.orders, self.watch)
        return builder, table, solve(table.problem, settings, self.watch, Known(sure, prices))

    def share(self, ground: Ground) -> None:
        """Take the routes of the first ground."""
        for priced in self.priced.values():
            ground.share_routes(priced.builder.ground)

    def go_on(self, price: int, settings: SolveSettings) -> tuple[OptionBuilder, OptionTable, Solution]:
        """Plan at a price of CO2e from what was found at the nearest prices."""
        ground = self.asked.ground(price)
        self.share(ground)
        builder = OptionBuilder(ground, most_workshops=FEW_WORKSHOPS)
        near = self.near(price)
        lots = self.priced[near[0]].table.lots
        prices = self.between(price, near)
        builder.price_rounds = [mean_group_prices(builder.resources, prices)]
        around = Around(builder, lots, self.orders, prices)
        ways: dict[tuple[int, WayKey], LotWay] = {}
        for other in near:
            table = self.priced[other].table
            for number in self.priced[other].best_ways():
                ways.setdefault((table.ways[number].lot, table.ways[number].key), table.ways[number])
        best = self.priced[min(near, key=lambda other: self.weight(other, price))]
        recall(around, ways, best.weeks())
        is_between = len(near) > 1
        return builder, *(around.solve if is_between else around.solve_far)(settings, self.watch)

    def weight(self, other: int, price: int) -> int:
        """Return what the plan at another price weighs at a price, in thousandths of a cent."""
        figures = self.found[other].figures
        return 1000 * figures.cost_cents + price * figures.co2e_g

    def between(self, price: int, near: list[int]) -> Ints:
        """Return the prices of resources at a price of CO2e, as if they followed it evenly between its neighbours."""
        found = [self.priced[other].solution.prices for other in near]
        if len(near) == 1:
            return found[0]
        low, high = near
        size = min(len(each) for each in found)
        return (found[0][:size] * (high - price) + found[1][:size] * (price - low)) // (high - low)


def recall(around: Around, ways: Mapping[tuple[int, WayKey], LotWay], weeks: Mapping[tuple[int, WayKey], int]) -> None:
    """Let ways of another ground be options, and the search begin with those that have a week."""
    ground = around.builder.ground
    finders: dict[tuple[str, Runs], WayFinder] = {}
    for key, lot_way in ways.items():
        lot = around.lots[key[0]]
        runs = ground.runs(lot)
        finder = finders.setdefault((lot.design, runs), WayFinder(ground, lot.quantity, runs=runs))
        found = carry_again(finder, lot_way.way, around.orders[lot.order])
        if found is not None:
            around.builder.add_way(lot, *found)
            if key in weeks:
                around.starts[key[0]] = Present(*found, weeks[key])


def carry_again(finder: WayFinder, way: Way, order: Order) -> tuple[Way, Carried] | None:
    """Return a way of another ground with what is carried as this ground carries it; None: it cannot be."""
    shops = finder.ground.workshops
    again = move_again(finder, way)
    delivery = finder.carry(way.node, shops[way.workshop], order.place, order.max_distance_m)
    return None if again is None or delivery is None else (again, delivery)


def move_again(finder: WayFinder, way: Way) -> Way | None:
    """Return a way of another ground with its parts carried as this ground carries them; None: they cannot be."""
    children: list[tuple[Way, Carried | None]] = []
    for child, carried in way.children:
        below = move_again(finder, child)
        is_here = carried is None
        again = None if is_here else finder.carry(child.node, finder.ground.workshops[child.workshop], way.workshop)
        if below is None or (again is None and not is_here):
            return None
        children.append((below, again))
    return replace(way, children=tuple(children))
