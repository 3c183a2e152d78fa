"""From one plan to the next, on tiny regions by the hundred: laws, and the best plan under the rules by trying all."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import pytest
from planning.brute_force import Choice, highest, import_choice, list_choices, search
from planning.planned import PROVED, PROVENANCE, audited, planned, tiny_plan
from planning.town import town

from cosmolocal.errors import InputError
from cosmolocal.exports.plan_file import plan_to_bytes
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.earlier import places_of
from cosmolocal.planning.plans import Provenance
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.planning.solvers.compiled import THREADS
from cosmolocal.planning.solvers.solution import SolveSettings
from cosmolocal.records import (
    Allocation,
    Declined,
    LotState,
    Order,
    Plan,
    Region,
    StoppedBy,
    WorkshopStatus,
)

SEEDS = range(30)


@dataclass(frozen=True, slots=True)
class Follow:
    """A plan and the one that follows it."""

    region: Region
    orders: tuple[Order, ...]
    first: Plan
    previous: Previous
    plan: Plan

    def rows(self) -> dict[str, Allocation]:
        return {row.lot: row for row in self.plan.allocations}

    def before(self) -> dict[str, Allocation]:
        return {row.lot: row for row in self.first.allocations}

    def stays(self, lot: str) -> bool:
        return lot in self.rows() and standing(self.rows()[lot]) == standing(self.before()[lot])


def standing(row: Allocation):
    return places_of(row), row.week


def change_rates(region: Region, dice: random.Random) -> Region:
    """Let machine hours cost something else, so that a free plan would look different."""
    workshops = tuple(
        replace(
            shop,
            groups=tuple(replace(group, hourly_cost_cents=dice.choice((300, 2_000, 9_000))) for group in shop.groups),
        )
        for shop in region.workshops
    )
    return replace(region, workshops=workshops)


def follow(seed: int, most_moves: int | None = None, move_cents: int = 0, states: bool = True) -> Follow:
    """Plan, let rates change and people speak, and plan again."""
    dice = random.Random(seed)
    region, orders, first = tiny_plan(seed)
    said: dict[str, LotState] = {}
    declined = []
    for row in first.allocations if states else ():
        state = dice.choice((None, LotState.ACCEPTED, LotState.STARTED, LotState.DECLINED))
        if state is not None:
            said[row.lot] = state
        if state is LotState.DECLINED:
            declined.append(Declined(row.lot, dice.choice(row.tasks).workshop, "too busy"))
    previous = Previous(first, said, tuple(declined), most_moves, move_cents)
    changed = change_rates(region, dice)
    plan = replan_orders(changed, orders, PROVENANCE, PROVED, previous)
    return Follow(changed, orders, first, previous, plan)


def menus_of(case: Follow) -> list[list[Choice]]:
    """Return what each lot may do under the rules: one place if kept, nowhere that it was declined."""
    facts = Facts(case.region, case.orders, highest)
    declined = {(row.lot, row.workshop) for row in case.previous.declined}
    menus = []
    for lot, demand in facts.demands.items():
        old = case.before().get(lot)
        state = case.previous.states.get(lot)
        menu = []
        for choice in [*list_choices(facts, demand), import_choice(facts, demand)]:
            row = choice.row
            here = isinstance(row, Allocation)
            is_old = here and old is not None and standing(row) == standing(old)
            if here and any((lot, task.workshop) in declined for task in row.tasks):
                continue
            must_stay = old is not None and state in (LotState.ACCEPTED, LotState.STARTED)
            if old is not None and state is not LotState.DECLINED and case.previous.most_moves == 0:
                must_stay = True
            if must_stay and not is_old:
                continue
            moves = old is not None and state is not LotState.DECLINED and not is_old and not must_stay
            menu.append(replace(choice, cents=choice.cents + case.previous.move_cents * moves))
        menus.append(menu)
    return menus


def check_best(case: Follow) -> None:
    facts = Facts(case.region, case.orders, highest)
    least, _ = search(facts, menus_of(case))
    changes = case.plan.changes
    assert changes is not None
    steered = case.plan.cost_cents + changes.move_cents * changes.counted_moves
    assert steered == least
    assert changes.steered_bound_cents <= least
    assert audited(case.plan, case.region, case.orders).problems == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_is_the_best_that_keeps_what_was_promised_and_asks_nobody_twice(seed: int):
    check_best(follow(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_move_allowed_all_stays_and_the_rest_is_best(seed: int):
    case = follow(seed, most_moves=0)
    check_best(case)
    assert all(case.stays(row.lot) for row in case.plan.changes.earlier if row.hindrance is None)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_a_cost_of_moves_the_sum_is_best(seed: int):
    check_best(follow(seed, move_cents=400))


@pytest.mark.parametrize("seed", SEEDS)
def test_kept_lots_stay_and_declined_ones_never_come_back(seed: int):
    case = follow(seed, most_moves=random.Random(seed).choice((None, 1)))
    for lot, state in case.previous.states.items():
        if state is not LotState.DECLINED:
            assert case.stays(lot)
    again = replan_orders(case.region, case.orders, PROVENANCE, PROVED, Previous(case.plan, {}))
    assert again.changes is not None
    assert again.changes.declined == case.plan.changes.declined, "a third plan still knows"
    for plan in (case.plan, again):
        for row in case.previous.declined:
            shops = {task.workshop for each in plan.allocations if each.lot == row.lot for task in each.tasks}
            assert row.workshop not in shops
    kept = {row.lot for row in case.plan.changes.kept}
    assert kept <= {row.lot for row in again.changes.kept}, "what was promised stays promised"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_closed_workshop_is_told_lot_by_lot_and_what_it_made_is_planned_anew(seed: int):
    dice = random.Random(seed)
    region, orders, first = tiny_plan(seed)
    shops = sorted({task.workshop for row in first.allocations for task in row.tasks})
    if not shops:
        return
    closed = dice.choice(shops)
    workshops = tuple(
        replace(shop, status=WorkshopStatus.CLOSED) if shop.id == closed else shop for shop in region.workshops
    )
    changed = replace(region, workshops=workshops)
    states = {row.lot: LotState.ACCEPTED for row in first.allocations}
    plan = replan_orders(changed, orders, PROVENANCE, PROVED, Previous(first, states, (), 0))
    assert audited(plan, changed, orders).problems == ()
    concerned = {row.lot for row in first.allocations if any(task.workshop == closed for task in row.tasks)}
    hindered = {row.lot: row.hindrance for row in plan.changes.conflicts}
    assert hindered.keys() == concerned
    assert {reason.code for reason in hindered.values()} <= {"closed"}
    assert all(move.forced for move in plan.changes.moves)


@pytest.mark.parametrize("seed", SEEDS)
def test_lost_hours_release_started_lots_last_and_the_audit_agrees(seed: int):
    region, orders, first = tiny_plan(seed)
    dice = random.Random(seed)
    states = {row.lot: dice.choice((LotState.ACCEPTED, LotState.STARTED)) for row in first.allocations}
    workshops = tuple(
        replace(
            shop,
            groups=tuple(
                replace(
                    group,
                    periods=tuple(
                        replace(p, agreed_minutes=25, actual_minutes=25, maximum_minutes=25) for p in group.periods
                    ),
                )
                for group in shop.groups
            ),
        )
        for shop in region.workshops
    )
    changed = replace(region, workshops=workshops)
    plan = replan_orders(changed, orders, PROVENANCE, PROVED, Previous(first, states, (), 0))
    assert audited(plan, changed, orders).problems == ()
    for row in plan.changes.conflicts:
        assert row.hindrance.code == "no-hours"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_week_later_the_past_is_history_and_what_has_begun_goes_on(seed: int):
    region, orders, first = tiny_plan(seed)
    settings = replace(region.settings, start_date=region.settings.start_date + timedelta(weeks=1))
    later = replace(region, settings=settings)
    plan = replan_orders(later, orders, PROVENANCE, PROVED, Previous(first, {}))
    assert audited(plan, later, orders).problems == ()
    by_lot = {row.lot: row for row in plan.changes.earlier}
    assert by_lot.keys() == {row.lot for row in first.allocations}
    for row in first.allocations:
        state = by_lot[row.lot].state
        begun = min(task.week for task in row.tasks) < 1
        assert state is (LotState.DONE if row.week < 1 else LotState.STARTED if begun else LotState.PLANNED)
        if state is LotState.DONE:
            assert row.lot not in {each.lot for each in (*plan.allocations, *plan.unmet)}
        if state is LotState.STARTED and by_lot[row.lot].hindrance is None:
            [now] = [each for each in plan.allocations if each.lot == row.lot]
            assert now.week == row.week - 1
    third = replan_orders(later, orders, PROVENANCE, PROVED, Previous(plan, {}))
    assert third.changes.done == plan.changes.done
    assert audited(third, later, orders).problems == ()


def test_the_same_input_gives_the_same_plan_and_other_words_another_id():
    one, two = follow(5, 1), follow(5, 1)
    assert one.plan == two.plan
    other = replan_orders(one.region, one.orders, PROVENANCE, PROVED, replace(one.previous, most_moves=2))
    plain = planned(one.region, one.orders)
    assert len({one.plan.id, other.id, plain.id}) == 3


@cache
def town_before(first_orders: int, settings: SolveSettings, **few_ways: int) -> Follow:
    """Return a town with the plan of its first orders, solved once for all tests that begin with it."""
    region, orders = town(1, 60)
    region = replace(region, settings=replace(region.settings, **few_ways))
    first = planned(region, orders[:first_orders], settings)
    return Follow(region, orders, first, Previous(first, {}), first)


@pytest.mark.parametrize("most_moves", [0, 3, None])
def test_a_town_is_planned_again_within_the_gap_and_the_budget(most_moves: int | None):
    """Not all ways are options here: prices find more, and the bound holds beyond them."""
    settings = SolveSettings(seconds=6, gap=0.02)
    before = town_before(55, settings, workshops_per_lot=3, makers_per_part=2)
    limited, orders, first = before.region, before.orders, before.first
    rows = first.allocations
    states = {row.lot: LotState.ACCEPTED for row in rows[::3]}
    declined = tuple(Declined(row.lot, row.workshop) for row in rows[1::9])
    states |= {row.lot: LotState.DECLINED for row in declined}
    previous = Previous(first, states, declined, most_moves)
    plan = replan_orders(limited, orders, Provenance("book", {}), settings, previous)
    assert audited(plan, limited, orders).problems == ()
    assert plan.changes.free_bound_cents <= plan.bound_cents <= plan.cost_cents
    assert most_moves is None or plan.changes.counted_moves <= most_moves


@pytest.mark.parametrize("most_moves", [None, 0, 3])
def test_a_flow_that_was_asked_for_is_refused_even_where_everything_may_stay(most_moves: int | None):
    """The gap is so wide that nothing needs solving; an option that was given is not ignored all the same."""
    region, orders = town(1, 20)
    settings = SolveSettings(seconds=20.0, gap=0.9, solver="flow")
    previous = Previous(planned(region, orders, replace(settings, solver="auto")), {}, (), most_moves)
    with pytest.raises(InputError, match="P093"):
        replan_orders(region, orders, PROVENANCE, settings, previous)


@pytest.fixture
def threads() -> Iterator[None]:
    """Put the number of threads back."""
    count = THREADS.count
    yield
    THREADS.set_count(count)


@pytest.mark.parametrize("most_moves", [None, 3])
@pytest.mark.usefixtures("threads")
def test_the_number_of_threads_changes_nothing_in_a_plan_that_follows_another(most_moves: int | None):
    settings = SolveSettings(120.0, 0.03, 1)
    before = town_before(60, settings)
    region, orders, first = before.region, before.orders, before.first
    said = {row.lot: LotState.ACCEPTED for row in first.allocations[::5]}
    declined = tuple(Declined(row.lot, row.workshop, "too busy") for row in first.allocations[1::7])
    said |= {row.lot: LotState.DECLINED for row in declined}
    previous = Previous(first, said, declined, most_moves, 50)
    changed = change_rates(region, random.Random(1))
    found = set()
    for count in (1, 2, 5):
        THREADS.set_count(count)
        plan = replan_orders(changed, orders, PROVENANCE, settings, previous)
        assert plan.stopped_by not in (StoppedBy.CLOCK, StoppedBy.PERSON)
        found.add(plan_to_bytes(plan))
    assert len(found) == 1
    assert audited(plan, changed, orders).problems == ()
