"""The region that the pages are measured on: its files can be read, and its plans differ."""

from pathlib import Path

from benchmarks.made_up import Size
from benchmarks.web_region import make_folder
from cosmolocal.web import create_app
from cosmolocal.workflows import Workspace


def test_a_made_up_region_becomes_a_folder_that_the_pages_show(tmp_path: Path):
    folder = tmp_path / "region"
    make_folder(folder, Size(orders=40, workshops=8, places=6, weeks=4, limited_links=4), 3)
    workspace = Workspace(folder)
    plans = workspace.plans()
    assert len({plan.id for plan in plans}) == 3
    assert not workspace.inputs().warnings
    client = create_app(folder, secret_key=b"of the tests").test_client()
    for plan in plans:
        for page in (
            "",
            "unmet",
            "workshops/",
            "network",
            "map.json",
            "load",
            "timeline",
            "worth",
            "difference/newest/",
        ):
            assert client.get(f"/plans/{plan.id}/{page}").status_code == 200
