"""What each page says."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

from samples import LAMPS_GATED
from showcase import EMPTY_PLAN, OPTIMAL_PLAN, SHOWN_PLAN, BrokenWorkspace, CrashingWorkspace, ShownWorkspace, plan_with

from cosmolocal.records import StoppedBy
from cosmolocal.web import create_app, plans_view

PLAN = f"/plans/{SHOWN_PLAN.id}"


def words(page: str) -> str:
    """Return what a person reads of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def client_of(workspace):
    return create_app(workspace=workspace).test_client()


def test_the_start_page_shows_the_newest_plan(read):
    assert "Plan of autumn" in words(read("/"))


def test_newest_stands_for_the_newest_plan_in_every_address(read):
    for page in ("", "unmet", "workshops/", "workshops/makers", "orders/o-1", "map.json"):
        assert read(f"/plans/newest/{page}")


def test_the_plan_tells_how_good_it_is_and_what_to_do_next(read):
    text = words(read(f"{PLAN}/"))
    assert "Good enough as asked; at most 0.51% dearer than the best plan there can be." in text
    assert "1 lot needs a person: see why, and what would help." in text


def test_a_proved_plan_says_so(tmp_path):
    page = client_of(ShownWorkspace(tmp_path, (OPTIMAL_PLAN,))).get("/").text
    assert "Proved: no plan costs less." in words(page)


def test_every_end_of_solving_has_a_sentence_of_its_own(tmp_path):
    plans = [replace(SHOWN_PLAN, stopped_by=why) for why in StoppedBy if why is not StoppedBy.PROOF]
    leads = [words(client_of(ShownWorkspace(tmp_path, (plan,))).get("/").text).split(" at most ")[0] for plan in plans]
    assert len(set(leads)) == len(plans)


def test_the_key_figures_carry_their_units(read):
    text = words(read(f"{PLAN}/"))
    for figure in ("1 of 2 lots", "57.1% of units", "€513", "9.5 km", "1 order"):
        assert figure in text


def test_the_terms_of_the_cost_sum_up_to_the_plan_s(app):
    workspace = app.extensions["workspace"]
    with app.test_request_context("/"):
        terms = plans_view.cost_terms(workspace.plan(SHOWN_PLAN.id))
    rows = [row.cost.total_cents for row in (*SHOWN_PLAN.allocations, *SHOWN_PLAN.unmet)]
    assert sum(cents for _, cents in terms) == sum(rows) + SHOWN_PLAN.overtime_cents + SHOWN_PLAN.fairness_cents


def test_the_plan_page_holds_a_map_that_needs_no_script(read):
    page = read(f"{PLAN}/")
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="map-svg"' in page
    assert "North: 4 of 4 units made here" in page


def test_the_map_s_data_hold_areas_ways_and_spots(client):
    data = client.get(f"{PLAN}/map.json").get_json()
    assert [feature["properties"]["level"] for feature in data["areas"]["features"]] == [5, 1]
    assert [feature["properties"]["id"] for feature in data["flows"]["features"]] == ["makers~joiners", "joiners~north"]
    assert {spot["name"] for spot in data["spots"]} == {"Makers & <Friends>", "Joiners", "Middle hub"}
    west, south, east, north = data["heart"]
    assert (west < 2.14, south < 41.37, east > 2.17, north > 41.42) == (True,) * 4


def test_every_row_of_the_table_names_its_lines_on_the_map(read):
    assert 'data-flows="makers~joiners joiners~north"' in read(f"{PLAN}/")


def test_the_plan_can_be_downloaded_in_every_form(read, client):
    page = read(f"{PLAN}/")
    for form in ("csv", "json", "geojson", "html"):
        address = f"{PLAN}/plan.{form}"
        assert f'href="{address}"' in page
        answer = client.get(address)
        assert answer.text == f"{SHOWN_PLAN.id} as {form}"
        assert "attachment" in answer.headers["Content-Disposition"]


