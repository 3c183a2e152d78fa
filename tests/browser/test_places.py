"""Pointing at the map in a browser: with JavaScript and without, and what axe says of the page."""

import threading
from collections.abc import Iterator

import pytest
from browser.looking import faults, opened
from browser.test_order_books import sign_in
from cli.small_region import make_region
from playwright.sync_api import Browser, expect
from web.accounts import client_as, use_fakes
from werkzeug.serving import make_server

from cosmolocal.records import Role
from cosmolocal.region import read_places
from cosmolocal.web import create_app

pytestmark = pytest.mark.browser


class Site:
    """A running server over a region with one neighbourhood, and a planner who is signed in."""

    def __init__(self, folder) -> None:
        self.folder = make_region(folder)
        app = create_app(self.folder, secret_key=b"of the tests")
        use_fakes(app)
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.cookie = client_as(app, "pia", Role.PLANNER).get_cookie("cosmolocal").value


@pytest.fixture
def place(tmp_path) -> Iterator[Site]:
    site = Site(tmp_path / "region")
    thread = threading.Thread(target=site.server.serve_forever)
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_place_is_put_where_somebody_points(browser: Browser, place, script):
    """North-east of where it was: above and to the right on the map."""
    [before] = read_places(place.folder / "places.csv")
    with opened(browser, java_script_enabled=script) as page:
        sign_in(page, place)
        page.goto(f"{place.address}/places/?place=home")
        box = page.locator(".point-map").bounding_box()
        page.click(".point-map", position={"x": box["width"] / 2 + 60, "y": box["height"] / 2 - 40})
        lat, lon = page.input_value("#place-lat"), page.input_value("#place-lon")
        page.click("text=It is here")
        expect(page.locator("main")).to_contain_text("was moved", use_inner_text=True)
    [after] = read_places(place.folder / "places.csv")
    assert (str(after.lat), str(after.lon)) == (lat, lon)
    assert after.lat > before.lat
    assert after.lon > before.lon


def test_axe_finds_nothing_and_nothing_sticks_out(browser: Browser, place):
    found = {}
    addresses = ("/places/?place=home&zoom=1", "/places/?new=Somewhere", "/network/?from=north&minutes=9")
    addresses += ("/places/?find=hoome", "/places/?place=home&find=north+makers")
    with opened(browser) as page:
        sign_in(page, place)
        for name in addresses:
            page.goto(f"{place.address}{name}")
            found |= {(name, mode, fault): told for mode, fault, told in faults(page)}
    assert found == {}
