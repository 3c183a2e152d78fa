"""What an investment saves at most: held against enumeration of all plans on tiny regions."""

import random
from dataclasses import replace

import pytest
from planning.brute_force import solve_by_brute_force
from planning.tiny_regions import random_region

from cosmolocal.investments import apply_proposal, list_proposals
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.savings import LOOKS, SavingLimits
from cosmolocal.records import (
    CapacityPeriod,
    Investments,
    MachineGroup,
    MachineOffer,
    Order,
    Plan,
    Price,
    Proposal,
    Purchase,
    Region,
    WorkshopOffer,
    WorkshopStatus,
)

MATERIALS = ("plywood", "felt")


def offers(dice: random.Random, region: Region) -> Investments:
    """Return one machine and one workshop that the region could have, in all places that could take them."""
    processes = ("cutting", "laser-cutting", "sewing")

    def machine(number: int) -> MachineOffer:
        minutes = dice.choice((20, 60, 240))
        group = MachineGroup(
            id=f"new-{number}",
            process=dice.choice(processes),
            machines=1,
            hourly_cost_cents=dice.choice((300, 1_550)),
            periods=(CapacityPeriod(minutes, minutes, minutes + dice.choice((0, 120))),),
            envelope_mm=(900, 600, 400),
            materials=MATERIALS,
            speed_percent=dice.choice((80, 200)),
        )
        return MachineOffer(group.id, group.id, group, Purchase(100_000, 0, 5))

    machines = (machine(0), machine(1))
    shop = WorkshopOffer("corner", "Corner", (("new-0", 1), ("new-1", 1)), Purchase(500_000, 0, 10))
    shops = [shop.id for shop in region.workshops if shop.status is WorkshopStatus.ACTIVE]
    return Investments(machines, (shop,), (*shops, *(place.id for place in region.places)))


def with_random_prices(dice: random.Random, plan: Plan, region: Region) -> Plan:
    """Return a plan with prices that nothing says are good; without a bound nobody looks for better ones."""
    resources = Resources(Ground(region))
    names = [resources.name(base)[0] for base in range(0, resources.fair_start, resources.weeks)]
    prices = [
        Price(name, week, dice.choice((0, 40, 900, 6_000))) for name in names for week in range(region.settings.weeks)
    ]
    return replace(plan, prices=tuple(prices), bound_cents=0)


def proposals_of(seed: int) -> tuple[Region, tuple[Order, ...], list[Proposal]]:
    region, orders = random_region(seed)
    dice = random.Random(seed)
    found = list(list_proposals(region, offers(dice, region)))
    return region, orders[:3], dice.sample(found, min(3, len(found)))


@pytest.mark.parametrize("seed", range(24))
def test_no_plan_with_an_investment_saves_more_than_its_limit(seed: int):
    """The law that lets the search stop: whatever the prices, with and without a closer look, alone or with others."""
    region, orders, proposals = proposals_of(seed)
    before = solve_by_brute_force(region, orders)
    limits = SavingLimits(region, orders, with_random_prices(random.Random(seed), before, region))
    for proposal in proposals:
        saved = before.cost_cents - solve_by_brute_force(apply_proposal(region, proposal), orders).cost_cents
        alike = [other for other in proposals if other.offer == proposal.offer]
        for looks in (0, LOOKS):
            assert saved <= limits.find([proposal], looks).saving_cents
            assert saved <= limits.find(alike, looks).saving_cents
        assert limits.find([proposal], LOOKS).own_cents <= limits.find([proposal]).own_cents


def test_the_limits_tell_something():
    """Were every limit the whole cost, the law above would hold and help nobody."""
    told = 0
    for seed in range(12):
        region, orders, proposals = proposals_of(seed)
        plan = replace(solve_by_brute_force(region, orders), bound_cents=0)
        limits = SavingLimits(region, orders, plan)
        told += sum(2 * limits.find([each], LOOKS).saving_cents < plan.cost_cents for each in proposals)
    assert told > 12
