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


def test_an_address_of_a_place_that_is_not_there_is_told(started):
    (started / "addresses.csv").write_text(
        "address,lat,lon,place\nLane 1,41.4,2.1,nowhere\nLane 2,41.4,2.1,second-city-centre\n", "utf-8"
    )
    region = started / "region.yaml"
    region.write_text(region.read_text("utf-8") + "\ngeocoding:\n  addresses: addresses.csv\n", "utf-8")
    [problem] = json.loads(run("validate", "--region", started, "--json").stdout)["problems"]
    assert (problem["code"], problem["where"]) == ("W027", "addresses.csv: Lane 1")


def test_a_city_alone_is_no_address(started, tmp_path):
    """A lab that says no more than its city was put into the middle of it, as if somebody knew."""
    lab = [{"name": "Nomad", "city": "Second City", "capabilities": ["laser"], "latitude": None, "longitude": None}]
    path = tmp_path / "labs.json"
    path.write_text(json.dumps(lab), "utf-8")
    [row] = json.loads(run("import", "fablabs", path, "--region", started, "--json").stdout)["rows"]
    assert (row["outcome"], row["notes"][0]) == ("refused", "has the address 'Second City' but no coordinates")


def test_a_closed_lab_is_told_to_be_never_planned(started, tmp_path):
    labs = [
        {"name": name, "latitude": lat, "longitude": 2.16, "activity_status": status}
        for name, lat, status in (("Gone", 41.4, "closed"), ("Here", 41.5, "active"))
    ]
    path = tmp_path / "labs.json"
    path.write_text(json.dumps(labs), "utf-8")
    rows = json.loads(run("import", "fablabs", path, "--region", started, "--json").stdout)["rows"]
    assert [row["notes"] for row in rows] == [["is closed: kept in the register, never planned"], []]


SURVEY = """Lab;Lat;Lon;Tool;How many;Hours a week;Euro an hour;Bed in mm;Material;Tolerance
Nord;41,40;2,16;laser cutter;2;{hours};12,50;900 x 600 x 50;mdf;{tolerance}
"""


def bring_in(started: Path, table: Path, hours: str, tolerance: str) -> list[str]:
    """Import a survey of one laser; return what is told of its row."""
    table.write_text(SURVEY.format(hours=hours, tolerance=tolerance), "utf-8")
    result = run("import", "csv", table, "--region", started, "--apply", "--json")
    assert result.exit_code == 0, result.output
    [row] = json.loads(result.stdout)["rows"]
    return row["notes"]


def warnings_of(started: Path) -> list[tuple[str, str]]:
    found = json.loads(run("validate", "--region", started, "--json").stdout)["warnings"]
    return [(each["code"], each["message"]) for each in found if each["code"] != "O009"]


def test_validate_tells_what_is_missing_until_nothing_is(started, tmp_path):
    """Hours first: of machines without them nobody needs to know more yet."""
    table = tmp_path / "survey.csv"
    bring_in(started, table, "", "")
    [(code, message)] = warnings_of(started)
    assert (code, message.endswith(": laser-cutting (weekly_hours)")) == ("W067", True)
    assert bring_in(started, table, "20", "") == ["machine group laser-cutting: weekly_hours unknown → 20"]
    [(code, message)] = warnings_of(started)
    assert (code, message.endswith(": laser-cutting (tolerance)")) == ("W068", True)
    assert bring_in(started, table, "20", "medium") == ["machine group laser-cutting: tolerance unknown → medium"]
    assert warnings_of(started) == []


def test_of_a_closed_workshop_nothing_is_asked(started, tmp_path):
    bring_in(started, tmp_path / "survey.csv", "", "")
    register = started / "workshops.yaml"
    register.write_text(register.read_text("utf-8").replace("status: active", "status: closed"), "utf-8")
    assert warnings_of(started) == []


def test_a_tolerance_that_is_none_is_told_and_stays_unknown(started, tmp_path):
    notes = bring_in(started, tmp_path / "survey.csv", "20", "0.1 mm")
    assert "tolerance '0.1 mm' is none of fine, medium, coarse, very-coarse, and stays unknown" in notes
    assert "tolerance: unknown" in (started / "workshops.yaml").read_text("utf-8")


def test_coordinates_the_other_way_round_are_doubted_not_lost(started, tmp_path):
    """Neither taken, nor passed over as far away: somebody says what they are; what is far both ways is not asked."""
    table = tmp_path / "list.csv"
    table.write_text("name,lat,lon\nTurned,2.16,41.40\nRight,41.41,2.17\nFar,48.85,2.35\nVery far,-33,151\n")

    def outcomes(*options: object) -> list[tuple[str, str]]:
        result = run("import", "csv", table, "--region", started, "--json", *options)
        assert result.exit_code == 0, result.output
        return [(row["outcome"], row["name"]) for row in json.loads(result.stdout)["rows"]]

    assert outcomes() == [("doubtful", "Turned"), ("new", "Right"), ("new", "Far"), ("new", "Very far")]
    near = outcomes("--near", "41.4,2.16", "--within", 30)
    assert near == [("doubtful", "Turned"), ("new", "Right"), ("outside", "Far"), ("outside", "Very far")]
    shown = run("import", "csv", table, "--region", started).stdout
    assert "km off, and 0 km with latitude and longitude the other way round" in shown
    decided = tmp_path / "review.csv"
    decided.write_text("place,decision\nline 2,new\n")
    assert outcomes("--decisions", decided)[0] == ("new", "Turned")


