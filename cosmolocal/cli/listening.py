"""The server that pages are served by, which tells programs in JSON what it refuses before anything reads it."""

import json
import logging
from typing import Any

from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask

from cosmolocal.web.problem_json import TYPE, describe_problem, is_for_programs
from cosmolocal.workflows.incoming import TooLargeError

#: [bytes] of a body that the server refuses without reading it; it keeps all of a smaller one on disk before any view
#: sees it. Above our own limit, so that most who send too much are told so by a page.
MAX_BODY_BYTES = 1 << 30


#: connections at once; those above wait to be accepted. Each is a descriptor, and a process is often given 1,024
MOST_CONNECTIONS = 600
#: [s] after which a silent connection is closed
SILENT_SECONDS = 60
#: [s] between two looks for them
LOOK_SECONDS = 10
#: [bytes per second] a request must come at least so fast, once SILENT_SECONDS are over
SLOWEST = 1_000


class _Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to a request that is never given to the application."""

    def execute(self) -> None:
        """Send the answer, and end the connection."""
        # the path itself is not known where something is wrong with the header
        words = getattr(self.request, "first_line", b"").decode("latin-1").split()
        path = words[1].partition("?")[0] if len(words) > 1 else ""
        if is_for_programs(path):
            self.request.error = _ForPrograms(self.request.error.code, path)
        super().execute()


class _ForPrograms:
    """An error of the server as a problem document."""

    def __init__(self, code: int, path: str) -> None:
        self.code, self.path = code, path

    def to_response(self, _ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Return status, headers and body."""
        problems = TooLargeError("upload", "is too large").problems if self.code == 413 else ()
        document = describe_problem(self.code, self.path, problems=problems)
        return f"{self.code} {document['title']}", [("Content-Type", TYPE)], json.dumps(document).encode()


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection; one that trickles counts as silent, so that it does not stay for ever."""

    error_task_class = _Refusal
    #: [s since 1970]
    last_activity: float = 0.0
    #: [s since 1970] when the request that is being received began, and its bytes so far
    _begun, _bytes = 0.0, 0

    def received(self, data: bytes) -> bool:
        """Take what came; until a request is there, only so much of its time counts as its bytes may need."""
        if self.request is None:
            self._begun, self._bytes = self.last_activity, 0
        self._bytes += len(data)
        is_taken: bool = super().received(data)
        if self.request is not None:
            self.last_activity = min(self.last_activity, self._begun + self._bytes / SLOWEST)
        return is_taken


#: what is believed of a proxy on this machine: who asks, and that it is by HTTPS
PROXY = {"trusted_proxy": "127.0.0.1", "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}}
#: nobody is believed; the headers stay, so that the application knows what comes through a proxy
NO_PROXY = {"clear_untrusted_proxy_headers": False}


def listen(app: Any, host: str, port: int, threads: int, *, behind_proxy: bool = False) -> Any:
    """Return a server that has the port and waits to be run."""
    # a line for each request that waits its turn: many readers at once would fill the log, and where nobody empties
    # that, writing into it stops the server
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    places: dict[int, Any] = {}
    server = create_server(
        app,
        map=places,
        host=host,
        port=port,
        threads=threads,
        max_request_body_size=MAX_BODY_BYTES,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=SILENT_SECONDS,
        cleanup_interval=LOOK_SECONDS,
        asyncore_use_poll=True,
        **(PROXY if behind_proxy else NO_PROXY),
    )
    for place in places.values():
        if isinstance(place, BaseWSGIServer):
            place.channel_class = _Channel
    return server
