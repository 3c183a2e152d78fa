"""The map by a measure, and what somebody chose: figures reckoned a second time from the plan."""

import csv
import io
import re
from collections import Counter

import pytest
from web.busy import busy_workspace
from web.test_pages import client_of, words

HERE = "/plans/newer0000000/"


@pytest.fixture
def shop(tmp_path):
    return busy_workspace(tmp_path)


@pytest.fixture
def busy(shop):
    return client_of(shop)


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
        assert re.search(rf"<title>\d+ {name}: {hours} h of [\d.]+ h used</title>", page)


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
