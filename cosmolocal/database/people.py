"""People, their sessions, tokens and invitations as rows; secrets come in as digests only.

Moments are RFC 3339 in UTC and whole seconds, so that they can be compared as text.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from enum import StrEnum
from typing import Any

from cosmolocal.database.library import Database
from cosmolocal.records import Invitation, Person, Role, Scope, Session, Token

Row = dict[str, Any]

#: the columns of a person but the password
_OF_PERSON = ", ".join(f"people.{field.name}" for field in fields(Person))


def add_person(db: Database, person: Person, password: str, created: str) -> None:
    """Store a person whose name is not taken, with the hash of the password."""
    row = {"name": person.name, "full_name": person.full_name, "password": password, "created": created}
    db.table("people").insert(row | _access_row(person.roles, person.workshop) | {"active": int(person.active)})


def set_access(db: Database, name: str, roles: Iterable[Role], workshop: str | None) -> None:
    """Store what a person may do from now on."""
    db.table("people").update(name, _access_row(roles, workshop))


def set_active(db: Database, name: str, active: bool) -> None:
    """Store whether a person may sign in."""
    db.table("people").update(name, {"active": int(active)})


def set_password(db: Database, name: str, password: str) -> None:
    """Store the hash of a person's new password."""
    db.table("people").update(name, {"password": password})


def find_person(db: Database, name: str) -> Person | None:
    """Return a person by name."""
    return _person(db, f"SELECT {_OF_PERSON} FROM people WHERE name = ?", name)


def find_password(db: Database, name: str) -> str | None:
    """Return the hash of the password of a person who may sign in."""
    row = next(db.query("SELECT password FROM people WHERE name = ? AND active", [name]), None)
    return str(row["password"]) if row else None


def list_people(db: Database) -> tuple[Person, ...]:
    """Return all people by name, those who may not sign in included."""
    return tuple(_to_person(row) for row in db.query(f"SELECT {_OF_PERSON} FROM people ORDER BY name"))


def count_people(db: Database) -> int:
    """Return how many people there are."""
    return int(db.table("people").count)


def add_session(db: Database, session: Session, digest: str) -> None:
    """Store a session; its id is given by the database."""
    row = _row(session, "id", "here") | {"digest": digest}
    db.table("sessions").insert(row)


def find_session(db: Database, digest: str, now: str) -> Session | None:
    """Return a session that has not expired."""
    return next(_sessions(db, "digest = ? AND expires > ?", digest, now), None)


def find_signed_in(db: Database, digest: str, now: str) -> Person | None:
    """Return who is signed in with a session."""
    sql = (
        f"SELECT {_OF_PERSON} FROM sessions JOIN people ON people.name = sessions.person"
        " WHERE sessions.digest = ? AND sessions.expires > ? AND people.active"
    )
    return _person(db, sql, digest, now)


def list_sessions(db: Database, person: str, now: str) -> tuple[Session, ...]:
    """Return the sessions of a person that have not expired, the one seen last first."""
    return tuple(_sessions(db, "person = ? AND expires > ?", person, now))


def touch_session(db: Database, digest: str, last_seen: str, expires: str) -> None:
    """Store that a session was used."""
    db.execute("UPDATE sessions SET last_seen = ?, expires = ? WHERE digest = ?", [last_seen, expires, digest])


def drop_sessions(db: Database, where: str, *values: str | int) -> int:
    """Delete sessions and return how many there were."""
    return int(db.execute(f"DELETE FROM sessions WHERE {where}", values).rowcount)


def drop_given_out(db: Database) -> dict[str, int]:
    """Delete all tokens, invitations that are still open and addresses of calendars; return how many there were."""
    return {
        "tokens": int(db.execute("DELETE FROM tokens").rowcount),
        "invitations": int(db.execute("DELETE FROM invitations WHERE used IS NULL").rowcount),
        "calendars": int(db.execute("DELETE FROM feeds").rowcount),
    }


def count_tries(db: Database, account: str, since: str) -> int:
    """Return how often somebody tried to sign in to an account."""
    return int(db.table("tries").count_where("account = ? AND at > ?", [account, since]))


def add_try(db: Database, account: str, at: str, since: str) -> None:
    """Store a try; those before ``since`` are forgotten."""
    db.execute("DELETE FROM tries WHERE at <= ?", [since])
    db.table("tries").insert({"account": account, "at": at})


