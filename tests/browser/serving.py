"""What browsers of tests need: pages on a port of this machine, and somebody who is signed in."""

from typing import Protocol

from playwright.sync_api import Page

from torture.serving import served

__all__ = ["Place", "served", "sign_in"]


class Place(Protocol):
    """A running server, and the cookie of somebody who is signed in."""

    address: str
    cookie: str


def sign_in(page: Page, place: Place) -> None:
    """Give a page the cookie of who is signed in."""
    page.context.add_cookies([{"name": "cosmolocal", "value": place.cookie, "url": place.address}])
