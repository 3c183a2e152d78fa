"""The page of the road, and the page for everybody, which knows nothing of single orders."""

import json
import re
from pathlib import Path

import pytest
from cli.small_region import run
from web.accounts import client_as, post
from web.bench_shop import copy_region, open_house
from web.planned import settle
from web.test_designs import words

from cosmolocal.planning.solvers.solution import Watch
from cosmolocal.web import create_app, open_pages
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.plan_publishing import publish_plan
from cosmolocal.workflows.roads import MOST_OTHERS, Wanted, answer_road, kept_view, read_road_request
from cosmolocal.workflows.roads import write_road as keep_found
from torture.lamp_region import write_region
from torture.road_files import write_road

OPEN = ("/open/", "/open/plan.csv", "/open/plan.json", "/open/plan.geojson", "/open/neighbourhoods.csv")
#: what people write into order books
PRIVATE = ("Ada-Lovelace-42", "Carrer de la Pau 7", "ada@example.org", "third bell")
BOOK = f"""id,design,version,quantity,place,due_date,address,contact
{PRIVATE[0]},us~lamp,*,5,home,2026-09-18,"{PRIVATE[1]}, {PRIVATE[3]}",{PRIVATE[2]}
{PRIVATE[0]}-b,us~lamp,*,4,home,2026-09-25,"{PRIVATE[1]}, {PRIVATE[3]}",{PRIVATE[2]}
"""


@pytest.fixture
def folder(planned, tmp_path) -> Path:
    return copy_region(planned[0], tmp_path / "region")


def publish_private(folder: Path) -> None:
    """Plan and publish an order book that is full of what nobody else may read."""
    book = folder / "orders/private.csv"
    book.write_text(BOOK, "utf-8")
    result = run("plan", book, "--region", folder, "--json")
    assert result.exit_code == 0, result.output
    result = run("publish-plan", json.loads(result.stdout)["plan"], "--region", folder)
    assert result.exit_code == 0, result.output


def find_road(folder: Path) -> None:
    write_road(folder)
    assert run("road", "--region", folder, "--quiet").exit_code == 0


def test_a_region_without_road_files_says_what_to_write(folder: Path):
    page = open_house(folder, None)[0].test_client().get("/road/").text
    assert "write consumption.yaml and road.yaml" in page
    assert '<form class="road-find' not in page


def test_a_planner_finds_the_road_from_its_page(folder: Path):
    write_road(folder)
    app = open_house(folder, None)[0]
    pia = client_as(app, "pia")
    assert "Find the road" in pia.get("/road/").text
    assert "Find the road" not in app.test_client().get("/road/").text
    answer = post(pia, "/road/")
    assert answer.status_code == 303
    settle(app.extensions["runner"])
    told = words(pia.get(answer.headers["Location"]).text)
    assert "asked for the road to the target" in told
    assert "It is done, and the road is kept." in told
    assert "as road.yaml says" in told
    assert "the road to the target" in words(pia.get("/runs/").text)
    page = app.test_client().get("/road/").text
    assert "Small can make 50" in page
    assert "Laser &lt;cutter&gt;" in page
    assert "a survey of the tests" in page
    assert page.count('class="mark">assumed') > 5


def test_another_target_is_sought_kept_beside_and_led_to(folder: Path):
    find_road(folder)
    app = open_house(folder, None)[0]
    pia = client_as(app, "pia")
    answer = post(pia, "/road/", {"target": "35", "year": "2030", "budget": "45000.50"})
    settle(app.extensions["runner"])
    page = pia.get(answer.headers["Location"]).text
    assert "/road/?target=35&amp;budget=45000.50" in page
    everybody = app.test_client()
    shown = everybody.get("/road/?target=35&budget=45000.50").text
    assert "has another target or budget" in shown
    told = everybody.get("/road/road.json?target=35&budget=45000.50").json
    assert (told["target_percent"], told["yearly_budget_cents"]) == (35, 4_500_050)
    as_filed = everybody.get("/road/road.json").json
    assert as_filed["target_percent"] == 40
    assert everybody.get("/road/road.json?target=40&year=2030&budget=40000").json == as_filed
    assert everybody.get("/road/road.json?target=36").status_code == 404


def test_a_wrong_wish_is_told_and_kept_and_nothing_is_asked(folder: Path):
    write_road(folder)
    app = open_house(folder, None)[0]
    pia = client_as(app, "pia")
    answer = post(pia, "/road/", {"target": "120", "year": "soon", "budget": "much"})
    assert answer.status_code == 422
    assert answer.text.count("P112") == 3
    assert 'value="much"' in answer.text
    assert app.extensions["runner"].list_newest() == ()
    assert pia.get("/road/?target=120").status_code == 200, "the page says what is wrong with its address"


def test_a_run_that_is_cancelled_keeps_no_road(folder: Path):
    write_road(folder)
    app = open_house(folder, None)[0]
    workspace, watch = app.extensions["workspace"], Watch()
    watch.stop.set()
    answer_road(workspace, read_road_request(workspace, {}), watch)
    assert kept_view(workspace) is None
    seen = []
    watch = Watch(listener=seen.append)
    answer_road(workspace, read_road_request(workspace, {}), watch)
    road = kept_view(workspace).road
    assert [(one.cost_cents, one.bound_cents) for one in seen] == [(road.cost_cents, road.bound_cents)]


def test_only_the_newest_roads_with_other_wishes_are_kept(folder: Path):
    find_road(folder)
    workspace = Workspace(folder)
    view = kept_view(workspace)
    for number in range(MOST_OTHERS + 3):
        keep_found(workspace, view, Wanted(budget=1000 + number))
    kept = {path.stem for path in (folder / "build/roads").glob("*.json")}
    assert len(kept) == MOST_OTHERS
    assert "--1000" not in kept
    assert kept_view(workspace) is not None


