"""GeoJSON of a plan."""

import json
from dataclasses import replace
from typing import Any

from samples import ORDERS, PLAN, REGION

from cosmolocal.exports.geo import build_geojson
from cosmolocal.records import Trip


def features(kind: str, plan: Any = PLAN) -> list[Any]:
    collection = json.loads(build_geojson(plan, ORDERS, REGION))
    assert collection["type"] == "FeatureCollection"
    return [feature for feature in collection["features"] if feature["properties"]["kind"] == kind]


def test_places_say_how_much_of_what_they_ordered_is_made_in_the_region():
    north, south = (feature["properties"] for feature in features("neighbourhood"))
    assert (north["ordered_units"], north["local_units"]) == (4, 4)
    assert (south["ordered_units"], south["local_units"]) == (3, 0)


def test_positions_are_longitude_first():
    assert features("neighbourhood")[0]["geometry"] == {"type": "Point", "coordinates": [2.17, 41.42]}


def test_workshops_carry_the_minutes_they_work():
    assert [(item["properties"]["id"], item["properties"]["machine_minutes"]) for item in features("workshop")] == [
        ("makers", 95),
        ("joiners", 40),
    ]


def test_a_leg_is_a_line_through_every_place_it_passes():
    parts, delivery = features("leg")
    assert parts["geometry"]["coordinates"] == [[2.16, 41.40], [2.15, 41.38]]
    assert delivery["geometry"]["coordinates"] == [[2.15, 41.38], [2.16, 41.40], [2.17, 41.42]]
    assert (delivery["properties"]["distance_m"], delivery["properties"]["mass_g"]) == (6400, 4800)


def test_a_leg_from_a_place_to_itself_is_still_a_line_of_two_positions():
    """RFC 7946, section 3.1.4."""
    leg = replace(PLAN.allocations[0].legs[0], to_place="makers", via=("makers",))
    plan = replace(PLAN, allocations=(replace(PLAN.allocations[0], legs=(leg,)),))
    [feature] = features("leg", plan)
    assert feature["geometry"]["coordinates"] == [[2.16, 41.40], [2.16, 41.40]]


def test_a_shared_trip_is_a_line_from_its_start_to_its_end():
    leg = PLAN.allocations[0].legs[-1]
    trip = Trip(leg.from_place, leg.to_place, leg.mode, leg.week, leg.distance_m, 2, 150, 300, 9, 301)
    [line] = features("trip", replace(PLAN, trips=(trip,)))
    delivery = features("leg")[-1]["geometry"]["coordinates"]
    assert line["geometry"] == {"type": "LineString", "coordinates": [delivery[0], delivery[-1]]}
    assert (line["properties"]["trips"], line["properties"]["load_kg"], line["properties"]["mode"]) == (
        2,
        150,
        leg.mode,
    )
    assert features("trip") == []
