"""From an empty folder to a plan; and every kind of list, made up."""

import json
from pathlib import Path

import pytest
from cli.small_region import files_in, run, write_lamp

CSV = """Nom;Adreça;Latitud;Longitud;Màquines;Hores setmanals;Preu hora
Taller Nord;Carrer 1;41,40;2,16;Làser, impressora 3d;20;12,50
 /dev/hack ;Carrer 2;41,41;2,17;teler;;
Sense lloc;Carrer 3;;;làser;;
Taller Nord;Carrer 1;41,40;2,16;Làser;20;12,50
"""


@pytest.fixture
def started(tmp_path) -> Path:
    folder = tmp_path / "second-city"
    result = run("init", folder, "--name", 'Second "City"', "--lat", 41.4, "--lon", 2.16, "--start", "2026-09-07")
    assert result.exit_code == 0, result.output
    return folder


def test_a_new_region_is_sound_and_says_what_is_missing(started):
    result = run("validate", "--region", started, "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["problems"]) == (0, [])
    assert [warning["code"] for warning in found["warnings"]] == ["O009"]
    assert found["counts"]["workshops"] == 0


def test_a_region_is_never_written_over(started):
    before = files_in(started)
    result = run("init", started, "--name", "Other", "--lat", 0, "--lon", 0)
    assert result.exit_code == 3
    assert files_in(started) == before


def test_without_a_terminal_nothing_is_asked(tmp_path):
    assert run("init", tmp_path / "new", "--name", "New").exit_code == 2
    assert not (tmp_path / "new").exists()


def test_from_nothing_to_a_plan(started, tmp_path):
    table = tmp_path / "survey.csv"
    table.write_text(CSV, encoding="utf-8")
    assert run("import", "csv", table, "--region", started, "--apply").exit_code == 0
    lamp = write_lamp(tmp_path / "lamp", "1.0.0")
    assert run("designs", "publish", lamp, "--region", started).exit_code == 0
    with (started / "orders" / "first.csv").open("a") as book:
        book.write("A,us~lamp,,2,second-city-centre,2026-10-09,,,,,\n")
    text = (started / "workshops.yaml").read_text("utf-8")
    marks = text.replace("materials: unknown", "materials: [plywood]").replace(
        "envelope_mm: unknown", "envelope_mm: [900, 600, 50]"
    )
    (started / "workshops.yaml").write_text(marks.replace("tolerance: unknown", "tolerance: medium"), "utf-8")
    result = run("plan", started / "orders/first.csv", "--region", started, "--json", "--seconds", 5)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["unmet"] == 0


def test_a_table_is_shown_first_then_taken_then_the_same(started, tmp_path):
    table = tmp_path / "survey.csv"
    table.write_bytes(CSV.encode("cp1252"))
    before = files_in(started)
    shown = json.loads(run("import", "csv", table, "--region", started, "--json").stdout)
    assert files_in(started) == before
    assert [(each["column"], each["field"]) for each in shown["columns"]] == [
        ("Nom", "name"),
        ("Adreça", "address"),
        ("Latitud", "lat"),
        ("Longitud", "lon"),
        ("Màquines", "equipment"),
        ("Hores setmanals", "weekly_hours"),
        ("Preu hora", "hourly_cost"),
    ]
    assert [row["outcome"] for row in shown["rows"]] == ["new", "new", "refused", "new"]
    assert shown["asked"] == {"teler": ""}
    run("import", "csv", table, "--region", started, "--apply", "--licence", "CC0-1.0", "--date", "2026-09-01")
    assert "licence: CC0-1.0" in (started / "workshops.yaml").read_text("utf-8")
    assert (started / "equipment.csv").read_text("utf-8") == "word,process,decision\nteler,,\n"
    again = json.loads(run("import", "csv", table, "--region", started, "--json").stdout)
    assert [row["outcome"] for row in again["rows"]] == ["same", "same", "refused", "same"]
    (started / "equipment.csv").write_text("word,process,decision\nteler,weaving,yes\n", "utf-8")
    decided = json.loads(run("import", "csv", table, "--region", started, "--json", "--apply").stdout)
    assert [row["outcome"] for row in decided["rows"]] == ["same", "changed", "refused", "same"]
    assert run("validate", "--region", started).exit_code == 0


def test_a_review_is_filled_in_and_heeded(started, tmp_path):
    points = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2.16, 41.4]}, "properties": {"name": name}}
        for name in ("Un", "Altre")
    ]
    file = tmp_path / "points.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": points}))
    review = tmp_path / "review.csv"
    run("import", "geojson", file, "--region", started, "--review", review)
    lines = review.read_text("utf-8").splitlines()
    assert "doubtful" in lines[2]
    review.write_text("\n".join([*lines[:2], lines[2] + "new"]) + "\n", "utf-8")
    result = run("import", "geojson", file, "--region", started, "--decisions", review, "--json", "--apply")
    assert json.loads(result.stdout)["counts"]["new"] == 2


