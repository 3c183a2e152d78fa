"""Plans with many lots, made by dice, for pages whose figures a test reckons a second time."""

import random
from dataclasses import replace
from datetime import date, timedelta

from samples import JOINERS, LAMPS, LAMPS_MADE, MAKERS, PLAN, RUN
from showcase import SHOWN_REGION, ShownWorkspace

from cosmolocal.errors import NotFoundError
from cosmolocal.planning.metrics import load_by_group_week, measure_plan
from cosmolocal.records import Allocation, CostTerms, GroupUse, Order, Plan, Price, Region, Task, Unmet, Workshop
from cosmolocal.workflows import PlanView

WEEKS = 4
DESIGNS = ("a~lamp@1.2.0", "a~stool@2.0.0")


def many_workshops(number: int) -> tuple[Workshop, ...]:
    """Return workshops from west to east, each with a laser and a bench."""
    groups = (*MAKERS.groups, *JOINERS.groups)
    return tuple(
        replace(
            MAKERS, id=f"shop-{n}", name=f"Shop {n:03}", lon=2.14 + n / 200, lat=41.37 + n % 3 / 50, groups=groups
        )
        for n in range(number)
    )  # fmt: skip


def busy_region(workshops: int) -> Region:
    return replace(SHOWN_REGION, workshops=many_workshops(workshops))


def busy_orders(number: int) -> tuple[Order, ...]:
    places = ("north", "south")
    return tuple(
        replace(LAMPS, id=f"o-{n}", design=DESIGNS[n % 2].partition("@")[0], quantity=2 + n % 5,
                place=places[n % 3 // 2], due_date=date(2026, 9, 11) + timedelta(weeks=n % WEEKS))
        for n in range(number)
    )  # fmt: skip


def busy_plan(region: Region, orders: tuple[Order, ...], seed: int, plan_id: str = "busy00000000") -> Plan:
    """Return a plan that serves most orders somewhere; every eighth lot is imported."""
    dice = random.Random(seed)
    made, unmet = [], []
    for number, order in enumerate(orders):
        design = DESIGNS[number % 2]
        if dice.random() < 1 / 8:
            unmet.append(
                Unmet(f"{order.id}/1", order.id, design, order.quantity, CostTerms(import_cents=dice.randint(1, 9_000)))
            )
        else:
            made.append(_allocation(dice, region, order, design))
    prices = tuple(
        Price(f"{shop.id}/{group.id}", week, dice.randint(1, 3_000))
        for shop in region.workshops
        for group in shop.groups
        for week in range(WEEKS)
        if dice.random() < 0.3
    )
    cost = sum(row.cost.total_cents for row in (*made, *unmet))
    return replace(
        PLAN, id=plan_id, allocations=tuple(made), unmet=tuple(unmet), prices=prices, cost_cents=cost,
        bound_cents=cost - cost // 100, overtime_cents=0, fairness_cents=0, seed=seed,
    )  # fmt: skip


def _allocation(dice: random.Random, region: Region, order: Order, design: str) -> Allocation:
    first, last = (dice.choice(region.workshops).id for _ in range(2))
    week = dice.randrange(1, WEEKS)
    tasks = (
        Task("", design, "", last, week, order.quantity, (GroupUse("bench", "assembly", dice.randint(5, 400)),)),
        Task(
            "shade",
            design,
            "shade",
            first,
            week - 1,
            order.quantity,
            (GroupUse("laser", "laser-cutting", dice.randint(5, 400)),),
        ),
    )
    cost = CostTerms(
        machine_cents=dice.randint(10, 9_000), late_weeks=dice.choice((0, 0, 0, 1, 2)), co2e_g=dice.randint(0, 999)
    )
    legs = tuple(
        replace(leg, from_place=start, to_place=end)
        for leg, start, end in zip(LAMPS_MADE.legs, (first, last), (last, order.place), strict=True)
    )
    return Allocation(f"{order.id}/1", order.id, design, order.quantity, last, week, tasks, legs, cost)


class BusyWorkspace(ShownWorkspace):
    """A workspace with plans for orders of its own."""

    def __init__(self, folder, plans: tuple[Plan, ...], region: Region, orders: tuple[Order, ...]) -> None:
        super().__init__(folder, plans, region)
        self.orders = orders

    def plan(self, plan_id: str) -> PlanView:
        for plan in self.shown_plans:
            if plan.id == plan_id:
                kpis = measure_plan(plan, self.shown_region, self.orders)
                return PlanView(plan, self.orders, kpis, load_by_group_week(plan, self.shown_region), RUN)
        raise NotFoundError(f"there is no plan {plan_id!r}")


def busy_workspace(folder, workshops: int = 6, orders: int = 60) -> BusyWorkspace:
    """Return two plans, the newest first, of the same orders with other dice."""
    region, book = busy_region(workshops), busy_orders(orders)
    plans = (busy_plan(region, book, 1, "newer0000000"), busy_plan(region, book, 2, "older0000000"))
    return BusyWorkspace(folder, plans, region, book)