def test_what_is_shown_can_be_downloaded_alone(tmp_path):
    client = client_of(ShownWorkspace(tmp_path, (plan_with(SHOWN_PLAN, 3),)))
    assert f'href="{PLAN}/plan.csv?q=o-1/2"' in client.get("/?q=o-1/2").text
    rows = client.get(f"{PLAN}/plan.csv?q=o-1/2").text.splitlines()
    assert [row.split(",")[2] for row in rows] == ["lot", "o-1/2"]
    lines = client.get(f"{PLAN}/plan.geojson?q=o-1/2").get_json()["features"]
    assert len([line for line in lines if line["geometry"]["type"] == "LineString"]) == 2


def test_the_order_page_explains_a_choice(read):
    text = words(read(f"{PLAN}/orders/o-1"))
    assert "Makers & <Friends>" in text
    assert "Joiners would cost €2.60 less, but has no room; Joiners is the best with room." in text
    assert "€3.10 more" in text
    assert "no room: lacks 0.6 h of Assembly at Joiners in the week of 14 Sept" in text


def test_the_order_page_shows_the_cost_term_by_term(read):
    text = words(read(f"{PLAN}/orders/o-1"))
    for term in (
        "machine time €36.50 2.2 h",
        "transport €11.55 2 trips, 9.5 km",
        "lateness, weighed €2.60 1 week late",
    ):
        assert term in text
    total = SHOWN_PLAN.allocations[0].cost.total_cents
    assert f"together €{total / 100:.2f}" in text


def test_the_order_page_shows_what_is_not_made_here_and_why(read):
    text = words(read(f"{PLAN}/orders/o-2"))
    assert "It is not made here." in text
    assert "The nearest workshop that can make it, Makers & <Friends>, is 9.4 km from South: outside a radius." in text
    assert "Widen the radius of Makers & <Friends> from 9 km to 9.4 km. saves €172.00" in text


def test_the_unmet_page_lists_reasons_and_fixes(read):
    text = words(read(f"{PLAN}/unmet"))
    assert "1 lot is imported, at €432 with its weights." in text
    assert "Other orders fill the machines: in the week of 14 Sept Assembly at Joiners lacks 1.5 h." in text
    assert "too far away 1" in text


def test_the_unmet_page_can_be_narrowed_to_a_reason(read):
    assert "o-2/1" in read(f"{PLAN}/unmet?reason=radius")
    assert "No lot fits these filters." in read(f"{PLAN}/unmet?reason=too-late")
    assert "No lot fits these filters." in read(f"{PLAN}/unmet?q=lamp")


def test_the_workshop_page_shows_load_per_week_and_group(read):
    page = read(f"{PLAN}/workshops/joiners")
    assert page.count('class="chart"') == 1
    text = words(page)
    assert "21 Sept 0.7 h 10 h" in text
    assert "14 Sept 0 h 10 h €14.00" in text
    assert "One more machine hour here would save up to €14.00." in text


def test_the_workshops_page_numbers_them_as_the_map_does(read):
    text = words(read(f"{PLAN}/workshops/"))
    assert re.search(r"1 Joiners 1 1 of 40 h .* 2 Makers & <Friends> 0 2 of 40 h", text)


def test_without_a_plan_the_start_page_tells_the_command_to_run(tmp_path):
    client = client_of(ShownWorkspace(tmp_path, plans=()))
    assert "cosmolocal plan orders/NAME.csv" in words(client.get("/").text)
    assert client.get("/").status_code == 200
    assert "cosmolocal plan orders/NAME.csv" in words(client.get("/plans/").text)
    assert client.get("/plans/newest/unmet").status_code == 404


def test_a_plan_of_nothing_is_shown(tmp_path):
    client = client_of(ShownWorkspace(tmp_path, (EMPTY_PLAN,)))
    assert "Nothing in this plan is made here." in words(client.get("/").text)
    for page in ("unmet", "workshops/", "workshops/makers", "orders/o-1"):
        assert client.get(f"/plans/newest/{page}").status_code == 200


