"""How often a program may ask: changes and dear questions are counted by person, or else by address."""

import threading
import time
from collections import deque
from collections.abc import Callable

from flask import current_app, request
from werkzeug.exceptions import TooManyRequests

from cosmolocal.web.sign_in import SAFE_METHODS, current_person

#: [s]
WINDOW = 60
#: within the window; reading is not counted
MOST_CHANGES, MOST_DEAR = 300, 600
#: those who asked last are kept in mind
MOST_KNOWN = 10_000


class Limits:
    """Counts within a sliding window, in this process."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, changes: int = MOST_CHANGES, dear: int = MOST_DEAR
    ) -> None:
        self._now, self.most = now, {"change": changes, "dear": dear}
        self._moments: dict[tuple[str, str], deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, who: str, kind: str) -> int:
        """Return 0 and count one more, or the seconds to wait."""
        now = self._now()
        with self._lock:
            moments = self._moments.pop((who, kind), deque[float]())
            self._moments[who, kind] = moments
            if len(self._moments) > MOST_KNOWN:
                del self._moments[next(iter(self._moments))]
            while moments and moments[0] <= now - WINDOW:
                moments.popleft()
            if len(moments) >= self.most[kind]:
                return max(1, int(moments[0] + WINDOW - now) + 1)
            moments.append(now)
        return 0


def require_patience(*, dear: bool) -> None:
    """Refuse this request where too many came within a minute."""
    if request.method in SAFE_METHODS and not dear:
        return
    person = current_person()
    who = f"person {person.name}" if person else f"address {request.remote_addr}"
    limits: Limits = current_app.extensions["limits"]
    if wait := limits.take(who, "dear" if dear else "change"):
        raise TooManyRequests("Too many requests within a minute; wait, then try again.", retry_after=wait)
