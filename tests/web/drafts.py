"""A region in a folder, with makers who publish in it."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cli.small_region import MANIFEST, PLACES, REGION, WORKSHOPS
from flask import Flask
from flask.testing import FlaskClient
from web.accounts import csrf_token, post, use_fakes
from werkzeug.test import TestResponse

from cosmolocal.designs.bundles import create_root
from cosmolocal.web import create_app

LAMP = MANIFEST.format(version="1.0.0", minutes="20").encode()
#: what a maker types who has no manifest
TYPED = {
    "name": "Stool",
    "version": "1.0.0",
    "function": "To sit on.",
    "license": "CERN-OHL-S-2.0",
    "licensor": "Ada",
    "repo": "https://example.org/stool",
    "line-0-kind": "part",
    "line-0-name": "seat",
    "line-0-quantity": "1",
    "line-0-mass": "900",
    "operation-0-part": "seat",
    "operation-0-process": "laser-cutting",
    "operation-0-minutes-per-unit": "12.5",
    "operation-0-material": "plywood",
    "operation-0-envelope-mm": "400 × 300 × 4",
}


def make_app(folder: Path) -> Flask:
    """Return an application over a region without designs."""
    folder.mkdir()
    for name, text in (("region.yaml", REGION), ("workshops.yaml", WORKSHOPS), ("places.csv", PLACES)):
        (folder / name).write_text(text)
    create_root(folder / "designs")
    app = create_app(folder, secret_key=b"of the tests")
    use_fakes(app)
    return app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "region")


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, data in files.items():
            writer.writestr(name, data)
    return archive.getvalue()


def send(client: FlaskClient, address: str, fields: dict[str, Any], **files: bytes) -> TestResponse:
    """Send the form as a browser without JavaScript does; names of ``files`` have _ for a dot."""
    return send_files(client, address, fields, {name.replace("_", "."): data for name, data in files.items()})


def send_files(client: FlaskClient, address: str, fields: dict[str, Any], files: dict[str, bytes]) -> TestResponse:
    """Send the form with files of any name."""
    sent = [(io.BytesIO(data), name) for name, data in files.items()] or [(io.BytesIO(), "")]
    return post(client, address, {**fields, "files": sent}, content_type="multipart/form-data")


def put(client: FlaskClient, address: str, path: str, data: bytes, query: str = "", **how: Any) -> TestResponse:
    """Send one file as the page's script does."""
    headers = {"X-CSRFToken": csrf_token(client)}
    return client.put(f"{address}/files/{path}{query}", data=data, headers=headers, **how)
