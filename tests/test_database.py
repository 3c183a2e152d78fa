"""The database: what is saved is loaded again, wholly or not at all."""

import sqlite3
from dataclasses import is_dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from samples import LAMPS, ORDERS, PLAN, REGION, RUN, STOOLS
from sqlite_utils import Database

from cosmolocal.database import (
    find_plan_id,
    list_plans,
    load_orders,
    load_plan,
    load_plan_inputs,
    load_runs,
    open_database,
    save_plan,
    save_region,
    writing,
)
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import Order, Plan, RunInfo

EMPTY = replace(PLAN, id="ff00", allocations=(), unmet=(), prices=(), settings={})

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
SCALARS = {
    str: texts,
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    NoneType: st.none(),
}


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a record's field, by its type hint."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return st.one_of(*map(any_of, arguments))
    if origin is dict:
        return st.dictionaries(any_of(arguments[0]), any_of(arguments[1]), max_size=2)
    if origin is tuple and arguments[-1] is ...:
        return st.lists(any_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(any_of, arguments))
    if is_dataclass(hint):
        return st.builds(hint, **{name: any_of(field) for name, field in get_type_hints(hint).items()})
    return SCALARS.get(hint, st.from_type(hint))


@st.composite
def plans_with_orders(draw: st.DrawFn) -> tuple[Plan, tuple[Order, ...]]:
    """Plans of any content whose lots have different ids and belong to an order of the book."""
    orders = draw(st.lists(any_of(Order), min_size=1, max_size=3, unique_by=lambda order: order.id))
    plan = draw(any_of(Plan).filter(lambda plan: plan.id))
    lots = [replace(lot, order=draw(st.sampled_from(orders)).id) for lot in (*plan.allocations, *plan.unmet)]
    lots = [replace(lot, lot=f"{number}/{lot.lot}") for number, lot in enumerate(lots)]
    made = len(plan.allocations)
    return replace(plan, allocations=tuple(lots[:made]), unmet=tuple(lots[made:])), tuple(orders)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    with open_database(tmp_path / "new" / "plans.db") as database:
        yield database


def count(db: Database, table: str) -> int:
    return int(db[table].count)


