"""The doctor: each thing that is wrong with the installation or a region, in words, and how it is mended.

Nothing is changed by looking: neither is a database made, nor brought up to date, nor is staging swept.
"""

import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from cosmolocal.designs.staging import list_abandoned
from cosmolocal.designs.verify import verify_root
from cosmolocal.errors import Problem
from cosmolocal.workflows.checking import validate_region
from cosmolocal.workflows.diagnosing_database import look_at_database
from cosmolocal.workflows.findings import Finding, note, right, wrong
from cosmolocal.workflows.keys import KEY, KEY_BYTES
from cosmolocal.workflows.sessions import utc_now
from cosmolocal.workflows.workspace import DATABASE

CODES = {
    "P170": "Python, a package or a file of the program is missing, or not the one that was tested",
    "P171": "there is little room on the disk",
    "P172": "the clock of the machine is wrong",
    "P173": "others may read what is secret, or the key that signs cookies is damaged",
    "P174": "an input file of the region is wrong",
    "P175": "the store of designs is damaged",
}
PACKAGES = ("flask", "geopy", "networkx", "numpy", "ortools", "scipy", "sqlite-utils", "waitress")
#: [bytes] free beside the database, so that plans can be stored
ENOUGH_SPACE = 200 * 1024 * 1024
#: problems of one kind that are told one by one
MOST_TOLD = 20
#: no machine has been on since before this program was written
EARLIEST = datetime.fromisoformat("2025-01-01T00:00:00+00:00")

