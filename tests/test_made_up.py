"""The made-up regions of the benchmarks, and what the benchmark of quotes does with them."""

import io
import json
import sys
from contextlib import redirect_stdout

import pytest

from benchmarks import promise
from benchmarks.made_up import PROCESSES, Size, make_region
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.ground import Ground
from cosmolocal.workflows import audit_records

SMALL = Size(orders=60, workshops=8, places=6, weeks=4, fairness_cents_per_hour=200, limited_links=4)


def test_the_same_seed_makes_the_same_records():
    assert make_region(SMALL, 3) == make_region(SMALL, 3)
    assert make_region(SMALL, 3) != make_region(SMALL, 4)


def test_every_process_is_offered_and_some_designs_have_parts():
    region, _ = make_region(SMALL, 1)
    assert {group.process for shop in region.workshops for group in shop.groups} == set(PROCESSES)
    assert {bool(design.bom) for design in region.designs} == {True, False}


def test_a_plan_of_accepted_promises_passes_its_audit():
    region, orders = make_region(SMALL, 2)
    plan = promise.make_plan(region, Resources(Ground(region)), orders)
    assert len(plan.allocations) > 30
    assert audit_records(plan, region, orders).problems == ()


def test_the_benchmark_prints_rows_and_no_try_beats_a_quote(monkeypatch: pytest.MonkeyPatch):
    small = ["--orders", "60", "--workshops", "8", "--places", "6", "--weeks", "4", "--quotes", "20", "--against", "20"]
    monkeypatch.setattr(sys, "argv", ["promise", *small])
    with redirect_stdout(io.StringIO()) as out:
        promise.main()
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert all({"what", "ours", "theirs", "ratio"} <= row.keys() for row in rows)
    [quotes] = [row for row in rows if "worse" in row]
    assert (quotes["worse"], quotes["proved"]) == (0, 20)
