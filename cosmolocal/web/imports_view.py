"""The page that brings lists into the register: what its form says, and what of a review it shows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePath

from werkzeug.datastructures import MultiDict

from cosmolocal.errors import InputError, Problem, Said, say
from cosmolocal.web.fault_words import tell
from cosmolocal.web.words import gettext
from cosmolocal.workflows.importing import KINDS, USUAL_SOURCES, Request, Review, read_near
from cosmolocal.workshops.columns import FIELDS, LEFT_OUT
from cosmolocal.workshops.merging import Outcome, RowReview

#: rows of each outcome, and words for equipment, that the page shows
SHOWN = 100
MOST_WORDS = 40
#: [characters] of a field of the form
LONGEST = 200
#: outcomes whose rows are shown, in this order; doubtful ones stand before them, to be decided
LISTED = (Outcome.CHANGED, Outcome.NEW, Outcome.KEPT, Outcome.REFUSED, Outcome.SAME, Outcome.OUTSIDE)
#: what a person may say of a row that is in doubt, beside the id of a workshop
NEW, LEAVE = "new", "leave"
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?")
#: fields of the form that are texts, as they are read and shown again
TEXTS = ("kind", "source", "date", "licence", "near", "within", "country", "hours", "cost")


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent; every field as text."""

    #: under which the list is kept; "": none was sent yet
    key: str = ""
    #: what the file is called
    name: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    accept_fuzzy: bool = False
    #: what columns were said to stand for, by their names
    columns: Mapping[str, str] = field(default_factory=dict)
    #: what was decided, by place of the row
    decided: Mapping[str, str] = field(default_factory=dict)
    #: the workshop that a row in doubt may be, by place of the row
    candidates: Mapping[str, str] = field(default_factory=dict)
    #: the process that a word means, "" for none, by word
    words: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")


def read_form(sent: MultiDict[str, str]) -> Form:
    """Return what a form holds; whatever else was sent is passed over."""
    known = {name: sent.get(name, "").strip()[:LONGEST] for name in TEXTS}
    columns, decided, words = (dict(_pairs(sent, name, name)) for name in ("column", "row", "word"))
    return Form(
        key=sent.get("list", ""),
        name=name_of(sent.get("file-name", "")),
        texts=known,
        accept_fuzzy=bool(sent.get("fuzzy")),
        columns={name: said for name, said in columns.items() if said in (*FIELDS, LEFT_OUT)},
        decided={place: said for place, said in decided.items() if said},
        candidates=dict(_pairs(sent, "row", "row-is")),
        words={word: "" if said == "none" else said for word, said in words.items() if said},
    )


def _pairs(sent: MultiDict[str, str], name: str, answer: str) -> Iterator[tuple[str, str]]:
    """Yield what was said of each thing: its name and the answer are fields of the same number."""
    for key, named in sent.items():
        if match := re.fullmatch(rf"{name}-name-(\d+)", key):
            yield named, sent.get(f"{answer}-{match[1]}", "").strip()[:LONGEST]


def name_of(text: str) -> str:
    r"""Return the name of a file without its folders.

    >>> name_of("C:\\lists\\labs.json"), name_of("../x")
    ('labs.json', 'x')
    """
    return PurePath(text.replace("\\", "/")).name[-100:]


def build_request(form: Form, content: bytes) -> Request:
    """Return what is to be imported.

    Raises
    ------
    InputError
        With every field that is missing or wrong.
    """
    problems: list[Problem] = []
    day, near = _day(form["date"], problems), _near(form["near"], problems)
    within = _number(form, "within", 20_000, problems)
    hours, cost = _number(form, "hours", 168, problems), _number(form, "cost", 100_000, problems)
    if (form["hours"] == "") != (form["cost"] == ""):
        problems.append(_problem("hours", say("hours and cost go together: an hour needs a cost to be planned")))
    if form["kind"] not in KINDS:
        problems.append(_problem("kind", say("must be one of %(names)s", names=", ".join(KINDS))))
    if not form["source"]:
        problems.append(_problem("source", say("is missing; say whose list it is")))
    if problems:
        raise InputError(problems)
    return Request(
        kind=form["kind"],
        file=_path_of(form),
        source=form["source"],
        day=day or date.today(),
        licence=form["licence"],
        near=near,
        within_km=within or 50.0,
        country=form["country"],
        columns=form.columns,
        accept_fuzzy=form.accept_fuzzy,
        assumed=None if hours is None or cost is None else (round(hours * 60), round(cost * 100)),
        content=content,
        decided=form.decided,
        words=form.words,
    )


def _path_of(form: Form) -> Path:
    return Path(form.name or "list")


def _problem(field: str, told: Said) -> Problem:
    return Problem("W097", field, told)


