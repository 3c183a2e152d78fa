"""``cosmolocal scenario``: listed, checked, planned, compared; the plans are stored and can be audited."""

import json
import shutil
from pathlib import Path

import pytest
from cli.small_region import make_region, run

from cosmolocal.workflows import gap_percent

CLOSES = "scenario: {title: North closes}\nedits:\n- close-workshop: {workshop: north}\n"
MORE = "scenario: {title: More}\nedits:\n- demand: {percent: 200}\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_region(tmp_path_factory.mktemp("scenarios") / "region")
    (folder / "scenarios").mkdir()
    (folder / "scenarios/north-closes.yaml").write_text(CLOSES)
    (folder / "scenarios/more.yaml").write_text(MORE)
    return folder


def run_json(*arguments: str | Path):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def found(home: Path):
    return run_json("scenario", "run", "north-closes", "more", "--orders", home / "orders/book.csv", "--region", home)


def test_each_scenario_has_a_stored_plan_that_passes_its_audit(home: Path, found):
    assert [plan["scenario"] for plan in found["plans"]] == ["north-closes", "more"]
    for plan in found["plans"]:
        assert f"scenarios/{plan['scenario']}.yaml" in plan["digests"]
        assert run_json("audit", plan["plan"], "--region", home)["problems"] == []


def test_the_same_file_and_base_give_the_same_plan(home: Path, found):
    again = run_json("scenario", "run", "more", "--orders", home / "orders/book.csv", "--region", home)
    assert again["base"] == found["base"]
    assert again["plans"][0]["plan"] == found["plans"][1]["plan"]


def test_plans_of_other_weights_or_with_limits_are_no_base(home: Path, tmp_path: Path, found):
    folder = tmp_path / "region"
    shutil.copytree(home, folder)
    book = folder / "orders/book.csv"
    front = run_json("front", book, "--region", folder, "--gap", "0")
    again = run_json("scenario", "run", "more", "--orders", book, "--region", folder)
    assert found["base"] not in {point["plan"] for point in front["points"]}
    assert again["base"] == found["base"]


def test_the_plan_of_a_scenario_cannot_count(home: Path, found):
    result = run("publish-plan", found["plans"][0]["plan"], "--region", home, "--json")
    assert result.exit_code == 3
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["J004"]


def test_a_changed_file_is_told_by_the_audit(home: Path, found):
    path = home / "scenarios/more.yaml"
    try:
        path.write_text(MORE + "# another day\n")
        result = run("audit", found["plans"][1]["plan"], "--region", home, "--json")
    finally:
        path.write_text(MORE)
    assert [problem["where"] for problem in json.loads(result.stdout)["problems"]] == [
        "plan: digests.scenarios/more.yaml"
    ]


def test_plans_are_compared_with_the_base(home: Path, found):
    told = run_json("scenario", "compare", "north-closes", "more", "--region", home)
    assert [plan["plan"] for plan in told["plans"]] == [found["base"], *(plan["plan"] for plan in found["plans"])]
    cost = next(row for row in told["figures"] if row["figure"] == "cost_cents")
    assert [plan["cost_difference_cents"] for plan in found["plans"]] == cost["deltas"]
    north = [row["plans"] for row in told["workshops"] if row["workshop"] == "north"]
    assert all(sides[1]["minutes"] == 0 for sides in north)
    for row in told["places"]:
        assert row["plans"][2]["units"] == 2 * row["plans"][0]["units"]


@pytest.mark.usefixtures("found")
def test_figures_are_written_in_their_units_with_differences(home: Path):
    told = run_json("scenario", "compare", "more", "--region", home)
    lines = run("scenario", "compare", "more", "--region", home).output.splitlines()
    by_figure = {row["figure"]: row for row in told["figures"]}
    for figure, label, unit in (
        ("cost_cents", "Cost", "€"), ("co2e_g", "CO2e", "kg"), ("share_value", "Local share of value", "%")
    ):  # fmt: skip
        [line] = [line for line in lines if line.startswith(label + " ")]
        assert line.count(unit) == 3
        assert ("+" in line, "−" in line) == (by_figure[figure]["deltas"][0] > 0, by_figure[figure]["deltas"][0] < 0)
    assert any(line.startswith("neighbourhood, made here") for line in lines)


def test_every_figure_has_words_and_a_gap_is_that_of_the_plan(home: Path, found):
    output = run("scenario", "compare", "more", "--region", home).output
    told = run_json("scenario", "compare", "more", "--region", home)
    assert not [row["figure"] for row in told["figures"] if f"{row['figure']} " in output]
    gaps = next(line for line in output.splitlines() if line.startswith("At most above the best"))
    assert gap_percent(found["plans"][1]["gap"]) in gaps


@pytest.mark.usefixtures("found")
def test_it_is_said_where_costs_lie_too_near_to_each_other_to_tell(home: Path, tmp_path: Path):
    folder = tmp_path / "region"
    shutil.copytree(home, folder)
    (folder / "scenarios/as-it-is.yaml").write_text("scenario: {title: The same}\nedits:\n- demand: {percent: 100}\n")
    run_json("scenario", "run", "as-it-is", "--orders", folder / "orders/book.csv", "--region", folder)
    told = run_json("scenario", "compare", "as-it-is", "more", "--region", folder)
    assert [plan["cheaper"] for plan in told["plans"]] == ["", "open", "no"]
    words = run("scenario", "compare", "as-it-is", "more", "--region", folder).output
    assert "as-it-is: so near to the first plan that it is not proved which is cheaper" in words
    assert "more: so near" not in words


def test_they_are_listed_with_their_plans(home: Path, found):
    rows = {row["scenario"]: row for row in run_json("scenario", "list", "--region", home)}
    assert {name: row["plan"] for name, row in rows.items()} == {
        plan["scenario"]: plan["plan"] for plan in found["plans"]
    }


def test_faults_are_told_all_at_once(home: Path):
    path = home / "scenarios/wrong.yaml"
    path.write_text(
        "scenario: {title: x}\nedits:\n- close-workshop: {workshop: a}\n- radius: {workshop: b, radius_km: 3}\n"
    )
    try:
        result = run("scenario", "check", "--region", home, "--json")
        run_result = run("scenario", "run", "wrong", "--orders", home / "orders/book.csv", "--region", home, "--json")
    finally:
        path.unlink()
    for one in (result, run_result):
        assert one.exit_code == 3
        assert [problem["where"] for problem in json.loads(one.stdout)["problems"]] == [
            "scenarios/wrong.yaml: edits[0].close-workshop.workshop",
            "scenarios/wrong.yaml: edits[1].radius.workshop",
        ]


def test_what_is_not_there_is_told(home: Path):
    for arguments in (
        ("run", "nothing", "--orders", home / "orders/book.csv"),
        ("compare", "nothing"),
        ("check", "no"),
    ):
        assert run("scenario", *arguments, "--region", home).exit_code == 4
