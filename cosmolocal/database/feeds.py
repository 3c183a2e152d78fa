"""Secret addresses of calendars; secrets come in as digests only."""

from cosmolocal.database.library import Database


def set_feed(db: Database, person: str, workshop: str, digest: str, created: str) -> None:
    """Store the address of a person for a workshop, in place of the one before."""
    drop_feed(db, person, workshop)
    row = {"digest": digest, "person": person, "workshop": workshop, "created": created}
    db.table("feeds").insert(row)


def drop_feed(db: Database, person: str, workshop: str) -> int:
    """Delete the address of a person for a workshop; return how many there were."""
    sql = "DELETE FROM feeds WHERE person = ? AND workshop = ?"
    return int(db.execute(sql, [person, workshop]).rowcount)


def find_feed(db: Database, digest: str) -> tuple[str, str] | None:
    """Return the names of the person and the workshop of an address."""
    row = next(iter(db.table("feeds").rows_where("digest = ?", [digest])), None)
    return (str(row["person"]), str(row["workshop"])) if row else None


def find_feed_date(db: Database, person: str, workshop: str) -> str | None:
    """Return when a person's address for a workshop was made; None: there is none."""
    row = next(iter(db.table("feeds").rows_where("person = ? AND workshop = ?", [person, workshop])), None)
    return str(row["created"]) if row else None