@settings(max_examples=40, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(case=plans_with_orders())
def test_save_then_load_gives_the_same_plan_and_orders(
    case: tuple[Plan, tuple[Order, ...]], tmp_path_factory: pytest.TempPathFactory
):
    plan, orders = case
    with open_database(tmp_path_factory.mktemp("law") / "plans.db") as db:
        save_plan(db, plan, orders, RUN)
        assert load_plan(db, plan.id) == plan
        assert load_orders(db, plan.id) == tuple(order.without_contact() for order in orders)


def test_the_plan_that_uses_every_field_comes_back(db: Database):
    save_plan(db, PLAN, ORDERS, RUN)
    assert load_plan(db, PLAN.id) == PLAN
    assert load_orders(db, PLAN.id) == ORDERS
    assert load_runs(db, PLAN.id) == (RUN,)


def test_the_order_of_digests_comes_back(db: Database):
    """Equal dicts may differ in order; a file written from the plan must not."""
    save_plan(db, PLAN, ORDERS, RUN)
    assert list(load_plan(db, PLAN.id).digests) == list(PLAN.digests)


def test_a_stored_plan_is_not_replaced_but_gets_another_run(db: Database):
    again = RunInfo("2026-09-02T08:00:00+00:00", 3.0)
    save_plan(db, PLAN, ORDERS, RUN)
    save_plan(db, replace(PLAN, cost_cents=1), (), again)
    assert load_plan(db, PLAN.id) == PLAN
    assert load_runs(db, PLAN.id) == (RUN, again)
    assert [row["cost_cents"] for row in db.table("runs").rows] == [PLAN.cost_cents, 1]


def test_a_plan_that_cannot_be_stored_wholly_leaves_nothing(db: Database):
    """The last allocation belongs to an order that is not in the book."""
    with pytest.raises(sqlite3.IntegrityError):
        save_plan(db, PLAN, (LAMPS,), RUN)
    tables = [table.name for table in db.tables if not table.name.startswith(("_", "design_words_fts"))]
    assert {name: count(db, name) for name in tables} == dict.fromkeys(tables, 0)


def test_the_inputs_of_all_plans_come_back_without_the_plans(db: Database):
    save_region(db, REGION)
    for plan in (PLAN, EMPTY):
        save_plan(db, plan, ORDERS, RUN)
    found = load_plan_inputs(db)
    assert {plan_id: (inputs.digests, inputs.settings) for plan_id, inputs in found.items()} == {
        plan.id: (plan.digests, plan.settings) for plan in (PLAN, EMPTY)
    }


def test_plans_are_listed_by_their_newest_run(db: Database):
    save_plan(db, PLAN, ORDERS, RUN)
    save_plan(db, EMPTY, (), RUN)
    save_plan(db, PLAN, ORDERS, replace(RUN, started_at="2026-09-03T08:00:00+00:00"))
    first, second = list_plans(db)
    assert (first.id, second.id) == (PLAN.id, EMPTY.id)
    assert (first.allocations, first.unmet, first.local_share) == (1, 1, PLAN.local_share)
    assert first.started_at == "2026-09-03T08:00:00+00:00"
    assert first.gap == PLAN.gap


def test_a_plan_is_found_by_the_beginning_of_its_id(db: Database):
    save_plan(db, PLAN, ORDERS, RUN)
    save_plan(db, replace(EMPTY, id=PLAN.id + "c"), (), RUN)
    save_plan(db, EMPTY, (), RUN)
    assert find_plan_id(db, "ff") == EMPTY.id
    assert load_plan(db, "f") == EMPTY
    assert find_plan_id(db, PLAN.id) == PLAN.id, "a whole id wins over a longer one that begins with it"
    with pytest.raises(NotFoundError, match=r"0123456789ab, 0123456789abc"):
        find_plan_id(db, "0123")


@pytest.mark.parametrize("wrong", ["", "%", "0_", "zz", "0123456789abcd"])
def test_an_id_that_begins_no_plan_is_not_found(db: Database, wrong: str):
    save_plan(db, PLAN, ORDERS, RUN)
    with pytest.raises(NotFoundError):
        load_plan(db, wrong)


def test_a_region_is_stored_with_its_places_and_may_be_stored_again(db: Database):
    save_plan(db, PLAN, ORDERS, RUN)
    save_region(db, REGION)
    save_region(db, replace(REGION, workshops=REGION.workshops[:1]))
    assert [(row["id"], row["kind"]) for row in db.table("places").rows] == [
        ("north", "neighbourhood"),
        ("south", "neighbourhood"),
        ("makers", "workshop"),
    ]
    assert db.table("regions").get("two")["name"] == REGION.name


def test_power_cuts_and_lost_references_are_guarded_against(db: Database):
    pragmas = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "truncate", "synchronous": 3}
    with pytest.raises(sqlite3.IntegrityError):
        db.table("run_progress").insert({"run": 99, "position": 0, "seconds": 0.0})


def test_a_writer_waits_for_another_one(tmp_path: Path):
    with open_database(tmp_path / "plans.db") as first:
        assert first.execute("PRAGMA busy_timeout").fetchone()[0] >= 10_000


def test_opening_again_keeps_what_is_stored(tmp_path: Path):
    for _ in range(2):
        with open_database(tmp_path / "plans.db") as db:
            save_plan(db, PLAN, ORDERS, RUN)
    with open_database(tmp_path / "plans.db") as db:
        assert len(load_runs(db, PLAN.id)) == 2


