"""The manifest of somebody else, read tolerantly, as the OKH-LOSH document that our own reader takes."""

import math
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cosmolocal.designs.foreign import ForeignManifest, read_manifest_file
from cosmolocal.designs.licences import names_license
from cosmolocal.designs.manifest import EXTENSION, FILE_FIELDS, OKH_VERSION, is_origin
from cosmolocal.errors import Problem
from cosmolocal.versions import is_version

#: fields that a manifest must have, and an example of each
REQUIRED: dict[str, str] = {
    "name": "Press",
    "repo": "https://example.org/press",
    "version": "1.0.0",
    "license": "CERN-OHL-S-2.0",
    "licensor": "Ana Puig",
    "function": "Presses seeds for their oil.",
}
#: fields of OKH-LOSH that are taken over as they were cleaned
_TAKEN_OVER = (
    "organization",
    "release",
    "documentation-language",
    "technology-readiness-level",
    "documentation-readiness-level",
    "attestation",
    "publication",
    "standard-compliance",
    "cpc-patent-class",
    "tsdc",
    "software",
)
_PART_TAKEN_OVER = ("tsdc", "material", "printing-process", "2d-size-mm", "component-sides")
_PART_FILES = ("source", "export", "image", "auxiliary")
#: fields of OKH 1.0 that hold paths, by the field of OKH-LOSH they go into
_OKH_FILES = {
    "image": ("image",),
    "bom": ("bom",),
    "source": ("design-files", "schematics"),
    "export": ("manufacturing-files",),
    "manufacturing-instructions": ("making-instructions",),
    "user-manual": ("operating-instructions",),
    "auxiliary": ("tool-settings", "quality-instructions", "risk-assessment"),
}
_OKH_OTHERS = ("title", "description", "project-link", "license", "licensor", "version", "documentation-language")
#: what OKH 1.0 calls a required field of ours, where it is another word
_OKH_NAMES = {"name": "title", "repo": "project-link", "licensor": "licensor.name", "function": "description"}
_ORIGINS = ("derivative-of", "variant-of")


@dataclass(frozen=True, slots=True)
class Converted:
    """A manifest in our own form, as far as it goes."""

    #: "okh-losh", "okh-1"; "" where it is neither
    format: str
    document: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def convert_manifest(path: Path, paths: set[str], stated: Mapping[str, str]) -> Converted:
    """Return the manifest of a project whose files are ``paths``; ``stated`` outweighs what it says."""
    found = read_manifest_file(path, path.name)
    if found.problems:
        return Converted(found.format, warnings=found.warnings, problems=found.problems)
    conversion = _Conversion(found, paths)
    document = conversion.okh_1() if found.format == "okh-1" else conversion.losh()
    for name, text in stated.items():
        if document.get(name) != text:
            conversion.warnings.append(say_stated(f"{path.name}: {name}", document.get(name), text))
            document[name] = text
    problems = tuple(_required_faults(document, path.name, found.format))
    document = {key: value for key, value in document.items() if value not in (None, "", [], {})}
    return Converted(found.format, document, (*found.warnings, *conversion.warnings), problems)


def say_stated(where: str, found: object, text: str) -> Problem:
    """Return the warning that a person said something else than the manifest, or more."""
    return Problem("D045", where, f"{f'found {found!r}' if found else 'is missing'}; stated as {text!r}")


def license_unknown(where: str, found: str) -> Problem:
    """Return the problem that nobody can tell a design's licence."""
    rule = "a person must say which it is, as an SPDX expression such as CERN-OHL-S-2.0 or LicenseRef-our-terms"
    return Problem("D054", where, f"found {found}; {rule}, in the manifest or with --license")


def _required_faults(document: Mapping[str, Any], file: str, form: str) -> Iterable[Problem]:
    for name, example in REQUIRED.items():
        where, value = f"{file}: {name}", document.get(name)
        option = f"--{name} {example}" if name in ("version", "license") else f'--set {name}="{example}"'
        field_name = _OKH_NAMES.get(name, name) if form == "okh-1" else name
        line = f'{name} = "{example}"' if file.lower().endswith(".toml") else f"{field_name}: {example}"
        how = f"write {line} into the manifest, or state it: {option}"
        if name == "license" and (value is None or not names_license(str(value))):
            yield license_unknown(where, "none that is known" if value is None else repr(value))
        elif value is None:
            code = "D012" if name == "version" else "D011"
            yield Problem(code, where, f"is missing or cannot be used; {how}")
        elif name == "version" and not is_version(str(value)):
            yield Problem("D012", where, f"found {value!r}; it must be a semantic version: {how}")


