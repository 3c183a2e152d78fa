"""A request that is sent twice is done once: programs name it with a key, and the answer is kept for a day."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cosmolocal.database import kept_answers as rows
from cosmolocal.database import open_database, writing
from cosmolocal.errors import InputError, Problem
from cosmolocal.records import KeptAnswer, Person
from cosmolocal.workflows.sessions import utc_now

CODES = {
    "U067": "An Idempotency-Key is empty, too long, or holds blanks or signs beyond ASCII.",
    "U068": "An Idempotency-Key was used already, for another request.",
    "U069": "The request of an Idempotency-Key is being done at this moment.",
}

#: an answer is kept so long
KEPT = timedelta(days=1)
#: what was begun and has no answer so long after was cut off, and may be done again
LEASE = timedelta(minutes=10)
_KEY = re.compile(r"[!-~]{1,200}\Z")
_WHERE = "Idempotency-Key"


def require_key(key: str) -> None:
    """Refuse a key that is no word.

    Raises
    ------
    InputError
        U067: the rule of keys is not kept.
    """
    if not _KEY.match(key):
        raise InputError([Problem("U067", _WHERE, "must be 1 to 200 visible characters of ASCII")])


class Repeats:
    """The requests of the last day that made something."""

    def __init__(self, path: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = path, now

    def begin(self, person: Person, key: str, request: str) -> KeptAnswer | None:
        """Return the answer to the same request before; None: there is none, and it is to be done now.

        Raises
        ------
        InputError
            U067, U068 or U069.
        """
        require_key(key)
        with self._writing() as db:
            rows.trim_requests(db, self._moment(-KEPT))
            found = rows.find_request(db, person.name, key)
            if found is not None:
                known, begun, answer = found
                if known != request:
                    raise InputError([Problem("U068", _WHERE, "was used for another request; take a new key")])
                if answer is not None:
                    return answer
                if begun > self._moment(-LEASE):
                    raise InputError([Problem("U069", _WHERE, "its request is being done; ask again in a moment")])
            rows.begin_request(db, person.name, key, request, self._moment())
        return None

    def keep(self, person: Person, key: str, answer: KeptAnswer) -> None:
        """Keep the answer to a request that was begun."""
        with self._writing() as db:
            rows.keep_answer(db, person.name, key, answer)

    def forget(self, person: Person, key: str) -> None:
        """Forget a request that made nothing, so that it may be sent again, mended."""
        with self._writing() as db:
            rows.forget_request(db, person.name, key)

    def _moment(self, later: timedelta = timedelta()) -> str:
        return (self._now() + later).isoformat(timespec="seconds")

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        db = open_database(self._path)
        try:
            with writing(db):
                yield db
        finally:
            db.close()
