"""What somebody may have meant who named a place that there is not."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from cosmolocal.errors import InputError
from cosmolocal.network.geocoding import OwnPlaces, Spot, read_addresses
from cosmolocal.records import Region
from cosmolocal.region import read_region_file


def spots_of(region: Region) -> list[Spot]:
    """Return the places of a region that can be looked for."""
    places = [Spot(place.name, place.lat, place.lon, place.id, place.kind.value) for place in region.places]
    shops = [Spot(shop.name, shop.lat, shop.lon, shop.id, "workshop", shop.address) for shop in region.workshops]
    return places + shops


def suggest_places(region: Region, region_file: Path | None = None) -> Callable[[str], str]:
    """Return what names a place that a text may mean, with how well it fits; "": none.

    With the region's file its list of addresses is looked through too. Nothing is built before something is asked.
    """

    @cache
    def places() -> OwnPlaces:
        return OwnPlaces(spots_of(region) + _addresses(region_file))

    def suggest(text: str) -> str:
        best = next((place for place in places().find(text) if place.id), None)
        return "" if best is None else f"{best.id} ({best.name}, {best.quality.value})"

    return suggest


def _addresses(region_file: Path | None) -> list[Spot]:
    if region_file is None:
        return []
    try:
        name = read_region_file(region_file).geocoding.addresses
        return list(read_addresses(region_file.parent / name)) if name else []
    except InputError:  # `validate` tells
        return []
