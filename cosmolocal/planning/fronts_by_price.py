"""Plans at ever higher prices of CO2e: each is the cheapest of those that emit no more than it does."""

from itertools import pairwise

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.offered import Asked, Offered, measure, offer
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.rounds import build_options
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Known, Solution, SolveSettings
from cosmolocal.planning.supposing import suppose
from cosmolocal.planning.widening import Solving, widen
from cosmolocal.records import Aim, BoundLine, Limit

CODES = {"P160": "a front of CO2e is asked for where trips are shared"}

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
        """Plan at a price of CO2e: the first from nothing, each other one from the plan of the nearest price."""
        settings = self.asked.turn(points - len(self.found))
        if self.found:
            nearest = self.found[min(self.found, key=lambda other: (abs(other - price), other))]
            region = self.asked.ground(price).region
            builder, table, solution = suppose(region, self.asked.orders, settings, nearest.plan, self.watch)
        else:
            builder, table, solution = self.begin(price, settings)
        plan = offer(self.asked, builder, table, solution, ())
        figures = measure(builder, plan)
        if price:
            plan = offer(self.asked, builder, table, solution, (Limit(Aim.CO2E, figures.co2e_g),))
        # what is weighed is rounded up to a cent, lot by lot
        line = BoundLine(0, PRICE_SCALE * (solution.bound_cents - len(table.lots)), price)
        self.found[price] = Offered(plan, figures, (line,))

    def begin(self, price: int, settings: SolveSettings) -> tuple[OptionBuilder, OptionTable, Solution]:
        """Plan at a price of CO2e from nothing."""
        ground = self.asked.ground(price)
        builder = OptionBuilder(ground)
        lots = cut_orders(self.asked.orders, ground.catalogue, ground.settings.max_lots_per_order)
        table, sure, prices = build_options(builder, lots, self.asked.orders, self.watch)
        solution = solve(table.problem, settings, self.watch, Known(sure, prices))
        table, solution = widen(builder, table, solution, self.orders, Solving(settings, self.watch))
        return builder, table, solution
