"""The page of the network: what it is, what a plan carries over it, and its files."""

import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest
from showcase import EMPTY_PLAN, SHOWN_PLAN, SHOWN_REGION, ShownWorkspace

from cosmolocal.records import LinkRule, Mode, Trip
from cosmolocal.web import create_app, network_view
from cosmolocal.workflows import export_network

PAGE = f"/plans/{SHOWN_PLAN.id}/network"
RULES = (
    LinkRule("makers", "north", distance_m=6_200, weekly_capacity_kg=300),
    LinkRule("joiners", "south", closed=True),
)
VAN = Mode("van", "Van", 25, 600, 70, 230, 800_000)


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def network_with(**changes):
    return replace(SHOWN_REGION, network=replace(SHOWN_REGION.network, **changes))


def page_of(tmp_path, region=SHOWN_REGION, plans=(SHOWN_PLAN,), address="/network/") -> str:
    answer = create_app(workspace=ShownWorkspace(tmp_path, plans, region)).test_client().get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def used_rows(page: str) -> list[str]:
    table = re.search(r'<table [^>]*class="links cards">.*?<tbody[^>]*>(.*?)</tbody>', page, re.DOTALL)
    return [words(row) for row in re.findall(r'<tr role="row">.*?</tr>', table[1], re.DOTALL)] if table else []


def test_one_sentence_says_what_the_network_is(read, tmp_path):
    text = words(read(PAGE))
    assert "5 places and 9 links, each 1.3 times as long as the straight line and able to carry any load" in text
    limited = words(page_of(tmp_path, network_with(weekly_capacity_kg=1_500)))
    assert "1.3 times as long as the straight line and able to carry 1,500 kg a week, unless a rule" in limited


def test_the_head_leads_to_it(read):
    assert f'<a href="{PAGE}">Network</a>' in read(f"/plans/{SHOWN_PLAN.id}/")
    assert f'<a href="{PAGE}" aria-current="page">Network</a>' in read(PAGE)
    assert '<a href="/network/">Network</a>' in read("/plans/")


def test_used_links_stand_by_their_load(read):
    first, second = used_rows(read(PAGE))
    assert re.fullmatch(r"Joiners Makers & <Friends> [\d.]+ km 21 Sept 5 kg 7 kg 2 Cargo bike", first)
    assert re.fullmatch(r"Makers & <Friends> North [\d.]+ km 21 Sept 5 kg 5 kg 1 Cargo bike", second)


def test_where_a_capacity_is_set_the_load_stands_against_it(tmp_path):
    _, second = used_rows(page_of(tmp_path, network_with(links=RULES)))
    assert "6.2 km 21 Sept 5 of 300 kg" in second


def test_the_table_can_be_narrowed_to_a_place(read):
    assert len(used_rows(read(f"{PAGE}?place=joiners"))) == 1
    assert len(used_rows(read(f"{PAGE}?place=makers"))) == 2
    text = words(read(f"{PAGE}?place=north"))
    assert "1 of 2 links that the plan uses" in text
    assert "The plan carries nothing to or from this place." in words(read(f"{PAGE}?place=south"))


def test_the_map_shows_the_loads_of_the_place_alone(read):
    assert read(PAGE).count('class="map-load"') == 2 + 1  # one of the legend
    assert read(f"{PAGE}?place=joiners").count('class="map-load"') == 1 + 1


@pytest.mark.parametrize("query", ["place=atlantis", "page=soon"])
def test_an_address_that_asks_for_what_is_not_there_is_refused(client, query):
    answer = client.get(f"{PAGE}?{query}")
    assert answer.status_code == 422
    assert "P095" in answer.text


def test_many_links_are_shown_in_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(network_view, "LINK_ROWS", 1)
    assert used_rows(page_of(tmp_path, address="/network/?page=2"))[0].startswith("Makers & <Friends> North")
    assert 'href="/network/?page=2"' in page_of(tmp_path)


def test_modes_that_share_a_link_stand_with_their_parts(tmp_path):
    [made] = SHOWN_PLAN.allocations
    shades, delivery = made.legs
    mixed = replace(made, legs=(replace(shades, mode="van"), replace(delivery, trips=6)))
    region = network_with(modes=(*SHOWN_REGION.network.modes, VAN))
    first, _ = used_rows(page_of(tmp_path, region, (replace(SHOWN_PLAN, allocations=(mixed,)),)))
    assert first.endswith("7 86% Cargo bike, 14% Van")


def test_modes_stand_with_their_figures(tmp_path):
    region = network_with(modes=(VAN, replace(VAN, id="bike", name="Bike", max_distance_m=8_000)))
    text = words(page_of(tmp_path, region))
    assert "Van 25 km/h €6.00 €0.70 230 g 800 kg no limit Bike 25 km/h €6.00 €0.70 230 g 800 kg 8 km" in text


