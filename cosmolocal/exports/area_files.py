"""Files of areas: whose polygon each feature of a GeoJSON file is, by id, code or name."""

import math
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.files import parse_json, read_text
from cosmolocal.records import AreaFile

#: corners as (x, y) or (lon, lat), the first one not repeated at the end
Ring = tuple[tuple[float, float], ...]
#: outer ring first, then its holes
Polygon = tuple[Ring, ...]
#: the polygons of each place
Areas = Mapping[str, tuple[Polygon, ...]]

CODES = {
    "W080": "a file of areas is no GeoJSON, or a feature of it is no polygon of a known neighbourhood or district",
    "W081": "Warning: a neighbourhood or district has no polygon in its file of areas.",
    "W083": "Warning: the polygon of a neighbourhood lies far from its place.",
}
_CODE = "W080"
#: polygons farther from their places are doubted
FAR_DEGREES = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """Something that a feature may be the polygon of."""

    id: str
    name: str
    #: official number; "": none
    code: str = ""


def fold(name: str) -> str:
    """Return a name without accents, case and signs, its words joined by hyphens.

    >>> fold("Sants-Montju\u00efc"), fold("l'Antiga Esquerra  de l'Eixample")
    ('sants-montjuic', 'l-antiga-esquerra-de-l-eixample')
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = (sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    return "-".join("".join(letters).split())


def read_areas(folder: Path, source: AreaFile, known: Collection[Known]) -> Areas:
    """Return the polygons of a GeoJSON file by the ids of what is known; what the file leaves out has none.

    Raises
    ------
    InputError
        With every feature that is no polygon, or of which it is not clear whose it is.
    """
    where = source.file
    document = parse_json(read_text(folder / where, where, _CODE), where, _CODE)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        told = say("has no list of features; it must be a GeoJSON FeatureCollection")
        raise InputError([Problem(_CODE, where, told)])
    find = _finder(known)
    problems: list[Problem] = []
    areas: dict[str, tuple[Polygon, ...]] = {}
    for number, feature in enumerate(features):
        place = f"{where}: features[{number}]"
        if (names := _names(feature)) and source.property not in names:
            told = say("has no property %(name)s; it has %(names)s", name=source.property, names=", ".join(names))
            problems.append(Problem(_CODE, place, told))
            continue
        try:
            word, polygons = _word(feature, source.property), _polygons(feature["geometry"])
        except (KeyError, TypeError, ValueError) as error:
            rule = say(
                "is not a polygon with a property %(name)s: %(error)s",
                name=source.property,
                error=_fault(feature, error),
            )
            problems.append(Problem(_CODE, place, rule))
            continue
        found = find(word)
        if len(found) != 1 or found[0] in areas:
            problems.append(Problem(_CODE, place, _told(word, found)))
        else:
            areas[found[0]] = polygons
    if problems:
        raise InputError(problems)
    return areas


def check_areas(source: AreaFile, areas: Areas, known: Iterable[Known]) -> list[Problem]:
    """Return a warning for everything that a file of areas leaves out."""
    told = say("has no polygon here; the map cannot shade it")
    return [Problem("W081", f"{source.file}: {one.id}", told) for one in known if one.id not in areas]


def check_spots(source: AreaFile, areas: Areas, spots: Mapping[str, tuple[float, float]]) -> list[Problem]:
    """Return a warning for each polygon that is far from its place, (lat, lon), as one whose latitude comes first."""
    warnings = []
    for name, polygons in areas.items():
        corners = [corner for polygon in polygons for corner in polygon[0]]
        east, north = (sum(each[axis] for each in corners) / len(corners) for axis in (0, 1))
        lat, lon = spots[name]
        away = max(abs(north - lat), abs(east - lon) * math.cos(math.radians(lat)))
        if away > FAR_DEGREES:
            told = say("lies %(degrees)s degrees from its place; longitude comes first", degrees=round(away, 1))
            warnings.append(Problem("W083", f"{source.file}: {name}", told))
    return warnings


def _fault(feature: Any, error: Exception) -> str:
    """Return what is wrong with a feature in words of its file."""
    if isinstance(error, ValueError):
        return str(error)
    if not _names(feature):
        return say("it has no properties")
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    return say("its geometry is %(found)s", found=repr(kind)) if kind else say("it has no geometry")


def _names(feature: Any) -> list[str]:
    """Return the names of the properties of a feature; none where it has none, or is no feature."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return sorted(properties)[:10] if isinstance(properties, dict) else []


def _word(feature: Any, name: str) -> str:
    """Return what a feature says it is; numbers as they are written."""
    value = feature["properties"][name]
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
        raise ValueError(f"{name} is no text and no number")
    return str(value).strip()


def _finder(known: Collection[Known]) -> Callable[[str], list[str]]:
    """Return a function that finds what a word means: by id, else code, else name; several where it is not clear."""
    ids = {one.id for one in known}
    by_code, by_name = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for one in known:
        if one.code:
            by_code[one.code].append(one.id)
        for name in {fold(one.name), fold(one.id)}:
            by_name[name].append(one.id)

    def find(word: str) -> list[str]:
        return [word] if word in ids else by_code.get(word) or by_name.get(fold(word)) or []

    return find


def _told(word: str, found: Sequence[str]) -> str:
    if not found:
        return say("found %(found)s; it is no id, code or name of places.csv", found=repr(word))
    if len(found) > 1:
        return say("found %(found)s; it fits several: %(names)s", found=repr(word), names=", ".join(found))
    return say("found %(found)s; it stands twice, as %(name)s", found=repr(word), name=found[0])


def _polygons(geometry: Any) -> tuple[Polygon, ...]:
    parts = {"Polygon": lambda shape: [shape], "MultiPolygon": list}[geometry["type"]](geometry["coordinates"])
    return tuple(tuple(_ring(ring) for ring in polygon) for polygon in parts)


def _ring(corners: Sequence[Sequence[float]]) -> Ring:
    ring = tuple((float(corner[0]), float(corner[1])) for corner in corners)
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("a ring needs four corners, the last one being the first")
    if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring):
        raise ValueError("corners must be degrees, longitude first")
    return ring[:-1]
