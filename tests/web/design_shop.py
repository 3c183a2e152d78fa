"""A region in a folder with designs in every state a page can show, and people who may do things to them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomli_w
from cli.small_region import PLACES, REGION, WORKSHOPS
from flask import Flask
from web.accounts import use_fakes

from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.web import create_app
from cosmolocal.workflows.stewarding import take_down_design, yank_design

NOW = datetime(2026, 9, 7, tzinfo=UTC)
#: what a maker could type to do harm, in every text that a page shows
NAUGHTY = """<script>document.title='harmed'</script><img src=x onerror="document.title='harmed'">'"&amp;{{7*7}}"""
README = "# Read me\n\nOne of *these*.\n"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3" fill="teal"/></svg>'
CUBE = (
    "solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 9 0 0\nvertex 0 9 0\nendloop\nendfacet\nendsolid a\n"
)
ORDERS = """id,design,version,quantity,place,due_date
ANY,us~lamp,*,5,home,2026-09-18
PIN,us~lamp,=1.1.0,2,home,2026-09-18
LATE,us~lamp,^1.1,1,home,2026-09-18
SIT,us~stool,*,7,home,2026-09-18
"""


def step(**changes: Any) -> dict[str, Any]:
    """Return an operation as a manifest states it; None takes a field away."""
    table = {
        "process": "laser-cutting",
        "minutes-per-unit": 20,
        "setup-minutes": 5,
        "material": "plywood",
        "material-cost": 3,
        "envelope-mm": [400, 300, 4],
        "tolerance": "medium",
    }
    return {name: value for name, value in (table | changes).items() if value is not None}


def manifest(version: str, steps: list[dict[str, Any]], extension: dict[str, Any] | None = None, **top: Any) -> str:
    """Return the text of a manifest."""
    document = {
        "okhv": "OKH-LOSHv1.0",
        "name": "Lamp",
        "repo": "https://example.org/lamp",
        "version": version,
        "license": "CERN-OHL-S-2.0",
        "licensor": "Ada",
        "function": "Gives light.",
        "mass": 900,
    }
    extended = {"reference-price": 90, "operation": steps} | (extension or {})
    return tomli_w.dumps(document | top | {"x-cosmolocal": extended})


def publish(region: Path, design_id: str, text: str, files: dict[str, str] | None = None, by: str = "ada") -> None:
    """Publish a bundle with this manifest."""
    folder = region / "build/incoming"
    for name, content in ((files or {}) | {"okh.toml": text}).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    publish_bundle(region / "designs", design_id, folder, message="made for tests", created=NOW, by=by)
    shutil.rmtree(folder)


def make_shop(folder: Path) -> Flask:
    """Return an application over the region."""
    (folder / "orders").mkdir(parents=True)
    files = (("region.yaml", REGION), ("workshops.yaml", WORKSHOPS), ("places.csv", PLACES), ("orders/all.csv", ORDERS))
    for name, text in files:
        (folder / name).write_text(text)
    create_root(folder / "designs")
    publish_lamps(folder)
    publish_others(folder)
    app = create_app(folder, secret_key=b"of the tests")
    use_fakes(app)
    return app


def publish_lamps(folder: Path) -> None:
    """Publish a lamp in three versions, the last withdrawn, another taken down, and a fork."""
    for version in ("0.9.0", "1.0.0"):
        publish(folder, "us~lamp", manifest(version, [step()]), {"README.md": README, "parts/cube.stl": CUBE})
    publish(
        folder,
        "us~lamp",
        manifest(
            "1.1.0",
            [step(**{"minutes-per-unit": 12}), step(part="shade", **{"minutes-per-unit": 2})],
            {
                "changes": "A shade is added.",
                "bom": [{"part": "shade", "quantity": 2}, {"bought": "bolt", "quantity": 4}],
            },
            part=[{"name": "shade", "mass": 100}],
            image="picture.svg",
            organization="Light for all",
        ),
        {"README.md": README, "picture.svg": DRAWING},
    )
    publish(folder, "us~lamp", manifest("1.2.0", [step()]))
    yank_design(folder, "us~lamp@1.2.0", "It gets too hot.", "ada")
    take_down_design(folder, "us~lamp@0.9.0", "Not ours to give.", "root")
    publish(
        folder, "them~lamp", manifest("1.0.0", [step()], {"derived-from": ["us~lamp@1.0.0"]}, name="Fork of the lamp")
    )


def publish_others(folder: Path) -> None:
    """Publish a stool of which something is unknown, a huge table, a set of modules, and one with harm in all texts."""
    unknown = step(**{"minutes-per-unit": "unknown", "material": None, "material-cost": None})
    publish(folder, "us~stool", manifest("1.0.0", [unknown], name="Stool", license="LicenseRef-Own"))
    huge = step(**{"envelope-mm": [4000, 2000, 4]})
    publish(folder, "us~table", manifest("1.0.0", [huge], name="Table", license="CC-BY-NC-SA-4.0"))
    lines = [{"design": "us~lamp", "version": "^1", "quantity": 2}, {"design": "us~none", "quantity": 1}]
    publish(folder, "us~set", manifest("1.0.0", [], {"bom": lines}, name="Set", license="MIT"))
    publish(
        folder,
        "us~naughty",
        manifest(
            "1.0.0",
            [step(part="bad", material=NAUGHTY)],
            {"changes": NAUGHTY, "bom": [{"part": "bad", "quantity": 1}, {"bought": NAUGHTY, "quantity": 1}]},
            name=NAUGHTY,
            function=NAUGHTY,
            licensor=NAUGHTY,
            organization=NAUGHTY,
            part=[{"name": "bad", "mass": 1}],
        ),
        {"README.md": NAUGHTY},
    )
