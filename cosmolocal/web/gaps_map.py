"""Maps of what a region lacks: missing hours by neighbourhood, and where the next workshops would go."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from cosmolocal.exports.classes import find_limits, level_of
from cosmolocal.exports.map_layers import MapLayers, Shade
from cosmolocal.exports.site_map import Site, draw_sites
from cosmolocal.exports.svg_map import LegendEntry, draw_map
from cosmolocal.network.routes import all_places
from cosmolocal.records import Proposal, Region
from cosmolocal.records.siting import ChosenSite
from cosmolocal.web.gaps_view import GridRow
from cosmolocal.web.languages import hours
from cosmolocal.web.measures_view import tell_classes
from cosmolocal.web.names import Names
from cosmolocal.web.words import gettext

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map with what its shades mean."""

    svg: str
    legend: tuple[LegendEntry, ...]


def draw_gaps(layers: MapLayers, rows: Iterable[GridRow]) -> Drawn:
    """Return the map of neighbourhoods by the machine hours that they lack, as the table beside it shows them."""
    minutes = {row.place: row.minutes for row in rows}
    limits = find_limits(minutes.values())
    areas = []
    for area in layers.areas:
        missing = minutes.get(area.place.id, 0)
        words = hours(missing) if missing else gettext("none missing")
        areas.append(replace(area, shade=Shade(level_of(missing, limits), f"{area.place.name}: {words}")))
    plain = replace(layers, areas=tuple(areas), flows=(), hubs=(), chosen=frozenset())
    told = gettext("Machine hours that are missing for what each neighbourhood asked for; marks are workshops.")
    svg = draw_map(plain, gettext("Map of missing hours"), told, gettext, legend=False)
    classes = tell_classes(limits, hours, gettext("none missing"))
    return Drawn(
        svg,
        (
            *(LegendEntry("area", f"map-level-{level}", words) for level, words in classes),
            LegendEntry("workshop", "map-workshop", gettext("workshop with its number")),
        ),
    )


def letter_of(number: int) -> str:
    """Return the letter of a chosen site, by its number from 0: A to Z, then A2 to Z2."""
    again, letter = divmod(number, len(LETTERS))
    return f"{LETTERS[letter]}{again + 1}" if again else LETTERS[letter]


def draw_siting(
    layers: MapLayers, region: Region, sites: tuple[ChosenSite, ...], proposals: Collection[Proposal], names: Names
) -> str:
    """Return the map of chosen sites, of places where something could open, and of whom the chosen would serve."""
    at = {place.id: (place.lat, place.lon) for place in all_places(region)}
    chosen = [
        Site(letter_of(number), site.place, *at[site.place], f"{site.name}, {names.place(site.place)}", site.places)
        for number, site in enumerate(sites)
        if site.place in at
    ]
    taken = {site.place for site in chosen}
    free = [
        Site("", place, *at[place], gettext("%(place)s: could open", place=names.place(place)))
        for place in candidate_places(proposals)
        if place in at and place not in taken
    ]
    by_place: dict[str, list[str]] = defaultdict(list)
    for site in chosen:
        for place in site.serves:
            by_place[place].append(site.letter)
    told_of = {
        place: gettext("%(place)s: would be served by %(sites)s", place=names.place(place), sites=", ".join(letters))
        for place, letters in by_place.items()
    }
    words = (
        gettext("Map of the next workshops"),
        gettext(
            "Diamonds are chosen sites, with lines to the neighbourhoods they would serve; circles could open too."
        ),
    )
    return draw_sites(replace(layers, flows=(), hubs=()), [*chosen, *free], words, told_of)


def candidate_places(proposals: Collection[Proposal]) -> list[str]:
    """Return the ids of the places where a new workshop could open, in order."""
    return sorted({proposal.place for proposal in proposals if proposal.opened is not None})
