"""The tiny regions, where lots share trips and hubs pass loads on."""

import random
from dataclasses import replace

from planning.tiny_regions import random_region

from cosmolocal.records import Order, Place, PlaceKind, Region


def shared_region(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region with shared trips, mostly with a hub."""
    region, orders = random_region(seed)
    dice = random.Random(seed + 5_000)
    places = tuple(place for place in region.places if place.kind is not PlaceKind.HUB)
    ids = {place.id for place in places} | {workshop.id for workshop in region.workshops}
    if dice.random() < 0.7:
        # near the middle, where passing by may be worth it
        middle = [sum(getattr(place, axis) for place in places) / len(places) for axis in ("lat", "lon")]
        limit, handling = dice.choice((None, None, 2, 30)), dice.choice((0, 0, 3))
        hub = Place("hub", "Hub", PlaceKind.HUB, *middle, weekly_capacity_kg=limit, handling_cents_per_kg=handling)
        places, ids = (*places, hub), ids | {"hub"}
    links = tuple(rule for rule in region.network.links if {rule.from_place, rule.to_place} <= ids)
    modes = tuple(replace(mode, max_load_g=dice.choice((2_000, 9_000, 20_000))) for mode in region.network.modes)
    network = replace(region.network, share_trips=True, modes=modes, links=links)
    some = orders[: dice.choice((2, 3))]
    orders = tuple(replace(order, place=order.place if order.place in ids else places[0].id) for order in some)
    return replace(region, places=places, network=network), orders
