"""The page of the places: where somebody points is where the place is put."""

import base64
import hashlib
import re

import pytest
from cli.small_region import make_region
from hypothesis import given
from hypothesis import strategies as st
from web.accounts import client_as, use_fakes

from cosmolocal.exports.place_map import closer, degrees_at
from cosmolocal.exports.svg_map import Frame
from cosmolocal.records import Role
from cosmolocal.region import read_places
from cosmolocal.web import create_app

FRAME = Frame(2.0, 41.5, 3000.0, 4000.0, 600)


@pytest.fixture
def region(tmp_path):
    return make_region(tmp_path / "region")


@pytest.fixture
def planner(region):
    app = create_app(region, secret_key=b"of the tests")
    use_fakes(app)
    return client_as(app, "pia", Role.PLANNER)


def send(client, **fields):
    page = client.get("/places/?new=yes").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page[page.index('class="answer-form"') :])[1]
    return client.post("/places/", data={"csrf_token": token, **fields})


def fields_of(page: str) -> tuple[str, str]:
    return tuple(re.search(rf'id="place-{name}"[^>]* value="([^"]*)"', page)[1] for name in ("lat", "lon"))  # type: ignore[return-value]


@given(st.integers(0, 719), st.integers(0, 599), st.integers(0, 4))
def test_a_spot_of_the_map_is_a_place_and_that_place_is_the_spot(x, y, zoom):
    frame = closer(FRAME, (41.45, 2.1), zoom)
    lat, lon = degrees_at(frame, x, y)
    assert frame.at(lon, lat) == pytest.approx((x, y), abs=0.5 if zoom > 3 else 0.2)


@given(st.integers(0, 4), st.floats(41, 42), st.floats(2, 3))
def test_the_closer_map_keeps_its_middle(zoom, lat, lon):
    x, y = closer(FRAME, (lat, lon), zoom).at(lon, lat)
    assert (x, y) == pytest.approx((360, 300), abs=0.2)


def test_pointing_fills_the_form_and_saving_moves_the_place(region, planner):
    before = (region / "places.csv").read_bytes()
    page = planner.get("/places/?place=home&at.x=100&at.y=200").text
    lat, lon = fields_of(page)
    assert (lat, lon) != ("41.4", "2.18")
    assert (region / "places.csv").read_bytes() == before
    answer = send(planner, place="home", lat=lat, lon=lon)
    assert answer.status_code == 303
    [home] = read_places(region / "places.csv")
    assert (str(home.lat), str(home.lon), home.provenance.value) == (lat, lon, "confirmed")
    assert "home was moved" in planner.get(answer.location).text


def test_pointing_where_the_place_is_leaves_it_there(planner):
    """Closer by closer, the middle of the map stays the place."""
    lat, lon = fields_of(planner.get("/places/?place=home").text)
    for zoom in (1, 2, 3, 4):
        height = int(re.search(r'class="point-map"[^>]* height="(\d+)"', planner.get("/places/?place=home").text)[1])
        there = fields_of(
            planner.get(f"/places/?place=home&lat={lat}&lon={lon}&zoom={zoom}&at.x=360&at.y={height // 2}").text
        )
        assert tuple(map(float, there)) == pytest.approx((float(lat), float(lon)), abs=1e-3 / 3**zoom)


def test_no_spot_is_taken_from_a_form_sent_by_the_keyboard(planner):
    """A picture that is sent without a pointer says 0, 0."""
    assert fields_of(planner.get("/places/?place=home&at.x=0&at.y=0").text) == ("41.4", "2.18")


def test_a_place_is_added_from_what_an_order_calls_it(region, planner):
    page = planner.get("/places/?new=Pla%C3%A7a+Gran+3").text
    assert 'value="placa-gran-3"' in page
    answer = send(planner, new="yes", id="placa-gran-3", name="Plaça Gran 3", kind="hub", lat="41,39", lon="2.17")
    assert answer.status_code == 303
    assert [place.id for place in read_places(region / "places.csv")] == ["home", "placa-gran-3"]


def test_what_is_wrong_is_told_by_its_field_and_the_form_keeps_what_was_sent(region, planner):
    before = (region / "places.csv").read_bytes()
    answer = send(planner, place="home", lat="91", lon="east")
    assert answer.status_code == 422
    assert answer.text.count("Write degrees from") == 2
    assert fields_of(answer.text) == ("91", "east")
    answer = send(planner, new="yes", id="home", name="", kind="castle", lat="41", lon="2")
    assert answer.status_code == 422
    assert "has this id already" in answer.text
    assert (region / "places.csv").read_bytes() == before


def test_a_workshop_is_moved_in_its_own_file(region, planner):
    assert send(planner, place="north", lat="41.5", lon="2.5").status_code == 303
    assert "lat: 41.5" in (region / "workshops.yaml").read_text()


