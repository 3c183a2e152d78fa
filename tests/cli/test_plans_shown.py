"""Commands that look at a plan: audit, explain, show, export."""

import csv
import io
import json

import pytest
from cli.small_region import run

from cosmolocal.workflows import PLAN_FORMATS


def read_plan(region):
    return json.loads((region / "plan.json").read_text())


def rewrite(region, plan):
    (region / "plan.json").write_text(json.dumps(plan))


def test_a_right_plan_passes_its_audit_as_file_and_by_the_beginning_of_its_id(planned):
    for name in (planned / "plan.json", read_plan(planned)["id"][:6]):
        result = run("audit", name, "--region", planned, "--json")
        found = json.loads(result.stdout)
        assert result.exit_code == 0
        assert found["problems"] == []
        assert found["cost_cents"] == read_plan(planned)["cost_cents"]
        assert sum(found["checked"].values()) > 50


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda plan: plan["allocations"][0]["cost"].update(machine_cents=1), "P040"),
        (lambda plan: plan["allocations"].pop(), "P004"),
        (lambda plan: plan["allocations"][0].update(quantity=1), "P005"),
        (lambda plan: plan.update(cost_cents=plan["cost_cents"] - 1), "P054"),
        (lambda plan: plan.update(bound_cents=plan["cost_cents"] + 1), "P055"),
        (lambda plan: plan["settings"].update(co2e_cents_per_kg=5000), "P040"),
        (lambda plan: plan["settings"].update(weeks="many"), "P082"),
        (lambda plan: plan.update(colour="red"), "P082"),
    ],
)
def test_a_plan_that_was_tampered_with_is_caught(planned, spoil, code):
    plan = read_plan(planned)
    spoil(plan)
    rewrite(planned, plan)
    result = run("audit", planned / "plan.json", "--region", planned, "--json")
    assert result.exit_code == 3
    assert code in {problem["code"] for problem in json.loads(result.stdout)["problems"]}


def test_an_input_that_changed_since_is_named(planned):
    path = planned / "workshops.yaml"
    path.write_text(path.read_text() + "# a comment\n")
    result = run("audit", planned / "plan.json", "--region", planned)
    assert result.exit_code == 3
    assert "P090 plan: digests.workshops.yaml" in result.stderr
    assert "1 problem" in result.stderr.splitlines()


@pytest.mark.parametrize("name", ["workshops.yaml", "processes.yaml", "designs/us~lamp@1.1.0", "orders/book.csv"])
def test_an_input_whose_digest_the_plan_does_not_name_is_named(planned, name):
    plan = read_plan(planned)
    del plan["digests"][name]
    rewrite(planned, plan)
    result = run("audit", planned / "plan.json", "--region", planned, "--json")
    assert result.exit_code == 3
    problems = json.loads(result.stdout)["problems"]
    assert [(problem["code"], problem["where"]) for problem in problems] == [("P090", f"plan: digests.{name}")]


def test_a_plan_whose_order_book_is_gone_can_be_audited_with_the_book_named(planned):
    (planned / "orders/book.csv").rename(planned / "moved.csv")
    result = run("audit", planned / "plan.json", "--region", planned, "--json")
    assert (result.exit_code, json.loads(result.stdout)["problems"][0]["code"]) == (3, "P091")
    named = run("audit", planned / "plan.json", "--region", planned, "--orders", planned / "moved.csv", "--json")
    # the book lies elsewhere, which is told; all else is right
    assert {problem["where"] for problem in json.loads(named.stdout)["problems"]} == {"plan: digests.orders/book.csv"}


def test_no_order_book_outside_the_region_is_read(planned):
    plan = read_plan(planned)
    plan["book"] = "../../etc/passwd"
    rewrite(planned, plan)
    result = run("explain", planned / "plan.json", "A", "--region", planned)
    assert result.exit_code == 3
    assert "P091" in result.stderr


@pytest.mark.parametrize("arguments", [("audit", "nope"), ("show", "nope"), ("explain", "nope", "A")])
def test_a_plan_that_does_not_exist_ends_with_4(planned, arguments):
    result = run(*arguments, "--region", planned)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "not found" in result.stderr
    assert "not_found" in json.loads(run(*arguments, "--region", planned, "--json").stdout)


def test_an_order_made_here_is_explained_term_by_term(planned):
    found = json.loads(run("explain", planned / "plan.json", "A", "--region", planned, "--json").stdout)
    [row] = found["allocations"]
    assert row.keys() >= {"workshop", "week", "quantity", "cost", "alternatives"}
    # the cheaper of two equal machines
    assert (row["workshop"], row["workshop_name"], row["quantity"]) == ("north", "North Makers", 5)
    sums = ("money_cents", "total_cents")
    terms = [value for name, value in row["cost"].items() if name.endswith("_cents") and name not in sums]
    assert sum(terms) == row["cost"]["total_cents"] > row["cost"]["money_cents"] > 0
    assert {other["workshop"] for other in row["alternatives"]} >= {"south"}
    assert found["unmet"] == {"quantity": 0, "lots": [], "total_cents": 0, "reasons": [], "fixes": []}


