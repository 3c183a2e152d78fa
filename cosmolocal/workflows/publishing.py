"""Designs: what is there, what is in a folder, and making a folder a release."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cosmolocal.designs.bundles import (
    check_id,
    create_root,
    publish_bundle,
    read_taken_down,
)
from cosmolocal.designs.conversion import REQUIRED as REQUIRED_FIELDS
from cosmolocal.designs.load import check_bundle, load_designs
from cosmolocal.designs.opening import copy_design, open_submission
from cosmolocal.designs.preparing import Prepared, plan_preparation, write_prepared
from cosmolocal.designs.releasing import foresee_release
from cosmolocal.designs.starting import start_bundle
from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_csv, read_text
from cosmolocal.orders import OPTIONAL, REQUIRED
from cosmolocal.planning.bill import BillError, Catalogue
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Design, Published, to_plain
from cosmolocal.versions import best_version, sorted_versions
from cosmolocal.workflows.circles import check_circles
from cosmolocal.workflows.design_ids import check_proposed, propose_id
from cosmolocal.workflows.draft_doubts import find_doubts
from cosmolocal.workflows.makers import not_found
from cosmolocal.workflows.stewarding import (
    confirm_operations,
    read_operation_tables,
    set_design_owners,
    take_down_design,
    unyank_design,
    yank_design,
)

__all__ = [
    "check_design",
    "confirm_operations",
    "count_waiting_units",
    "foresee_publishing",
    "list_designs",
    "new_design",
    "publish_design",
    "read_operation_tables",
    "set_design_owners",
    "show_design",
    "take_down_design",
    "unknown_fields",
    "unyank_design",
    "yank_design",
]


def list_designs(folder: Path) -> list[dict[str, Any]]:
    """Return each design of a region with its versions."""
    designs, _ = load_designs(folder / "designs", load_vocabulary())
    by_id: dict[str, list[Design]] = {}
    for design in designs:
        by_id.setdefault(design.id, []).append(design)
    rows = []
    for design_id, versions in by_id.items():
        newest = versions[-1]
        rows.append(
            {
                "id": design_id,
                "name": newest.name,
                "versions": sorted_versions(design.version for design in versions),
                "license": newest.license,
                "unknown": unknown_fields(newest),
            }
        )
    return rows


def unknown_fields(design: Design) -> list[str]:
    """Return what planning does not know of a design: ``part: field``."""
    if not any(part.operations for part in design.parts):
        return [f"{design.name}: operations"]
    return [
        f"{part.name or design.name}: {field}"
        for part in design.parts
        for operation in part.operations
        for field in operation.unknown
    ]


def show_design(folder: Path, name: str) -> dict[str, Any]:
    """Return one version of a design with its bill of materials taken apart; ``name`` is ``id`` or ``id@range``.

    Raises
    ------
    NotFoundError
        When no version fits.
    """
    designs, _ = load_designs(folder / "designs", load_vocabulary())
    catalogue = Catalogue(designs, read_taken_down(folder / "designs"))
    design_id, _, version_range = name.partition("@")
    version = best_version(tuple(catalogue.versions.get(design_id, {})), version_range or "*")
    if version is None:
        raise not_found(catalogue, name)
    design = catalogue.versions[design_id][version]
    bill = catalogue.bill(design.key)
    tasks: Any = (
        str(bill)
        if isinstance(bill, BillError)
        else [
            {
                "path": node.path,
                "part": node.part,
                "design": node.design,
                "quantity": node.quantity,
                "mass_g": node.mass_g,
                "processes": [operation.process or "unknown" for operation in node.operations],
            }
            for node in bill.walk()
        ]
    )
    return {**to_plain(design), "tasks": tasks, "unknown": unknown_fields(design)}


@dataclass(frozen=True, slots=True)
class _Submission:
    """A folder or an archive as it would be published."""

    folder: Path
    prepared: Prepared
    design_id: str
    #: None: it cannot be published
    design: Design | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def version(self) -> str | None:
        """Return the version, as far as it can be told."""
        version = self.design.version if self.design else self.prepared.document.get("version")
        return str(version) if version else None


@contextmanager
def _submitted(
    path: Path,
    design_id: str | None,
    stated: Mapping[str, str],
    region_folder: Path | None = None,
    workroom: Path | None = None,
) -> Iterator[_Submission]:
    """Give a folder or an archive, ready to be published; what has to be written is written into a copy.

    With a region, the design is held against those in its store.
    """
    if workroom is not None:
        workroom.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="incoming-", dir=workroom) as temporary:
        folder, left_out = open_submission(path, Path(temporary) / "bundle")
        vocabulary = load_vocabulary()
        prepared = plan_preparation(folder, vocabulary, stated)
        if prepared.text is not None and not folder.is_relative_to(temporary):
            folder = copy_design(folder, Path(temporary) / "bundle")
        write_prepared(folder, prepared)
        faults = check_id(design_id) if design_id else check_proposed(prepared.document)
        design_id = design_id or propose_id(prepared.document)
        problems, warnings = [*faults, *prepared.problems], left_out + prepared.warnings
        design = None
        if not prepared.problems:
            try:
                design, doubts = check_bundle(folder, design_id, vocabulary)
                warnings += doubts
                problems += check_circles(region_folder / "designs" if region_folder else None, design)
            except InputError as error:
                problems += error.problems
                warnings += error.warnings
        yield _Submission(folder, prepared, design_id, design, tuple(sorted(problems)), warnings)


def check_design(
    path: Path,
    design_id: str | None = None,
    *,
    region_folder: Path | None = None,
    stated: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a maker's check report of a folder or an archive: what is wrong, what is odd, what is unknown.

    With a region, the design is held against those in its store, and ``blocked`` counts the units in its order books
    that wait for what is unknown. ``stated`` holds required fields that a person says besides the manifest.
    """
    try:
        with _submitted(path, design_id, stated or {}, region_folder) as found:
            report = _report(found)
            doubts = find_doubts(found.folder, found.prepared.document, region_folder)
            report["warnings"] += [doubt.as_dict() for doubt in doubts]
    except InputError as error:  # an archive that cannot be unpacked
        report = _report(_Submission(path, Prepared(), design_id or "", None, error.problems, ()))
    if region_folder is not None:
        report["blocked"] = count_waiting_units(region_folder, report["id"]) if report["unknown"] else 0
    return report