def test_a_place_without_coordinates_stands_first_and_can_be_put_somewhere(region, planner):
    (region / "places.csv").write_text("id,name,kind,lat,lon\nhome,Home,neighbourhood,41.4,2.18\nlost,Lost,hub,,\n")
    page = planner.get("/places/").text
    assert page.index("Lost") < page.index(">Home ")
    assert planner.get("/places/map.svg?place=lost").status_code == 200
    assert send(planner, place="lost", lat="41.41", lon="2.17").status_code == 303
    assert len(read_places(region / "places.csv")) == 2


def test_the_map_holds_every_place_and_names_the_chosen_one(planner):
    svg = planner.get("/places/map.svg?place=home").text
    assert svg.count('class="spot"') == 3
    assert re.findall(r'class="name"[^>]*>([^<]*)<', svg) == ["Home"]


def test_the_policy_of_the_map_allows_its_own_style_and_nothing_else(planner):
    answer = planner.get("/places/map.svg")
    style = re.findall("<style>(.*?)</style>", answer.text)
    digest = base64.b64encode(hashlib.sha256("".join(style).encode()).digest()).decode()
    assert len(style) == 1
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    )


def test_the_twins_hold_the_list(planner):
    rows = planner.get("/places/places.json").get_json()["rows"]
    assert {row["place"] for row in rows} == {"home", "north", "south"}


def test_an_order_for_an_unknown_place_leads_to_the_map(region, planner):
    book = region / "orders" / "small.csv"
    path = next(iter((region / "orders").glob("*.csv")), book)
    path.write_text("id,design,version,quantity,place,due_date\nX,us~lamp,*,1,far-away,2026-09-18\n")
    page = planner.get(f"/orders/{path.stem}/").text
    assert 'href="/places/?new=far-away#form"' in page


def test_a_long_list_comes_in_pages_that_hold_every_place_once(region, planner):
    path = region / "places.csv"
    head, *rows = path.read_text().splitlines()
    more = [f"more-{nth},More {nth},neighbourhood,41.{nth + 100},2.{nth + 100}" for nth in range(230)]
    count = head.count(",") - 4
    path.write_text("\n".join([head, *rows, *(row + "," * count for row in more)]) + "\n")
    pages = [planner.get(f"/places/?page={page}").text for page in (1, 2, 3)]
    named = [re.findall(r'<th scope="row"[^>]*>[^<]*<small>([^<]*)</small>', page) for page in pages]
    assert [len(names) for names in named][:2] == [100, 100]
    told = [name for names in named for name in names]
    assert len(told) == len(set(told)) == 230 + len(rows) + 2
    assert 'aria-current="page">2</a>' in pages[1]


def test_a_place_is_found_by_what_people_write_and_what_is_only_like_it_is_a_suggestion(region, planner):
    """No place moves by being found."""
    before = (region / "places.csv").read_bytes()
    sure = planner.get("/places/?find=HOME").text
    assert "“HOME” is known:" in sure and 'href="/places/?place=home#form"' in sure
    fuzzy = planner.get("/places/?find=Hoome").text
    assert "“Hoome” is not known. It may be:" in fuzzy and "is like it" in fuzzy
    assert "Nothing is like “Timbuktu”." in planner.get("/places/?find=Timbuktu").text
    assert (region / "places.csv").read_bytes() == before


def test_an_address_becomes_a_place_or_the_spot_of_one(region, planner):
    (region / "addresses.csv").write_text("address,lat,lon\nMill Lane 4,41.405,2.165\n")
    with (region / "region.yaml").open("a") as file:
        file.write("\ngeocoding: {addresses: addresses.csv}\n")
    page = planner.get("/places/?find=mill+lane+4").text
    link = re.search(r'href="([^"]+)">Add a place here', page)[1].replace("&amp;", "&")
    form = planner.get(link).text
    assert fields_of(form) == ("41.405", "2.165")
    assert 'id="place-id" name="id" type="text" autocomplete="off" value="mill-lane-4"' in form
    page = planner.get("/places/?place=home&find=mill+lane").text
    link = re.search(r'href="([^"]+)">It is there', page)[1].replace("&amp;", "&")
    assert fields_of(planner.get(link).text) == ("41.405", "2.165")


@pytest.mark.parametrize("text", ["", "x" * 5_000, "<b>", "\x00", "%2"])
def test_whatever_is_looked_for_the_page_comes(planner, text):
    answer = planner.get("/places/", query_string={"find": text, "place": "home"})
    assert answer.status_code == 200
    assert "<b>" not in answer.text[answer.text.index('id="found"') : answer.text.index('id="form"')]
