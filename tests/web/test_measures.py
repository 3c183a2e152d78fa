"""The map by a measure, and what somebody chose: figures reckoned a second time from the plan."""

import csv
import io
import re
from collections import Counter
from dataclasses import replace

import pytest
from web.busy import busy_workspace
from web.test_pages import client_of, words

HERE = "/plans/newer0000000/"


def figures_of(shop) -> dict[str, Counter]:
    place = {order.id: order.place for order in shop.orders}
    found = {"north": Counter(), "south": Counter()}
    plan = shop.shown_plans[0]
    for row in (*plan.allocations, *plan.unmet):
        figures = found[place[row.order]]
        figures["asked"] += row.quantity
        figures["cost"] += row.cost.total_cents
        made = row in plan.allocations
        figures["made"] += row.quantity * made
        figures["unmet"] += row.quantity * (not made)
        figures["late"] += row.quantity * (row.cost.late_weeks > 0)
    return found


def test_the_neighbourhoods_rows_are_those_of_the_plan(shop, busy):
    rows = csv.DictReader(io.StringIO(busy.get(f"{HERE}neighbourhoods.csv").text))
    expected = figures_of(shop)
    for row in rows:
        figures = expected[row["place"]]
        assert [int(row[name]) for name in ("asked", "made", "unmet", "late", "cost_cents")] == [
            figures[name] for name in ("asked", "made", "unmet", "late", "cost")
        ]
        assert int(row["share_permille"]) == 1000 * figures["made"] // figures["asked"]
        assert int(row["unit_cents"]) == round(figures["cost"] / figures["asked"])


@pytest.mark.parametrize(
    ("measure", "name"),
    [("asked", "units asked for"), ("unmet", "units not made here"), ("late", "units that come late")],
)
def test_both_maps_say_the_measure(shop, busy, measure, name):
    page, data = busy.get(f"{HERE}?measure={measure}").text, busy.get(f"{HERE}map.json?measure={measure}").get_json()
    for place, figures in figures_of(shop).items():
        told = f"{place.title()}: {name} {figures[measure]:,}"
        assert f"<title>{told}</title>" in page
        [area] = [one["properties"] for one in data["areas"]["features"] if one["properties"]["id"] == place]
        assert area["told"] == told
        assert f'class="map-area map-level-{area["level"]}"' in page


def test_the_greater_figure_is_never_the_paler_one(shop, busy):
    for measure in ("asked", "unmet", "late", "cost"):
        areas = busy.get(f"{HERE}map.json?measure={measure}").get_json()["areas"]["features"]
        level = {one["properties"]["id"]: one["properties"]["level"] for one in areas}
        figures = {
            place: found[measure] / (found["asked"] if measure == "cost" else 1)
            for place, found in figures_of(shop).items()
        }
        least, most = sorted(figures, key=figures.get)
        assert level[least] <= level[most]


def test_the_price_on_the_map_is_the_dearest_hour_of_the_workshop(shop, busy):
    best = Counter()
    for price in shop.shown_plans[0].prices:
        workshop = price.resource.partition("/")[0]
        best[workshop] = max(best[workshop], price.cents)
    for spot in busy.get(f"{HERE}map.json?spots=price").get_json()["spots"]:
        if spot["number"]:
            cents = best[spot["id"]]
            told = f"€{cents / 100:,.0f}" if cents >= 1000 else f"€{cents / 100:.2f}"
            assert spot["label"] == (told if cents else "")
            assert (spot["level"] == 0) == (cents == 0)


def test_a_week_narrows_prices_and_load_to_it(shop, busy):
    best = Counter()
    for price in shop.shown_plans[0].prices:
        if price.week == 2:
            best[price.resource.partition("/")[0]] += price.cents
    spots = busy.get(f"{HERE}map.json?spots=price&week=2").get_json()["spots"]
    assert {spot["id"] for spot in spots if spot.get("level")} == set(best)


