"""Tolerant reading of manifests that others wrote: OKH-LOSH 1.0 (TOML) and OKH 1.0 (YAML).

What can be understood is; each cleaning is a counted warning; what is not said stays unknown.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cosmolocal.designs.cleaning import Cleaner
from cosmolocal.designs.manifest import FILE_FIELDS, kebab_key
from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_json, parse_toml, parse_yaml, read_text

Reader = Callable[[Any, str], Any]

#: most bytes and YAML values of a manifest that are read
MAX_BYTES = 1 << 20
MAX_NODES = 20_000

_TRL = tuple(f"OTRL-{level}" for level in range(1, 7))
_DRL = ("ODRL-1", "ODRL-2", "ODRL-3", "ODRL-3*", "ODRL-4")
_TSDC = ("ASM", "MEC", "CIR", "PCB", "WEL", "3DP", "LAS", "CNC", "COT", "POST", "SHEET")
_REQUIREMENTS = ("process", "minutes", "material", "envelope", "bom", "mass")
#: keys that people spell otherwise, in kebab-case
_KEY_BY_SPELLING = {
    "organisation": "organization",
    "licence": "license",
    "documentation-lang": "documentation-language",
}


@dataclass(frozen=True, slots=True)
class ForeignManifest:
    """What a manifest says, cleaned."""

    file: str
    #: "okh-losh", "okh-1"; "" where it is neither
    format: str = ""
    #: cleaned values by key of the format; what is not there is not known
    values: Mapping[str, Any] = field(default_factory=dict)
    #: SPDX expression of the hardware; None: needs a person
    license: str | None = None
    #: requirements that nobody stated, e.g. ``process`` or ``part[3].material``
    unknown: tuple[str, ...] = _REQUIREMENTS
    warnings: tuple[Problem, ...] = ()
    #: why it could not be read; empty: it could
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that ``designs read`` prints."""
        return {
            "file": self.file,
            "ok": not self.problems,
            "format": self.format,
            "name": self.values.get("name") or self.values.get("title"),
            "version": self.values.get("version"),
            "license": self.license,
            "unknown": list(self.unknown),
            "warnings": [warning.as_dict() for warning in self.warnings],
            "problems": [problem.as_dict() for problem in self.problems],
        }


