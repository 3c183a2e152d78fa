"""A workspace whose store holds one bundle with files of every kind, whole ones and ones made to harm."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sample_files import SVG, SVG_BOMB, dxf, glb, pdf, picture, png_bomb, stl, stl_text, textured_glb, write_files
from showcase import LAMP, SHOWN_REGION, ShownWorkspace

from cosmolocal.designs.bundles import create_root, publish_bundle, read_bundle
from cosmolocal.records import Design
from cosmolocal.workflows import Workspace

BODY = "test~body"
VERSION = "1.0.0"
MANIFEST = b"""okhv = "OKH-LOSHv1.0"
name = "Body"
repo = "https://example.org/body"
version = "1.0.0"
license = "CERN-OHL-S-2.0"
licensor = "Ada"
function = "To be looked at"
"""
README = b"""# Body

Print [the body](parts/body.stl), not [that](https://example.org/).

![drawn](pictures/side.svg) ![spy](https://example.org/spy.png)

| part | pieces |
| --- | --- |
| body | 1 |
"""
#: it would mark the window and ask another host, if it could
SCRIPT = b"<script>window.harmed = true; fetch('https://example.org/harm'); document.title = 'harmed'</script>"
HARMFUL_SVG = SVG.replace(b"</svg>", SCRIPT + b"</svg>").replace(b"<rect", b'<rect onload="window.harmed = true"')
FILES = {
    "okh.toml": MANIFEST,
    "README.md": README,
    "bill.csv": b"part;pieces;\nbody;1;<b>\n=1+1;2;3\n",
    "parts/body.stl": stl(),
    "parts/text.stl": stl_text(),
    "parts/body.glb": glb(),
    "parts/textured.glb": textured_glb(),
    "parts/broken.stl": stl(count=99),
    "parts/plate.dxf": dxf(),
    "docs/sheet.pdf": pdf(),
    "pictures/side.svg": SVG,
    "pictures/photo.png": picture("PNG", (400, 300)),
    "pictures/größe 1.png": picture(),
    "parts/body.FCStd": b"PK\x03\x04",
    "harm/page.html": b"<!doctype html><title>page</title>" + SCRIPT,
    "harm/drawing.svg": HARMFUL_SVG,
    "harm/entities.svg": SVG_BOMB,
    "harm/photo.png": b"<!doctype html>" + SCRIPT,
    "harm/bomb.png": png_bomb(),
    "harm/text.txt": b"<!doctype html>" + SCRIPT,
    "harm/text.md": b"# Harm\n\n" + SCRIPT + b"\n\n[run](javascript:window.harmed=true)\n",
}


class StoreWorkspace(ShownWorkspace):
    """The shown workspace with a store of its own in ``folder``."""

    design_file = Workspace.design_file  # type: ignore[assignment]
    bundle_files = Workspace.bundle_files  # type: ignore[assignment]


def publish_files(folder: Path) -> tuple[StoreWorkspace, Design]:
    """Publish the files as a release and return the workspace that shows it, and the design."""
    root = folder / "designs"
    create_root(root)
    bundle = write_files(folder / "bundle", FILES)
    publish_bundle(root, BODY, bundle, message="first", created=datetime(2026, 9, 1, tzinfo=UTC), by="ada")
    design = replace(
        LAMP,
        id=BODY,
        version=VERSION,
        name="Body",
        image="pictures/photo.png",
        files=read_bundle(root, BODY, VERSION),
        bom=(),
    )
    region = replace(SHOWN_REGION, designs=(*SHOWN_REGION.designs, design))
    return StoreWorkspace(folder, region=region), design
