"""The process vocabulary: ways of making, with parents and aliases."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from cosmolocal.errors import InputError, Problem
from cosmolocal.fields import Fields
from cosmolocal.files import parse_yaml, read_text
from cosmolocal.records import Process, Vocabulary

CODES = {
    "W040": "the process vocabulary cannot be read, or a field of it is missing, wrong or unknown",
    "W041": "two processes share an id, a name or an alias",
    "W042": "a parent of a process is no process of the vocabulary",
    "W043": "a process is its own ancestor",
}

VOCABULARY_FILE = Path(__file__).with_name("processes.yaml")
NEEDS = ("material", "envelope")


def load_vocabulary(path: Path = VOCABULARY_FILE) -> Vocabulary:
    """Return the vocabulary of a file, checked; the package's own by default."""
    return _parse(read_text(path, path.name, "W040"), path.name)


@lru_cache(maxsize=4)
def _parse(text: str, where: str) -> Vocabulary:
    """Return the vocabulary of a text; the same one comes again, for it is asked for whenever a region is read."""
    problems = list[Problem]()
    top = Fields(parse_yaml(text, where, "W040"), where, "W040", problems)
    vocabulary = Vocabulary(tuple(_read_process(table) for table in top.tables("processes", required=True)))
    top.finish()
    problems += check_vocabulary(vocabulary, where)
    if problems:
        raise InputError(problems)
    return vocabulary


def _read_process(table: Fields) -> Process:
    needs = _words(table, "needs")
    if unknown := set(needs) - set(NEEDS):
        table.fault("needs", sorted(unknown), "must be among " + ", ".join(NEEDS))
    process = Process(
        id=table.slug("id"),
        name=table.text("name", required=True),
        parents=_words(table, "parents"),
        aliases=_words(table, "aliases"),
        needs=needs,
    )
    table.finish()
    return process


def _words(table: Fields, name: str) -> tuple[str, ...]:
    words = table.items(name)
    for word in words:
        if not isinstance(word, str) or not word.strip():
            table.fault(name, word, "must be a list of words")
    return tuple(word.strip() for word in words if isinstance(word, str) and word.strip())


def check_vocabulary(vocabulary: Vocabulary, where: str = VOCABULARY_FILE.name) -> list[Problem]:
    """Return what is wrong with the vocabulary: clashing words, unknown parents, circles."""
    known = {process.id for process in vocabulary.processes}
    problems = [
        Problem("W042", f"{where}: {process.id}.parents", f"found {parent!r}; must be the id of a process")
        for process in vocabulary.processes
        for parent in process.parents
        if parent not in known
    ]
    for process, lineage in ancestors_by_process(vocabulary).items():
        if any(process in _parents(vocabulary, ancestor) for ancestor in lineage):
            problems.append(Problem("W043", f"{where}: {process}.parents", "leads back to the process itself"))
    return problems + list(_clashes(vocabulary, where))


def _parents(vocabulary: Vocabulary, process_id: str) -> set[str]:
    return {parent for process in vocabulary.processes if process.id == process_id for parent in process.parents}


def _clashes(vocabulary: Vocabulary, where: str) -> Iterator[Problem]:
    owner_by_word: dict[str, int] = {}
    for index, process in enumerate(vocabulary.processes):
        for word in _known_words(process):
            owner = owner_by_word.setdefault(_normal(word), index)
            if owner != index:
                other = vocabulary.processes[owner].id
                yield Problem(
                    "W041", f"{where}: processes[{index}]", f"found {word!r}; it already stands for {other!r}"
                )


def _known_words(process: Process) -> Iterable[str]:
    return filter(None, (process.id, process.name, *process.aliases))


def ancestors_by_process(vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """Return for each process itself and all that it is a kind of."""
    parents = {process.id: process.parents for process in vocabulary.processes}

    def lineage(process_id: str) -> frozenset[str]:
        seen: set[str] = set()
        waiting = [process_id]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting += parents.get(current, ())
        return frozenset(seen)

    return {process_id: lineage(process_id) for process_id in parents}


def find_process(vocabulary: Vocabulary, words: str) -> str | None:
    """Return the id of the process with this id, name or alias; case, blanks, ``_`` and ``-`` do not matter."""
    return _process_by_word(vocabulary).get(_normal(words))


@cache
def _process_by_word(vocabulary: Vocabulary) -> dict[str, str]:
    return {_normal(word): process.id for process in vocabulary.processes for word in _known_words(process)}


def _normal(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word.strip()).strip().casefold()
