"""Quotes on the command line: beside no plan, beside a plan, and refusals with their reasons."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli.small_region import make_region, run

KEYS = {"feasible", "week", "cost_cents", "workshops", "reasons"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_region(tmp_path_factory.mktemp("quotes") / "region")


def ask(folder: Path, *arguments: str) -> dict[str, Any]:
    result = run("quote", *arguments, "--region", folder, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    assert found.keys() >= KEYS
    return found


def test_without_a_plan_all_machines_are_free(folder: Path):
    found = ask(folder, "us~lamp", "5", "home")
    assert (found["plan"], found["feasible"], found["week"], found["workshops"]) == (None, True, 0, ["north"])
    # 80 minutes at 12 an hour, material, and the bike's trip
    assert found["cost"]["machine_cents"] == 1_600
    assert found["cost"]["material_cents"] == 1_500
    assert found["cost_cents"] == found["cost"]["total_cents"]
    assert "no plan" in run("quote", "us~lamp", "5", "home", "--region", folder).stderr


def test_a_stored_plan_takes_its_room(tmp_path: Path):
    """North has ten hours a week: 39 lamps take nearly all of the first, so the next lamps come from the south."""
    folder = make_region(tmp_path / "region")
    head = (folder / "orders" / "book.csv").read_text().splitlines()[0]
    (folder / "orders" / "full.csv").write_text(f"{head}\nA,us~lamp,*,39,home,2026-09-11,,normal,no,1,\n")
    assert run("plan", folder / "orders" / "full.csv", "--region", folder, "--quiet").exit_code == 0
    found = ask(folder, "us~lamp", "5", "home")
    assert found["plan"] is not None
    assert found["book"] == "orders/full.csv"
    assert (found["week"], found["workshops"]) == (0, ["south"])
    cheaper = ask(folder, "us~lamp", "5", "home", "--cheapest")
    assert (cheaper["week"], cheaper["workshops"]) == (1, ["north"])
    assert cheaper["cost_cents"] < found["cost_cents"]
    assert found["alternatives"][0]["extra_cents"] == cheaper["cost_cents"] - found["cost_cents"]
    assert found["changed"] == []
    with (folder / "workshops.yaml").open("a") as file:
        file.write("# changed\n")
    assert ask(folder, "us~lamp", "5", "home", "--plan", found["plan"])["changed"] == ["workshops.yaml"]


def test_what_cannot_be_made_says_why_and_what_would_help(folder: Path):
    found = ask(folder, "us~lamp", "5", "home", "--max-distance", "0.1")
    assert not found["feasible"]
    assert (found["week"], found["cost_cents"], found["workshops"]) == (None, None, [])
    assert [reason["code"] for reason in found["reasons"]] == ["radius"]
    assert [fix["code"] for fix in found["fixes"]] == ["order-radius"]
    shown = run("quote", "us~lamp", "5", "home", "--max-distance", "0.1", "--region", folder)
    assert "cannot be made here" in shown.output
    assert "would help: Widen the order's radius" in shown.output


def test_no_version_is_a_reason(folder: Path):
    assert [each["code"] for each in ask(folder, "us~lamp@^9", "1", "home")["reasons"]] == ["no-version"]


def test_a_week_that_is_over_is_too_late(folder: Path):
    found = ask(folder, "us~lamp", "1", "home", "--due", "2026-08-01")
    assert [each["code"] for each in found["reasons"]] == ["too-late"]
    assert [each["code"] for each in found["fixes"]] == ["due-date"]


@pytest.mark.parametrize("names", [("us~nothing", "home"), ("us~lamp", "nowhere")])
def test_what_does_not_exist_is_not_found(folder: Path, names: tuple[str, str]):
    design, place = names
    assert run("quote", design, "1", place, "--region", folder).exit_code == 4


def test_wrong_values_are_told_together(folder: Path):
    days = ("--due", "2026-09-10", "--release", "2026-09-20")
    result = run("quote", "us~lamp", "1", "home", *days, "--region", folder, "--json")
    assert result.exit_code == 3
    assert [each["code"] for each in json.loads(result.stdout)["problems"]] == ["O020"]
