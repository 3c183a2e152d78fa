"""Words for equipment to processes of the vocabulary, with how sure each reading is."""

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_csv, parse_yaml, read_text
from cosmolocal.processes import ancestors_by_process, find_process
from cosmolocal.records import Vocabulary
from cosmolocal.workshops.found import Equipment

CODES = {
    "W063": "equipment.csv cannot be read, or a row of it is wrong",
}
WORDS_FILE = Path(__file__).with_name("equipment.yaml")
COLUMNS = ("word", "process", "decision")
#: a person's decision: the word means the process; it means none
YES, NO = "yes", "no"
#: ratio of difflib from which a word is like another one
ALIKE = 0.84
_BLANKS = re.compile(r"[\s_\-–/]+")


class Sureness(StrEnum):
    """How sure a reading of equipment is."""

    #: the process's id or name
    EXACT = "exact"
    #: another word for it, or a model that does only that
    ALIAS = "alias"
    #: a person said so in ``equipment.csv``
    STATED = "stated"
    #: it looks like a word for it: somebody has to say so
    FUZZY = "fuzzy"
    #: nothing is like it
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reading:
    """What equipment is taken for."""

    #: the words that were read
    word: str
    #: id in the vocabulary; None: none
    process: str | None
    sureness: Sureness
    #: the word of ours that it was found to be, or to be like
    like: str = ""


def plain_words(text: str) -> str:
    """Return words as they are compared: small letters without accents, blanks for hyphens.

    >>> plain_words("Découpeuse_Laser")
    'decoupeuse laser'
    """
    parted = unicodedata.normalize("NFKD", text.casefold().replace("\u00ad", ""))
    letters = "".join(sign for sign in parted if not unicodedata.combining(sign))
    return _BLANKS.sub(" ", letters).strip()


@cache
def _load_words(path: Path = WORDS_FILE) -> tuple[dict[str, str], dict[str, str], frozenset[str], frozenset[str]]:
    """Return processes by word, processes by model, words that mean no process, and words that say nothing."""
    plain = parse_yaml(read_text(path, path.name, "W063"), path.name, "W063")
    words, models = (
        {plain_words(word): process for process, listed in plain[name].items() for word in listed}
        for name in ("words", "models")
    )
    nothing, vague = (frozenset(map(plain_words, plain[name])) for name in ("nothing", "vague"))
    return words, models, nothing, vague


class Reader:
    """Reads equipment with a vocabulary and what people of the region have decided."""

    def __init__(self, vocabulary: Vocabulary, decided: Mapping[str, str | None], accept_fuzzy: bool = False) -> None:
        self.vocabulary, self.decided, self.accept_fuzzy = vocabulary, decided, accept_fuzzy
        self.words, self.models, self.nothing, self.vague = _load_words()
        self.lineage = ancestors_by_process(vocabulary)
        self.names = {plain_words(process.name) for process in vocabulary.processes}
        self.names |= {plain_words(process.id) for process in vocabulary.processes}
        aliases = {plain_words(word): process.id for process in vocabulary.processes for word in process.aliases}
        names = {plain_words(word): each.id for each in vocabulary.processes for word in (each.id, each.name)}
        # short codes such as LAS are like too much
        self.known = {word: process for word, process in (self.words | aliases | names).items() if len(word) > 4}
        self._guesses: dict[str, Reading] = {}

    def read(self, equipment: Equipment) -> Reading:
        """Return what equipment is taken for: its first word that says something, made finer by its model."""
        words = [word for word in equipment.words if word.strip() and plain_words(word) not in self.vague]
        if words and plain_words(words[0]) in self.nothing and plain_words(words[0]) not in self.decided:
            return Reading(words[0], None, Sureness.NONE)
        readings = [self.read_word(word) for word in words]
        model = self._read_model(equipment)
        sure = [reading for reading in readings if reading.sureness not in (Sureness.FUZZY, Sureness.NONE)]
        if sure and sure[0].process is None:
            return sure[0]
        if sure:
            finer = model is not None and sure[0].process in self.lineage.get(model.process or "", ())
            return model if model is not None and finer else sure[0]
        if model is not None:
            return model
        fuzzy = [reading for reading in readings if reading.sureness is Sureness.FUZZY]
        open_ones = [reading for reading in readings if self.could_be_decided(reading)]
        spare = Reading(" ".join(equipment.words), None, Sureness.NONE)
        return (fuzzy or open_ones or readings or [spare])[0]

    def read_word(self, word: str) -> Reading:
        """Return what a word is taken for."""
        plain = plain_words(word)
        if plain in self.decided:
            return Reading(word, self.decided[plain], Sureness.STATED, word)
        found = find_process(self.vocabulary, plain) or find_process(self.vocabulary, word)
        if found is not None:
            return Reading(word, found, Sureness.EXACT if plain in self.names else Sureness.ALIAS, plain)
        if plain in self.words:
            return Reading(word, self.words[plain], Sureness.ALIAS, plain)
        if plain in self.nothing or len(plain) < 4:
            return Reading(word, None, Sureness.NONE)
        if plain not in self._guesses:
            self._guesses[plain] = self._guess(word, plain)
        return self._guesses[plain]

    def _guess(self, word: str, plain: str) -> Reading:
        inside = [known for known in self.known if f" {known} " in f" {plain} "]
        like = inside or difflib.get_close_matches(plain, self.known, 1, ALIKE)
        if not like:
            return Reading(word, None, Sureness.NONE)
        best = max(like, key=lambda known: (len(known), known))
        return Reading(word, self.known[best], Sureness.FUZZY, best)

    def _read_model(self, equipment: Equipment) -> Reading | None:
        name = plain_words(f"{equipment.make} {equipment.model} {' '.join(equipment.words)}")
        found = [model for model in self.models if f" {model} " in f" {name} "]
        if not found:
            return None
        best = max(found, key=lambda model: (len(model), model))
        return Reading(equipment.model or name, self.models[best], Sureness.ALIAS, best)

    def could_be_decided(self, reading: Reading) -> bool:
        """Tell whether somebody could say what a word means, and has not yet."""
        return reading.sureness in (Sureness.FUZZY, Sureness.NONE) and plain_words(reading.word) not in self.nothing

    def takes(self, reading: Reading) -> bool:
        """Tell whether a reading may be relied on."""
        sure = reading.sureness is not Sureness.FUZZY or self.accept_fuzzy
        return reading.process is not None and sure


