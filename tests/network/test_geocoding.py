"""A region's own places: what is found for sure, what is only suggested."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from cli.small_region import make_region
from geopy.geocoders.base import Geocoder
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.errors import InputError
from cosmolocal.network.geocoding import Asked, OwnPlaces, Quality, Spot, ask_nominatim, read_addresses
from cosmolocal.records import Nominatim
from cosmolocal.workflows.importing import Request, review_import
from cosmolocal.workflows.places import open_places
from cosmolocal.workflows.workspace import Workspace

SPOTS = (
    Spot("el Poble-sec", 41.3637, 2.15727, "el-poble-sec", "neighbourhood"),
    Spot("Sants", 41.3781, 2.13569, "sants", "neighbourhood"),
    Spot("Carrer d'Àvila 4, Barcelona", 41.4, 2.19),
    Spot("Carrer d'Àvila 40, Barcelona", 41.41, 2.19),
    Spot("実験室", 35.0, 139.0, "lab", "workshop", "Tokyo 1"),
)
PLACES = OwnPlaces(SPOTS)


@pytest.mark.parametrize(
    ("text", "name", "quality"),
    [
        ("Sants", "Sants", Quality.EXACT),
        ("el-poble-sec", "el Poble-sec", Quality.EXACT),
        ("EL POBLE SEC", "el Poble-sec", Quality.NORMALISED),
        ("Barcelona, carrer d'avila 4", "Carrer d'Àvila 4, Barcelona", Quality.NORMALISED),
        ("実験室", "実験室", Quality.EXACT),
        ("Tokyo 1", "実験室", Quality.EXACT),
        ("poble sec", "el Poble-sec", Quality.PARTIAL),
        ("Santts", "Sants", Quality.FUZZY),
    ],
)
def test_the_quality_of_a_match_is_told(text, name, quality):
    best = PLACES.find(text)[0]
    assert (best.name, best.quality) == (name, quality)
    assert best.is_sure is (quality in (Quality.EXACT, Quality.NORMALISED))


@pytest.mark.parametrize("text", ["", "   ", "?!", "Timbuktu"])
def test_what_is_like_nothing_is_not_found(text):
    assert PLACES.find(text) == ()


def test_it_is_a_geocoder_of_geopy_that_gives_sure_places_only():
    assert isinstance(PLACES, Geocoder)
    location = PLACES.geocode("sants")
    assert (location.latitude, location.longitude, location.raw["quality"]) == (41.3781, 2.13569, "exact")
    assert PLACES.geocode("Santts") is None
    assert [each.address for each in PLACES.geocode("Santts", exactly_one=False)] == ["Sants"]
    assert PLACES.reverse((41.378, 2.1357)).address == "Sants"


def test_own_places_ask_nobody_and_read_no_certificates(monkeypatch):
    """Found by fuzzing: for a place that no order book knows, all certificates of the machine were read."""

    def fail(*_, **__):
        raise AssertionError

    monkeypatch.setattr(ssl, "create_default_context", fail)
    places = OwnPlaces([Spot("Sants", 41.3781, 2.13569, "sants")])
    with pytest.raises(NotImplementedError):
        places.adapter.get_json("http://127.0.0.1", timeout=1, headers={})


def test_a_name_that_two_places_have_is_never_sure():
    twice = OwnPlaces([Spot("Centre", 1, 1, "a"), Spot("Centre", 2, 2, "b")])
    assert [each.is_sure for each in twice.find("Centre")] == [False, False]


@given(st.text(max_size=30))
def test_any_text_can_be_looked_for(text):
    for found in PLACES.find(text):
        assert 0 <= found.score <= 1


def test_an_address_list_is_read_and_its_faults_are_told(tmp_path):
    path = tmp_path / "addresses.csv"
    path.write_text("address,lat,lon,place\nStreet 1,41,2,sants\n")
    assert read_addresses(path) == (Spot("Street 1", 41, 2, "sants"),)
    path.write_text("address,lat,lon\nStreet 1,north,2\n")
    with pytest.raises(InputError, match=r"W027 addresses.csv: line 2.lat"):
        read_addresses(path)


#: as Nominatim answers /search?format=json
ANSWER = [
    {"place_id": 1, "lat": "41.40001", "lon": "2.19002", "display_name": "Avila Street 4, Barcelona", "importance": 0.6}
]


class _Nominatim(BaseHTTPRequestHandler):
    """Answers on loopback as a Nominatim server does, and keeps what it was asked."""

    def do_GET(self):
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.server.asked.append((self.headers["User-Agent"], urlsplit(self.path).path, asked))
        body = {"none": b"[]", "odd": b"<html>"}.get(asked["q"], json.dumps(ANSWER).encode())
        self.send_response(500 if asked["q"] == "broken" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def nominatim() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Nominatim) as server:
        server.asked = []
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_nominatim_is_asked_as_it_wants_and_its_answers_are_never_sure():
    with nominatim() as server:
        there = Nominatim(f"127.0.0.1:{server.server_port}", "cosmolocal of the tests", "http", ("es", "fr"))
        [found] = ask_nominatim(there, "avila 4", 3)
    assert (found.name, found.lat, found.lon) == ("Avila Street 4, Barcelona", 41.40001, 2.19002)
    assert (found.quality, found.is_sure) == (Quality.OTHERS, False)
    [(agent, path, asked)] = server.asked
    assert (agent, path) == ("cosmolocal of the tests", "/search")
    assert (asked["q"], asked["limit"], asked["countrycodes"]) == ("avila 4", "3", "es,fr")


@pytest.mark.parametrize("text", ["none", "odd", "broken"])
def test_a_server_that_says_nothing_useful_is_no_fault(text):
    with nominatim() as server:
        assert ask_nominatim(Nominatim(f"127.0.0.1:{server.server_port}", "tests", "http"), text, 3) == ()
        assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_no_fault():
    with nominatim() as server:
        port = server.server_port
    assert ask_nominatim(Nominatim(f"127.0.0.1:{port}", "tests", "http"), "avila 4", 3) == ()


def test_a_server_is_asked_each_text_once_and_nothing_more_once_it_is_away():
    """A list of hundreds of addresses waited seconds for each of them, and said nothing."""
    with nominatim() as server:
        asked = Asked(Nominatim(f"127.0.0.1:{server.server_port}", "tests", "http"))
        assert asked.find("avila 4", 3) == asked.find("avila 4", 3) != ()
        assert asked.find("odd", 3) == ()
        assert (len(server.asked), asked.is_silent) == (2, False)
    assert asked.find("avila 5", 3) == ()
    assert asked.is_silent
    assert asked.find("avila 4", 3) != (), "what it said stays"


def test_rows_of_a_list_say_that_the_server_did_not_answer(tmp_path: Path):
    region = make_region(tmp_path / "region")
    with nominatim() as server:
        address = f"{{domain: '127.0.0.1:{server.server_port}', user_agent: tests, scheme: http}}"
    (region / "region.yaml").write_text(
        (region / "region.yaml").read_text() + f"\ngeocoding:\n  nominatim: {address}\n"
    )
    table = tmp_path / "list.csv"
    table.write_text("name,address\nA,Lane 3\nB,Lane 4\n")
    rows = review_import(Workspace(region), Request("csv", table)).rows
    assert [str(row.notes[-1]) for row in rows] == [f"127.0.0.1:{server.server_port} did not answer"] * 2


def test_only_a_region_that_names_a_server_asks_it_and_own_places_come_first(tmp_path: Path):
    region = make_region(tmp_path / "region")
    said = (region / "region.yaml").read_text()
    with nominatim() as server:
        assert open_places(region).find("Avila 4") == ()
        assert server.asked == []
        address = f"{{domain: '127.0.0.1:{server.server_port}', user_agent: tests, scheme: http}}"
        (region / "region.yaml").write_text(f"{said}\ngeocoding:\n  nominatim: {address}\n")
        assert [each.quality for each in open_places(region).find("Avila 4")] == [Quality.OTHERS]
        assert len(server.asked) == 1
        assert [each.id for each in open_places(region).find("home")] == ["home"]
        assert len(server.asked) == 1, "what the region knows for sure is asked nobody"


def test_where_a_server_leads_to_is_not_asked():
    """It could lead to what only this machine reaches."""
    with nominatim() as inner:
        there = f"http://127.0.0.1:{inner.server_port}/search?format=json"

        class Leading(_Nominatim):
            def do_GET(self) -> None:
                self.send_response(302)
                self.send_header("Location", there)
                self.end_headers()

        with ThreadingHTTPServer(("127.0.0.1", 0), Leading) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            named = Nominatim(f"127.0.0.1:{server.server_port}", "cosmolocal of the tests", "http")
            assert ask_nominatim(named, "Carrer d'Avila", 3) == ()
            server.shutdown()
            thread.join()
        assert inner.asked == []
