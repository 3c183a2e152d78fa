"""Wishes of planners as rows; one that is taken back stays with who did so and when."""

from collections.abc import Iterator
from datetime import date

from cosmolocal.database.library import Database
from cosmolocal.database.opening import writing
from cosmolocal.records import Wish, WishKind


def add_wish(db: Database, region: str, wish: Wish) -> int:
    """Store a wish and return its id; where the lot is to be made or not made can only be wished one way at a time."""
    of_lot = "region = ? AND book = ? AND order_id = ? AND lot = ? AND withdrawn IS NULL"
    values = [region, wish.book, wish.order, wish.lot]
    if wish.kind is WishKind.AVOID:
        replaced, values = f"{of_lot} AND workshop = ?", [*values, wish.workshop]
    else:
        replaced, values = f"{of_lot} AND (kind != 'avoid' OR workshop = ?)", [*values, wish.workshop]
    row = {
        "region": region,
        "book": wish.book,
        "order_id": wish.order,
        "lot": wish.lot,
        "kind": str(wish.kind),
        "workshop": wish.workshop,
        "monday": wish.monday.isoformat() if wish.monday else None,
        "note": wish.note,
        "person": wish.person,
        "created": wish.created,
    }
    with writing(db):
        sql = f"UPDATE wishes SET withdrawn = ?, withdrawn_by = ? WHERE {replaced}"
        db.execute(sql, [wish.created, wish.person, *values])
        return db.add_row("wishes", row)


def withdraw_wish(db: Database, region: str, wish_id: int, person: str, now: str) -> int:
    """Take a wish back; return how many held."""
    sql = "UPDATE wishes SET withdrawn = ?, withdrawn_by = ? WHERE id = ? AND region = ? AND withdrawn IS NULL"
    with writing(db):
        return int(db.execute(sql, [now, person, wish_id, region]).rowcount)


def list_wishes(db: Database, region: str, book: str = "", order: str = "") -> tuple[Wish, ...]:
    """Return the wishes that hold, newest first; those of one order book or order where they are named."""
    where, values = "region = ? AND withdrawn IS NULL", [region]
    for column, value in (("book", book), ("order_id", order)):
        if value:
            where, values = f"{where} AND {column} = ?", [*values, value]
    return tuple(_wishes(db, where, values))


def _wishes(db: Database, where: str, values: list[str]) -> Iterator[Wish]:
    for row in db.query(f"SELECT * FROM wishes WHERE {where} ORDER BY id DESC", values):
        yield Wish(
            row["id"],
            row["book"],
            row["order_id"],
            row["lot"],
            WishKind(row["kind"]),
            row["workshop"],
            date.fromisoformat(row["monday"]) if row["monday"] else None,
            row["note"],
            row["person"],
            row["created"],
        )
