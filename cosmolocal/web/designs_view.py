"""Designs as rows and trees for their pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from cosmolocal.designs.licence_terms import find_kinds
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.previews import Prose
from cosmolocal.records import BomLine, Design, Notice, NoticeKind, Operation, Part, Reason, Release, Vocabulary
from cosmolocal.versions import choose_version, sorted_versions
from cosmolocal.web.fault_words import tell
from cosmolocal.web.languages import count, money
from cosmolocal.web.names import Names, process_name
from cosmolocal.web.reasons_view import field_name, tell_reason
from cosmolocal.web.words import gettext
from cosmolocal.workflows.design_page import Record
from cosmolocal.workflows.design_search import FIELDS
from cosmolocal.workflows.previewing import ShownFile

#: [characters] of HTML; a longer text to read first is folded away
SHORT_TEXT = 2_500
#: [km] near a place, unless said otherwise
NEAR_KM = "5"
ABLE = ("can", "together")
#: workshops that stand open in the table; the rest is folded away
FIRST_MAKERS = 8


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A design that a search found."""

    design: Design
    #: names of processes, each once, in the order of the parts
    processes: tuple[str, ...]
    #: what its licences ask for, in a word each
    terms: tuple[str, ...]
    #: does planning know all that it needs?
    known: bool


@dataclass(frozen=True, slots=True)
class BomNode:
    """One line of a bill of materials with what is below it."""

    quantity: int
    name: str
    #: ``part``, ``design`` or ``bought``
    kind: str
    line: BomLine
    #: the module's version; None: a part, a bought piece, or a module that is not there
    module: Design | None
    children: tuple["BomNode", ...]


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation of a part."""

    part: Part
    operation: Operation
    #: is it the last one of its part?
    is_last: bool


@dataclass(frozen=True, slots=True)
class Shop:
    """A workshop by name, with its id for links."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class MakerRow:
    """What a workshop can do for a design."""

    workshop: "Shop"
    ability: str
    #: [cents] to be paid for one unit and for all; None: there is no figure
    unit_cents: int | None
    money_cents: int | None
    #: [cents] all weighed, as a plan compares it
    total_cents: int | None
    monday: date | None
    #: why not, what is unknown, what comes from elsewhere
    because: tuple[str, ...]

    def is_past(self, today: date) -> bool:
        """Tell whether the whole week is over."""
        return self.monday is not None and self.monday + timedelta(days=7) <= today


@dataclass(frozen=True, slots=True)
class MakersView:
    """Who can make a design, and for how much."""

    quantity: int
    place: str | None
    able: tuple[MakerRow, ...]
    #: reasons, and the workshops that have them
    unknown: tuple[tuple[str, tuple[Shop, ...]], ...]
    cannot: tuple[tuple[str, tuple[Shop, ...]], ...]
    #: how many workshops were asked
    workshops: int
    #: of bringing it in from outside the region
    imported: MakerRow
    #: [units] that fit into one week, where those asked for do not
    largest_lot: int | None = None

    @property
    def first(self) -> tuple[MakerRow, ...]:
        """Return the cheapest that can make it."""
        return self.able[:FIRST_MAKERS]

    @property
    def rest(self) -> tuple[MakerRow, ...]:
        """Return the others that can make it."""
        return self.able[FIRST_MAKERS:]

    @property
    def unknown_workshops(self) -> int:
        """Return of how many workshops it is not known."""
        return sum(len(names) for _, names in self.unknown)

    @property
    def cannot_workshops(self) -> int:
        """Return how many cannot make it."""
        return sum(len(names) for _, names in self.cannot)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list of all of them."""

    release: Release
    #: what changed against the version before, in its maker's words
    changes: str
    #: the version before, if its files are there too
    before: str | None
    #: the notice that withdrew it or took it down
    notice: Notice | None


def read_search(args: MultiDict[str, str]) -> dict[str, str]:
    """Return what a search asks for, by field; near a place means `NEAR_KM` unless said."""
    asked = {name: args.get(name, "").strip() for name in FIELDS}
    if asked["near"] and not asked["within"]:
        asked["within"] = NEAR_KM
    return asked


def tell_search_faults(faults: Iterable[Problem], asked: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with a search, by the name of its field."""
    told = {fault.where.rpartition(": ")[2]: tell(fault) for fault in faults}
    if "within" in told and not asked["near"]:
        return {**told, "near": gettext("Choose a place, or any distance.")} | {"within": ""}
    return told


