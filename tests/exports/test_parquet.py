"""Parquet, which is an extra."""

import io
import sys
from dataclasses import replace

import pytest
from samples import ORDERS, PLAN

from cosmolocal.errors import InputError
from cosmolocal.exports.parquet import build_parquet
from cosmolocal.exports.tables import allocation_rows


def test_the_table_holds_what_the_csv_holds_with_types():
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    table = parquet.read_table(io.BytesIO(build_parquet(PLAN, ORDERS)))
    assert table.to_pylist() == allocation_rows(PLAN, ORDERS)
    assert str(table.schema.field("total_cents").type) == "int64"
    assert table.schema.metadata[b"plan"] == PLAN.id.encode()


def test_a_plan_without_allocations_has_the_same_columns():
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    whole = parquet.read_schema(io.BytesIO(build_parquet(PLAN, ORDERS)))
    empty = parquet.read_schema(io.BytesIO(build_parquet(replace(PLAN, allocations=()), ORDERS)))
    assert whole.equals(empty)


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"install cosmolocal\[parquet\]"):
        build_parquet(PLAN, ORDERS)
