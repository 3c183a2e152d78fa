"""Wishes on the page of an order, their list, and the page that shows what moved and why."""

import json
import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from cli.small_region import run
from web.accounts import client_as, post
from web.planned import BOOK, make_planned, settle
from web.test_designs import words

from cosmolocal.errors import ForbiddenError
from cosmolocal.records import Earlier, EarlierTask, LotState, Move, Person, Reason, Role, WishKind
from cosmolocal.web.names import Names
from cosmolocal.web.steering_view import tell_move, tell_part
from cosmolocal.workflows.moved import CAUSES, Cause, MovedPart, find_moved, find_moved_parts
from cosmolocal.workflows.steering import collect_steering
from cosmolocal.workflows.wishing import add_wish, list_wishes, withdraw_wish

SEPTEMBER_14 = "2026-09-14"


@pytest.fixture
def app(tmp_path):
    app = make_planned(tmp_path / "region")
    yield app
    app.extensions["runner"].close()


@pytest.fixture
def planner(app):
    return client_as(app, "petra", Role.PLANNER)


@pytest.fixture
def plan(app):
    workspace = app.extensions["workspace"]
    return workspace.plan(workspace.plans()[0].id).plan


@pytest.fixture
def order_page(plan):
    return f"/plans/{plan.id}/orders/A"


def wish(planner, page, **values):
    return post(planner, f"{page}/wishes", values)


def held(app, order=""):
    workspace = app.extensions["workspace"]
    return list_wishes(workspace, "small", BOOK if order else "", order)


def plan_again(app, planner, plan, **more):
    """Ask for the plan that follows, and return it."""
    form = {"book": BOOK, "seconds": "20", "gap": "0", "previous": plan.id} | more
    address = post(planner, "/runs/", form).headers["Location"]
    settle(app.extensions["runner"])
    found = app.extensions["runner"].find(int(address.rpartition("/")[2]))
    assert found.problems == ()
    return app.extensions["workspace"].plan(found.plan).plan


def places(plan):
    return {row.lot: (row.workshop, row.week) for row in plan.allocations}


def test_a_lot_is_sent_elsewhere_and_the_page_shows_what_moved_and_why(app, planner, plan, order_page):
    assert places(plan)["A/1"][0] == "north"
    values = {"kind": "place", "lot": "A/1", "workshop": "south", "monday": SEPTEMBER_14, "note": "they need the work"}
    answer = wish(planner, order_page, **values)
    assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (303, order_page)
    page = words(planner.get(order_page).text)
    assert "lot A/1: by South Makers in the week of 14 Sept 2026 they need the work" in page
    again = plan_again(app, planner, plan, **{"most-moves": "0"})
    assert places(again)["A/1"] == ("south", 1)
    [move] = again.changes.moves
    assert (move.lot, move.forced, move.why.code) == ("A/1", True, "wished")
    page = words(planner.get(f"/plans/{again.id}/changes").text)
    assert "1 lot moved against the plan before" in page
    assert "A planner wants it made by South Makers in the week of 14 Sept." in page
    assert "wished there 1" in page
    assert re.search(r"A/1 5 North Makers, week of \d+ Sept South Makers, week of 14 Sept €[\d.]+ more", page)
    assert "A/1: South Makers, week of 14 Sept – it is so." in page
    audit = run("audit", again.id, "--region", app.extensions["workspace"].folder, "--json")
    assert json.loads(audit.stdout)["problems"] == []


def test_the_costs_of_what_moved_add_up_to_the_difference_of_the_plans(app, planner, plan, order_page):
    """In a region without overtime and uneven load the plan's cost is that of its lots."""
    wish(planner, order_page, kind="place", lot="A/1", workshop="south", monday=SEPTEMBER_14)
    wish(planner, order_page.replace("/A", "/B"), kind="avoid", lot="", workshop="north")
    again = plan_again(app, planner, plan)
    moved = find_moved(app.extensions["workspace"], again)
    assert len(moved.lots) == 3
    assert sum(lot.extra_cents for lot in moved.lots) == again.cost_cents - plan.cost_cents
    assert dict(moved.counts) == {Cause.WISHED: 1, Cause.FORBIDDEN: 2}
    assert moved.stayed + len(moved.lots) == len(plan.allocations)


def test_a_lot_that_is_to_stay_stays_though_elsewhere_became_cheaper(app, planner, plan, order_page):
    path = app.extensions["workspace"].folder / "workshops.yaml"
    wish(planner, order_page, kind="stay", lot="A/1")
    path.write_text(path.read_text().replace("hourly_cost: 12,", "hourly_cost: 90,"))
    again = plan_again(app, planner, plan)
    assert places(again)["A/1"] == places(plan)["A/1"]
    assert {move.lot for move in again.changes.moves} == {"B/1", "B/2"}
    assert "cheaper elsewhere 2" in words(planner.get(f"/plans/{again.id}/changes").text)


