"""Reading street networks: what OSMnx writes, CSV in two forms, and files that are wrong or hostile."""

import gzip
from pathlib import Path

import networkx as nx
import pytest

from cosmolocal.errors import InputError
from cosmolocal.network import fetching, isochrones, reach, street_doubts, street_draft, streets
from cosmolocal.network.streets import read_streets, street_files
from cosmolocal.records import StreetNetwork

COUNTED = "3\n2.10,41.38\n2.11,41.38\n2.12,41.39\n0,1,850.25\n1,2,1000,yes,primary,50\n2,0,1700.5,-1,steps\n"
NODES = "id,lon,lat\n10,2.10,41.38\n20,2.11,41.38\n30,2.12,41.39\n"
EDGES = "u,v,length,oneway,highway,maxspeed\n10,20,850.25,,,\n20,30,1000,True,primary,50\n30,10,1700.5,-1,steps,\n"


def arcs(network: StreetNetwork) -> list[tuple]:
    """Return (start, end, mm, one-way, classes, km/h) of each arc, in order."""
    columns = (network.start, network.end, network.length_mm, network.is_oneway, network.kind, network.speed_kmh)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return sorted(
        (start, end, mm, oneway, network.kinds[kind] if kind >= 0 else (), kmh)
        for start, end, mm, oneway, kind, kmh in rows
    )


EXPECTED = [
    (0, 1, 850_250, False, (), 0),
    (0, 2, 1_700_500, True, ("steps",), 0),
    (1, 0, 850_250, False, (), 0),
    (1, 2, 1_000_000, True, ("primary",), 50),
]


def problems(folder: Path, name: str) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        read_streets(folder, name)
    return [(problem.code, problem.where) for problem in error.value.problems]


def write(folder: Path, name: str, text: str) -> str:
    data = text.encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return name


@pytest.mark.parametrize("name", ["streets.csv", "streets.csv.gz"])
def test_one_file_of_nodes_then_streets(tmp_path: Path, name: str):
    network = read_streets(tmp_path, write(tmp_path, name, COUNTED))
    assert arcs(network) == EXPECTED
    assert (network.lat.tolist(), network.lon.tolist()) == ([41.38, 41.38, 41.39], [2.10, 2.11, 2.12])


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_pair_of_files_with_headers(tmp_path: Path, ending: str):
    write(tmp_path, f"town-nodes.csv{ending}", NODES)
    name = write(tmp_path, f"town-edges.csv{ending}", EDGES)
    assert arcs(read_streets(tmp_path, name)) == EXPECTED
    assert street_files(name) == (name, f"town-nodes.csv{ending}")


def osmnx_like() -> nx.MultiDiGraph:
    """Return a graph with the attributes that OSMnx gives; as in its files, all of them are texts."""
    graph = nx.MultiDiGraph(crs="epsg:4326", simplified="True")
    for node, lon, lat in ((101, 2.10, 41.38), (102, 2.11, 41.38), (103, 2.12, 41.39)):
        graph.add_node(node, x=str(lon), y=str(lat), street_count="3", highway="crossing")
    both = {"oneway": "False", "highway": "residential", "length": "850.25", "reversed": "False"}
    graph.add_edge(101, 102, osmid="1", **both)
    graph.add_edge(102, 101, osmid="1", **both)
    graph.add_edge(
        102, 103, oneway="True", highway="['primary', 'secondary']", length="1000.0", maxspeed="['50', '30']"
    )
    graph.add_edge(102, 103, oneway="[True, False]", highway="steps", length="900.0", maxspeed="20 mph")
    graph.add_edge(103, 103, oneway="False", highway="service", length="40", geometry="LINESTRING (2 41, 2 41)")
    return graph