def test_a_list_that_is_too_long_is_refused(started, tmp_path, monkeypatch):
    monkeypatch.setattr("cosmolocal.workflows.importing.MAX_ROWS", 3)
    table = tmp_path / "list.csv"
    table.write_text("name,lat,lon\n" + "A,41.4,2.1\n" * 4)
    result = run("import", "csv", table, "--region", started)
    assert (result.exit_code, "W060 list.csv: has 4 rows; at most 3 are read at once" in result.stderr) == (3, True)


def test_a_quotation_mark_left_open_swallows_no_rows(started, tmp_path):
    """Three labs became one row without coordinates, and two of them were accounted for nowhere."""
    table = tmp_path / "list.csv"
    table.write_text('name,lat,lon\nA,41.4,2.1\n"B,41.41,2.11\nC,41.42,2.12\n')
    result = run("import", "csv", table, "--region", started)
    assert (result.exit_code, "W060 list.csv: line 3: a quotation mark opens" in result.stderr) == (3, True)
    table.write_text('name,lat,lon\nA,41.4,2.1\n"B,41.41,2.11\nC,41.42,2.12\n"D\nE,41.43,2.13\n')
    [_, row, _] = json.loads(run("import", "csv", table, "--region", started, "--json").stdout)["rows"]
    assert (row["outcome"], "left open?" in row["notes"][0]) == ("refused", True)
    table.write_text('name,lat,lon\n"Lab\nof two lines",41.4,2.1\n')
    [row] = json.loads(run("import", "csv", table, "--region", started, "--json").stdout)["rows"]
    assert (row["outcome"], row["name"]) == ("new", "Lab of two lines")


def test_all_that_is_wrong_with_a_row_is_told(started, tmp_path):
    table = tmp_path / "list.csv"
    table.write_text("name,lat,lon,equipment,bed\n,991,2.12,laser,\nShort,41.4\nBed,41.4,2.1,laser,900x600\n")
    rows = json.loads(run("import", "csv", table, "--region", started, "--json").stdout)["rows"]
    assert [row["notes"] for row in rows] == [
        ["has no name; found lat '991', lon '2.12'; must be degrees north and east"],
        ["found lat '41.4', lon ''; must be degrees north and east"],
        ["envelope '900x600' is no three sides in mm such as 900 x 600 x 50, and stays unknown"],
    ]


def test_a_row_that_is_elsewhere_is_outside_whatever_is_wrong_with_it(started, tmp_path):
    """A list of the world told of each nameless lab of it that it is refused."""
    table = tmp_path / "list.csv"
    table.write_text("name,lat,lon,country\n,28.1,-82.4,\n,41.41,2.11,ES\nA,,,US\n,,,US\nB,,,\n")
    near = ["--near", "41.4,2.16", "--country", "es"]
    rows = json.loads(run("import", "csv", table, "--region", started, "--json", *near).stdout)["rows"]
    assert [row["outcome"] for row in rows] == ["outside", "refused", "outside", "outside", "refused"]


def test_a_spreadsheet_may_name_its_separator(started, tmp_path):
    table = tmp_path / "list.csv"
    table.write_bytes(b"sep=;\r\nname;lat;lon\r\nA, B and C;41,4;2,1\r\n")
    [row] = json.loads(run("import", "csv", table, "--region", started, "--json").stdout)["rows"]
    assert (row["outcome"], row["place"], row["name"]) == ("new", "line 3", "A, B and C")


def test_what_comes_in_keeps_source_date_and_licence_and_stays_when_it_comes_again(started, tmp_path):
    """Who says no day gets that on which it came in; a later day of the same list changes nothing."""
    table = tmp_path / "list.csv"
    table.write_text("name,lat,lon,equipment\nA,41.4,2.1,laser\n")
    result = run("import", "csv", table, "--region", started, "--apply")
    assert "--licence keeps it" in result.stderr
    register = (started / "workshops.yaml").read_text("utf-8")
    assert "- {source: list.csv, date: 20" in register
    assert not any(line.endswith(" ") for line in register.splitlines())
    for more in ([], ["--date", "2020-01-01", "--licence", "CC0-1.0"]):
        run("import", "csv", table, "--region", started, "--apply", *more)
        assert (started / "workshops.yaml").read_text("utf-8") == register


@pytest.mark.parametrize(
    ("kind", "name", "content", "other"),
    [
        ("okw", "points.json", '{"type": "FeatureCollection", "features": []}', "geojson"),
        ("geojson", "labs.json", '[{"name": "A", "slug": "a", "capabilities": []}]', "fablabs"),
        ("fablabs", "list.csv", "name,lat,lon\n", "csv"),
        ("fablabs", "lab.yaml", "name: A\n", "okw"),
        ("csv", "machines.csv", "brand;lab;type\nAcme;A;Laser\n", "machines"),
        ("fablabs", "broken.json", "[", ""),
        ("okw", "empty.json", "", ""),
    ],
)
def test_another_kind_of_list_is_recognised(started, tmp_path, kind, name, content, other):
    (tmp_path / name).write_text(content)
    told = run("import", kind, tmp_path / name, "--region", started).stderr
    assert (f"cosmolocal import {other} {tmp_path / name}" in told) == bool(other)
    assert ("looks like another kind" in told) == bool(other)


def test_the_next_step_names_the_country(tmp_path):
    made = run("init", tmp_path / "a", "--name", "A", "--lat", 41.4, "--lon", -2.16, "--country", "ES", "--json")
    assert "--near=41.4,-2.16 --country ES" in json.loads(made.stdout)["next"][0]
