"""Models in STL: how many triangles, how large, and whether the file holds what it says."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cosmolocal.previews.kinds import Model, NoPreviewError, Why

#: what a browser draws without stalling
MAX_TRIANGLES = 5_000_000
#: [bytes] text is read line by line, about three seconds for this much
MAX_TEXT_BYTES = 64 * 1024 * 1024
#: [mm] no body that a workshop makes reaches a thousand kilometres
MAX_COORDINATE = 1e9
_HEAD = 84
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
#: triangles looked at in one go
_CHUNK = 100_000

Corners = NDArray[np.float64]


def measure_stl(place: Path) -> Model:
    """Return triangles and size of an STL file, binary or text; a damaged one raises `NoPreviewError`."""
    size = place.stat().st_size
    with place.open("rb") as file:
        head = file.read(_HEAD)
        count = int.from_bytes(head[80:84], "little")
        if len(head) == _HEAD and size == _HEAD + count * _TRIANGLE.itemsize:
            return _measured(_binary_corners(file, count))
        if head.lstrip()[:5].lower() != b"solid":
            held = max(0, size - _HEAD) // _TRIANGLE.itemsize
            raise NoPreviewError(Why.STL_LENGTH, stated=count, held=held)
        if size > MAX_TEXT_BYTES:
            raise NoPreviewError(Why.TOO_LARGE, limit=MAX_TEXT_BYTES)
        file.seek(0)
        return _measured(_text_corners(file))


def _measured(chunks: Iterator[Corners]) -> Model:
    """Return the model that holds all chunks of corners."""
    triangles, lowest, highest = 0, np.full(3, math.inf), np.full(3, -math.inf)
    for corners in chunks:
        if not bool(np.all(np.abs(corners) <= MAX_COORDINATE)):  # also false for "not a number"
            raise NoPreviewError(Why.NUMBERS)
        triangles += len(corners) // 3
        lowest, highest = np.minimum(lowest, corners.min(axis=0)), np.maximum(highest, corners.max(axis=0))
    if not triangles:
        raise NoPreviewError(Why.EMPTY)
    x, y, z = (highest - lowest).tolist()
    return Model("stl", "mm", triangles, (x, y, z))


def _binary_corners(file: BinaryIO, count: int) -> Iterator[Corners]:
    if count > MAX_TRIANGLES:
        raise NoPreviewError(Why.TRIANGLES, found=count, limit=MAX_TRIANGLES)
    while block := file.read(_CHUNK * _TRIANGLE.itemsize):
        with np.errstate(invalid="ignore"):  # a signalling "not a number", which is found out after this
            corners = np.frombuffer(block, _TRIANGLE)["corners"].reshape(-1, 3).astype(np.float64)
        yield corners


#: what each line of a triangle begins with
_FACET = (b"facet", b"outer", b"vertex", b"vertex", b"vertex", b"endloop", b"endfacet")


def _text_corners(file: BinaryIO) -> Iterator[Corners]:
    """Yield the corners of the triangles; every line must be the one that is due."""
    corners: list[tuple[float, ...]] = []
    due, inside = 0, False
    number = 0
    for number, line in enumerate(file, 1):
        words = line.split()
        if not words:
            continue
        word = words[0].lower()
        if due == 0 and word in (b"solid", b"endsolid") and inside == (word == b"endsolid"):
            inside = not inside
        elif inside and word == _FACET[due]:
            due = (due + 1) % len(_FACET)
            if word == b"vertex":
                corners.append(_corner(words, number))
            elif due == 0 and len(corners) >= 3 * _CHUNK:
                yield np.array(corners)
                corners = []
        else:
            raise NoPreviewError(Why.STL_LINE, line=number)
    if due or inside:
        raise NoPreviewError(Why.STL_LINE, line=number)
    if corners:
        yield np.array(corners)


def _corner(words: list[bytes], number: int) -> tuple[float, ...]:
    try:
        x, y, z = (float(word) for word in words[1:])
    except ValueError:
        raise NoPreviewError(Why.STL_LINE, line=number) from None
    return x, y, z
