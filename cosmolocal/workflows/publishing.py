"""Designs: what is there, what is in a folder, and making a folder a release."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.designs.load import check_bundle, load_designs
from cosmolocal.designs.verify import verify_object, verify_root
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.planning.bill import BillError, Catalogue
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Design, to_plain
from cosmolocal.versions import best_version, sorted_versions


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
    catalogue = Catalogue(designs)
    design_id, _, version_range = name.partition("@")
    version = best_version(tuple(catalogue.versions.get(design_id, {})), version_range or "*")
    if version is None:
        raise NotFoundError(f"there is no design {name}")
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
            }
            for node in bill.walk()
        ]
    )
    return {**to_plain(design), "tasks": tasks, "unknown": unknown_fields(design)}


def check_design(folder: Path, design_id: str) -> dict[str, Any]:
    """Return a maker's check report of a folder: what is wrong, what is odd."""
    try:
        _, warnings = check_bundle(folder, design_id, load_vocabulary())
    except InputError as error:
        return {"ok": False, "problems": [problem.as_dict() for problem in error.problems], "warnings": []}
    return {"ok": True, "problems": [], "warnings": [warning.as_dict() for warning in warnings]}


def publish_design(region_folder: Path, design_id: str, folder: Path, message: str) -> dict[str, Any]:
    """Publish a folder as a release of a design, after the same checks as `check_design`; faults raise `InputError`."""
    design, warnings = check_bundle(folder, design_id, load_vocabulary())
    root = region_folder / "designs"
    create_root(root)
    digest = publish_bundle(root, design_id, folder, message=message, created=datetime.now(UTC))
    return {"id": design_id, "version": design.version, "digest": digest, "warnings": [w.as_dict() for w in warnings]}


def verify_designs(place: Path) -> dict[str, Any]:
    """Return the OCFL errors and warnings of a storage root, or of one object in it; every byte is read."""
    if not place.is_dir():
        raise NotFoundError(f"there is no folder {place}")
    is_object = any(path.name.startswith("0=ocfl_object") for path in place.glob("0=*"))
    return (verify_object(place) if is_object else verify_root(place)).as_dict()
