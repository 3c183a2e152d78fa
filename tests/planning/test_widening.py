"""What stays unmet is looked at again in every workshop."""

from dataclasses import replace

import pytest
from planning.brute_force import solve_by_brute_force
from planning.tiny_regions import random_region

from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.solvers.solution import SolveSettings

NARROW = {"workshops_per_lot": 1, "makers_per_part": 9, "routes_per_workshop": 9, "price_rounds": 0}


@pytest.mark.parametrize("seed", range(60))
def test_an_unmet_lot_has_been_tried_in_every_workshop(seed: int):
    """One workshop per lot is asked for; yet no lot stays unmet that some workshop has room and a better price for."""
    region, orders = random_region(seed)
    narrow = replace(region, settings=replace(region.settings, **NARROW))
    plan = plan_orders(narrow, orders, Provenance("tiny", {}), SolveSettings(seconds=10, gap=0.0))
    assert not any(reason.code == "gap" for row in plan.unmet for reason in row.reasons)
    assert plan.bound_cents <= solve_by_brute_force(region, orders).cost_cents <= plan.cost_cents