def test_faults_of_the_files_are_told_to_who_asks(folder: Path):
    write_road(folder)
    (folder / "road.yaml").write_text("road: {}\n", "utf-8")
    app = open_house(folder, None)[0]
    assert post(client_as(app, "pia"), "/road/").status_code == 422
    assert "No road was found yet" in app.test_client().get("/road/").text


def test_a_road_of_other_files_is_not_shown(folder: Path):
    find_road(folder)
    client = create_app(folder, secret_key=b"of the tests").test_client()
    assert "Small can make" in client.get("/road/").text
    path = folder / "road.yaml"
    path.write_text(path.read_text("utf-8").replace("percent: 40", "percent: 45"), "utf-8")
    assert "No road was found yet" in client.get("/road/").text
    assert client.get("/road/road.json").status_code == 404


def test_a_kept_road_that_is_cut_short_is_no_road(folder: Path):
    find_road(folder)
    kept = folder / "build/road.json"
    kept.write_text(kept.read_text("utf-8")[:-50], "utf-8")
    assert "No road was found yet" in create_app(folder, secret_key=b"x").test_client().get("/road/").text


def test_the_twins_say_what_the_page_says(folder: Path):
    find_road(folder)
    client = create_app(folder, secret_key=b"of the tests").test_client()
    document = client.get("/road/road.json").json
    rows = client.get("/road/road.csv").text.splitlines()
    assert len(rows) == 1 + len(document["road"]["years"]) == 5
    assert "<svg" in client.get("/road/road.html").text
    for language in ("fr", "es", "ca"):
        assert client.get(f"/road/?lang={language}").status_code == 200


def test_before_a_plan_is_published_the_open_page_says_so(folder: Path):
    client = open_house(folder, None)[0].test_client()
    assert "no plan was published" in client.get("/open/").text
    for address in OPEN[1:]:
        assert client.get(address).status_code == 404
    assert client.get("/open/road.csv").status_code == 404


def test_nothing_of_single_orders_is_open(folder: Path):
    """Addresses, contacts, notes and names within the ids of orders are in the book, and in nothing that is open."""
    publish_private(folder)
    find_road(folder)
    client = create_app(folder, secret_key=b"of the tests").test_client()
    for address in (*OPEN, "/open/road.csv", "/open/road.json"):
        for language in ("en", "ca"):
            answer = client.get(f"{address}?lang={language}")
            assert answer.status_code == 200, address
            assert [word for word in PRIVATE if word.casefold() in answer.text.casefold()] == [], address
            assert "private" not in answer.text.replace("-private", ""), address


def test_what_is_open_are_the_sums_of_the_plan(folder: Path):
    publish_private(folder)
    client = create_app(folder, secret_key=b"of the tests").test_client()
    document = client.get("/open/plan.json").json
    assert (document["units"], document["units_made_here"]) == (9, 9)
    assert sum(row["units"] for row in document["made"]) == 9
    assert [(row["place"], row["units_asked"], row["units_made_here"]) for row in document["neighbourhoods"]] == [
        ("home", 9, 9)
    ]
    assert document.keys() == {
        "region", "licence", "attribution", "published_on", "units", "units_made_here", "neighbourhoods", "made",
    }  # fmt: skip


def test_the_table_for_everybody_comes_in_pages_that_hold_every_row_once(folder: Path, monkeypatch):
    """Of a large city it has thousands of rows; what asks for a page that cannot be is told so."""
    monkeypatch.setattr(open_pages, "ROWS", 1)
    publish_plan(Workspace(folder), OPERATOR, Workspace(folder).plans()[0].id)
    client = create_app(folder, secret_key=b"of the tests").test_client()
    made = client.get("/open/plan.json").json["made"]
    assert len(made) > 1
    shown = []
    for number in range(1, len(made) + 1):
        table = client.get(f"/open/?page={number}").text.partition('id="where"')[2].partition("</table>")[0]
        shown += [tuple(re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row)) for row in table.split("<tr>")[2:]]
    assert [(*row[:3], int(row[3])) for row in shown] == [
        (row["workshop_name"], row["design_name"], row["place_name"], row["units"]) for row in made
    ]
    assert client.get("/open/?page=x").status_code == 422


def test_the_licence_is_told_or_said_to_be_unknown(folder: Path):
    publish_private(folder)
    client = create_app(folder, secret_key=b"of the tests").test_client()
    assert "licence of these data is unknown" in client.get("/open/").text
    assert client.get("/open/plan.geojson").json["licence"] == "unknown"
    path = folder / "region.yaml"
    path.write_text(path.read_text("utf-8").replace("name: Small", "name: Small, open_data_licence: ODbL-1.0"), "utf-8")
    assert "ODbL-1.0" in client.get("/open/").text
    for address in ("/open/plan.json", "/open/plan.geojson"):
        assert client.get(address).json["licence"] == "ODbL-1.0"
    for address in ("/open/plan.csv", "/open/neighbourhoods.csv"):
        head, *rows = client.get(address).text.splitlines()
        assert "licence" in head.split(",")
        assert all("ODbL-1.0" in row for row in rows)
        assert rows


def test_an_empty_region_still_has_the_page(tmp_path):
    folder = tmp_path / "region"
    write_region(folder)
    (folder / "designs").mkdir()
    app = create_app(folder, secret_key=b"of the tests")
    assert app.test_client().get("/open/").status_code in (200, 422)
