"""A client of the pages over a workspace made by hand."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from showcase import ShownWorkspace
from web.busy import BusyWorkspace, busy_workspace

from cosmolocal.web import create_app


@pytest.fixture
def app(tmp_path) -> Flask:
    return create_app(workspace=ShownWorkspace(tmp_path), secret_key=b"of the tests")


@pytest.fixture
def client(app) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def read(client):
    """Return a function that gets a page and returns its text; any other status than 200 fails."""

    def get(address: str, **headers: str) -> str:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    return get


@pytest.fixture
def shop(tmp_path) -> BusyWorkspace:
    return busy_workspace(tmp_path)


@pytest.fixture
def busy(shop) -> FlaskClient:
    """Return a client of the pages of a region with much going on."""
    return create_app(workspace=shop).test_client()
