"""Files that go or move between the look-up and the opening, since a version of their design is taken down."""

import io
import zipfile
from pathlib import Path

import pytest
from cli.small_region import files_in, make_region, write_lamp
from flask.testing import FlaskClient

from cosmolocal.designs.bundles import open_file
from cosmolocal.designs.notices import take_down
from cosmolocal.web import create_app
from cosmolocal.workflows import Workspace, design_export, publish_design
from torture.store import NOON

OLD, NEW = "/designs/us~stool/1.0.0", "/designs/us~stool/1.1.0"
NOTE = b"Both versions have this.\n"


class Unlucky(Workspace):
    """A region in which the older version is taken down as soon as one of its files was looked up."""

    def design_file(self, design_id: str, version: str, path: str) -> Path:
        place = super().design_file(design_id, version, path)
        remove_older(self.folder)
        return place


def remove_older(folder: Path) -> None:
    if not list((folder / "designs/us~stool/logs").glob("*")):
        take_down(folder / "designs", "us~stool", "1.0.0", by="ada", reason="not theirs", at=NOON)


@pytest.fixture
def region(tmp_path) -> Path:
    for version in ("1.0.0", "1.1.0"):
        bundle = write_lamp(tmp_path / version, version)
        (bundle / "notes.md").write_bytes(NOTE)
        publish_design(tmp_path, bundle, "us~stool", "", "ada")
    make_region(tmp_path / "region")
    (tmp_path / "designs/us~stool").rename(tmp_path / "region/designs/us~stool")
    return tmp_path / "region"


@pytest.fixture
def client(region) -> FlaskClient:
    return create_app(workspace=Unlucky(region), secret_key=b"of the tests").test_client()


def test_a_file_that_is_taken_down_meanwhile_is_gone(client):
    answer = client.get(f"{OLD}/files/notes.md", buffered=True)
    assert answer.status_code == 410
    assert "not theirs" in answer.text


def test_a_file_that_another_version_shares_is_found_where_it_went(client, region):
    assert "us~stool/v1/content/notes.md" in files_in(region / "designs")
    answer = client.get(f"{NEW}/files/notes.md", buffered=True)
    assert (answer.status_code, answer.data) == (200, NOTE)
    assert "us~stool/v2/content/notes.md" in files_in(region / "designs")


@pytest.mark.parametrize(("bundle", "status"), [(OLD, 410), (NEW, 200)])
def test_the_whole_bundle_likewise(client, region, monkeypatch, bundle, status):
    def open_unlucky(root: Path, *key: str) -> Path:
        place = open_file(root, *key)
        remove_older(region)
        return place

    monkeypatch.setattr(design_export, "open_file", open_unlucky)
    answer = client.get(f"{bundle}/bundle.zip", buffered=True)
    assert answer.status_code == status
    if status == 200:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as bag:
            assert bag.read("us~stool-1.1.0/data/notes.md") == NOTE
