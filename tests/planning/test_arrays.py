"""What is worked out for all workshops at once is what is worked out one by one."""

import random
from dataclasses import replace

import numpy as np
import pytest
from planning.tiny_regions import random_region

from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.haulage import NEVER, Reach
from cosmolocal.planning.ways import WayFinder, haul_weight, machine_minutes

SEEDS = range(60)


def bills(ground: Ground) -> list[TaskNode]:
    found = [ground.catalogue.bill(key) for key in ground.catalogue.by_key]
    return [bill for bill in found if isinstance(bill, TaskNode)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_of_hauls_holds_what_each_haul_weighs(seed: int):
    region, _ = random_region(seed)
    dice, ground = random.Random(seed), Ground(region)
    rows, columns = np.arange(len(ground.shops)), np.arange(len(ground.routes.links.places))
    for ignore_radius in (False, True):
        finder = WayFinder(ground, dice.randint(1, 40), ignore_radius)
        for bill in bills(ground):
            load = bill.mass_g, bill.quantity * finder.quantity
            weights = ground.haulage.weights(load, rows, columns, Reach(is_limited=not ignore_radius))
            for row, shop in enumerate(ground.shops):
                for column, place in enumerate(ground.routes.links.places):
                    carried = finder.carry(bill, shop, place.id)
                    expected = NEVER if carried is None else haul_weight(ground, carried)
                    assert weights[row, column] == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_minutes_and_able_groups_are_those_of_each_group(seed: int):
    region, _ = random_region(seed)
    ground = Ground(region)
    for operation in {step for bill in bills(ground) for node in bill.walk() for step in node.operations}:
        for quantity in (1, 2, 9):
            able = ground.machines.able(operation, quantity)
            fitting = ground.fitting(operation, quantity)
            groups = [ground.machines.groups[number] for number in able.tolist()]
            assert {(shop.id, group.id) for shop, group in groups} == {
                (shop, group.id) for shop, found in fitting.items() for group in found
            }
            assert ground.machines.minutes(operation, able, quantity).tolist() == [
                machine_minutes(operation, group, quantity) for _, group in groups
            ]


@pytest.mark.parametrize("limits", [(1, 1), (2, 1), (3, 3), (99, 999)])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_workshop_s_cheapest_way_weighs_is_known_before_it_is_made(seed: int, limits: tuple[int, int]):
    region, _ = random_region(seed)
    settings = replace(region.settings, makers_per_part=limits[0], routes_per_workshop=limits[1])
    ground, dice = Ground(replace(region, settings=settings)), random.Random(seed)
    prices = {(shop.id, group.id): dice.choice((0, 700)) for shop in ground.shops for group in shop.groups}
    finder = WayFinder(ground, 4, prices=prices)
    for bill in bills(ground):
        for node in bill.walk():
            for row, shop in enumerate(ground.shops):
                ways = finder.ways(node, shop)
                assert finder.least(node)[row] == (ways[0].weight if ways else NEVER)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bundle_of_links_holds_the_limited_links_of_its_route(seed: int):
    region, _ = random_region(seed)
    ground = Ground(region)
    resources, limited = Resources(ground), Resources(ground).limited_routes
    for row, shop in enumerate(ground.shops):
        for column, place in enumerate(ground.routes.links.places):
            route = ground.routes.find(shop.id, place.id)
            links = [resources.link(*link) for link in (() if route is None else route.links())]
            expected = [link // resources.weeks - len(resources.groups) for link in links if link is not None]
            bundle = -1 if limited is None else int(limited.bundle[row, column])
            found: list[int] = []
            if limited is not None and bundle >= 0:
                ends = [*limited.start.tolist(), len(limited.links)]
                found = limited.links[ends[bundle] : ends[bundle + 1]].tolist()
            assert found == expected
