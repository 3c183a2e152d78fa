"""What a change is worth is the same whether what it leaves alone is built anew or taken over."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from planning.planned import Table, tabled
from planning.tiny_regions import random_region
from planning.town import town

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionTable
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.reasons import add_room
from cosmolocal.planning.solvers.choosing import place
from cosmolocal.planning.trial import Trial
from cosmolocal.records import Fix, Order, Region, WorkshopStatus


class PlainTrial(Trial):
    """Builds everything anew for each change."""

    def _options(self, order: Order, region: Region, fix: Fix) -> OptionTable:  # noqa: ARG002
        resources = Resources(Ground(region))
        lots = cut_orders([order], resources.ground.catalogue, region.settings.max_lots_per_order)
        return self.builder.like(resources.ground, resources).build(lots, [order])


def list_fixes(table: Table, dice: random.Random) -> Iterator[tuple[str, Fix]]:
    """Yield all kinds of changes of capacities and orders, some of each."""
    resources = table.options.resources
    for order in dice.sample(table.orders, min(6, len(table.orders))):
        for resource in dice.sample(range(resources.fair_start), min(8, resources.fair_start)):
            for fix in add_room(resources, resource, dice.choice((1, 90, 700))):
                yield order.id, fix
        values: dict[str, str | int] = {"order": order.id}
        due = order.due_date + timedelta(weeks=1)
        yield order.id, Fix("due-date", {**values, "to_date": due.isoformat()}, 0)
        yield order.id, Fix("split", {**values, "lots": 2}, 0)
        yield order.id, Fix("smaller-lots", {**values, "to_units": 1}, 0)
        yield order.id, Fix("order-radius", {**values, "to_m": 50_000}, 0)


def half_of(choice: Ints, dice: random.Random) -> Ints:
    """Return a choice with about half of its lots left unmet."""
    return np.where([dice.random() < 0.5 for _ in choice], choice, -1)


def count_helpful(region: Region, orders: tuple[Order, ...], seed: int) -> int:
    """Compare all changes; return how many of them help."""
    dice, table, helpful = random.Random(seed), tabled(region, orders), 0
    problem = table.options.problem
    choice = half_of(place(problem, np.zeros(problem.resource_count, dtype=np.int64)), dice)
    trials = [kind(table.builder, table.options, choice, orders) for kind in (Trial, PlainTrial)]
    for order_id, fix in list_fixes(table, dice):
        quick, plain = (trial.saving(order_id, fix) for trial in trials)
        assert quick == plain, (order_id, fix)
        helpful += quick > 0
    return helpful


@pytest.mark.parametrize("fold", range(4))
def test_a_change_is_worth_the_same_as_when_all_is_built_anew(fold: int):
    regions = [random_region(seed) for seed in range(fold * 15, fold * 15 + 15)]
    assert sum(count_helpful(*one, seed) for seed, one in enumerate(regions)) > 20


@pytest.mark.parametrize("fairness", [0, 400])
def test_hours_are_worth_the_same_among_many_workshops_of_which_one_is_only_planned(fairness: int):
    region, orders = town(3, 40)
    first, *others = region.workshops
    shops = (replace(first, status=WorkshopStatus.PLANNED), *others)
    settings = replace(region.settings, fairness_cents_per_hour=fairness)
    assert count_helpful(replace(region, workshops=shops, settings=settings), orders, 3) > 10