def read_manifests(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Return for each file what could be read of it and what is wrong with it; no file stops the others."""
    return [read_manifest_file(path).as_dict() for path in paths]


def read_manifest_file(path: Path, where: str | None = None) -> ForeignManifest:
    """Return what one foreign manifest says; a file that cannot be read is a result with problems.

    ``where`` names the file in problems; its path does unless told.
    """
    file = where or str(path)
    cleaner = Cleaner(file)
    try:
        document = _parsed(path, cleaner)
        known, required, name = _format_of(document, cleaner)
    except InputError as error:
        return ForeignManifest(file, problems=error.problems)
    fields = _known_keys(document, known, cleaner)
    values = {key: clean for key, value in fields.items() if (clean := known[key](value, key)) is not None}
    for names in required:
        if not any(name in values for name in names):
            cleaner.warn("D033", " or ".join(names), "is missing; it is required")
    license_ = _license(values.get("license"), cleaner)
    return ForeignManifest(file, name, values, license_, _unknown(values), tuple(cleaner.warnings))


def _parsed(path: Path, cleaner: Cleaner) -> dict[str, Any]:
    file = cleaner.file
    text = read_text(path, file, "D010", max_bytes=MAX_BYTES)
    suffix = path.suffix.lower()
    if suffix == ".toml":
        return parse_toml(text, file, "D010")
    if suffix in (".yml", ".yaml"):
        repeated: list[str] = []
        document = parse_yaml(_without_directives(text, cleaner), file, "D010", MAX_NODES, repeated)
        for key in repeated:
            cleaner.warn("D043", key, "stands twice with the same value")
    elif suffix == ".json":
        document = parse_json(text, file, "D010")
    else:
        raise InputError([Problem("D010", file, f"found {path.name!r}; manifests are .toml, .yml, .yaml or .json")])
    if not isinstance(document, dict):
        raise InputError([Problem("D010", file, "holds no table of named fields")])
    return document


def _without_directives(text: str, cleaner: Cleaner) -> str:
    """Return the text with lines ``%...`` before ``---`` left blank; early OKH manifests have one."""
    match = re.match(r"(?:(?:%|[ \t]*#)[^\n]*\n|[ \t]*\n)+(?=---)", text)
    if match is None or "%" not in match[0]:
        return text
    cleaner.warn("D044", "", f"begins with {match[0].strip()[:60]!r}; not used")
    return "\n" * match[0].count("\n") + text[match.end() :]


def _format_of(
    document: Mapping[str, Any], cleaner: Cleaner
) -> tuple[Mapping[str, Reader], tuple[tuple[str, ...], ...], str]:
    """Return fields, required fields and name of the format that knows most of the keys."""
    formats = (
        (_losh_fields(cleaner), _LOSH_REQUIRED, "okh-losh"),
        (_okh_fields(cleaner), _OKH_REQUIRED, "okh-1"),
    )
    keys = {_plain_key(key) for key in document}
    best = max(formats, key=lambda candidate: len(keys & candidate[0].keys()))
    if not keys & best[0].keys():
        found = ", ".join(sorted(document)[:5]) or "none"
        raise InputError([Problem("D011", cleaner.file, f"is no OKH manifest; its fields are {found}")])
    return best


def _plain_key(key: str) -> str:
    plain = kebab_key(key).lower().replace("_", "-")
    return _KEY_BY_SPELLING.get(plain, plain)


def _known_keys(
    document: Mapping[str, Any], known: Mapping[str, Any], cleaner: Cleaner, place: str = ""
) -> dict[str, Any]:
    """Return the values by the format's own keys; other spellings and unknown keys are counted."""
    fields: dict[str, Any] = {}
    for key, value in document.items():
        plain = _plain_key(key)
        if plain not in known:
            cleaner.warn("D039", f"{place}{key}", "is not known to the format; not used")
        elif plain in fields or (plain != key and plain in document):
            cleaner.warn("D030", f"{place}{key}", f"stands beside {plain}; not used")
        else:
            if plain != key:
                cleaner.warn("D030", f"{place}{key}", f"read as {plain}")
            if value not in (None, "", [], {}):
                fields[plain] = value
    return fields


def _license(stated: Any, cleaner: Cleaner) -> str | None:
    """Return the licence of the hardware; that of texts or software says nothing about it."""
    if not isinstance(stated, dict):
        return None if stated is None else str(stated)
    if "hardware" not in stated:
        others = ", ".join(f"{kind} {expression}" for kind, expression in stated.items()) or "none"
        cleaner.warn("D013", "license.hardware", f"is not stated (stated: {others}); a person must say which it is")
    return stated.get("hardware")


def _unknown(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the requirements nobody stated; machine minutes and work-piece sizes are in neither format."""
    parts = values.get("part", ())
    missing = []
    for prefix, table in [(f"part[{index}].", part) for index, part in enumerate(parts)] or [("", values)]:
        stated = {"process": "tsdc" in table, "material": "material" in table, "mass": "mass" in table}
        missing += [
            prefix + name for name in ("process", "minutes", "material", "envelope", "mass") if not stated.get(name)
        ]
    return (*(() if "bom" in values else ("bom",)), *missing)


_LOSH_REQUIRED: tuple[tuple[str, ...], ...] = (
    ("okhv",),
    ("name",),
    ("repo",),
    ("version",),
    ("license",),
    ("licensor",),
    ("function",),
)
_OKH_REQUIRED: tuple[tuple[str, ...], ...] = (
    ("title",),
    ("description",),
    ("license",),
    ("project-link", "documentation-home"),
)


def _losh_fields(cleaner: Cleaner) -> dict[str, Reader]:
    many_paths = ("image", *FILE_FIELDS)
    text = dict.fromkeys(("name", "function", "material", "attestation", "publication", "release"), cleaner.text)
    return {
        **text,
        **dict.fromkeys(many_paths, cleaner.paths),
        "okhv": cleaner.one_of(("OKH-LOSHv1.0",)),
        "repo": cleaner.web_address,
        "version": cleaner.version,
        "license": cleaner.license,
        "licensor": cleaner.text_or_texts,
        "organization": cleaner.text_or_texts,
        "documentation-language": cleaner.language,
        "technology-readiness-level": cleaner.one_of(_TRL),
        "documentation-readiness-level": cleaner.one_of(_DRL),
        "standard-compliance": cleaner.text_or_texts,
        "cpc-patent-class": cleaner.text_or_texts,
        "fork-of": cleaner.text_or_texts,
        "tsdc": _tsdc_reader(cleaner),
        "mass": cleaner.grams,
        "outer-dimensions": cleaner.dimensions,
        "software": _tables_reader(cleaner, {"release": cleaner.text, "installation-guide": cleaner.paths}),
        "part": _tables_reader(cleaner, _part_fields(cleaner)),
    }


def _part_fields(cleaner: Cleaner) -> dict[str, Reader]:
    return {
        **dict.fromkeys(("source", "export", "image", "auxiliary"), cleaner.paths),
        "name": cleaner.text,
        "tsdc": _tsdc_reader(cleaner),
        "mass": cleaner.grams,
        "outer-dimensions": cleaner.dimensions,
        "material": cleaner.text,
        "printing-process": cleaner.one_of(("FDM", "SLA", "SLS", "MJF", "DMLS")),
        "2d-size-mm": _kept,
        "component-sides": _kept,
    }


_OKH_TEXTS = (
    "title",
    "description",
    "intended-use",
    "development-stage",
    "health-safety-notice",
    "okh-manifest-version",
)
_OKH_PATHS = (
    "image",
    "archive-download",
    "manufacturing-files",
    "design-files",
    "schematics",
    "making-instructions",
    "operating-instructions",
    "maintenance-instructions",
    "disposal-instructions",
    "quality-instructions",
    "risk-assessment",
    "tool-settings",
    "software",
)
_OKH_KEPT = (
    "contact",
    "manifest-author",
    "contributors",
    "standards-used",
    "derivative-of",
    "variant-of",
    "sub",
    "sub-parts",
    "tool-list",
    "manifest-is-translation",
    "documentation-is-translation",
)


def _okh_fields(cleaner: Cleaner) -> dict[str, Reader]:
    licence = {"hardware": cleaner.license, "documentation": cleaner.license, "software": cleaner.license}
    return {
        **dict.fromkeys(_OKH_TEXTS, cleaner.text),
        **dict.fromkeys(_OKH_PATHS, cleaner.paths),
        **dict.fromkeys(_OKH_KEPT, _kept),
        "project-link": cleaner.web_address,
        "documentation-home": cleaner.web_address,
        "keywords": cleaner.texts,
        "made": cleaner.flag,
        "made-independently": cleaner.flag,
        "version": cleaner.version,
        "license": _table_or_text_reader(cleaner, licence, "hardware"),
        "licensor": _table_or_text_reader(
            cleaner, {"name": cleaner.text, "affiliation": cleaner.text, "email": _kept, "contact": _kept}, "name"
        ),
        "bom": cleaner.text_or_texts,
        "date-created": cleaner.day,
        "date-updated": cleaner.day,
        "manifest-language": cleaner.language,
        "documentation-language": cleaner.language,
    }


def _kept(value: Any, place: str) -> Any:
    """Keep a value that nobody plans with as it is."""
    del place
    return value


def _tsdc_reader(cleaner: Cleaner) -> Reader:
    read = cleaner.one_of(_TSDC)

    def codes(value: Any, place: str) -> tuple[str, ...] | None:
        items = value if isinstance(value, list) else [value]
        return tuple(code for item in items if (code := read(item, place)) is not None) or None

    return codes


def _tables_reader(cleaner: Cleaner, known: Mapping[str, Reader]) -> Reader:
    """Return a reader of a list of tables; a single table becomes a list of one."""

    def read(value: Any, place: str) -> tuple[dict[str, Any], ...] | None:
        if not isinstance(value, list):
            cleaner.warn("D036", place, "a list of tables belongs here")
        tables, names = [], set()
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            where = f"{place}[{index}]"
            if not isinstance(item, dict):
                cleaner.warn("D037", where, "a table of named fields belongs here; not used")
                continue
            table = _read_table(cleaner, known, item, where)
            if (name := table.get("name")) is not None and name in names:
                cleaner.warn("D043", f"{where}.name", f"found {name!r} a second time")
            names.add(name)
            tables.append(table)
        return tuple(tables) or None

    return read


def _table_or_text_reader(cleaner: Cleaner, known: Mapping[str, Reader], main: str) -> Reader:
    """Return a reader of a table; a single text is read as its field ``main``."""

    def read(value: Any, place: str) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            cleaner.warn("D037", place, f"a table with {', '.join(known)} belongs here; read as its {main}")
            value = {main: value}
        return _read_table(cleaner, known, value, place) or None

    return read


def _read_table(cleaner: Cleaner, known: Mapping[str, Reader], value: dict[str, Any], place: str) -> dict[str, Any]:
    fields = _known_keys(value, known, cleaner, f"{place}.")
    return {key: clean for key, item in fields.items() if (clean := known[key](item, f"{place}.{key}")) is not None}
