"""The manifest of a design as OKH-LOSH 1.0 TOML; `cosmolocal.designs.manifest` reads it back."""

from typing import Any

import tomli_w

from cosmolocal.designs.manifest import EXTENSION, OKH_VERSION
from cosmolocal.records import BomLine, Design, Operation, Provenance


def write_manifest(design: Design) -> str:
    """Return the text of ``okh.toml``; reading it gives the same design again.

    Raises
    ------
    ValueError
        When the licence is unknown: a manifest must name one.
    """
    if design.license is None:
        raise ValueError(f"the licence of {design.key} is unknown; a person must say which it is")
    document: dict[str, Any] = {
        "okhv": OKH_VERSION,
        "name": design.name,
        "repo": design.repo,
        "version": design.version,
        "license": design.license,
        "licensor": design.licensor,
        "function": design.function,
        "organization": design.organization,
        "readme": design.readme,
        "image": design.image,
        "mass": design.parts[0].mass_g,
        "part": [_kept({"name": part.name, "mass": part.mass_g}) for part in design.parts[1:]],
        EXTENSION: _kept(
            {
                "reference-price": _hundredths(design.reference_price_cents),
                "reference-co2e-g": design.reference_co2e_g,
                "reference-provenance": design.reference_provenance.value,
                "changes": design.changes,
                "derived-from": list(design.derived_from),
                "bom": [_bom_line(line) for line in design.bom],
                "operation": [
                    _kept({"part": part.name, **operation_table(operation)})
                    for part in design.parts
                    for operation in part.operations
                ],
            }
        ),
    }
    return tomli_w.dumps(_kept(document))


def _kept(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value not in (None, "", [])}


def _hundredths(cents: int | None) -> float | None:
    return None if cents is None else cents / 100


def _bom_line(line: BomLine) -> dict[str, Any]:
    table: dict[str, Any] = {"part": line.part, "design": line.design, "bought": line.bought, "into": line.into}
    table |= {"quantity": line.quantity, "provenance": line.provenance.value}
    if line.design is not None:
        table["version"] = line.version
    if line.bought is not None:
        table |= {"cost": line.cost_cents / 100, "mass-g": line.mass_g}
    return _kept(table)


def operation_table(operation: Operation) -> dict[str, Any]:
    """Return an operation as its table in a manifest, without its part."""
    unknown = Provenance.UNKNOWN.value
    envelope = list(operation.envelope_mm) if operation.envelope_mm else None
    return _kept(
        {
            "process": operation.process or unknown,
            "minutes-per-unit": unknown if operation.seconds is None else operation.seconds / 60,
            "setup-minutes": operation.setup_seconds / 60,
            "material": unknown if "material" in operation.unknown else operation.material,
            "material-cost": operation.material_cents / 100,
            "envelope-mm": unknown if "envelope" in operation.unknown else envelope,
            "tolerance": operation.tolerance.value if operation.tolerance else None,
            "provenance": operation.provenance.value,
        }
    )
