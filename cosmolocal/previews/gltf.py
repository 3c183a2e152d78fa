"""Models in glTF 2.0, as a description (.gltf) or with all data in one file (.glb): triangles, size, wholeness."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cosmolocal.errors import InputError
from cosmolocal.files import parse_json
from cosmolocal.previews.kinds import Model, NoPreviewError, Why
from cosmolocal.previews.stl import MAX_COORDINATE, MAX_TRIANGLES

MAX_BYTES = 256 * 1024 * 1024
#: [bytes] of the description within a file
MAX_JSON_BYTES = 32 * 1024 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 64
#: the vendored loader brings no decoder for these
_NOT_READ = ("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression", "KHR_texture_basisu")
_BYTES_BY_COMPONENT = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_LARGEST_BY_COMPONENT = {5120: 127, 5121: 255, 5122: 32767, 5123: 65535}
_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
#: how triangles are counted by a primitive's mode: corners per triangle, corners shared; others are points and lines
_TRIANGLES_BY_MODE = {4: (3, 0), 5: (1, 2), 6: (1, 2)}

Matrix = NDArray[np.float64]


def measure_gltf(place: Path) -> Model:
    """Return triangles and size of a model; a damaged one, or one that needs other files, raises `NoPreviewError`."""
    if place.stat().st_size > MAX_BYTES:
        raise NoPreviewError(Why.TOO_LARGE, limit=MAX_BYTES)
    description, bytes_beside = _read(place.read_bytes())
    try:
        asset = _Asset(parse_json(description.decode("utf-8"), "", ""))
        asset.check(bytes_beside)
        return asset.measure()
    except (InputError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        # a value of the wrong type or beyond its list: the description contradicts itself
        raise NoPreviewError(Why.GLTF_DAMAGED) from error


def _read(content: bytes) -> tuple[bytes, int]:
    """Return the description, and how many bytes of data stand beside it."""
    if content[:4] != b"glTF":
        if len(content) > MAX_JSON_BYTES:
            raise NoPreviewError(Why.TOO_LARGE, limit=MAX_JSON_BYTES)
        return content, 0
    if len(content) < 20:
        raise NoPreviewError(Why.GLB_FRAME, stated=20, held=len(content))
    version, length = struct.unpack_from("<II", content, 4)
    if version != 2 or length != len(content):
        raise NoPreviewError(Why.GLB_FRAME, stated=length, held=len(content))
    chunks = list(_chunks(content))
    if chunks[0][0] != b"JSON" or len(chunks[0][1]) > MAX_JSON_BYTES:
        raise NoPreviewError(Why.GLTF_DAMAGED)
    return bytes(chunks[0][1]), len(chunks[1][1]) if len(chunks) > 1 and chunks[1][0] == b"BIN\0" else 0


def _chunks(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield kind and bytes of each chunk; together they fill the file."""
    at = 12
    while at < len(content):
        if at + 8 > len(content):
            raise NoPreviewError(Why.GLB_FRAME, stated=at + 8, held=len(content))
        length, kind = struct.unpack_from("<I4s", content, at)
        at += 8
        if at + length > len(content):
            raise NoPreviewError(Why.GLB_FRAME, stated=at + length, held=len(content))
        yield kind, memoryview(content)[at : at + length]
        at += length


