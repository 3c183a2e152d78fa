"""Plans over streets, where each mode goes at its own distances: an oracle that tries everything, and the audit."""

from dataclasses import replace

import numpy as np
import pytest
from network.made_up_streets import street_region
from planning.brute_force import solve_by_brute_force
from planning.planned import audited, planned

from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.haulage import NEVER, Reach
from cosmolocal.planning.ways import WayFinder, haul_weight
from cosmolocal.records import OffStreets, Plan, PlanStatus, Region

SEEDS = range(40)
BOTH = tuple(OffStreets)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_over_streets_costs_what_the_oracle_costs(seed: int):
    """Proved best, right for the audit, and no dearer than the best of all plans there are."""
    region, orders = street_region(seed, BOTH[seed % 2])
    plan = planned(region, orders)
    assert audited(plan, region, orders).problems == ()
    assert plan.status is PlanStatus.OPTIMAL
    assert plan.cost_cents == plan.bound_cents == solve_by_brute_force(region, orders).cost_cents


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_holds_however_few_ways_are_considered(seed: int):
    region, orders = street_region(seed, BOTH[seed % 2])
    few = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1, "price_rounds": seed % 3}
    plan = planned(replace(region, settings=replace(region.settings, **few)), orders)
    assert plan.bound_cents <= solve_by_brute_force(region, orders).cost_cents <= plan.cost_cents


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_of_hauls_holds_what_each_haul_weighs(seed: int):
    region, _ = street_region(seed, BOTH[seed % 2])
    ground = Ground(region)
    rows, columns = np.arange(len(ground.shops)), np.arange(len(ground.routes.links.places))
    for limit_m in (None, 4_000):
        finder = WayFinder(ground, 1 + seed % 30)
        for bill in (
            found for key in ground.catalogue.by_key if isinstance(found := ground.catalogue.bill(key), TaskNode)
        ):
            load = bill.mass_g, bill.quantity * finder.quantity
            weights = ground.haulage.weights(load, rows, columns, Reach(limit_m))
            for row, shop in enumerate(ground.shops):
                for column, place in enumerate(ground.routes.links.places):
                    carried = finder.carry(bill, shop, place.id, limit_m)
                    assert weights[row, column] == (NEVER if carried is None else haul_weight(ground, carried))


def made_with_a_leg() -> tuple[Region, Plan, tuple]:
    """Return a region, a plan with a leg over streets, and its orders."""
    for seed in SEEDS:
        region, orders = street_region(seed)
        plan = planned(region, orders)
        for allocation in plan.allocations:
            leg = allocation.legs[-1]
            if leg.distance_m > 100 and len(region.network.modes) == 2:
                return region, plan, orders
    raise AssertionError("no tiny region has a leg")


def with_leg(plan: Plan, **changed: object) -> Plan:
    """Return the plan with its first leg of more than 100 m changed."""
    rows = list(plan.allocations)
    number = next(number for number, row in enumerate(rows) if row.legs[-1].distance_m > 100)
    *others, leg = rows[number].legs
    rows[number] = replace(rows[number], legs=(*others, replace(leg, **changed)))
    return replace(plan, allocations=tuple(rows))


def test_the_audit_finds_a_wrong_distance_and_a_wrong_mode():
    region, plan, orders = made_with_a_leg()
    leg = next(row.legs[-1] for row in plan.allocations if row.legs[-1].distance_m > 100)
    assert audited(plan, region, orders).problems == ()
    longer = audited(with_leg(plan, distance_m=leg.distance_m + 50), region, orders)
    assert "P034" in {problem.code for problem in longer.problems}
    other = next(mode.id for mode in region.network.modes if mode.id != leg.mode)
    assert "P035" in {problem.code for problem in audited(with_leg(plan, mode=other), region, orders).problems}


def test_the_audit_finds_a_plan_that_was_made_of_other_streets():
    """The file of streets is an input: distances of others do not pass."""
    region, plan, orders = made_with_a_leg()
    streets = {
        name: replace(network, digest="other", length_mm=network.length_mm * 3)
        for name, network in region.streets.items()
    }
    codes = {problem.code for problem in audited(plan, replace(region, streets=streets), orders).problems}
    assert codes & {"P033", "P034"}


def test_modes_do_go_unlike_distances():
    """Why each has its own: else the laws above would prove nothing new."""
    grounds = [Ground(street_region(seed)[0]) for seed in SEEDS]
    pairs = [ground.routes.modes_m for ground in grounds if len(ground.routes.modes_m) == 2]
    assert sum(bool((one != other).any()) for one, other in pairs) > 10
