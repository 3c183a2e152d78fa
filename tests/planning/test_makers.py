"""Who can make a design: verdicts over all parts, and figures that are those of a plan of that one order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from planning.brute_force import best_by_workshop, cost_of_import
from planning.planned import planned
from planning.tiny_regions import random_region
from planning.town import town
from planning.workbench import MONDAY, design, edit, group, workshop
from planning.workbench import REGION as WORKBENCH

from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.makers import Ability, Inquiry, Judge, Maker, find_makers
from cosmolocal.planning.matching import Answer
from cosmolocal.planning.obstacles import find_obstacles
from cosmolocal.planning.ways import WayFinder
from cosmolocal.planning.wording import MAKER_REASONS, reason_sentence
from cosmolocal.records import Operation, Order, Part, Priority, Process, Region, Tolerance, Vocabulary

SEEDS = range(0, 260, 5)
REGION = replace(WORKBENCH, vocabulary=Vocabulary((*WORKBENCH.vocabulary.processes, Process("sewing", "Sewing"))))


def alone(order: Order) -> Order:
    """Return the order as an inquiry can ask for it."""
    return replace(order, release_date=None, splittable=False, max_distance_m=None, priority=Priority.NORMAL)


def cases(seed: int) -> list[tuple[Region, Order, Ground, Inquiry]]:
    region, orders = random_region(seed)
    ground = Ground(region)
    found = []
    for order in orders[:2]:
        chosen = ground.catalogue.find(order.design, order.version)
        if chosen is not None:
            inquiry = Inquiry(chosen.key, order.quantity, order.place, order.due_date)
            found.append((region, alone(order), ground, inquiry))
    return found


def figures(ground: Ground, inquiry: Inquiry) -> dict[str, int]:
    makers = find_makers(ground, inquiry).makers
    return {maker.workshop: maker.total_cents for maker in makers if maker.total_cents is not None}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_figure_is_the_cost_of_the_best_plan_that_ends_in_that_workshop(seed: int):
    """The oracle tries every way of the order that ends there, each within the capacities, and shares no code."""
    for region, order, ground, inquiry in cases(seed):
        assert figures(ground, inquiry) == best_by_workshop(region, order)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_of_that_order_alone_allocates_at_the_figure_of_its_workshop(seed: int):
    for region, order, ground, inquiry in cases(seed):
        plan = planned(region, (order,))
        found = find_makers(ground, inquiry)
        by_shop = {maker.workshop: maker for maker in found.makers}
        for row in plan.allocations:
            maker = by_shop[row.workshop]
            assert maker.total_cents == plan.cost_cents == min(figures(ground, inquiry).values())
            assert (maker.overtime_cents, maker.fairness_cents) == (plan.overtime_cents, plan.fairness_cents)
        for row in plan.unmet:
            assert found.imported == row.cost
            assert all(cents >= row.cost.total_cents for cents in figures(ground, inquiry).values())


@pytest.mark.parametrize("seed", SEEDS)
def test_who_can_make_it_has_ways_and_who_cannot_has_none(seed: int):
    """The verdict is found without ways; the finder of ways agrees on each workshop."""
    for region, _, ground, inquiry in cases(seed):
        bill = ground.catalogue.bill(inquiry.design)
        makers = {maker.workshop: maker for maker in find_makers(ground, inquiry).makers}
        assert list(makers) == [shop.id for shop in region.workshops]
        finder = WayFinder(ground, inquiry.quantity)
        for shop in ground.workshops.values() if isinstance(bill, TaskNode) else ():
            reachable = finder.carry(bill, shop, inquiry.place) is not None
            able = bool(finder.ways(bill, shop)) and reachable
            assert able == (makers[shop.id].ability in (Ability.CAN, Ability.TOGETHER))
            if not able:
                assert makers[shop.id].because
        for maker in makers.values():
            assert (maker.allocation is None) == bool(maker.because)
            assert bool(maker.elsewhere) == (maker.ability is Ability.TOGETHER)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_unknown_everywhere_is_unknown_for_the_region(seed: int):
    for _, _, ground, inquiry in cases(seed):
        bill = ground.catalogue.bill(inquiry.design)
        makers = find_makers(ground, replace(inquiry, place=None)).makers
        if isinstance(bill, TaskNode) and any(maker.ability is Ability.UNKNOWN for maker in makers):
            asked = {reason.code for maker in makers if maker.ability is Ability.UNKNOWN for reason in maker.because}
            assert asked <= {"unknown-requirement", "unknown-machine"}
            judge = Judge(ground, bill, inquiry)
            open_ends = [judge.whole(bill, shop) for shop in ground.workshops.values()]
            assert Answer.UNKNOWN in open_ends
            if Answer.CAN not in open_ends:
                assert not figures(ground, inquiry)


@pytest.mark.parametrize("orders", [4])
def test_few_considered_ways_hide_no_workshop_and_never_flatter(orders: int):
    """With one way per workshop the figure may be dearer, but whoever has a way within the capacities is found."""
    region, book = town(3, orders)
    few = replace(region, settings=replace(region.settings, routes_per_workshop=1, makers_per_part=1))
    for order in book:
        for quantity in (order.quantity, 3 * order.quantity):
            inquiry = Inquiry(f"{order.design}@1.0.0", quantity, order.place)
            full, narrow = figures(Ground(region), inquiry), figures(Ground(few), inquiry)
            assert narrow.keys() == full.keys()
            assert all(narrow[shop] >= full[shop] for shop in full)


def maker_in(region: Region, workshop_id: str = "north", **asked) -> Maker:
    inquiry = Inquiry(**{"design": "us~shelf@1.0.0", "quantity": 2, **asked})
    return next(one for one in find_makers(Ground(region), inquiry).makers if one.workshop == workshop_id)


def changed(path: str, value) -> Region:
    return edit(REGION, path, value)


@pytest.mark.parametrize(
    ("region", "asked", "code", "values"),
    [
        (changed("workshops.0.groups.0.materials", ("felt",)), {}, "maker-material", {"material": "plywood"}),
        (
            changed("workshops.0.groups.0.envelope_mm", (400, 200, 50)),
            {},
            "maker-envelope",
            {"wanted_mm": "300 × 20 × 400", "offered_mm": "400 × 200 × 50"},
        ),
        (changed("workshops.0.groups.0.minimum_lot", 3), {}, "maker-minimum-lot", {"from_units": 3}),
        (changed("workshops.0.groups.0.process", "welding"), {}, "maker-process", {"process": "cutting", "part": ""}),
        (
            changed("designs.0.parts.0.operations.0.tolerance", Tolerance.FINE),
            {},
            "maker-tolerance",
            {"wanted": "fine", "offered": "medium"},
        ),
        (changed("workshops.0.radius_m", 3_599), {"place": "home"}, "maker-radius", {"distance_m": 3_600}),
        (changed("network.modes", ()), {"place": "home"}, "no-way", {"place": "home", "mass_g": 3_000}),
    ],
)
def test_a_workshop_that_cannot_says_which_check_fails(region: Region, asked, code: str, values):
    maker = maker_in(region, **asked)
    assert (maker.ability, maker.allocation, [reason.code for reason in maker.because]) == (
        Ability.CANNOT,
        None,
        [code],
    )
    assert values.items() <= maker.because[0].values.items()


def test_every_check_that_fails_is_told():
    region = edit(changed("workshops.0.groups.0.materials", ("felt",)), "workshops.0.groups.0.minimum_lot", 3)
    assert [reason.code for reason in maker_in(region).because] == ["maker-material", "maker-minimum-lot"]


def test_a_workshop_that_is_not_active_makes_nothing():
    maker = maker_in(REGION, "spare")
    assert [(reason.code, reason.values) for reason in maker.because] == [("maker-closed", {"status": "planned"})]


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("designs.0.parts.0.operations.0.unknown", ("material",), "unknown-requirement", "material"),
        ("designs.0.parts.0.operations.0.seconds", None, "unknown-requirement", "minutes"),
        ("designs.0.parts.0.operations", (), "unknown-requirement", "operations"),
        ("workshops.0.groups.0.materials", None, "unknown-machine", "material"),
    ],
)
def test_what_nobody_has_said_is_unknown_and_named(path: str, value, code: str, field: str):
    maker = maker_in(changed(path, value))
    assert (maker.ability, maker.total_cents) == (Ability.UNKNOWN, None)
    assert [(reason.code, reason.values["field"]) for reason in maker.because] == [(code, field)]


def test_a_part_made_elsewhere_is_named_with_who_makes_it():
    """Only the south sews, only the north cuts."""
    maker = maker_in(REGION, "south", design="us~lamp@1.0.0", place="home")
    assert maker.ability is Ability.TOGETHER
    assert [(part.path, part.part, part.workshops) for part in maker.elsewhere] == [("shade", "shade", ("north",))]
    assert {task.path: task.workshop for task in maker.allocation.tasks} == {
        "": "south",
        "shade": "north",
        "stand": "south",
    }
    assert [reason.code for reason in maker_in(REGION, "north", design="us~lamp@1.0.0").because] == ["maker-process"]


def test_a_part_that_nobody_may_bring_is_named():
    near = changed("workshops.0.radius_m", 5_000)
    maker = maker_in(near, "south", design="us~lamp@1.0.0")
    assert [(reason.code, reason.values["part"]) for reason in maker.because] == [("maker-part", "shade")]


def test_a_part_that_no_machine_of_the_region_takes_says_why():
    maker = maker_in(changed("workshops.0.groups.0.materials", ("felt",)), "south", design="us~lamp@1.0.0")
    assert [reason.code for reason in maker.because] == ["no-material"]
    region = changed("workshops.0.groups.0.materials", ("felt",))
    bill = Ground(region).catalogue.bill("us~lamp@1.0.0")
    assert list(maker.because) == find_obstacles(Ground(region), bill, 2)[0]


def test_who_has_all_machines_makes_all_parts():
    both = workshop("both", 41.40, group("cutting", 600, 600), group("sewing", 600, 600))
    region = replace(REGION, workshops=(*REGION.workshops, both))
    maker = maker_in(region, "both", design="us~lamp@1.0.0")
    assert (maker.ability, maker.elsewhere) == (Ability.CAN, ())


def test_without_a_place_it_is_fetched_and_travels_nowhere():
    cost = maker_in(REGION).allocation.cost
    assert (cost.transport_cents, cost.distance_m) == (0, 0)
    assert maker_in(REGION, place="home").allocation.cost.distance_m > 0


def test_a_lot_beyond_any_week_has_no_figure_and_says_so():
    """190 minutes at most a week; 20 shelves need 202."""
    maker = maker_in(REGION, quantity=20)
    assert (maker.ability, maker.total_cents) == (Ability.CAN, None)
    [reason] = maker.because
    assert (reason.code, reason.values["resource"], reason.values["minutes"]) == (
        "too-large",
        "north/laser-cutting",
        12,
    )


def test_a_day_too_early_is_too_late():
    maker = maker_in(REGION, "south", design="us~lamp@1.0.0", due_date=MONDAY - timedelta(days=15))
    assert [reason.code for reason in maker.because] == ["too-late"]


def test_a_way_that_carries_too_little_is_named():
    maker = maker_in(changed("network.links.0.weekly_capacity_kg", 5), place="home")
    assert [(reason.code, reason.values["kg"]) for reason in maker.because] == [("maker-link", 1)]


def test_a_bill_that_cannot_be_taken_apart_is_unknown():
    maker = maker_in(changed("designs.1.bom.0.part", "missing"), "south", design="us~lamp@1.0.0")
    assert (maker.ability, [reason.code for reason in maker.because]) == (Ability.UNKNOWN, ["unknown-bom"])


def test_the_operation_that_nobody_knows_is_unknown_in_every_workshop():
    secret = design("secret", (Part("", 10, (Operation(None, None, unknown=("process", "minutes")),)),))
    region = replace(REGION, designs=(*REGION.designs, secret))
    for name in ("north", "south"):
        because = maker_in(region, name, design="us~secret@1.0.0").because
        assert [reason.values["field"] for reason in because] == ["process", "minutes"]


@pytest.mark.parametrize("code", MAKER_REASONS)
def test_every_reason_has_a_sentence_without_gaps(code: str):
    values = {"place": "x", "part": "x", "process": "x", "resource": "x", "week": 1}
    asked = {
        "status",
        "material",
        "wanted_mm",
        "offered_mm",
        "wanted",
        "offered",
        "from_units",
        "distance_m",
        "radius_m",
    }
    assert "%" not in reason_sentence(code, {**dict.fromkeys([*asked, "kg"], 1), **values})


def test_the_import_stands_beside():
    """The plan's own figure of leaving it unmet."""
    order = Order("A", "us~shelf", "*", 2, "home", MONDAY)
    found = find_makers(Ground(REGION), Inquiry("us~shelf@1.0.0", 2, "home"))
    assert found.imported == cost_of_import(REGION, order)
