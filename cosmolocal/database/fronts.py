"""Fronts: plans of an order book between which a region may choose."""

import json
from typing import Any

from cosmolocal.database.library import Database
from cosmolocal.database.opening import writing
from cosmolocal.records import Front, from_plain, to_plain


def save_front(db: Database, front: Front, made_at: str) -> None:
    """Store a front; one that is stored already is told to be made now."""
    row = {
        "id": front.id,
        "region": front.region,
        "book": front.book,
        "aim": str(front.aim),
        "made_at": made_at,
        "document": json.dumps(to_plain(front), ensure_ascii=False),
    }
    with writing(db):
        db.table("fronts").upsert(row, pk="id")


def list_fronts(db: Database) -> tuple[tuple[str, Front], ...]:
    """Return (moment made, front) of all fronts, newest first."""
    return tuple(_front(row) for row in db.table("fronts").rows_where(order_by="made_at DESC, id"))


def _front(row: dict[str, Any]) -> tuple[str, Front]:
    return row["made_at"], from_plain(Front, json.loads(row["document"]))