def drop_tries(db: Database, account: str) -> None:
    """Forget the tries of an account."""
    db.table("tries").delete_where("account = ?", [account])


def add_invitation(db: Database, invitation: Invitation, digest: str, *, first_run: bool = False) -> None:
    """Store an invitation; its id is given by the database. There is one for the first run at most."""
    if first_run:
        db.table("invitations").delete_where("first_run")
    row = _row(invitation, "id", "roles") | _access_row(invitation.roles, invitation.workshop)
    db.table("invitations").insert(row | {"digest": digest, "first_run": int(first_run)})


def find_invitation(db: Database, digest: str, now: str, *, first_run: bool = False) -> Invitation | None:
    """Return an invitation that is open."""
    where = "digest = ? AND expires > ? AND used IS NULL AND first_run = ?"
    return next(_invitations(db, where, digest, now, int(first_run)), None)


def list_invitations(db: Database, now: str) -> tuple[Invitation, ...]:
    """Return the open invitations, oldest first."""
    return tuple(_invitations(db, "expires > ? AND used IS NULL AND NOT first_run", now))


def use_invitation(db: Database, invitation_id: int, now: str) -> int:
    """Store that an open invitation was accepted; return how many there were."""
    sql = "UPDATE invitations SET used = ? WHERE id = ? AND used IS NULL"
    return int(db.execute(sql, [now, invitation_id]).rowcount)


def drop_invitation(db: Database, invitation_id: int) -> int:
    """Delete an invitation nobody accepted; return how many there were."""
    sql = "DELETE FROM invitations WHERE id = ? AND used IS NULL AND NOT first_run"
    return int(db.execute(sql, [invitation_id]).rowcount)


def add_token(db: Database, token: Token, digest: str) -> None:
    """Store a token whose name the person does not use yet; its id is given by the database."""
    row = _row(token, "id", "scopes") | {"scopes": _json(token.scopes), "digest": digest}
    db.table("tokens").insert(row)


def find_token(db: Database, digest: str, now: str) -> Token | None:
    """Return a token that has not expired."""
    return next(_tokens(db, "digest = ? AND expires > ?", digest, now), None)


def list_tokens(db: Database, person: str) -> tuple[Token, ...]:
    """Return the tokens of a person, expired ones included, by name."""
    return tuple(_tokens(db, "person = ?", person))


def touch_token(db: Database, token_id: int, last_used: str) -> None:
    """Store that a token was used."""
    db.table("tokens").update(token_id, {"last_used": last_used})


def drop_token(db: Database, person: str, token_id: int) -> int:
    """Delete a token of a person; return how many there were."""
    return int(db.execute("DELETE FROM tokens WHERE id = ? AND person = ?", [token_id, person]).rowcount)


def _json(values: Iterable[StrEnum]) -> str:
    return json.dumps(sorted(values))


def _access_row(roles: Iterable[Role], workshop: str | None) -> Row:
    return {"roles": _json(roles), "workshop": workshop}


def _row(record: Session | Token | Invitation, *without: str) -> Row:
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in without}


def _roles(row: Row) -> frozenset[Role]:
    return frozenset(map(Role, json.loads(row["roles"])))


def _person(db: Database, sql: str, *values: str) -> Person | None:
    row = next(db.query(sql, values), None)
    return _to_person(row) if row else None


def _to_person(row: Row) -> Person:
    return Person(row["name"], row["full_name"], _roles(row), row["workshop"], bool(row["active"]))


def _sessions(db: Database, where: str, *values: str) -> Iterator[Session]:
    for row in db.table("sessions").rows_where(where, values, order_by="last_seen DESC, id DESC"):
        yield Session(row["id"], row["person"], row["created"], row["last_seen"], row["expires"])


def _invitations(db: Database, where: str, *values: str | int) -> Iterator[Invitation]:
    for row in db.table("invitations").rows_where(where, values, order_by="id"):
        yield Invitation(row["id"], _roles(row), row["workshop"], row["created"], row["expires"], row["name"])


def _tokens(db: Database, where: str, *values: str) -> Iterator[Token]:
    for row in db.table("tokens").rows_where(where, values, order_by="name"):
        scopes = frozenset(map(Scope, json.loads(row["scopes"])))
        moments = (row["created"], row["expires"], row["last_used"])
        yield Token(row["id"], row["person"], row["name"], scopes, *moments)
