"""The districts of a region: neighbourhoods that say they lie in the same one, with its area."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cosmolocal.errors import Problem
from cosmolocal.exports.area_files import Areas, Known, Polygon, check_areas, check_spots, fold, read_areas
from cosmolocal.exports.areas import find_homes
from cosmolocal.exports.outlines import join
from cosmolocal.records import Place, Region

#: stands for the district of neighbourhoods that name none
NO_DISTRICT = "unknown"


@dataclass(frozen=True, slots=True)
class District:
    """A district and its neighbourhoods."""

    #: its name without accents, case and signs; ``NO_DISTRICT``: none is known
    id: str
    name: str
    homes: tuple[Place, ...]
    polygons: tuple[Polygon, ...] = ()

    @property
    def population(self) -> int | None:
        """Return the people of its neighbourhoods; None: that of one of them is unknown."""
        return add_known(place.population for place in self.homes)

    @property
    def middle(self) -> tuple[float, float]:
        """Return latitude and longitude of the mean of its neighbourhoods' centres."""
        count = len(self.homes)
        return sum(place.lat for place in self.homes) / count, sum(place.lon for place in self.homes) / count


def add_known(numbers: Iterable[int | None]) -> int | None:
    """Return the sum of numbers; None: one of them is unknown."""
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def name_districts(region: Region) -> tuple[District, ...]:
    """Return the districts without their areas, by their name, last those of which none is known; or nothing at all."""
    homes = defaultdict[str, list[Place]](list)
    for place in find_homes(region):
        homes[fold(place.district) or NO_DISTRICT].append(place)
    unknown = homes.pop(NO_DISTRICT, [])
    found = [District(key, of_it[0].district, tuple(of_it)) for key, of_it in sorted(homes.items())]
    return (*found, District(NO_DISTRICT, "", tuple(unknown))) if found and unknown else tuple(found)


def find_districts(region: Region, folder: Path, areas: Areas) -> tuple[District, ...]:
    """Return the districts with their areas: from the region's file, else those of their neighbourhoods put together.

    Raises
    ------
    InputError
        When the region names a file of areas that cannot be used.
    """
    districts = name_districts(region)
    source = region.district_areas
    shapes: Areas = {} if source is None else read_areas(folder, source, _known(districts))
    return tuple(
        replace(one, polygons=shapes.get(one.id, ()) if _is_read(one, region) else _put_together(one, areas))
        for one in districts
    )


def _is_read(district: District, region: Region) -> bool:
    return region.district_areas is not None and district.id != NO_DISTRICT


def _put_together(district: District, areas: Areas) -> tuple[Polygon, ...]:
    return join(polygon for place in district.homes for polygon in areas.get(place.id, ()))


def check_area_files(region: Region, areas: Areas, districts: Iterable[District]) -> list[Problem]:
    """Return a warning for every neighbourhood and district that its file of areas leaves out."""
    warnings: list[Problem] = []
    if region.areas is not None:
        homes = find_homes(region)
        warnings += check_areas(region.areas, areas, [Known(place.id, place.name) for place in homes])
        spots = {place.id: (place.lat, place.lon) for place in homes}
        warnings += check_spots(region.areas, {name: areas[name] for name in areas if name in spots}, spots)
    if region.district_areas is not None:
        found = tuple(districts)
        shapes = {one.id: one.polygons for one in found if one.polygons}
        warnings += check_areas(region.district_areas, shapes, _known(found))
    return warnings


def _known(districts: Iterable[District]) -> list[Known]:
    return [Known(one.id, one.name) for one in districts if one.id != NO_DISTRICT]
