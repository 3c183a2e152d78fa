"""People: who has an account, with which roles; invitations, and the first administrator."""

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from cosmolocal.database import people as rows
from cosmolocal.database import writing
from cosmolocal.designs.bundles import list_designs
from cosmolocal.designs.notices import find_owners
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.records import Invitation, Person, Role
from cosmolocal.region import read_region_file
from cosmolocal.workflows.inputs import REGION
from cosmolocal.workflows.passwords import Hasher, normalize_password
from cosmolocal.workflows.people_rules import (
    LAST_ADMINISTRATOR,
    NAME,
    NAME_RULE,
    NAME_TAKEN,
    NOT_OPEN,
    WRONG_CODE,
    check_access,
    check_new_person,
)
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.sessions import Accounts, digest_of, utc_now
from cosmolocal.workflows.workspace import DATABASE

INVITED = timedelta(days=7)
#: whoever may write the database's file: the people who run the command line
OPERATOR = Person("operator", "operator", frozenset({Role.ADMINISTRATOR}))


def find_owner_names(root: Path) -> frozenset[str]:
    """Return the names of all people who own a design of a store."""
    designs = list_designs(root) if root.is_dir() else []
    return frozenset(name for design_id in designs for name in find_owners(root, design_id))


def find_region_names(folder: Path) -> frozenset[str]:
    """Return what the region in a folder is called, as far as its file can be read."""
    try:
        region = read_region_file(folder / REGION)
    except (InputError, OSError):
        return frozenset({folder.name})
    return frozenset({folder.name, region.id, region.name})