def test_rules_and_hubs_stand_in_tables(read, tmp_path):
    text = words(page_of(tmp_path, network_with(links=RULES)))
    assert "Makers & <Friends> – North 6.2 km 300 kg Joiners – South closed" in text
    assert "No link has a rule of its own." in words(read(PAGE))
    assert "Middle hub unknown 0 g 0" in text


def test_the_network_is_shown_without_a_plan(tmp_path):
    text = words(page_of(tmp_path, plans=()))
    assert "5 places and 9 links" in text
    assert "There is no plan yet." in text


def test_a_plan_that_carries_nothing_says_so(tmp_path):
    assert "This plan carries nothing over any link." in words(page_of(tmp_path, plans=(EMPTY_PLAN,)))


def test_without_the_plan_asked_for_there_is_no_page(client):
    assert client.get("/plans/nosuchplan00/network").status_code == 404


@pytest.mark.parametrize("form", ["graphml", "geojson"])
def test_the_network_can_be_downloaded(read, client, form):
    assert f'href="/network.{form}"' in read(PAGE)
    answer = client.get(f"/network.{form}")
    assert answer.text == export_network(SHOWN_REGION, form)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="network.{form}"'


def test_the_files_hold_every_place_and_link(client):
    features = client.get("/network.geojson").get_json(force=True)["features"]
    assert len(features) == 5 + 9
    graph = ElementTree.fromstring(client.get("/network.graphml").text)
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert (len(list(graph.iter(f"{space}node"))), len(list(graph.iter(f"{space}edge")))) == (5, 9)


def test_other_forms_do_not_exist(client):
    assert client.get("/network.exe").status_code == 404


def test_shared_trips_stand_with_their_load_and_the_lots_that_share_them(tmp_path):
    [item, *_] = SHOWN_PLAN.allocations
    leg = replace(item.legs[-1], trips=0, share_cents=120)
    trip = Trip(leg.from_place, leg.to_place, leg.mode, leg.week, leg.distance_m, 2, 130, 300, 9, 301)
    rows = (replace(item, legs=(*item.legs[:-1], leg)), *SHOWN_PLAN.allocations[1:])
    plan = replace(SHOWN_PLAN, allocations=rows, trips=(trip,), trips_cents=301)
    region = network_with(share_trips=True)
    page = page_of(tmp_path, region, (plan,), PAGE)
    table = page[page.index('id="trips"') :]
    load = next(mode.max_load_g for mode in region.network.modes if mode.id == leg.mode) // 1000
    assert f"130 of {2 * load} kg" in words(table)
    assert f">{item.lot}</a>" in table
    assert "€3.01" in words(table)
    assert 'id="trips"' not in page_of(tmp_path)
    order = page_of(tmp_path, region, (plan,), f"/plans/{plan.id}/orders/{item.order}")
    assert "shared, €1.20 of it" in words(order)
    client = create_app(workspace=ShownWorkspace(tmp_path, (plan,), region)).test_client()
    assert client.get(f"/plans/{plan.id}/trips.json").json["trips"][0]["load_kg"] == 130
    assert item.lot in client.get(f"/plans/{plan.id}/trips.csv").text


# --- what is reached -----------------------------------------------------------------------------


def test_the_page_shows_what_is_reached_and_says_how_it_is_known(read):
    page = read(f"{PAGE}?from=makers&minutes=15&mode=bike")
    text = words(page)
    assert "Makers & <Friends> reaches 2 places within 15 minutes by Cargo bike." in text
    assert "The region names no streets, so this is a circle of 2.9 km: at 15 km/h" in text
    assert '<path class="map-reach"' in page
    assert '<path class="map-reach"' not in read(PAGE)


def test_the_form_keeps_what_was_asked(read):
    page = read(f"{PAGE}?from=makers&minutes=7&mode=bike&place=north")
    assert re.search(r'name="minutes"[^>]* value="7"', page)
    assert '<option value="makers" selected>' in page
    assert page.count('<input type="hidden" name="from" value="makers">') == 1
    assert page.count('<input type="hidden" name="place" value="north">') == 1


def test_the_twins_hold_what_the_page_shows(client):
    address = "/network/reach.{}?from=makers&minutes=15&mode=bike"
    rows = client.get(address.format("json")).get_json()["rows"]
    [feature] = client.get(address.format("geojson")).get_json()["features"]
    assert [row["place"] for row in rows] == feature["properties"]["places"] == ["hub-mid", "north"]
    assert client.get(address.format("csv")).text.count("\n") == 3


@pytest.mark.parametrize("query", ["from=nobody", "from=makers&mode=rocket", "from=makers&minutes=soon"])
def test_what_names_nothing_is_refused(client, query):
    assert client.get(f"{PAGE}?{query}").status_code == 422


def test_minutes_out_of_range_are_told_and_kept(read):
    page = read(f"{PAGE}?from=makers&minutes=700&mode=bike")
    assert "must be from 1 to 600" in words(page)
    assert re.search(r'name="minutes"[^>]* value="700"', page)


def test_a_twin_without_a_workshop_is_not_found(client):
    assert client.get("/network/reach.json").status_code == 404
