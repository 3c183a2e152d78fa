"""The sample's order books are what their script says, and their awkward orders are awkward in the way they claim."""

import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from geopy.distance import geodesic

from cosmolocal.designs.load import load_designs
from cosmolocal.orders import read_orders
from cosmolocal.processes import ancestors_by_process, load_vocabulary
from cosmolocal.records import Design, Order, Place, Priority, Workshop, WorkshopStatus
from cosmolocal.region import RegionFile, read_places, read_region_file
from cosmolocal.versions import best_version
from cosmolocal.workshops.register import read_workshops

ROOT = Path(__file__).parents[1]
VOCABULARY = load_vocabulary()
BOOKS = ("autumn", "small")


@cache
def region() -> RegionFile:
    return read_region_file(ROOT / "region.yaml")


@cache
def places() -> dict[str, Place]:
    return {place.id: place for place in read_places(ROOT / "places.csv")}


@cache
def active_workshops() -> tuple[Workshop, ...]:
    workshops = read_workshops(ROOT / "workshops.yaml", VOCABULARY)
    return tuple(workshop for workshop in workshops if workshop.status is WorkshopStatus.ACTIVE)


@cache
def designs() -> dict[str, dict[str, Design]]:
    by_id: dict[str, dict[str, Design]] = {}
    for design in load_designs(ROOT / "designs", VOCABULARY)[0]:
        by_id.setdefault(design.id, {})[design.version] = design
    return by_id


def design_of(order: Order) -> Design:
    version = best_version(designs()[order.design], order.version)
    assert version is not None, order
    return designs()[order.design][version]


def book(name: str) -> tuple[Order, ...]:
    return read_orders(ROOT / "orders" / f"{name}.csv", places().keys(), designs().keys())


def awkward(kind: str) -> list[Order]:
    found = [order for order in book("autumn") if order.id.startswith(f"X-{kind}-")]
    assert found
    return found


@pytest.mark.parametrize("name", BOOKS)
def test_the_script_reproduces_the_book_byte_for_byte(name):
    command = [sys.executable, str(ROOT / "sample" / "make_orders.py"), name]
    made = subprocess.run(command, capture_output=True, check=True, cwd=ROOT / "sample")
    assert made.stdout == (ROOT / "orders" / f"{name}.csv").read_bytes()


@pytest.mark.parametrize("name", BOOKS)
def test_every_order_names_a_version_that_exists(name):
    assert all(design_of(order) for order in book(name))


def test_the_book_has_at_least_400_orders_over_eight_weeks():
    ordinary = [order for order in book("autumn") if not order.id.startswith("X-")]
    weeks = Counter((order.due_date - region().settings.start_date).days // 7 for order in ordinary)
    assert len(ordinary) >= 400
    assert set(weeks) == set(range(8))
    assert min(weeks.values()) >= 25


def test_demand_follows_population():
    """The more populous half of the neighbourhoods orders about as much more as it has more people."""
    orders = Counter(order.place for order in book("autumn") if not order.id.startswith("X-"))
    people = {place.id: place.population for place in places().values() if place.population}
    large = sorted(people, key=people.__getitem__)[len(people) // 2 :]
    share_of_people = sum(people[place] for place in large) / sum(people.values())
    share_of_orders = sum(orders[place] for place in large) / sum(orders.values())
    assert len(people) == 73
    assert share_of_orders == pytest.approx(share_of_people, abs=0.05)


def test_x_too_large_has_a_part_that_exceeds_every_machine_of_its_process():
    ancestors = ancestors_by_process(VOCABULARY)
    for order in awkward("too-large"):
        operations = [operation for part in design_of(order).parts for operation in part.operations]
        longest = max((o for o in operations if o.envelope_mm), key=lambda o: max(o.envelope_mm))
        reach = [
            max(group.envelope_mm)
            for workshop in active_workshops()
            for group in workshop.groups
            if longest.process in ancestors[group.process] and group.envelope_mm
        ]
        assert reach
        assert max(reach) < max(longest.envelope_mm)


def test_x_radius_has_no_workshop_within_the_orders_distance():
    for order in awkward("radius"):
        place = places()[order.place]
        nearest = min(geodesic((w.lat, w.lon), (place.lat, place.lon)).m for w in active_workshops())
        assert order.max_distance_m < nearest * region().network.detour_factor


def test_x_unknown_has_a_requirement_nobody_has_confirmed():
    for order in awkward("unknown"):
        assert any(operation.unknown for part in design_of(order).parts for operation in part.operations)


def test_x_past_is_due_before_the_first_week_and_one_of_them_is_beyond_lateness():
    settings = region().settings
    dues = [order.due_date for order in awkward("past")]
    assert max(dues) < settings.start_date
    assert min(dues) < settings.start_date - timedelta(weeks=settings.max_late_weeks) <= max(dues)


def test_x_emergency_is_for_face_shields_with_the_highest_priority():
    assert {(order.priority, order.design.partition("~")[2]) for order in awkward("emergency")} == {
        (Priority.EMERGENCY, "face-shield")
    }


def agreed_minutes(process: str) -> int:
    """Return the minutes all machines of exactly this process promise over the region's weeks, closed days aside."""
    mondays = [region().settings.start_date + timedelta(weeks=week) for week in range(region().settings.weeks)]
    return sum(
        group.machines * period.agreed_minutes
        for workshop in active_workshops()
        for group in workshop.groups
        if group.process == process
        for period in group.periods
        for monday in mondays
        if (period.valid_from or date.min) <= monday <= (period.valid_to or date.max)
    )


def minutes_asked(design: Design, into: str, quantity: int, process: str) -> float:
    part = next(part for part in design.parts if part.name == into)
    minutes = sum(quantity * (o.seconds or 0) / 60 for o in part.operations if o.process == process)
    for line in design.bom:
        if line.into == into and line.part is not None:
            minutes += minutes_asked(design, line.part, quantity * line.quantity, process)
        if line.into == into and line.design is not None:
            version = best_version(designs()[line.design], line.version)
            minutes += minutes_asked(designs()[line.design][version], "", quantity * line.quantity, process)
    return minutes


def test_x_beyond_has_lots_larger_than_any_workshop_can_make_in_a_week():
    most_lots = region().settings.max_lots_per_order
    for order, process in zip(awkward("beyond"), ("pcb-milling", "vinyl-cutting"), strict=True):
        lots = min(most_lots, order.quantity // order.minimum_lot) if order.splittable else 1
        most = max(
            sum(g.machines * max(p.maximum_minutes for p in g.periods) for g in w.groups if g.process == process)
            for w in active_workshops()
        )
        assert minutes_asked(design_of(order), "", order.quantity // lots, process) > most


@pytest.mark.parametrize("process", ["cnc-routing", "fdm-printing", "turning"])
def test_ordinary_orders_ask_for_a_fifth_to_a_half_of_the_promised_hours(process):
    ordinary = [order for order in book("autumn") if not order.id.startswith("X-")]
    asked = sum(minutes_asked(design_of(order), "", order.quantity, process) for order in ordinary)
    assert 0.2 <= asked / agreed_minutes(process) <= 0.5
