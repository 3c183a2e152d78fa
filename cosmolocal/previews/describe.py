"""The preview of a file, by its name and its bytes."""

from functools import lru_cache
from pathlib import Path, PurePosixPath

from cosmolocal.previews import drawings
from cosmolocal.previews.gltf import measure_gltf
from cosmolocal.previews.kinds import (
    Address,
    Drawing,
    Model,
    NoPreviewError,
    Nothing,
    Picture,
    Preview,
    Prose,
    Table,
    Text,
    Why,
    ending_of,
)
from cosmolocal.previews.pictures import PICTURE_TYPES, measure_picture
from cosmolocal.previews.prose import MAX_BYTES as MAX_PROSE_BYTES
from cosmolocal.previews.prose import render_markdown
from cosmolocal.previews.stl import measure_stl
from cosmolocal.previews.texts import SHOWN_BYTES, TEXT_ENDINGS, TEXT_NAMES, read_beginning, read_table

MODEL_ENDINGS = (".stl", ".glb", ".gltf")
PROSE_ENDINGS = (".md", ".markdown")
_TABLES = (".csv", ".tsv")


def nowhere(_path: str, _is_picture: bool) -> None:
    """Lead no link anywhere."""


def describe(place: Path, name: str, *, sha256: str, cache: Path, address: Address = nowhere) -> Preview:
    """Return what can be shown of the file at ``place`` that is called ``name`` in its bundle.

    ``sha256`` is the digest of its bytes, ``cache`` the folder that keeps drawings; ``address`` leads links of a text
    to other files of the bundle. Whatever the file holds, it is answered with a preview or with why there is none.
    """
    try:
        if place.stat().st_size == 0:
            raise NoPreviewError(Why.EMPTY)
        return Preview(_look(place, name, sha256, cache, address))
    except NoPreviewError as error:
        return Preview(Nothing(error.why, error.found))
    except OSError:
        return Preview(Nothing(Why.UNREADABLE))


def _look(
    place: Path, name: str, sha256: str, cache: Path, address: Address
) -> Picture | Drawing | Model | Table | Prose | Text:
    ending = ending_of(name)
    if ending in MODEL_ENDINGS:
        return _measure(place, ending, sha256)
    if ending in drawings.DRAWN:
        return drawings.draw(drawings.DRAWN[ending], place, sha256, cache)
    if ending in PICTURE_TYPES:
        return measure_picture(place, name)
    if ending in _TABLES:
        return read_table(place)
    if ending in PROSE_ENDINGS and place.stat().st_size <= MAX_PROSE_BYTES:
        return render_markdown(read_beginning(place, MAX_PROSE_BYTES).text, name, address)
    if ending in TEXT_ENDINGS or ending in PROSE_ENDINGS or PurePosixPath(name).name.lower() in TEXT_NAMES:
        return read_beginning(place, SHOWN_BYTES)
    raise NoPreviewError(Why.KIND, ending=ending)


@lru_cache(maxsize=512)
def _measure(place: Path, ending: str, _sha256: str) -> Model:
    """Return the measures of a model; bytes with a digest never change, so once is enough."""
    return measure_stl(place) if ending == ".stl" else measure_gltf(place)
