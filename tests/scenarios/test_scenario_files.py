"""Scenario files: what is written is read again, what is wrong is all told, what is applied is what the file says."""

from dataclasses import replace
from datetime import date

import pytest
from planning.tiny_regions import random_region

from cosmolocal.errors import InputError
from cosmolocal.files import parse_yaml
from cosmolocal.records import PlaceKind, WorkshopStatus
from cosmolocal.records.scenarios import (
    AddMachines,
    ChangeDemand,
    ChangeHours,
    ChangeLink,
    ChangeMachines,
    ChangePrice,
    ChangeRadius,
    ChangeSettings,
    CloseWorkshop,
    MachineDown,
    OpenWorkshop,
    Scenario,
)
from cosmolocal.scenarios import (
    KINDS,
    append_edit,
    apply_scenario,
    kind_of,
    parse_scenario,
    remove_edit,
    write_scenario,
)

HEAD = "scenario: {title: one}\n"


def region_with_many(start: int = 0):
    """Return a tiny region with at least two workshops, orders among them."""
    return next(
        (region, orders)
        for region, orders in map(random_region, range(start, start + 100))
        if len(region.workshops) >= 2 and all(shop.status is WorkshopStatus.ACTIVE for shop in region.workshops)
    )


def every_edit():
    region, _ = region_with_many()
    one, other = region.workshops[:2]
    group = one.groups[0]
    process = "laser-cutting"
    return (
        OpenWorkshop(
            replace(one, id="new-shop", name="Ñew: #1", groups=(replace(group, process=process),), closures=())
        ),
        AddMachines(one.id, replace(group, id="new-group", process=process)),
        ChangeMachines(one.id, group.id, 2),
        MachineDown(one.id, date(2026, 9, 7), date(2026, 9, 9), group.id),
        MachineDown(one.id, date(2026, 9, 7), date(2026, 9, 9)),
        ChangeHours(120),
        ChangeHours(80, one.id, group.id),
        ChangePrice(90, one.id),
        ChangeDemand(150, "", "Gràcia", "us~lamp"),
        ChangeSettings((("co2e_cents_per_kg", "50"), ("priority_percent.high", "300"))),
        ChangeRadius(one.id, 4500),
        ChangeRadius(one.id, None),
        ChangeLink(one.id, other.id, closed=True),
        ChangeLink(one.id, other.id, weekly_capacity_kg=20),
        CloseWorkshop(other.id),
    )


def test_what_is_written_is_read_again_as_it_was():
    edits = every_edit()
    assert {kind_of(edit) for edit in edits} == set(KINDS)
    scenario = Scenario("one", "A title: with #signs", "Two\nlines", edits)
    assert parse_scenario(write_scenario(scenario), "one") == scenario


@pytest.mark.parametrize("number", range(15))
def test_an_edit_added_to_a_text_leaves_all_else_as_it_is(number: int):
    edit = every_edit()[number]
    text = "# why\nscenario:\n  title: one  # said\nedits:\n  - hours: {percent: 90}  # less\n"
    plain = parse_plain(write_scenario(Scenario("one", "one", "", (edit,))), kind_of(edit))
    changed = append_edit(text, "one", kind_of(edit), plain)
    assert changed.startswith(text)
    assert parse_scenario(changed, "one").edits == (ChangeHours(90), edit)
    assert parse_scenario(remove_edit(changed, "one", 0), "one").edits == (edit,)
    assert remove_edit(changed, "one", 0).startswith("# why\n")


def parse_plain(text: str, kind: str):
    return parse_yaml(text, "x", "W070")["edits"][0][kind]


def test_a_first_edit_can_be_added():
    for text in (HEAD, HEAD + "edits: []\n", HEAD + "edits:\n"):
        assert parse_scenario(append_edit(text, "one", "hours", {"percent": "90"}), "one").edits == (ChangeHours(90),)


