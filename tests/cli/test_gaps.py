"""cosmolocal gaps: what a plan lacks, one more hour, what to buy next."""

import json
from pathlib import Path

import pytest
from cli.small_region import run
from gaps_region import make_busy

from cosmolocal.records.scenarios import AddMachines
from cosmolocal.scenarios import apply_scenario, read_scenario
from cosmolocal.workflows.inputs import read_region


@pytest.fixture
def busy(region: Path) -> Path:
    make_busy(region)
    result = run("plan", region / "orders/busy.csv", "--region", region, "--out", region / "plan.json", "--quiet")
    assert result.exit_code == 0, result.output
    return region


def found(region: Path, *more: str) -> dict:
    result = run("gaps", region / "plan.json", "--region", region, "--json", "--quiet", *more)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_it_tells_hours_prices_and_what_stands_apart(busy: Path):
    told = found(busy)
    assert told["lots"] > 0
    assert {row["process"] for row in told["hours"]} == {"laser-cutting"}
    # 100 lamps of 20 minutes are 33 hours and 20 minutes, and both lasers have 10 hours in that week
    minutes = sum(row["least_minutes"] for row in told["hours"])
    assert 100 * 20 - 2 * 600 <= minutes <= 100 * 20
    assert [(row["reason"], row["lots"]) for row in told["apart"]] == [("radius", ["FAR/1"])]
    assert told["next"] is None
    assert told["checked"] == []
    words = run("gaps", busy / "plan.json", "--region", busy).output
    assert "would be made here with more hours" in words
    assert "apart: 1 lot, radius: machines would mend it" in words
    dearest = min((-row["cents"], f"{row['resource']}@{row['week']}") for row in told["worth"])
    assert f"such as --check {dearest[1]}" in words


def test_one_more_hour_is_checked_and_kept(busy: Path):
    [row] = found(busy, "--check", "north/laser@0", "--seconds", "5")["checked"]
    assert (row["resource"], row["week"], row["added_minutes"]) == ("north/laser", 0, 60)
    assert 0 <= row["saved_cents"] <= row["most_cents"]
    assert found(busy)["checked"] == [row]


def test_what_to_buy_next_is_planned_ranked_and_proved(busy: Path):
    told = found(busy, "--next", "3", "--seconds", "5", "--gap", "0")["next"]
    first, *rest = told["ranked"]
    assert first["proposals"] in (["laser@north"], ["laser@south"])
    assert first["measured"]["new_lots"] > 0
    assert first["measured"]["places"] == ["home"]
    assert first["measured"]["payback_years"] > 0
    year = first["measured"]["saved_cents"] * 52 // 4
    assert first["measured"]["gains_cents_a_year"] == year - first["annuity_cents"]
    assert not any(row["measured"] for row in rest if row["offer"] == "corner"), "it can never pay"
    words = run("gaps", busy / "plan.json", "--region", busy).output
    assert first["proposals"][0] in words
    assert "a year: what 4 planned weeks save, scaled to 52" in words
    serves = f"would serve {first['measured']['lots']} lots of {first['measured']['units']} units"
    assert f"{first['proposals'][0]} {serves}, {first['measured']['new_lots']} of them imported now, for home" in words


def test_a_list_of_other_investments_is_not_told_any_more(busy: Path):
    assert found(busy, "--next", "0")["next"] is not None
    path = busy / "investments.yaml"
    path.write_text(path.read_text().replace("price: 50000", "price: 60000"))
    assert found(busy)["next"] is None


def test_a_proposal_becomes_a_scenario_that_can_be_applied(busy: Path):
    assert found(busy, "--scenario", "laser@north")["scenario"] == "laser-at-north"
    scenario = read_scenario(busy / "scenarios/laser-at-north.yaml")
    [edit] = scenario.edits
    assert isinstance(edit, AddMachines)
    region, _ = apply_scenario(read_region(busy).region, (), scenario)
    assert [group.id for group in region.workshops[0].groups] == ["laser", "laser-2"]
    assert found(busy, "--scenario", "corner@home")["scenario"] == "corner-at-home"
    opened, _ = apply_scenario(read_region(busy).region, (), read_scenario(busy / "scenarios/corner-at-home.yaml"))
    assert opened.workshops[-1].id == "corner-home"


def test_faults_are_told_with_their_exit_codes(busy: Path):
    def code(*arguments: str) -> int:
        return run("gaps", busy / "plan.json", "--region", busy, "--quiet", *arguments).exit_code

    assert code("--check", "north") == 3
    assert code("--check", "north/laser@9") == 3
    assert code("--scenario", "laser@nowhere") == 4
    assert run("gaps", "nothing", "--region", busy).exit_code == 4
    (busy / "workshops.yaml").write_text((busy / "workshops.yaml").read_text().replace("South Makers", "Southern"))
    result = run("gaps", busy / "plan.json", "--region", busy, "--next", "1", "--json")
    assert result.exit_code == 3
    assert [(one["code"]) for one in json.loads(result.stdout)["problems"]] == ["P151"]
    (busy / "investments.yaml").unlink()
    assert code("--next", "1") == 3