@pytest.mark.parametrize("name", ["town.graphml", "town.graphml.gz"])
def test_graphml_as_osmnx_writes_it(tmp_path: Path, name: str):
    write(tmp_path, name, "\n".join(nx.generate_graphml(osmnx_like())))
    assert arcs(read_streets(tmp_path, name)) == [
        (0, 1, 850_250, False, ("residential",), 0),
        (1, 0, 850_250, False, ("residential",), 0),
        (1, 2, 900_000, True, ("steps",), 32),
        (1, 2, 1_000_000, True, ("primary", "secondary"), 30),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_graphml_is_read_as_networkx_reads_it(tmp_path: Path, seed: int):
    """Oracle: networkx's own reader, on graphs it wrote; undirected ones are open both ways."""
    graph = nx.gnm_random_graph(30, 60, seed=seed, directed=seed % 2 == 0)
    for node in graph:
        graph.nodes[node].update(x=2 + node / 100, y=41 + node / 100)
    for number, (start, end) in enumerate(graph.edges):
        graph.edges[start, end].update(length=number + 0.5)
    nx.write_graphml(graph, tmp_path / "g.graphml")
    known = nx.read_graphml(tmp_path / "g.graphml", node_type=int)
    wanted = [(a, b, round(length * 1000)) for a, b, length in known.to_directed().edges(data="length")]
    assert [row[:3] for row in arcs(read_streets(tmp_path, "g.graphml"))] == sorted(wanted)


def test_every_fault_is_told_with_its_line(tmp_path: Path):
    text = "3\n2.1,41\n200,41\n2.1,north\n0,1,5\n0,7,5\n0,1,-1\n0,1,nan\n0,1\n0,1,5,maybe\n"
    name = write(tmp_path, "bad.csv", text)
    assert problems(tmp_path, name) == [
        ("N002", "bad.csv: line 10.oneway"),
        ("N002", "bad.csv: line 3.lon"),
        ("N002", "bad.csv: line 4.lat"),
        ("N002", "bad.csv: line 6.to"),
        ("N002", "bad.csv: line 7.length"),
        ("N002", "bad.csv: line 8.length"),
        ("N002", "bad.csv: line 9"),
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("lon,lat\n2,41\n", "line 1"),
        ("5\n2,41\n", "end"),
        ("", "line 1"),
        ("99999999999\n2,41\n", "line 1"),
    ],
)
def test_a_wrong_beginning_is_told(tmp_path: Path, text: str, where: str):
    assert problems(tmp_path, write(tmp_path, "x.csv", text)) == [("N002", f"x.csv: {where}")]


def test_faults_of_a_pair_name_their_file(tmp_path: Path):
    write(tmp_path, "nodes.csv", "id,lon,lat\n1,2,41\n1,2,42\n2,2\n")
    name = write(tmp_path, "edges.csv", "from,to,length_m\n1,1,3\n1,9,3\n")
    assert problems(tmp_path, name) == [
        ("N002", "edges.csv: line 3.to"),
        ("N002", "nodes.csv: line 3"),
        ("N002", "nodes.csv: line 4"),
    ]
    write(tmp_path, "edges.csv", "from,length_m\n1,3\n")
    assert ("N002", "edges.csv: line 1") in problems(tmp_path, name)
    (tmp_path / "nodes.csv").unlink()
    assert problems(tmp_path, name) == [("N001", "nodes.csv")]


def test_very_many_faults_are_counted(tmp_path: Path):
    name = write(tmp_path, "x.csv", "1\n2,41\n" + "0,5,1\n" * 250)
    found = problems(tmp_path, name)
    assert len(found) == street_draft.MOST_FAULTS + 1


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(24))
    + "]><graphml>&z;</graphml>"
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "N003"),
        ('<!DOCTYPE g SYSTEM "file:///etc/passwd"><graphml/>', "N003"),
        ('<!DOCTYPE g [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><graphml/>', "N003"),
        ("<graphml><graph>", "N001"),
        ("<graphml></graphml>", "N001"),
        ("<html></html>", "N001"),
        ("<graphml>\x00</graphml>", "N001"),
        ("<graphml>" * 3000, "N001"),
    ],
    ids=["bomb", "external", "parameter", "cut-off", "empty", "html", "nul", "deep"],
)
def test_hostile_xml_is_refused(tmp_path: Path, text: str, code: str):
    assert {found for found, _ in problems(tmp_path, write(tmp_path, "x.graphml", text))} == {code}


