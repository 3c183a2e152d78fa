"""Lists of neighbourhoods or hubs that a city has, as tables or GeoJSON, in places.csv; what stands there stays."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.files import parse_json
from cosmolocal.records import Person, PlaceKind
from cosmolocal.workflows.book_text import add_rows, parse_book
from cosmolocal.workflows.importing import MAX_BYTES
from cosmolocal.workflows.inputs import PLACES
from cosmolocal.workflows.locating import HEADER, LONGEST, list_located, read_degrees
from cosmolocal.workflows.rewriting import decode, rewrite
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.columns import field_of
from cosmolocal.workshops.found import make_id, plain_name, read_pair
from cosmolocal.workshops.tables import read_lines

CODES = {
    "W098": "a list of places cannot be read, or its columns say no name or no coordinates",
}
#: what a column is called, the most telling first; coordinates as in lists of workshops
_SYNONYMS = {
    "name": "name neighbourhood neighborhood barri barrio quartier nom nombre nombarri nombrebarrio title",
    "district": "districtname nomdistricte nombredistrito district districte distrito arrondissement borough",
    "population": "population poblacion poblacio habitants habitantes inhabitants people residents",
    "code": "code codi codigo codibarri codigobarrio",
}
_COORDINATES = ("lat", "lon", "lat_lon")
#: most people of a place
_MOST_PEOPLE = 100_000_000


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """What becomes of a row of a list of places."""

    #: where it stands in the file
    place: str
    name: str
    #: new, same or refused
    outcome: str
    #: id in places.csv; "": none
    id: str = ""
    note: str = ""


def add_places(
    workspace: Workspace, person: Person | None, file: Path, kind: PlaceKind, apply: bool = False
) -> tuple[PlaceRow, ...]:
    """Return what a list brings into places.csv, and write it there if that is asked for.

    A place of the same name, or code, is the same one and stays as it is. The centre of a polygon is inferred.

    Raises
    ------
    InputError
        When the list is at fault as a whole; faults of its rows are told with them.
    """
    authorize(person, Action.EDIT_PLACES)
    told = list(_read_list(file))
    found: list[PlaceRow] = []

    def add(text: str) -> str:
        book = parse_book(text or HEADER, PLACES)
        known = _Known()
        for _, row in book.rows():
            known.add(row.get("id", ""), row)
        ids = {one.id for one in list_located(workspace, person)}
        added: list[dict[str, str]] = []
        for place, cells, fault in told:
            same = known.find(cells)
            twice = "has the name of an earlier row" if same in {row["id"] for row in added} else ""
            if fault or same:
                outcome = "refused" if fault or twice else "same"
                found.append(PlaceRow(place, cells["name"], outcome, same, fault or twice))
                continue
            new_id = _free(make_id(cells["name"], cells["code"]), ids)
            ids.add(new_id)
            known.add(new_id, cells)
            added.append({**cells, "id": new_id, "kind": kind.value})
            found.append(PlaceRow(place, cells["name"], "new", new_id))
        return add_rows(book, added).text if added else text

    if apply:
        rewrite(workspace, PLACES, add, "W020")
    else:
        path = workspace.folder / PLACES
        add(decode(path.read_bytes(), PLACES, "W020") if path.exists() else "")
    return tuple(found)


class _Known:
    """Places by their codes and names: other codes tell two of one name apart."""

    def __init__(self) -> None:
        self._by_code: dict[str, str] = {}
        self._by_name: dict[str, list[tuple[str, str]]] = {}

    def add(self, place_id: str, cells: Mapping[str, str]) -> None:
        """Add a place."""
        code, name = (plain_name(cells.get(field) or "") for field in ("code", "name"))
        if code:
            self._by_code.setdefault(code, place_id)
        self._by_name.setdefault(name, []).append((code, place_id))

    def find(self, cells: Mapping[str, str]) -> str:
        """Return the id of the place that a row speaks of; "": it is a new one."""
        code, name = plain_name(cells["code"]), plain_name(cells["name"])
        if code in self._by_code:
            return self._by_code[code]
        alike = (place_id for other, place_id in self._by_name.get(name, ()) if not code or not other)
        return next(alike, "")


def _free(wanted: str, ids: set[str]) -> str:
    number, name = 1, wanted
    while name in ids:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _read_list(file: Path) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield (place in the file, cells of places.csv, fault) of each row."""
    where = file.name
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError([Problem("W098", where, f"cannot be read: {error.strerror}")]) from None
    if len(content) > MAX_BYTES:
        told = say("has %(size)s bytes; at most %(most)s are read", size=len(content), most=MAX_BYTES)
        raise InputError([Problem("W098", where, told)])
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        yield from _read_geojson(parse_json(decode(content, where, "W098"), where, "W098"), where)
        return
    _, _, ((_, header), *lines) = read_lines(content, where, lambda name: field_of(name) or _fields([name]).get(0, ""))
    fields = _fields(header)
    if problems := _check(fields, where, header):
        raise InputError(problems)
    for number, cells in lines:
        named = {field: cells[at].strip() for at, field in fields.items() if at < len(cells)}
        fault = "" if len(cells) == len(header) else f"has {len(cells)} cells; the first line has {len(header)}"
        yield f"line {number}", *_row(named, "", fault)


