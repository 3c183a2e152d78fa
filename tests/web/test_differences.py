"""The difference of two plans: what the page says is what a plain comparison of their lots finds."""

import csv
import io
import re
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from showcase import SHOWN_PLAN, ShownWorkspace
from web.busy import BusyWorkspace, busy_workspace
from web.planned import make_planned
from web.test_pages import client_of, words

from cosmolocal.database import open_database, save_plan
from cosmolocal.records import RunInfo
from cosmolocal.web.differences_view import figure_row
from cosmolocal.workflows.plan_differences import FigureChange

HERE = "/plans/older0000000/difference/newer0000000/"


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


def by_lot(plan) -> dict:
    return {row.lot: row for row in (*plan.allocations, *plan.unmet)}


def where(row) -> tuple:
    return (
        (row.workshop, row.week, {(task.path, task.workshop, task.week) for task in row.tasks})
        if hasattr(row, "tasks")
        else ()
    )


def test_the_rows_are_the_lots_that_are_not_where_they_were(shop, busy):
    new, old = map(by_lot, shop.shown_plans)
    rows = {row["lot"]: row for row in rows_of(busy.get(f"{HERE}lots.csv"))}
    assert rows.keys() == {lot for lot in old if where(old[lot]) != where(new[lot])}
    for lot, row in rows.items():
        was, now = old[lot], new[lot]
        assert row["workshop_before"] == getattr(was, "workshop", "")
        assert row["workshop_after"] == getattr(now, "workshop", "")
        assert int(row["cost_difference_cents"]) == now.cost.total_cents - was.cost.total_cents


def test_each_kind_is_what_its_name_says(shop, busy):
    new, old = map(by_lot, shop.shown_plans)
    kinds = {row["lot"]: row["kind"] for row in rows_of(busy.get(f"{HERE}lots.csv"))}
    for lot, kind in kinds.items():
        was, now = where(old[lot]), where(new[lot])
        expected = (
            "made-now"
            if not was
            else "imported-now"
            if not now
            else "moved"
            if was[0] != now[0]
            else "retimed"
            if was[1] != now[1]
            else "rerouted"
        )
        assert kind == expected
    assert {"moved", "made-now", "imported-now"} <= set(kinds.values())


def test_parts_that_moved_are_named_with_where_and_when(shop):
    new, old = shop.shown_plans
    lot = next(row for row in old.allocations if row.lot in by_lot(new) and where(by_lot(new)[row.lot]))
    whole, shade = lot.tasks
    for workshop, week, told in (
        ("shop-2", 0, "shade: from Shop 001 to Shop 002"),
        ("shop-1", 2, "shade: by Shop 001, week of 21 Sept instead of 7 Sept"),
    ):
        plans = [
            replace(plan, allocations=(replace(lot, tasks=(whole, replace(shade, workshop=name, week=at))),))
            for plan, name, at in ((new, workshop, week), (old, "shop-1", 0))
        ]
        client = client_of(BusyWorkspace(shop.folder, tuple(plans), shop.shown_region, shop.orders))
        assert told in words(client.get(HERE).text)
        [row] = [row for row in rows_of(client.get(f"{HERE}lots.csv")) if row["lot"] == lot.lot]
        monday = date(2026, 9, 7) + timedelta(weeks=week)
        assert (row["kind"], row["parts"]) == ("rerouted", f"shade: shop-1 2026-09-07 > {workshop} {monday}")


def test_what_concerns_a_first_article_alone_is_named(shop):
    """In words on the page, and in the twin for programs; one that came or went too."""
    new, old = shop.shown_plans
    lot = old.allocations[0]
    first = tuple(replace(task, first=True, quantity=1, workshop="shop-1", week=0) for task in lot.tasks)
    elsewhere = tuple(replace(task, workshop="shop-2") for task in first)
    for before, after, told, parts, gate in (
        (first, elsewhere, "shade (first article): from Shop 001 to Shop 002", "first article shade: shop-1", ""),
        ((), first, "a first article is made and checked before the rest", "", "added"),
        (first, (), "no first article is waited for any more", "", "removed"),
    ):
        plans = tuple(
            replace(plan, allocations=(replace(lot, tasks=(*tasks, *lot.tasks)),))
            for plan, tasks in ((new, after), (old, before))
        )
        client = client_of(BusyWorkspace(shop.folder, plans, shop.shown_region, shop.orders))
        assert told in words(client.get(HERE).text)
        [row] = [row for row in rows_of(client.get(f"{HERE}lots.csv")) if row["lot"] == lot.lot]
        assert (row["kind"], row["first_article"]) == ("rerouted", gate)
        assert parts in row["parts"]


