"""What was done to order books, by whom and when; and where a plan has their orders."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cosmolocal.database.library import Database
from cosmolocal.records import to_plain

#: cells by order, by column
Cells = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class OrderChange:
    """One change of an order book."""

    book: str
    #: started, added, changed, removed or uploaded
    kind: str
    #: name of who changed it
    person: str
    #: RFC 3339, UTC
    changed_at: str
    reason: str
    #: [orders]
    added: int
    changed: int
    removed: int
    #: of the orders it touched; of an upload read from the database: nothing
    before: Cells
    after: Cells
    #: ``sha256:`` of the file afterwards
    digest: str


@dataclass(frozen=True, slots=True)
class PlacedLot:
    """Where a plan has a lot of an order."""

    order: str
    #: None: it is not made in the region
    workshop: str | None
    #: of the plan, from 0; None: it is not made in the region
    week: int | None


def save_order_change(db: Database, change: OrderChange) -> None:
    """Add a change within a transaction of the caller; what was noted before stays."""
    row = {**to_plain(change), "before": _json(change.before), "after": _json(change.after)}
    db.add_row("order_changes", row)


def _json(cells: Cells) -> str:
    return json.dumps({order: dict(row) for order, row in cells.items()}, ensure_ascii=False)


def load_order_changes(db: Database, book: str, limit: int) -> tuple[OrderChange, ...]:
    """Return the newest changes of a book, newest first."""
    small = "kind IN ('added', 'changed', 'removed')"  # an upload's cells may be many
    query = (
        "SELECT book, kind, person, changed_at, reason, added, changed, removed, digest,"
        f" iif({small}, before, '{{}}') AS before, iif({small}, after, '{{}}') AS after"
        " FROM order_changes WHERE book = ? ORDER BY id DESC LIMIT ?"
    )
    return tuple(
        OrderChange(**{**row, "before": json.loads(row["before"]), "after": json.loads(row["after"])})
        for row in db.query(query, [book, limit])
    )


def load_placed_lots(db: Database, plan: str, orders: Collection[str]) -> tuple[PlacedLot, ...]:
    """Return where a plan has the lots of some orders, those made first, by week."""
    marks = ", ".join("?" for _ in orders)
    query = (
        f"SELECT * FROM (SELECT order_id, workshop, week FROM allocations WHERE plan = ? AND order_id IN ({marks})"
        f" UNION ALL SELECT order_id, NULL, NULL FROM unmet WHERE plan = ? AND order_id IN ({marks}))"
        " ORDER BY week IS NULL, week"
    )
    rows = db.query(query, [plan, *orders, plan, *orders])
    return tuple(PlacedLot(row["order_id"], row["workshop"], row["week"]) for row in rows)


def load_start_date(db: Database, plan: str) -> str:
    """Return the Monday of a plan's week 0, an ISO date."""
    query = "SELECT json_extract(settings, '$.start_date') AS day FROM plans WHERE id = ?"
    return str(next(iter(db.query(query, [plan])))["day"])
