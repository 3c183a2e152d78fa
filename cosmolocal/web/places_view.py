"""The page of the places: what its form holds, what its map shows, and where on it somebody pointed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.exports.area_files import Polygon, fold
from cosmolocal.exports.areas import build_cells
from cosmolocal.exports.map_layers import Area, MapLayers
from cosmolocal.exports.place_map import CLOSEST, Mark, closer, degrees_at
from cosmolocal.exports.svg_map import Frame
from cosmolocal.exports.tables import Row
from cosmolocal.records import Place, PlaceKind
from cosmolocal.web.fault_words import tell
from cosmolocal.web.paging import Cut
from cosmolocal.web.words import gettext
from cosmolocal.workflows.area_shapes import recall_areas
from cosmolocal.workflows.locating import KINDS, Doubt, Located, NewPlace, read_degrees
from cosmolocal.workflows.places import FoundPlace, open_places
from cosmolocal.workflows.workspace import Workspace

COLUMNS = ("place", "name", "kind", "lat", "lon", "provenance", "doubt")
#: [places] that one page of the list shows
PAGE_ROWS = 100
#: zoom from which on all places are named on the map
NAMES_FROM = 2
#: [characters] of what is looked for; what is longer is cut
LONGEST_TEXT = 200
FIELDS = ("lat", "lon", "id", "name", "kind", "district")


@dataclass(frozen=True, slots=True)
class Form:
    """What the page was asked, or sent."""

    #: id of the place to move; "": none
    place: str
    #: is a place added?
    is_new: bool
    id: str
    name: str
    kind: str
    district: str
    #: as they were typed
    lat: str
    lon: str
    zoom: int
    #: of the list, from 1
    page: int
    #: where on the picture somebody pointed
    click: tuple[int, int] | None
    #: what is looked for; "": nothing
    find: str

    @property
    def new_place(self) -> NewPlace:
        """Return the place that is described."""
        kind = PlaceKind(self.kind) if self.kind in set(KINDS) else PlaceKind.WORKSHOP
        return NewPlace(self.id, self.name, kind, self.district)

    @property
    def typed(self) -> tuple[float, float] | None:
        """Return latitude and longitude as they were typed; None: they are none."""
        lat, lon = read_degrees(self.lat, 90), read_degrees(self.lon, 180)
        return None if lat is None or lon is None else (lat, lon)


@dataclass(frozen=True, slots=True)
class PlacesPage:
    """All that the page shows."""

    located: tuple[Located, ...]
    chosen: Located | None
    frame: Frame
    areas: tuple[tuple[Polygon, ...], ...]
    marks: tuple[Mark, ...]
    #: (latitude, longitude) that the form holds; None: nothing yet
    at: tuple[float, float] | None
    #: the rows that the list shows
    cut: Cut[Located]
    #: what may be meant by what is looked for, the best first
    found: tuple[FoundPlace, ...]

    @property
    def doubtful(self) -> int:
        """Return how many places want a look."""
        return sum(one.doubt is not Doubt.NONE for one in self.located)


def read_form(args: Mapping[str, str]) -> Form:
    """Return the form that an address or a request holds; what a new place is called gives its id."""
    words = {name: args.get(name, "").strip() for name in ("place", "id", "name", "kind", "district", "lat", "lon")}
    wanted = args.get("new", "").strip()
    is_new = "new" in args and not words["place"]
    if is_new and wanted not in ("", "yes"):
        words["name"] = words["name"] or wanted
        words["id"] = words["id"] or fold(wanted)[:80]
    zoom, x, y = (args.get(name, "") for name in ("zoom", "at.x", "at.y"))
    steps = min(CLOSEST, int(zoom)) if zoom.isascii() and zoom.isdigit() and len(zoom) < 3 else 0
    is_click = all(text.isascii() and text.isdigit() and len(text) < 6 for text in (x, y)) and (x, y) != ("0", "0")
    kind = words["kind"] or PlaceKind.NEIGHBOURHOOD.value
    number = args.get("page", "")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 5 else 1
    click = (int(x), int(y)) if is_click else None
    find = args.get("find", "").strip()[:LONGEST_TEXT]
    return Form(**{**words, "kind": kind}, is_new=is_new, zoom=steps, page=page, click=click, find=find)


def build_page(workspace: Workspace, located: tuple[Located, ...], form: Form) -> PlacesPage:
    """Return what the page shows; raises `NotFoundError` where the form names no place."""
    chosen = next((one for one in located if one.id == form.place), None)
    if form.place and chosen is None:
        raise NotFoundError(say("there is no place %(name)s", name=repr(form.place)))
    homes = _homes(located)
    shapes = _shapes(workspace, homes)
    layers = MapLayers(tuple(Area(place, shapes.get(place.id, ()), 0, 0) for place in homes), (), (), ())
    base = Frame.around(layers)
    before = form.typed or _spot(chosen)
    frame = closer(base, before, form.zoom) if before and form.zoom else base
    at = degrees_at(frame, *form.click) if form.click else before
    if form.click and form.zoom and at:
        frame = closer(base, at, form.zoom)
    marks = (
        Mark(one.name, *spot, one is chosen or form.zoom >= NAMES_FROM)
        for one in located
        if (spot := _spot(one)) is not None
    )
    cut = Cut(located, PAGE_ROWS, form.page)
    found = open_places(workspace.folder).find(form.find) if form.find else ()
    return PlacesPage(located, chosen, frame, tuple(shapes.values()), tuple(marks), at, cut, found)


def _homes(located: Iterable[Located]) -> list[Place]:
    """Return places to draw a map around: neighbourhoods with coordinates, else all that have some."""
    spots = [
        Place(one.id, one.name, one.kind, one.lat, one.lon)
        for one in located
        if one.lat is not None and one.lon is not None
    ]
    return [place for place in spots if place.kind is PlaceKind.NEIGHBOURHOOD] or spots


def _shapes(workspace: Workspace, homes: list[Place]) -> Mapping[str, tuple[Polygon, ...]]:
    try:
        return recall_areas(workspace.region(), workspace.folder)
    except InputError:
        return build_cells(homes)


def _spot(place: Located | None) -> tuple[float, float] | None:
    return None if place is None or place.lat is None or place.lon is None else (place.lat, place.lon)


def require_spot(form: Form) -> tuple[float, float]:
    """Return latitude and longitude of a form that was sent.

    Raises
    ------
    InputError
        With both, where neither can be read.
    """
    problems = []
    for name, text, most, example in (("lat", form.lat, 90, "41.38"), ("lon", form.lon, 180, "2.17")):
        if read_degrees(text, most) is None:
            rule = gettext("Write degrees from -%(most)s to %(most)s, such as %(example)s.", most=most, example=example)
            problems.append(Problem("W082", name, rule))
    if problems or form.typed is None:
        raise InputError(problems)
    return form.typed


def by_field(problems: Iterable[Problem]) -> dict[str, list[str]]:
    """Return what is wrong by the name of its field; under "" what is about none of them."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        told.setdefault(problem.where if problem.where in FIELDS else "", []).append(tell(problem))
    return told


def rows(located: Iterable[Located]) -> list[Row]:
    """Return places by ``COLUMNS``; coordinates as they stand in the files."""
    return [
        {
            "place": one.id,
            "name": one.name,
            "kind": one.kind.value,
            "lat": "" if one.lat is None else str(one.lat),
            "lon": "" if one.lon is None else str(one.lon),
            "provenance": one.provenance.value,
            "doubt": one.doubt.value,
        }
        for one in located
    ]
