"""The API of designs: JSON whatever happens, a token for every change, archives streamed, one release."""

import errno
import io
import re
import threading

import pytest
from flask import Flask
from web.accounts import add_person
from web.drafts import LAMP, app, zipped
from web.test_publishing import FullDisk, naughty_words

from cosmolocal.designs.bundles import list_versions, read_history
from cosmolocal.records import Role, Scope
from cosmolocal.workflows import draft_publishing, incoming
from cosmolocal.workflows.people import OPERATOR

__all__ = ["app"]
LAMP_ZIP = zipped({"okh.toml": LAMP})
ZIP = "application/zip"


def token(app: Flask, name: str, *roles: Role, scopes=frozenset(Scope)) -> dict[str, str]:
    """Return the header with which somebody's program shows who it is."""
    add_person(app, name, *roles)
    people = app.extensions["people"]()
    made = people.make_token(people.find(OPERATOR, name), f"test {len(scopes)}", scopes, 9)
    people.close()
    return {"Authorization": f"Bearer {made}"}


@pytest.fixture
def maker(app):
    return token(app, "ada", Role.MAKER)


@pytest.fixture
def publish(app, maker):
    """Return a function that sends an archive."""

    def send(data: bytes = LAMP_ZIP, query: str = "", headers=maker, kind: str = ZIP, **how):
        return app.test_client().post(f"/api/v1/designs{query}", data=data, headers=headers, content_type=kind, **how)

    return send


@pytest.fixture
def root(app):
    return app.extensions["workspace"].folder / "designs"


def codes(answer) -> set[str]:
    assert answer.mimetype == "application/problem+json", answer.text
    return {problem["code"] for problem in answer.json["problems"]}


def test_an_archive_is_published_once_and_the_same_again_is_fine(publish, root):
    first = publish()
    assert first.status_code == 201
    assert first.headers["Location"] == "/api/v1/designs/us~lamp/1.0.0"
    assert (first.json["id"], first.json["version"], first.json["is_new"]) == ("us~lamp", "1.0.0", True)
    again = publish()
    assert (again.status_code, again.json["is_new"]) == (200, False)
    assert again.json["digest"] == first.json["digest"]
    assert list_versions(root, "us~lamp") == ["1.0.0"]


def test_a_form_brings_the_archive_in_the_field_bundle(app, maker):
    client = app.test_client()
    sent = client.post("/api/v1/designs", data={"bundle": (io.BytesIO(LAMP_ZIP), "lamp.zip")}, headers=maker)
    assert sent.status_code == 201
    wrong = client.post("/api/v1/designs", data={"file": (io.BytesIO(LAMP_ZIP), "lamp.zip")}, headers=maker)
    assert (wrong.status_code, codes(wrong)) == (422, {"U064", "U066"})


@pytest.fixture
def send_form(app, maker):
    """Return a function that sends an archive as a form, with other fields of it."""

    def send(query: str = "", **fields):
        sent = {"bundle": (io.BytesIO(LAMP_ZIP), "lamp.zip")} | fields
        return app.test_client().post(f"/api/v1/designs{query}", data=sent, headers=maker)

    return send


def test_the_fields_of_a_form_count_like_options_in_the_address(send_form, root):
    for word in ("1", "true"):
        report = send_form(dry_run=word, id="house~lamp")
        assert (report.status_code, report.json["ok"], report.json["id"]) == (200, True, "house~lamp")
    assert list(root.glob("*~*")) == []
    done = send_form(dry_run="false", id="house~lamp", message="from a form")
    assert (done.status_code, done.json["id"]) == (201, "house~lamp")
    assert [release.message for release in read_history(root, "house~lamp")] == ["from a form"]


@pytest.mark.parametrize(
    ("query", "fields", "named"),
    [
        ("", {"dryrun": "1"}, "form: dryrun"),
        ("", {"dry_run": "yes"}, "dry_run"),
        ("", {"dry_run": ""}, "dry_run"),
        ("?dry_run=TRUE", {}, "dry_run"),
        ("?dry_run", {}, "dry_run"),
        ("?dry-run=1", {}, "address: dry-run"),
        ("?dry_run=1", {"dry_run": "0"}, "form: dry_run"),
        ("?id=", {}, "id"),
        ("", {"id": ["house~lamp", "house~lamp"]}, "form: id"),
        ("", {"bundle": [(io.BytesIO(LAMP_ZIP), "a.zip"), (io.BytesIO(LAMP_ZIP), "b.zip")]}, "form: bundle"),
        ("", {"more": (io.BytesIO(b"x"), "more.txt")}, "form: more"),
        ("", {"readme": (io.BytesIO(b"x"), "")}, "form: readme"),
    ],
)
def test_what_the_form_or_the_address_says_wrongly_is_named_and_nothing_is_published(
    send_form, root, query, fields, named
):
    answer = send_form(query, **fields)
    assert (answer.status_code, codes(answer)) == (422, {"U066"})
    assert [problem["where"] for problem in answer.json["problems"]] == [named]
    assert list(root.glob("*~*")) == []


