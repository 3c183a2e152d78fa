"""What a preview can be, and why there is none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from cosmolocal.errors import CosmolocalError

#: gives the address of a file of the same bundle: to look at it (False), or its bytes as a picture (True)
Address = Callable[[str, bool], str | None]
Found = dict[str, str | int]


class Why(StrEnum):
    """Why a file has no preview."""

    KIND = "kind"
    EMPTY = "empty"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    NOT_TEXT = "not-text"
    STL_LENGTH = "stl-length"
    STL_LINE = "stl-line"
    NUMBERS = "numbers"
    TRIANGLES = "triangles"
    GLB_FRAME = "glb-frame"
    GLTF_DAMAGED = "gltf-damaged"
    GLTF_OUTSIDE = "gltf-outside"
    GLTF_EXTENSION = "gltf-extension"
    PICTURE_DAMAGED = "picture-damaged"
    PICTURE_OTHER = "picture-other"
    PIXELS = "pixels"
    SVG_ENTITIES = "svg-entities"
    SVG_DAMAGED = "svg-damaged"
    TABLE_DAMAGED = "table-damaged"
    DRAWING_DAMAGED = "drawing-damaged"
    DRAWING_LIMITS = "drawing-limits"
    LOCKED = "locked"
    BUSY = "busy"


class NoPreviewError(CosmolocalError):
    """A file cannot be shown."""

    def __init__(self, why: Why, **found: str | int) -> None:
        self.why, self.found = why, found
        super().__init__(f"{why}: {found}")


@dataclass(frozen=True, slots=True)
class Nothing:
    """No preview."""

    why: Why
    #: what was found, by name; the sentence for ``why`` needs them
    found: Found = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that a browser draws itself."""

    #: [pixels] None: the picture has no size of its own (SVG)
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page drawn by the server."""

    #: name in the folder of the drawing
    file: str
    #: [pixels] of the picture
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pages that the server drew."""

    pages: tuple[Page, ...]
    #: pages that the file has
    total: int
    #: width and height in the file's own unit; None: not known
    size: tuple[float, float] | None = None
    #: ``mm``, ``m``, ``in`` …; "": the file names none
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A body in three dimensions; the browser draws it."""

    #: ``stl`` or ``gltf``
    form: str
    #: ``mm`` or ``m``
    unit: str
    triangles: int
    #: [unit] width, depth and height of the box around it, along the file's own axes x, y and z
    size: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a table."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    #: whether the file holds more rows or columns
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Prose:
    """Text with headings and links, as HTML that holds nothing active."""

    html: str


@dataclass(frozen=True, slots=True)
class Text:
    """The beginning of a plain text."""

    text: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What can be shown of a file."""

    data: Nothing | Picture | Drawing | Model | Table | Prose | Text

    @property
    def kind(self) -> str:
        """Return ``nothing``, ``picture``, ``drawing``, ``model``, ``table``, ``prose`` or ``text``."""
        return type(self.data).__name__.lower()


def ending_of(name: str) -> str:
    """Return the ending of a file's name in lower case, with its dot.

    >>> ending_of("parts/Leg.STL")
    '.stl'
    """
    return PurePosixPath(name).suffix.lower()
