"""What a list changes in the register: every row of the list gets one outcome, and nothing a person confirmed goes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from cosmolocal.errors import Said, say
from cosmolocal.records import Origin, Provenance, Workshop, WorkshopStatus
from cosmolocal.workshops.equipment import Reader, Sureness
from cosmolocal.workshops.finding import Finder, Match
from cosmolocal.workshops.found import Row, distance_m, make_id, plain_name
from cosmolocal.workshops.grouping import Assumed, Wanted, merge_groups, want_groups
from cosmolocal.workshops.records_in import merge_record

#: [m] a shift of coordinates that is none
SAME_POINT_M = 1.0


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    #: the register says otherwise, and stays: a person confirmed it, or it comes from elsewhere
    KEPT = "kept"
    #: somebody has to say: is it another workshop, is it closed, what does the word mean
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    #: not asked for: too far, or of another country
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class RowReview:
    """What becomes of a row, and why."""

    row: Row
    outcome: Outcome
    #: id in the register; "": none
    workshop: str = ""
    notes: tuple[str, ...] = ()
    #: what a person may decide on a row in doubt: the id of a workshop, new, leave; (): it hangs on a word
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The list that is imported."""

    name: str
    day: date | None = None
    licence: str = ""

    def imported(self, key: str) -> Origin:
        """Return the note of where something comes from."""
        return Origin(self.name, key, self.day, self.licence)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a list is imported."""

    source: Source
    reader: Reader
    #: ids that are taken: of places
    taken: frozenset[str] = frozenset()
    assumed: Assumed | None = None
    #: by place of the row: new, leave, or the id of the workshop that it is
    decisions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    """A register with a list in it."""

    workshops: tuple[Workshop, ...]
    rows: tuple[RowReview, ...]
    #: the process that a word may mean ("": no idea) by word that nobody has decided on
    asked: Mapping[str, str]


@dataclass(slots=True)
class _Draft:
    """A workshop while the list is read."""

    before: Workshop | None
    now: Workshop
    rows: list[Row] = field(default_factory=list)
    #: what an earlier row of the list said of name, point, address and status
    said: dict[str, object] = field(default_factory=dict)


def merge_rows(workshops: Collection[Workshop], rows: Sequence[Row], terms: Terms) -> Merged:
    """Return the register with the rows of a list in it; rows that are outside are no longer among them."""
    return _Merging(workshops, terms).merge(rows)


class _Merging:
    def __init__(self, workshops: Collection[Workshop], terms: Terms) -> None:
        self.terms, self.finder = terms, Finder(workshops)
        self.drafts: dict[str, _Draft] = {}
        self.before = {workshop.id: workshop for workshop in workshops}
        self.order = [workshop.id for workshop in workshops]
        self.ids = {*terms.taken, *self.before}
        self.reviews: dict[int, RowReview] = {}
        #: name and point of each workshop, and of those that the list gave an id, by that
        told = {each.id: (plain_name(each.name), each.lat, each.lon) for each in workshops}
        self._known = set(told.values())
        self._by_key = {
            origin.id: told[each.id]
            for each in workshops
            for origin in each.imported
            if origin.id and origin.source == terms.source.name
        }

    def merge(self, rows: Sequence[Row]) -> Merged:
        placed: dict[str, list[tuple[int, Row]]] = {}
        # rows without coordinates come last, so that it does not matter where in the list they stand; first come those
        # that the register has just so: no row that is only like one of these may move it
        ordered = sorted(enumerate(rows), key=lambda each: (each[1].lat is None, not self._has_just_so(each[1])))
        for number, row in ordered:
            review = self._refuse(row)
            target = None if review else self._target(row)
            if isinstance(target, str):
                placed.setdefault(target, []).append((number, row))
            else:
                self.reviews[number] = review or target or RowReview(row, Outcome.REFUSED)
        asked: dict[str, str] = {}
        for target, told in placed.items():
            self._merge_one(target, told, asked)
        after = {name: draft.now for name, draft in self.drafts.items()}
        kept = [after.get(name) or self.before[name] for name in self.order if name in after or name in self.before]
        reviews = tuple(self.reviews[number] for number in range(len(rows)))
        return Merged(tuple(kept), reviews, asked)

    def _has_just_so(self, row: Row) -> bool:
        """Tell whether the register has what a row speaks of, by its id or else its name, under that name and there."""
        told = (plain_name(row.name), row.lat, row.lon)
        return self._by_key[row.id] == told if row.id in self._by_key else told in self._known

    def _refuse(self, row: Row) -> RowReview | None:
        decision = self.terms.decisions.get(row.place, "")
        if row.fault:
            return RowReview(row, Outcome.REFUSED, notes=(row.fault,))
        if decision == "leave":
            return RowReview(row, Outcome.REFUSED, notes=(say("left out, as was decided"),))
        if (row.lat, row.lon) == (0.0, 0.0) and row.record is None:
            return RowReview(row, Outcome.REFUSED, notes=(say("stands at 0, 0, which is in the sea"),))
        if row.doubt and not decision:
            return RowReview(row, Outcome.DOUBTFUL, notes=(row.doubt,), choices=("new", "leave"))
        if row.is_closed_by_name and not decision:
            told = say("its name says that it is closed")
            return RowReview(row, Outcome.DOUBTFUL, notes=(told,), choices=("new", "leave"))
        return None

    def _target(self, row: Row) -> str | RowReview:
        """Return the id of the workshop that a row speaks of, known or new; or what becomes of the row."""
        decision = self.terms.decisions.get(row.place, "")
        found = self.finder.find(row, self.terms.source.name)
        if decision and decision != "new":
            if decision not in self.finder.by_id:
                told = say("decided: %(decision)s, which is no workshop", decision=repr(decision))
                return RowReview(row, Outcome.REFUSED, notes=(told,))
            target = decision
        elif found.match is Match.DOUBTFUL and decision != "new":
            choices = (found.workshop, "new", "leave")
            return RowReview(row, Outcome.DOUBTFUL, found.workshop, (found.reason,), choices)
        elif found.match is Match.SAME and decision != "new":
            target = found.workshop
        elif row.record is None and (row.lat is None or row.lon is None):
            told = say("has no coordinates")
            if row.address:
                told = say("has the address %(address)s but no coordinates", address=repr(row.address))
            return RowReview(row, Outcome.REFUSED, notes=(told, *row.notes))
        else:
            target = self._start(row)
        if target not in self.drafts:
            self.drafts[target] = _Draft(self.before[target], self.before[target])
        self.finder.add_key(target, self.terms.source.name, row.id)
        return self._compare(row, self.drafts[target])

    def _start(self, row: Row) -> str:
        """Begin a new workshop."""
        if row.record is not None:
            made = row.record
            if made.id in self.ids:
                made = replace(made, id=self._free(made.id))
        else:
            made = Workshop(
                id=self._free(make_id(row.name, row.id and f"{self.terms.source.name} {row.id}")),
                name=row.name,
                lat=row.lat or 0.0,
                lon=row.lon or 0.0,
                groups=(),
                status=row.status or WorkshopStatus.ACTIVE,
                address=row.address,
                source=self.terms.source.name,
                provenance=Provenance.INFERRED if "geocoded" in row.notes else Provenance.DECLARED,
                terms_provenance=Provenance.UNKNOWN,
                imported=(self.terms.source.imported(row.id),),
            )
        self.ids.add(made.id)
        self.order.append(made.id)
        self.drafts[made.id] = _Draft(None, made)
        self.finder.add(made)
        return made.id

    def _free(self, wanted: str) -> str:
        number, name = 1, wanted
        while name in self.ids:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _compare(self, row: Row, draft: _Draft) -> str | RowReview:
        """Return the workshop's id, unless an earlier row of this list says otherwise of it."""
        told: dict[str, object] = {"name": plain_name(row.name), "address": row.address, "status": row.status}
        if row.lat is not None:
            told["point"] = (row.lat, row.lon)
        for name, value in told.items():
            if value and draft.said.get(name, value) != value:
                reason = say(
                    "says another %(field)s of %(workshop)s than an earlier row of this file",
                    field=name,
                    workshop=draft.now.id,
                )
                return RowReview(row, Outcome.DOUBTFUL, draft.now.id, (reason,), ("new", "leave"))
        draft.said |= {name: value for name, value in told.items() if value}
        return draft.now.id

    def _merge_one(self, target: str, told: Sequence[tuple[int, Row]], asked: dict[str, str]) -> None:
        draft, rows = self.drafts[target], [row for _, row in told]
        if rows[0].record is not None:
            self._merge_record(draft, told)
            return
        wanted = want_groups(rows, self.terms.reader)
        for reading in wanted.unsure:
            if self.terms.reader.could_be_decided(reading):
                asked.setdefault(reading.word, reading.process or "")
        takes_none = all(row.one_machine for row in rows) and not wanted.groups
        if draft.before is None and takes_none:
            self.order.remove(target)
            del self.drafts[target]
            for number, row in told:
                self.reviews[number] = _of_equipment(row, "", wanted, Outcome.SAME)
            return
        changed, kept = self._merge_facts(draft, rows)
        draft.now, effects = merge_groups(draft.now, wanted.groups, self.terms)
        for number, row in told:
            self.reviews[number] = self._judge(draft, row, (changed, kept), wanted, effects)

    def _judge(
        self,
        draft: _Draft,
        row: Row,
        facts: tuple[list[str], list[str]],
        wanted: Wanted,
        effects: Mapping[tuple[str, str, str], tuple[str, str]],
    ) -> RowReview:
        """Return what becomes of a row of a workshop that is taken over."""
        changed, kept = facts
        mine = [effects[key] for key in wanted.keys_by_place.get(row.place, ()) if key in effects]
        news = [note for kind, note in mine if kind == "new"] + [note for kind, note in mine if kind == "changed"]
        stays = [note for kind, note in mine if kind == "kept"] + kept
        if draft.before is None or (row.one_machine and any(kind == "new" for kind, _ in mine)):
            outcome = Outcome.NEW
        elif news or (changed and not row.one_machine):
            outcome = Outcome.CHANGED
        else:
            outcome = Outcome.KEPT if stays else Outcome.SAME
        review = _of_equipment(row, draft.now.id, wanted, outcome)
        if draft.before is not None:
            notes = [*changed, *news, *(say("kept: %(note)s", note=note) for note in stays)]
        else:
            status = draft.now.status
            idle = say("is %(status)s: kept in the register, never planned", status=status.value)
            notes = [] if status is WorkshopStatus.ACTIVE else [idle]
        return replace(review, notes=(*row.notes, *notes, *review.notes))

    def _merge_facts(self, draft: _Draft, rows: Sequence[Row]) -> tuple[list[str], list[str]]:
        """Take over name, place, address and status; return what changed, and what the register keeps."""
        changed: list[str] = []
        kept: list[str] = []
        source, now = self.terms.source, draft.now
        free = now.source == source.name and now.provenance is not Provenance.CONFIRMED
        for row in rows:
            values = _facts_of(row, now)
            for name, value in values.items():
                shown = say("%(field)s %(old)s → %(new)s", field=name, old=repr(getattr(now, name)), new=repr(value))
                if free or getattr(now, name) == "":
                    now = replace(now, **{name: value})
                    changed.append(shown)
                elif shown not in kept and (now.provenance is Provenance.CONFIRMED or _matters(name, row, now)):
                    kept.append(shown)
        if not any(each.source == source.name for each in now.imported):
            now = replace(now, imported=(*now.imported, source.imported(next((r.id for r in rows if r.id), ""))))
            changed.append(say("is also in %(list)s", list=source.name))
        draft.now = now
        return (changed, kept) if draft.before is not None else ([], [])

    def _merge_record(self, draft: _Draft, told: Sequence[tuple[int, Row]]) -> None:
        for number, row in told:
            if row.record is None or draft.before is None:
                self.reviews[number] = RowReview(row, Outcome.NEW, draft.now.id)
                continue
            draft.now, changed, kept = merge_record(draft.now, row.record)
            outcome = Outcome.CHANGED if changed else Outcome.KEPT if kept else Outcome.SAME
            notes = (*changed, *(say("kept: %(note)s", note=note) for note in kept))
            self.reviews[number] = RowReview(row, outcome, draft.now.id, notes)


