"""Where is it? The places of a region by what people write: its own lists first, others only where it says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cosmolocal.network.geocoding import Asked, FoundPlace, OwnPlaces, Quality, Spot, read_addresses
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Geocoding, Workshop
from cosmolocal.region import read_places, read_region_file
from cosmolocal.workflows.inputs import PLACES, REGION, WORKSHOPS, collect
from cosmolocal.workshops.register import read_workshops

__all__ = ["FoundPlace", "Places", "Quality", "nearest_places", "open_places"]


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a region that can be looked for."""

    own: OwnPlaces
    #: None: the region names nobody else who may be asked
    others: Asked | None = None

    @property
    def silent(self) -> str:
        """Return the server that was asked and did not answer; "": there is none."""
        return self.others.server.domain if self.others is not None and self.others.is_silent else ""

    def find(self, text: str, most: int = 5) -> tuple[FoundPlace, ...]:
        """Return what a text may mean, the best first; others are asked only where the region says so, and last."""
        found = self.own.find(text, most)
        if self.others is not None and not (found and found[0].is_sure):
            return (*found, *self.others.find(text, most))[:most]
        return found


def open_places(folder: Path, workshops: Sequence[Workshop] | None = None) -> Places:
    """Return the places of a region: neighbourhoods, hubs, workshops, and the address list that region.yaml names.

    A file at fault gives no places here; `validate` tells what is wrong with it.
    """
    file = collect([], lambda: read_region_file(folder / REGION))
    geocoding = Geocoding() if file is None else file.geocoding
    spots: list[Spot] = []
    for place in collect([], lambda: read_places(folder / PLACES)) or ():
        spots.append(Spot(place.name, place.lat, place.lon, place.id, place.kind.value))
    if workshops is None:
        workshops = collect([], lambda: read_workshops(folder / WORKSHOPS, load_vocabulary()))
    for shop in workshops or ():
        spots.append(Spot(shop.name, shop.lat, shop.lon, shop.id, "workshop", shop.address))
    if geocoding.addresses is not None:
        spots += collect([], lambda: read_addresses(folder / str(geocoding.addresses))) or ()
    return Places(OwnPlaces(spots), None if geocoding.nominatim is None else Asked(geocoding.nominatim))


def nearest_places(folder: Path, lat: float, lon: float, most: int = 3) -> tuple[FoundPlace, ...]:
    """Return the places of the region nearest to a point, e.g. one that was clicked on the map."""
    return open_places(folder).own.nearest(lat, lon, most)