class _Asset:
    """The description of a model; whatever does not fit raises an error of Python, which the caller translates."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.tables = tables
        self.lowest, self.highest, self.triangles = np.full(3, np.inf), np.full(3, -np.inf), 0
        self.seen: set[int] = set()

    def check(self, bytes_beside: int) -> None:
        """Refuse what needs other files or decoders, and data that lie outside of the file."""
        for name in (*self.tables.get("extensionsRequired", ()), *self.tables.get("extensionsUsed", ())):
            draco = name == _NOT_READ[0]  # the loader refuses it even where it is not required
            if name in _NOT_READ and (draco or name in self.tables.get("extensionsRequired", ())):
                raise NoPreviewError(Why.GLTF_EXTENSION, name=str(name))
        for owner in (*self.tables.get("buffers", ()), *self.tables.get("images", ())):
            address = owner.get("uri")
            if address is not None and not address.startswith("data:"):
                raise NoPreviewError(Why.GLTF_OUTSIDE, name=address[:80])
        for number, buffer in enumerate(self.tables.get("buffers", ())):
            there = len(buffer["uri"]) if "uri" in buffer else bytes_beside if number == 0 else 0
            _require(0 < _whole(buffer["byteLength"]) <= there)
        for view in self.tables.get("bufferViews", ()):
            end = _whole(view.get("byteOffset", 0)) + _whole(view["byteLength"])
            _require(end <= self.at("buffers", view["buffer"])["byteLength"])
        for accessor in self.tables.get("accessors", ()):
            self._check_accessor(accessor)

    def _check_accessor(self, accessor: dict[str, Any]) -> None:
        count = _whole(accessor["count"])
        if count > 3 * MAX_TRIANGLES:
            raise NoPreviewError(Why.TRIANGLES, found=count // 3, limit=MAX_TRIANGLES)
        bytes_each = _BYTES_BY_COMPONENT[accessor["componentType"]] * _COMPONENTS[accessor["type"]]
        if "bufferView" in accessor:
            view = self.at("bufferViews", accessor["bufferView"])
            step = _whole(view.get("byteStride", bytes_each))
            end = _whole(accessor.get("byteOffset", 0)) + max(0, count - 1) * step + bytes_each
            _require(end <= view["byteLength"])

    def at(self, table: str, index: Any) -> dict[str, Any]:
        """Return an entry of a table; no index counts from the end."""
        entry: dict[str, Any] = self.tables[table][_whole(index)]
        return entry

    def measure(self) -> Model:
        """Return the size of the scene that is shown."""
        scene = self.at("scenes", self.tables.get("scene", 0))
        for node in scene.get("nodes", ()):
            self._add(node, np.eye(4), 1)
        if not bool(np.all(np.isfinite(self.highest))):
            raise NoPreviewError(Why.EMPTY)
        if not bool(np.all(np.abs([self.lowest, self.highest]) <= MAX_COORDINATE)):
            raise NoPreviewError(Why.NUMBERS)
        x, y, z = (self.highest - self.lowest).tolist()
        return Model("gltf", "m", self.triangles, (x, y, z))

    def _add(self, index: Any, above: Matrix, depth: int) -> None:
        """Add a node with all below it; a node stands in one place of the tree only."""
        _require(depth <= MAX_DEPTH and index not in self.seen and len(self.seen) < MAX_NODES)
        self.seen.add(index)
        node = self.at("nodes", index)
        place = above @ _placed(node)
        if "mesh" in node:
            for primitive in self.at("meshes", node["mesh"])["primitives"]:
                self._add_primitive(primitive, place)
        for child in node.get("children", ()):
            self._add(child, place, depth + 1)

    def _add_primitive(self, primitive: dict[str, Any], place: Matrix) -> None:
        positions = self.at("accessors", primitive["attributes"]["POSITION"])
        corners = self.at("accessors", primitive["indices"]) if "indices" in primitive else positions
        each, shared = _TRIANGLES_BY_MODE.get(primitive.get("mode", 4), (1, corners["count"]))
        self.triangles += max(0, corners["count"] - shared) // each
        if self.triangles > MAX_TRIANGLES:
            raise NoPreviewError(Why.TRIANGLES, found=self.triangles, limit=MAX_TRIANGLES)
        low, high = (np.array(positions[name], dtype=np.float64).reshape(3) for name in ("min", "max"))
        if positions.get("normalized"):
            low, high = (side / _LARGEST_BY_COMPONENT[positions["componentType"]] for side in (low, high))
        box = np.array([[x, y, z, 1] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        found = (box @ place.T)[:, :3]
        if not bool(np.all(np.isfinite(found))):
            raise NoPreviewError(Why.NUMBERS)
        self.lowest, self.highest = (
            np.minimum(self.lowest, found.min(axis=0)),
            np.maximum(self.highest, found.max(axis=0)),
        )


def _placed(node: dict[str, Any]) -> Matrix:
    """Return the matrix of a node: its own, or move · turn · stretch."""
    if "matrix" in node:
        return np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T  # column by column
    x, y, z, w = (float(part) for part in node.get("rotation", (0, 0, 0, 1)))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), dtype=np.float64).reshape(3)
    matrix[:3, 3] = np.array(node.get("translation", (0, 0, 0)), dtype=np.float64).reshape(3)
    return matrix


def _whole(value: Any) -> int:
    _require(isinstance(value, int) and not isinstance(value, bool) and value >= 0)
    return int(value)


def _require(fits: bool) -> None:
    if not fits:
        raise ValueError("does not fit")