def test_a_graphml_node_without_place_and_an_edge_without_length_are_told(tmp_path: Path):
    graph = osmnx_like()
    del graph.nodes[101]["x"], graph.edges[101, 102, 0]["length"]
    found = problems(tmp_path, write(tmp_path, "x.graphml", "\n".join(nx.generate_graphml(graph))))
    assert [where.rpartition(".")[2] for _, where in found] == ["lon", "length"]


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streets, "MOST_BYTES", 1 << 20)
    write(tmp_path, "x.csv.gz", "0" * (5 << 20))
    assert problems(tmp_path, "x.csv.gz") == [("N001", "x.csv.gz")]


def test_too_many_nodes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(street_draft, "MOST_NODES", 2)
    assert problems(tmp_path, write(tmp_path, "x.csv", COUNTED)) == [("N001", "x.csv")]


def test_too_many_streets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(street_draft, "MOST_STREETS", 2)
    assert problems(tmp_path, write(tmp_path, "x.csv", COUNTED)) == [("N001", "x.csv")]


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08\x00", gzip.compress(COUNTED.encode(), mtime=0)[:-9], b"3\n\xff\xfe\n"])
def test_damaged_files_are_refused(tmp_path: Path, data: bytes):
    (tmp_path / "x.csv").write_bytes(data)
    assert problems(tmp_path, "x.csv") == [("N001", "x.csv")]


def test_a_missing_file_is_told(tmp_path: Path):
    assert problems(tmp_path, "gone.csv") == [("N001", "gone.csv")]


def test_the_same_bytes_have_the_same_digest_and_others_another(tmp_path: Path):
    one, same, other = (
        read_streets(tmp_path, write(tmp_path, name, text)).digest
        for name, text in (("a.csv", COUNTED), ("b.csv", COUNTED), ("c.csv", COUNTED.replace("850", "851")))
    )
    assert one == same != other


def test_codes_are_unique():
    every = [*streets.CODES, *reach.CODES, *fetching.CODES, *isochrones.CODES, *street_doubts.CODES]
    assert len(every) == len(set(every)) == 9


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_may_be_quoted_and_parted_otherwise(tmp_path: Path, separator: str):
    """As OSMnx's tables come out of pandas: lists, names and lines hold commas, which parted them into more columns."""

    def table(*rows: tuple[str, ...]) -> str:
        quoted = [[f'"{cell}"' if separator in cell else cell for cell in row] for row in rows]
        return "".join(separator.join(row) + "\n" for row in quoted)

    point = "." if separator == "," else ","
    numbers = [(f"2{point}1{n}", f"41{point}3{8 + (n == 2)}") for n in range(2)] + [(f"2{point}12", f"41{point}39")]
    nodes = [(name, *spot, "POINT (2, 41)") for name, spot in zip(("10", "20", "30"), numbers, strict=True)]
    write(tmp_path, "town-nodes.csv", table(("osmid", "x", "y", "geometry"), *nodes))
    edges = [
        ("10", "20", "[1, 2]", f"850{point}25", "", "", "", "Lane 3, behind"),
        ("20", "30", "3", "1000", "True", "['primary']", "50", "LINESTRING (2 41, 3 41)"),
        ("30", "10", "4", f"1700{point}5", "-1", "steps", "", ""),
    ]
    head = ("u", "v", "osmid", "length", "oneway", "highway", "maxspeed", "name")
    name = write(tmp_path, "town-edges.csv", table(head, *edges))
    assert arcs(read_streets(tmp_path, name)) == EXPECTED
