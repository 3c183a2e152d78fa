"""Tables for spreadsheets."""

import csv
import io
from dataclasses import replace

import pytest
from samples import LAMPS, ORDERS, PLAN

from cosmolocal.exports.tables import (
    ALLOCATION_COLUMNS,
    TEXT_COLUMNS,
    TRIP_COLUMNS,
    UNMET_COLUMNS,
    allocation_rows,
    build_allocations_csv,
    build_trips_csv,
    build_unmet_csv,
    unmet_rows,
)
from cosmolocal.records import Trip


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_allocation_is_a_row_with_the_order_it_serves():
    [row] = read(build_allocations_csv(PLAN, ORDERS))
    cost = PLAN.allocations[0].cost
    assert (row["lot"], row["place"], row["due_date"], row["priority"]) == ("o-1/1", "north", "2026-09-18", "high")
    assert (row["makers"], row["machine_minutes"]) == ("joiners makers", "135")
    assert (row["money_cents"], row["total_cents"]) == (str(cost.money_cents), str(cost.total_cents))
    assert (row["co2e_g"], row["distance_m"], row["late_weeks"]) == ("1090", "9500", "1")


def test_money_and_weights_of_a_row_add_up_to_its_total():
    [row] = allocation_rows(PLAN, ORDERS)
    terms = [
        value for name, value in row.items() if name.endswith("_cents") and name not in ("money_cents", "total_cents")
    ]
    assert sum(terms) == row["total_cents"]  # fmt: skip


def test_each_imported_lot_is_a_row_with_its_reasons():
    [row] = read(build_unmet_csv(PLAN, ORDERS))
    assert (row["lot"], row["reasons"], row["fixes"]) == ("o-2/1", "radius capacity", "radius")
    assert int(row["total_cents"]) == PLAN.unmet[0].cost.total_cents


def test_shared_trips_are_rows_with_the_lots_that_share_them():
    [item] = PLAN.allocations
    leg = item.legs[-1]
    trip = Trip(leg.from_place, leg.to_place, leg.mode, leg.week, leg.distance_m, 1, 5, 300, 9, 301)
    [row] = read(build_trips_csv(replace(PLAN, trips=(trip,))))
    assert (row["lots"], row["mode"], row["load_kg"], row["total_cents"]) == (item.lot, leg.mode, "5", "301")
    assert build_trips_csv(PLAN).splitlines() == [",".join(TRIP_COLUMNS)]


def test_a_plan_without_rows_still_has_its_columns():
    empty = replace(PLAN, allocations=(), unmet=())
    assert build_allocations_csv(empty, ()).splitlines() == [",".join(ALLOCATION_COLUMNS)]
    assert build_unmet_csv(empty, ()).splitlines() == [",".join(UNMET_COLUMNS)]


def test_columns_hold_text_or_whole_numbers_as_declared():
    [row] = allocation_rows(PLAN, ORDERS)
    assert {name for name, value in row.items() if isinstance(value, str)} == TEXT_COLUMNS
    [row] = unmet_rows(PLAN, ORDERS)
    assert {name for name, value in row.items() if isinstance(value, str)} == TEXT_COLUMNS - {"workshop", "makers"} | {
        "reasons",
        "fixes",
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula_to_a_spreadsheet(start: str):
    order = replace(LAMPS, place=start + "cmd|' /C calc'!A0")
    [row] = read(build_allocations_csv(PLAN, (order, ORDERS[1])))
    assert row["place"] == "'" + order.place


def test_numbers_below_zero_stay_numbers():
    cost = replace(PLAN.allocations[0].cost, machine_cents=-5)
    plan = replace(PLAN, allocations=(replace(PLAN.allocations[0], cost=cost),))
    [row] = read(build_allocations_csv(plan, ORDERS))
    assert row["machine_cents"] == "-5"


def test_commas_quotes_and_lines_in_a_cell_come_back():
    order = replace(LAMPS, place='a,"b"\nc')
    [row] = read(build_allocations_csv(PLAN, (order, ORDERS[1])))
    assert row["place"] == order.place
