"""The log of the server: one line for each request, nothing forged, nothing secret, and never in the way."""

import io
import json
import logging
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from showcase import CrashingWorkspace
from web.accounts import PASSWORD, client_as, post, use_fakes

from cosmolocal.records import Role, Scope
from cosmolocal.web import create_app, logs
from cosmolocal.workflows.people import OPERATOR

#: what must stand in no log, whatever is done with it
ADDRESS = "12 Rue du Secret"


class Written:
    """A log kept in memory."""

    def __init__(self, form: str) -> None:
        self.stream = io.StringIO()
        self._writer = logs.start_log(form, self.stream)

    def end(self) -> str:
        logs.stop_log(self._writer)
        return self.stream.getvalue()


@pytest.fixture
def written():
    found: list[Written] = []

    def start(form: str = "json") -> Written:
        found.append(Written(form))
        return found[-1]

    yield start
    for one in found:
        one.end()


def documents(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_each_request_is_a_line_with_its_route_status_and_person(app, written):
    use_fakes(app)
    client = client_as(app, "ada", Role.VIEWER)
    kept = written()
    answer = client.get("/account?q=what+was+asked")
    client.get("/nowhere/at/all")
    first, second = documents(kept.end())
    assert first.keys() == {
        *("at", "level", "logger", "event", "request", "method", "route", "status", "ms", "person"),
    }
    shown = {name: first[name] for name in ("method", "route", "status", "person", "request")}
    assert shown == {
        "method": "GET",
        "route": "/account",
        "status": 200,
        "person": "ada",
        "request": answer.headers["X-Request-ID"],
    }
    assert (second["route"], second["status"]) == ("", 404)


def test_a_person_reads_a_line_of_words(client, written):
    kept = written("words")
    client.get("/plans/")
    [line] = kept.end().splitlines()
    assert " 200 GET /plans/ " in line


def test_a_log_that_nobody_wants_is_not_written(client, written):
    kept = written("none")
    client.get("/plans/")
    assert kept.end() == ""


def test_a_proxy_names_a_request_and_nobody_else_writes_into_the_log_so(client, written):
    kept = written()
    named = "0123456789abcdef0123456789abcdef"
    assert client.get("/health", headers={"X-Request-ID": named}).headers["X-Request-ID"] == named
    forged = 'x", "status": 200'
    assert client.get("/health", headers={"X-Request-ID": forged}).headers["X-Request-ID"] != forged
    assert forged not in kept.end()


def use_secrets(app) -> list[str]:
    """Use everything secret there is, and return it."""
    people = app.extensions["people"]()
    client = client_as(app, "ada", *Role, workshop="makers")
    token = people.make_token(people.find(OPERATOR, "ada"), "robot", Scope, 3)
    code = people.invite(OPERATOR, [Role.VIEWER])
    people.close()
    with client.session_transaction() as session:
        secret = session["session"]
    cookie = client.get_cookie("cosmolocal").value
    post(app.test_client(), "/sign-in", {"name": "ada", "password": "a wrong guess of mine"})
    post(client, "/account/password", {"present": PASSWORD, "new": "another quiet evening", "again": "another"})
    post(client, "/orders/new", {"address": ADDRESS, "contact": ADDRESS, "name": ADDRESS})
    client.get(f"/invitation/{code}?next={code}")
    client.get(f"/calendars/{token}.ics", headers={"Referer": f"http://localhost/{code}"})
    client.get(f"/first-run?code={code}")
    client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    client.get(f"/{token}/{code}", headers={"User-Agent": token})
    wanted = [PASSWORD, "a wrong guess of mine", "another quiet evening", ADDRESS, token, code, secret, cookie]
    return [*wanted, cookie.split(".")[0]]


@pytest.mark.parametrize("form", ["json", "words"])
def test_nothing_secret_is_in_the_log(app, written, form):
    use_fakes(app)
    kept = written(form)
    secrets = use_secrets(app)
    text = kept.end()
    assert len(text.splitlines()) >= 8
    assert [secret for secret in secrets if secret in text] == []


@pytest.mark.parametrize("form", ["json", "words"])
def test_a_fault_tells_its_place_and_neither_the_address_nor_what_was_typed(tmp_path, written, form):
    app = create_app(workspace=CrashingWorkspace(tmp_path))

    @app.get("/break/<code>")
    def break_down(code: str) -> str:
        raise ValueError(f"cannot take {code}")

    kept = written(form)
    assert app.test_client().get("/break/open-sesame").status_code == 500
    text = kept.end()
    assert "open-sesame" not in text
    assert "ValueError" in text
    assert "break_down" in text
    assert str(logs._ROOT) not in text


def test_a_server_with_another_log_is_told_no_message_of_a_fault_either(tmp_path, caplog):
    app = create_app(workspace=CrashingWorkspace(tmp_path))

    @app.get("/break")
    def break_down() -> str:
        raise ValueError("open sesame")

    app.test_client().get("/break")
    [line] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "ValueError in" in line.getMessage()
    assert "break_down" in line.getMessage()
    assert "sesame" not in caplog.text


def test_a_fault_of_the_disk_tells_its_number(app, written):
    @app.get("/full")
    def full() -> str:
        raise OSError(5, "Input/output error")

    kept = written()
    app.test_client().get("/full")
    assert documents(kept.end())[0]["errno"] == 5


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\n\r\x1b\x85\u2028\u2029\u202e\x00\ud800"))))
def test_no_text_ends_a_line_or_steers_a_terminal(text):
    record = logging.makeLogRecord({"name": text, "msg": "%s", "args": (text,), "levelname": "INFO"})
    line = logs.JsonLines().format(record)
    assert json.loads(line)["event"] == logs.clean(text)
    assert line.isascii() and len(line.splitlines()) == 1
    words = logs.Words().format(record)
    assert words.isprintable()
    assert words.encode()


def test_a_log_that_nobody_empties_does_not_hold_up_the_pages():
    """A pipe that is full: what does not fit is dropped, counted and told when somebody reads again."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as pipe, os.fdopen(reading) as ours:
        writer = logs.LineWriter(pipe, most=5)
        writer.setFormatter(logs.JsonLines())
        record = logging.makeLogRecord({"name": "x", "msg": "y" * 1500, "levelname": "INFO"})
        for _ in range(200):
            writer.handle(record)
        assert writer.lost > 50
        read: list[str] = []
        reader = threading.Thread(target=lambda: read.extend(ours))
        reader.start()
        while writer._lines.qsize():
            pass
        writer.handle(record)
        writer.close()
        pipe.close()
        reader.join()
    told = [one["event"] for one in map(json.loads, read) if "lines of the log are lost" in one["event"]]
    assert sum(int(event.split()[0]) for event in told) == writer.lost


def test_a_stream_that_breaks_ends_nothing(client):
    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(5, "Input/output error")

    writer = logs.start_log("json", Broken())
    assert client.get("/plans/").status_code == 200
    logs.stop_log(writer)
    assert isinstance(writer, logs.LineWriter)
    assert writer.lost == 1
