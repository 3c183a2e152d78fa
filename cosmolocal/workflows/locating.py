"""Where every place is, and how that is known; places are put where somebody who knows says they are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.fields import SLUG
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Person, PlaceKind, Provenance, Workshop
from cosmolocal.workflows.book_text import add_rows, change_row, parse_book
from cosmolocal.workflows.inputs import PLACES, WORKSHOPS, collect
from cosmolocal.workflows.rewriting import decode, rewrite
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.editing import edit_workshops
from cosmolocal.workshops.register import parse_workshops

CODES = {"W082": "what is said of a place and where it is has a wrong value"}
HEADER = "id,name,kind,lat,lon,district,population,code,provenance\n"
#: [characters] longest name
LONGEST = 200
KINDS = (PlaceKind.NEIGHBOURHOOD, PlaceKind.HUB)


class Doubt(StrEnum):
    """Why the coordinates of a place want a look, the worst first."""

    MISSING = "missing"
    TWIN = "twin"
    UNKNOWN = "unknown"
    ASSUMED = "assumed"
    INFERRED = "inferred"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Located:
    """A place, and how it is known where it is."""

    id: str
    name: str
    kind: PlaceKind
    #: [degrees, WGS 84]; None: missing, or no degrees
    lat: float | None
    lon: float | None
    provenance: Provenance
    doubt: Doubt = Doubt.NONE


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place as somebody describes it."""

    id: str
    name: str
    kind: PlaceKind
    district: str = ""


def list_located(workspace: Workspace, person: Person | None) -> tuple[Located, ...]:
    """Return every place and workshop, doubtful ones first; rows that cannot be planned with too."""
    authorize(person, Action.EDIT_PLACES)
    found = [*_read_places(workspace), *_read_workshops(workspace)]
    spots = Counter((one.lat, one.lon) for one in found)
    doubted = [replace(one, doubt=_doubt(one, spots[one.lat, one.lon])) for one in found]
    order = list(Doubt)
    return tuple(sorted(doubted, key=lambda one: (order.index(one.doubt), one.name.casefold(), one.id)))


def _doubt(place: Located, there: int) -> Doubt:
    if place.lat is None or place.lon is None:
        return Doubt.MISSING
    if there > 1 and place.provenance is not Provenance.CONFIRMED:
        return Doubt.TWIN
    known = (Provenance.UNKNOWN, Provenance.ASSUMED, Provenance.INFERRED)
    return Doubt(place.provenance.value) if place.provenance in known else Doubt.NONE


def _read_places(workspace: Workspace) -> Iterator[Located]:
    path = workspace.folder / PLACES
    text = decode(path.read_bytes(), PLACES, "W020") if path.exists() else ""
    for _, cells in parse_book(text, PLACES).rows():
        lat, lon = read_degrees(cells.get("lat", ""), 90), read_degrees(cells.get("lon", ""), 180)
        kind = PlaceKind.HUB if cells.get("kind") == "hub" else PlaceKind.NEIGHBOURHOOD
        word = cells.get("provenance") or Provenance.DECLARED.value
        provenance = Provenance(word) if word in set(Provenance) else Provenance.UNKNOWN
        place_id = cells.get("id", "")
        yield Located(place_id, cells.get("name") or place_id, kind, lat, lon, provenance)


def _read_workshops(workspace: Workspace) -> Iterator[Located]:
    try:
        shops = workspace.region().workshops
    except InputError:  # other files are wrong, perhaps just those of places
        shops = collect([], lambda: _parse_workshops(workspace)) or ()
    for shop in shops:
        yield Located(shop.id, shop.name, PlaceKind.WORKSHOP, shop.lat, shop.lon, shop.provenance)


def _parse_workshops(workspace: Workspace) -> tuple[Workshop, ...]:
    text = decode((workspace.folder / WORKSHOPS).read_bytes(), WORKSHOPS, "W001")
    return parse_workshops(text, WORKSHOPS, load_vocabulary())


