"""Why a file of a draft cannot be shown once it is published, or can do harm."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.parsers import expat

from cosmolocal.files import sha256_of
from cosmolocal.previews import DRAWN, MODEL_ENDINGS, Nothing, Preview, Why, describe, ending_of

#: these say nothing about the file
_NO_FAULT = (Why.KIND, Why.BUSY)
#: as the pages that show a file say it
_SENTENCES = {
    Why.EMPTY: "There is nothing in it to show.",
    Why.TOO_LARGE: "The file is too large to be shown.",
    Why.UNREADABLE: "The file cannot be read on the server.",
    Why.NOT_TEXT: "The file's name says text, but it holds other bytes.",
    Why.STL_LENGTH: "The file is damaged: its head says {stated} triangles, its length fits {held}.",
    Why.STL_LINE: "The file is damaged: line {line} is not what STL asks for there.",
    Why.NUMBERS: "The file is damaged: it holds a number that is too large, or none at all.",
    Why.TRIANGLES: "The model has {found} triangles; at most {limit} are shown.",
    Why.GLB_FRAME: "The file is damaged: it says it is {stated} bytes long, and it has {held}.",
    Why.GLTF_DAMAGED: "The file is damaged: its description does not fit its data.",
    Why.GLTF_OUTSIDE: "The model needs another file, “{name}”; only models in one file are shown.",
    Why.GLTF_EXTENSION: "The model is packed by {name}, which is not read here.",
    Why.PICTURE_DAMAGED: "The file is damaged: its {form} frame cannot be read.",
    Why.PICTURE_OTHER: "The file's name says {form}, but its content is something else.",
    Why.PIXELS: "The picture is {width} × {height} pixels large; at most {limit} pixels are shown.",
    Why.SVG_ENTITIES: (
        "The drawing holds a document type or entities (<!DOCTYPE, <!ENTITY), which can do harm; save it without."
    ),
    Why.SVG_DAMAGED: "The file is damaged: line {line} is not XML.",
    Why.TABLE_DAMAGED: "The file is damaged: it cannot be read as a table.",
    Why.DRAWING_DAMAGED: "The file is damaged: the drawing in it cannot be read.",
    Why.DRAWING_LIMITS: "Drawing it takes more time or memory than this server gives to one file.",
    Why.LOCKED: "The file is locked with a password.",
}
#: an empty file of any other kind may be meant so
_NEVER_EMPTY = (*MODEL_ENDINGS, *DRAWN, ".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg")
_SCRIPT = "The drawing holds a script, which can do harm; save it without."


@dataclass(frozen=True, slots=True)
class _Bytes:
    """The bytes of a file; a link to them in another folder is the same."""

    state: tuple[int, int, int, int]
    ending: str
    path: Path = field(compare=False)


def find_fault(path: Path) -> str:
    """Return why a file cannot be shown, or what harm it can do, as a sentence; "": nothing is wrong with it."""
    stat = path.stat()
    return _find_fault(_Bytes((stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns), ending_of(path.name), path))


@lru_cache(maxsize=4096)
def _find_fault(file: _Bytes) -> str:
    shown = _look(file).data
    if isinstance(shown, Nothing):
        if shown.why is Why.EMPTY and file.ending not in _NEVER_EMPTY:
            return ""
        return "" if shown.why in _NO_FAULT else _SENTENCES[shown.why].format(**shown.found)
    return _SCRIPT if file.ending == ".svg" and _holds_script(file.path) else ""


def _look(file: _Bytes) -> Preview:
    if file.ending not in DRAWN:
        return describe(file.path, file.path.name, sha256=str(file.state), cache=Path())
    with TemporaryDirectory(prefix="looked-at-") as cache:
        return describe(file.path, file.path.name, sha256=sha256_of(file.path), cache=Path(cache))


def _holds_script(path: Path) -> bool:
    """Tell whether a drawing, which holds no entities, brings something that runs."""
    found: list[str] = []

    def note(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2].lower() == "script":
            found.append(name)
        found.extend(
            key
            for key, value in attributes.items()
            if key.lower().startswith("on") or "".join(value.split()).lower().startswith("javascript:")
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler = note
    parser.Parse(path.read_bytes(), True)
    return bool(found)