def _matters(name: str, row: Row, now: Workshop) -> bool:
    """Tell whether what another list says is so different that a person should know."""
    if name == "address":
        return plain_name(row.address) not in plain_name(now.address)
    if name not in ("lat", "lon"):
        return True
    return row.lat is not None and row.lon is not None and distance_m((row.lat, row.lon), (now.lat, now.lon)) > 100


def _facts_of(row: Row, now: Workshop) -> dict[str, Any]:
    """Return what a row says otherwise than the register."""
    values: dict[str, Any] = {}
    if plain_name(row.name) != plain_name(now.name):
        values["name"] = row.name
    if row.lat is not None and row.lon is not None:
        shift = distance_m((row.lat, row.lon), (now.lat, now.lon))
        if shift > SAME_POINT_M:
            values |= {"lat": row.lat, "lon": row.lon}
    if row.address and row.address != now.address:
        values["address"] = row.address
    if row.status is not None and row.status is not now.status:
        values["status"] = row.status
    return values


def _of_equipment(row: Row, workshop: str, wanted: Wanted, outcome: Outcome) -> RowReview:
    """Return the review of a row with what its equipment asks of people."""
    unsure = wanted.unsure_by_place.get(row.place, ())
    notes = tuple(_ask(reading.word, reading.process, reading.like) for reading in unsure)
    if row.one_machine and unsure and not wanted.keys_by_place.get(row.place):
        fuzzy = any(reading.sureness is Sureness.FUZZY for reading in unsure)
        outcome = Outcome.DOUBTFUL if fuzzy else Outcome.REFUSED
    elif row.one_machine and not wanted.keys_by_place.get(row.place):
        outcome = Outcome.REFUSED
        notes = (say("names no equipment"),)
    return RowReview(row, outcome, workshop, notes)


def _ask(word: str, process: str | None, like: str) -> Said:
    if process is None:
        return say("equipment %(word)s is no process that is known, and is left out", word=repr(word))
    return say(
        "equipment %(word)s may be %(process)s, for it is like %(like)s; it is left out until somebody says so",
        word=repr(word),
        process=process,
        like=repr(like),
    )
