"""A plan as a Parquet table; needs the extra ``cosmolocal[parquet]``."""

import io
from collections.abc import Iterable

from cosmolocal.errors import InputError, Problem
from cosmolocal.exports.tables import ALLOCATION_COLUMNS, TEXT_COLUMNS, allocation_rows
from cosmolocal.records import Order, Plan

CODES = {"P083": "Parquet was asked for and pyarrow is not installed"}


def build_parquet(plan: Plan, orders: Iterable[Order]) -> bytes:
    """Return the lots made in the region as a Parquet file, with the plan's id, cost and bound in its metadata.

    Raises
    ------
    InputError
        When pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra: most people never need its 140 MB
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        found = "needs pyarrow, which is not installed; install cosmolocal[parquet]"
        raise InputError([Problem("P083", "format parquet", found)]) from None
    metadata = {"plan": plan.id, "cost_cents": str(plan.cost_cents), "bound_cents": str(plan.bound_cents)}
    types = [(name, pa.string() if name in TEXT_COLUMNS else pa.int64()) for name in ALLOCATION_COLUMNS]
    table = pa.Table.from_pylist(allocation_rows(plan, orders), schema=pa.schema(types, metadata=metadata))
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()
