"""Plans that keep ever harder limits on a share or on loads: ε-constraints over one table of options."""

from dataclasses import dataclass, replace

import numpy as np

from cosmolocal.planning.limits import Limited, Measure, limit, measure_load, measure_share, shed
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.offered import Asked, Offered, measure, offer
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.plans import share_parts
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.rounds import add_cheaper_ways, build_options, price_lots
from cosmolocal.planning.solvers.choosing import find_prices, improve, lagrangian_bound, least_priced, solve
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Known, Solution, SolveSettings
from cosmolocal.planning.widening import Solving, carry_over, judge, widen
from cosmolocal.records import Aim, BoundLine, Limit

#: rounds of looking for ways at the prices of the hardest limit
ROUNDS = 2
#: [ratio] how near to the most that can be made here the hardest limit comes
MOST_GAP = 0.002
#: which of the parts of a lot each share counts
PARTS = {Aim.UNITS: 0, Aim.MASS: 1, Aim.SHARE: 2}


@dataclass(frozen=True, slots=True)
class Solved:
    """A choice of a table's options, and what it proves."""

    solution: Solution
    lines: tuple[BoundLine, ...]
    #: of the problem with its limits
    prices: Ints


class LimitedPlans:
    """Plans of an order book that keep limits."""

    def __init__(self, asked: Asked, aim: Aim) -> None:
        self.asked, self.aim, self.watch = asked, aim, asked.watch
        self.builder = OptionBuilder(asked.ground())
        self.orders = {order.id: order for order in asked.orders}
        ground = self.builder.ground
        self.lots = cut_orders(asked.orders, ground.catalogue, ground.settings.max_lots_per_order)
        part = PARTS.get(aim)
        #: (asked for, made here if not imported) of each lot
        self.parts = [] if part is None else [share_parts(ground, lot)[part] for lot in self.lots]
        #: units, grams or cents of value asked for
        self.whole = sum(whole for whole, _ in self.parts)

    def find(self, points: int) -> list[Offered]:
        """Return at most so many plans: the cheapest of all, and others of evenly spread limits."""
        table, sure, prices = build_options(self.builder, self.lots, self.asked.orders, self.watch)
        turn = self.asked.turn(points)
        free = solve(table.problem, turn, self.watch, Known(sure, prices))
        table, free = widen(self.builder, table, free, self.orders, Solving(turn, self.watch))
        measured = self.measure(table)
        first = measured.value(measured.loads(table.problem, free.choice))
        hardest = self.find_hardest(table, measured, free)
        last = measured.value(measured.loads(table.problem, hardest))
        if self.aim is Aim.FAIRNESS:
            # that everything is imported is no choice
            last = first // points
        values = spread(first, last, points)
        found: list[Offered] = []
        if values and not self.watch.stop.is_set():
            wider, choice, warm = self.add_ways(table, values[-1], hardest)
            before = table, free.choice
            for number, value in enumerate(reversed(values)):
                solved = self.solve(wider, value, choice, warm, self.asked.turn(len(values) - number))
                found.append(self.offer(wider, solved, (Limit(self.aim, value),)))
                choice, warm = solved.solution.choice, solved.prices
                if self.watch.stop.is_set():
                    break
            table, free = self.improve(wider, carry_over(*before, wider), choice, free)
        line = BoundLine(0, PRICE_SCALE * free.bound_cents, 0)
        return [self.offer(table, Solved(free, (line,), prices), ()), *found]

    def improve(self, table: OptionTable, choice: Ints, limited: Ints, free: Solution) -> tuple[OptionTable, Solution]:
        """Return the cheapest plan of all, improved upon by the one of the softest limit."""
        problem = table.problem
        every = np.array([1 << 60])
        tried = (choice, shed(problem, self.measure(table), limited, every))
        best = min((improve(problem, one) for one in tried), key=problem.cost)
        return table, judge(free, best, problem, self.asked.solving)

    def offer(self, table: OptionTable, solved: Solved, limits: tuple[Limit, ...]) -> Offered:
        """Return a solution as a plan to choose."""
        plan = offer(self.asked, self.builder, table, solved.solution, limits)
        return Offered(plan, measure(self.builder, plan), solved.lines)

    def measure(self, table: OptionTable) -> Measure:
        """Return what the aim counts in a table."""
        return measure_load(table) if self.aim is Aim.FAIRNESS else measure_share(table, self.aim, self.parts)

    def find_hardest(self, table: OptionTable, measured: Measure, free: Solution) -> Ints:
        """Return a choice about as good as can be by the aim: with all made here that can be, or nothing at all."""
        if self.aim is Aim.FAIRNESS:
            return np.full(len(self.lots), -1, dtype=np.int64)
        problem = table.problem
        made = np.array([here for _, here in self.parts], dtype=np.int64)
        most = replace(
            problem,
            option_cost=np.maximum(-made, 0)[problem.option_lot()],
            unmet_cost=np.maximum(made, 0),
            step_cost=np.zeros_like(problem.step_cost),
        )
        settings = replace(self.asked.turn(2), gap=max(MOST_GAP, self.asked.solving.gap), solver="auto")
        choice = solve(most, settings, self.watch, Known(start=free.choice)).choice
        loads = [measured.loads(problem, one) for one in (choice, free.choice)]
        return choice if measured.value(loads[0]) >= measured.value(loads[1]) else free.choice

    def add_ways(self, table: OptionTable, value: int, choice: Ints) -> tuple[OptionTable, Ints, Ints | None]:
        """Return the options with those that the hardest limit asks for, the choice among them, and its prices."""
        warm: Ints | None = None
        for _ in range(0 if self.builder.is_complete else ROUNDS):
            measured = self.measure(table)
            limited = self.limit(table, measured, value, choice)
            problem, _ = presolve(limited.problem)
            prices = find_prices(problem, self.watch, rough=True, start=warm)
            ways = price_lots(table, self.orders, measured.bear(prices))
            if self.watch.stop.is_set():
                break
            if not add_cheaper_ways(self.builder, table, ways, least_priced(problem, prices)):
                return table, choice, prices
            wider = self.builder.build(self.lots, self.asked.orders)
            choice, old, table = carry_over(table, choice, wider), table, wider
            added = np.zeros(wider.problem.resource_count - old.problem.resource_count, dtype=np.int64)
            warm = np.insert(prices, old.problem.resource_count, added)
        return table, choice, warm

    def limit(self, table: OptionTable, measured: Measure, value: int, choice: Ints) -> Limited:
        """Return the problem with the limit of a value, which a choice keeps."""
        return limit(table.problem, measured, measured.capacity(value), table.problem.cost(choice))

    def weigh(self, table: OptionTable, prices: Ints, limits: Ints) -> Ints:
        """Return the weight of the cheapest of all ways of each lot, [L]."""
        ways = price_lots(table, self.orders, prices, limits)
        return np.array([priced.weight for priced in ways], dtype=np.int64)

    def prove(
        self, table: OptionTable, measured: Measure, value: int, problem: PlanningProblem, prices: Ints
    ) -> tuple[int | None, Ints | None]:
        """Return what prices prove for the limit of a value over all ways, and the weight of each lot for any limit.

        None: all ways are options.
        """
        if self.builder.is_complete:
            return None, None
        most = table.problem.largest_capacity()
        weights = self.weigh(table, measured.bear(prices), most)
        within = measured.narrow(most, value)
        own = weights if within is most else self.weigh(table, measured.bear(prices), within)
        return lagrangian_bound(problem, prices, own), weights

    def solve(self, table: OptionTable, value: int, choice: Ints, warm: Ints | None, settings: SolveSettings) -> Solved:
        """Return the cheapest plan that keeps the limit of a value, as ``choice`` does, and lines below all plans."""
        measured = self.measure(table)
        limited = self.limit(table, measured, value, choice)
        problem, _ = presolve(limited.problem)
        prices = find_prices(problem, self.watch, start=warm)
        sure, weights = self.prove(table, measured, value, problem, prices)
        start = limited.write(shed(table.problem, measured, choice, measured.capacity(value)))
        start = improve(limited.problem, start)
        cost = limited.problem.cost(start)
        if warm is not None and sure is not None and cost - sure > settings.gap * cost:
            # those of a much harder limit are a bad beginning
            other = find_prices(problem, self.watch)
            again, others = self.prove(table, measured, value, problem, other)
            if again is not None and again > sure:
                prices, sure, weights = other, again, others
        found = solve(limited.problem, settings, self.watch, Known(sure, prices, start))
        chosen = limited.read(found.choice)
        # what the prices prove for plans of other limits too, in thousandths of a cent
        least = PRICE_SCALE * (lagrangian_bound(limited.problem, prices, weights) - 1)
        lines = (
            BoundLine(self.aim.need(value, self.whole), PRICE_SCALE * found.bound_cents, 0, beyond=True),
            measured.line(value, least, prices[len(measured.bearer) :]),
        )
        kept = replace(
            found,
            choice=chosen,
            taken=table.problem.whole(chosen),
            cost_cents=table.problem.cost(chosen),
            prices=found.prices[: table.problem.resource_count],
        )
        return Solved(kept, lines, found.prices)


def spread(first: int, last: int, points: int) -> list[int]:
    """Return the limits beside the cheapest plan, evenly from its value (left out) to the hardest.

    >>> spread(500, 900, 5), spread(300, 0, 4), spread(5, 7, 5), spread(5, 5, 5)
    ([600, 700, 800, 900], [200, 100, 0], [6, 7], [])
    """
    step = 1 if last > first else -1
    steps = min(points - 1, abs(last - first))
    return [first + step * (abs(last - first) * number // steps) for number in range(1, steps + 1)]
