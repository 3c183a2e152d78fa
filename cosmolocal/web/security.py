"""The headers that keep a page to itself: nothing from other hosts, no script or style within the page."""

from flask import Flask, Response

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


def set_up(app: Flask) -> None:
    """Put the headers on every answer; one that a view set stays."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Return the response with every header it lacks."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