@pytest.mark.parametrize("form", ["okw", "geojson"])
def test_a_register_goes_from_one_region_to_another(region, started, form, tmp_path):
    out = tmp_path / f"out.{form}"
    assert run("workshops", "export", "--region", region, "--format", form, "--out", out).exit_code == 0
    assert run("import", form, out, "--region", started, "--apply").exit_code == 0
    again = tmp_path / "again"
    run("workshops", "export", "--region", started, "--format", form, "--out", again)
    assert again.read_text("utf-8") == out.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--map", "Nom"], 2),
        (["--map", "Nom=colour"], 3),
        (["--map", "Nope=name"], 3),
        (["--near", "here"], 2),
        (["--assume-hours", "20"], 2),
        (["--map", "Nom="], 3),
    ],
)
def test_what_is_asked_wrongly_is_told(started, tmp_path, arguments, code):
    table = tmp_path / "survey.csv"
    table.write_text(CSV, encoding="utf-8")
    assert run("import", "csv", table, "--region", started, *arguments).exit_code == code


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"PK\x03\x04\xff\x00", b"[1, null, {}]", b"{", b"a,b\n1,2\n", b"null"]
)
@pytest.mark.parametrize("kind", ["okw", "fablabs", "capabilities", "machines", "geojson", "csv"])
def test_no_file_makes_it_crash(started, tmp_path, kind, content):
    file = tmp_path / "list"
    file.write_bytes(content)
    before = files_in(started)
    result = run("import", kind, file, "--region", started)
    assert result.exit_code in (0, 3), result.output
    assert files_in(started) == before


def test_places_are_found_by_name(started):
    found = json.loads(run("places", "find", "second city", "--region", started, "--json").stdout)["places"]
    assert [(each["id"], each["quality"]) for each in found] == [("second-city-centre", "normalised")]


def test_addresses_of_the_region_give_coordinates(started, tmp_path):
    (started / "addresses.csv").write_text("address,lat,lon\nCarrer 3,41.42,2.18\n", "utf-8")
    region = started / "region.yaml"
    region.write_text(region.read_text("utf-8") + "\ngeocoding:\n  addresses: addresses.csv\n", "utf-8")
    table = tmp_path / "survey.csv"
    table.write_text(CSV, encoding="utf-8")
    rows = json.loads(run("import", "csv", table, "--region", started, "--json").stdout)["rows"]
    assert rows[2]["outcome"] == "new"
    assert "geocoded" in rows[2]["notes"]


def test_faults_of_the_lists_beside_the_register_are_told(started):
    (started / "addresses.csv").write_text("address,lat,lon\nCarrer 3,north,2.18\n", "utf-8")
    (started / "equipment.csv").write_text("word,process,decision\nteler,loom,perhaps\n", "utf-8")
    region = started / "region.yaml"
    region.write_text(region.read_text("utf-8") + "\ngeocoding:\n  addresses: addresses.csv\n", "utf-8")
    found = json.loads(run("validate", "--region", started, "--json").stdout)
    assert [problem["code"] for problem in found["problems"]] == ["W027", "W063"]
