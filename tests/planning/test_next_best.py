"""What to buy or open next: what is planned for real agrees with its limits, and stopping early misses nothing."""

from dataclasses import replace

import pytest
from planning.town import town

from cosmolocal.investments import list_proposals
from cosmolocal.planning.next_best import Asked, a_year, find_next, measure
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import (
    CapacityPeriod,
    Declined,
    Investments,
    LotState,
    MachineGroup,
    MachineOffer,
    Proposal,
    Purchase,
    WorkshopOffer,
)

SETTINGS = SolveSettings(20, 0.0)


def machine(process: str, price_cents: int) -> MachineOffer:
    group = MachineGroup(
        f"new-{process}", process, 1, 1_000, (CapacityPeriod(600, 600, 600),), (500, 400, 100), ("plywood",)
    )
    return MachineOffer(group.id, process, group, Purchase(price_cents, 0, 10))


@pytest.fixture(scope="module")
def small_town() -> tuple[Asked, tuple[Proposal, ...]]:
    region, orders = town(2, 10)
    # half of the hours, so that machines are full
    region = replace(
        region,
        workshops=tuple(
            replace(shop, groups=tuple(replace(group, periods=(CapacityPeriod(90, 90, 90),)) for group in shop.groups))
            for shop in region.workshops
        ),
    )
    plan = plan_orders(region, orders, Provenance("town", {}), SETTINGS)
    offers = Investments(
        (machine("cutting", 20_000), machine("sewing", 90_000_000)),
        (WorkshopOffer("corner", "Corner", (("new-cutting", 1), ("new-sewing", 1)), Purchase(300_000, 10_000, 10)),),
        ("shop-0", "shop-3", "shop-6", "place-1", "place-7"),
    )
    return Asked(region, orders, plan), list_proposals(region, offers)


def gain(asked: Asked, proposal: Proposal) -> int:
    return a_year(asked.weeks, measure(asked, proposal, SETTINGS, Watch()).saved_cents) - proposal.annuity_cents


def test_what_was_not_planned_is_really_no_better_where_that_is_proved(small_town):
    asked, proposals = small_town
    found = find_next(asked, proposals, len(proposals), SETTINGS, Watch())
    assert found.open_cents == 0
    every = {proposal.id: proposal for proposal in proposals}
    measured = [row for row in found.ranked if row.measured]
    planned = {row.proposals[0] for row in measured}
    best = max([0, *(a_year(asked.weeks, row.measured.saved_cents) - row.annuity_cents for row in measured)])
    assert planned < every.keys()
    assert all(gain(asked, proposal) <= best for name, proposal in every.items() if name not in planned)


def test_each_proposal_stands_in_the_list_once_the_best_first(small_town):
    asked, proposals = small_town
    found = find_next(asked, proposals, 2, SETTINGS, Watch())
    names = [name for row in found.ranked for name in row.proposals]
    assert sorted(names) == sorted(proposal.id for proposal in proposals)
    measured = [row for row in found.ranked if row.measured]
    assert 1 <= len(measured) <= 2
    gains = [a_year(asked.weeks, row.measured.saved_cents) - row.annuity_cents for row in measured]
    assert gains == sorted(gains, reverse=True)
    for row in measured:
        assert 0 <= row.measured.saved_cents <= row.measured.most_cents <= row.limit_cents
        assert row.own_limit_cents <= row.limit_cents
        assert row.measured.minutes > 0 or row.measured.lots == 0


def test_without_planning_there_are_limits_only(small_town):
    asked, proposals = small_town
    found = find_next(asked, proposals, 0, SETTINGS, Watch())
    assert not any(row.measured for row in found.ranked)
    assert {row.offer for row in found.ranked} == {"new-cutting", "new-sewing", "corner"}


def test_who_stops_it_gets_what_was_found(small_town):
    asked, proposals = small_town
    watch = Watch()
    watch.stop.set()
    found = find_next(asked, proposals, 3, SETTINGS, watch)
    assert not any(row.measured for row in found.ranked)


def test_what_serves_nobody_saves_nothing_however_far_the_plan_at_hand_is_from_its_best(small_town):
    asked, proposals = small_town
    best = asked.plan
    far = plan_orders(asked.region, asked.orders, Provenance("town", {}), SolveSettings(20, 0.9, solver="prices"))
    assert far.cost_cents > best.cost_cents
    bought = next(proposal for proposal in proposals if proposal.offer == "new-cutting")
    useless = replace(bought, groups=tuple(replace(group, materials=("steel",)) for group in bought.groups))
    settled = replace(asked, plan=far).settled(SETTINGS, Watch())
    found = measure(settled, useless, SETTINGS, Watch())
    assert (found.saved_cents, found.lots, found.minutes) == (0, 0, 0)


def test_what_people_said_of_a_plan_holds_beside_it(small_town):
    asked, proposals = small_town
    assert asked.is_free
    edited = asked.plan_beside(asked.region, SETTINGS, Watch())
    assert replace(asked, plan=edited).is_free, "a plan of a scenario follows another one, and promises nothing"
    states = {row.lot: LotState.ACCEPTED for row in asked.plan.allocations}
    provenance = Provenance("town", {})
    promised = replan_orders(asked.region, asked.orders, provenance, SETTINGS, Previous(asked.plan, states))
    bound = replace(asked, plan=promised)
    assert not bound.is_free
    found = measure(bound, proposals[0], SETTINGS, Watch())
    assert found.lots == found.new_lots, "all lots stay where they were promised"
    declined = replace(promised.changes, earlier=(), pinned=(), declined=(Declined("lot", "shop-0", ""),))
    assert not replace(asked, plan=replace(promised, changes=declined)).is_free