def test_all_faults_of_a_file_are_told_with_place_value_and_rule():
    text = """
scenario: {}
edits:
- hours: {percent: many}
- machines: {workshop: A b, group: x, change: 0}
- machine-down: {workshop: a, first_day: 2026-09-09, last_day: 2026-09-08}
- fly: {}
- link: {from: a, to: a}
- settings: {start_date: 2026-09-07}
- hours: {percent: 90, group: laser}
more: 1
"""
    with pytest.raises(InputError) as caught:
        parse_scenario(text, "one")
    places = {problem.where.removeprefix("scenarios/one.yaml: ") for problem in caught.value.problems}
    assert places >= {
        "scenario.title",
        "edits[0].hours.percent",
        "edits[1].machines.workshop",
        "edits[1].machines.change",
        "edits[2].machine-down.last_day",
        "edits[3]",
        "edits[4].link.to",
        "edits[5].settings.start_date",
        "edits[6].hours.group",
        "more",
    }


def test_all_edits_that_do_not_fit_the_region_are_told():
    region, orders = region_with_many()
    one = region.workshops[0]
    edits = (
        CloseWorkshop("nowhere"),
        OpenWorkshop(one),
        AddMachines(one.id, one.groups[0]),
        ChangeMachines(one.id, one.groups[0].id, -99),
        ChangeDemand(50, "nowhere", "none", "no~design"),
        ChangeLink("nowhere", one.id),
        ChangeSettings((("weeks", "0"), ("unknown", "1"))),
        CloseWorkshop(one.id),
        ChangeRadius(one.id, 1),
    )
    with pytest.raises(InputError) as caught:
        apply_scenario(region, orders, Scenario("one", "One", "", edits))
    codes = sorted(problem.code for problem in caught.value.problems)
    assert [code for code in codes if code != "W022"] == [*["W073"] * 5, "W074", "W074", "W075", "W076"]
    places = {problem.where for problem in caught.value.problems if problem.code == "W022"}
    assert places >= {f"scenarios/one.yaml: edits[6].settings.{name}" for name in ("weeks", "unknown")}


def test_a_scenario_without_edits_changes_nothing():
    region, orders = region_with_many()
    assert apply_scenario(region, orders, Scenario("one", "One")) == (region, orders)


def test_edits_do_what_they_say():
    region, orders = region_with_many()
    shop = next(shop for shop in region.workshops if shop.groups)
    group = shop.groups[0]
    edits = (
        ChangeHours(50, shop.id, group.id),
        ChangePrice(200, shop.id),
        ChangeMachines(shop.id, group.id, 3),
        ChangeDemand(150),
        MachineDown(shop.id, date(2026, 9, 7), date(2026, 9, 9), group.id),
    )
    edited, more = apply_scenario(region, orders, Scenario("one", "One", "", edits))
    [now] = [each for each in edited.workshops if each.id == shop.id]
    [then] = [each for each in now.groups if each.id == group.id]
    assert [each.agreed_minutes for each in then.periods] == [
        (each.agreed_minutes * 50 + 50) // 100 for each in group.periods
    ]
    assert then.hourly_cost_cents == 2 * group.hourly_cost_cents
    assert then.machines == group.machines + 3
    assert [order.quantity for order in more] == [(order.quantity * 150 + 50) // 100 for order in orders]
    assert now.closures[-1].group == group.id
    assert [each for each in edited.workshops if each.id != shop.id] == [
        each for each in region.workshops if each.id != shop.id
    ]


def test_demand_is_filtered_by_place_and_nothing_is_left_of_none():
    region, orders = region_with_many()
    home = next(order.place for order in orders)
    known = {place.id for place in region.places if place.kind is not PlaceKind.WORKSHOP} | {
        shop.id for shop in region.workshops
    }
    assert home in known
    _, left = apply_scenario(region, orders, Scenario("one", "One", "", (ChangeDemand(0, home),)))
    assert left == tuple(order for order in orders if order.place != home)
