"""The rolling simulation: what it keeps, and that all policies meet the same fates."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.generator import make_region
from benchmarks.ppe import (
    FIRST_DAY,
    LONGEST_WAIT,
    Fate,
    Offer,
    Replanner,
    State,
    Weights,
    World,
    first_come_first_matched,
    make_world,
    measure,
    nearest_first,
    read_world,
    simulate,
    spot,
)
from benchmarks.replan import change
from cosmolocal.planning.solvers.solution import SolveSettings

PPE = Path(__file__).parents[2] / "shared" / "data" / "ppe"
WORLD = make_world(3, donors=25, recipients=60, weeks=6)
OURS = Replanner(settings=SolveSettings(seconds=10, gap=0.02))
POLICIES = {"first": first_come_first_matched, "nearest": nearest_first, "ours": OURS}


@pytest.fixture(scope="module")
def runs() -> dict[str, State]:
    return {name: simulate(WORLD, policy) for name, policy in POLICIES.items()}


@pytest.mark.parametrize("name", POLICIES)
def test_nobody_gives_more_than_they_have_or_gets_more_than_they_asked_for(runs, name):
    sent, got = Counter(), Counter()
    for row in runs[name].shipments:
        assert row.quantity > 0
        sent[row.donor, row.item] += row.quantity
        got[row.recipient, row.item] += row.quantity
    assert sent, "something was delivered"
    for total, offers in ((sent, WORLD.donations), (got, WORLD.requests)):
        for key, units in total.items():
            assert units <= sum(offer.quantity for offer in offers if offer.key == key)


@pytest.mark.parametrize("name", POLICIES)
def test_what_is_free_and_what_is_promised_make_up_what_there_is(runs, name):
    state = runs[name]
    for side, who in ((state.stocks, "donor"), (state.wants, "recipient")):
        for key, stock in side.items():
            moved = [row for row in (*state.promises, *state.shipments) if (getattr(row, who), row.item) == key]
            assert stock.free >= 0
            assert stock.free + sum(row.quantity for row in moved) == stock.whole


def test_a_fate_belongs_to_donor_recipient_item_and_attempt_alone():
    one, again = make_world(3), make_world(3)
    assert [one.fate("a", "b", "masks", n) for n in range(9)] == [again.fate("a", "b", "masks", n) for n in range(9)]
    assert len({one.fate("a", f"b{n}", "masks", 1) for n in range(50)}) > 1
    assert spot("a", 0) == spot("a", 0) != spot("a", 1)


def test_who_failed_is_not_asked_again_by_us():
    asked_again = []

    def watched(state: State, week: int) -> None:
        failed = {(donor, item): set(those) for (donor, item), those in state.failed.items()}
        old = {id(promise) for promise in state.promises}
        OURS(state, week)
        new = [promise for promise in state.promises if id(promise) not in old]
        asked_again.extend(one for one in new if one.recipient in failed.get((one.donor, one.item), ()))

    state = simulate(WORLD, watched)
    assert state.failed
    assert asked_again == []


def test_without_moves_nothing_is_taken_back_and_with_a_budget_no_more_than_it():
    still = simulate(WORLD, replace(OURS, most_moves=0))
    assert still.withdrawn == 0
    assert measure(still, Weights())["churn"] == 0.0
    limited = simulate(WORLD, replace(OURS, most_moves=1))
    assert limited.withdrawn <= 2 * WORLD.weeks, "one for each of two items a week"


def test_an_accepted_promise_is_never_taken_back():
    offers = (Offer("giver", "masks", 10, FIRST_DAY),)
    wants = (Offer("far", "masks", 10, FIRST_DAY), Offer("near", "masks", 10, FIRST_DAY))
    world = World(offers, wants, (Fate(2, True),), weeks=5)
    state = State(world)
    state.arrive(1)
    state.promise("giver", "far", "masks", 10, 1)
    [promise] = state.promises
    assert not promise.is_accepted(1)
    assert promise.is_accepted(2)
    OURS(state, 2)
    assert state.promises == [promise]


def test_the_figures_hold_the_five_metrics(runs):
    found = measure(runs["ours"], Weights())
    assert 0 < found["fill_rate"] <= found["fill_rate_excluding_zeros"] <= 1
    assert found["shipments_per_donor"] >= 1
    assert 0 < found["served_share"] <= 1


def test_ours_is_nearer_than_first_come_and_fills_more_than_nearest(runs):
    ours, first, nearest = (measure(runs[name], Weights()) for name in ("ours", "first", "nearest"))
    assert ours["unit_miles"] < first["unit_miles"]
    assert ours["fill_rate"] > nearest["fill_rate"]


def test_one_part_in_a_hundred_changes():
    problem = make_region(400, 12, weeks=4, seed=1)
    changed = change(problem, 2)
    lots = set(problem.option_lot()[problem.option_cost != changed.option_cost].tolist())
    assert 0 < len(lots) < 16
    assert 0 < int((problem.capacity != changed.capacity).sum()) < 10
    assert np.array_equal(problem.use_amount, changed.use_amount)


@pytest.mark.skipif(not PPE.is_dir(), reason="../shared/data/ppe is absent")
def test_a_slice_of_the_real_weeks():
    """The first weeks have next to no deliveries."""
    world = read_world(PPE, weeks=6)
    failed = sum(not fate.delivered for fate in world.fates) / len(world.fates)
    assert 0.37 < failed < 0.40
    assert {fate.weeks for fate in world.fates} == set(range(1, LONGEST_WAIT + 1))
    ours, first = (measure(simulate(world, policy), Weights()) for policy in (OURS, first_come_first_matched))
    assert ours["unit_miles"] < first["unit_miles"]
    assert ours["fill_rate_excluding_zeros"] > first["fill_rate_excluding_zeros"]
