"""A whole story by the API: orders are sent, planned, published, answered by workshops, and planned anew."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from web.accounts import add_person
from web.planned import Fake, make_planned, settle, use_fake
from werkzeug.test import TestResponse

from cosmolocal.records import Role, RunRequest, Scope
from cosmolocal.web.api.runs import RunBody, read_request
from cosmolocal.web.api.spec import build_spec
from cosmolocal.workflows.people import OPERATOR

V1 = "/api/v1"
BOOK = f"{V1}/books/book"
DOCUMENT = build_spec()
PATTERNS = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in DOCUMENT["paths"]}
TABLE = """id,design,quantity,place,due_date,address
A,us~lamp,6,home,2026-09-18,4 Mill Lane
NEW,us~lamp,2,home,2026-09-25,
"""


class Caller:
    """A program of somebody, with a token; each answer is held against the specification."""

    def __init__(self, app: Flask, name: str, role: Role, workshop: str | None = None) -> None:
        self.app = app
        add_person(app, name, role, workshop=workshop)
        people = app.extensions["people"]()
        made = people.make_token(people.find(OPERATOR, name), "story", Scope, 9)
        people.close()
        self.headers = {"Authorization": f"Bearer {made}"}

    def __call__(self, method: str, address: str, tag: str | None = None, **how: Any) -> TestResponse:
        more = how.pop("headers", {}) | ({} if tag is None else {"If-Match": tag})
        answer = self.app.test_client().open(address, method=method, headers=self.headers | more, **how)
        check(method, address, answer)
        return answer

    def get(self, address: str) -> Any:
        answer = self("GET", address)
        assert answer.status_code == 200, answer.text
        return answer.json

    def tag(self, address: str) -> str:
        return str(self("GET", address).headers["ETag"])


def check(method: str, address: str, answer: TestResponse) -> None:
    path = address.partition("?")[0]
    # what stands there without a placeholder comes before what has one
    found = min((one for one, rule in PATTERNS.items() if rule.fullmatch(path)), key=lambda one: one.count("{"))
    responses = DOCUMENT["paths"][found][method.lower()]["responses"]
    assert str(answer.status_code) in responses, f"{method} {address}: {answer.text}"
    if answer.status_code < 300:
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
        errors = Draft202012Validator({**schema, "components": DOCUMENT["components"]}).iter_errors(answer.json)
        assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []


def codes(answer: TestResponse) -> list[tuple[str, str]]:
    return [(one["code"], one["where"]) for one in answer.json["problems"]]


@pytest.fixture
def app(tmp_path) -> Iterator[Flask]:
    app = make_planned(tmp_path / "region")
    fake = Fake()
    fake.let.set()
    use_fake(app, fake)
    yield app
    app.extensions["runner"].close()


@pytest.fixture
def petra(app) -> Caller:
    return Caller(app, "petra", Role.PLANNER)


@pytest.fixture
def nora(app) -> Caller:
    return Caller(app, "nora", Role.WORKSHOP, "north")


@pytest.fixture
def sam(app) -> Caller:
    return Caller(app, "sam", Role.WORKSHOP, "south")


def run(app: Flask, petra: Caller, **body: Any) -> str:
    """Ask for a plan, wait, and return its id."""
    asked = petra("POST", f"{V1}/runs", json={"book": "orders/book.csv", "seconds": 20, "gap": 0} | body)
    assert (asked.status_code, asked.json["is_open"]) == (201, True), asked.text
    settle(app.extensions["runner"])
    done = petra.get(asked.headers["Location"])
    assert (done["state"], done["problems"]) == ("done", [])
    return str(done["plan"])


def publish(petra: Caller, plan: str) -> None:
    told = petra.get(f"{V1}/plans/{plan}/publication")
    tag = petra.tag(f"{V1}/plans/{plan}/publication")
    done = petra("POST", f"{V1}/plans/{plan}/publish", tag, json={"confirmed": told["outdated"]})
    assert (done.status_code, done.json["plan"], done.json["published_by"]) == (200, plan, "petra"), done.text


def say(who: Caller, job: str, tag: str = "", **body: Any) -> TestResponse:
    address = f"{V1}/jobs/{job}"
    return who("POST", f"{address}/answers", tag or who.tag(address), json=body)


def test_from_a_table_of_orders_to_what_a_workshop_says_and_the_plan_that_heeds_it(app, petra, nora, sam):
    shown = petra("POST", f"{BOOK}/preview", data=TABLE, content_type="text/csv").json
    assert shown["counts"] == {"added": 1, "changed": 1, "same": 0, "faulty": 0}
    [changed] = shown["changed"]
    assert changed["changes"]["quantity"] == ["5", "6"]
    taken = petra("POST", f"{BOOK}/table", f'"{shown["mark"]}"', data=TABLE, content_type="text/csv")
    assert (taken.status_code, taken.json["counts"]) == (201, shown["counts"])
    first = run(app, petra)
    publish(petra, first)
    assert petra.get(f"{V1}/publications")["publications"][0]["plan"] == first

    jobs = nora.get(f"{V1}/jobs")["jobs"]
    assert jobs
    assert {job["workshop"] for job in jobs} == {"north"}
    assert nora("GET", f"{V1}/jobs?workshop=south").status_code == 403
    by_lot = {job["lot"]: job["id"] for job in jobs}
    job, address = by_lot["A/1"], f"{V1}/jobs/{by_lot['A/1']}"
    assert nora.get(address)["delivery"] is None
    accepted = say(nora, job, step="accept", note="gladly")
    assert (accepted.status_code, accepted.json["state"], accepted.json["version"]) == (201, "accepted", 1)
    assert accepted.json["delivery"] == {"address": "4 Mill Lane", "contact": ""}
    for step, state in (("start", "started"), ("finish", "done")):
        tag = accepted.headers["ETag"]
        accepted = say(nora, job, tag, step=step)
        assert accepted.json["state"] == state
        if step == "start":
            assert codes(say(nora, job, step="checked")) == [("J017", "body: step")], "the lot has no first article"
    assert (accepted.json["made"], accepted.json["steps"]) == (6, [])
    refused = say(nora, by_lot["NEW/1"], step="decline", reason="no-material")
    assert refused.json["state"] == "declined"
    declined = petra.get(f"{V1}/jobs?state=declined")["jobs"]
    assert [one["lot"] for one in declined] == ["NEW/1"]

    second = run(app, petra, previous=first)
    changes = petra.get(f"{V1}/plans/{second}/changes")["changes"]
    assert (changes["previous"], changes["done"]) == (first, 1)
    assert [(one["lot"], one["workshop"]) for one in changes["declined"]] == [("NEW/1", "north")]
    [moved] = [one for one in changes["moves"] if one["lot"] == "NEW/1"]
    assert (moved["from_workshop"], moved["cause"], moved["order"]) == ("north", "declined", "NEW")
    assert moved["to_workshop"] == "south"
    publish(petra, second)
    assert [job["lot"] for job in sam.get(f"{V1}/jobs")["jobs"] if job["order"] == "NEW"] == ["NEW/1"]


def test_an_answer_to_what_is_something_else_by_now_is_refused_and_the_same_request_counts_once(petra, nora, sam):
    publish(petra, petra.get(f"{V1}/plans")["plans"][0]["id"])
    job = nora.get(f"{V1}/jobs")["jobs"][0]["id"]
    address = f"{V1}/jobs/{job}"
    tag = nora.tag(address)
    body = {"step": "accept"}
    assert nora("POST", f"{address}/answers", json=body).status_code == 428
    key = {"Idempotency-Key": "batch-7"}
    first = nora("POST", f"{address}/answers", tag, json=body, headers=key)
    again = nora("POST", f"{address}/answers", tag, json=body, headers=key)
    assert (again.status_code, again.json, again.headers["Idempotency-Replayed"]) == (201, first.json, "true")
    assert nora.get(address)["version"] == 1
    assert say(nora, job, tag, step="decline", reason="closed").status_code == 412
    for stranger in (sam, petra):
        assert say(stranger, job, "*", step="start").status_code == 403
    wrong = say(nora, job, step="decline", quantity=3)
    assert (wrong.status_code, codes(wrong)) == (422, [("J011", "body: reason"), ("J015", "body: quantity")])
    assert wrong.json["problems"]
    assert codes(say(nora, job, step="finish"))[0] == ("J010", "body: step")


def test_who_publishes_must_have_seen_what_changed_and_what_counts(petra):
    old = petra.get(f"{V1}/plans")["plans"][0]["id"]
    standing = f"{V1}/plans/{old}/publication"
    tag = petra.tag(standing)
    order = f"{BOOK}/orders/A"
    assert petra("PATCH", order, petra.tag(order), json={"quantity": "4"}).status_code == 200
    assert petra("POST", f"{V1}/plans/{old}/publish", tag, json={}).status_code == 412
    unconfirmed = petra("POST", f"{V1}/plans/{old}/publish", petra.tag(standing), json={})
    assert (unconfirmed.status_code, codes(unconfirmed)[0][0]) == (422, "J001")
    publish(petra, old)
    assert petra.get(standing)["current"]["changed"]


def test_orders_are_changed_one_by_one_with_what_was_seen_and_private_cells_stay_private(app, petra, nora):
    new = {"id": "Z", "design": "us~lamp", "quantity": "3", "place": "home", "due_date": "2026-09-25"}
    made = petra("POST", f"{BOOK}/orders", json=new | {"address": "4 Mill Lane"})
    assert (made.status_code, made.headers["Location"]) == (201, f"{BOOK}/orders/Z")
    assert petra.tag(f"{BOOK}/orders/Z") == made.headers["ETag"]
    assert made.json["cells"]["address"] == "4 Mill Lane"
    for reader in (nora, None):
        text = (nora("GET", f"{BOOK}/orders?q=z") if reader else app.test_client().get(f"{BOOK}/orders?q=z")).text
        assert '"Z"' in text
        assert "Mill" not in text
    assert app.test_client().get(f"{BOOK}/orders?q=mill").json["total"] == 0
    assert petra.get(f"{BOOK}/orders?q=mill&since=2026-09-25")["total"] == 1
    tag = made.headers["ETag"]
    changed = petra("PATCH", f"{BOOK}/orders/Z", tag, json={"quantity": "5"})
    assert (changed.status_code, changed.json["cells"]["quantity"]) == (200, "5")
    assert petra("PATCH", f"{BOOK}/orders/Z", tag, json={"quantity": "6"}).status_code == 412
    wrong = petra("PATCH", f"{BOOK}/orders/Z", changed.headers["ETag"], json={"quantity": "0", "place": "moon"})
    assert (wrong.status_code, codes(wrong)) == (422, [("O002", "body: quantity"), ("O004", "body: place")])
    assert codes(petra("POST", f"{BOOK}/orders", json=new)) == [("O003", "body: id")]
    gone = petra("DELETE", f"{BOOK}/orders/Z?reason=sent+twice", changed.headers["ETag"])
    assert (gone.status_code, gone.json["cells"]["quantity"]) == (200, "5")
    history = petra.get(f"{BOOK}/history")["changes"]
    assert [one["kind"] for one in history] == ["removed", "changed", "added"]
    assert history[0]["reason"] == "sent twice"
    assert nora("GET", f"{BOOK}/history").status_code == 403


def test_a_table_is_taken_as_it_was_shown_or_not_at_all(app, petra):
    path = app.extensions["workspace"].folder / "orders/book.csv"
    shown = petra("POST", f"{BOOK}/preview", data=TABLE, content_type="text/csv").json
    other = TABLE.replace("A,us~lamp,6", "A,us~lamp,7")
    before = path.read_bytes()
    assert petra("POST", f"{BOOK}/table", shown["mark"], data=other, content_type="text/csv").status_code == 412
    assert petra("POST", f"{BOOK}/table", data=TABLE, content_type="text/csv").status_code == 428
    assert petra("POST", f"{BOOK}/table", "*", data=TABLE, content_type="text/plain").status_code == 415
    faulty = TABLE + "BAD,us~lamp,x,home,2026-09-18,\n"
    told = petra("POST", f"{BOOK}/preview", data=faulty, content_type="text/csv").json
    assert (told["counts"]["faulty"], told["faulty"][0]["line"]) == (1, 4)
    refused = petra("POST", f"{BOOK}/table", told["mark"], data=faulty, content_type="text/csv")
    assert (refused.status_code, codes(refused)[0][0]) == (422, "O036")
    assert path.read_bytes() == before
    some = petra("POST", f"{BOOK}/table?faulty=leave-out", told["mark"], data=faulty, content_type="text/csv")
    assert some.status_code == 201
    assert (petra.get(f"{BOOK}/orders?q=new")["total"], petra.get(f"{BOOK}/orders?q=bad")["total"]) == (1, 0)
    headless = petra("POST", f"{BOOK}/table", "*", data="a,b\n1,2\n", content_type="text/csv")
    assert (headless.status_code, codes(headless)[0][0]) == (422, "O032")


def test_a_book_is_started_and_one_that_cannot_be_read_is_listed(app, petra):
    assert petra("POST", f"{V1}/books", json={"name": "spring-2027"}).json["orders"] == 0
    assert codes(petra("POST", f"{V1}/books", json={"name": "../x"})) == [("O034", "body: name")]
    (app.extensions["workspace"].folder / "orders/broken.csv").write_bytes(b"\xff\xfe\x00")
    rows = {row["name"]: row["digest"] for row in petra.get(f"{V1}/books")["books"]}
    assert rows.keys() == {"book", "broken", "spring-2027"}
    assert rows["broken"] is None


def test_what_is_asked_of_a_run_is_what_runs_and_faults_are_told_by_their_names(app, petra):
    wrong = petra("POST", f"{V1}/runs", json={"book": "orders/none.csv", "previous": "none", "overrides": {"a": "1"}})
    assert (wrong.status_code, codes(wrong)) == (422, [("P122", "body: book"), ("P122", "body: previous")])
    assert codes(petra("POST", f"{V1}/runs", json={"book": "orders/book.csv", "seconds": 0})) == [
        ("U066", "body: seconds")
    ]
    body = {"book": "orders/book.csv", "gap": 0.07, "seed": 7, "solver": "exact", "overrides": {"weeks": "5"}}
    asked = petra("POST", f"{V1}/runs", json=body, headers={"Idempotency-Key": "k"})
    again = petra("POST", f"{V1}/runs", json=body, headers={"Idempotency-Key": "k"})
    assert asked.json["id"] == again.json["id"]
    told = asked.json["request"]
    assert {name: told[name] for name in body} == body
    settle(app.extensions["runner"])
    ended = petra("POST", f"{asked.headers['Location']}/cancel")
    assert ended.json["state"] == "done", "what has ended stays as it is"
    assert [point[1] for point in ended.json["progress"]][:3] == [50_000, 50_000, 45_000]
    assert [one["id"] for one in petra.get(f"{V1}/runs")["runs"]] == [asked.json["id"]]


#: fields of a request that the pages ask for, and the API does not offer
BEYOND = {
    "front": "share",
    "points": 9,
    "scenario": "one",
    "investments": 3,
    "hour": "north/saw@0",
    "siting": "plan",
    "road": "target",
}


@pytest.mark.parametrize("name", BEYOND)
def test_what_the_api_does_not_offer_cannot_be_asked_of_a_run(petra, name):
    before = len(petra.get(f"{V1}/runs")["runs"])
    body = {"book": "orders/book.csv", name: BEYOND[name]}
    wrong = petra("POST", f"{V1}/runs", json=body)
    assert wrong.status_code == 422
    assert [where for _, where in codes(wrong)] == [f"body: {name}"]
    asked = petra("POST", f"{V1}/runs?{name}={BEYOND[name]}", json={"book": "orders/book.csv"})
    assert asked.status_code == 422
    smuggled = {"book": "orders/book.csv", "solver": f"auto\n{name}={BEYOND[name]}"}
    assert petra("POST", f"{V1}/runs", json=smuggled).status_code == 422
    smuggled = {"book": "orders/book.csv", "overrides": {name: str(BEYOND[name])}}
    assert petra("POST", f"{V1}/runs", json=smuggled).status_code == 422
    assert len(petra.get(f"{V1}/runs")["runs"]) == before


def test_a_body_has_every_other_field_of_a_request_and_asks_for_a_plan_alone(app):
    offered = set(DOCUMENT["components"]["schemas"]["RunBody"]["properties"])
    assert offered | BEYOND.keys() == {field.name for field in fields(RunRequest)}
    assert offered.isdisjoint(BEYOND)
    usual = RunRequest("")
    with app.test_request_context():
        found = read_request(RunBody().load({"book": "orders/book.csv"}))
    assert {name: getattr(found, name) for name in BEYOND} == {name: getattr(usual, name) for name in BEYOND}
    assert not found.is_beside


def test_a_run_that_waits_or_runs_is_cancelled(app, petra):
    fake = Fake()
    runner = use_fake(app, fake)
    first, second = (petra("POST", f"{V1}/runs", json={"book": "orders/book.csv"}).json for _ in range(2))
    assert fake.begun.wait(20)
    assert petra("POST", f"{second['address']}/cancel").json["state"] == "cancelled"
    petra("POST", f"{first['address']}/cancel")
    settle(runner)
    ended = petra.get(first["address"])
    assert (ended["state"], ended["is_open"], bool(ended["plan_address"])) == ("cancelled", False, True)


def test_wishes_are_made_listed_and_taken_back_and_one_that_cannot_be_is_told_in_words(petra):
    address = f"{V1}/plans/newest/orders/B/wishes"
    made = petra("POST", address, json={"kind": "avoid", "workshop": "north", "note": "a holiday"})
    assert (made.status_code, made.json["person"], made.json["lot"]) == (201, "petra", "")
    assert [one["id"] for one in petra.get(f"{V1}/wishes?order=B")["wishes"]] == [made.json["id"]]
    assert petra.get(f"{V1}/wishes?order=A")["wishes"] == []
    lot = next(row["lot"] for row in petra.get(f"{V1}/plans/newest/allocations")["allocations"] if row["order"] == "B")
    place = {"kind": "place", "lot": lot, "workshop": "north", "monday": "2026-09-07"}
    unmet = petra("POST", address, json=place)
    assert (unmet.status_code, codes(unmet)) == (422, [("P124", "body: workshop")])
    assert "North Makers" in unmet.json["problems"][0]["message"]
    assert codes(petra("POST", address, json={"kind": "place"})) == [
        ("P123", f"body: {name}") for name in ("lot", "monday", "workshop")
    ]
    assert petra("DELETE", f"{V1}/wishes/{made.json['id']}").status_code == 200
    assert petra("DELETE", f"{V1}/wishes/{made.json['id']}").status_code == 404


def test_a_closure_is_weighed_set_once_and_taken_back(petra, nora, sam):
    publish(petra, petra.get(f"{V1}/plans")["plans"][0]["id"])
    week = nora.get(f"{V1}/jobs")["jobs"][0]["first_monday"]
    body = {"workshop": "north", "first_day": week, "last_day": week[:-2] + f"{int(week[-2:]) + 6:02}"}
    effect = nora("POST", f"{V1}/closures/effect", json=body)
    assert effect.json["shortages"][0]["missing_minutes"] > 0
    assert nora.get(f"{V1}/closures")["closures"] == []
    assert sam("POST", f"{V1}/closures", json=body).status_code == 403
    made = nora("POST", f"{V1}/closures", json=body)
    assert nora("POST", f"{V1}/closures", json=body).json == made.json
    assert nora.get(f"{V1}/closures?workshop=north")["closures"] == [made.json]
    wrong = nora("POST", f"{V1}/closures", json=body | {"group": "oven", "last_day": "2026-01-01"})
    assert (wrong.status_code, {code for code, _ in codes(wrong)}) == (422, {"W052"})
    odd = petra("POST", f"{V1}/closures/effect", json=body | {"workshop": "#north"})
    assert (odd.status_code, codes(odd)[0][0]) == (422, "W051")
    assert sam("DELETE", made.headers["Location"]).status_code == 403
    assert nora("DELETE", made.headers["Location"]).json == made.json
    assert nora("GET", made.headers["Location"]).status_code == 404


def test_a_maker_is_asked_and_answers(app, nora, sam):
    us = Caller(app, "us", Role.ADMINISTRATOR)
    asked = nora("POST", f"{V1}/designs/us~lamp/questions", json={"version": "1.0.0", "text": "Which glue?"})
    assert (asked.status_code, asked.json["is_open"]) == (201, True)
    answers = f"{V1}/questions/{asked.json['id']}/answers"
    assert sam("POST", answers, json={"text": "none"}).status_code == 403
    assert us("POST", answers, json={"text": "Bone glue."}).json["is_open"] is False
    [thread] = nora.get(f"{V1}/designs/us~lamp/questions")["questions"]
    assert [one["text"] for one in thread["answers"]] == ["Bone glue."]
    assert codes(nora("POST", answers, json={"text": "  "})) == [("J020", "body: text")]
    assert nora("POST", f"{V1}/designs/us~lamp/questions", json={"version": "9.9.9", "text": "?"}).status_code == 404
    assert nora.get(f"{V1}/questions")["questions"] == []


def test_a_token_does_no_more_than_its_scope(app, petra):
    people = app.extensions["people"]()
    made = people.make_token(people.find(OPERATOR, "petra"), "narrow", [Scope.ANSWER], 9)
    people.close()
    petra.headers = {"Authorization": f"Bearer {made}"}
    assert petra("POST", f"{V1}/runs", json={"book": "orders/book.csv"}).status_code == 403
    assert petra("GET", f"{V1}/runs").status_code == 200


def test_a_table_as_large_as_is_taken_on_the_page_is_taken_and_a_larger_one_is_not(petra):
    row = "X-{:05},us~lamp,1,home,2026-09-25," + "street " * 25 + "\n"
    head = TABLE.splitlines()[0] + "\n"
    large = head + "".join(row.format(number) for number in range(15_000))
    assert 2 << 20 < len(large) < 4 << 20
    told = petra("POST", f"{BOOK}/preview", data=large, content_type="text/csv")
    assert (told.status_code, told.json["counts"]["added"], len(told.json["added"])) == (200, 15_000, 200)
    assert petra("POST", f"{BOOK}/preview", data="x" * (5 << 20), content_type="text/csv").status_code == 413
