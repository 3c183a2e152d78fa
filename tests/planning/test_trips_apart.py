"""The plan in which each lot pays for its own trips: what it costs beside one in which they share."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from planning.planned import PROVENANCE
from planning.shared_regions import shared_region, two_lots

from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder
from cosmolocal.planning.plans import plan_orders
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.planning.trips_apart import choose_apart, part_trips


def table_of(region, orders):
    ground = Ground(region)
    lots = cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order)
    return OptionBuilder(ground).build(lots, orders)


def choices(problem, most: int = 200):
    """Return choices of options, all of them or some."""
    ranges = [
        [-1, *range(problem.option_start[lot], problem.option_start[lot + 1])] for lot in range(problem.lot_count)
    ]
    every = list(product(*ranges)) if np.prod([len(each) for each in ranges]) <= 5_000 else []
    dice = random.Random(1)
    drawn = every or [tuple(dice.choice(each) for each in ranges) for _ in range(most)]
    return [np.array(choice) for choice in drawn[:most]]


@pytest.mark.parametrize("seed", range(40))
def test_sharing_costs_no_more_than_the_same_choice_apart(seed: int):
    table = table_of(*shared_region(seed))
    problem = table.problem
    apart = part_trips(problem, table.resources.trip_start)
    assert apart.resource_count == table.resources.trip_start
    assert apart.option_count == problem.option_count
    if problem.lot_units is not None:
        pytest.skip("a unit of a lot that may be divided pays its part of a trip")
    for choice in choices(problem):
        assert problem.cost(choice) <= apart.cost(choice)


@pytest.mark.parametrize("seed", range(40))
def test_a_lot_alone_costs_the_same_apart(seed: int):
    table = table_of(*shared_region(seed))
    problem = table.problem
    apart = part_trips(problem, table.resources.trip_start)
    if problem.lot_units is not None:
        pytest.skip("a unit of a lot that may be divided pays its part of a trip")
    for option, lot in enumerate(problem.option_lot()):
        choice = np.full(problem.lot_count, -1)
        choice[lot] = option
        assert problem.cost(choice) == apart.cost(choice)


def test_the_search_begins_where_lots_do_not_share_and_ends_where_they_do():
    region, orders = two_lots()
    table = table_of(region, orders)
    apart = part_trips(table.problem, table.resources.trip_start)
    choice = choose_apart(table.problem, table.resources, SolveSettings(5.0, 0.0), Watch())
    assert choice is not None
    assert apart.cost(choice) > table.problem.cost(choice)
    plan = plan_orders(region, orders, PROVENANCE, SolveSettings(5.0, 0.0))
    assert plan.cost_cents <= table.problem.cost(choice)


def test_without_shared_trips_nothing_is_tried_first():
    region, orders = two_lots()
    alone = replace(region, network=replace(region.network, share_trips=False))
    table = table_of(alone, orders)
    assert choose_apart(table.problem, table.resources, SolveSettings(5.0, 0.0), Watch()) is None