def _report(found: _Submission) -> dict[str, Any]:
    return {
        "ok": not found.problems,
        "id": found.design_id,
        "version": found.version,
        "digest": found.design.digest if found.design else None,
        "manifest": found.prepared.manifest,
        "format": found.prepared.format,
        "problems": [problem.as_dict() for problem in found.problems],
        "warnings": [warning.as_dict() for warning in found.warnings],
        "unknown": unknown_fields(found.design) if found.design else [],
    }


def count_waiting_units(region_folder: Path, design_id: str) -> int:
    """Return how many units of a design a region's order books ask for; those that cannot be read count nothing."""
    units = 0
    for book in sorted((region_folder / "orders").glob("*.csv")):
        with suppress(InputError):
            rows = parse_csv(read_text(book, book.name, "O001"), book.name, "O001", REQUIRED, OPTIONAL)
            asked = [cells["quantity"] for _, cells in rows if cells["design"] == design_id]
            units += sum(int(quantity) for quantity in asked if quantity.isdecimal())
    return units


def publish_design(
    region_folder: Path,
    path: Path,
    design_id: str | None,
    message: str,
    by: str,
    stated: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Publish a folder or an archive as a release of a design, after the checks of `check_design`.

    Raises
    ------
    InputError
        With everything wrong with it; nothing is written then.
    """
    root = region_folder / "designs"
    # beside the store, on a disk that has room for designs, as /tmp may lie in memory
    with _submitted(path, design_id, stated or {}, region_folder, region_folder / "build") as found:
        _require_sound(found)
        create_root(root)
        published = publish_bundle(
            root, found.design_id, found.folder, message=message, created=datetime.now(UTC), by=by
        )
        return _outcome(found, published)


def foresee_publishing(
    region_folder: Path, path: Path, design_id: str | None, by: str, stated: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return, or raise, what `publish_design` would; nothing is written."""
    with _submitted(path, design_id, stated or {}, region_folder) as found:
        design = _require_sound(found)
        published = foresee_release(region_folder / "designs", design.id, design.version, design.digest, by)
        return _outcome(found, published)


def _require_sound(found: _Submission) -> Design:
    if found.problems or found.design is None:
        raise InputError(found.problems)
    return found.design


def _outcome(found: _Submission, published: Published) -> dict[str, Any]:
    return {
        "id": found.design_id,
        "version": published.version,
        "digest": published.digest,
        "is_new": published.is_new,
        "warnings": [warning.as_dict() for warning in found.warnings],
    }


def new_design(folder: Path, fields: Mapping[str, str]) -> dict[str, Any]:
    """Start a bundle in a new or empty folder: a manifest with comments, and a readme.

    ``fields`` are required fields of the manifest that are known by now, by name; the maker fills in the others.
    """
    files = start_bundle(folder, fields)
    places = [problem["where"].rpartition(" ")[2] for problem in check_design(folder)["problems"]]
    left = [place for place in places if place in REQUIRED_FIELDS]
    return {"folder": str(folder), "files": [file.name for file in files], "fill_in": left}
