"""The road on the command line: one document, exit codes, what is kept and what is not."""

import json
from pathlib import Path

import pytest
from cli.small_region import run, write_lamp

from torture.lamp_region import write_region
from torture.road_files import write_road

KEYS = {
    "status",
    "share_percent",
    "share_bound_percent",
    "cost_cents",
    "bound_cents",
    "gap",
    "met_percent",
    "road",
    "digests",
}


@pytest.fixture
def region(tmp_path: Path) -> Path:
    folder = tmp_path / "region"
    write_region(folder)
    result = run("designs", "publish", write_lamp(tmp_path / "bundle", "1.0.0"), "--region", folder)
    assert result.exit_code == 0, result.output
    write_road(folder)
    return folder


def test_the_road_is_told_kept_and_written_as_a_report(region: Path, tmp_path: Path):
    report = tmp_path / "out" / "report.html"
    result = run("road", "--region", region, "--json", "--out", report)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found.keys() >= KEYS
    assert (found["status"], found["target_percent"], found["target_year"]) == ("met", 40.0, 2030)
    assert found["share_percent"] >= 40
    assert (region / "build/road.json").exists()
    page = report.read_text("utf-8")
    assert "Laser &lt;cutter&gt;" in page
    assert "<cutter>" not in page
    assert "a survey of the tests" in page
    assert "assumed" in page


def test_what_is_asked_for_otherwise_is_not_kept(region: Path):
    result = run(
        "road", "--region", region, "--json", "--target", "99", "--year", "2029", "--budget", "10000", "--quiet"
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["status"], found["yearly_budget_cents"]) == ("unreachable", 1_000_000)
    assert found["share_percent"] <= found["share_bound_percent"] < 99
    assert not (region / "build/road.json").exists()


def test_more_money_gets_further(region: Path):
    shares = [
        json.loads(run("road", "--region", region, "--json", "--target", "90", "--budget", budget).stdout)[
            "share_percent"
        ]
        for budget in ("0", "10000", "40000")
    ]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_the_same_seed_gives_the_same_document(region: Path):
    first, again = (run("road", "--region", region, "--json", "--seed", "3").stdout for _ in range(2))
    assert first == again
    other = json.loads(run("road", "--region", region, "--json", "--seed", "4").stdout)
    assert other["road"]["buys"] == json.loads(first)["road"]["buys"]
    assert other["road"]["bands"] != json.loads(first)["road"]["bands"]


def test_a_goal_that_is_required_and_missed_ends_with_five(region: Path):
    assert run("road", "--region", region, "--quiet", "--require-complete").exit_code == 0
    assert run("road", "--region", region, "--quiet", "--require-complete", "--target", "95").exit_code == 5


def test_words_say_the_answer_first(region: Path):
    result = run("road", "--region", region)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("If all comes as expected, Small can make 50")
    assert "Laser <cutter>" in result.stdout


def test_faults_are_told_by_the_road_and_by_validate(region: Path):
    path = region / "consumption.yaml"
    path.write_text(path.read_text("utf-8").replace("laser-cutting:", "magic:"), "utf-8")
    road = region / "road.yaml"
    road.write_text(road.read_text("utf-8").replace("percent: 40", "percent: forty"), "utf-8")
    for command in ("road", "validate"):
        result = run(command, "--region", region, "--json")
        assert result.exit_code == 3
        assert {problem["code"] for problem in json.loads(result.stdout)["problems"]} == {"W113", "W114"}


def test_a_year_that_comes_too_early_is_refused(region: Path):
    result = run("road", "--region", region, "--json", "--year", "2020")
    assert result.exit_code == 3
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["W115"]


def test_a_region_without_the_files_has_no_road(region: Path):
    (region / "road.yaml").unlink()
    assert run("road", "--region", region).exit_code == 4
    assert run("validate", "--region", region).exit_code == 0