class _Conversion:
    """Turns cleaned values into our document; what was changed or left out gathers in ``warnings``."""

    def __init__(self, found: ForeignManifest, paths: set[str]) -> None:
        self.values, self.file, self.license = found.values, found.file, found.license
        self.paths = paths
        self.warnings: list[Problem] = []

    def warn(self, code: str, place: str, message: str) -> None:
        self.warnings.append(Problem(code, f"{self.file}: {place}", message))

    def losh(self) -> dict[str, Any]:
        """Return the document of an OKH-LOSH manifest."""
        values = self.values
        document = {
            "okhv": OKH_VERSION,
            **{name: values.get(name) for name in REQUIRED},
            "license": self.license,
            "licensor": ", ".join(values.get("licensor", ())) or None,
            **{name: _plain(values.get(name)) for name in _TAKEN_OVER},
            **{name: self._files(values.get(name, ()), name) for name in ("image", *FILE_FIELDS)},
            "mass": self._mass(values.get("mass"), "mass"),
            "outer-dimensions": _dimensions(values.get("outer-dimensions")),
            "part": self._parts(values.get("part", ())),
            EXTENSION: self._origin(values.get("fork-of", ())),
        }
        self.warn("D047", "okhv", "okh.toml is written anew from this manifest, which is kept")
        return document

    def okh_1(self) -> dict[str, Any]:
        """Return the document of an OKH 1.0 manifest."""
        values = self.values
        licensor = values.get("licensor", {})
        document = {
            "okhv": OKH_VERSION,
            "name": values.get("title"),
            "repo": values.get("project-link") or values.get("documentation-home"),
            "version": values.get("version"),
            "license": self.license,
            "licensor": licensor.get("name"),
            "function": values.get("description"),
            "organization": licensor.get("affiliation"),
            "documentation-language": values.get("documentation-language"),
        }
        for name, fields in _OKH_FILES.items():
            document[name] = [path for key in fields for path in self._files(values.get(key, ()), key)]
        origins = [address for key in _ORIGINS for address in _addresses(values.get(key))]
        document[EXTENSION] = {"derived-from": list(dict.fromkeys(origins))} if origins else {}
        used = {*_OKH_OTHERS, *_ORIGINS, *(key for fields in _OKH_FILES.values() for key in fields)}
        left = ", ".join(sorted(values.keys() - used)) or "nothing"
        self.warn("D047", "title", f"okh.toml is written anew from this manifest, which is kept; only there: {left}")
        return document

    def _origin(self, sources: Iterable[str]) -> dict[str, Any]:
        """Return what the design was derived from, as far as it is named so that one finds it."""
        for source in sources:
            if not is_origin(source):
                rule = "neither a web address nor publisher~slug@version; it stands in the original only"
                self.warn("D047", "fork-of", f"found {source!r}; {rule}")
        origins = [source for source in sources if is_origin(source)]
        return {"derived-from": origins} if origins else {}

    def _files(self, paths: Iterable[str], place: str) -> list[str]:
        """Return the web addresses and those paths that the bundle has."""
        found = []
        for path in paths:
            read = path if "://" in path else posixpath.normpath(path.replace("\\", "/").lstrip("/") or ".")
            if "://" not in path and read not in self.paths:
                self.warn("D046", place, f"found {path!r}; the bundle holds no such file, not used")
                continue
            if read != path.removeprefix("/"):
                self.warn("D046", place, f"found {path!r}; read as {read!r}")
            found.append(read)
        return list(dict.fromkeys(found))

    def _mass(self, grams: float | None, place: str) -> int | None:
        if grams is None:
            return None
        whole = math.ceil(grams)
        if whole > 1_000_000_000:
            self.warn("D037", place, f"found {grams:g}; a mass is at most 1,000 t, not used")
            return None
        if whole != grams:
            self.warn("D037", place, f"found {grams:g}; read as {whole} g")
        return whole

    def _parts(self, tables: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        names: set[str] = set()
        parts = []
        for index, table in enumerate(tables):
            place = f"part[{index}]"
            name = self._part_name(table.get("name"), names, place)
            part = {
                "name": name,
                **{key: _plain(table.get(key)) for key in _PART_TAKEN_OVER},
                **{key: self._files(table.get(key, ()), f"{place}.{key}") for key in _PART_FILES},
                "mass": self._mass(table.get("mass"), f"{place}.mass"),
                "outer-dimensions": _dimensions(table.get("outer-dimensions")),
            }
            parts.append({key: value for key, value in part.items() if value not in (None, "", [], {})})
        return parts

    def _part_name(self, found: str | None, names: set[str], place: str) -> str:
        """Return a name that no other part of the design has, without a slash."""
        plain = (found or f"part {place[5:-1]}").replace("/", "-")
        name = next(text for text in _numbered(plain) if text not in names)
        names.add(name)
        if name != found:
            self.warn("D043", f"{place}.name", f"found {found!r}; called {name!r}")
        return name


def _numbered(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name} ({number})"
        number += 1


def _plain(value: Any) -> Any:
    """Return a cleaned value as TOML has it: lists for tuples, and nothing for what TOML cannot say."""
    if isinstance(value, tuple | list):
        items = [_plain(item) for item in value if item is not None]
        return items[0] if len(items) == 1 and isinstance(items[0], str) else items
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    return value


def _dimensions(sizes: tuple[float, float, float] | None) -> dict[str, float] | None:
    return dict(zip(("width", "depth", "height"), sizes, strict=True)) if sizes else None


def _addresses(value: Any) -> list[str]:
    """Return web addresses of designs named as texts, as tables with ``web`` or ``manifest``, or as lists of them."""
    if isinstance(value, list):
        return [address for item in value for address in _addresses(item)]
    if isinstance(value, Mapping):
        return next(filter(None, (_addresses(value.get(key)) for key in ("web", "manifest"))), [])
    return [value] if isinstance(value, str) and is_origin(value) and "://" in value else []