def test_an_order_that_is_not_made_here_has_reasons_and_a_fix(planned):
    found = json.loads(run("explain", planned / "plan.json", "FAR", "--region", planned, "--json").stdout)
    assert found["allocations"] == []
    assert found["unmet"]["quantity"] == 1
    assert [reason["code"] for reason in found["unmet"]["reasons"]] == ["radius"]
    assert "order-radius" in [fix["code"] for fix in found["unmet"]["fixes"]]
    assert all(item["text"] for kind in ("reasons", "fixes") for item in found["unmet"][kind])


def test_an_explanation_reads_as_text_with_names_and_mondays(planned):
    made = run("explain", planned / "plan.json", "A", "--region", planned).stdout
    assert "order A: 5 × us~lamp * for Home (home), due 2026-09-18" in made
    assert "from North Makers (north), week" in made
    assert "(from Monday 2026-09-" in made
    assert "or from South Makers (south)" in made
    far = run("explain", planned / "plan.json", "FAR", "--region", planned).stdout
    assert "imported: 1 unit" in far
    assert "because: The nearest workshop that can make it, " in far
    assert "would help: Widen the order's radius from 0.1 km to " in far


def test_an_order_that_is_not_in_the_plan_ends_with_4(planned):
    assert run("explain", planned / "plan.json", "Z", "--region", planned).exit_code == 4


def test_the_figures_of_a_plan_are_the_same_as_file_and_from_the_database(planned):
    by_file = run("show", planned / "plan.json", "--region", planned)
    assert by_file.exit_code == 0
    assert "2 of 3" in by_file.stdout
    assert run("show", read_plan(planned)["id"], "--region", planned).stdout == by_file.stdout


def test_a_region_without_plans_has_an_empty_list(region):
    result = run("show", "--region", region, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert not (region / "build").exists()


@pytest.mark.parametrize("form", PLAN_FORMATS)
def test_an_export_to_a_file_is_what_goes_to_stdout(planned, form):
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="the extra for Parquet is not installed")
    out = planned / "new" / f"plan.{form}"
    arguments = ("export", planned / "plan.json", "--region", planned, "--format", form)
    assert run(*arguments, "--out", out).exit_code == 0
    assert run(*arguments).stdout_bytes == out.read_bytes()


def test_exports_hold_the_plan(planned):
    def export(form: str) -> bytes:
        result = run("export", planned / "plan.json", "--region", planned, "--format", form)
        assert result.exit_code == 0
        return result.stdout_bytes

    assert export("json") == (planned / "plan.json").read_bytes()
    rows = list(csv.DictReader(io.StringIO(export("csv").decode("utf-8-sig"))))
    assert {"A", "B"} <= {row["order"] for row in rows}
    imported = list(csv.DictReader(io.StringIO(export("unmet-csv").decode())))
    assert [(row["order"], row["reasons"]) for row in imported] == [("FAR", "radius")]
    assert json.loads(export("geojson"))["type"] == "FeatureCollection"
    html = export("html").decode()
    assert html.startswith("<!") and "North Makers" in html


def test_areas_add_up_to_the_plan(planned):
    """Also by district, once the places name theirs; a region without districts has no row of them."""

    def export(form: str) -> str:
        result = run("export", planned / "plan.json", "--region", planned, "--format", form)
        assert result.exit_code == 0
        return result.stdout_bytes.decode("utf-8-sig")

    def read(form: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(export(form))))

    made, unmet = (sum(int(row["quantity"]) for row in read(form)) for form in ("csv", "unmet-csv"))
    assert read("districts-csv") == []
    (planned / "places.csv").write_text("id,name,kind,lat,lon,district\nhome,Home,neighbourhood,41.40,2.18,Old Town\n")
    for kind, first in (("neighbourhoods", "home"), ("districts", "old-town")):
        areas = read(f"{kind}-csv")
        assert areas[0]["place"] == first
        assert sum(int(row["asked"]) for row in areas) == made + unmet
        assert sum(int(row["made"]) for row in areas) == made
        shapes = json.loads(export(f"{kind}-geojson"))["features"]
        assert [shape["properties"]["place"] for shape in shapes] == [row["place"] for row in areas]
        assert all(shape["geometry"] for shape in shapes if shape["properties"]["kind"] != "elsewhere")


def test_parquet_holds_the_rows_of_the_plan(planned):
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra for Parquet is not installed")
    data = run("export", planned / "plan.json", "--region", planned, "--format", "parquet").stdout_bytes
    assert parquet.read_table(io.BytesIO(data)).num_rows >= 3


def test_an_export_needs_a_known_format(planned):
    assert run("export", planned / "plan.json", "--region", planned, "--format", "doc").exit_code == 2
    assert run("export", planned / "plan.json", "--region", planned).exit_code == 2


def test_a_plan_is_published_by_its_file_too(planned):
    """As every other command takes it; a file whose plan is not stored is not found."""
    result = run("publish-plan", planned / "plan.json", "--region", planned, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["plan"] == read_plan(planned)["id"]
    rewrite(planned, read_plan(planned) | {"id": "0" * 12})
    assert run("publish-plan", planned / "plan.json", "--region", planned).exit_code == 4