def test_a_wish_taken_back_binds_no_later_plan(app, planner, plan, order_page):
    wish(planner, order_page, kind="avoid", lot="A/1", workshop="north", note="a feud")
    away = plan_again(app, planner, plan)
    assert places(away)["A/1"][0] == "south"
    [kept] = held(app, "A")
    page = planner.get("/wishes/").text
    assert "lot A/1: not by North Makers" in words(page)
    assert "a feud" in page
    answer = post(planner, f"/wishes/{kept.id}/withdraw", {"plan": away.id, "order": "A"})
    assert answer.headers["Location"] == f"/plans/{away.id}/orders/A?done=withdrawn#wishes"
    back = plan_again(app, planner, away)
    assert places(back)["A/1"] == places(plan)["A/1"]
    assert back.changes.forbidden == ()
    assert post(planner, f"/wishes/{kept.id}/withdraw").status_code == 404


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"kind": "place", "lot": "A/1", "workshop": "south", "monday": "2027-09-06"}, "outside the weeks"),
        ({"kind": "place", "lot": "A/1", "workshop": "moon", "monday": SEPTEMBER_14}, "P123 wish: workshop"),
        ({"kind": "place", "lot": "A/1", "workshop": "south"}, "P123 wish: week"),
        ({"kind": "place", "lot": "A/9", "workshop": "south", "monday": SEPTEMBER_14}, "P123 wish: lot"),
        ({"kind": "place", "lot": "", "workshop": "south", "monday": SEPTEMBER_14}, "P123 wish: lot"),
        ({"kind": "stay", "lot": ""}, "P123 wish: lot"),
        ({"kind": "avoid", "lot": "", "workshop": ""}, "P123 wish: workshop"),
        ({"kind": "dance", "lot": "A/1"}, "P123 wish: what is asked for"),
        ({}, "P123 wish: what is asked for"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason_and_kept_in_the_form(app, planner, order_page, values, told):
    answer = wish(planner, order_page, **values, note="please do")
    assert answer.status_code == 422
    assert told in words(answer.text)
    if values.get("lot") == "A/1" and values["kind"] == "place":
        assert 'value="please do"' in answer.text
    assert held(app) == ()


def test_a_closed_workshop_a_lot_outside_its_radius_and_a_forbidden_one_are_refused(app, planner, plan, order_page):
    far = f"/plans/{plan.id}/orders/FAR"
    values = {"kind": "place", "workshop": "south", "monday": SEPTEMBER_14}
    assert "cannot make it and bring it to Home" in words(wish(planner, far, lot="FAR/1", **values).text)
    wish(planner, order_page, kind="avoid", lot="", workshop="south")
    assert "A planner does not want it made by South Makers." in words(
        wish(planner, order_page, lot="A/1", **values).text
    )
    path = app.extensions["workspace"].folder / "workshops.yaml"
    path.write_text(path.read_text().replace("id: south\n", "id: south\n    status: closed\n"))
    assert "South Makers makes nothing now." in words(
        wish(planner, order_page.replace("/A", "/B"), lot="B/1", **values).text
    )


def test_a_new_wish_takes_the_place_of_what_it_contradicts(app, planner, order_page):
    wish(planner, order_page, kind="stay", lot="A/1")
    wish(planner, order_page, kind="place", lot="A/1", workshop="south", monday=SEPTEMBER_14)
    assert [(one.kind, one.workshop) for one in held(app, "A")] == [(WishKind.PLACE, "south")]
    wish(planner, order_page, kind="avoid", lot="A/1", workshop="south")
    assert [(one.kind, one.workshop) for one in held(app, "A")] == [(WishKind.AVOID, "south")]
    wish(planner, order_page, kind="place", lot="A/1", workshop="south", monday=SEPTEMBER_14)
    assert [(one.kind, one.workshop) for one in held(app, "A")] == [(WishKind.PLACE, "south")]


def test_a_wish_that_can_no_longer_be_met_is_told_and_the_plan_is_made(app, planner, plan, order_page):
    wish(planner, order_page, kind="place", lot="A/1", workshop="south", monday=SEPTEMBER_14)
    path = app.extensions["workspace"].folder / "workshops.yaml"
    path.write_text(path.read_text().replace("id: south\n", "id: south\n    status: closed\n"))
    again = plan_again(app, planner, plan)
    assert places(again)["A/1"] == places(plan)["A/1"]
    page = words(planner.get(f"/plans/{again.id}/changes").text)
    assert "A/1: South Makers, week of 14 Sept – cannot be so. South Makers makes nothing now." in page


def test_wishes_are_of_one_order_book_and_in_weeks_of_the_region(app, planner, plan, order_page):
    wish(planner, order_page, kind="place", lot="A/1", workshop="south", monday=SEPTEMBER_14)
    workspace = app.extensions["workspace"]
    path = workspace.folder / "region.yaml"
    path.write_text(path.read_text().replace("2026-09-07", "2026-08-31"))
    [pin] = collect_steering(workspace, plan, workspace.region()).pinned
    assert (pin.lot, pin.workshop, pin.week) == ("A/1", "south", 2)


def test_only_planners_see_the_forms_and_wish(app, client, plan, order_page):
    maker = client_as(app, "mia", Role.MAKER)
    for reader in (client, maker):
        page = reader.get(order_page).text
        assert "Steer lot" not in page
        assert "Wishes for this order" not in page
    workspace, mia = app.extensions["workspace"], Person("mia", "Mia", frozenset({Role.MAKER}))
    view = workspace.plan(plan.id)
    with pytest.raises(ForbiddenError):
        add_wish(workspace, mia, (view, view.orders[0]), {"kind": "stay", "lot": "A/1"})
    with pytest.raises(ForbiddenError):
        withdraw_wish(workspace, mia, 1)
    assert held(app) == ()


def test_every_reason_of_a_move_has_a_cause():
    assert set(CAUSES.values()) | {Cause.CHANGED} == set(Cause)


def test_a_plan_from_scratch_says_that_it_follows_no_other(client, planner, plan):
    told = words(planner.get(f"/plans/{plan.id}/changes").text)
    assert "Nothing moved: this plan was made from scratch and follows no other." in told
    assert "Plan again with least change" in told
    assert "Plan again" not in words(client.get(f"/plans/{plan.id}/changes").text), "readers cannot"
    assert client.get("/plans/nothing/changes").status_code == 404


def test_a_lot_of_which_only_parts_move_says_so(app):
    with app.test_request_context():
        names = Names.of(app.extensions["workspace"].region())
        move = Move("A/1", "south", 1, "south", 1, Reason("cheaper", {"saves_cents": 500}), forced=False)
        was, now, _ = tell_move(move, names)
        assert was.startswith("South")
        assert now == "there too, but parts of it are made elsewhere or on other machines"
        _, later, _ = tell_move(replace(move, to_week=2), names)
        assert later.startswith("South")


def test_parts_that_moved_are_named(app, plan):
    """A part has moved where a workshop or a machine group of it is another one; weeks do not count."""
    row = plan.allocations[0]
    tasks = tuple(EarlierTask(t.path, t.workshop, tuple(use.group for use in t.uses)) for t in row.tasks)
    earlier = Earlier(row.lot, row.order, row.quantity, LotState.PLANNED, row.workshop, row.week, tasks)
    assert find_moved_parts(earlier, row) == ()
    later = replace(row, week=row.week + 1, tasks=tuple(replace(task, week=task.week + 1) for task in row.tasks))
    assert find_moved_parts(earlier, later) == ()
    part = EarlierTask("leg", "south", ("saw",))
    assert find_moved_parts(replace(earlier, tasks=(*tasks, part)), row) == (), "a part that is gone did not move"
    made = replace(row.tasks[0], path="leg", part="leg", workshop="north", uses=())
    now = replace(row, tasks=(*row.tasks, made))
    assert find_moved_parts(replace(earlier, tasks=(*tasks, part)), now) == (MovedPart("leg", ("south",), ("north",)),)
    same = replace(part, workshop="north")
    assert find_moved_parts(replace(earlier, tasks=(*tasks, same)), now) == (MovedPart("leg", ("north",), ("north",)),)
    with app.test_request_context():
        names = Names.of(app.extensions["workspace"].region())
        assert tell_part(MovedPart("leg", ("south",), ("north",)), names) == "leg: South Makers → North Makers"
        assert tell_part(MovedPart("leg", ("north",), ("north",)), names) == "leg: other machines of North Makers"


def test_a_plan_that_follows_another_leads_to_what_moved(app, planner, plan):
    again = plan_again(app, planner, plan)
    assert f'href="/plans/{again.id}/changes"' in planner.get(f"/plans/{again.id}/").text
    assert "Nothing moved: every lot is made where and when it was." in words(
        planner.get(f"/plans/{again.id}/changes").text
    )
    form = planner.get(f"/runs/new?previous={again.id}").text
    assert "Plan again with least change" in form
    assert f'<option value="{again.id}" selected>' in form
