"""Pages on a port of this machine, for a browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server


class Place(Protocol):
    """A running server, and the cookie of somebody who is signed in."""

    address: str
    cookie: str


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application, and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_in(page: Page, place: Place) -> None:
    """Give a page the cookie of who is signed in."""
    page.context.add_cookies([{"name": "cosmolocal", "value": place.cookie, "url": place.address}])