def test_a_long_plan_is_shown_in_pages(tmp_path):
    client = client_of(ShownWorkspace(tmp_path, (plan_with(SHOWN_PLAN, 450),)))
    assert client.get("/").text.count("<tr data-flows") == 100
    last = client.get("/?page=5").text
    assert last.count("<tr data-flows") == 50
    assert 'href="/?page=4"' in last


def test_what_does_not_exist_is_said_in_plain_words(client):
    for address in (
        "/nowhere",
        "/plans/nope/",
        f"{PLAN}/orders/o-9",
        f"{PLAN}/workshops/no",
    ):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "Not found" in words(answer.text)


def test_every_fault_of_the_files_is_listed(tmp_path):
    answer = client_of(BrokenWorkspace(tmp_path)).get("/")
    assert answer.status_code == 422
    text = words(answer.text)
    assert "2 faults in the files of the region:" in text
    assert "workshops.yaml: workshops[2].lat found 441; must be from -90 to 90 W012" in text
    assert "cosmolocal validate" in text


def test_a_fault_of_our_own_is_owned_and_tells_no_secret(tmp_path):
    answer = client_of(CrashingWorkspace(tmp_path)).get("/")
    assert answer.status_code == 500
    assert "Our fault" in answer.text
    assert "secret" not in answer.text


def test_a_method_that_is_not_there_is_refused_in_plain_words(client):
    answer = client.post("/plans/")
    assert answer.status_code == 405
    assert "This address cannot be used in this way." in answer.text


def test_the_order_page_says_how_a_lot_waits_for_its_first_article(tmp_path):
    plan = replace(SHOWN_PLAN, id="gated0000000", allocations=(LAMPS_GATED,))
    client = client_of(ShownWorkspace(tmp_path, (plan,)))
    text = words(client.get(f"/plans/{plan.id}/orders/o-1").text)
    assert (
        "First article: in the week of 14 Sept Joiners makes one unit. Only when it is checked may the rest be begun, "
        "from the week of 21 Sept on as planned."
    ) in text
    before, _, after = text.partition("(first article) 2 Makers & <Friends> 7 Sept Laser cutting 0.6 h")
    assert "(the whole) (first article) 1 Joiners 14 Sept" in before
    assert "(the whole) 3 Joiners 28 Sept" in after
    text = words(client.get(f"/plans/{plan.id}/workshops/makers").text)
    assert "(first article: week of 7 Sept)" in text


def test_nothing_is_said_of_first_articles_where_there_is_none(read):
    for page in ("orders/o-1", "workshops/makers"):
        assert "first article" not in read(f"{PLAN}/{page}").lower()


def test_the_table_of_what_people_do_names_routes_modules_and_tests_that_there_are(client):
    """docs/web.md: an address of a route, by the names of its parts; a module of the pages; a file of tests, or one."""
    root = Path(__file__).parents[2]
    lines = (root / "docs/web.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in lines if "test_" in row]
    routes = {re.sub(r"<[^>]*:", "<", rule.rule) for rule in client.application.url_map.iter_rules()}
    forms = re.compile(r"<[^>]*form>")
    routes |= {forms.sub(form, rule) for rule in routes for form in ("csv",) if "form>" in rule}
    assert len(rows) > 35
    for _, where, modules, tests in rows:
        assert set(re.findall(r"`(/[^`]*)`", where)) <= routes, where
        for module in filter(None, modules.split(", ")):
            assert [*(root / "cosmolocal/web").glob(f"{module}*")], module
        for name in re.findall(r"`([^`]+)`", tests):
            file, _, function = name.partition("::")
            text = (root / "tests" / file).read_text("utf-8")
            assert not function or f"def {function}(" in text, name
