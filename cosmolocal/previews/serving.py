"""What a browser may be told about a file's bytes: a kind it can look at, or only "bytes to keep"."""

from pathlib import Path

from cosmolocal.previews.kinds import NoPreviewError, ending_of
from cosmolocal.previews.pictures import PICTURE_TYPES, check_svg, has_magic
from cosmolocal.previews.texts import SHOWN_BYTES, read_beginning

BYTES = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
_TEXT_ENDINGS = (".txt", ".md", ".csv", ".toml", ".yaml", ".yml", ".json", ".log")


def find_type(place: Path, name: str) -> tuple[str, bool]:
    """Return the media type to send a file with, and whether a browser may show it; by name *and* content."""
    ending = ending_of(name)
    with place.open("rb") as file:
        head = file.read(16)
    if ending in PICTURE_TYPES:
        media_type, form = PICTURE_TYPES[ending]
        fits = has_magic(form, head) if form else _is_svg(place)
        return (media_type, True) if fits else (BYTES, False)
    if ending == ".pdf" and head.startswith(b"%PDF-"):
        return "application/pdf", False
    if ending in _TEXT_ENDINGS and _is_text(place):
        return _TEXT, True
    return BYTES, False


def _is_svg(place: Path) -> bool:
    try:
        check_svg(place)
    except NoPreviewError:
        return False
    return True


def _is_text(place: Path) -> bool:
    try:
        read_beginning(place, SHOWN_BYTES)
    except NoPreviewError:
        return False
    return True
