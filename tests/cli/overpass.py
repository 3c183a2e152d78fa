"""A made-up town on a server of this machine that answers as Overpass does, and a stand-in for OSMnx."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

ROOT = Path(__file__).parents[2]
#: (lat, lon) by OpenStreetMap's number; 1 is where North Makers stand, 3 is home, 5 is South Makers; 9 and 10 an island
NODES = {
    1: (41.42, 2.16),
    2: (41.41, 2.175),
    3: (41.40, 2.18),
    4: (41.39, 2.17),
    5: (41.38, 2.16),
    7: (41.401, 2.182),
    8: (41.402, 2.18),
    9: (41.385, 2.185),
    10: (41.386, 2.186),
    11: (41.412, 2.165),
    12_000_000_012: (41.400, 2.160),
    13: (41.401, 2.1605),
    14: (41.401, 2.1595),
    15: (41.388, 2.178),
}
ROUND = 12_000_000_012
WAYS: tuple[tuple[list[int], dict[str, str]], ...] = (
    ([1, 2, 3], {"highway": "residential", "maxspeed": "30", "name": "Carrer <Llarg> & d'Enmig"}),
    ([3, 4], {"highway": "primary", "maxspeed": "50", "oneway": "yes"}),
    ([4, 5], {"highway": "tertiary", "maxspeed": "20 mph", "oneway": "yes"}),
    ([5, ROUND], {"highway": "residential", "name": "Τρίτη 通り"}),
    ([ROUND, 13, 14, ROUND], {"highway": "tertiary", "junction": "roundabout"}),
    ([13, 1], {"highway": "living_street", "maxspeed": "ES:urban"}),
    ([5, 15, 3], {"highway": "secondary", "oneway": "-1", "lanes": "2"}),
    ([1, 11, 3], {"highway": "unclassified"}),
    ([3, 7, 8, 3], {"highway": "residential"}),
    ([9, 10], {"highway": "residential"}),
)
#: the fifth line is what is looked for: places that are free
STATUS = "Connected as: 1\nCurrent time: 2026-09-07T00:00:00Z\nAnnounced: none\nRate limit: 2\n2 slots available now.\n"


def answer() -> dict[str, Any]:
    """Return the town as Overpass gives it."""
    nodes = [{"type": "node", "id": number, "lat": lat, "lon": lon} for number, (lat, lon) in NODES.items()]
    ways = [
        {"type": "way", "id": 100 + number, "nodes": list(line), "tags": dict(tags)}
        for number, (line, tags) in enumerate(WAYS)
    ]
    return {"version": 0.6, "elements": nodes + ways}


@contextmanager
def serve(status: int = 200, town: dict[str, Any] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a server on loopback, and the questions that it was asked so far."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _send(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            asked.append(f"GET {self.path}")
            self._send(200, "text/plain", STATUS)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            asked.append(f"POST {self.path} {parse_qs(body).get('data', [''])[0]}")
            self._send(status, "application/json", json.dumps(answer() if town is None else town))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetch(
    region: Path, out: Path, *more: str, modules: Path | None = None, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own that can reach nothing but this machine; modules come before all others.

    Whatever would leave the machine is led to a port of it where nobody listens.
    """
    nowhere = "http://127.0.0.1:9"
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nowhere)
    paths = [str(path) for path in (modules, ROOT) if path is not None]
    environment = os.environ | proxies | {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"} | extra
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    command = [sys.executable, "-m", "cosmolocal", "network", "fetch", str(out), "--region", str(region), *more]
    return subprocess.run(command, cwd=region, env=environment, capture_output=True, text=True, check=False)


#: what OSMnx 2 writes of a made-up town: facts of its form, not its words
GRAPHML = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="graph" attr.name="crs" attr.type="string"/>
  <key id="d1" for="node" attr.name="y" attr.type="string"/>
  <key id="d2" for="node" attr.name="x" attr.type="string"/>
  <key id="d3" for="node" attr.name="street_count" attr.type="string"/>
  <key id="d4" for="edge" attr.name="osmid" attr.type="string"/>
  <key id="d5" for="edge" attr.name="highway" attr.type="string"/>
  <key id="d6" for="edge" attr.name="maxspeed" attr.type="string"/>
  <key id="d7" for="edge" attr.name="oneway" attr.type="string"/>
  <key id="d8" for="edge" attr.name="reversed" attr.type="string"/>
  <key id="d9" for="edge" attr.name="length" attr.type="string"/>
  <graph edgedefault="directed">
    <data key="d0">epsg:4326</data>
    <node id="1"><data key="d1">41.42</data><data key="d2">2.16</data><data key="d3">3</data></node>
    <node id="3"><data key="d1">41.4</data><data key="d2">2.18</data><data key="d3">5</data></node>
    <node id="5"><data key="d1">41.38</data><data key="d2">2.16</data><data key="d3">3</data></node>
    <edge source="1" target="3" id="0"><data key="d5">residential</data><data key="d6">30</data>
      <data key="d7">False</data><data key="d8">False</data><data key="d9">2861.4002</data></edge>
    <edge source="3" target="1" id="0"><data key="d5">residential</data><data key="d6">30</data>
      <data key="d7">False</data><data key="d8">True</data><data key="d9">2861.4002</data></edge>
    <edge source="3" target="5" id="0"><data key="d4">[101, 102]</data><data key="d5">['primary', 'tertiary']</data>
      <data key="d6">['50', '20 mph']</data><data key="d7">True</data><data key="d8">False</data>
      <data key="d9">2774.5</data></edge>
    <edge source="3" target="3" id="0"><data key="d5">residential</data>
      <data key="d7">False</data><data key="d8">[False, True]</data><data key="d9">500.0</data></edge>
    <edge source="5" target="3" id="0"><data key="d5">['residential', 'tertiary']</data>
      <data key="d7">[False, True]</data><data key="d8">False</data><data key="d9">4000.25</data></edge>
  </graph>
</graphml>
"""
#: a module that notes what it is asked, and how it was set
STAND_IN = """import json, os, pathlib

class settings:
    use_cache, doh_url_template, overpass_url = True, "https://names.example.org", "https://usual.example.org/api"

class InsufficientResponseError(ValueError):
    pass

def graph_from_bbox(bbox, *, network_type="all"):
    names = ("use_cache", "doh_url_template", "overpass_url")
    told = {"bbox": bbox, "network_type": network_type} | {name: getattr(settings, name) for name in names}
    pathlib.Path(os.environ["STAND_IN_NOTES"]).write_text(json.dumps(told))
    if os.environ.get("STAND_IN_FAILS") == "asked":
        raise InsufficientResponseError("no data elements in the answer")
    return os.environ["STAND_IN_GRAPH"]

def save_graphml(graph, path):
    path.write_text(graph if os.environ.get("STAND_IN_FAILS") != "written" else graph[:300])
    if os.environ.get("STAND_IN_FAILS") == "written":
        raise OSError("no space left")
"""
