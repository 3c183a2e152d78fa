"""Drawings by a child process: made once, within limits, whatever the file does."""

import xml.etree.ElementTree as ET
from hashlib import sha256
from pathlib import Path

import ezdxf
import pytest
from PIL import Image
from sample_files import block_bomb, dxf, pdf, written

from cosmolocal.previews.drawings import Limits, draw, drawing_folder
from cosmolocal.previews.kinds import Drawing, NoPreviewError, Page, Why

SHORT = Limits(cpu_seconds=2)


def drawn(folder: Path, kind: str, content: bytes, limits: Limits = SHORT) -> tuple[Drawing, Path]:
    """Return the drawing of a file and where its pictures lie."""
    place = folder / f"file.{kind}"
    place.write_bytes(content)
    digest = sha256(content).hexdigest()
    drawing = draw(kind, place, digest, folder / "cache", limits)
    return drawing, drawing_folder(kind, digest, folder / "cache")


def why(folder: Path, kind: str, content: bytes, limits: Limits = SHORT) -> Why:
    with pytest.raises(NoPreviewError) as caught:
        drawn(folder, kind, content, limits)
    return caught.value.why


def test_a_dxf_becomes_an_svg_with_its_size(tmp_path):
    drawing, folder = drawn(tmp_path, "dxf", dxf())
    assert drawing == Drawing((Page("1.svg", 1020, 687),), 1, (300, 200), "mm")
    root = ET.fromstring((folder / "1.svg").read_text("utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall(".//{*}path")) >= 3


def test_the_first_pages_of_a_pdf_become_pictures(tmp_path):
    drawing, folder = drawn(tmp_path, "pdf", pdf(pages=5))
    assert (len(drawing.pages), drawing.total) == (3, 5)
    with Image.open(folder / drawing.pages[2].file) as image:
        assert image.size == (drawing.pages[2].width, drawing.pages[2].height) == (1400, 1050)
        assert image.getpixel((350, 600)) == (255, 0, 0)


def test_a_drawing_is_made_once(tmp_path):
    first, folder = drawn(tmp_path, "pdf", pdf())
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert drawn(tmp_path, "pdf", pdf())[0] == first
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_nothing_half_made_stays(tmp_path):
    why(tmp_path, "dxf", b"0\nSECTION\nnonsense")
    assert [path.name for path in (tmp_path / "cache").glob(".drawing-*")] == []


@pytest.mark.parametrize(
    ("kind", "content", "reason"),
    [
        ("dxf", b"0\nSECTION\nnonsense", Why.DRAWING_DAMAGED),
        ("dxf", bytes(range(256)) * 40, Why.DRAWING_DAMAGED),
        ("dxf", b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(500), Why.DRAWING_DAMAGED),
        ("dxf", dxf()[:4000], None),
        ("pdf", b"%PDF-1.7\nnonsense", Why.DRAWING_DAMAGED),
        ("pdf", pdf(pages=0), None),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, kind, content, reason):
    found = why(tmp_path, kind, content)
    assert found == reason or (reason is None and found in (Why.EMPTY, Why.DRAWING_DAMAGED))


def test_blocks_within_blocks_reach_the_limit_of_time_and_that_is_remembered(tmp_path):
    bomb = block_bomb()
    assert why(tmp_path, "dxf", bomb) == Why.DRAWING_LIMITS
    no_time_at_all = Limits(cpu_seconds=1, wall_seconds=0)  # a child would be ended at once
    assert why(tmp_path, "dxf", bomb, no_time_at_all) == Why.DRAWING_LIMITS


def test_a_drawing_without_end_in_a_pdf_reaches_the_limit_of_time(tmp_path):
    assert why(tmp_path, "pdf", pdf(1, b"0 0 100000 100000 re f " * 300_000)) == Why.DRAWING_LIMITS


def test_too_little_memory_is_a_limit_and_no_fault(tmp_path):
    content = pdf(1, b"0 0 100 100 re f " * 100)
    assert why(tmp_path, "pdf", content, Limits(memory_bytes=10_000_000)) in (Why.DRAWING_LIMITS, Why.DRAWING_DAMAGED)


def test_a_child_that_hangs_is_ended_and_that_is_not_remembered(tmp_path):
    assert why(tmp_path, "pdf", pdf(), Limits(wall_seconds=0)) == Why.BUSY
    assert drawn(tmp_path, "pdf", pdf())[0].total == 2


def test_huge_numbers_are_refused(tmp_path):
    document = ezdxf.new()
    document.modelspace().add_line((-1e300, 0), (1e300, 1e300))
    assert why(tmp_path, "dxf", written(document)) == Why.NUMBERS


def test_an_empty_drawing_is_empty(tmp_path):
    assert why(tmp_path, "dxf", written(ezdxf.new())) == Why.EMPTY


def test_a_picture_that_a_drawing_names_is_not_opened(tmp_path):
    """An IMAGE entity is drawn as a frame: files of the server stay unread."""
    secret = tmp_path / "secret.png"
    Image.new("RGB", (50, 50), (1, 2, 3)).save(secret)
    document = ezdxf.new("R2010")
    named = document.add_image_def(str(secret), (50, 50))
    document.modelspace().add_image(named, (0, 0), (10, 10))
    document.modelspace().add_line((0, 0), (20, 20))
    _, folder = drawn(tmp_path, "dxf", written(document))
    drawing = (folder / "1.svg").read_text("utf-8")
    assert "<image" not in drawing and "secret" not in drawing
