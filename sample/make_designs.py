"""Builds the sample's designs: ``python sample/make_designs.py DEST`` writes the OCFL root that stands as ``designs/``.

Each file of ``sample/designs`` describes one design and its versions; a version lists what differs from the one before.
The same sources give the same bytes.
"""

import csv
import io
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import tomli_w

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, nothing of the project is installed

from cosmolocal.designs.bundles import create_root, publish_bundle
from sample import drawings

PUBLISHER = "cosmolocal-sample"
SOURCES = Path(__file__).with_name("designs")
#: who made the drawings, texts and figures; the original's licensor stands beside its source
LICENSOR = "cosmolocal contributors"

Table = dict[str, Any]


def main(destination: Path) -> None:
    """Publish every version of every design into ``destination``, which is made where it is missing."""
    destination.mkdir(parents=True, exist_ok=True)
    create_root(destination)
    for path in sorted(SOURCES.glob("*.toml")):
        design = tomllib.loads(path.read_text(encoding="utf-8"))
        for version in iterate_versions(design):
            publish(destination, f"{PUBLISHER}~{path.stem}", design, version)


def iterate_versions(design: Table) -> Iterator[Table]:
    """Yield each version in full: what it states itself laid over the version before."""
    full: Table = {"part": [], "bought": [], "module": []}
    for version in design["version"]:
        gone = version.get("drop", [])
        for kind in ("part", "bought", "module"):
            here = {item["name"]: item for item in version.get(kind, [])}
            kept = {item["name"]: item for item in full[kind] if item["name"] not in gone}
            full = {**full, kind: list((kept | here).values())}
        full |= {key: value for key, value in version.items() if key not in ("part", "bought", "module", "drop")}
        yield full


