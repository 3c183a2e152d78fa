"""cosmolocal siting: sites chosen, written as a scenario, really planned; the plan is audited."""

import json
from pathlib import Path

import pytest
from cli.small_region import run
from gaps_region import make_busy

from cosmolocal.scenarios import apply_scenario, read_scenario
from cosmolocal.workflows.inputs import read_region


@pytest.fixture
def busy(region: Path) -> Path:
    make_busy(region)
    result = run("plan", region / "orders/busy.csv", "--region", region, "--out", region / "plan.json", "--quiet")
    assert result.exit_code == 0, result.output
    return region


def found(region: Path, *more: str) -> dict:
    command = ("siting", region / "plan.json", "--region", region, "--seconds", "10", "--json", "--quiet")
    result = run(*command, *more)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_sites_are_chosen_written_planned_and_the_plan_is_clean(busy: Path):
    told = found(busy, "--most", "2", "--aim", "local-share", "--scenario", "two-more", "--plan", "--gap", "0")
    assert 1 <= len(told["sites"]) <= 2
    assert told["bound_cents"] <= told["objective_cents"]
    assert told["model_share"] > told["now_share"]
    scenario = read_scenario(busy / "scenarios/two-more.yaml")
    region, _ = apply_scenario(read_region(busy).region, (), scenario)
    groups = sum(len(shop.groups) for shop in region.workshops)
    assert groups > sum(len(shop.groups) for shop in read_region(busy).region.workshops)
    planned = told["planned"]
    assert (planned["before_cents"], planned["before_share"]) == (told["now_cents"], told["now_share"])
    assert planned["after_cents"] < planned["before_cents"]
    assert planned["after_share"] > planned["before_share"]
    assert planned["after_unmet"] < planned["before_unmet"]
    least, most = told["proved_savings_cents"]
    assert least <= told["planned_saves_cents"] <= most
    slack = planned["before_gap"] * planned["before_cents"] + planned["after_gap"] * planned["after_cents"]
    assert slack <= most - least <= slack + 2
    audited = run("audit", planned["plan"], "--region", busy)
    assert audited.exit_code == 0, audited.output


def test_a_budget_of_nothing_opens_nothing_and_says_so(busy: Path):
    told = found(busy, "--budget", "0", "--plan")
    assert told["sites"] == []
    assert told["planned"] is None
    assert told["model_cents"] == told["now_cents"]
    words = run("siting", busy / "plan.json", "--region", busy, "--budget", "0").output
    assert "no site pays within these limits" in words


def test_words_tell_the_model_beside_the_plan(busy: Path):
    words = run("siting", busy / "plan.json", "--region", busy, "--aim", "local-share").output
    assert "by the model: cost" in words
    assert "not planned yet" in words
    assert "from the best choice of the model" in words


def test_without_investments_or_on_another_region_it_refuses(busy: Path):
    (busy / "investments.yaml").unlink()
    result = run("siting", busy / "plan.json", "--region", busy)
    assert result.exit_code == 3
    assert "P154" in result.output
    make_busy(busy)
    (busy / "orders/busy.csv").write_text((busy / "orders/busy.csv").read_text().replace(",60,", ",61,"))
    result = run("siting", busy / "plan.json", "--region", busy)
    assert result.exit_code == 3
    assert "P151" in result.output
