"""The manifest of our own designs: OKH-LOSH 1.0 TOML with planning data under ``x-cosmolocal``, read strictly."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath
from typing import Any

from cosmolocal.designs.bundles import check_id
from cosmolocal.designs.licences import normalise_license
from cosmolocal.designs.objects import LONGEST_MESSAGE, LONGEST_VERSION
from cosmolocal.designs.operations import read_operation, read_operations
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import Fields
from cosmolocal.files import parse_toml
from cosmolocal.records import BomLine, BundleFile, Design, Operation, Part, Provenance, Vocabulary
from cosmolocal.versions import check_range, is_version

__all__ = ["Bundle", "is_origin", "kebab_key", "kebab_keys", "read_manifest", "read_operations"]

OKH_VERSION = "OKH-LOSHv1.0"
EXTENSION = "x-cosmolocal"
#: [characters] of the name of a design
LONGEST_NAME = 200
#: field of the extension: the manifest of another format that this one was written from, kept beside it
ORIGINAL = "original"
#: fields of OKH-LOSH that we keep in the file and do not plan with
FILE_FIELDS = (
    "readme",
    "bom",
    "manufacturing-instructions",
    "user-manual",
    "contribution-guide",
    "source",
    "export",
    "auxiliary",
)
_OTHER_FIELDS = (
    "release",
    "documentation-language",
    "technology-readiness-level",
    "documentation-readiness-level",
    "attestation",
    "publication",
    "standard-compliance",
    "cpc-patent-class",
    "tsdc",
    "outer-dimensions",
    "software",
)
_WEB_ADDRESS = re.compile(r"https?://[^\s/]+\S*")
_PART_FIELDS = ("tsdc", "outer-dimensions", "material", "printing-process", "2d-size-mm", "component-sides")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What the store knows of a bundle before its manifest is read."""

    design_id: str
    #: ``sha256:`` tree digest
    digest: str
    files: tuple[BundleFile, ...]
    #: names the manifest in problems, e.g. ``designs/x~y v1: okh.toml``
    where: str


def read_manifest(text: str, bundle: Bundle, vocabulary: Vocabulary) -> tuple[Design, tuple[Problem, ...]]:
    """Return the design that ``okh.toml`` describes, and warnings.

    Raises
    ------
    InputError
        With every fault of the manifest.
    """
    return _Reader(bundle, vocabulary).read(parse_toml(text, bundle.where, "D010"))


