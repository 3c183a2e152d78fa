"""Signing in, sessions and tokens. Secrets leave here once and are kept as digests only."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cosmolocal.database import find_state, open_database, writing
from cosmolocal.database import people as rows
from cosmolocal.database.library import Database
from cosmolocal.errors import ForbiddenError, InputError, NotFoundError, Problem, is_full_disk
from cosmolocal.records import Person, Scope, Session, Token
from cosmolocal.workflows.passwords import NOBODY, Hasher, Scrypt, check_password, normalize_password
from cosmolocal.workflows.people_rules import (
    BAD_TOKEN,
    LONGEST_FULL_NAME,
    NARROW_TOKEN,
    NO_SCOPE,
    STRONG_TOKEN,
    THROTTLED,
    TOKEN_DAYS_RULE,
    TOKEN_NAME_RULE,
    WRONG,
    WRONG_PRESENT,
    is_line,
)
from cosmolocal.workflows.remembering import Memory
from cosmolocal.workflows.rights import Action, authorize

#: a browser that was not used for so long is signed out
IDLE = timedelta(days=14)
#: the time a session was last seen is written this often at most, for each write waits for the disk
SEEN_EVERY = timedelta(minutes=10)
#: tries to sign in, for each account
TRIES, TRY_WINDOW = 5, timedelta(minutes=1)
#: [days] that a token may be valid
LONGEST_TOKEN_DAYS = 366

#: by database, its state and the digest of the session's secret: signing out changes the state
_SIGNED_IN = Memory[tuple[Person, Session]](1_024)


@contextmanager
def _noting(db: Database) -> Iterator[None]:
    """Write what is nice to know: reading goes on where the disk is full."""
    try:
        with writing(db):
            yield
    except OSError as error:
        if not is_full_disk(error):
            raise


class ThrottledError(InputError):
    """Somebody tries to sign in too often."""


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def digest_of(secret: str) -> str:
    """Return what is stored of a secret made by this program; it needs no salt, for it cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def covers(token: Token, scopes: Collection[Scope]) -> bool:
    """Return whether a token is good for all of some scopes; each of the others includes reading."""
    return set(scopes) <= token.scopes | {Scope.READ}


