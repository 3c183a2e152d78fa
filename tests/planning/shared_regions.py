"""The tiny regions, where lots share trips and hubs pass loads on."""

import random
from dataclasses import replace

from network.made_up_streets import over_streets
from planning.tiny_regions import random_region
from planning.workbench import ORDERS, REGION, SHELF

from cosmolocal.records import OffStreets, Order, Place, PlaceKind, Region


def shared_region(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region with shared trips, mostly with a hub."""
    region, orders = random_region(seed)
    dice = random.Random(seed + 5_000)
    places = tuple(place for place in region.places if place.kind is not PlaceKind.HUB)
    ids = {place.id for place in places} | {workshop.id for workshop in region.workshops}
    if dice.random() < 0.7:
        # in the middle, where passing by may be worth it
        ends = places[0], region.workshops[0]
        middle = [round(sum(getattr(place, axis) for place in ends) / 2, 5) for axis in ("lat", "lon")]
        limit, handling = dice.choice((None, None, 4, 9, 30)), dice.choice((0, 0, 3))
        hub = Place("hub", "Hub", PlaceKind.HUB, *middle, weekly_capacity_kg=limit, handling_cents_per_kg=handling)
        places, ids = (*places, hub), ids | {"hub"}
    links = tuple(rule for rule in region.network.links if {rule.from_place, rule.to_place} <= ids)
    modes = tuple(replace(mode, max_load_g=dice.choice((2_000, 9_000, 20_000))) for mode in region.network.modes)
    if dice.random() < 0.5:
        # far places: by bike over the hub, or dear by van
        bike = replace(modes[0], cents_per_trip=dice.choice((10, 60)), cents_per_km=20, max_distance_m=4_500)
        modes = (bike, *(replace(mode, cents_per_trip=1_500) for mode in modes[1:]))
    network = replace(region.network, share_trips=True, modes=modes, links=links)
    some = orders[: dice.choice((2, 3))]
    is_one = dice.random() < 0.5
    orders = tuple(
        replace(each, place=places[0].id if is_one or each.place not in ids else each.place) for each in some
    )
    return replace(region, places=places, network=network), orders


def shared_street_region(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region with shared trips in which each mode goes at its own distances."""
    region, orders = shared_region(seed)
    return over_streets(region, seed, tuple(OffStreets)[seed % 2]), orders


def two_lots() -> tuple[Region, tuple[Order, ...]]:
    """Return a region in which two orders for the same place are each half of what a bike carries."""
    shelf = replace(SHELF, parts=(replace(SHELF.parts[0], mass_g=2_000),))
    [north] = [shop for shop in REGION.workshops if shop.id == "north"]
    bike = replace(REGION.network.modes[0], max_load_g=20_000)
    network = replace(REGION.network, modes=(bike,), links=(), share_trips=True)
    orders = tuple(replace(ORDERS[0], id=name, splittable=False) for name in ("A", "B"))
    roomy = replace(north, groups=tuple(replace(group, machines=4) for group in north.groups))
    settings = replace(REGION.settings, weeks=1, fairness_cents_per_hour=0, import_penalty_percent=900)
    return replace(REGION, workshops=(roomy,), network=network, designs=(shelf,), settings=settings), orders