def read_degrees(text: str, most: int) -> float | None:
    """Return degrees as people write them, with a point or a comma; None: they are none.

    >>> read_degrees("41,38", 90), read_degrees("-2.1", 180), read_degrees("91", 90), read_degrees("nan", 90)
    (41.38, -2.1, None, None)
    """
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if -most <= number <= most else None


def move_place(workspace: Workspace, person: Person | None, place_id: str, spot: tuple[float, float]) -> None:
    """Put a place or workshop at (latitude, longitude), confirmed from now on; all else in its file stays as it is.

    Raises
    ------
    NotFoundError
        When there is no such place.
    InputError
        When the file cannot be changed.
    """
    authorize(person, Action.EDIT_PLACES)
    lat, lon = round(spot[0], 6), round(spot[1], 6)
    if any(one.id == place_id for one in _read_places(workspace)):
        rewrite(workspace, PLACES, lambda text: _moved(text, place_id, _cells(lat, lon)), "W020")
        return

    def move(text: str) -> str:
        vocabulary = load_vocabulary()
        shops = parse_workshops(text, WORKSHOPS, vocabulary)
        if place_id not in {shop.id for shop in shops}:
            raise NotFoundError(say("there is no place %(name)s", name=repr(place_id)))
        after = [_put(shop, lat, lon) if shop.id == place_id else shop for shop in shops]
        return edit_workshops(text, shops, after, vocabulary, WORKSHOPS)

    rewrite(workspace, WORKSHOPS, move, "W001")


def _put(shop: Workshop, lat: float, lon: float) -> Workshop:
    return replace(shop, lat=lat, lon=lon, provenance=Provenance.CONFIRMED)


def _cells(lat: float, lon: float) -> dict[str, str]:
    return {"lat": f"{lat:g}" if lat == int(lat) else str(lat), "lon": str(lon), "provenance": "confirmed"}


def _moved(text: str, place_id: str, cells: Mapping[str, str]) -> str:
    book = parse_book(text, PLACES)
    for line, row in book.rows():
        if row.get("id") == place_id:
            return change_row(book, line.number, cells).text
    raise NotFoundError(say("there is no place %(name)s", name=repr(place_id)))


def add_place(workspace: Workspace, person: Person | None, new: NewPlace, spot: tuple[float, float]) -> None:
    """Add a place at (latitude, longitude) to places.csv; its coordinates are confirmed.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    authorize(person, Action.EDIT_PLACES)
    lat, lon = round(spot[0], 6), round(spot[1], 6)
    cells = {"id": new.id, "name": new.name, "kind": new.kind.value, "district": new.district, **_cells(lat, lon)}

    def add(text: str) -> str:
        known = {one.id for one in (*_read_places(workspace), *_read_workshops(workspace))}
        if problems := list(check_new(new, known)):
            raise InputError(problems)
        return add_rows(parse_book(text or HEADER, PLACES), [cells]).text

    rewrite(workspace, PLACES, add, "W020")


def check_new(new: NewPlace, known: Iterable[str]) -> Iterator[Problem]:
    """Yield what is wrong with a new place; ``known`` are the ids of all others."""
    if not SLUG.fullmatch(new.id) or len(new.id) > 80:
        told = say("must be small letters, digits and single hyphens, such as el-raval-2")
        yield Problem("W082", "id", told)
    elif new.id in set(known):
        yield Problem("W082", "id", say("found %(found)s; a place or workshop has this id already", found=repr(new.id)))
    for field, text, needed in (("name", new.name, True), ("district", new.district, False)):
        if (needed and not text.strip()) or len(text) > LONGEST or not text.isprintable():
            yield Problem("W082", field, say("must be one line of at most %(most)s characters", most=LONGEST))
    if new.kind not in KINDS:
        yield Problem("W082", "kind", say("must be neighbourhood or hub; workshops stand in workshops.yaml"))
