"""Writes the sample's drawings from dimensions: STL for printed parts, DXF for cut ones, SVG for people.

The same dimensions give the same bytes on every machine: coordinates are rounded before they are packed.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]
Vertex = tuple[float, float, float]
Triangle = tuple[Vertex, Vertex, Vertex]

INK = "#3a4145"
ACCENT = "#0b6e75"
#: corners of a rounded outline and of a ring are drawn with this many segments per quarter turn
_SEGMENTS = 6
#: style of a stroke in a picture, by its first word
_STROKES = {
    "ink": f'stroke="{INK}" stroke-width="3"',
    "thin": f'stroke="{INK}" stroke-width="1.4"',
    "accent": f'stroke="{ACCENT}" stroke-width="3"',
    "fine": f'stroke="{ACCENT}" stroke-width="1.6"',
    "tint": f'stroke="none" fill="{ACCENT}" fill-opacity="0.14"',
}
_SHAPES = {
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "rect": ("x", "y", "width", "height", "rx"),
}


@dataclass(frozen=True, slots=True)
class Flat:
    """A flat part: its outline, counter-clockwise, and its round holes."""

    #: [mm]
    outline: tuple[Point, ...]
    #: [mm] x and y of the centre, diameter
    holes: tuple[tuple[float, float, float], ...] = ()

    @property
    def size(self) -> Point:
        """Return width and height in mm."""
        return max(x for x, _ in self.outline), max(y for _, y in self.outline)


def build_rectangle(width: float, height: float, corner: float = 0) -> tuple[Point, ...]:
    """Return the outline of a rectangle from the origin, its corners rounded with radius ``corner``."""
    if not corner:
        return ((0, 0), (width, 0), (width, height), (0, height))
    centres = ((width - corner, corner), (width - corner, height - corner), (corner, height - corner), (corner, corner))
    return tuple(
        (round(x + corner * math.cos(angle), 3), round(y + corner * math.sin(angle), 3))
        for quarter, (x, y) in enumerate(centres)
        for step in range(_SEGMENTS + 1)
        for angle in [(quarter - 1 + step / _SEGMENTS) * math.pi / 2]
    )


def write_dxf(flat: Flat) -> bytes:
    """Return a DXF file (release 12, ASCII, millimetres): layer CUT holds the outline, layer HOLES the holes."""
    tags: list[tuple[int, object]] = [(0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1009"), (0, "ENDSEC")]
    tags += [(0, "SECTION"), (2, "ENTITIES"), (0, "POLYLINE"), (8, "CUT"), (66, 1), (70, 1)]
    for x, y in flat.outline:
        tags += [(0, "VERTEX"), (8, "CUT"), (10, _number(x)), (20, _number(y))]
    tags += [(0, "SEQEND"), (8, "CUT")]
    for x, y, diameter in flat.holes:
        tags += [(0, "CIRCLE"), (8, "HOLES"), (10, _number(x)), (20, _number(y)), (40, _number(diameter / 2))]
    tags += [(0, "ENDSEC"), (0, "EOF")]
    return "".join(f"{code}\r\n{value}\r\n" for code, value in tags).encode("ascii")


def write_drawing(flat: Flat, title: str, thickness: float) -> bytes:
    """Return an SVG drawing of a flat part with its width, height and thickness."""
    width, height = flat.size
    scale = min(560 / width, 300 / height)
    points = " ".join(f"{_number(40 + x * scale)},{_number(340 - y * scale)}" for x, y in flat.outline)
    right, top = 40 + width * scale, 340 - height * scale
    text = f'font-family="sans-serif" font-size="13" fill="{INK}" stroke="none" text-anchor="middle"'
    body = [f'<polygon points="{points}"/>']
    body += [
        f'<circle cx="{_number(40 + x * scale)}" cy="{_number(340 - y * scale)}" r="{_number(diameter / 2 * scale)}"/>'
        for x, y, diameter in flat.holes
    ]
    body += [
        f'<path d="M40 356H{_number(right)}M40 350v12M{_number(right)} 350v12" stroke="{ACCENT}"/>',
        f'<path d="M24 340V{_number(top)}M18 340h12M18 {_number(top)}h12" stroke="{ACCENT}"/>',
        f'<text x="{_number((40 + right) / 2)}" y="376" {text}>{_number(width)} mm</text>',
        f'<text x="18" y="{_number((340 + top) / 2)}" transform="rotate(-90 18 {_number((340 + top) / 2)})" dy="-4"'
        f" {text}>{_number(height)} mm</text>",
    ]
    described = f"{_number(width)} × {_number(height)} × {_number(thickness)} mm, drawn to scale."
    return _svg((640, 390), title, described, body, f'stroke="{INK}" stroke-width="1.4"')


def write_picture(title: str, described: str, strokes: Sequence[str]) -> bytes:
    """Return an SVG picture of 320 × 240 from strokes such as ``ink M10 10H90`` or ``accent circle 60 60 20``."""
    return _svg((320, 240), title, described, [_stroke(words) for words in strokes])


def _stroke(words: str) -> str:
    style, _, rest = words.partition(" ")
    shape, *numbers = rest.split()
    if shape in _SHAPES:
        names = _SHAPES[shape][: len(numbers)]
        drawn = " ".join(f'{name}="{number}"' for name, number in zip(names, numbers, strict=True))
        return f"<{shape} {drawn} {_STROKES[style]}/>"
    return f'<path d="{rest}" {_STROKES[style]}/>'


def _svg(size: tuple[int, int], title: str, described: str, body: Iterable[str], style: str = "") -> bytes:
    group = f'<g fill="none" stroke-linecap="round" stroke-linejoin="round" {style}'.rstrip() + ">"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(described)}</desc>",
        group,
        *body,
        "</g>",
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _number(value: float) -> str:
    return f"{round(value, 2):g}" if abs(value) < 1000 else f"{round(value, 2):.6g}"


def build_prism(outline: Sequence[Point], height: float) -> list[Triangle]:
    """Return the surface of an outline drawn up to a height."""
    return _loft([_at(outline, 0), _at(outline, height)], closed=False)


def build_ring(outer: float, inner: float, height: float) -> list[Triangle]:
    """Return the surface of a ring by its two diameters and its height."""
    wide, narrow = _circle(outer / 2, outer / 2), _circle(inner / 2, outer / 2)
    return _loft([_at(wide, 0), _at(wide, height), _at(narrow, height), _at(narrow, 0)], closed=True)


def build_tray(size: tuple[float, float, float], wall: float) -> list[Triangle]:
    """Return the surface of a box that is open at the top, with walls and floor of the same thickness."""
    width, depth, height = size
    outside = build_rectangle(width, depth)
    inside = ((wall, wall), (width - wall, wall), (width - wall, depth - wall), (wall, depth - wall))
    return _loft([_at(outside, 0), _at(outside, height), _at(inside, height), _at(inside, wall)], closed=False)


def write_stl(name: str, triangles: Sequence[Triangle]) -> bytes:
    """Return a binary STL file in millimetres."""
    head = f"cosmolocal sample: {name}".encode("ascii", "replace")[:80].ljust(80)
    return head + struct.pack("<I", len(triangles)) + b"".join(map(_facet, triangles))


def _facet(triangle: Triangle) -> bytes:
    a, b, c = triangle
    u, v = [b[i] - a[i] for i in range(3)], [c[i] - a[i] for i in range(3)]
    normal = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
    length = math.sqrt(sum(part * part for part in normal))
    return struct.pack("<12fH", *(round(part / length, 4) for part in normal), *a, *b, *c, 0)


def _circle(radius: float, centre: float) -> tuple[Point, ...]:
    turns = [step * math.pi / (2 * _SEGMENTS) for step in range(4 * _SEGMENTS)]
    return tuple((round(centre + radius * math.cos(t), 3), round(centre + radius * math.sin(t), 3)) for t in turns)


def _at(outline: Sequence[Point], height: float) -> list[Vertex]:
    return [(x, y, height) for x, y in outline]


def _loft(loops: Sequence[Sequence[Vertex]], closed: bool) -> list[Triangle]:
    """Join loops of equally many points; the ends are capped, or joined with each other where ``closed``."""
    triangles: list[Triangle] = []
    for below, above in zip(loops, [*loops[1:], loops[0]] if closed else loops[1:], strict=False):
        for i in range(len(below)):
            j = (i + 1) % len(below)
            triangles += [(below[i], below[j], above[j]), (below[i], above[j], above[i])]
    if not closed:
        triangles += [(c, b, a) for a, b, c in _cap(loops[0])] + _cap(loops[-1])
    return triangles


def _cap(loop: Sequence[Vertex]) -> list[Triangle]:
    """Cut ears off a counter-clockwise loop until nothing is left."""
    rest, triangles = list(loop), list[Triangle]()
    while len(rest) > 2:
        for i, corner in enumerate(rest):
            ear = (rest[i - 1], corner, rest[(i + 1) % len(rest)])
            if _turn(*ear) > 0 and not any(_inside(point, ear) for point in rest if point not in ear):
                triangles.append(ear)
                del rest[i]
                break
        else:
            raise ValueError("the outline crosses itself or runs clockwise")
    return triangles


def _turn(a: Vertex, b: Vertex, c: Vertex) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _inside(point: Vertex, ear: Triangle) -> bool:
    a, b, c = ear
    return _turn(a, b, point) >= 0 and _turn(b, c, point) >= 0 and _turn(c, a, point) >= 0