def test_an_option_that_no_address_knows_is_refused_everywhere(app, publish, maker):
    publish()
    client = app.test_client()
    for address in ("/designs", "/designs/us~lamp", "/designs/us~lamp/1.0.0"):
        answer = client.get(f"/api/v1{address}?bogus=1")
        assert (answer.status_code, codes(answer)) == (422, {"U066"})
        assert "bogus" in answer.json["detail"]
    for address in ("/designs/us~lamp/yank", "/designs/us~lamp/unyank"):
        answer = client.post(f"/api/v1{address}?dry_run=1", json={"version": "1.0.0", "reason": "x"}, headers=maker)
        assert (answer.status_code, codes(answer)) == (422, {"U066"})
    assert client.get("/api/v1/designs?limit=1&limit=2").status_code == 422
    assert client.get("/api/v1/designs/us~lamp").json["releases"][0]["yanked"] is None


def test_a_name_in_other_letters_needs_an_id(publish):
    chair = zipped({"okh.toml": LAMP.replace(b'name = "Lamp"', 'name = "كرسي"'.encode())})
    answer = publish(chair)
    assert (answer.status_code, codes(answer)) == (422, {"D002"})
    assert "كرسي" in answer.json["detail"]
    assert publish(chair, query="?id=us~chair").json["id"] == "us~chair"


def test_the_same_version_with_other_bytes_is_a_conflict(publish):
    publish()
    answer = publish(zipped({"okh.toml": LAMP, "more.txt": b"more"}))
    assert (answer.status_code, codes(answer)) == (409, {"D004"})


def test_all_problems_come_together(publish, root):
    answer = publish(zipped({"okh.toml": LAMP.replace(b'"1.0.0"', b'"one"').replace(b"minutes-per-unit = 20", b"")}))
    assert answer.status_code == 422
    assert codes(answer) == {"D011", "D012"}
    assert list(root.glob("*~*")) == []


def test_a_dry_run_is_the_check_report(publish, root):
    good = publish(query="?dry_run=1")
    assert (good.status_code, good.json["ok"], good.json["version"]) == (200, True, "1.0.0")
    bad = publish(zipped({"read.me": b""}), query="?dry_run=1")
    assert (bad.status_code, bad.json["ok"]) == (200, False)
    assert [problem["code"] for problem in bad.json["problems"]] == ["D005"]
    assert list(root.glob("*~*")) == []


def test_the_id_can_be_chosen(publish):
    assert publish(query="?id=house~lamp&message=first").json["id"] == "house~lamp"
    assert codes(publish(query="?id=House")) == {"D002"}


def test_designs_are_listed_by_pages(app, publish):
    for name in ("c", "a", "b"):
        publish(query=f"?id=house~{name}")
    client, found, address = app.test_client(), [], "/api/v1/designs?limit=2"
    while address:
        page = client.get(address).json
        found += [row["id"] for row in page["designs"]]
        address = page["next"]
    assert found == ["house~a", "house~b", "house~c"]


def test_a_design_and_its_versions_are_read_and_an_etag_spares_the_body(app, publish):
    publish()
    client = app.test_client()
    for address in ("/api/v1/designs", "/api/v1/designs/us~lamp", "/api/v1/designs/us~lamp/1.0.0"):
        first = client.get(address)
        assert (first.status_code, first.mimetype) == (200, "application/json")
        head = client.head(address)
        assert (head.headers["ETag"], head.data) == (first.headers["ETag"], b"")
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    assert client.get("/api/v1/designs/us~lamp").json["owners"] == ["ada"]
    assert client.get("/api/v1/designs/us~lamp/1.0.0").json["function"] == "Gives light."


