"""Small files of many kinds, made by code: whole ones, and ones made to harm."""

import io
import json
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import ezdxf
from PIL import Image

#: a tetrahedron of 40 × 30 × 20
CORNERS = ((0.0, 0.0, 0.0), (40.0, 0.0, 0.0), (0.0, 30.0, 0.0), (0.0, 0.0, 20.0))
FACES = ((0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2))

Point = Sequence[float]


def stl(corners: Sequence[Point] = CORNERS, count: int | None = None) -> bytes:
    """Return a binary STL; ``count`` is what its head says, the truth unless given."""
    body = b"".join(
        struct.pack("<12fH", 0, 0, 0, *(value for at in face for value in corners[at]), 0) for face in FACES
    )
    return b"made by a test".ljust(80, b" ") + struct.pack("<I", len(FACES) if count is None else count) + body


def stl_text(corners: Sequence[Point] = CORNERS) -> bytes:
    """Return the same body as text."""
    lines = ["solid body"]
    for face in FACES:
        lines += ["  facet normal 0 0 0", "    outer loop"]
        lines += ["      vertex " + " ".join(str(value) for value in corners[at]) for at in face]
        lines += ["    endloop", "  endfacet"]
    return "\n".join([*lines, "endsolid body", ""]).encode()


def gltf_tables(scale: float = 0.001) -> tuple[dict, bytes]:
    """Return the description of the body in metres, and its data."""
    points = b"".join(struct.pack("<3f", *(value * scale for value in corner)) for corner in CORNERS)
    data = points + struct.pack("<12H", *(at for face in FACES for at in face))
    tables = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "buffers": [{"byteLength": len(data)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(points), "target": 34962},
            {"buffer": 0, "byteOffset": len(points), "byteLength": len(data) - len(points), "target": 34963},
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": 4,
                "type": "VEC3",
                "min": [0, 0, 0],
                "max": [40 * scale, 30 * scale, 20 * scale],
            },
            {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
        ],
    }
    return tables, data


def glb(tables: dict | None = None, data: bytes | None = None) -> bytes:
    """Return a GLB of a description and its data."""
    made, made_data = gltf_tables()
    text = json.dumps(made if tables is None else tables).encode()
    text += b" " * (-len(text) % 4)
    data = made_data if data is None else data
    data += b"\0" * (-len(data) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def textured_glb() -> bytes:
    """Return the same body with a picture on it, which stands in the file itself."""
    tables, data = gltf_tables()
    image = picture()
    data += b"\0" * (-len(data) % 4)
    corners = struct.pack("<8f", 0, 0, 1, 0, 0, 1, 1, 1)
    tables["bufferViews"] += [
        {"buffer": 0, "byteOffset": len(data), "byteLength": len(corners)},
        {"buffer": 0, "byteOffset": len(data) + len(corners), "byteLength": len(image)},
    ]
    tables["accessors"].append({"bufferView": 2, "componentType": 5126, "count": 4, "type": "VEC2"})
    tables["images"] = [{"bufferView": 3, "mimeType": "image/png"}]
    tables["textures"] = [{"source": 0}]
    tables["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0}}]
    tables["meshes"][0]["primitives"][0] |= {"material": 0}
    tables["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_0"] = 2
    data += corners + image
    tables["buffers"][0]["byteLength"] = len(data)
    return glb(tables, data)


def dxf() -> bytes:
    """Return a drawing of 300 × 200 mm: a frame, a circle and a word."""
    document = ezdxf.new("R2010", units=4)
    space = document.modelspace()
    space.add_lwpolyline([(0, 0), (300, 0), (300, 200), (0, 200)], close=True)
    space.add_circle((150, 100), 40, dxfattribs={"color": 1})
    space.add_text("shade", height=20, dxfattribs={"insert": (20, 20), "color": 5})
    return written(document)


def written(document: ezdxf.document.Drawing) -> bytes:
    """Return the bytes of a drawing."""
    stream = io.StringIO()
    document.write(stream)
    return stream.getvalue().encode()


def block_bomb(levels: int = 12, each: int = 12) -> bytes:
    """Return a drawing whose blocks hold one another: a few lines that mean ``each ** levels`` circles."""
    document = ezdxf.new("R2010")
    document.blocks.new("b0").add_circle((0, 0), 1)
    for level in range(1, levels):
        block = document.blocks.new(f"b{level}")
        for number in range(each):
            block.add_blockref(f"b{level - 1}", (number, level))
    document.modelspace().add_blockref(f"b{levels - 1}", (0, 0))
    return written(document)


def pdf(pages: int = 2, content: bytes = b"1 0 0 rg 50 50 200 100 re f", size: str = "400 300") -> bytes:
    """Return a PDF of pages that hold the same drawing."""
    kids = " ".join(f"{4 + number} 0 R" for number in range(pages))
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents 3 0 R /Resources << >> >>"
    parts += [page.encode()] * pages
    text, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(text))
    return text + b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + table + end


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    """Return a picture."""
    stream = io.BytesIO()
    Image.new("RGB", size, (200, 80, 40)).save(stream, form)
    return stream.getvalue()


def png_bomb(side: int = 60_000) -> bytes:
    """Return the few bytes of a PNG that says it is ``side`` × ``side`` pixels large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><rect width="40" height="30" fill="#0b6a71"/></svg>'
SVG_BOMB = b"""<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>"""


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files into a folder, which is made."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