def test_the_load_on_the_map_is_that_of_the_workshop(shop, busy):
    used = Counter()
    for row in shop.shown_plans[0].allocations:
        for task in row.tasks:
            used[task.workshop] += sum(use.minutes for use in task.uses)
    page = busy.get(f"{HERE}?spots=load").text
    for workshop, minutes in used.items():
        name = f"Shop {int(workshop.partition('-')[2]):03}"
        hours = f"{round(minutes / 60, 1):g}"
        assert re.search(rf"<title>\d+ {name}: {hours}\xa0h of [\d.]+\xa0h used</title>", page)


def test_the_legend_names_every_class_that_is_drawn(busy):
    for query in ("measure=cost", "measure=late&spots=price", "spots=load", "measure=asked&spots=load"):
        page = busy.get(f"{HERE}?{query}").text
        legend = page[page.index('class="legend"') : page.index("</ul>", page.index('class="legend"'))]
        drawn = page[page.index('class="map-svg"') : page.index("</svg>", page.index('class="map-svg"'))]
        for mark in set(re.findall(r"map-(?:level|shade)-\d", drawn)):
            assert mark in legend


def test_filters_keep_the_measure_and_measures_keep_the_filter(busy):
    page = busy.get(f"{HERE}?measure=cost&spots=price&workshop=shop-1").text
    for name, value in (("measure", "cost"), ("spots", "price"), ("workshop", "shop-1")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    source = "/plans/newer0000000/map.json?workshop=shop-1&amp;measure=cost&amp;spots=price"
    assert f'data-src="{source}"' in page
    assert f'<link rel="preload" as="fetch" crossorigin href="{source}">' in page


# --- what somebody chose -------------------------------------------------------------------------


def chosen_lots(page: str) -> set[str]:
    return set(re.findall(r'data-lot="([^"]+)"[^>]*class="chosen" aria-current="true"', page))


def test_a_chosen_lot_is_marked_in_the_table_and_on_the_map(shop, busy):
    row = next(row for row in shop.shown_plans[0].allocations if row.tasks[0].workshop != row.tasks[1].workshop)
    page = busy.get(f"{HERE}?chosen=lot:{row.lot}").text
    assert chosen_lots(page) == {row.lot}
    assert set(re.findall(r'map-chosen" data-flow="([^"]+)"', page)) == {
        f"{leg.from_place}~{leg.to_place}" for leg in row.legs
    }
    assert f"Lot {row.lot}: " in words(page)
    assert page.count("chart-chosen") == len({task.week for task in row.tasks})


def test_a_chosen_workshop_is_marked_wherever_it_works(shop, busy):
    page = busy.get(f"{HERE}?chosen=workshop:shop-2").text
    assert chosen_lots(page) == {
        row.lot for row in shop.shown_plans[0].allocations if "shop-2" in {task.workshop for task in row.tasks}
    }
    assert 'data-workshop="shop-2" class="chosen"' in page
    assert "Machine hours used per week, and planned for: Shop 002" in page


def test_a_chosen_neighbourhood_is_marked(shop, busy):
    place = {order.id: order.place for order in shop.orders}
    page = busy.get(f"{HERE}?chosen=place:north").text
    assert chosen_lots(page) == {row.lot for row in shop.shown_plans[0].allocations if place[row.order] == "north"}
    assert '<tr data-place="north" class="chosen"' in page


@pytest.mark.parametrize(
    "wrong", ["chosen=lot:nope", "chosen=joiners", "chosen=thing:x", "measure=beauty", "spots=age", "group=x"]
)
def test_what_is_not_there_cannot_be_chosen(busy, wrong):
    assert busy.get(f"{HERE}?{wrong}").status_code == 422


def test_every_key_figure_can_be_asked_why(busy):
    page = busy.get(HERE).text
    links = re.findall(r'class="why" href="#([\w-]+)"', page)
    assert len(links) == 9
    assert [f'id="{name}"' in page for name in links] == [True] * 9


# --- districts -----------------------------------------------------------------------------------

SUMS = ("asked", "made", "unmet", "late", "cost_cents", "distance_m")
DISTRICTS = {"north": "Upper", "south": "", "east": "Lower", "west": "upper"}


@pytest.fixture
def town(tmp_path):
    """Four neighbourhoods: two in one district, one in another, one in none; some orders go to a workshop."""
    shop = busy_workspace(tmp_path, orders=80)
    [north, south, *others] = shop.shown_region.places
    more = [
        replace(south, id=name, name=name.title(), lon=south.lon + at / 100) for at, name in ((2, "east"), (3, "west"))
    ]
    homes = [replace(home, district=DISTRICTS[home.id]) for home in (north, south, *more)]
    shop.shown_region = replace(shop.shown_region, places=(*homes, *others))
    places = ("north", "south", "east", "west", "shop-1")
    shop.orders = tuple(replace(order, place=places[n % 5]) for n, order in enumerate(shop.orders))
    return shop


def rows_of(client, kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(f"{HERE}{kind}.csv").text)))


