"""Lists of others in the register of workshops: what they would change, and the change itself."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cosmolocal.database import open_database, writing
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.files import parse_csv, parse_json, parse_yaml, read_text
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Person, Vocabulary, Workshop
from cosmolocal.region import read_place_ids
from cosmolocal.workflows.inputs import PLACES, WORKSHOPS
from cosmolocal.workflows.places import Places, open_places
from cosmolocal.workflows.rewriting import decode, replace_file
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.columns import Column
from cosmolocal.workshops.editing import edit_workshops
from cosmolocal.workshops.equipment import Reader, add_questions, decide_words, read_decisions
from cosmolocal.workshops.found import Row, distance_m, read_pair
from cosmolocal.workshops.grouping import Assumed
from cosmolocal.workshops.kinds import guess_kind
from cosmolocal.workshops.lists import rows_of_geojson, rows_of_labs
from cosmolocal.workshops.merging import Merged, Outcome, RowReview, Source, Terms, merge_rows
from cosmolocal.workshops.okw import rows_of_okw
from cosmolocal.workshops.register import parse_workshops
from cosmolocal.workshops.tables import propose_table, read_table

CODES = {
    "W064": "a file of decisions on an import cannot be read, or a row of it is wrong",
    "W095": "an import would do something else now than was shown",
}
KINDS = ("okw", "fablabs", "capabilities", "machines", "geojson", "csv")
EQUIPMENT = "equipment.csv"
#: what these lists are called unless somebody says otherwise
USUAL_SOURCES = {name: f"fablabs.io: {name}" for name in ("capabilities", "machines")} | {"fablabs": "fablabs.io: labs"}
REVIEW_COLUMNS = ("place", "name", "outcome", "workshop", "notes", "decision")
MAX_BYTES = 64 << 20
#: [rows] of one list
MAX_ROWS = 100_000
#: [m] from the middle of the region: coordinates that far off are looked at the other way round, and doubted when they
#: are as near as that then
FAR_M, NEAR_M = 1_000_000.0, 100_000.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported, and how."""

    kind: str
    file: Path
    source: str = ""
    day: date | None = None
    licence: str = ""
    #: (lat, lon) and [km] around it; None: everywhere
    near: tuple[float, float] | None = None
    within_km: float = 50.0
    #: two letters; "": every country
    country: str = ""
    #: field by column
    columns: Mapping[str, str] = field(default_factory=dict)
    accept_fuzzy: bool = False
    #: [minutes per week] and [cents per hour] of machines of which nobody knows them; None: they stay unknown
    assumed: tuple[int, int] | None = None
    #: a review that a person has filled in
    decisions: Path | None = None
    #: the bytes of a list that is no file here, which `file` only names; None: they are read from it
    content: bytes | None = None
    #: as `decisions`, by place of the row: new, leave, or the id of a workshop
    decided: Mapping[str, str] = field(default_factory=dict)
    #: the process that a word for equipment means, "" for none, by word; kept in equipment.csv
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """What an import would change, or has changed."""

    rows: tuple[RowReview, ...]
    before: tuple[Workshop, ...]
    workshops: tuple[Workshop, ...]
    #: how the columns of a table were read
    columns: tuple[Column, ...]
    #: encoding and separator of a table; "": it is none
    read_as: str
    #: the process that a word for equipment may mean ("": no idea) by word
    asked: Mapping[str, str]
    #: ids of the workshops that the rows within the area are about
    named: Collection[str]

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of rows by outcome; they sum up to ``rows``."""
        found = Counter(row.outcome for row in self.rows)
        return {"rows": len(self.rows)} | {outcome.value: found[outcome] for outcome in Outcome}

    @property
    def mark(self) -> str:
        """Return a word that a review of another list or register, or one that decides otherwise, does not have."""
        told = [[(row.row.place, row.outcome.value, row.workshop, row.notes) for row in self.rows]]
        registers = [hashlib.sha256(repr(each).encode()).hexdigest() for each in (self.before, self.workshops)]
        return hashlib.sha256(repr((told, registers, sorted(self.asked.items()))).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class _Document:
    rows: tuple[Row, ...]
    columns: tuple[Column, ...] = ()
    read_as: str = ""


def review_import(workspace: Workspace, request: Request) -> Review:
    """Return what an import would change; nothing is written.

    Raises
    ------
    InputError
        When the file, the register or what is asked is at fault; faults of single rows are part of the review.
    """
    text = read_text(workspace.folder / WORKSHOPS, WORKSHOPS, "W001")
    return _review(workspace, request, text, decide_words(_read_equipment(workspace), request.words))


def apply_import(workspace: Workspace, person: Person | None, request: Request, seen: str = "") -> Review:
    """Bring a list into the register, all of it or nothing; words nobody is sure of become rows of equipment.csv.

    ``seen`` is the mark of the review that the person has seen; "": none needs to be.

    Raises
    ------
    InputError
        As `review_import`; when the register cannot be changed without touching what a person wrote; and when it would
        do something else than was seen.
    """
    authorize(person, Action.EDIT_WORKSHOPS)
    db = open_database(workspace.database_path)
    try:
        with writing(db):
            path = workspace.folder / WORKSHOPS
            text, equipment = read_text(path, WORKSHOPS, "W001"), _read_equipment(workspace)
            mark = "\ufeff" if path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
            review = _review(workspace, request, text, decide_words(equipment, request.words))
            if seen and seen != review.mark:
                told = say("would do something else now than was shown; look at it again; nothing was written")
                raise InputError([Problem("W095", "import", told)])
            changed = edit_workshops(text, review.before, review.workshops, load_vocabulary(), WORKSHOPS)
            questions = add_questions(decide_words(equipment, request.words), review.asked)
            if questions != equipment:
                replace_file(workspace.folder / EQUIPMENT, questions.encode())
            if changed != text:
                replace_file(path, (mark + changed).encode())
    finally:
        db.close()
    return review


def _read_equipment(workspace: Workspace) -> str:
    path = workspace.folder / EQUIPMENT
    return read_text(path, EQUIPMENT, "W063") if path.exists() else ""


def _review(workspace: Workspace, request: Request, text: str, equipment: str) -> Review:
    vocabulary = load_vocabulary()
    workshops = parse_workshops(text, WORKSHOPS, vocabulary)
    document = read_document(request, vocabulary)
    if len(document.rows) > MAX_ROWS:
        told = say("has %(rows)s rows; at most %(most)s are read at once", rows=len(document.rows), most=MAX_ROWS)
        raise InputError([Problem("W060", request.file.name, told)])
    places = open_places(workspace.folder, workshops)
    reader = Reader(vocabulary, read_decisions(equipment, EQUIPMENT, vocabulary), request.accept_fuzzy)
    source = Source(request.source or USUAL_SOURCES.get(request.kind, request.file.name), request.day, request.licence)
    terms = Terms(
        source=source,
        reader=reader,
        taken=frozenset(read_place_ids(workspace.folder / PLACES)),
        assumed=Assumed(*request.assumed) if request.assumed else None,
        decisions={**_read_review(request.decisions), **request.decided},
    )
    middle = request.near or _middle(places)
    located = [_doubt(_locate(row, places), middle) for row in document.rows]
    asked_for = [_ask_outside(row, request) for row in located]
    merged = merge_rows(workshops, [row for row, out in zip(located, asked_for, strict=True) if out is None], terms)
    return _collect(document, asked_for, workshops, merged)


def _collect(
    document: _Document, outside: list[RowReview | None], before: tuple[Workshop, ...], merged: Merged
) -> Review:
    inside = iter(merged.rows)
    rows = tuple(next(inside) if row is None else row for row in outside)
    named = {row.workshop or row.row.name for row in merged.rows}
    return Review(rows, before, merged.workshops, document.columns, document.read_as, merged.asked, named)


def read_document(request: Request, vocabulary: Vocabulary) -> _Document:
    """Return the rows of the file that is to be imported."""
    where, suffix = request.file.name, request.file.suffix.lower()
    if _is_table(request):
        content = request.content if request.content is not None else _read_bytes(request.file, where)
        table = read_table(content, where, request.kind, request.columns)
        separator = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[table.separator]
        return _Document(table.rows, table.columns, f"{table.encoding}, columns parted by {separator}")
    if request.content is not None:
        text = decode(request.content, where, "W060")
    else:
        text = read_text(request.file, where, "W060")
    if suffix in (".yaml", ".yml"):
        plain = parse_yaml(text, where, "W060", repeated=[])  # people repeat fields that they left empty
    else:
        plain = parse_json(text, where, "W060")
    readers: dict[str, Callable[[], tuple[Row, ...]]] = {
        "okw": lambda: rows_of_okw(plain, where, vocabulary),
        "fablabs": lambda: rows_of_labs(plain, where),
        "geojson": lambda: rows_of_geojson(plain, where, vocabulary, request.columns),
    }
    return _Document(readers[request.kind]())


def find_columns(request: Request) -> tuple[Column, ...]:
    """Return what the columns of a table are taken for, also where that is not enough; none where it is no table."""
    where = request.file.name
    if not _is_table(request):
        return ()
    content = request.content if request.content is not None else _read_bytes(request.file, where)
    return propose_table(content, where, request.kind, request.columns).columns


def suggest_kind(request: Request) -> str:
    """Return the kind of list that the file seems to be; that which was asked for where nothing says otherwise."""
    content = request.content if request.content is not None else _read_start(request.file)
    kind, suffix = guess_kind(request.file.name, content), request.file.suffix.lower()
    # these two are also what is left where nothing is known
    is_left_over = kind in ("okw", "csv") and suffix not in {"okw": (".yaml", ".yml"), "csv": (".csv", ".tsv")}[kind]
    return request.kind if is_left_over or (kind == "csv" and _is_table(request)) else kind


def _read_start(path: Path) -> bytes:
    """Return the bytes of a list, or of its beginning where it is longer than is read at all."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(MAX_BYTES)
    return b""


