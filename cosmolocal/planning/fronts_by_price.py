"""Plans at ever higher prices of CO2e: each is the cheapest of those that emit no more than it does."""

from itertools import pairwise

import numpy as np

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.offered import Asked, Offered, measure, offer
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.rounds import add_cheaper_ways, build_options, price_lots
from cosmolocal.planning.solvers.choosing import find_prices, lagrangian_bound, least_priced, solve
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Known
from cosmolocal.planning.widening import Solving, widen
from cosmolocal.records import Aim, BoundLine, Limit

CODES = {"P160": "a front of CO2e is asked for where trips are shared"}

#: rounds of looking for ways at other prices
ROUNDS = 3
#: [cents per kg] that the plan of least CO2e is sought at: 10,000 EUR per tonne
HIGHEST_PRICE = 1000


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
        self.first: tuple[OptionBuilder, Ground] | None = None
        self.prices: Ints = np.zeros(0, dtype=np.int64)
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
        """Plan at a price of CO2e."""
        ground = self.asked.ground(price)
        builder = OptionBuilder(ground)
        lots = cut_orders(self.asked.orders, ground.catalogue, ground.settings.max_lots_per_order)
        if self.first is None:
            table, sure, prices = build_options(builder, lots, self.asked.orders, self.watch)
            self.first = builder, ground
        else:
            ground.share_routes(self.first[1])
            builder.price_rounds = list(self.first[0].price_rounds)
            table, sure, prices = self.build_warm(builder, builder.build(lots, self.asked.orders))
        self.prices = prices
        settings = self.asked.turn(points - len(self.found))
        solution = solve(table.problem, settings, self.watch, Known(sure, prices))
        table, solution = widen(builder, table, solution, self.orders, Solving(settings, self.watch))
        plan = offer(self.asked, builder, table, solution, ())
        figures = measure(builder, plan)
        if price:
            plan = offer(self.asked, builder, table, solution, (Limit(Aim.CO2E, figures.co2e_g),))
        # what is weighed is rounded up to a cent, lot by lot
        line = BoundLine(0, PRICE_SCALE * (solution.bound_cents - len(lots)), price)
        self.found[price] = Offered(plan, figures, (line,))

    def build_warm(self, builder: OptionBuilder, table: OptionTable) -> tuple[OptionTable, int | None, Ints]:
        """Return what `build_options` does, from the prices of the plan before."""
        warm = self.prices
        for _ in range(0 if builder.is_complete else ROUNDS):
            problem, _ = presolve(table.problem)
            warm = find_prices(problem, self.watch, rough=True, start=builder.resources.pad(warm))
            ways = price_lots(table, self.orders, warm)
            if self.watch.stop.is_set() or not add_cheaper_ways(builder, table, ways, least_priced(problem, warm)):
                break
            table = builder.build(table.lots, self.asked.orders)
        problem, _ = presolve(table.problem)
        prices = find_prices(problem, self.watch, start=builder.resources.pad(warm))
        if builder.is_complete:
            return table, None, prices
        weights = np.array([each.weight for each in price_lots(table, self.orders, prices)], dtype=np.int64)
        return table, lagrangian_bound(problem, prices, weights), prices
