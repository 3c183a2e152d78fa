"""The readers of what strangers send, each with inputs to begin with and with what must hold of an input it takes.

Where a reader takes an input, somebody else reads it too: Python's own zipfile finds the same files; an order book,
a register of workshops or a network, written anew, is read as the same again.
"""

import io
import random
import shutil
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from cosmolocal.designs.bundles import create_root
from cosmolocal.designs.conversion import convert_manifest
from cosmolocal.designs.manifest import Bundle, read_manifest
from cosmolocal.designs.uploads import unpack_archive
from cosmolocal.designs.zip_frame import read_frame
from cosmolocal.errors import InputError
from cosmolocal.files import parse_csv
from cosmolocal.network.street_draft import Draft
from cosmolocal.network.street_graphml import read_graphml
from cosmolocal.orders import OPTIONAL, REQUIRED, check_orders, write_orders
from cosmolocal.previews.stl import measure_stl
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import BundleFile, Order, Region, Vocabulary
from cosmolocal.workflows import Workspace, publish_design
from cosmolocal.workflows.order_books import read_order_book
from cosmolocal.workflows.order_reading import Options, check_columns, check_numbers, decode, read_sent
from cosmolocal.workshops.register import parse_workshops, write_workshops
from torture.archives import make_archive
from torture.fuzzing import Target
from torture.lamp_region import MANIFEST, ORDERS, WORKSHOPS, write_lamp, write_region


class LawError(Exception):
    """An input was taken, and what must hold of it does not."""


@contextmanager
def open_targets() -> Iterator[dict[str, Target]]:
    """Give the readers by name; they write what must be a file into memory where the machine has such a folder."""
    memory = Path("/dev/shm")
    place = str(memory) if memory.is_dir() else gettempdir()
    with TemporaryDirectory(prefix="torture-", dir=place) as folder:
        scratch, vocabulary = Path(folder), load_vocabulary()
        targets = (
            zip_target(scratch),
            manifest_target(scratch, vocabulary),
            orders_target(_read_region(scratch)),
            workshops_target(vocabulary),
            stl_target(scratch),
            graphml_target(),
        )
        yield {target.name: target for target in targets}


def _read_region(scratch: Path) -> Region:
    folder = scratch / "region"
    write_region(folder)
    create_root(folder / "designs")
    publish_design(folder, write_lamp(scratch / "lamp", "1.0.0"), None, "first", "ada")
    return Workspace(folder).region()


def zip_target(scratch: Path) -> Target:
    """Read the frame of an archive; unpack one that is sound."""
    made = random.Random(7)
    seeds = tuple(make_archive(made) for _ in range(40))

    def read(data: bytes) -> None:
        frame = read_frame(io.BytesIO(data))
        if frame.problems:
            raise InputError(frame.problems)
        _compare(data, [(member.name, member.size) for member in frame.members])
        archive = _scratch(scratch, ".zip")
        archive.write_bytes(data)
        target = archive.with_suffix("")
        try:
            unpack_archive(archive, target)
        finally:
            shutil.rmtree(target, ignore_errors=True)

    words = (
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"PK\x06\x06",
        b"PK\x06\x07",
        b"PK\x07\x08",
        b"../",
        b"\\",
        b"okh.toml",
    )
    return Target("zip", read, seeds, words, make_archive)


def _compare(data: bytes, members: list[tuple[str, int]]) -> None:
    """Require that Python's zipfile finds the same files in an archive whose frame is sound."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = [(info.orig_filename, info.file_size) for info in archive.infolist()]
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise LawError(f"a frame that zipfile refuses was taken: {error}") from None
    if sorted(found) != sorted(members):
        raise LawError("zipfile finds other files in the archive")


def _scratch(folder: Path, suffix: str) -> Path:
    """Return a file of this process."""
    return folder / f"{_process_id()}{suffix}"


def _process_id() -> str:
    return Path("/proc/self").readlink().name


_OKH_1 = b"""title: Stool
description: To sit on.
licensor: {name: Ana, affiliation: Lab}
license: {hardware: CERN-OHL-S-2.0}
manifest-author: {name: Ana}
contact: {name: Ana, social: [{platform: web, user-handle: ana}]}
documentation-home: https://example.org
version: 1.0
date-updated: 2026-01-02
bom: parts.csv
made: true
"""
_LOSH = b"""okhv = "OKH-LOSHv1.0"
name = "Stool"
repo = "https://example.org/stool"
version = "1.0.0"
license = "MIT"
licensor = ["Ana", "Ben"]
documentation-language = "en"
technology-readiness-level = "OTRL-4"
function = "To sit on."
[[part]]
name = "leg"
mass = {value = 300, unit = "g"}
tsdc = "CNC"
outer-dimensions = {openSCAD = "cube(size = [400,350,150])", unit = "mm"}
"""
_OWN = (
    MANIFEST.format(version="1.0.0", minutes="20").encode()
    + b"""