_PROGRAM = Path(__file__).parents[1]
LOCK = _PROGRAM.parent / "requirements.txt"
#: files of the program that are not code: without them pages are in English only, without maps, or have no look
RESOURCES = (
    "processes.yaml",
    "web/static/css/site.css",
    "web/static/vendor/maplibre-gl/manifest.json",
    *(f"web/translations/{language}/LC_MESSAGES/messages.mo" for language in ("ca", "es", "fr")),
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the doctor found."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong; a note is nothing wrong."""
        return all(finding.ok for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON document of ``cosmolocal doctor``."""
        wrong_ones = [finding for finding in self.findings if not finding.ok]
        notes = [finding for finding in self.findings if finding.ok and finding.mend]
        told = [Problem(one.code, one.what, f"{one.found}; {one.mend}").as_dict() for one in wrong_ones]
        counts = {"checks": len(self.findings), "wrong": len(wrong_ones), "notes": len(notes)}
        return {"checks": [finding.as_dict() for finding in self.findings], "counts": counts, "problems": told}


def diagnose(
    folder: Path, now: Callable[[], datetime] = utc_now, lock: Path = LOCK, program: Path = _PROGRAM
) -> Diagnosis:
    """Look at everything: the installation, the machine, the files of a region, its store and its database."""
    looks = (
        _look_at_python,
        partial(_look_at_packages, lock),
        partial(_look_at_resources, program),
        partial(_look_at_space, folder),
        partial(_look_at_clock, now()),
        partial(_look_at_secrets, folder),
        partial(_look_at_inputs, folder),
        partial(_look_at_designs, folder),
        partial(_look_at_leavings, folder),
        partial(look_at_database, folder, now()),
    )
    return Diagnosis(tuple(finding for look in looks for finding in look()))


def _look_at_python() -> Iterator[Finding]:
    found = platform.python_version()
    if (3, 11) <= sys.version_info < (3, 14):
        yield right("Python", found)
    else:
        yield wrong("P170", "Python", found, "install Python 3.11, 3.12 or 3.13 and run make setup")


def _look_at_packages(lock: Path) -> Iterator[Finding]:
    for name in PACKAGES:
        found = _installed(name)
        yield right(name, found) if found else wrong("P170", name, "missing", "run make setup")
    if not lock.exists():
        yield right("locked packages", "no list of locked packages here: nothing to compare with")
        return
    others = [told for one in read_lock(lock) if (told := _difference(one))]
    if others:
        mend = "run make setup, which installs what was tested"
        yield wrong("P170", "locked packages", f"not as in {lock.name}: {', '.join(others)}", mend)
    else:
        yield right("locked packages", f"as in {lock.name}")


def read_lock(lock: Path) -> Iterator[Requirement]:
    """Yield what a list of pinned packages asks for on this machine; lines that are no package are passed over."""
    for line in lock.read_text("utf-8").splitlines():
        if not line or line[0] in " #-":
            continue
        try:
            asked = Requirement(line.split(" --hash")[0].rstrip(" \\"))
        except InvalidRequirement:
            continue
        if asked.marker is None or asked.marker.evaluate():
            yield asked


def _difference(asked: Requirement) -> str:
    found = _installed(asked.name)
    if found and asked.specifier.contains(found, prereleases=True):
        return ""
    return f"{asked.name} is {found or 'missing'}, locked is {str(asked.specifier).removeprefix('==')}"


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _look_at_resources(program: Path) -> Iterator[Finding]:
    missing = [name for name in RESOURCES if not (program / name).is_file()]
    if missing:
        yield wrong("P170", "files of the program", f"missing: {', '.join(missing)}", "install the program again")
    else:
        yield right("files of the program", "languages, looks and maps are there")


def _look_at_space(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    found = f"{free // (1024 * 1024)} MiB free"
    if free >= ENOUGH_SPACE:
        yield right("disk", found)
    else:
        yield wrong("P171", "disk", found, 'free some space (docs/runbook.md, "The disk is full")')


def _look_at_clock(now: datetime) -> Iterator[Finding]:
    found = now.isoformat(timespec="seconds")
    if now >= EARLIEST:
        yield right("clock", found)
    else:
        yield wrong("P172", "clock", found, "set the clock, and let the machine keep it (systemd-timesyncd, chrony)")


def _look_at_secrets(folder: Path) -> Iterator[Finding]:
    key = (folder / DATABASE).with_name(KEY)
    yield from _look_at_mode(key, "key", "none yet: cosmolocal serve makes it")
    if key.exists() and key.stat().st_size < KEY_BYTES:
        found = f"{key.name} has {key.stat().st_size} bytes, needed are {KEY_BYTES}"
        yield wrong("P173", "key", found, "cosmolocal keys rotate makes a new one; everybody signs in again")
    yield from _look_at_mode(folder / DATABASE, "database mode", "none yet: cosmolocal plan makes it")


def _look_at_mode(path: Path, what: str, none_yet: str) -> Iterator[Finding]:
    if not path.exists():
        yield right(what, none_yet)
        return
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        yield wrong("P173", what, f"others may use {path.name}: its mode is {mode:04o}", f"chmod 600 {path}")
    else:
        yield right(what, f"{path.name} is its owner's alone")


def _look_at_inputs(folder: Path) -> Iterator[Finding]:
    validation = validate_region(folder)
    found = f"problems: {len(validation.problems)}, warnings: {len(validation.warnings)}"
    if not validation.problems:
        yield right("input files", found)
        return
    yield wrong("P174", "input files", found, "cosmolocal validate names each of them")
    for problem in validation.problems[:MOST_TOLD]:
        told = f"{problem.code} {problem.message}"
        yield wrong("P174", problem.where, told, "change it there; the rule stands beside it")


def _look_at_designs(folder: Path) -> Iterator[Finding]:
    if not (folder / "designs").exists():
        yield right("designs", "no store of designs")
        return
    errors = verify_root(folder / "designs").errors
    if not errors:
        yield right("designs", "errors: 0; every byte is as its digest says")
        return
    mend = "put the files back from a backup, never by hand (docs/runbook.md)"
    yield wrong("P175", "designs", f"errors: {len(errors)}", "cosmolocal designs verify names each of them")
    for fault in errors[:MOST_TOLD]:
        yield wrong("P175", f"designs/{fault.where}", f"{fault.code} {fault.message}", mend)


def _look_at_leavings(folder: Path) -> Iterator[Finding]:
    root, build = folder / "designs", (folder / DATABASE).parent
    left = [f".staging-designs/{name}" for name in list_abandoned(root)] if root.exists() else []
    left += [f"{path.parent.name}/{path.name}" for path in _names(build, (".staging-*", ".probe-*"))]
    left += [path.name for path in _names(folder, (".probe-*",))]
    if not left:
        yield right("leavings", "nothing was left by a crash")
        return
    found = f"left by a crash: {', '.join(left[:MOST_TOLD])}"
    yield note("leavings", found, "the next start of cosmolocal serve sweeps the staging; other files may be deleted")


def _names(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted(path for pattern in patterns for path in folder.glob(pattern)) if folder.is_dir() else []