class Accounts:
    """Signing in to a region; the connection belongs to one thread and is made when first needed."""

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime] = utc_now,
        hasher: Hasher | None = None,
        around: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self.path, self._now, self._hasher = path, now, hasher or Scrypt()
        #: names that everybody in the region knows: no passwords
        self._around = around
        self._opened: Any = None

    def close(self) -> None:
        """Close the connection."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _db(self) -> Any:
        if self._opened is None:
            self._opened = open_database(self.path)
        return self._opened

    def _moment(self, later: timedelta = timedelta()) -> str:
        return (self._now() + later).isoformat(timespec="seconds")

    def _check_password(self, password: str, person: Person) -> list[Problem]:
        return check_password(password, person.name, person.full_name, self._around())

    # -- signing in

    def is_empty(self) -> bool:
        """Return whether nobody has an account yet."""
        return rows.count_people(self._db) == 0

    def sign_in(self, name: str, password: str) -> str:
        """Return the secret of a new session.

        Raises
        ------
        InputError
            S001 or, after five tries within a minute, S002: the same for names that do not exist.
        """
        name = name.strip().lower()
        self._require_password(name, password, Problem("S001", "password", WRONG))
        return self._add_session(name)

    def _require_password(self, name: str, password: str, wrong: Problem) -> None:
        """Raise unless it is the password of an account that is in use; takes as long for all others."""
        account, since = digest_of(name), self._moment(-TRY_WINDOW)
        with writing(self._db):
            throttled = rows.count_tries(self._db, account, since) >= TRIES
            if not throttled:
                # before the password is looked at, so that a hundred tries at once are a hundred tries
                rows.add_try(self._db, account, self._moment(), since)
        if throttled:
            raise ThrottledError([Problem("S002", wrong.where, THROTTLED)])
        stored = rows.find_password(self._db, name)
        fits = self._hasher.check(stored or NOBODY, normalize_password(password))
        if stored is None or not fits:
            raise InputError([wrong])
        with writing(self._db):
            rows.drop_tries(self._db, account)

    def _add_session(self, name: str) -> str:
        secret = secrets.token_urlsafe(32)
        now = self._moment()
        with writing(self._db):
            rows.drop_sessions(self._db, "expires <= ?", now)
            rows.add_session(self._db, Session(0, name, now, now, self._moment(IDLE)), digest_of(secret))
        return secret

    def find_signed_in(self, secret: str) -> Person | None:
        """Return who is signed in with a session's secret; asked for again only when the database changed."""
        digest, now = digest_of(secret), self._moment()
        key = (self.path, find_state(self.path), digest)
        known = _SIGNED_IN.find(key) or self._load_signed_in(key, now)
        if known is None or known[1].expires <= now:
            return None
        person, session = known
        if session.last_seen <= self._moment(-SEEN_EVERY):
            with _noting(self._db):
                rows.touch_session(self._db, digest, now, self._moment(IDLE))
        return person

    def _load_signed_in(self, key: tuple[Path, tuple[int, ...], str], now: str) -> tuple[Person, Session] | None:
        person, session = rows.find_signed_in(self._db, key[2], now), rows.find_session(self._db, key[2], now)
        if person is None or session is None:
            return None
        _SIGNED_IN.keep(key, (person, session))
        return person, session

    def end_session(self, secret: str) -> None:
        """Sign out: the secret is worth nothing from now on."""
        with writing(self._db):
            rows.drop_sessions(self._db, "digest = ?", digest_of(secret))

    # -- the own account

    def sessions(self, by: Person, secret: str) -> tuple[Session, ...]:
        """Return the browsers in which a person is signed in; ``secret`` is the present one's."""
        authorize(by, Action.OWN_ACCOUNT)
        now = self._moment()
        here = rows.find_session(self._db, digest_of(secret), now)
        return tuple(
            replace(session, here=here is not None and session.id == here.id)
            for session in rows.list_sessions(self._db, by.name, now)
        )

    def end_own_session(self, by: Person, session_id: int) -> None:
        """Sign another browser of the same person out."""
        authorize(by, Action.OWN_ACCOUNT)
        with writing(self._db):
            ended = rows.drop_sessions(self._db, "id = ? AND person = ?", session_id, by.name)
        if not ended:
            raise NotFoundError("there is no such session of yours")

    def change_password(self, by: Person, present: str, new: str) -> str:
        """Set a new password and return the secret of a new session; all others of the person end."""
        authorize(by, Action.OWN_ACCOUNT)
        problems = [replace(problem, where="new") for problem in self._check_password(new, by)]
        try:
            self._require_password(by.name, present, Problem("S008", "present", WRONG_PRESENT))
        except ThrottledError:
            raise
        except InputError as error:
            problems += error.problems
        if problems:
            raise InputError(problems)
        self._set_password(by.name, new)
        return self._add_session(by.name)

    def _set_password(self, name: str, password: str) -> None:
        stored = self._hasher.hash(normalize_password(password))
        with writing(self._db):
            rows.set_password(self._db, name, stored)
            rows.drop_sessions(self._db, "person = ?", name)

    # -- tokens

    def tokens(self, by: Person) -> tuple[Token, ...]:
        """Return the tokens of a person, expired ones included."""
        authorize(by, Action.OWN_ACCOUNT)
        return rows.list_tokens(self._db, by.name)

    def make_token(
        self, by: Person, name: str, scopes: Iterable[Scope], days: int, through: Token | None = None
    ) -> str:
        """Return a new token; it is shown this once.

        One that is made ``through`` another token can neither do more nor last longer than that one.
        """
        authorize(by, Action.OWN_ACCOUNT)
        name, chosen, token = name.strip(), frozenset(scopes), "cosmolocal_" + secrets.token_urlsafe(32)
        days_ok = 1 <= days <= LONGEST_TOKEN_DAYS
        expires = self._moment(timedelta(days=days)) if days_ok else ""
        with writing(self._db):
            taken = name in {other.name for other in rows.list_tokens(self._db, by.name)}
            found = (
                ("S013", "token_name", TOKEN_NAME_RULE, taken or not is_line(name, LONGEST_FULL_NAME)),
                ("S014", "scopes", NO_SCOPE, not chosen),
                ("S015", "days", TOKEN_DAYS_RULE, not days_ok),
                ("S017", "scopes", STRONG_TOKEN, through is not None and not covers(through, chosen)),
                ("S017", "days", STRONG_TOKEN, through is not None and expires > through.expires),
            )
            problems = [Problem(code, where, message) for code, where, message, wrong in found if wrong]
            if problems:
                raise InputError(problems)
            rows.add_token(self._db, Token(0, by.name, name, chosen, self._moment(), expires), digest_of(token))
        return token

    def revoke_token(self, by: Person, token_id: int, through: Token | None = None) -> None:
        """Make a token of the person worth nothing; ``through`` another token only one that can do no more."""
        authorize(by, Action.OWN_ACCOUNT)
        with writing(self._db):
            found = next((one for one in rows.list_tokens(self._db, by.name) if one.id == token_id), None)
            if found and through and not covers(through, found.scopes):
                raise ForbiddenError(NARROW_TOKEN)
            revoked = rows.drop_token(self._db, by.name, token_id)
        if not revoked:
            raise NotFoundError("there is no such token of yours")

    def find_token(self, secret: str) -> tuple[Token, Person]:
        """Return a token and whose it is.

        Raises
        ------
        ForbiddenError
            When it is unknown, expired or revoked, or its person may not sign in.
        """
        token = rows.find_token(self._db, digest_of(secret), self._moment())
        person = rows.find_person(self._db, token.person) if token else None
        if token is None or person is None or not person.active:
            raise ForbiddenError(BAD_TOKEN, sign_in=True)
        return token, person

    def use_token(self, secret: str, scope: Scope) -> Person:
        """Return whose token it is.

        Raises
        ------
        ForbiddenError
            As `find_token`, and when it is not good for ``scope``.
        """
        now = self._moment()
        token, person = self.find_token(secret)
        if not covers(token, {scope}):
            raise ForbiddenError(NARROW_TOKEN)
        if token.last_used is None or token.last_used <= self._moment(-SEEN_EVERY):
            with _noting(self._db):
                rows.touch_token(self._db, token.id, now)
        return person
