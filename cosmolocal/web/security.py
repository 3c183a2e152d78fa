"""What keeps the pages to themselves: headers, and the cookie of the session."""

import base64
import hashlib

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


def picture_policy(style: str) -> str:
    """Return the policy of a picture of our own that is drawn with this style sheet of its own, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


class OwnCookies(SecureCookieSessionInterface):
    """The cookie of the session: signed, and sent by HTTPS only where it was set by HTTPS."""

    def get_cookie_name(self, app: Flask) -> str:
        """Return its name; by HTTPS one that browsers take from this host alone."""
        return own_name(str(app.config["SESSION_COOKIE_NAME"]), secure=self.get_cookie_secure(app))

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the browser keeps the cookie from plain HTTP."""
        return request.is_secure or bool(app.config["SESSION_COOKIE_SECURE"])


def own_name(name: str, *, secure: bool) -> str:
    """Return what a cookie is called.

    >>> own_name("lang", secure=True)
    '__Host-lang'
    """
    return f"__Host-{name}" if secure else name


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
