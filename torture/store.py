"""The operations of the store of designs that are tortured."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import (
    create_root,
    list_designs,
    open_file,
    publish_bundle,
    read_bundle,
    read_history,
    recover_root,
)
from cosmolocal.designs.notices import NewNotice, add_notice, read_notices, take_down
from cosmolocal.designs.verify import verify_root
from cosmolocal.errors import InputError
from cosmolocal.files import sha256_of
from cosmolocal.records import NoticeKind
from torture.faults import Operation

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
DESIGN = "makers~chair"
MANIFEST = """okhv = "OKH-LOSHv1.0"
name = "Chair"
repo = "https://example.org/chair"
version = "{version}"
license = "CERN-OHL-S-2.0"
licensor = "Makers"
function = "To sit on"
"""


def operations() -> tuple[Operation, ...]:
    """Return each operation that changes a store."""
    confirmed = {"part": "", "operations": [{"process": "assembly", "minutes-per-unit": 5}]}
    acts: dict[str, Callable[[Path], None]] = {
        "publish a design": partial(_publish, design="makers~lamp", version="1.0.0"),
        "publish a version": partial(_publish, design=DESIGN, version="1.2.0"),
        "publish again": partial(_publish, design=DESIGN, version="1.1.0"),
        "yank": partial(give_notice, kind=NoticeKind.YANK, version="1.1.0", reason="the back breaks"),
        "unyank": partial(give_notice, kind=NoticeKind.UNYANK, version="1.0.0"),
        "set owners": partial(give_notice, kind=NoticeKind.OWNERS, values={"owners": ["ada", "grace"]}),
        "confirm": partial(give_notice, kind=NoticeKind.CONFIRM, version="1.0.0", values=confirmed),
        "take down": _take_down,
    }
    return tuple(
        Operation(name, prepare, act, look, recover, verify, is_idle=name == "publish again")
        for name, act in acts.items()
    )


def look(place: Path) -> dict[str, Any]:
    """Return all that a reader of the store can see, each byte of each file included."""
    root = place / "designs"
    return {design: look_at(root, design) for design in list_designs(root)}


def look_at(root: Path, design: str) -> dict[str, Any]:
    """Return all that a reader of one design can see; bytes that differ from their digest raise `ValueError`."""
    releases = {}
    for release in read_history(root, design):
        files = () if release.taken_down else read_bundle(root, design, release.version)
        bytes_by_path = {file.path: sha256_of(open_file(root, design, release.version, file.path)) for file in files}
        if any(bytes_by_path[file.path].removeprefix("sha256:") != file.sha256 for file in files):
            raise ValueError(f"{design} {release.version} holds other bytes than its inventory says")
        releases[release.version] = (release, bytes_by_path)
    return {"releases": releases, "notices": read_notices(root, design)}


def prepare(place: Path) -> None:
    """Make a store with a design of two versions, the first of them yanked, and bundles to publish."""
    create_root(place / "designs")
    for version in ("1.0.0", "1.1.0"):
        _publish(place, DESIGN, version)
    give_notice(place, kind=NoticeKind.YANK, version="1.0.0", reason="the legs break")
    for version in ("1.2.0", "lamp"):
        write_bundle(place, "1.2.0" if version == "1.2.0" else "1.0.0", version)
    recover_root(place / "designs")


def write_bundle(place: Path, version: str, name: str) -> Path:
    """Write what is to be published."""
    folder = place / "bundles" / name
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    (folder / "okh.toml").write_text(MANIFEST.format(version=version))
    (folder / "parts/seat.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "parts/back.csv").write_text(f"of,{version}\n")
    return folder


def publish_chair(place: Path, design: str, version: str) -> None:
    """Publish a version of any design."""
    _publish(place, design, version)


def _publish(place: Path, design: str, version: str) -> None:
    folder = place / "bundles" / ("lamp" if design.endswith("lamp") else version)
    if not folder.exists():
        folder = write_bundle(place, version, folder.name)
    publish_bundle(place / "designs", design, folder, message="", created=NOON, by="ada")


def give_notice(place: Path, design: str = DESIGN, **what: Any) -> None:
    """Add a notice, unless it is there: what a person does who got no answer the first time."""
    root, kind, values = place / "designs", what["kind"], what.get("values", {})
    there = [(notice.kind, notice.version, dict(notice.values)) for notice in read_notices(root, design)]
    if (kind, what.get("version", ""), values) not in there:
        add_notice(root, design, NewNotice(by="ada", at=NOON, **what))


def _take_down(place: Path) -> None:
    try:
        take_down(place / "designs", DESIGN, "1.0.0", by="ada", reason="not theirs to publish", at=NOON)
    except InputError:
        if not any(release.taken_down for release in read_history(place / "designs", DESIGN)):
            raise


def recover(place: Path) -> None:
    """Bring the store to rest."""
    recover_root(place / "designs")


def verify(place: Path) -> list[str]:
    """Return what is wrong with a store that was brought to rest, every byte of it read."""
    recover_root(place / "designs")
    staging = place / ".staging-designs"
    left = sorted(path.name for path in staging.iterdir()) if staging.exists() else []
    wrong = [f"left in staging: {name}" for name in left]
    return wrong + [f"{error.code} {error.where}: {error.message}" for error in verify_root(place / "designs").errors]