def _day(text: str, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        told = say("found %(found)s; must be a day such as 2026-09-30", found=repr(text))
        problems.append(_problem("date", told))
        return None


def _near(text: str, problems: list[Problem]) -> tuple[float, float] | None:
    found = read_near(text) if text else None
    if text and found is None:
        told = say("found %(found)s; must be degrees north and east, such as 41.39, 2.17", found=repr(text))
        problems.append(_problem("near", told))
    return found


def _number(form: Form, name: str, most: int, problems: list[Problem]) -> float | None:
    text = form[name]
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or float(text.replace(",", ".")) > most:
        told = say("found %(found)s; must be a number from 0 to %(most)s", found=repr(text), most=most)
        problems.append(_problem(name, told))
        return None
    return float(text.replace(",", "."))


def fill_in(form: Form, kind: str) -> Form:
    """Return a form in which kind and source, where nothing is said of them, are what the list looks like."""
    chosen = form["kind"] or kind
    source = form["source"] or USUAL_SOURCES.get(chosen, "")
    return replace(form, texts={**form.texts, "kind": chosen, "source": source})


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of one outcome."""

    outcome: str
    rows: tuple[RowReview, ...]
    #: how many more there are
    more: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that somebody has to decide on, or has decided."""

    review: RowReview
    #: id and name of the workshop that it may be; "": none
    candidate: str
    candidate_name: str
    #: "": not yet
    decision: str
    #: what may be decided
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word for equipment that nobody was sure of."""

    word: str
    #: id of the process that it is like; "": none
    like: str
    #: id of a process, none, or "": not yet
    chosen: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a review says, as the page shows it."""

    mark: str
    counts: Mapping[str, int]
    #: about how many workshops it is
    workshops: int
    doubts: tuple[Doubt, ...]
    more_doubts: int
    words: tuple[Word, ...]
    more_words: int
    #: rows in doubt that hang on a word
    by_word: Listed
    lists: tuple[Listed, ...]

    @property
    def does_something(self) -> bool:
        """Tell whether applying changes anything."""
        return bool(self.counts["new"] or self.counts["changed"] or self.words)


def show_review(review: Review, form: Form) -> Shown:
    """Return what the page shows of a review."""
    names = {workshop.id: workshop.name for workshop in review.workshops}
    doubts = [_doubt(row, form, names) for row in review.rows if row.choices or form.decided.get(row.row.place)]
    open_ones = [each for each in doubts if not each.decision]
    words = [Word(word, process, process or "none") for word, process in form.words.items()]
    words += [Word(word, like, "") for word, like in sorted(review.asked.items(), key=lambda each: (not each[1], each))]
    of_words = [row for row in review.rows if row.outcome is Outcome.DOUBTFUL and not row.choices]
    lists = (_listed(outcome, [row for row in review.rows if row.outcome is outcome]) for outcome in LISTED)
    return Shown(
        mark=review.mark,
        counts=review.counts,
        workshops=len(review.named),
        doubts=(*open_ones[:SHOWN], *(each for each in doubts if each.decision)),
        more_doubts=max(0, len(open_ones) - SHOWN),
        words=tuple(words[: MOST_WORDS + len(form.words)]),
        more_words=max(0, len(words) - len(form.words) - MOST_WORDS),
        by_word=_listed(Outcome.DOUBTFUL, of_words),
        lists=tuple(each for each in lists if each.rows),
    )


def _doubt(review: RowReview, form: Form, names: Mapping[str, str]) -> Doubt:
    place = review.row.place
    candidate = next((each for each in review.choices if each not in (NEW, LEAVE)), form.candidates.get(place, ""))
    decision = form.decided.get(place, "")
    choices = tuple(dict.fromkeys(each for each in (candidate, NEW, LEAVE, decision) if each))
    return Doubt(review, candidate, names.get(candidate, candidate), decision, choices)


def _listed(outcome: Outcome, rows: list[RowReview]) -> Listed:
    return Listed(outcome.value, tuple(rows[:SHOWN]), max(0, len(rows) - SHOWN))


def field_labels() -> dict[str, str]:
    """Return what columns may stand for, by the name of the field."""
    return {
        "": gettext("left out"),
        "id": gettext("id in the list"),
        "name": gettext("name"),
        "lat": gettext("latitude"),
        "lon": gettext("longitude"),
        "lat_lon": gettext("latitude and longitude"),
        "address": gettext("address"),
        "city": gettext("city"),
        "country": gettext("country"),
        "status": gettext("status"),
        "equipment": gettext("equipment"),
        "make": gettext("make of the machine"),
        "model": gettext("model of the machine"),
        "machines": gettext("number of machines"),
        "weekly_hours": gettext("hours a week"),
        "hourly_cost": gettext("cost an hour"),
        "envelope_mm": gettext("largest piece"),
        "materials": gettext("materials"),
        "tolerance": gettext("tolerance"),
    }


def by_field(problems: list[Problem]) -> dict[str, list[str]]:
    """Return what is wrong with a field of the form, by its name."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        if problem.code == "W097":
            told.setdefault(problem.where, []).append(tell(problem))
    return told