def test_statistics_of_districts_add_up_to_those_of_neighbourhoods_and_of_the_plan(town):
    client, plan = client_of(town), town.shown_plans[0]
    homes, districts = rows_of(client, "neighbourhoods"), rows_of(client, "districts")
    for name in SUMS:
        assert sum(int(row[name]) for row in districts) == sum(int(row[name]) for row in homes)
    lots = (*plan.allocations, *plan.unmet)
    assert sum(int(row["asked"]) for row in districts) == sum(row.quantity for row in lots)
    assert sum(int(row["made"]) for row in districts) == sum(row.quantity for row in plan.allocations)
    costs = sum(int(row["cost_cents"]) for row in districts)
    assert costs + plan.overtime_cents + plan.fairness_cents == plan.cost_cents
    assert sum(int(row["distance_m"]) for row in districts) == sum(row.cost.distance_m for row in plan.allocations)


def test_every_district_is_the_sum_of_its_neighbourhoods(town):
    homes = {row["place"]: row for row in rows_of(client_of(town), "neighbourhoods")}
    districts = {row["place"]: row for row in rows_of(client_of(town), "districts")}
    members = {"upper": ("north", "west"), "lower": ("east",), "unknown": ("south",), "": ("",)}
    assert {key: row["kind"] for key, row in districts.items()} == {
        "upper": "district", "lower": "district", "unknown": "no-district", "": "elsewhere",
    }  # fmt: skip
    for key, parts in members.items():
        for name in SUMS:
            assert int(districts[key][name]) == sum(int(homes[part][name]) for part in parts)


def test_figures_by_head_are_unknown_where_the_people_of_a_part_are(town):
    """North has 5,000 people; nobody knows how many west has, so nobody knows it of their district."""
    client = client_of(town)
    homes = {row["place"]: row for row in rows_of(client, "neighbourhoods")}
    assert int(homes["north"]["units_per_100000"]) == round(100_000 * int(homes["north"]["asked"]) / 5000)
    assert int(homes["north"]["head_cents"]) == round(int(homes["north"]["cost_cents"]) / 5000)
    for row in (homes["west"], *(one for one in rows_of(client, "districts") if one["place"] == "upper")):
        assert row["population"] == row["units_per_100000"] == row["head_cents"] == ""
    page = client.get(f"{HERE}?by=district&measure=people").text
    assert "<title>Upper: units asked for by 100,000 people unknown</title>" in page
    assert "units asked for by 100,000 people: none, or unknown" in words(page)


