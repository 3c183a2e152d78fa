"""Calendars of a workshop's jobs at secret addresses, one for each person and workshop."""

import secrets
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from cosmolocal.database import feeds as rows
from cosmolocal.database import open_database, writing
from cosmolocal.database import people as people_rows
from cosmolocal.errors import ForbiddenError, NotFoundError, say
from cosmolocal.records import Person
from cosmolocal.workflows.rights import Action, answering, authorize
from cosmolocal.workflows.sessions import digest_of, utc_now
from cosmolocal.workflows.workspace import Workspace

NO_FEED = say("there is no such calendar")


def renew_feed(
    workspace: Workspace, person: Person | None, workshop: str, now: Callable[[], datetime] = utc_now
) -> str:
    """Return the secret of a new address, shown this once; the one before is worth nothing."""
    authorize(person, Action.SEE_JOB, answering(person, workshop))
    if person is None or all(shop.id != workshop for shop in workspace.region().workshops):
        raise NotFoundError(say("there is no workshop %(name)s", name=repr(workshop)))
    secret = secrets.token_urlsafe(32)
    with closing(open_database(workspace.database_path)) as db, writing(db):
        rows.set_feed(db, person.name, workshop, digest_of(secret), now().isoformat(timespec="seconds"))
    return secret


def revoke_feed(workspace: Workspace, person: Person | None, workshop: str) -> None:
    """Make the address of a person for a workshop worth nothing."""
    authorize(person, Action.SEE_JOB, answering(person, workshop))
    if person is not None:
        with closing(open_database(workspace.database_path)) as db, writing(db):
            rows.drop_feed(db, person.name, workshop)


def find_feed_date(workspace: Workspace, person: Person, workshop: str) -> str | None:
    """Return since when a person has an address for a workshop; None: there is none."""
    if not workspace.database_path.exists():
        return None
    with closing(open_database(workspace.database_path)) as db:
        return rows.find_feed_date(db, person.name, workshop)


def open_feed(workspace: Workspace, secret: str) -> tuple[Person, str]:
    """Return whose address it is and for which workshop.

    Raises
    ------
    NotFoundError
        When nobody has that address, or its person may not see the jobs any more.
    """
    if not workspace.database_path.exists():
        raise NotFoundError(NO_FEED)
    with closing(open_database(workspace.database_path)) as db:
        found = rows.find_feed(db, digest_of(secret))
        person = people_rows.find_person(db, found[0]) if found else None
    if found is None or person is None:
        raise NotFoundError(NO_FEED)
    try:
        authorize(person, Action.SEE_JOB, answering(person, found[1]))
    except ForbiddenError:
        raise NotFoundError(NO_FEED) from None
    return person, found[1]
