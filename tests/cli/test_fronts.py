"""cosmolocal front: what it says, what it stores, how it ends."""

import json

from cli.small_region import run

BOOK = "orders/book.csv"


def front(region, *options: str):
    return run("front", region / BOOK, "--region", region, "--gap", "0", *options)


def test_plans_to_choose_from_are_told_stored_and_audited(planned):
    result = front(planned, "--aims", "cost,fairness", "--points", "3", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    costs = [point["cost_cents"] for point in told["points"]]
    loads = [point["busiest_permille"] for point in told["points"]]
    assert told["aims"] == ["cost", "fairness"]
    assert costs == sorted(set(costs))
    assert loads == sorted(set(loads), reverse=True)
    assert len(costs) > 1
    for point in told["points"]:
        assert run("audit", point["plan"], "--region", planned).exit_code == 0
        assert point["bound_cents"] <= point["cost_cents"]


def test_a_person_reads_a_table_and_nothing_is_stored_in_a_dry_run(planned):
    result = front(planned, "--aims", "local-share,cost", "--dry-run")
    assert result.exit_code == 0
    assert "none cheaper than" in result.stdout
    assert "nothing was stored" in result.output
    assert front(planned, "--quiet").stdout == ""


def test_aims_must_be_cost_and_one_other(planned):
    for aims in ("cost", "local-share", "cost,fame", "cost,co2e,fairness", ""):
        result = front(planned, "--aims", aims)
        assert result.exit_code == 3
        assert "P161" in result.output