def test_a_failed_migration_leaves_nothing(tmp_path: Path):
    """A table of ours that is in the way stops the first migration in its middle."""
    path = tmp_path / "other.db"
    with Database(path) as other:
        other.table("prices").insert({"x": 1})
    with pytest.raises(InputError, match="P080"):
        open_database(path)
    with Database(path) as other:
        assert other.table_names() == ["prices"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    path = tmp_path / "plans.db"
    path.write_text("id,name\n" * 200)
    with pytest.raises(InputError, match="P080"):
        open_database(path)
    assert path.read_text() == "id,name\n" * 200


def test_a_folder_is_no_database(tmp_path: Path):
    with pytest.raises(InputError, match="P080"):
        open_database(tmp_path)


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path):
    with open_database(tmp_path / "plans.db") as db:
        db.table("_sqlite_migrations").insert(
            {"migration_set": "cosmolocal", "name": "9999_people", "applied_at": "2030-01-01"}
        )
    with pytest.raises(InputError, match="9999_people"):
        open_database(tmp_path / "plans.db")


def test_the_overview_speaks_in_euros_and_percent(db: Database):
    save_plan(db, PLAN, ORDERS, RUN)
    save_plan(db, replace(EMPTY, cost_cents=0, bound_cents=0), (), RUN)
    row = next(db.query("SELECT * FROM plan_overview WHERE plan = ?", [PLAN.id]))
    assert row["cost_euros"] == 512.60
    assert row["gap_percent"] == pytest.approx(PLAN.gap * 100, abs=0.001)
    assert (row["local_units_percent"], row["local_value_percent"]) == (57.1, None)
    assert (row["orders"], row["local_lots"], row["imported_lots"], row["runs"]) == (2, 1, 1, 1)
    assert count(db, "plan_overview") == 2


def test_the_load_of_a_week_counts_machine_minutes_where_they_are_worked(db: Database):
    save_plan(db, PLAN, ORDERS, RUN)
    rows = [tuple(row.values())[1:] for row in db.view("workshop_week_load").rows]
    assert rows == [
        ("joiners", "bench", 2, "2026-09-21", 1, 40, 0.67),
        ("makers", "laser", 1, "2026-09-14", 1, 95, 1.58),
    ]


def test_an_order_is_local_partly_or_imported(db: Database):
    part = replace(PLAN.unmet[0], lot="o-1/2", order="o-1", reasons=(), fixes=())
    save_plan(db, replace(PLAN, unmet=(*PLAN.unmet, part)), ORDERS, RUN)
    save_plan(db, replace(PLAN, id="1", unmet=()), (LAMPS, STOOLS), RUN)
    rows = {(row["plan"], row["order_id"]): row for row in db.view("order_status").rows}
    assert {key: row["served"] for key, row in rows.items()} == {
        (PLAN.id, "o-1"): "partly",
        (PLAN.id, "o-2"): "imported",
        ("1", "o-1"): "local",
    }
    lamps = rows["1", "o-1"]
    assert (lamps["local_units"], lamps["delivered_in_week_of"], lamps["late_weeks"]) == (4, "2026-09-21", 1)
    assert lamps["money_euros"] == PLAN.allocations[0].cost.money_cents / 100
    assert lamps["total_euros"] == PLAN.allocations[0].cost.total_cents / 100


def test_reasons_stand_beside_the_lot_they_explain(db: Database):
    save_plan(db, PLAN, ORDERS, RUN)
    rows = list(db.view("unmet_reasons").rows)
    assert [(row["lot"], row["reason"]) for row in rows] == [("o-2/1", "radius"), ("o-2/1", "capacity")]


def test_a_disk_that_may_not_be_written_is_no_fault_of_the_database(tmp_path: Path):
    with open_database(tmp_path / "plans.db") as db:
        db.execute("PRAGMA query_only = ON")
        with pytest.raises(OSError, match="Read-only file system"), writing(db):
            db.table("x").insert({"a": 1})


def test_an_upsert_makes_no_table_to_find_out_what_sqlite_can(tmp_path):
    """Where a full disk hindered that, new rows were passed over without a word, and a published plan had no jobs."""
    db = open_database(tmp_path / "new.db")
    said: list[str] = []
    db.conn.set_trace_callback(said.append)
    with writing(db):
        db.table("regions").upsert({"id": "r", "name": "R", "attribution": ""}, pk="id")
    db.close()
    assert any("INSERT" in sql.upper() for sql in said)
    assert not [sql for sql in said if sql.upper().startswith(("CREATE", "DROP"))]