def test_the_other_way_round_every_difference_has_the_other_sign(busy):
    there = {row["lot"]: int(row["cost_difference_cents"]) for row in rows_of(busy.get(f"{HERE}lots.csv"))}
    back = {
        row["lot"]: int(row["cost_difference_cents"])
        for row in rows_of(busy.get("/plans/newer0000000/difference/older0000000/lots.csv"))
    }
    assert there == {lot: -cents for lot, cents in back.items()}


def test_a_plan_is_not_different_from_itself(busy):
    text = words(busy.get("/plans/newer0000000/difference/newer0000000/").text)
    assert "This is one plan twice." in text
    assert "Both plans serve every lot in the same way." in text
    assert "better" not in text
    assert "worse" not in text


def test_key_figures_say_which_is_better(shop, busy):
    new, old = shop.shown_plans
    text = words(busy.get(HERE).text)
    difference = new.cost_cents - old.cost_cents
    verdict = "✓ better" if difference < 0 else "✗ worse"
    sign = "+" if difference > 0 else "−"
    assert (
        f"cost €{old.cost_cents / 100:,.0f} €{new.cost_cents / 100:,.0f} {sign}€{abs(difference) / 100:,.0f} {verdict}"
        in text
    )
    more = len(new.allocations) - len(old.allocations)
    sign = "+" if more > 0 else "−" if more else ""
    assert f"lots made here {len(old.allocations)} {len(new.allocations)} {sign}{abs(more)}" in text


@pytest.mark.parametrize(
    ("name", "before", "after", "delta"),
    [
        ("utilisation", 69, 139, "+7 points"),
        ("share_value", 939, 900, "−3.9 points"),
        ("gap", 0.004, 0.0034, "−0.06 points"),
        ("share_value", 939, 939, "0"),
        ("cost_cents", 100, 300, "+€2"),
        ("unfairness", 821, 823, "0"),
    ],
)
def test_what_lies_between_two_parts_of_a_whole_is_points_and_no_percentage(app, name, before, after, delta):
    with app.test_request_context():
        row = figure_row(FigureChange(name, before, after))
    assert row.delta == delta
    assert (row.verdict == "same") == (delta == "0")


def test_the_arrows_count_the_lots_that_changed_their_workshop(shop, busy):
    new, old = map(by_lot, shop.shown_plans)
    moved = [
        (old[lot].workshop, new[lot].workshop)
        for lot in old
        if where(old[lot]) and where(new[lot]) and old[lot].workshop != new[lot].workshop
    ]
    page = busy.get(HERE).text
    told = re.findall(r"<title>(\d+) lots? from Shop (\d+) to Shop (\d+)</title>", page)
    assert {(f"shop-{int(start)}", f"shop-{int(end)}"): int(lots) for lots, start, end in told} == {
        pair: moved.count(pair) for pair in set(moved)
    }


def test_the_map_s_twin_holds_every_move_and_every_workshop(shop, busy):
    answer = busy.get(f"{HERE}moves.geojson")
    assert answer.mimetype == "application/geo+json"
    found = [one["properties"] | one["geometry"] for one in answer.get_json(force=True)["features"]]
    new, old = map(by_lot, shop.shown_plans)
    made = [
        (old[lot].workshop, new[lot].workshop)
        for lot in old.keys() & new.keys()
        if hasattr(old[lot], "tasks") and hasattr(new[lot], "tasks") and old[lot].workshop != new[lot].workshop
    ]
    moves = {(one["before"], one["after"]): one["lots"] for one in found if one["kind"] == "move"}
    assert moves == Counter(made)
    shops = {one["id"]: one for one in found if one["kind"] == "workshop"}
    assert shops.keys() == {workshop.id for workshop in shop.region().workshops}
    for kind, plan in (("lots_before", old), ("lots_after", new)):
        lots = Counter(row.workshop for row in plan.values() if hasattr(row, "tasks"))
        assert {one: row[kind] for one, row in shops.items() if row[kind]} == lots
    assert f"{HERE}moves.geojson" in busy.get(HERE).text


def test_workshops_gain_and_lose_what_the_lots_say(shop, busy):
    new, old = shop.shown_plans
    page = words(busy.get(HERE).text)
    for number in range(6):
        name = f"shop-{number}"
        before, after = (sum(row.workshop == name for row in plan.allocations) for plan in (old, new))
        assert f"Shop {number:03} {before} {after} " in page


