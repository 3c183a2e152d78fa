"""What the program is made of: packages and browser files with versions, digests, licences and known faults.

python -m tools.dependencies                      writes docs/dependencies.md, and says what is wrong
python -m tools.dependencies --advisories FOLDER  looks into a copy of the OSV database (JSON files) too
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/dependencies.md"
#: (list, what its packages are for)
LISTS = (("requirements.txt", "running"), ("requirements-dev.txt", "testing"))
#: files of browsers
VENDORED = (("cosmolocal/web/static/vendor", "running"), ("tests/browser/vendor", "testing"))
#: SPDX ids that go with AGPL-3.0-or-later: what is under them may be a part of a work under it
COMPATIBLE = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT-CMU", "MPL-2.0", "PSF-2.0"),
        *("ISC", "Zlib", "ZPL-2.1", "Unlicense", "LicenseRef-Public-Domain", "LLVM-exception"),
    }
)
_ENTRY = re.compile(r"^(?P<asked>[A-Za-z0-9][^\\\n]*?)\s*(?P<digests>(?:\\\n\s+--hash=\S+\s*)*)$", re.MULTILINE)
HEAD = """# What the program is made of

Packages from PyPI, pinned with the digests of their files in `requirements.txt` and `requirements-dev.txt`, and files
of browsers that lie in this repository, pinned in their `manifest.json`. Nothing else is fetched, neither when it is
installed nor when it runs. `python -m tools.dependencies` writes this page from those files and from
`tools/licences.toml`; `make sbom` writes the same as a bill of materials (CycloneDX 1.6).

All licences go with AGPL-3.0-or-later. `tools/advisories.toml` lists known faults that were looked at, with the
versions that have them; none of the versions here is among them, unless a reason stands there. It is kept by hand,
says when it was last looked through, and is no full list.

To refresh it, where there is internet: unpack the export that osv.dev offers of PyPI (`all.zip`) into a folder;
`python -m tools.dependencies --advisories FOLDER` then lists what is known of each version here. Mend it with
`make lock`; where that cannot be, write it into `tools/advisories.toml` with `accepted` and the reason. Without
internet, read the notes of newer releases of each package, and write down what they mended.

How soon: a fault that can be used from outside is mended within 7 days of its being known, any other within 90 days;
all packages are looked through, and pinned again with `make lock`, every three months.