[[x-cosmolocal.bom]]
quantity = 4
bought = "screw"
cost = 0.05
"""
)


def manifest_target(scratch: Path, vocabulary: Vocabulary) -> Target:
    """Read a manifest of our own strictly, or one of others, in TOML, YAML or JSON, tolerantly."""
    files = (BundleFile("okh.toml", 10, ""), BundleFile("readme.md", 10, ""))
    bundle = Bundle("x~x", "", files, "okh.toml")

    def read(data: bytes) -> None:
        form = _form_of(data)
        if form == ".own":
            read_manifest(_decoded(data), bundle, vocabulary)
            return
        path = _scratch(scratch, form)
        path.write_bytes(data)
        converted = convert_manifest(path, {"okh.toml", "parts.csv"}, {})
        if converted.problems:
            raise InputError(converted.problems)

    json = b'{"title": "Stool", "license": {"hardware": "MIT"}, "version": "1", "licensor": "Ana"}'
    seeds = (_OWN, b"#own\n" + _OWN, _LOSH, _OKH_1, json, b"%YAML 1.2\n---\ntitle: Stool\n")
    words = tuple(word for seed in seeds for word in seed.replace(b":", b" ").replace(b"=", b" ").split())
    more = (
        b"'''",
        b'"""',
        b"[[part]]",
        b"[part]",
        b"\\u0000",
        b"\\ud800",
        b"&a",
        b"*a",
        b"!!python/object",
        b"<<:",
        b"|-",
        b"? ",
        b"- ",
    )
    return Target("manifest", read, seeds, words + more)


def _form_of(data: bytes) -> str:
    """Return how an input is read: by what its first line is like."""
    first = data.split(b"\n", 1)[0]
    if data[:1] == b"{":
        return ".json"
    if b"=" in first:
        return ".own" if b"x-cosmolocal" in data else ".toml"
    return ".own" if first == b"#own" else ".yml"


def _decoded(data: bytes) -> str:
    """Return the text of a file; what is none is refused before it comes to the reader."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError([]) from None


_SENT = b"""sep=;
Pedido;Producto;Cantidad;Lugar;Vencimiento;Dividir;Contacto
A-1;Lamp;3;Home;18.9.2026;si;=1+1
A-2;lamp;"1.000";North Makers;2026-09-30;;
"""
_PINNED = f"""id,design,version,quantity,place,due_date,first_article,address
P,us~lamp,1.0.0 sha256:{"0" * 64},5,home,2026-09-18,yes,x
"""


def orders_target(region: Region) -> Target:
    """Read an order book, or, where it does not begin as one, a table that somebody sends."""
    places = {place.id for place in region.places}
    designs = {design.id for design in region.designs}

    def read(data: bytes) -> None:
        if data.startswith(b"id,"):
            book = read_order_book("book", data, region)
            if book.text.text.encode() != data:
                raise LawError("the records of a book, put together, are not the book")
            orders = [row.order for row in book.rows]
            faults = [fault.problem for row in book.rows for fault in row.faults]
            if not book.faults and not faults:
                _write_again(write_orders(orders), orders, places, designs)
            if book.faults or faults:
                raise InputError([*book.faults, *faults])
            return
        sent = read_sent(decode(data)[0], region, Options(dates="day-first"))
        problems = check_columns(sent.columns, REQUIRED)
        for line, cells, _ in sent.rows:
            problems += [problem for _, problem in check_numbers(line, cells)]
        problems += check_orders("upload", ((line, cells) for line, cells, _ in sent.rows), places, designs)[1]
        if problems:
            raise InputError(problems)

    seeds = (
        ORDERS.encode(),
        _SENT,
        _PINNED.encode(),
        ORDERS.replace(",", "\t").encode("utf-16"),
        b"id|design|quantity|place|due_date\n",
    )
    words = (
        b'"',
        b",",
        b";",
        b"\t",
        b"|",
        b"\r\n",
        b"sep=,\n",
        b"sha256:",
        b"us~lamp",
        b"home",
        b"yes",
        b"urgent",
        b">=1,<2",
        b"18/09/2026",
    )
    return Target("orders", read, seeds, (*words, *OPTIONAL_WORDS))


OPTIONAL_WORDS = tuple(name.encode() for name in (*REQUIRED, *OPTIONAL))


def _write_again(text: str, orders: list[Order], places: set[str], designs: set[str]) -> None:
    rows = parse_csv(text, "again.csv", "O001", REQUIRED, OPTIONAL)
    again, problems = check_orders("again.csv", rows, places, designs)
    if problems or list(again) != orders:
        raise LawError("orders that were written anew are read as others")


def workshops_target(vocabulary: Vocabulary) -> Target:
    """Read a register of workshops; written anew, it is the same."""

    def read(data: bytes) -> None:
        workshops = parse_workshops(_decoded(data), "workshops.yaml", vocabulary)
        if parse_workshops(write_workshops(workshops), "again.yaml", vocabulary) != workshops:
            raise LawError("workshops that were written anew are read as others")

    one = b"""workshops:
- {id: a, name: A, lat: 41, lon: 2, status: active, legal_form: cooperative, radius_km: 5, open_weekdays: [mon, sat],
   closed_days: [2026-12-24], address: x, example: yes, source: y, provenance: assumed,
   imported: [{source: list, id: 7, date: 2026-01-01, licence: CC0}],
   groups: [{id: cnc, process: cnc-milling, machines: 2, envelope_mm: unknown, materials: unknown, hourly_cost: unknown,
    weekly_hours: unknown, setup_minutes: 5, speed_percent: 90, co2e_g_per_hour: 3, minimum_lot: 2, make: B, model: C}]}
"""
    two = b"workshops:\n- id: b\n  name: 'B'\n  lat: \"1.5\"\n  lon: -2\n  groups: []\n"
    words = (
        b"&a",
        b"*a",
        b"<<",
        b"!!str",
        b"? ",
        b"- ",
        b"{",
        b"}",
        b"[",
        b"]",
        b"|\n",
        b">-\n",
        b"#",
        b"---\n",
        b"...\n",
        b"%YAML 1.1\n",
    )
    names = tuple(word.strip(b":{}[],") for word in (WORKSHOPS.encode() + one).split())
    return Target("workshops", read, (WORKSHOPS.encode(), one, two), words + names)


_TEXT_STL = b"""solid x
facet normal 0 0 1
 outer loop
  vertex 0 0 0
  vertex 1 0 0
  vertex 0 1e1 0
 endloop
endfacet
endsolid x
"""


def make_stl(chance: random.Random) -> bytes:
    """Return a binary model of a few triangles; its count may be another, its numbers may be none."""
    odd = (0.0, -0.0, 1.0, 1e9, 1e38, float("nan"), float("inf"), -1e-40, 12.5)
    count = chance.choice((0, 1, 2, 3, 50))
    body = b"".join(
        struct.pack(
            "<12fH", *((chance.choice(odd) if chance.random() < 0.1 else chance.uniform(-9, 9)) for _ in range(12)), 0
        )
        for _ in range(count)
    )
    stated = count if chance.random() < 0.8 else chance.choice((0, count + 1, 2**31, 2**32 - 1, 5_000_001))
    head = chance.choice((b"", b"solid ", b"binary", b"\x00")).ljust(80, chance.choice((b"\x00", b" ")))
    return (
        head
        + struct.pack("<L", stated)
        + body[: chance.choice((len(body), len(body), chance.randint(0, len(body) or 1)))]
    )


def stl_target(scratch: Path) -> Target:
    """Measure a model in STL, binary or text."""

    def read(data: bytes) -> None:
        path = _scratch(scratch, ".stl")
        path.write_bytes(data)
        model = measure_stl(path)
        if model.triangles < 1 or not all(0 <= side <= 2e9 for side in model.size):
            raise LawError(f"a model of {model.triangles} triangles and the size {model.size} was taken")

    made = random.Random(7)
    seeds = (_TEXT_STL, *(make_stl(made) for _ in range(8)))
    words = (
        b"solid",
        b"facet",
        b"normal",
        b"outer loop",
        b"vertex",
        b"endloop",
        b"endfacet",
        b"endsolid",
        b"\n",
        b"\r",
        b" ",
    )
    return Target("stl", read, seeds, words, make_stl)


_GRAPHML = b"""<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d1" for="node" attr.name="x" attr.type="double"/>
<key id="d2" for="node" attr.name="y"/><key id="d3" for="edge" attr.name="length"/><key id="d4" attr.name="oneway"/>
<key id="d5" attr.name="highway"/><key id="d6" attr.name="maxspeed"/>
<graph edgedefault="directed"><node id="1"><data key="d1">2.1</data><data key="d2">41.3</data></node>
<node id="2"><data key="d1">2.2</data><data key="d2">41.4</data></node>
<edge source="1" target="2" id="0"><data key="d3">12.5</data><data key="d4">[True, False]</data>
<data key="d5">['primary', "link"]</data><data key="d6">30 mph</data></edge></graph></graphml>
"""


def graphml_target() -> Target:
    """Read a street network in GraphML."""

    def read(data: bytes) -> None:
        draft = Draft("streets.graphml")
        read_graphml(data, draft)
        network = draft.build("")
        if len(network.start) and (
            min(network.length_mm) < 1 or max(network.start.max(), network.end.max()) >= len(network.lat)
        ):
            raise LawError("a street has no length, or leads to no node")

    words = (
        *(
            b"<node",
            b"<edge",
            b"<data",
            b"<key",
            b"</data>",
            b"</node>",
            b"<graph",
            b"<!DOCTYPE x>",
            b"<!ENTITY a 'b'>",
            b"&a;",
        ),
        *(
            b"&#0;",
            b"&#x110000;",
            b"&lt;",
            b"<![CDATA[",
            b"]]>",
            b"<?xml?>",
            b"xmlns:a='b'",
            b"encoding='utf-16'",
            b"undirected",
        ),
        *(b'key="d1"', b"True", b"reverse", b"50 mph", b"['a', 'b']", b"-1", b'source="1"', b"encoding='latin-1'"),
    )
    bare = b"<graphml><graph edgedefault='undirected'><node id='a'/><edge source='a' target='a'/></graph></graphml>"
    return Target("graphml", read, (_GRAPHML, bare), words)
