"""What keeps the pages to themselves: headers, the cookie of the session, and the key that signs it."""

import os
import secrets
import tempfile
from pathlib import Path

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

from cosmolocal.workflows.sessions import IDLE

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
#: for files that somebody uploaded: they can do nothing at all
INERT = "sandbox; default-src 'none'; frame-ancestors 'none'"

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
COOKIES = {
    "SESSION_COOKIE_NAME": "cosmolocal",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    # True where a proxy speaks HTTPS for us; what comes to us by HTTPS itself needs no setting
    "SESSION_COOKIE_SECURE": False,
    "PERMANENT_SESSION_LIFETIME": IDLE,
    # the tokens of forms live as long as the session, so that no form grows stale while somebody fills it in
    "WTF_CSRF_TIME_LIMIT": None,
}
KEY = "secret.key"
KEY_BYTES = 32


class OwnCookies(SecureCookieSessionInterface):
    """The cookie of the session: signed, and sent by HTTPS only where it was set by HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the browser keeps the cookie from plain HTTP."""
        return request.is_secure or bool(app.config["SESSION_COOKIE_SECURE"])


def set_up(app: Flask) -> None:
    """Put the headers on every answer; one that a view set stays."""
    app.config.update(COOKIES)
    app.session_interface = OwnCookies()
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Return the response with every header it lacks."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def read_secret_key(folder: Path) -> bytes:
    """Return the key that signs cookies, from a file in ``folder`` that only its owner may read; made when missing."""
    path = folder / KEY
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make_key(path)
    return path.read_bytes()


def _make_key(path: Path) -> None:
    """Write a new key under another name and link it: of several servers that start at once, one wins for all."""
    handle, name = tempfile.mkstemp(prefix=".staging-", dir=path.parent)  # O_EXCL, mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(fresh)
    except FileExistsError:
        pass  # another server was faster; its key is everybody's
    finally:
        fresh.unlink()