def publish(root: Path, design_id: str, design: Table, version: Table) -> None:
    """Write the files of one version into a folder and publish them."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in build_files(design_id, design, version).items():
            target = Path(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        created = datetime.combine(version["created"], time(12), UTC)
        message = version.get("changes") or "first version"
        owner = design_id.partition("~")[0]
        publish_bundle(root, design_id, Path(folder), message=message, created=created, by=owner)


def build_files(design_id: str, design: Table, version: Table) -> dict[str, bytes]:
    """Return the bytes of every file of a bundle by path."""
    files: dict[str, bytes] = {}
    for part in version["part"]:
        files |= build_drawings(part)
    return files | {
        "okh.toml": build_manifest(design, version).encode(),
        "README.md": build_readme(design_id, design, version).encode(),
        "LICENSE.md": build_license_note(design).encode(),
        "bom.csv": build_parts_list(version).encode(),
        "image.svg": drawings.write_picture(design["name"], design["function"], design["picture"]),
    }


def build_drawings(part: Table) -> dict[str, bytes]:
    """Return the drawing files of a part by path; the first is the one to make it from."""
    width, depth, height = part["size"]
    base = f"parts/{part['name'].replace(' ', '-')}"
    outline = tuple(map(tuple, part.get("outline", ()))) or drawings.build_rectangle(
        width, depth, part.get("corner", 0)
    )
    match part["shape"]:
        case "prism":
            return {f"{base}.stl": drawings.write_stl(part["name"], drawings.build_prism(outline, height))}
        case "ring":
            ring = drawings.build_ring(width, part["inner"], height)
            return {f"{base}.stl": drawings.write_stl(part["name"], ring)}
        case "tray":
            tray = drawings.build_tray((width, depth, height), part["wall"])
            return {f"{base}.stl": drawings.write_stl(part["name"], tray)}
        case "flat":
            flat = drawings.Flat(outline, tuple(map(tuple, part.get("holes", ()))))
            drawing = drawings.write_drawing(flat, part["name"], height)
            return {f"{base}.dxf": drawings.write_dxf(flat), f"{base}.svg": drawing}
    raise ValueError(f"{part['name']}: unknown shape {part['shape']!r}")


def build_manifest(design: Table, version: Table) -> str:
    """Return the text of ``okh.toml``; where the idea comes from stands at its head."""
    width, depth, height = version.get("outer") or design["outer"]
    manifest = {
        "okhv": "OKH-LOSHv1.0",
        "name": design["name"],
        "repo": design["repo"],
        "version": version["version"],
        "license": design["license"],
        "licensor": LICENSOR,
        "function": design["function"],
        "readme": "README.md",
        "image": "image.svg",
        "bom": "bom.csv",
        "documentation-language": "en-GB",
        "tsdc": design["tsdc"],
        "outer-dimensions": {"width": width, "depth": depth, "height": height},
        "part": [_part(part) for part in version["part"]],
        "x-cosmolocal": _planning_data(version),
    }
    return "".join(f"# {line}\n" for line in _source_lines(design)) + "\n" + tomli_w.dumps(manifest)


def _part(part: Table) -> Table:
    source, *exports = build_drawings(part)
    width, depth, height = part["size"]
    table = {"name": part["name"], "source": source, "mass": part["mass"]}
    if exports:
        table["export"] = exports
    return table | {"outer-dimensions": {"width": width, "depth": depth, "height": height}}


def _planning_data(version: Table) -> Table:
    operations = [_operation("", operation) for operation in version["operations"]]
    operations += [_operation(part["name"], operation) for part in version["part"] for operation in part["operations"]]
    return {
        "reference-price": float(version["price"]),
        "reference-co2e-g": version["co2e"],
        "reference-provenance": "assumed",
        "changes": version.get("changes", ""),
        "bom": [_bom_line(kind, item) for kind in ("part", "module", "bought") for item in version[kind]],
        "operation": operations,
    }


def _bom_line(kind: str, item: Table) -> Table:
    line: Table = {"quantity": item["count"], "into": item.get("into", "")}
    if kind == "part":
        return {"part": item["name"], **line}
    if kind == "module":
        return {"design": f"{PUBLISHER}~{item['name']}", "version": item["range"], **line}
    figures = {"cost": float(item["cost"]), "mass-g": item["mass"], "provenance": "assumed"}
    return {"bought": item["name"], **line, **figures}


def _operation(part: str, operation: Table) -> Table:
    table: Table = {"part": part, "process": operation["process"], "minutes-per-unit": operation["minutes"]}
    table["setup-minutes"] = operation.get("setup", 0)
    for key, name in (("material", "material"), ("cost", "material-cost"), ("envelope", "envelope-mm")):
        if key in operation:
            table[name] = operation[key]
    if "tolerance" in operation:
        table["tolerance"] = operation["tolerance"]
    return table | {"provenance": operation.get("provenance", "assumed")}


def _source_lines(design: Table) -> list[str]:
    origin = design["origin"]
    lines = [f"After {origin['name']}; licence of the original: {origin['license']}; licensor: {origin['licensor']}."]
    lines += [f"Source: {source}" for source in origin["sources"]]
    return [
        *lines,
        "Texts, drawings and figures are our own; minutes, prices and CO2e are assumed unless stated otherwise.",
    ]


def build_readme(design_id: str, design: Table, version: Table) -> str:
    """Return the bundle's README.md."""
    lines = [f"# {design['name']} {version['version']}", "", design["function"], "", design["about"], ""]
    if changes := version.get("changes"):
        lines += ["## What changed", "", changes, ""]
    lines += ["## Parts", "", "| part | pieces | size (mm) | drawing |", "|---|---|---|---|"]
    for part in version["part"]:
        size = " × ".join(str(length) for length in part["size"])
        lines.append(f"| {part['name']} | {part['count']} | {size} | `{next(iter(build_drawings(part)))}` |")
    lines += [f"| {item['name']} | {item['count']} | – | a design of its own |" for item in version["module"]]
    lines += [f"| {item['name']} | {item['count']} | – | bought |" for item in version["bought"]]
    lines += ["", "## Putting it together", ""]
    lines += [f"{number}. {step}" for number, step in enumerate(version["steps"], 1)]
    lines += ["", "## Where it comes from", "", *(f"- {line}" for line in _source_lines(design))]
    lines += [
        "",
        f"This is sample data for planning (`{design_id}`): check every dimension before you make anything.",
        "",
    ]
    return "\n".join(lines)


def build_license_note(design: Table) -> str:
    """Return the bundle's licence note."""
    origin = design["origin"]
    return (
        f"# Licence\n\nThe files of this bundle are offered by the {LICENSOR} under `{design['license']}` "
        "(SPDX identifier).\n\n"
        f"The idea comes from {origin['name']} (licensor: {origin['licensor']}; licence: {origin['license']}). "
        "No file, text or drawing of the original is contained here.\n"
    )


def build_parts_list(version: Table) -> str:
    """Return the bill of materials as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["kind", "name", "quantity", "into"])
    for kind in ("part", "module", "bought"):
        writer.writerows([kind, item["name"], item["count"], item.get("into", "")] for item in version[kind])
    return text.getvalue()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python sample/make_designs.py DEST")
    main(Path(sys.argv[1]))