def test_a_version_is_withdrawn_with_a_reason(app, publish, maker):
    publish()
    client, address = app.test_client(), "/api/v1/designs/us~lamp/yank"
    wrong = client.post(address, json={"version": "1.0.0", "why": "?"}, headers=maker)
    assert (wrong.status_code, codes(wrong)) == (422, {"U066"})
    other = token(app, "ben", Role.MAKER)
    assert client.post(address, json={"version": "1.0.0", "reason": "it breaks"}, headers=other).status_code == 403
    done = client.post(address, json={"version": "1.0.0", "reason": "it breaks"}, headers=maker)
    assert done.status_code == 200
    [release] = client.get("/api/v1/designs/us~lamp").json["releases"]
    assert release["yanked"] == "it breaks"
    address = "/api/v1/designs/us~lamp/unyank"
    assert codes(client.post(address, json={"reason": "it holds"}, headers=maker)) == {"U066"}
    assert client.post(address, json={"version": "1.0.0"}, headers=other).status_code == 403
    assert client.post(address, json={"version": "1.0.0"}, headers=maker).status_code == 200
    [release] = client.get("/api/v1/designs/us~lamp").json["releases"]
    assert release["yanked"] is None


def test_who_may_not_is_told_in_json(app, publish):
    assert publish(headers={}).status_code == 401
    assert publish(headers={}).headers["WWW-Authenticate"] == "Bearer"
    assert codes(publish(headers={"Authorization": "Bearer nonsense"})) == set()
    assert publish(headers=token(app, "vera", Role.VIEWER)).status_code == 403
    assert publish(headers=token(app, "eve", Role.MAKER, scopes={Scope.READ})).status_code in (401, 403)
    publish()
    newer = zipped({"okh.toml": LAMP.replace(b'"1.0.0"', b'"2.0.0"')})
    assert publish(newer, headers=token(app, "ben", Role.MAKER)).status_code == 403


def test_errors_of_all_kinds_are_problem_documents(app, publish):
    client = app.test_client()
    answers = {
        404: client.get("/api/v1/designs/no~design"),
        405: client.delete("/api/v1/designs"),
        415: publish(b"text", kind="text/plain"),
        422: client.get("/api/v1/designs?limit=many"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == status
        assert answer.json["detail"]
    for path in ("/api/nothing", "/api/v1", "/api/v1/nothing", "/api/v2/designs"):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path
    assert "POST" in answers[405].headers["Allow"]


def test_what_python_says_of_its_own_limits_is_not_passed_on(app, publish, maker):
    publish()
    client = app.test_client()
    for text in ("[" * 100_000, '{"version": ' + "9" * 5000 + "}"):
        answer = client.post("/api/v1/designs/us~lamp/yank", data=text, headers=maker, content_type="application/json")
        assert (answer.status_code, codes(answer)) == (422, {"U066"})
        assert not {"recursion", "set_int_max_str_digits", "conversion"} & set(re.findall(r"\w+", answer.text))


def test_a_large_body_is_refused_and_so_is_one_that_breaks_off(app, publish):
    folder = app.extensions["workspace"].folder / "build/drafts/incoming"
    large = publish(environ_overrides={"CONTENT_LENGTH": str(incoming.MAX_BYTES + 1)})
    assert (large.status_code, codes(large)) == (413, {"U060"})
    broken = publish(environ_overrides={"CONTENT_LENGTH": str(len(LAMP_ZIP) + 1)})
    assert (broken.status_code, codes(broken)) == (422, {"U063"})
    form = publish(b"--x\r\nContent-Disposition: form-data", kind="multipart/form-data; boundary=x")
    assert form.status_code == 422
    assert list(folder.glob("*")) == []


def test_a_full_disk_is_507(publish, root, monkeypatch):
    monkeypatch.setattr(incoming, "create_file", lambda _: FullDisk())
    answer = publish()
    assert (answer.status_code, codes(answer)) == (507, {"U062"})
    assert list(root.glob("*~*")) == []


def test_a_disk_that_fills_up_while_publishing_is_507_too(publish, root, monkeypatch):
    def publish_design(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(draft_publishing, "publish_design", publish_design)
    answer = publish()
    assert (answer.status_code, codes(answer)) == (507, {"U062"})
    assert list(root.glob("*~*")) == []


def test_five_at_once_make_one_release(publish, root):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(publish())) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert list_versions(root, "us~lamp") == ["1.0.0"]


def test_naughty_words_do_no_harm(app, publish, maker):
    client = app.test_client()
    for word in (*naughty_words()[::9], "\x00", "../..", "~", "\u202e"):
        assert publish(query="", headers=maker, query_string={"id": word, "message": word}).status_code < 500, word
        assert client.get("/api/v1/designs", query_string={"after": word, "limit": word}).status_code < 500
        yank = client.post("/api/v1/designs/us~lamp/yank", json={"version": word, "reason": word}, headers=maker)
        assert yank.status_code < 500, word
    assert client.post("/api/v1/designs/us~lamp/yank", data=b"\xff{", headers=maker).status_code == 415
    broken = client.post("/api/v1/designs/a~b/yank", data=b"\xff{", headers=maker, content_type="application/json")
    assert broken.status_code in (404, 422)