def _is_table(request: Request) -> bool:
    suffix = request.file.suffix.lower()
    return request.kind in ("csv", "capabilities", "machines") or (request.kind == "okw" and suffix == ".csv")


def _read_bytes(path: Path, where: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError([Problem("W060", where, say("cannot be read: %(why)s", why=error.strerror))]) from None
    if len(content) > MAX_BYTES:
        told = say("has %(size)s bytes; at most %(most)s are read", size=len(content), most=MAX_BYTES)
        raise InputError([Problem("W060", where, told)])
    return content


def _locate(row: Row, places: Places) -> Row:
    """Return a row with coordinates found for its address; what is only like the address is a note."""
    if row.fault or row.lat is not None or not row.address or row.record is not None:
        return row
    found = places.find(row.address, 1)
    if found and found[0].is_sure and not row.names_city_only:
        best = found[0]
        told = say("its address was found as %(place)s", place=repr(best.name))
        return replace(row, lat=best.lat, lon=best.lon, notes=(*row.notes, "geocoded", told))
    silent = (say("%(server)s did not answer", server=places.silent),) if places.silent else ()
    hints = tuple(
        say("may be %(place)s at %(lat)s, %(lon)s", place=repr(each.name), lat=str(each.lat), lon=str(each.lon))
        for each in found
    )
    return replace(row, notes=(*row.notes, *hints, *silent))


def _middle(places: Places) -> tuple[float, float] | None:
    """Return (lat, lon) in the middle of the region's neighbourhoods and hubs; None: it has none."""
    spots = [spot for spot in places.own.spots if spot.kind in ("neighbourhood", "hub")]
    if not spots:
        return None
    return sum(spot.lat for spot in spots) / len(spots), sum(spot.lon for spot in spots) / len(spots)


def _doubt(row: Row, middle: tuple[float, float] | None) -> Row:
    """Return a row with a doubt where its coordinates would be in the region the other way round, and are not so."""
    if middle is None or row.lat is None or row.lon is None or abs(row.lon) > 90 or row.record is not None:
        return row
    here, turned = (distance_m(middle, spot) for spot in ((row.lat, row.lon), (row.lon, row.lat)))
    if here < FAR_M or turned > NEAR_M:
        return row
    told = say(
        "is %(km)s km off, and %(turned)s km with latitude and longitude the other way round",
        km=round(here / 1000),
        turned=round(turned / 1000),
    )
    return replace(row, doubt=told)


def _ask_outside(row: Row, request: Request) -> RowReview | None:
    """Return the review of a row that was not asked for, whatever is wrong with it; None: it was."""
    if row.doubt:
        return None
    if request.country and row.country and row.country.casefold() != request.country.casefold():
        return RowReview(row, Outcome.OUTSIDE, notes=(say("is in %(country)s", country=row.country),))
    if request.country and not row.country and request.near is None and not row.fault:
        return RowReview(row, Outcome.OUTSIDE, notes=(say("does not say in which country it is"),))
    if request.near is not None and row.lat is not None and row.lon is not None:
        km = distance_m(request.near, (row.lat, row.lon)) / 1000
        if km > request.within_km:
            return RowReview(row, Outcome.OUTSIDE, notes=(say("is %(km)s km off", km=round(km)),))
    return None


def write_review(review: Review) -> str:
    """Return a review as a table in which a person can decide: new, leave, or the id of the workshop that it is."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(REVIEW_COLUMNS)
    for row in review.rows:
        if row.outcome is not Outcome.OUTSIDE:
            writer.writerow((row.row.place, row.row.name, row.outcome.value, row.workshop, "; ".join(row.notes), ""))
    return out.getvalue()


def _read_review(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    rows = parse_csv(read_text(path, path.name, "W064"), path.name, "W064", ("place", "decision"), REVIEW_COLUMNS)
    return {cells["place"]: cells["decision"] for _, cells in rows if cells["decision"]}


def middle_of(workspace: Workspace) -> tuple[float, float] | None:
    """Return (lat, lon) in the middle of a region's neighbourhoods and hubs; None: it has none."""
    return _middle(open_places(workspace.folder, workshops=()))


def read_near(text: str) -> tuple[float, float] | None:
    """Return (lat, lon) of ``LAT,LON``; None: it is none."""
    return read_pair(text)