def read_question(args: MultiDict[str, str]) -> tuple[int, str | None]:
    """Return the quantity and the place for which workshops are asked; faults raise `InputError`."""
    text = args.get("quantity", "").strip() or "1"
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError(
            [Problem("D081", "quantity", say("found %(found)s; must be a whole number above 0", found=repr(text[:60])))]
        )
    return int(text), args.get("place", "").strip() or None


def process_options(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Return id and name of each process, by name."""
    options = [(process.id, process_name(process.name)) for process in vocabulary.processes]
    return sorted(options, key=lambda option: option[1].casefold())


def found_row(design: Design, names: Names) -> FoundRow:
    """Return a design as a row of what was found."""
    steps = (step for part in design.parts for step in part.operations)
    processes = dict.fromkeys(names.process(step.process) for step in steps if step.process)
    return FoundRow(design, tuple(processes), find_kinds(design.license), not unknown_operations(design))


def by_id(designs: Iterable[Design]) -> dict[str, list[Design]]:
    """Return the versions of each design, newest first."""
    found: dict[str, dict[str, Design]] = {}
    for design in designs:
        found.setdefault(design.id, {})[design.version] = design
    return {
        design_id: [versions[version] for version in reversed(sorted_versions(versions))]
        for design_id, versions in found.items()
    }


def operation_rows(design: Design) -> list[OperationRow]:
    """Return all operations of a design, part by part."""
    return [
        OperationRow(part, operation, number == len(part.operations))
        for part in design.parts
        for number, operation in enumerate(part.operations, 1)
    ]


def unknown_operations(design: Design) -> list[str]:
    """Return the names of the parts of which something needed for planning is not known."""
    return [part.name or design.name for part in design.parts if unknown_fields(design, part)]


def unknown_fields(design: Design, part: Part) -> list[str]:
    """Return what planning does not know of a part."""
    if not part.operations:
        return [] if any(line.into == part.name for line in design.bom) else [field_name("operations")]
    unknown = [field for step in part.operations for field in step.unknown]
    unknown += ["process" for step in part.operations if step.process is None]
    unknown += ["minutes" for step in part.operations if step.seconds is None]
    return list(dict.fromkeys(field_name(field) for field in unknown))


def tell_operation(step: Operation, names: Names) -> str:
    """Return an operation in one line."""
    minutes = gettext("time unknown") if step.seconds is None else gettext("%(n)s min", n=minutes_text(step.seconds))
    setup = gettext("%(n)s min set-up", n=minutes_text(step.setup_seconds)) if step.setup_seconds else ""
    size = " × ".join(map(count, step.envelope_mm)) + " mm" if step.envelope_mm else ""
    cost = gettext("%(amount)s of material", amount=money(step.material_cents)) if step.material_cents else ""
    return ", ".join(filter(None, (names.process(step.process), minutes, setup, step.material, size, cost)))


def minutes_text(seconds: int) -> str:
    """Return seconds as minutes with at most one digit after the point."""
    return count(seconds / 60, 1)


def bill_tree(design: Design, versions: Mapping[str, list[Design]]) -> tuple[BomNode, ...]:
    """Return the bill of materials over all its levels; what would contain itself is shown without its contents."""
    return _below(design, "", versions, (f"{design.key}/",))


def _below(
    design: Design, into: str, versions: Mapping[str, list[Design]], seen: tuple[str, ...]
) -> tuple[BomNode, ...]:
    return tuple(_node(design, line, versions, seen) for line in design.bom if line.into == into)


def _node(design: Design, line: BomLine, versions: Mapping[str, list[Design]], seen: tuple[str, ...]) -> BomNode:
    if line.bought is not None:
        return BomNode(line.quantity, line.bought, "bought", line, None, ())
    if line.part is not None:
        step = f"{design.key}/{line.part}"
        below = () if step in seen else _below(design, line.part, versions, (*seen, step))
        return BomNode(line.quantity, line.part, "part", line, None, below)
    module = _module(line, versions)
    if module is None:
        return BomNode(line.quantity, line.design or "", "design", line, None, ())
    step = f"{module.key}/"
    below = () if step in seen else _below(module, "", versions, (*seen, step))
    return BomNode(line.quantity, module.name, "design", line, module, below)


def _module(line: BomLine, versions: Mapping[str, list[Design]]) -> Design | None:
    offered = {design.version: design for design in versions.get(line.design or "", [])}
    yanked = [version for version, design in offered.items() if design.yanked is not None]
    best = choose_version(offered, yanked, line.version)
    return offered[best] if best is not None else None


def count_made(makes: Mapping[str, Any], version: str) -> int:
    """Return how many units of a version were made."""
    return sum(one["units"] for one in makes["versions"] if one["version"] == version)


def previews_by_kind(shown: Iterable[ShownFile]) -> dict[str, ShownFile]:
    """Return what says most of a design: ``text``, the one to read first, ``model`` and ``picture``."""
    found: dict[str, ShownFile] = {}
    for one in shown:
        data = one.preview.data
        kind = "text" if isinstance(data, Prose) else "model" if one.preview.kind == "model" else "picture"
        found.setdefault(kind, one)
    return found


def is_short(shown: ShownFile) -> bool:
    """Tell whether a text is short enough to stand open on a page."""
    data = shown.preview.data
    return isinstance(data, Prose) and len(data.html) <= SHORT_TEXT


def version_rows(record: Record, designs: Iterable[Design]) -> list[VersionRow]:
    """Return all versions of a design, newest first."""
    changes = {design.version: design.changes for design in designs if design.id == record.design_id}
    there = [release.version for release in record.releases if release.version in changes]
    rows = []
    for release in record.releases:
        older = there[there.index(release.version) + 1 :] if release.version in there else []
        told = changes.get(release.version) or release.message
        kind = NoticeKind.TAKE_DOWN if release.taken_down is not None else NoticeKind.YANK
        is_gone = release.taken_down is not None or release.yanked is not None
        notice = record.notice(kind, release.version) if is_gone else None
        rows.append(VersionRow(release, told, older[0] if older else None, notice))
    return rows


def makers_view(found: Mapping[str, Any], names: Names) -> MakersView:
    """Return who can make a design, from what `cosmolocal.workflows.makers.list_makers` says."""
    rows = [_maker_row(row, found["quantity"], names) for row in found["workshops"]]
    paid, quantity = found["imported"]["money_cents"], found["quantity"]
    imported = MakerRow(Shop("", ""), "import", -(-paid // quantity), paid, found["imported"]["total_cents"], None, ())
    return MakersView(
        quantity=quantity,
        place=found["place"],
        able=tuple(row for row in rows if row.ability in ABLE),
        unknown=_by_reason(row for row in rows if row.ability == "unknown"),
        cannot=_by_reason(row for row in rows if row.ability == "cannot"),
        workshops=len(rows),
        imported=imported,
        largest_lot=found["largest_lot"],
    )


def _maker_row(row: Mapping[str, Any], quantity: int, names: Names) -> MakerRow:
    paid = None if row["cost"] is None else row["cost"]["money_cents"] + row["overtime_cents"] + row["trips_cents"]
    reasons = [tell_reason(Reason(one["code"], one["values"]), names) for one in row["because"]]
    return MakerRow(
        workshop=Shop(row["workshop"], names.place(row["workshop"])),
        ability=row["ability"],
        unit_cents=None if paid is None else -(-paid // quantity),
        money_cents=paid,
        total_cents=row["total_cents"],
        monday=None if row["monday"] is None else date.fromisoformat(row["monday"]),
        because=(*reasons, *_helpers(row, names)),
    )


def _by_reason(rows: Iterable[MakerRow]) -> tuple[tuple[str, tuple[Shop, ...]], ...]:
    shops_by_reason: dict[str, list[Shop]] = {}
    for row in rows:
        shops_by_reason.setdefault(" ".join(row.because), []).append(row.workshop)
    return tuple((reason, tuple(shops)) for reason, shops in shops_by_reason.items())


def _helpers(row: Mapping[str, Any], names: Names) -> Iterable[str]:
    """Yield who makes which parts in the cheapest way, or what others have to make."""
    parts_by_shop: dict[str, list[str]] = {}
    for task in row["tasks"]:
        if task["workshop"] != row["workshop"]:
            parts_by_shop.setdefault(task["workshop"], []).append(names.part(task["design"], task["part"]))
    for shop, parts in parts_by_shop.items():
        yield gettext("%(parts)s from %(workshop)s", parts=", ".join(parts), workshop=names.place(shop))
    if not parts_by_shop and row["elsewhere"]:
        parts = [names.part(one["design"], one["part"]) for one in row["elsewhere"]]
        yield gettext("%(parts)s from others", parts=", ".join(parts))
