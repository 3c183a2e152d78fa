"""The region that the pages are measured on: its files can be read, and its plans differ."""

from pathlib import Path

from flask import request
from flask.testing import FlaskClient
from web.accounts import client_as, use_fakes

from benchmarks.made_up import Size
from benchmarks.web import READ_BY_MANY, list_pages
from benchmarks.web_region import furnish, make_folder
from cosmolocal.records import Role
from cosmolocal.web import create_app
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.plan_publishing import publish_plan

#: what is not measured: pages with a code in their address, of administrators and of owners of a design alone, what
#: leads on, and files
NOT_MEASURED = {
    "people.sign_in", "people.first_run", "people.invitation", "people.index", "people.show", "feeds.read",
    "publishing.show", "publishing.new_version", "differences.choose", "fronts.of_plan",
    "static", "files.raw", "files.picture", "files.bag", "places.picture", "scenarios.download",
    "operating.metrics",
}  # fmt: skip
#: endpoints that send files to programs, and forms of one version
NOT_PAGES = ("page_files", "design_changes", "api", "api_page")


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


def test_every_page_that_people_read_is_measured_and_can_be_read(tmp_path: Path):
    folder = tmp_path / "region"
    make_folder(folder, Size(orders=120, workshops=8, places=6, weeks=4, limited_links=4), 2)
    publish_plan(Workspace(folder), OPERATOR, Workspace(folder).plans()[0].id)
    furnish(folder)
    app = create_app(folder, secret_key=b"of the tests")
    use_fakes(app)
    pages, planner = list_pages(folder), client_as(app, "ada", Role.PLANNER, Role.MAKER)
    met = set()
    for what, address in pages.items():
        with planner as client:
            assert client.get(address, follow_redirects=False).status_code == 200, what
            met.add(request.endpoint)
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    every = {rule.endpoint for rule in rules if not any(end in rule.rule for end in (".<any", ".geojson", "/api/"))}
    assert {name for name in every if name.partition(".")[0] not in NOT_PAGES} - met == NOT_MEASURED & every


def test_readers_read_what_anybody_may_read(tmp_path: Path):
    folder = tmp_path / "region"
    make_folder(folder, Size(orders=120, workshops=8, places=6, weeks=4, limited_links=4), 2)
    publish_plan(Workspace(folder), OPERATOR, Workspace(folder).plans()[0].id)
    furnish(folder)
    client: FlaskClient = create_app(folder, secret_key=b"of the tests").test_client()
    pages = list_pages(folder)
    assert [what for what in READ_BY_MANY if client.get(pages[what]).status_code != 200] == []
