"""Lists on the web: shown first, decided row by row, brought in as shown; what a person confirmed stays."""

import io
import json
import re
from pathlib import Path

import pytest
from cli.small_region import make_region
from flask import Flask
from flask.testing import FlaskClient
from web.accounts import client_as, post, use_fakes
from werkzeug.test import TestResponse

from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Role, Workshop
from cosmolocal.web import create_app
from cosmolocal.web.imports_view import SHOWN
from cosmolocal.workflows.exchanging import export_workshops
from cosmolocal.workflows.importing import Request, apply_import, review_import
from cosmolocal.workflows.kept_lists import MAX_BYTES, MOST_LISTS, keep_list
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.register import read_workshops

PAGE = "/workshops/import"
LABS = [
    {"facility": {"name": "Hort Lab", "url": "https://example.org/labs/hort"},
     "geocoding": {"latitude": 41.401, "longitude": 2.161}, "capabilities": ["laser"]},
    {"facility": {"name": "Other Hands", "url": "https://example.org/labs/other"},
     "geocoding": {"latitude": 41.42, "longitude": 2.16}, "capabilities": []},
    {"facility": {"name": "Nowhere Lab", "url": "https://example.org/labs/nowhere"}},
]  # fmt: skip
SURVEY = (
    "Nom;Adreça;Latitud;Longitud;Màquines;Hores setmanals;Preu hora;Telèfon\n"
    "Taller de l'Hort;Carrer Llarg 3;41,401;2,161;làser;18;12,50;600\n"
    "Banc de fusta;Carrer Curt 1;41,39;2,17;lazer cuting;10;9;601\n"
)
SOURCE = {"source": "survey of the city", "date": "2026-09-01", "licence": "CC0-1.0"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = create_app(make_region(tmp_path / "region"), secret_key=b"of the tests")
    use_fakes(app)
    return app


@pytest.fixture
def pia(app: Flask) -> FlaskClient:
    return client_as(app, "pia", Role.PLANNER)


def folder_of(app: Flask) -> Path:
    return Path(app.extensions["workspace"].folder)


def register(app: Flask) -> dict[str, Workshop]:
    found = read_workshops(folder_of(app) / "workshops.yaml", load_vocabulary())
    return {workshop.id: workshop for workshop in found}


def kept(app: Flask) -> list[str]:
    return sorted(path.name for path in (folder_of(app) / "build/imports").glob("*"))


def upload(client: FlaskClient, name: str, content: str | bytes, **fields: str) -> TestResponse:
    data = content.encode() if isinstance(content, str) else content
    sent = {"do": "look", **SOURCE, **fields, "file": (io.BytesIO(data), name)}
    return post(client, PAGE, sent, content_type="multipart/form-data")


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would send of the form: hidden fields, texts, and what is chosen."""
    form = page[page.index('id="import-form"') :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if named.get("type") in ("hidden", "text", "date") and named.get("name") != "csrf_token":
            found[named["name"]] = named.get("value", "")
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else re.search(r'<option value="([^"]*)"', inside)[1]
    return {name: value.replace("&#39;", "'").replace("&amp;", "&") for name, value in found.items()}


def again(client: FlaskClient, page: str, do: str = "look", **changes: str) -> TestResponse:
    return post(client, PAGE, fields_of(page) | changes | {"do": do})


def counts_of(page: str) -> dict[str, int]:
    tally = page[page.index('class="tally"') : page.index("</ul>", page.index('class="tally"'))]
    names = {"to be added": "new", "to be changed": "changed", "in doubt": "doubtful", "refused": "refused"}
    found = re.findall(r"<b>(\d+)</b> ([^<]+)", tally)
    return {names[word]: int(number) for number, word in found if word in names}


def test_a_list_is_shown_first_and_nothing_is_written(app: Flask, pia: FlaskClient):
    before = (folder_of(app) / "workshops.yaml").read_bytes()
    answer = upload(pia, "labs.json", json.dumps(LABS))
    assert answer.status_code == 200
    assert counts_of(answer.text) == {"new": 1, "changed": 0, "doubtful": 1, "refused": 1}
    for told in ("Hort Lab", "stands at the same coordinates as north", "has no coordinates"):
        assert told in answer.text
    assert (folder_of(app) / "workshops.yaml").read_bytes() == before
    assert not (folder_of(app) / "equipment.csv").exists()


def test_what_was_shown_and_decided_is_brought_in_with_its_provenance(app: Flask, pia: FlaskClient):
    shown = upload(pia, "labs.json", json.dumps(LABS)).text
    fields = fields_of(shown)
    [place] = [name for name, value in fields.items() if name.startswith("row-name-") and value == "labs[1]"]
    decided = again(pia, shown, **{place.replace("name-", ""): "new"}).text
    assert counts_of(decided) == {"new": 2, "changed": 0, "doubtful": 0, "refused": 1}
    answer = again(pia, decided, "apply")
    assert answer.status_code == 303, answer.text
    after = register(app)
    assert set(after) == {"north", "south", "hort-lab", "other-hands"}
    origin = after["other-hands"].imported[0]
    assert (origin.source, str(origin.day), origin.licence) == ("survey of the city", "2026-09-01", "CC0-1.0")
    assert kept(app) == []
    page = pia.get(answer.location).text
    assert "2 rows were added" in page
    assert counts_of(upload(pia, "labs.json", json.dumps(LABS)).text)["new"] == 0


def test_a_row_in_doubt_may_be_the_workshop_that_is_there_or_be_left_out(app: Flask, pia: FlaskClient):
    shown = upload(pia, "labs.json", json.dumps(LABS)).text
    same = again(pia, shown, **{"row-1": "north"}).text
    assert counts_of(same) == {"new": 1, "changed": 1, "doubtful": 0, "refused": 1}
    left = again(pia, same, **{"row-1": "leave"}).text
    assert counts_of(left) == {"new": 1, "changed": 0, "doubtful": 0, "refused": 2}
    undecided = again(pia, left, **{"row-1": ""}).text
    assert counts_of(undecided)["doubtful"] == 1
    back = again(pia, undecided, **{"row-1": "north"}).text
    assert again(pia, back, "apply").status_code == 303
    assert [origin.source for origin in register(app)["north"].imported] == ["survey of the city"]
    assert register(app)["north"].name == "North Makers"


def test_what_would_be_done_otherwise_than_it_was_shown_is_shown_again(app: Flask, pia: FlaskClient):
    shown = upload(pia, "labs.json", json.dumps(LABS)).text
    answer = again(pia, shown, "apply", **{"row-1": "new"})
    assert answer.status_code == 409
    assert "W095" in answer.text
    assert counts_of(answer.text)["new"] == 2
    assert set(register(app)) == {"north", "south"}
    apply_import(Workspace(folder_of(app)), OPERATOR, Request("fablabs", Path("x.json"), content=b"[]"))
    text = (folder_of(app) / "workshops.yaml").read_text().replace("North Makers", "The North")
    (folder_of(app) / "workshops.yaml").write_text(text)
    assert again(pia, answer.text, "apply").status_code == 409
    now = again(pia, answer.text).text
    assert again(pia, now, "apply").status_code == 303


def test_the_columns_that_are_proposed_can_be_changed(app: Flask, pia: FlaskClient):
    shown = upload(pia, "survey.csv", SURVEY).text
    fields = fields_of(shown)
    columns = {fields[f"column-name-{n}"]: fields[f"column-{n}"] for n in range(1, 9)}
    assert columns == {
        "Nom": "name", "Adreça": "address", "Latitud": "lat", "Longitud": "lon", "Màquines": "equipment",
        "Hores setmanals": "weekly_hours", "Preu hora": "hourly_cost", "Telèfon": "",
    }  # fmt: skip
    assert counts_of(shown)["new"] == 2
    otherwise = again(pia, shown, **{"column-6": "", "column-7": ""}).text
    assert fields_of(otherwise)["column-6"] == ""
    assert again(pia, otherwise, "apply").status_code == 303
    [group] = register(app)["taller-de-l-hort"].groups
    assert group.periods == ()


def test_columns_of_unknown_names_are_shown_to_be_chosen(pia: FlaskClient):
    answer = upload(pia, "survey.csv", "A;B;C\nHort;41,4;2,16\n")
    assert answer.status_code == 422
    assert "W061" in answer.text
    mended = again(pia, answer.text, **{"column-1": "name", "column-2": "lat", "column-3": "lon"})
    assert counts_of(mended.text)["new"] == 1
    twice = again(pia, answer.text, **{"column-1": "name", "column-2": "name", "column-3": "lon"})
    assert (twice.status_code, "W061" in twice.text) == (422, True)


def test_words_for_equipment_are_decided_on_the_page_and_kept(app: Flask, pia: FlaskClient):
    shown = upload(pia, "survey.csv", SURVEY).text
    fields = fields_of(shown)
    assert fields["word-name-1"] == "lazer cuting"
    decided = again(pia, shown, **{"word-1": "laser-cutting"}).text
    assert fields_of(decided)["word-1"] == "laser-cutting"
    assert again(pia, decided, "apply").status_code == 303
    assert [group.process for group in register(app)["banc-de-fusta"].groups] == ["laser-cutting"]
    assert "lazer cuting,laser-cutting,yes" in (folder_of(app) / "equipment.csv").read_text()


def test_a_word_nobody_decides_becomes_a_question_and_none_is_an_answer(app: Flask, pia: FlaskClient):
    shown = upload(pia, "survey.csv", SURVEY).text
    assert again(pia, shown, "apply").status_code == 303
    assert "lazer cuting,laser-cutting,\n" in (folder_of(app) / "equipment.csv").read_text()
    later = upload(pia, "survey.csv", SURVEY).text
    decided = again(pia, later, **{"word-1": "none"}).text
    assert again(pia, decided, "apply").status_code == 303
    assert (folder_of(app) / "equipment.csv").read_text().count("lazer cuting") == 1
    assert "lazer cuting,,no" in (folder_of(app) / "equipment.csv").read_text()


def test_what_a_person_confirmed_is_never_overwritten(app: Flask, pia: FlaskClient):
    path = folder_of(app) / "workshops.yaml"
    path.write_text(
        path.read_text().replace("    name: North Makers\n", "    name: North Makers\n    provenance: confirmed\n")
    )
    there = json.loads(export_workshops(folder_of(app), "okw"))
    there["facilities"][0]["name"] = "Renamed"
    there["facilities"][0]["location"]["gps_coordinates"]["latitude"] = 41.5
    there["facilities"][1]["name"] = "Renamed too"
    shown = upload(pia, "okw.json", json.dumps(there)).text
    assert again(pia, shown, "apply").status_code == 303
    after = register(app)
    assert (after["north"].name, after["north"].lat) == ("North Makers", 41.42)
    assert after["south"].name == "Renamed too"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.json", json.dumps(LABS), "fablabs"),
        ("a.geojson", '{"type": "FeatureCollection", "features": []}', "geojson"),
        ("a.yaml", "name: Lab\nlocation: {gps: '41.39, 2.17'}\n", "okw"),
        ("a.json", '{"facilities": [{"name": "Lab", "location": {"gps": "41.39, 2.17"}}]}', "okw"),
        ("a.csv", "brand,lab,latitude,longitude,name,type\nAcme,Hort,41.4,2.1,Beam,Laser\n", "machines"),
        ("a.csv", "key,name,latitude,longitude,capabilities,url\nh,Hort,41.4,2.1,laser,u\n", "capabilities"),
        ("a.csv", SURVEY, "csv"),
    ],
)
def test_the_kind_of_a_list_is_found_out_and_it_says_what_the_command_says(app, pia, name, content, kind):
    shown = upload(pia, name, content).text
    assert fields_of(shown)["kind"] == kind
    told = review_import(
        Workspace(folder_of(app)), Request(kind, Path(name), source=SOURCE["source"], content=content.encode())
    )
    assert counts_of(shown) == {each: told.counts[each] for each in ("new", "changed", "doubtful", "refused")}


def test_a_pasted_list_is_as_good_as_a_file(pia: FlaskClient):
    for text in (json.dumps(LABS), SURVEY, "name: Lab\nlocation: {gps: '41.39, 2.17'}\n"):
        answer = post(pia, PAGE, {"do": "look", "text": text, **SOURCE})
        assert counts_of(answer.text)["new"] >= 1


def test_every_fault_of_the_form_is_told_and_what_was_typed_stays(pia: FlaskClient):
    wrong = {"source": "", "date": "soon", "near": "here", "within": "far", "hours": "200", "licence": "CC0-1.0"}
    answer = upload(pia, "labs.json", json.dumps([]), kind="csv", **wrong)
    assert answer.status_code == 422
    for name in ("source", "date", "near", "within", "hours"):
        assert f'href="#field-{name}"' in answer.text
    fields = fields_of(answer.text)
    assert {name: fields[name] for name in wrong} == wrong
    assert fields["list"], "the file need not be chosen again"
    assert again(pia, answer.text, source="a", date="", near="", within="", hours="", kind="fablabs").status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", "{", "W060"),
        ("a.json", "[" * 100_000, "W060"),
        ("a.csv", b"PK\x03\x04\x00\x00", "W060"),
        ("a.yaml", "a: &b [*b]", "W060"),
        ("a.csv", "", "W096"),
        ("a.csv", b"x" * (MAX_BYTES + 1), "W096"),
    ],
)
def test_what_is_no_list_is_refused_with_its_code(app, pia, name, content, code):
    answer = upload(pia, name, content)
    assert answer.status_code == 422
    assert code in answer.text
    assert set(register(app)) == {"north", "south"}
    answer.request.environ["wsgi.input"].close()  # a file of the client, where it is large


def test_only_what_is_asked_for_comes_in_and_hours_may_be_assumed(app: Flask, pia: FlaskClient):
    shown = upload(pia, "labs.json", json.dumps(LABS), near="41.4, 2.16", within="1", hours="20", cost="15,50").text
    assert "1</b> not asked for" in shown
    assert again(pia, shown, "apply").status_code == 303
    [group] = register(app)["hort-lab"].groups
    assert (group.periods[0].agreed_minutes, group.hourly_cost_cents, group.provenance.value) == (
        1_200,
        1_550,
        "assumed",
    )


def test_all_rows_come_as_a_file(pia: FlaskClient):
    shown = upload(pia, "labs.json", json.dumps(LABS)).text
    answer = again(pia, shown, "rows")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert len(answer.text.splitlines()) == 1 + len(LABS)


def test_a_long_list_shows_its_first_rows_and_counts_the_rest(pia: FlaskClient):
    rows = [f"Lab {n},{41 + n / 10000:.4f},{2 + n % 50 / 1000}" for n in range(SHOWN + 7)]
    shown = upload(pia, "labs.csv", "\n".join(["name,lat,lon", *rows]), near="", within="").text
    assert "and 7 more rows" in shown or counts_of(shown)["doubtful"]
    assert sum(counts_of(shown).values()) == len(rows)


def test_a_list_is_kept_for_a_while_for_nobody_else_to_read(app: Flask, pia: FlaskClient):
    workspace = Workspace(folder_of(app))
    keys = [keep_list(workspace, OPERATOR, f"list {n}".encode()) for n in range(MOST_LISTS + 3)]
    assert len(kept(app)) == MOST_LISTS
    assert keys[-1] in kept(app)
    assert {path.stat().st_mode & 0o777 for path in (folder_of(app) / "build/imports").iterdir()} == {0o600}
    gone = post(pia, PAGE, {"do": "look", "list": "0" * 32, "file-name": "a.csv", **SOURCE})
    assert (gone.status_code, "W096" in gone.text) == (422, True)
    assert post(pia, PAGE, {"do": "look", "list": "../../../region.yaml", **SOURCE}).status_code == 422


def test_only_planners_see_it_and_a_form_without_its_token_is_not_taken(app: Flask, pia: FlaskClient):
    assert app.test_client().get(PAGE).status_code == 303
    assert client_as(app, "max", Role.MAKER).get(PAGE).status_code == 403
    assert pia.post(PAGE, data={"do": "look", "text": SURVEY, **SOURCE}).status_code == 400
    assert kept(app) == []


@pytest.mark.parametrize("language", ["fr", "es", "ca"])
def test_reasons_are_said_in_every_language(pia, language):
    pia.set_cookie("lang", language)
    shown = upload(pia, "labs.json", json.dumps(LABS)).text
    assert f'lang="{language}"' in shown
    assert "has no coordinates" not in shown
    assert "stands at the same coordinates" not in shown