def _fields(header: list[str]) -> dict[int, str]:
    """Return what columns stand for, by their number; of several for one field the most telling."""
    found: dict[str, int] = {}
    for at, name in enumerate(header):
        if (field := field_of(name)) in _COORDINATES:
            found.setdefault(field, at)
    plain = [plain_name(name) for name in header]
    for field, words in _SYNONYMS.items():
        if told := [word for word in words.split() if word in plain]:
            found[field] = plain.index(told[0])
    return {at: field for field, at in found.items()}


def _check(fields: Mapping[int, str], where: str, header: list[str]) -> list[Problem]:
    known, columns = set(fields.values()), ", ".join(header)
    problems = []
    if "name" not in known:
        problems.append(Problem("W098", where, f"no column holds the name of a place, among {columns}"))
    if not ({"lat", "lon"} <= known or "lat_lon" in known):
        problems.append(Problem("W098", where, f"no columns hold latitude and longitude, among {columns}"))
    return problems


def _row(named: Mapping[str, str], provenance: str, fault: str = "") -> tuple[dict[str, str], str]:
    """Return cells and what is wrong with them."""
    name = " ".join(named.get("name", "").split())
    lat, lon = read_degrees(named.get("lat", ""), 90), read_degrees(named.get("lon", ""), 180)
    pair = read_pair(named.get("lat_lon", "")) if lat is None or lon is None else (lat, lon)
    people = named.get("population", "")
    faults = [fault] if fault else []
    if not name or len(name) > LONGEST or not name.isprintable():
        faults.append(f"found the name {name[:40]!r}; must be one line of at most {LONGEST} characters")
    if pair is None:
        shown = ", ".join(f"{field} {named[field][:40]!r}" for field in _COORDINATES if field in named)
        faults.append(f"found {shown or 'no coordinates'}; must be degrees north and east")
    if people and not (people.isascii() and people.isdigit() and int(people[:12]) <= _MOST_PEOPLE):
        faults.append(f"found population {people[:40]!r}; must be a whole number")
    cells = {
        "name": name,
        "lat": str(pair[0]) if pair else "",
        "lon": str(pair[1]) if pair else "",
        "district": named.get("district", ""),
        "population": people,
        "code": named.get("code", ""),
        "provenance": provenance,
    }
    return {field: value for field, value in cells.items() if value or field in ("name", "code")}, "; ".join(faults)


def _read_geojson(document: Any, where: str) -> Iterator[tuple[str, dict[str, str], str]]:
    features = document.get("features") if isinstance(document, Mapping) else None
    if not isinstance(features, list):
        raise InputError([Problem("W098", where, "must be a FeatureCollection of GeoJSON, or a table")])
    for number, feature in enumerate(features):
        plain = feature if isinstance(feature, Mapping) else {}
        properties = plain.get("properties")
        table = {str(name): value for name, value in (properties if isinstance(properties, Mapping) else {}).items()}
        fields = _fields(list(table))
        texts = [
            value if isinstance(value, str) else "" if value is None else json.dumps(value) for value in table.values()
        ]
        named = {field: texts[at].strip() for at, field in fields.items() if field not in _COORDINATES}
        centre, is_point = _centre_of(plain.get("geometry"))
        if centre is not None:
            named |= {"lat": str(centre[1]), "lon": str(centre[0])}
        yield f"features[{number}]", *_row(named, "" if is_point else "inferred")


def _centre_of(geometry: Any) -> tuple[tuple[float, float] | None, bool]:
    """Return (lon, lat) of a point, or of the middle of the largest polygon, and whether it is a point."""
    table: Mapping[str, Any] = geometry if isinstance(geometry, Mapping) else {}
    kind: str = str(table.get("type"))
    inside: Any = table.get("coordinates")
    try:
        if kind == "Point":
            return (float(inside[0]), float(inside[1])), True
        polygons = {"Polygon": [inside], "MultiPolygon": inside}.get(kind, [])
        middles = [_middle_of([(float(lon), float(lat)) for lon, lat, *_ in polygon[0]]) for polygon in polygons]
    except (TypeError, ValueError, IndexError, KeyError):
        return None, False
    _, best = max(middles, default=(0.0, None), key=lambda middle: middle[0])
    return (None, False) if best is None else ((round(best[0], 6), round(best[1], 6)), False)


def _middle_of(ring: list[tuple[float, float]]) -> tuple[float, tuple[float, float] | None]:
    """Return twice the area of a ring, and its centroid; None: it has no area."""
    begin = ring[0]
    area = east = north = 0.0
    for (x, y), (to_x, to_y) in zip(ring, [*ring[1:], begin], strict=True):
        cross = (x - begin[0]) * (to_y - begin[1]) - (to_x - begin[0]) * (y - begin[1])
        area += cross
        east += (x + to_x - 2 * begin[0]) * cross
        north += (y + to_y - 2 * begin[1]) * cross
    if not area:
        return 0.0, None
    return abs(area), (begin[0] + east / (3 * area), begin[1] + north / (3 * area))
