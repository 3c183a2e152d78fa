"""Draws a DXF or PDF file: a process of its own, with little memory and time, that writes into its working folder.

``python -m cosmolocal.previews.child dxf|pdf FILE MEMORY_BYTES CPU_SECONDS``
"""

import json
import math
import resource
import sys
from pathlib import Path
from typing import Any

import pypdfium2
from ezdxf import recover
from ezdxf.addons.drawing import config, layout, svg
from ezdxf.addons.drawing.frontend import Frontend
from ezdxf.addons.drawing.properties import RenderContext
from ezdxf.document import Drawing
from ezdxf.filemanagement import readfile
from PIL import Image

from cosmolocal.previews.drawings import DAMAGED, FACTS, LIMIT_REACHED

#: [bytes] largest file it may write
MAX_WRITTEN = 16 * 1024 * 1024
#: by the number in a DXF file's $INSUNITS
UNITS = {1: "in", 2: "ft", 4: "mm", 5: "cm", 6: "m"}
PDF_PAGES = 3
#: [pixels] longer side of a page of a PDF
PDF_SIDE = 1400
#: [pixels] of a DXF drawing's paper
DXF_SIDE = 1000
#: longest side of a drawing in its own unit
MAX_SIZE = 1e9


def main(arguments: list[str]) -> int:
    """Draw one file and return the exit code."""
    kind, source, memory_bytes, cpu_seconds = arguments
    _limit(int(memory_bytes), int(cpu_seconds))
    try:
        facts = {"dxf": draw_dxf, "pdf": draw_pdf}[kind](Path(source))
    except (MemoryError, OSError):
        return LIMIT_REACHED
    except Exception:  # a damaged file makes the readers stumble over anything
        return DAMAGED
    Path(FACTS).write_text(json.dumps(facts), encoding="utf-8")
    return 0


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def draw_dxf(source: Path) -> dict[str, Any]:
    """Draw the model space of a DXF file as ``1.svg``; nothing that it refers to outside of itself is opened."""
    document = _read_dxf(source)
    context = RenderContext(document)
    backend = svg.SVGBackend()
    looks = config.Configuration(
        background_policy=config.BackgroundPolicy.WHITE,
        image_policy=config.ImagePolicy.RECT,
        hatching_timeout=2,
    )
    Frontend(context, backend, looks).draw_layout(document.modelspace())
    box = backend.player().bbox()
    if not box.has_data:
        return {"why": "empty"}
    width, height = float(box.size.x), float(box.size.y)
    if not 0 < max(width, height) < MAX_SIZE or not math.isfinite(width + height):
        return {"why": "numbers"}
    paper = [max(1, round(DXF_SIDE * side / max(width, height))) for side in (width, height)]
    # the paper is measured in px, with a margin for lines on the edge
    page = layout.Page(paper[0] + 20, paper[1] + 20, layout.Units.px, layout.Margins.all(10))
    Path("1.svg").write_text(backend.get_string(page), encoding="utf-8")
    unit = UNITS.get(document.units, "")
    pages = [{"file": "1.svg", "width": paper[0] + 20, "height": paper[1] + 20}]
    return {"pages": pages, "total": 1, "size": [width, height], "unit": unit}


def _read_dxf(source: Path) -> Drawing:
    with source.open("rb") as file:
        if file.read(22).startswith(b"AutoCAD Binary DXF"):
            return readfile(source)
    return recover.readfile(source)[0]


def draw_pdf(source: Path) -> dict[str, Any]:
    """Draw the first pages of a PDF file as ``1.png`` and so on."""
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        return {"why": "locked" if "password" in str(error).lower() else "drawing-damaged"}
    if not len(document):
        return {"why": "empty"}
    pages = [_draw_page(document[number], f"{number + 1}.png") for number in range(min(len(document), PDF_PAGES))]
    return {"pages": pages, "total": len(document)}


def _draw_page(page: pypdfium2.PdfPage, name: str) -> dict[str, Any]:
    width, height = page.get_size()
    scale = PDF_SIDE / max(width, height, 1)
    image: Image.Image = page.render(scale=scale).to_pil()
    image.save(name, optimize=False)
    return {"file": name, "width": image.width, "height": image.height}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