"""


@dataclass(frozen=True, slots=True)
class Part:
    """A package, or a folder of browser files."""

    name: str
    version: str
    #: SPDX expression; "": nobody has said it
    licence: str
    #: running or testing
    use: str
    #: pypi or npm
    kind: str
    #: sha256 of its files
    digests: tuple[str, ...]
    #: where it is needed only; "": everywhere
    marker: str = ""
    #: is exactly one version allowed?
    pinned: bool = True


def read_parts(root: Path = ROOT) -> tuple[Part, ...]:
    """Return all parts, packages first, by name; a package for running is not told again for testing."""
    licences = tomllib.loads((root / "tools/licences.toml").read_text("utf-8"))["packages"]
    found: dict[tuple[str, str], Part] = {}
    for name, use in LISTS:
        for part in read_list((root / name).read_text("utf-8"), use, licences):
            found.setdefault((part.name, part.version), part)
    vendored = [_vendored(path, use) for folder, use in VENDORED for path in (root / folder).glob("*/manifest.json")]
    return (*(found[key] for key in sorted(found)), *sorted(vendored, key=lambda part: part.name))


def read_list(text: str, use: str, licences: dict[str, str]) -> Iterator[Part]:
    """Yield the packages of a list of requirements."""
    for entry in _ENTRY.finditer(text):
        asked = Requirement(entry["asked"])
        pins = [one.version for one in asked.specifier if one.operator == "=="]
        digests = tuple(sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry["digests"])))
        name, marker = canonicalize_name(asked.name), str(asked.marker or "")
        pinned = len(pins) == len(asked.specifier) == 1 and "*" not in pins[0]
        version = pins[0] if pinned else str(asked.specifier)
        yield Part(name, version, licences.get(name, ""), use, "pypi", digests, marker, pinned)


def _vendored(path: Path, use: str) -> Part:
    manifest = json.loads(path.read_text("utf-8"))
    digests = tuple(sorted(digest.removeprefix("sha256:") for digest in manifest["files"].values()))
    return Part(manifest["name"], manifest["version"], manifest["licence"], use, "npm", digests)


@dataclass(frozen=True, slots=True)
class Advisory:
    """A known fault of a package."""

    id: str
    package: str
    affected: SpecifierSet
    #: exact versions besides
    versions: frozenset[str] = frozenset()
    #: why it does no harm here; "": it does
    accepted: str = ""

    def covers(self, part: Part) -> bool:
        """Tell whether a part has the fault."""
        if canonicalize_name(self.package) != part.name or part.kind != "pypi":
            return False
        return part.version in self.versions or (
            bool(self.affected) and self.affected.contains(part.version, prereleases=True)
        )


@cache
def read_advisories(path: Path = ROOT / "tools/advisories.toml") -> tuple[Advisory, ...]:
    """Return the known faults that were looked at."""
    return tuple(
        Advisory(one["id"], one["package"], SpecifierSet(one["affected"]), accepted=one.get("accepted", ""))
        for one in tomllib.loads(path.read_text("utf-8"))["advisory"]
    )


def read_osv(folder: Path) -> Iterator[Advisory]:
    """Yield the known faults of PyPI packages in a copy of the OSV database; those withdrawn are passed over."""
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        if document.get("withdrawn"):
            continue
        for affected in document.get("affected", ()):
            package = affected.get("package", {})
            if package.get("ecosystem") == "PyPI":
                versions = frozenset(affected.get("versions", ()))
                ranges = list(_ranges(affected))
                for one in ranges or [SpecifierSet()]:
                    yield Advisory(document["id"], package["name"], one, versions)


def _ranges(affected: dict[str, Any]) -> Iterator[SpecifierSet]:
    for one in affected.get("ranges", ()):
        if one.get("type") != "ECOSYSTEM":
            continue
        begin = ""
        for event in one["events"]:
            if "introduced" in event:
                begin = event["introduced"]
                continue
            first = f">={begin}," if begin not in ("", "0") else ""
            end = f"<{event['fixed']}" if "fixed" in event else f"<={event['last_affected']}"
            yield SpecifierSet(first + end)
            begin = ""
        if begin:
            yield SpecifierSet(f">={begin}")


def check_parts(parts: Iterable[Part], advisories: Iterable[Advisory]) -> list[str]:
    """Return what is wrong: unpinned, without digests, with an unknown or unfit licence, or with a known fault."""
    known, problems = tuple(advisories), []
    for part in parts:
        name = f"{part.name} {part.version}"
        if not part.pinned:
            problems.append(f"{name} is not pinned to one version")
        if not part.digests:
            problems.append(f"{name} has no sha256")
        if not part.licence:
            problems.append(f"{name}: tools/licences.toml does not say its licence")
        elif unfit := sorted(ids_of(part.licence) - COMPATIBLE):
            problems.append(f"{name}: {', '.join(unfit)} is not known to go with AGPL-3.0-or-later")
        problems += [f"{name} has {one.id}" for one in known if one.covers(part) and not one.accepted]
    return problems


def ids_of(licence: str) -> set[str]:
    """Return the licences of an SPDX expression.

    >>> sorted(ids_of("(MIT OR Apache-2.0) AND Zlib"))
    ['Apache-2.0', 'MIT', 'Zlib']
    """
    return set(re.findall(r"[A-Za-z0-9.+-]+", licence)) - {"AND", "OR", "WITH"}


def build_page(parts: Iterable[Part]) -> str:
    """Return the page of all parts."""
    parts = tuple(parts)
    text = HEAD
    for use, title in (("running", "To run"), ("testing", "To test")):
        text += f"## {title}\n\n| part | version | licence | from |\n| --- | --- | --- | --- |\n"
        for part in parts:
            if part.use == use:
                where = f"{part.kind}{f', {_plain(part.marker)}' if part.marker else ''}"
                text += f"| {part.name} | {part.version} | {part.licence} | {where} |\n"
        text += "\n"
    return text.rstrip() + "\n"


def _plain(marker: str) -> str:
    return marker.replace("|", "\\|").replace('"', "")


def main() -> int:
    """Write the page; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.dependencies", description=__doc__)
    parser.add_argument("--advisories", type=Path, help="folder of a copy of the OSV database")
    given = parser.parse_args()
    parts = read_parts()
    osv = tuple(read_osv(given.advisories)) if given.advisories else ()
    accepted = {one.id for one in read_advisories() if one.accepted}
    problems = check_parts(parts, [*read_advisories(), *(one for one in osv if one.id not in accepted)])
    PAGE.write_text(build_page(parts), "utf-8")
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))
    sys.stdout.write(f"{len(parts)} parts, {len(read_advisories()) + len(osv)} advisories, {len(problems)} problems\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
