"""What the page of the network shows of the area that is reached from a workshop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.exports.area_tables import polygon_geometry
from cosmolocal.exports.tables import Row
from cosmolocal.records import Mode, Region
from cosmolocal.web.asking import Asked
from cosmolocal.web.fault_words import tell
from cosmolocal.web.languages import count, km
from cosmolocal.web.names import Names
from cosmolocal.web.shared import workspace
from cosmolocal.web.words import gettext, ngettext
from cosmolocal.workflows.reachable import Reachable, reachable_area

MINUTES = 20
COLUMNS = ("workshop", "mode", "minutes", "place", "name", "kind", "district", "population")


@dataclass(frozen=True, slots=True)
class Reach:
    """The form of what is asked, what was found, and why nothing was."""

    workshop: str
    mode: str
    minutes: int
    #: (id, name), by name
    workshops: list[tuple[str, str]]
    modes: list[tuple[str, str]]
    found: Reachable | None = None
    #: sentences
    faults: tuple[str, ...] = ()

    def as_args(self) -> dict[str, str]:
        """Return what is asked as parts of an address."""
        if not self.workshop:
            return {}
        return {"from": self.workshop, "mode": self.mode, "minutes": str(self.minutes)}


def find_reach(args: Mapping[str, str], region: Region, names: Names) -> Reach:
    """Return what ``from``, ``mode`` and ``minutes`` ask for; raises `InputError` where one is not known."""
    modes = [(mode.id, mode.name) for mode in region.network.modes]
    workshops = sorted(((shop.id, shop.name) for shop in region.workshops), key=lambda pair: pair[1].casefold())
    asked = Asked(args, names)
    workshop = asked.choice("from", names.workshops)
    mode = asked.choice("mode", names.modes, modes[0][0] if modes else "")
    minutes = asked.number("minutes")
    asked.finish()
    reach = Reach(workshop, mode, MINUTES if minutes is None else minutes, workshops, modes)
    if not workshop:
        return reach
    try:
        found = reachable_area(workspace(), workshop, reach.minutes, mode)
    except InputError as error:
        faults = tuple(tell(problem) for problem in error.problems)
        return Reach(workshop, mode, reach.minutes, workshops, modes, faults=faults)
    return Reach(workshop, mode, reach.minutes, workshops, modes, found)


def require_reach(args: Mapping[str, str], region: Region, names: Names) -> Reachable:
    """Return what an address asks for.

    Raises
    ------
    NotFoundError
        When it names no workshop.
    InputError
        When nothing can be found for it.
    """
    reach = find_reach(args, region, names)
    if not reach.workshop:
        raise NotFoundError("name a workshop with from=ID")
    return reach.found or reachable_area(workspace(), reach.workshop, reach.minutes, reach.mode)


def tell_how(found: Reachable, mode: Mode, detour_factor: float) -> str:
    """Return in words how an area was found."""
    if found.radius_m is None:
        return gettext("Found on the streets of the region, at the speed of the mode.")
    words = {"radius": km(found.radius_m), "speed": count(mode.speed_kmh), "factor": count(detour_factor, 2)}
    if found.is_cut:
        return gettext(
            "The region names no streets, so this is a circle of %(radius)s: as far as %(mode)s goes at most, "
            "with ways %(factor)s times as long as the straight line.",
            mode=mode.name,
            **words,
        )
    return gettext(
        "The region names no streets, so this is a circle of %(radius)s: at %(speed)s km/h, "
        "with ways %(factor)s times as long as the straight line.",
        **words,
    )


def tell_reached(found: Reachable, names: Names) -> str:
    """Return in words what is reached."""
    words: dict[str, Any] = {"workshop": names.place(found.workshop), "mode": names.modes.get(found.mode, found.mode)}
    return ngettext(
        "%(workshop)s reaches %(num)s place within %(minutes)s minutes by %(mode)s.",
        "%(workshop)s reaches %(num)s places within %(minutes)s minutes by %(mode)s.",
        len(found.places),
        minutes=count(found.minutes),
        **words,
    )


def reach_rows(found: Reachable) -> list[Row]:
    """Return the places that are reached by ``COLUMNS``."""
    asked: Row = {"workshop": found.workshop, "mode": found.mode, "minutes": found.minutes}
    return [
        {
            **asked,
            "place": place.id,
            "name": place.name,
            "kind": str(place.kind),
            "district": place.district,
            "population": place.population,
        }
        for place in found.places
    ]


def reach_geojson(found: Reachable) -> dict[str, Any]:
    """Return the area as a FeatureCollection of one feature."""
    properties = {
        "workshop": found.workshop,
        "mode": found.mode,
        "minutes": found.minutes,
        "radius_m": found.radius_m,
        "places": [place.id for place in found.places],
    }
    feature = {"type": "Feature", "properties": properties, "geometry": polygon_geometry(found.polygons)}
    return {"type": "FeatureCollection", "features": [feature]}
