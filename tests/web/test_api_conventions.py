"""What holds for all of the API: pages by keyset, lost updates, repeated requests, limits, what is refused and how."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from web.accounts import Clock
from web.drafts import LAMP, app, zipped
from web.test_api import LAMP_ZIP, ZIP, codes, token

from cosmolocal.errors import InputError
from cosmolocal.records import Person, Role, Scope
from cosmolocal.web.api.limits import WINDOW, Limits
from cosmolocal.web.api.reading import MAX_BODY_BYTES
from cosmolocal.workflows.repeats import KEPT, LEASE, Repeats
from cosmolocal.workflows.workspace import DATABASE
from torture.small_region import SmallRegion, make_small_region

__all__ = ["app"]
V1 = "/api/v1"
LISTS = {
    "/workshops": "id", "/places": "id", "/processes": "id", "/plans": "id", "/designs": "id", "/me/tokens": "name",
    "/plans/newest/allocations": "lot", "/plans/newest/unmet": "lot", "/plans/newest/orders": "id",
    "/scenarios": "id", "/fronts": "id", "/plans/newest/gaps/hours": "week",
    "/plans/newest/prices": "resource", "/plans/newest/loads": "week", "/plans/newest/allocations?sort=-cost": "lot",
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallRegion:
    return make_small_region(tmp_path_factory.mktemp("small") / "region")


@pytest.fixture
def get(small: SmallRegion) -> Callable[..., Any]:
    client = small.app.test_client()
    return lambda address, **headers: client.get(address, headers={"Authorization": f"Bearer {small.token}"} | headers)


def rows_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    [rows] = [value for value in page.values() if isinstance(value, list)]
    return rows


@pytest.mark.parametrize("address", LISTS)
def test_pages_of_any_length_hold_each_row_once_in_the_same_order(get, address: str):
    joint = "&" if "?" in address else "?"
    whole = get(f"{V1}{address}{joint}limit=500").json
    assert whole["next"] is None
    assert rows_of(whole) or address.endswith(("prices", "hours"))
    found, following = [], f"{V1}{address}{joint}limit=1"
    for _ in range(12):
        page = get(following).json
        found += rows_of(page)
        following = page["next"]
        if following is None:
            break
    assert found == rows_of(whole)[: len(found)]
    assert following is None or len(rows_of(whole)) > 12


def test_a_filter_finds_what_the_page_of_the_plan_finds(small: SmallRegion, get):
    for query in ("", "workshop=north", "q=b/", "week=0", "late=yes", "sort=-cost", "place=home", "design=us~lamp"):
        page = small.app.test_client().get(f"/plans/newest/?{query}").text
        shown = re.findall(r"/orders/(\w+)\">(\w+/\d)", page)
        told = [row["lot"] for row in get(f"{V1}/plans/newest/allocations?{query}").json["allocations"]]
        assert told == [lot for _, lot in shown], query


def test_a_filter_or_a_key_that_names_nothing_is_told(get):
    for query, code in (
        ("workshop=nowhere", "P095"),
        ("after=nothing", "U066"),
        ("week=x", "U066"),
        ("page=1", "U066"),
    ):
        answer = get(f"{V1}/plans/newest/allocations?{query}")
        assert (answer.status_code, codes(answer)) == (422, {code}), query
    both = get(f"{V1}/quote?quantity=0&place=home&due_date=2026-9-1")
    assert {problem["where"] for problem in both.json["problems"]} == {
        "address: quantity", "address: design", "address: due_date",
    }  # fmt: skip


def test_a_quote_says_when_and_for_how_much_or_why_not(get):
    quote = get(f"{V1}/quote?design=us~lamp&quantity=2&place=home").json
    assert (quote["feasible"], quote["week"], quote["design"]) == (True, 0, "us~lamp@1.0.0")
    cheapest = get(f"{V1}/quote?design=us~lamp&quantity=2&place=home&prefer=cheapest&alternatives=2").json
    assert cheapest["cost_cents"] <= quote["cost_cents"]
    assert len(cheapest["alternatives"]) == 2
    assert get(f"{V1}/quote?design=no~lamp&quantity=2&place=home").status_code == 404
    none = get(f"{V1}/quote?design=us~lamp&quantity=2&place=home&max_distance_m=1").json
    assert not none["feasible"]
    assert none["reasons"][0]["text"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "plans/%2F%2F/unmet"), ("POST", "books/%2F%2F/orders"), ("PUT", "designs/%2F%2F/owners")],
)
def test_an_id_of_slashes_is_an_unknown_one_and_leads_nowhere_else(small: SmallRegion, method: str, path: str):
    headers = {"Authorization": f"Bearer {small.token}"}
    answer = small.app.test_client().open(f"{V1}/{path}", method=method, headers=headers)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_what_an_address_does_not_give_or_take_is_refused(get, small: SmallRegion):
    client, headers = small.app.test_client(), {"Authorization": f"Bearer {small.token}"}
    assert get(f"{V1}/region", Accept="text/html").status_code == 406
    assert get(f"{V1}/region", Accept="text/html, */*;q=0.1").status_code == 200
    put = client.put(f"{V1}/region", headers=headers)
    assert (put.status_code, set(put.headers["Allow"].split(", "))) == (405, {"GET", "HEAD", "OPTIONS"})
    text = client.post(f"{V1}/me/tokens", data="name=x", headers=headers)
    assert (text.status_code, codes(text)) == (415, set())
    large = client.post(f"{V1}/me/tokens", json={"name": "x" * MAX_BODY_BYTES}, headers=headers)
    assert large.status_code == 413
    wrong = client.post(f"{V1}/me/tokens", json=["x"], headers=headers)
    assert (wrong.status_code, codes(wrong)) == (422, {"U066"})
    several = get(f"{V1}/workshops?colour=red&limit=0&after=a&after=b").json["problems"]
    assert {one["where"] for one in several} == {"address: colour", "address: limit", "address: after"}
    assert get(f"{V1}/region", Authorization="Bearer nonsense").status_code == 401
    assert client.get(f"{V1}/me").status_code == 401


@pytest.fixture
def owned(app: Flask) -> dict[str, str]:
    """Return the header of somebody who has published a lamp."""
    ada = token(app, "ada", Role.MAKER)
    token(app, "ben", Role.MAKER)
    assert app.test_client().post(f"{V1}/designs", data=LAMP_ZIP, headers=ada, content_type=ZIP).status_code == 201
    return ada


def test_owners_change_only_as_they_were_seen(app: Flask, owned: dict[str, str]):
    client, address = app.test_client(), f"{V1}/designs/us~lamp/owners"
    seen = client.get(address).headers["ETag"]
    body = {"owners": ["ada", "ben"]}
    assert client.put(address, json=body, headers=owned).status_code == 428
    assert client.put(address, json=body, headers=owned | {"If-Match": '"old"'}).status_code == 412
    assert client.get(address).json == {"owners": ["ada"]}
    done = client.put(address, json=body, headers=owned | {"If-Match": seen})
    assert (done.status_code, done.json) == (200, body)
    late = client.put(address, json={"owners": ["ada"]}, headers=owned | {"If-Match": seen})
    assert (late.status_code, client.get(address).json) == (412, body)
    unknown = client.put(address, json={"owners": ["ada", "nobody"]}, headers=owned | {"If-Match": "*"})
    assert (unknown.status_code, codes(unknown)) == (422, {"D063"})


def test_a_version_is_not_withdrawn_when_the_design_changed_since_it_was_seen(app: Flask, owned: dict[str, str]):
    client, address = app.test_client(), f"{V1}/designs/us~lamp"
    seen = {"If-Match": client.get(address).headers["ETag"]}
    newer = zipped({"okh.toml": LAMP.replace(b'"1.0.0"', b'"2.0.0"')})
    client.post(f"{V1}/designs", data=newer, headers=owned, content_type=ZIP)
    body = {"version": "1.0.0", "reason": "it breaks"}
    assert client.post(f"{address}/yank", json=body, headers=owned | seen).status_code == 412
    seen = {"If-Match": client.get(address).headers["ETag"]}
    assert client.post(f"{address}/yank", json=body, headers=owned | seen).status_code == 200


def test_an_archive_sent_twice_with_one_key_is_published_once_and_answered_alike(app: Flask):
    client, headers = app.test_client(), token(app, "ada", Role.MAKER) | {"Idempotency-Key": "first"}
    answers = [client.post(f"{V1}/designs", data=LAMP_ZIP, headers=headers, content_type=ZIP) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    other = client.post(f"{V1}/designs?message=other", data=LAMP_ZIP, headers=headers, content_type=ZIP)
    assert (other.status_code, codes(other)) == (422, {"U068"})
    for key in ("", "a b", "x" * 201):
        for query in ("", "?dry_run=1"):
            given = headers | {"Idempotency-Key": key}
            bad = client.post(f"{V1}/designs{query}", data=LAMP_ZIP, headers=given, content_type=ZIP)
            assert (bad.status_code, codes(bad)) == (422, {"U067"})


def test_what_failed_may_be_mended_and_sent_again_with_the_same_key(app: Flask):
    client, headers = app.test_client(), token(app, "ada", Role.MAKER) | {"Idempotency-Key": "first"}
    bad = client.post(f"{V1}/designs", data=zipped({"x": b""}), headers=headers, content_type=ZIP)
    assert bad.status_code == 422
    assert client.post(f"{V1}/designs", data=LAMP_ZIP, headers=headers, content_type=ZIP).status_code == 201


def test_a_key_is_worth_a_day_and_a_request_that_was_cut_off_ten_minutes(app: Flask, owned: dict[str, str]):
    """Each person has keys of their own."""
    clock = Clock()
    repeats = Repeats(app.extensions["workspace"].folder / DATABASE, clock)
    app.extensions["repeats"] = lambda: repeats
    client, headers = app.test_client(), owned | {"Idempotency-Key": "k"}
    ben = token(app, "ben", Role.MAKER, scopes={Scope.READ})

    def make(name: str, who: dict[str, str] = headers) -> int:
        body = {"name": name, "scopes": ["read"], "days": 1}
        return client.post(f"{V1}/me/tokens", json=body, headers=who).status_code

    assert make("one") == 201
    assert make("two") == 422
    assert make("two", ben | {"Idempotency-Key": "k"}) == 201
    clock.now += KEPT
    assert make("two") == 201
    ada = Person("ada", "Ada", frozenset({Role.MAKER}))
    assert repeats.begin(ada, "busy", "POST /x") is None
    with pytest.raises(InputError, match="being done"):
        repeats.begin(ada, "busy", "POST /x")
    clock.now += LEASE + timedelta(seconds=1)
    assert repeats.begin(ada, "busy", "POST /x") is None


def test_who_changes_too_much_within_a_minute_waits(app: Flask, owned: dict[str, str]):
    now = [0.0]
    app.extensions["limits"] = Limits(lambda: now[0], changes=2, dear=1)
    client, body = app.test_client(), {"version": "9.9.9", "reason": "x"}

    def yank(headers: dict[str, str] = owned) -> Any:
        return client.post(f"{V1}/designs/us~lamp/yank", json=body, headers=headers)

    assert [yank().status_code for _ in range(2)] == [404, 404]
    refused = yank()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(WINDOW + 1))
    assert yank(token(app, "ben", Role.MAKER, scopes={Scope.PUBLISH})).status_code == 403
    assert client.get(f"{V1}/designs", headers=owned).status_code == 200
    asked = f"{V1}/quote?design=us~lamp&quantity=1&place=home"
    assert [client.get(asked).status_code for _ in range(2)] == [200, 429]
    now[0] = WINDOW + 0.5
    assert yank().status_code == 404


def test_a_secret_is_told_once_and_stands_nowhere(app: Flask, owned: dict[str, str]):
    client, headers = app.test_client(), owned | {"Idempotency-Key": "k"}
    body = {"name": "ci", "scopes": ["publish"], "days": 3}
    first, again = (client.post(f"{V1}/me/tokens", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json | {"secret": None}
    assert first.json["secret"].encode() not in (app.extensions["workspace"].folder / DATABASE).read_bytes()
    mine = {"Authorization": f"Bearer {first.json['secret']}"}
    me = client.get(f"{V1}/me", headers=mine).json
    assert (me["name"], me["token"]["name"], me["token"]["scopes"]) == ("ada", "ci", ["publish"])
    assert client.delete(first.headers["Location"], headers=owned).json == {"id": first.json["id"]}
    assert client.get(f"{V1}/me", headers=mine).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "days", "where"), [(["publish"], 3, {"body: scopes"}), (["read"], 10, {"body: days"})]
)
def test_a_token_made_through_a_token_can_neither_do_more_nor_last_longer(app: Flask, scopes, days, where):
    reading = token(app, "ada", Role.MAKER, scopes={Scope.READ})
    client = app.test_client()
    answer = client.post(f"{V1}/me/tokens", json={"name": "x", "scopes": scopes, "days": days}, headers=reading)
    assert (answer.status_code, codes(answer)) == (422, {"S017"})
    assert {problem["where"] for problem in answer.json["problems"]} == where
    strong = token(app, "ada", Role.MAKER, scopes=frozenset(Scope))
    rows = client.get(f"{V1}/me/tokens", headers=strong).json["tokens"]
    strongest = next(row["id"] for row in rows if len(row["scopes"]) == len(Scope))
    assert client.delete(f"{V1}/me/tokens/{strongest}", headers=reading).status_code == 403
    assert client.get(f"{V1}/me", headers=strong).status_code == 200


def test_a_reading_token_changes_nothing_and_each_scope_reads(app: Flask):
    client = app.test_client()
    for scope in Scope:
        other = token(app, f"person-{scope}", Role.MAKER, scopes={scope})
        assert client.get(f"{V1}/me", headers=other).status_code == 200
        sent = client.post(f"{V1}/designs?dry_run=1", data=LAMP_ZIP, headers=other, content_type=ZIP)
        assert sent.status_code == (200 if scope is Scope.PUBLISH else 403)