class People(Accounts):
    """The people of a region and all that happens to their accounts."""

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime] = utc_now,
        hasher: Hasher | None = None,
        reserved: Callable[[], Collection[str]] = tuple,
        around: Callable[[], Collection[str]] = tuple,
    ) -> None:
        super().__init__(path, now, hasher, around)
        #: names that own designs already: only an administrator gives them away
        self._reserved = reserved

    def list_all(self, by: Person) -> tuple[Person, ...]:
        """Return all people by name."""
        authorize(by, Action.MANAGE_PEOPLE)
        return rows.list_people(self._db)

    def find(self, by: Person, name: str) -> Person:
        """Return a person by name."""
        authorize(by, Action.MANAGE_PEOPLE)
        return self._find(name)

    def _find(self, name: str) -> Person:
        person = rows.find_person(self._db, name)
        if person is None:
            raise NotFoundError(say("there is no person %(name)s", name=repr(name)))
        return person

    def set_access(self, by: Person, name: str, roles: Iterable[Role], workshop: str | None = None) -> None:
        """Give a person other roles, from the next click on."""
        authorize(by, Action.MANAGE_PEOPLE)
        chosen = frozenset(roles)
        with writing(self._db):
            person = self._find(name)
            problems = check_access(chosen, workshop)
            problems += self._check_administrators(replace(person, roles=chosen), "roles")
            if problems:
                raise InputError(problems)
            rows.set_access(self._db, name, chosen, workshop)

    def set_active(self, by: Person, name: str, active: bool) -> None:
        """Let a person sign in, or no more: all sessions end, and tokens are worth nothing while it lasts."""
        authorize(by, Action.MANAGE_PEOPLE)
        with writing(self._db):
            problems = self._check_administrators(replace(self._find(name), active=active), "name")
            if problems:
                raise InputError(problems)
            rows.set_active(self._db, name, active)
            if not active:
                rows.drop_sessions(self._db, "person = ?", name)

    def _check_administrators(self, changed: Person, where: str) -> list[Problem]:
        """Return a problem when nobody could manage people after a change."""
        after = [changed if person.name == changed.name else person for person in rows.list_people(self._db)]
        if any(person.active and Role.ADMINISTRATOR in person.roles for person in after):
            return []
        return [Problem("S012", where, LAST_ADMINISTRATOR)]

    def add(self, by: Person, person: Person, password: str) -> None:
        """Give somebody an account without an invitation."""
        authorize(by, Action.MANAGE_PEOPLE)
        self._add(person, password, check_access(person.roles, person.workshop))

    def set_password(self, by: Person, name: str, password: str) -> None:
        """Set somebody's forgotten password; all sessions of the person end."""
        authorize(by, Action.MANAGE_PEOPLE)
        person = self._find(name)
        problems = self._check_password(password, person)
        if problems:
            raise InputError(problems)
        self._set_password(name, password)

    def invite(self, by: Person, roles: Iterable[Role], workshop: str | None = None, name: str | None = None) -> str:
        """Return the code of a new invitation; it is shown this once."""
        authorize(by, Action.MANAGE_PEOPLE)
        chosen = frozenset(roles)
        problems = check_access(chosen, workshop)
        if name is not None and not NAME.match(name):
            problems.append(Problem("S003", "name", NAME_RULE))
        if name is not None and rows.find_person(self._db, name):
            problems.append(Problem("S004", "name", NAME_TAKEN))
        if problems:
            raise InputError(problems)
        return self._add_invitation(chosen, workshop, name)

    def _add_invitation(
        self, roles: frozenset[Role], workshop: str | None = None, name: str | None = None, *, first_run: bool = False
    ) -> str:
        code = secrets.token_urlsafe(24)
        invitation = Invitation(0, roles, workshop, self._moment(), self._moment(INVITED), name)
        with writing(self._db):
            rows.add_invitation(self._db, invitation, digest_of(code), first_run=first_run)
        return code

    def invitations(self, by: Person) -> tuple[Invitation, ...]:
        """Return the open invitations, oldest first."""
        authorize(by, Action.MANAGE_PEOPLE)
        return rows.list_invitations(self._db, self._moment())

    def withdraw(self, by: Person, invitation_id: int) -> None:
        """Make an open invitation worth nothing."""
        authorize(by, Action.MANAGE_PEOPLE)
        with writing(self._db):
            withdrawn = rows.drop_invitation(self._db, invitation_id)
        if not withdrawn:
            raise NotFoundError("there is no such open invitation")

    # -- becoming a person

    def find_invitation(self, code: str) -> Invitation:
        """Return an open invitation by its code."""
        found = rows.find_invitation(self._db, digest_of(code), self._moment())
        if found is None:
            raise NotFoundError(NOT_OPEN)
        return found

    def first_run_code(self) -> str | None:
        """Return a new code that makes the first administrator, instead of the one before; None: there are people."""
        if not self.is_empty():
            return None
        return self._add_invitation(frozenset({Role.ADMINISTRATOR}), first_run=True)

    def start(self, code: str, name: str, full_name: str, password: str) -> str:
        """Make the first administrator and return the secret of a session.

        Raises
        ------
        NotFoundError
            When there are people already.
        """
        if not self.is_empty():
            raise NotFoundError("there are people already: ask an administrator for an invitation")
        invitation = rows.find_invitation(self._db, digest_of(code.strip()), self._moment(), first_run=True)
        problems = [] if invitation else [Problem("S009", "code", WRONG_CODE)]
        person = Person(name.strip(), full_name.strip(), frozenset({Role.ADMINISTRATOR}))
        self._add(person, password, problems, invitation)
        return self._add_session(person.name)

    def accept(self, code: str, name: str, full_name: str, password: str) -> str:
        """Make the invited person and return the secret of a session."""
        invitation = self.find_invitation(code)
        name = invitation.name or name.strip()
        taken = invitation.name is None and name in self._reserved()
        problems = [Problem("S004", "name", NAME_TAKEN)] if taken else []
        person = Person(name, full_name.strip(), invitation.roles, invitation.workshop)
        self._add(person, password, problems, invitation)
        return self._add_session(name)

    def _add(
        self, person: Person, password: str, problems: list[Problem], invitation: Invitation | None = None
    ) -> None:
        """Store a person, all or nothing; an invitation is used up by it."""
        problems = problems + check_new_person(person.name, person.full_name) + self._check_password(password, person)
        if not problems and rows.find_person(self._db, person.name):
            problems.append(Problem("S004", "name", NAME_TAKEN))
        if problems:
            raise InputError(problems)
        stored = self._hasher.hash(normalize_password(password))
        with writing(self._db):
            # looked at again: others may have been faster while the password was hashed
            if rows.find_person(self._db, person.name):
                raise InputError([Problem("S004", "name", NAME_TAKEN)])
            if invitation and not rows.use_invitation(self._db, invitation.id, self._moment()):
                raise InputError([Problem("S009", "code", NOT_OPEN)])
            rows.add_person(self._db, person, stored, self._moment())


def people_of(folder: Path) -> People:
    """Return the people of the region in a folder."""
    return People(
        folder / DATABASE,
        reserved=lambda: find_owner_names(folder / "designs"),
        around=lambda: find_region_names(folder),
    )