def test_filters_narrow_the_rows(busy):
    every = rows_of(busy.get(f"{HERE}lots.csv"))
    moved = rows_of(busy.get(f"{HERE}lots.csv?kind=moved"))
    assert [row["lot"] for row in moved] == [row["lot"] for row in every if row["kind"] == "moved"]
    dear = [int(row["cost_difference_cents"]) for row in rows_of(busy.get(f"{HERE}lots.csv?sort=-cost"))]
    assert dear == sorted(dear, reverse=True)
    assert busy.get(f"{HERE}?kind=odd&workshop=x&sort=y").status_code == 422


def test_weeks_are_compared_by_their_mondays(tmp_path, shop):
    """A plan that begins a week later counts its weeks from there."""
    plan = shop.shown_plans[0]
    later = replace(
        plan, id="later0000000", settings={**plan.settings, "start_date": "2026-08-31"},
        allocations=tuple(
            replace(row, week=row.week + 1, tasks=tuple(replace(task, week=task.week + 1) for task in row.tasks))
            for row in plan.allocations
        ),
    )  # fmt: skip
    client = client_of(BusyWorkspace(tmp_path, (later, plan), shop.shown_region, shop.orders))
    assert rows_of(client.get("/plans/newer0000000/difference/later0000000/lots.csv")) == []


def test_the_form_leads_to_the_difference(busy):
    answer = busy.get("/plans/difference?before=older0000000&after=newer0000000")
    assert (answer.status_code, answer.headers["Location"]) == (303, HERE)
    wrong = busy.get("/plans/difference?before=nope")
    assert wrong.status_code == 422
    assert "before" in wrong.text
    assert "after" in wrong.text


def test_many_lots_come_in_pages(tmp_path):
    client = client_of(busy_workspace(tmp_path, orders=300))
    page = client.get(HERE).text
    assert "all on one page" in page
    lots = page[page.index('id="lots-head"') : page.index('id="shops-head"')]
    assert lots.count('<tr role="row"><th') == 1 + 100


# --- history -------------------------------------------------------------------------------------


def test_the_history_tells_which_inputs_changed(tmp_path):
    newer = replace(
        SHOWN_PLAN, id="newer0000000", digests={**SHOWN_PLAN.digests, "workshops.yaml": "sha256:" + "f" * 64},
        settings={**SHOWN_PLAN.settings, "weeks": 6},
    )  # fmt: skip
    client = client_of(ShownWorkspace(tmp_path, (newer, SHOWN_PLAN)))
    text = words(client.get("/plans/").text)
    assert "2 inputs changed" in text
    assert "weeks 4 → 6" in text
    assert "workshops.yaml changed" in text
    assert "first of its book" in text
    rows = rows_of(client.get("/plans/history.csv"))
    assert [(row["plan"], row["compared_with"], row["changed_files"], row["changed_settings"]) for row in rows] == [
        ("newer0000000", SHOWN_PLAN.id, "workshops.yaml", "weeks"),
        (SHOWN_PLAN.id, "", "", ""),
    ]
    assert len(client.get("/plans/history.json").get_json()["rows"]) == 2


def test_the_same_inputs_are_said_to_be_the_same(tmp_path):
    client = client_of(ShownWorkspace(tmp_path, (replace(SHOWN_PLAN, id="newer0000000"), SHOWN_PLAN)))
    assert "as the plan before" in words(client.get("/plans/").text)


def test_a_plan_made_again_names_one_moment_everywhere(tmp_path):
    app = make_planned(tmp_path / "region")
    shown = app.extensions["workspace"]
    view = shown.plan(shown.plans()[0].id)
    with closing(open_database(shown.database_path)) as db:
        save_plan(db, view.plan, view.orders, RunInfo("2031-05-06T07:08:09+00:00", 1.0, ()))
    here = f"/plans/{view.plan.id}/"
    for address in ("/plans/", here, f"{here}difference/{view.plan.id}/"):
        text = words(app.test_client().get(address).text)
        assert "6 May 2031" in text, address
        assert str(date.fromisoformat(view.run.started_at[:10]).year) + "," not in text, address


def test_the_form_begins_with_the_two_newest_plans_of_one_book(tmp_path):
    plans = (
        replace(SHOWN_PLAN, id="newer0000000"),
        replace(SHOWN_PLAN, id="other0000000", book="orders/other.csv"),
        SHOWN_PLAN,
    )
    page = client_of(ShownWorkspace(tmp_path, plans)).get("/plans/").text
    chosen = re.findall(r'name="(before|after)" value="(\w+)"[^>]* checked', page)
    assert sorted(chosen) == [("after", "newer0000000"), ("before", SHOWN_PLAN.id)]


def test_one_plan_alone_cannot_be_compared(read):
    page = read("/plans/")
    assert "Show the difference" not in page
    assert 'type="radio"' not in page
