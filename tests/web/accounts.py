"""People for tests of pages: accounts without the slow hash, clients that are signed in, forms with their token."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from cosmolocal.records import Person, Role
from cosmolocal.web.sign_in import SESSION
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.workspace import DATABASE

PASSWORD = "a quiet evening by the sea"


class FakeHasher:
    """Hashes nothing, and counts how often it was asked."""

    def __init__(self) -> None:
        self.checks = 0

    def hash(self, password: str) -> str:
        return "fake:" + password[::-1]

    def check(self, stored: str, password: str) -> bool:
        self.checks += 1
        return stored == self.hash(password)


class Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


def use_fakes(app: Flask, clock: Clock | None = None, hasher: FakeHasher | None = None) -> None:
    """Let an application keep its people with a fake hash, and with a fake clock where one is given."""
    path = app.extensions["workspace"].folder / DATABASE
    hasher = hasher or FakeHasher()
    app.extensions["people"] = lambda: People(path, **({"now": clock} if clock else {}), hasher=hasher)


def add_person(app: Flask, name: str, *roles: Role, workshop: str | None = None) -> None:
    """Give somebody an account with the password above, unless there is one."""
    people: People = app.extensions["people"]()
    if name not in {person.name for person in people.list_all(OPERATOR)}:
        people.add(OPERATOR, Person(name, name.title(), frozenset(roles), workshop), PASSWORD)
    people.close()


def client_as(app: Flask, name: str, *roles: Role, workshop: str | None = None) -> FlaskClient:
    """Return a client in which a person is signed in; the account is made when it is not there."""
    add_person(app, name, *roles, workshop=workshop)
    people: People = app.extensions["people"]()
    client = app.test_client()
    with client.session_transaction() as session:
        session[SESSION] = people.sign_in(name, PASSWORD)
    people.close()
    return client


def csrf_token(client: FlaskClient) -> str:
    """Return the token that this client's forms carry."""
    with client.session_transaction() as session:
        raw = session.setdefault("csrf_token", "ab" * 20)
    return str(URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(raw))


def post(client: FlaskClient, address: str, data: dict[str, Any] | None = None, **how: Any) -> TestResponse:
    """Send a form as the page would: with its token."""
    return client.post(address, data={"csrf_token": csrf_token(client)} | (data or {}), **how)