def kebab_keys(value: Any) -> Any:
    """Return ``value`` with camelCase keys turned into kebab-case; a key that would stand twice stays as it is.

    >>> kebab_keys({"documentationLanguage": "en"})
    {'documentation-language': 'en'}
    """
    if isinstance(value, list):
        return [kebab_keys(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    kebab = {key: kebab_key(key) for key in value}
    return {(key if kebab[key] in value else kebab[key]): kebab_keys(item) for key, item in value.items()}


def is_origin(text: str) -> bool:
    """Tell whether a design can be derived from what is named: ``publisher~slug@version`` or a web address.

    >>> is_origin("ana~press@1.0.0"), is_origin("https://example.org/press"), is_origin("ana~press")
    (True, True, False)
    """
    design_id, _, version = text.partition("@")
    return bool(_WEB_ADDRESS.fullmatch(text)) or (not check_id(design_id) and is_version(version))


def kebab_key(key: str) -> str:
    """Return ``documentationLanguage`` as ``documentation-language``."""
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda match: "-" + match[0].lower(), key)


class _Reader:
    """Reads one manifest; faults and warnings gather here."""

    def __init__(self, bundle: Bundle, vocabulary: Vocabulary) -> None:
        self.bundle = bundle
        self.process_by_id = {process.id: process for process in vocabulary.processes}
        self.paths = {file.path for file in bundle.files}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def read(self, document: dict[str, Any]) -> tuple[Design, tuple[Problem, ...]]:
        top = Fields(kebab_keys(document), self.bundle.where, "D011", self.problems)
        masses = self._masses(top)
        extension = top.table(EXTENSION)
        design = Design(
            id=self.bundle.design_id,
            version=self._version(top),
            digest=self.bundle.digest,
            name=top.text("name", required=True, max_length=LONGEST_NAME),
            function=top.text("function", required=True),
            license=self._license(top),
            licensor=", ".join(_texts(top, "licensor", required=True)),
            repo=self._web_address(top, "repo"),
            parts=self._parts(extension, masses),
            bom=tuple(self._bom_line(line, masses) for line in extension.tables("bom")),
            reference_price_cents=extension.number("reference-price", scale=100),
            reference_co2e_g=extension.number("reference-co2e-g"),
            reference_provenance=extension.choice("reference-provenance", Provenance, Provenance.ASSUMED),
            image=next((path for path in self._files(top, "image") if path in self.paths), None),
            changes=extension.text("changes", max_length=LONGEST_MESSAGE),
            files=self.bundle.files,
            organization=", ".join(filter(None, _organizations(top))),
            derived_from=self._origins(extension),
            readme=next((path for path in self._files(top, "readme") if path in self.paths), None),
        )
        self._files(extension, ORIGINAL)
        if top.text("okhv", required=True) not in ("", OKH_VERSION):
            top.fault("okhv", top.values["okhv"], say("must be %(version)s", version=OKH_VERSION))
        self._pass_over(top, _OTHER_FIELDS)
        extension.finish()
        top.finish()
        self._check_contents(design)
        if self.problems:
            raise InputError(map(self._placed, self.problems), map(self._placed, self.warnings))
        return design, tuple(self._placed(warning) for warning in self.warnings)

    def _placed(self, problem: Problem) -> Problem:
        """Return the problem with a colon between the file and the place in it."""
        place = problem.where.removeprefix(self.bundle.where)
        where = f"{self.bundle.where}: {place[1:]}" if place.startswith(".") else problem.where
        return Problem(problem.code, where, problem.message)

    def _add(self, code: str, fields: Fields, name: str, message: str) -> None:
        self.problems.append(Problem(code, f"{fields.where}.{name}", message))

    def _warn(self, code: str, place: str, message: str) -> None:
        self.warnings.append(Problem(code, f"{self.bundle.where}.{place}", message))

    def _version(self, top: Fields) -> str:
        version = top.text("version", required=True, max_length=LONGEST_VERSION)
        if version and not is_version(version):
            self._add(
                "D012",
                top,
                "version",
                say("found %(found)s; it must be a semantic version such as 1.0.0", found=repr(version)),
            )
        return version

    def _license(self, top: Fields) -> str | None:
        text = top.text("license", required=True)
        expression, warning = normalise_license(text) if text else (None, None)
        if warning is not None:
            self._warn("D022" if expression else "D013", "license", warning)
        return expression

    def _web_address(self, top: Fields, name: str) -> str:
        address = top.text(name, required=True)
        if address and not address.startswith(("https://", "http://")):
            top.fault(name, address, say("must be a web address"))
        return address

    def _files(self, fields: Fields, name: str) -> list[str]:
        """Return the bundle's files that a field names; web addresses are passed over."""
        paths = [text for text in _texts(fields, name) if "://" not in text]
        for path in paths:
            if ".." in PurePosixPath(path).parts or "\\" in path:
                self._add(
                    "D017",
                    fields,
                    name,
                    say("found %(found)s; a path stays within the bundle, with slashes", found=repr(path)),
                )
            elif path.removeprefix("/") not in self.paths:
                self._add("D017", fields, name, self._say_absent(path))
        return [path.removeprefix("/") for path in paths]

    def _say_absent(self, path: str) -> str:
        """Return that a file is absent; and where one of its name lies, as when files are sent without their folder."""
        name = PurePosixPath(path).name
        for there in sorted(self.paths):
            if PurePosixPath(there).name == name:
                return say(
                    "found %(found)s; the bundle holds no such file, but %(there)s", found=repr(path), there=repr(there)
                )
        return say("found %(found)s; the bundle holds no such file", found=repr(path))

    def _origins(self, extension: Fields) -> tuple[str, ...]:
        """Return what the design is derived from: published versions of designs, or web addresses."""
        origins = _texts(extension, "derived-from")
        for origin in origins:
            if not is_origin(origin):
                rule = say("it must be publisher~slug@version, such as ana~press@1.0.0, or a web address")
                self._add(
                    "D050", extension, "derived-from", say("found %(found)s; %(rule)s", found=repr(origin), rule=rule)
                )
        return tuple(dict.fromkeys(origins))

    def _pass_over(self, fields: Fields, names: Iterable[str]) -> None:
        """Take fields of the standard that say nothing about planning."""
        for name in names:
            fields.raw(name)
        for name in FILE_FIELDS:
            if name not in fields.taken:
                self._files(fields, name)

    def _masses(self, top: Fields) -> dict[str, int | None]:
        """Return the mass of each part by name, the design itself ("") first."""
        mass_by_name = {"": _mass(top)}
        for table in top.tables("part"):
            name = table.text("name", required=True)
            if name in mass_by_name and name:
                self._add(
                    "D015",
                    table,
                    "name",
                    say("found %(name)s a second time; names of parts are unique", name=repr(name)),
                )
            if "/" in name:
                table.fault("name", name, say("must hold no slash, which parts the steps of a plan's paths"))
            mass = _mass(table)
            if name:
                mass_by_name[name] = mass
            self._files(table, "image")
            self._pass_over(table, _PART_FIELDS)
            table.finish()
        return mass_by_name

    def _parts(self, extension: Fields, mass_by_name: Mapping[str, int | None]) -> tuple[Part, ...]:
        operations_by_part: dict[str, list[Operation]] = {name: [] for name in mass_by_name}
        for table in extension.tables("operation"):
            name = table.text("part")
            if name not in mass_by_name:
                self._add(
                    "D016", table, "part", say("found %(found)s; the manifest has no such part", found=repr(name))
                )
            operations_by_part.setdefault(name, []).append(read_operation(table, self.process_by_id))
        return tuple(Part(name, mass, tuple(operations_by_part[name])) for name, mass in mass_by_name.items())

    def _bom_line(self, table: Fields, parts: Mapping[str, int | None]) -> BomLine:
        kinds = [kind for kind in ("part", "design", "bought") if table.has(kind)]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            table.fault("", found, say("a line has exactly one of part, design, bought"))
        for name in ("part", "into"):
            if table.has(name) and table.text(name) not in parts:
                self._add(
                    "D016",
                    table,
                    name,
                    say("found %(found)s; the manifest has no such part", found=repr(table.text(name))),
                )
        line = BomLine(
            quantity=table.number("quantity", required=True, low=1) or 1,
            into=table.text("into"),
            part=table.text("part") or None,
            design=table.text("design") or None,
            version=self._range(table) if "design" in kinds else "*",
            bought=table.text("bought") or None,
            cost_cents=(table.number("cost", 0, scale=100) or 0) if "bought" in kinds else 0,
            mass_g=(table.number("mass-g", 0) or 0) if "bought" in kinds else 0,
            provenance=table.choice("provenance", Provenance, Provenance.DECLARED),
        )
        table.finish()
        return line

    def _range(self, table: Fields) -> str:
        text = table.text("version", default="*")
        self.problems += check_range(text, f"{table.where}.version", "D019")
        return text

    def _check_contents(self, design: Design) -> None:
        contents: dict[str, set[str]] = {}
        for line in design.bom:
            contents.setdefault(line.into, set()).update({line.part} if line.part else ())
        try:
            TopologicalSorter(contents).prepare()
        except CycleError as error:
            chain = " in ".join(repr(name) for name in error.args[1])
            told = say("a part goes into itself: %(chain)s", chain=chain)
            self.problems.append(Problem("D016", f"{self.bundle.where}.{EXTENSION}.bom", told))
        named = set().union(*contents.values())
        for index, part in enumerate(design.parts[1:]):
            if part.name not in named:
                self._warn(
                    "D020",
                    f"part[{index}]",
                    say("%(part)s is in no line of the bill of materials, so it is not made", part=repr(part.name)),
                )
        for index, part in enumerate(design.parts):
            if part.mass_g is None and part.name not in contents:
                place = f"part[{index - 1}].mass" if part.name else "mass"
                which = repr(part.name) if part.name else say("the design itself")
                self._warn(
                    "D021",
                    place,
                    say("%(which)s has neither mass nor contents and weighs nothing in the plan", which=which),
                )
        if design.reference_price_cents is None:
            self._warn(
                "D023",
                f"{EXTENSION}.reference-price",
                say("is not given; the region's settings say what an import costs"),
            )
        if not any(part.operations for part in design.parts):
            self._warn(
                "D024", f"{EXTENSION}.operation", say("there is none; all requirements of the design are unknown")
            )


def _texts(fields: Fields, name: str, required: bool = False) -> list[str]:
    """Return the text of a field, or the texts of its list."""
    if not isinstance(fields.values.get(name), list):
        text = fields.text(name, required=required)
        return [text] if text else []
    items = fields.items(name, required)
    for item in items:
        if not isinstance(item, str):
            fields.fault(name, item, say("must be a text or a list of texts"))
    return [item.strip() for item in items if isinstance(item, str)]


def _organizations(top: Fields) -> list[str]:
    """Return names of organizations, each written as a text or as {name}."""
    value = top.raw("organization")
    names = [
        item["name"] if isinstance(item, Mapping) and set(item) == {"name"} else item
        for item in (value if isinstance(value, list) else [value])
    ]
    return [
        Fields({"organization": name}, top.where, top.code, top.problems).text("organization")
        for name in names
        if name is not None
    ]


def _mass(fields: Fields) -> int | None:
    """Return grams, written as a number or as {value, unit}."""
    if not isinstance(fields.values.get("mass"), Mapping):
        return fields.number("mass")
    table = fields.table("mass")
    if (unit := table.text("unit", required=True)) not in ("", "g"):
        table.fault("unit", unit, say("must be g"))
    grams = table.number("value", required=True)
    table.finish()
    return grams
