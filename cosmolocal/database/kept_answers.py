"""Answers of the API as rows; moments are RFC 3339 in UTC and whole seconds, so that they can be compared as text."""

from cosmolocal.database.library import Database
from cosmolocal.records import KeptAnswer


def find_request(db: Database, person: str, key: str) -> tuple[str, str, KeptAnswer | None] | None:
    """Return the request that a person sent with a key, when it was begun, and its answer; None: it is being done."""
    row = next(db.query("SELECT * FROM kept_answers WHERE person = ? AND key = ?", [person, key]), None)
    if row is None:
        return None
    done = row["status"] is not None
    return row["request"], row["begun"], KeptAnswer(row["status"], row["location"], row["body"]) if done else None


def begin_request(db: Database, person: str, key: str, request: str, begun: str) -> None:
    """Store that a request is being done; one that was begun before and never ended makes room."""
    row = {"person": person, "key": key, "request": request, "begun": begun}
    db.table("kept_answers").insert(row | {"status": None, "location": None, "body": None}, replace=True)


def keep_answer(db: Database, person: str, key: str, answer: KeptAnswer) -> None:
    """Store what was answered."""
    changes = {"status": answer.status, "location": answer.location, "body": answer.body}
    db.table("kept_answers").update((person, key), changes)


def forget_request(db: Database, person: str, key: str) -> None:
    """Forget a request that made nothing."""
    db.table("kept_answers").delete_where("person = ? AND key = ?", [person, key])


def trim_requests(db: Database, until: str) -> int:
    """Forget all that was begun until then; return how many there were."""
    return int(db.execute("DELETE FROM kept_answers WHERE begun <= ?", [until]).rowcount)