def read_decisions(text: str, where: str, vocabulary: Vocabulary) -> dict[str, str | None]:
    """Return the process by word, None for no process, of the rows of ``equipment.csv`` that are decided.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    known = {process.id for process in vocabulary.processes}
    decided: dict[str, str | None] = {}
    problems = []
    for line, cells in parse_csv(text, where, "W063", COLUMNS) if text.strip() else ():
        place = f"{where}: line {line}"
        if cells["decision"] not in (YES, NO, ""):
            problems.append(Problem("W063", f"{place}.decision", f"found {cells['decision']!r}; must be yes or no"))
        if cells["decision"] == YES and cells["process"] not in known:
            rule = "must be the id of a process in processes.yaml"
            problems.append(Problem("W063", f"{place}.process", f"found {cells['process']!r}; {rule}"))
        if cells["decision"]:
            decided[plain_words(cells["word"])] = cells["process"] if cells["decision"] == YES else None
    if problems:
        raise InputError(problems)
    return decided


def add_questions(text: str, asked: Mapping[str, str]) -> str:
    """Return ``equipment.csv`` with a row for each word asked for, with the process it may mean; no row goes."""
    there = {plain_words(word) for word in _words_in(text)}
    added = {word: process for word, process in asked.items() if plain_words(word) not in there}
    if not added:
        return text
    out = io.StringIO(newline="")
    out.write(text if not text or text.endswith(("\n", "\r")) else text + "\n")
    writer = csv.writer(out, lineterminator="\n")
    if not text.strip():
        writer.writerow(COLUMNS)
    writer.writerows((word, process, "") for word, process in sorted(added.items()))
    return out.getvalue()


def decide_words(text: str, decided: Mapping[str, str]) -> str:
    """Return ``equipment.csv`` with what a person says that words mean; what was decided before stays.

    ``decided`` holds the id of a process, or "" for none, by word; a row without a decision gets it.
    """
    open_ones = {plain_words(word): (word, process) for word, process in decided.items()}
    lines, out = io.StringIO(text, newline=""), io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    head: list[str] = []
    for raw, row in _raw_rows(lines):
        head = head or [name.strip() for name in row]
        cells = dict(zip(head, row, strict=False))
        said = open_ones.pop(plain_words(cells.get("word", "")), None)
        if said is None or cells.get("decision", "").strip():
            out.write(raw)
        else:
            cells |= _decision(cells["word"], said[1])
            writer.writerow([cells.get(name, "") for name in head])
    if open_ones:
        if text and not text.endswith(("\n", "\r")):
            out.write("\n")
        if not text.strip():
            writer.writerow(head := list(COLUMNS))
        rows = [_decision(word, process) for word, process in sorted(open_ones.values())]
        writer.writerows([row.get(name, "") for name in head] for row in rows)
    return out.getvalue()


def _decision(word: str, process: str) -> dict[str, str]:
    return {"word": word, "process": process, "decision": YES if process else NO}


def _raw_rows(lines: io.StringIO) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows of a table, each with its text as it stands there."""
    taken: list[str] = []

    def feed() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    for row in csv.reader(feed()):
        yield "".join(taken), row
        taken.clear()


def _words_in(text: str) -> Iterator[str]:
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield str(row.get("word") or "")
