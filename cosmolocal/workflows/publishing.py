"""Designs: what is there, what is in a folder, and making a folder a release."""

import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import MANIFEST, check_id, create_root, publish_bundle
from cosmolocal.designs.load import check_bundle, load_designs
from cosmolocal.designs.verify import verify_object, verify_root
from cosmolocal.errors import InputError, NotFoundError, Problem
from cosmolocal.files import parse_toml, read_text
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
                "processes": [operation.process or "unknown" for operation in node.operations],
            }
            for node in bill.walk()
        ]
    )
    return {**to_plain(design), "tasks": tasks, "unknown": unknown_fields(design)}


def propose_id(folder: Path) -> str:
    """Return the id ``publisher~slug`` that a folder's manifest suggests: organization or licensor, and name."""
    try:
        manifest = parse_toml(read_text(folder / MANIFEST, MANIFEST, "D010"), MANIFEST, "D010")
    except InputError:
        manifest = {}
    publisher = next((name for name in (manifest.get("organization"), manifest.get("licensor")) if name), "")
    return f"{slug_of(publisher) or 'unnamed'}~{slug_of(manifest.get('name')) or 'unnamed'}"


def slug_of(name: object) -> str:
    """Return a name in lower-case ASCII letters, digits and single hyphens."""
    letters = unicodedata.normalize("NFKD", str(name or "")).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", letters))[:60].strip("-")


def check_design(folder: Path, design_id: str | None = None) -> dict[str, Any]:
    """Return a maker's check report of a folder: what is wrong, what is odd, and the id it would have."""
    design_id = design_id or propose_id(folder)
    problems, warnings = check_id(design_id), tuple[Problem, ...]()
    try:
        _, warnings = check_bundle(folder, design_id, load_vocabulary())
    except InputError as error:
        problems += error.problems
    return {
        "ok": not problems,
        "id": design_id,
        "problems": [problem.as_dict() for problem in problems],
        "warnings": [warning.as_dict() for warning in warnings],
    }


def publish_design(region_folder: Path, folder: Path, design_id: str | None, message: str) -> dict[str, Any]:
    """Publish a folder as a release of a design, after the same checks as `check_design`; faults raise `InputError`."""
    design_id = design_id or propose_id(folder)
    if problems := check_id(design_id):
        raise InputError(problems)
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
