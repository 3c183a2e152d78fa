"""Places are put where somebody says they are: all else in the files stays as it is."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from cli.small_region import make_region
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cosmolocal.errors import ForbiddenError, InputError, NotFoundError
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Person, PlaceKind, Provenance, Role
from cosmolocal.region import read_places
from cosmolocal.workflows.locating import Doubt, NewPlace, add_place, list_located, move_place
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.register import read_workshops

PIA = Person("pia", "Pia", frozenset({Role.PLANNER}))
MIA = Person("mia", "Mia", frozenset({Role.MAKER}))
PLACES = (
    "id,name,kind,lat,lon,district,population\n"
    'home,Home,neighbourhood,41.40,2.18,"Upper, old",1000\r\n'
    "# kept,as it is,hub,41.3,2.1,,\n"
    'other,"Other ""one""",hub, 41.41 ,2.19,,\n'
)
SPOT = st.tuples(st.floats(-90, 90), st.floats(-180, 180)).map(lambda spot: (round(spot[0], 6), round(spot[1], 6)))


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Workspace:
    return Workspace(make_region(tmp_path_factory.mktemp("locating") / "region"))


def fresh(shop: Workspace, text: str = PLACES) -> Path:
    path = shop.folder / "places.csv"
    path.write_bytes(text.encode())
    return path


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spot=SPOT)
def test_a_moved_place_is_read_where_it_was_put_and_all_others_as_before(shop, spot):
    path = fresh(shop, PLACES.replace("# kept", "kept"))
    before = {place.id: place for place in read_places(path)}
    move_place(shop, PIA, "other", spot)
    after = {place.id: place for place in read_places(path)}
    assert (after["other"].lat, after["other"].lon, after["other"].provenance) == (*spot, Provenance.CONFIRMED)
    assert {**after, "other": before["other"]} == before


def test_all_other_lines_stay_as_they_are_but_for_a_new_column(shop):
    path = fresh(shop)
    move_place(shop, PIA, "home", (41.5, 2.25))
    assert path.read_bytes().decode().splitlines(keepends=True) == [
        "id,name,kind,lat,lon,district,population,provenance\n",
        'home,Home,neighbourhood,41.5,2.25,"Upper, old",1000,confirmed\r\n',
        "# kept,as it is,hub,41.3,2.1,,,\n",
        'other,"Other ""one""",hub, 41.41 ,2.19,,,\n',
    ]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spot=SPOT)
def test_a_moved_workshop_changes_in_its_coordinates_alone(shop, spot):
    path = shop.folder / "workshops.yaml"
    lines = path.read_text().splitlines()
    [south] = [one for one in read_workshops(path, load_vocabulary()) if one.id == "south"]
    others = [one for one in read_workshops(path, load_vocabulary()) if one.id != "south"]
    move_place(shop, PIA, "south", spot)
    found = {one.id: one for one in read_workshops(path, load_vocabulary())}
    assert found.pop("south") == replace(south, lat=spot[0], lon=spot[1], provenance=Provenance.CONFIRMED)
    assert list(found.values()) == others
    after = path.read_text().splitlines()
    assert {line for line in lines if not re.match(r"\s*(lat|lon):", line)} <= set(after)


def test_a_place_is_added_below_all_others(shop):
    path = fresh(shop, PLACES.replace("# kept", "kept"))
    before = path.read_bytes().decode()
    add_place(shop, PIA, NewPlace("new-1", "New, one", PlaceKind.HUB, "Upper"), (41.5, 2.25))
    assert read_places(path)[-1].name == "New, one"
    assert read_places(path)[-1].provenance is Provenance.CONFIRMED
    text = path.read_bytes().decode()
    assert text.splitlines()[-1] == 'new-1,"New, one",hub,41.5,2.25,Upper,,confirmed'
    assert [line.rstrip(",\r\n") for line in text.splitlines()[1:-1]] == [
        line.rstrip(",\r\n") for line in before.splitlines()[1:]
    ]


def test_everything_that_is_wrong_with_a_new_place_is_told_at_once(shop):
    path = fresh(shop)
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        add_place(shop, PIA, NewPlace("New!", " ", PlaceKind.WORKSHOP, "a\nb"), (41.5, 2.25))
    assert [problem.where for problem in caught.value.problems] == ["district", "id", "kind", "name"]
    for taken in ("home", "south"):
        with pytest.raises(InputError, match="has this id already"):
            add_place(shop, PIA, NewPlace(taken, "X", PlaceKind.HUB), (41.5, 2.25))
    assert path.read_bytes() == before


def test_doubtful_places_come_first_the_worst_before_others(shop):
    rows = (
        "a,A,hub,41.1,2.1,confirmed", "b,B,hub,41.2,2.1,assumed", "c,C,hub,41.3,2.1,declared", "d,D,hub,,2.1,declared",
        "e,E,hub,41.3,2.1,declared", "f,F,hub,91,2.1,", "g,G,hub,41.4,2.1,unknown", "h,H,hub,41.3,2.1,confirmed",
    )  # fmt: skip
    fresh(shop, "\n".join(("id,name,kind,lat,lon,provenance", *rows, "")))
    found = list_located(shop, PIA)
    assert [(one.id, one.doubt) for one in found if one.kind is PlaceKind.HUB] == [
        ("d", Doubt.MISSING), ("f", Doubt.MISSING), ("c", Doubt.TWIN), ("e", Doubt.TWIN), ("g", Doubt.UNKNOWN),
        ("b", Doubt.ASSUMED), ("a", Doubt.NONE), ("h", Doubt.NONE),
    ]  # fmt: skip


def test_a_place_without_coordinates_gets_some_and_the_region_can_be_read(shop):
    path = fresh(shop, "id,name,kind,lat,lon\nhome,Home,neighbourhood,,\n")
    with pytest.raises(InputError):
        shop.region()
    move_place(shop, PIA, "home", (41.4, 2.18))
    [home] = read_places(path)
    assert (home.lat, home.lon) == (41.4, 2.18)


def test_a_place_that_is_not_there_is_not_found(shop):
    fresh(shop)
    with pytest.raises(NotFoundError):
        move_place(shop, PIA, "nowhere", (41.4, 2.18))


@pytest.mark.parametrize("person", [None, MIA])
def test_only_planners_and_administrators_may(shop, person):
    path = fresh(shop)
    before = path.read_bytes()
    new = NewPlace("new-2", "New", PlaceKind.HUB)
    for change in (
        lambda: list_located(shop, person),
        lambda: move_place(shop, person, "home", (41.4, 2.18)),
        lambda: add_place(shop, person, new, (41.4, 2.18)),
    ):
        with pytest.raises(ForbiddenError):
            change()
    assert path.read_bytes() == before
