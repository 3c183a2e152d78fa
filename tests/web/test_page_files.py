"""Files beside pages: the same rows by the same filters, and the page links to them."""

import csv
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from torture.small_region import make_small_region

PAGES = {
    "/designs/": ("/designs", ("csv", "json")),
    "/designs/?words=lamp&process=laser-cutting": ("/designs", ("csv", "json")),
    "/plans/newest/unmet": ("/unmet", ("csv", "json")),
    "/plans/newest/unmet?sort=cost": ("/unmet", ("csv", "json")),
    "/plans/newest/workshops/": ("/workshops", ("csv", "json", "geojson")),
    "/plans/newest/workshops/north": ("/workshops/north", ("csv", "json")),
    "/plans/newest/orders/A": ("/orders/A", ("csv", "json")),
    "/plans/newest/orders/FAR": ("/orders/FAR", ("csv", "json")),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_small_region(tmp_path_factory.mktemp("small") / "region").app.test_client()


def rows_of(document: dict[str, Any]) -> list[Any]:
    return next(
        document[name]
        for name in ("loads", "allocations", "features", "unmet", "workshops", "designs", "plans")
        if name in document
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_page_links_to_files_that_hold_its_rows(client: FlaskClient, page: str):
    ending, forms = PAGES[page]
    shown = client.get(page)
    assert shown.status_code == 200
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)" download', shown.text)]
    found = [link for link in links if link.partition("?")[0].rpartition(".")[0].endswith(ending)]
    assert [link.partition("?")[0].rpartition(".")[2] for link in found] == list(forms)
    counts = set()
    for link, form in zip(found, forms, strict=True):
        answer = client.get(link)
        assert answer.status_code == 200, link
        rows = list(csv.DictReader(io.StringIO(answer.text))) if form == "csv" else rows_of(answer.json or {})
        counts.add(len(rows))
        assert client.get(link, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert len(counts) == 1


def test_filters_narrow_a_file_as_they_narrow_the_page(client: FlaskClient):
    assert client.get("/designs.json?words=lamp").json["designs"][0]["id"] == "us~lamp"
    assert client.get("/designs.json?words=chair").json["designs"] == []
    assert client.get("/plans/newest/unmet.json?q=nothing").json["unmet"] == []
    assert client.get("/plans/newest/unmet.json?sort=colour").status_code == 422
    assert client.get("/plans/newest/workshops/nowhere.json").status_code == 404
    assert client.get("/plans/newest/orders/NONE.csv").status_code == 404
