"""Pictures that a browser draws itself: only their frame is read here, never their pixels."""

from pathlib import Path
from xml.parsers import expat

from PIL import Image

from cosmolocal.previews.kinds import NoPreviewError, Picture, Why, ending_of

#: by ending: what a browser is told, and Pillow's name; SVG is none of Pillow's
PICTURE_TYPES = {
    ".png": ("image/png", "PNG"),
    ".jpg": ("image/jpeg", "JPEG"),
    ".jpeg": ("image/jpeg", "JPEG"),
    ".webp": ("image/webp", "WEBP"),
    ".gif": ("image/gif", "GIF"),
    ".svg": ("image/svg+xml", ""),
}
#: by Pillow's name: where in a file its mark stands, and which it is
_MAGIC = {
    "PNG": ((0, b"\x89PNG\r\n\x1a\n"),),
    "JPEG": ((0, b"\xff\xd8\xff"),),
    "WEBP": ((0, b"RIFF"), (8, b"WEBP")),
    "GIF": ((0, b"GIF8"),),
}
#: [pixels] a browser needs four bytes for each
MAX_PIXELS = 60_000_000
MAX_BYTES = 64 * 1024 * 1024
MAX_SVG_BYTES = 8 * 1024 * 1024
_SVG = "http://www.w3.org/2000/svg svg"

Image.MAX_IMAGE_PIXELS = None  # we look at the frame only, and refuse large ones ourselves


def has_magic(form: str, head: bytes) -> bool:
    """Return whether a file that begins so is a picture of this form (Pillow's name)."""
    return all(head[at : at + len(mark)] == mark for at, mark in _MAGIC[form])


def measure_picture(place: Path, name: str) -> Picture:
    """Return the size of a picture from its frame; a damaged, huge or disguised one raises `NoPreviewError`."""
    form = PICTURE_TYPES[ending_of(name)][1]
    if not form:
        check_svg(place)
        return Picture()
    if place.stat().st_size > MAX_BYTES:
        raise NoPreviewError(Why.TOO_LARGE, limit=MAX_BYTES)
    with place.open("rb") as file:
        if not has_magic(form, file.read(16)):
            raise NoPreviewError(Why.PICTURE_OTHER, form=form)
        file.seek(0)
        try:
            with Image.open(file, formats=(form,)) as image:
                width, height = image.size
        except Exception as error:  # Pillow's readers raise whatever a broken frame makes them stumble over
            raise NoPreviewError(Why.PICTURE_DAMAGED, form=form) from error
    if width * height > MAX_PIXELS:
        raise NoPreviewError(Why.PIXELS, width=width, height=height, limit=MAX_PIXELS)
    return Picture(width, height)


def check_svg(place: Path) -> None:
    """Raise `NoPreviewError` unless the file is an SVG drawing without a document type or entities."""
    if place.stat().st_size > MAX_SVG_BYTES:
        raise NoPreviewError(Why.TOO_LARGE, limit=MAX_SVG_BYTES)
    roots: list[str] = []

    def refuse(*_: object) -> None:
        raise NoPreviewError(Why.SVG_ENTITIES)

    def note(name: str, _: dict[str, str]) -> None:
        if not roots:
            roots.append(name)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler = note
    try:
        parser.Parse(place.read_bytes(), True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an encoding that is none
        raise NoPreviewError(Why.SVG_DAMAGED, line=parser.CurrentLineNumber) from error
    if roots != [_SVG]:
        raise NoPreviewError(Why.PICTURE_OTHER, form="SVG")