@pytest.mark.parametrize("measure", ["share", "asked", "unmet", "late", "cost", "distance", "people"])
def test_both_maps_show_districts_by_every_measure(town, measure):
    client = client_of(town)
    page = client.get(f"{HERE}?by=district&measure={measure}").text
    data = client.get(f"{HERE}map.json?by=district&measure={measure}").get_json()
    areas = {one["properties"]["id"]: one["properties"] for one in data["areas"]["features"]}
    assert {key: one["kind"] for key, one in areas.items()} == dict.fromkeys(("upper", "lower", "unknown"), "district")
    for one in areas.values():
        assert f"<title>{one['told']}</title>" in page
        assert client.get(one["link"]).status_code == 200
    assert areas["unknown"]["told"].startswith("district unknown: ")


def test_the_table_shows_every_district_and_what_goes_elsewhere(town):
    page = client_of(town).get(f"{HERE}?by=district").text
    table = page[page.index('class="areas"') : page.index("</table>", page.index('class="areas"'))]
    rows = {row["place"]: row for row in rows_of(client_of(town), "districts")}
    told = [words(row) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)]
    assert told[1].startswith(f"Lower {rows['lower']['asked']} {rows['lower']['made']} ")
    assert told[-2].startswith(f"workshops and hubs {rows['']['asked']} ")
    assert told[-1].startswith(f"together {sum(int(row['asked']) for row in rows.values())} ")


def test_a_district_filters_the_rows_and_can_be_chosen(town):
    client = client_of(town)
    wanted = {order.id for order in town.orders if order.place in ("north", "west")}
    rows = csv.DictReader(io.StringIO(client.get(f"{HERE}plan.csv?district=upper").text))
    assert {row["order"] for row in rows} == wanted & {row.order for row in town.shown_plans[0].allocations}
    page = client.get(f"{HERE}?by=district&chosen=district:upper").text
    chosen = re.findall(r'<tr data-flows="[^"]*" data-lot="[^"]*" data-place="(\w+)"[^>]* class="chosen"', page)
    assert set(chosen) == {"north", "west"}
    assert re.search(r'class="map-area map-level-\d map-chosen"', page)
    assert 'map-chosen"' not in client.get(f"{HERE}?chosen=district:upper").text.partition('class="map-flows"')[0]


def test_a_neighbourhood_with_the_name_of_a_district_is_not_taken_for_it(town):
    """Les Corts is a neighbourhood of Les Corts."""
    places = [replace(place, id="upper") if place.id == "west" else place for place in town.shown_region.places]
    town.shown_region = replace(town.shown_region, places=tuple(places))
    town.orders = tuple(replace(one, place="upper") if one.place == "west" else one for one in town.orders)
    client = client_of(town)
    lots = {kind: client.get(f"{HERE}plan.csv?{kind}=upper").text.count("\n") for kind in ("district", "place")}
    assert lots["district"] > lots["place"] > 1
    still = client.get(f"{HERE}?by=district&chosen=place:upper").text
    assert "map-chosen" not in still[still.index('class="map-areas"') : still.index('class="map-flows"')]


def test_the_areas_go_out_as_polygons_with_their_figures(town):
    client = client_of(town)
    for kind in ("neighbourhoods", "districts"):
        rows, features = rows_of(client, kind), client.get(f"{HERE}{kind}.geojson").get_json()["features"]
        assert [str(one["properties"]["asked"]) for one in features] == [row["asked"] for row in rows]
        for one in features:
            if one["properties"]["kind"] == "elsewhere":
                assert one["geometry"] is None
            else:
                for polygon in one["geometry"]["coordinates"]:
                    assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in polygon)


def test_a_region_without_districts_has_nothing_to_switch(tmp_path):
    shop = busy_workspace(tmp_path)
    places = tuple(replace(place, district="") for place in shop.shown_region.places)
    shop.shown_region = replace(shop.shown_region, places=places)
    client = client_of(shop)
    assert 'name="by"' not in client.get(HERE).text
    assert client.get(f"{HERE}?by=district").status_code == 422
    assert rows_of(client, "districts") == []
