"""How the server ends: whoever is being served is served, nobody else is, and then the program ends."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

#: [s] that requests under way are given
GRACE_SECONDS = 10.0
#: [s] between two looks at what is still under way
LOOK_SECONDS = 0.1
ENDS = (signal.SIGTERM, signal.SIGINT)


class Ending:
    """Runs a server until it is told to end."""

    def __init__(self, server: Any) -> None:
        #: sockets by descriptor: those that listen, connections, triggers
        self._places: dict[int, Any] = getattr(server, "map", None) or server._map
        self._use_poll: bool = server.adj.asyncore_use_poll
        self._told = threading.Event()
        self._servers = [one for one in self._places.values() if isinstance(one, BaseWSGIServer)]

    def tell(self) -> None:
        """Let the server end; it may be told so at any time, by a signal too."""
        if self._told.is_set():
            return
        self._told.set()
        for server in self._servers:
            server.pull_trigger()

    def run(self) -> None:
        """Serve until told to end, then answer what is under way; return when all is sent, or after some seconds."""
        while not self._told.is_set():
            self._turn(1.0)
        for server in self._servers:
            server.accepting = False
            self._places.pop(server.socket.fileno(), None)
            server.socket.close()  # who comes now is refused at once; its trigger still wakes the loop
        until = time.monotonic() + GRACE_SECONDS
        while self._let_go() and time.monotonic() < until:
            self._turn(LOOK_SECONDS)
        wasyncore.close_all(self._places, ignore_all=True)

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=self._use_poll, map=self._places, count=1)

    def _let_go(self) -> bool:
        """Close connections on which nothing is under way; return whether there are others."""
        channels = [one for one in self._places.values() if isinstance(one, HTTPChannel)]
        for channel in channels:
            if channel.request is None and not channel.requests and not channel.total_outbufs_len:
                channel.will_close = True
        return bool(channels)


@contextmanager
def told_by_signals(tell: Callable[[], None]) -> Iterator[None]:
    """Let the first SIGTERM or SIGINT tell; a second one ends the program at once."""
    told: list[int] = []

    def on_signal(number: int, _: object) -> None:
        told.append(number)
        if len(told) > 1:
            raise KeyboardInterrupt
        tell()

    before = {number: signal.signal(number, on_signal) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
