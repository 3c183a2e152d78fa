"""The server itself: what it refuses before the application sees it is told to programs in JSON."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest
from waitress import wasyncore
from waitress.trigger import trigger as Trigger  # noqa: N812 - a class

from cosmolocal.cli import listening


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["CONTENT_LENGTH"].encode()]


@pytest.fixture(params=["127.0.0.1", "localhost"])
def port(request, monkeypatch) -> Iterator[int]:
    monkeypatch.setattr(listening, "MAX_BODY_BYTES", 1000)
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    server = listening.listen(application, request.param, number, 1)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield number
    places = getattr(server, "map", None) or server._map
    trigger = next(place for place in places.values() if isinstance(place, Trigger))
    # in the thread of the server, as its loop ends when nothing is open any more
    trigger.pull_trigger(lambda: wasyncore.close_all(places, ignore_all=True))
    thread.join(10)


def ask(port: int, head: str, body: bytes = b"") -> tuple[str, bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode() + b"\r\nHost: x\r\nConnection: close\r\n\r\n" + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    headers, _, content = answer.partition(b"\r\n\r\n")
    return headers.decode(), content


CHUNKED = "Transfer-Encoding: chunked"
CHUNKS = b"400\r\n" + b"x" * 1024 + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        ("Content-Length: 100000000000", b"", 413),
        (CHUNKED, CHUNKS, 413),
        (CHUNKED, b"many\r\n", 400),
        ("Content-Length: many", b"", 400),
        ("Transfer-Encoding: gzip", b"", 501),
        ("no header", b"", 400),
    ],
)
def test_programs_are_told_in_json_and_people_in_words(port, head, body, status):
    headers, content = ask(port, f"POST /api/v1/designs HTTP/1.1\r\n{head}", body)
    assert headers.split()[1] == str(status)
    assert "Content-Type: application/problem+json" in headers
    document = json.loads(content)
    assert (document["status"], document["instance"]) == (status, "/api/v1/designs")
    assert [problem["code"] for problem in document["problems"]] == (["U060"] if status == 413 else [])
    headers, _ = ask(port, f"POST /drafts/ HTTP/1.1\r\n{head}", body)
    assert headers.split()[1] == str(status)
    assert "json" not in headers


def test_a_request_that_is_none_is_refused(port):
    headers, _ = ask(port, "nonsense")
    assert headers.startswith("HTTP/1.0 400 ")


def test_all_else_reaches_the_application(port):
    headers, content = ask(port, "POST /api/v1/designs HTTP/1.1\r\nContent-Length: 3", b"abc")
    assert (headers.split("\r\n")[0], content) == ("HTTP/1.1 200 OK", b"3")


def test_requests_that_wait_their_turn_write_nothing_into_the_log(caplog):
    """A line for each stopped the server for good where nobody emptied the pipe that it wrote into."""
    let_go = threading.Event()

    def slow(_, start_response):
        let_go.wait(10)
        return application({"CONTENT_LENGTH": "0"}, start_response)

    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    server = listening.listen(slow, "127.0.0.1", number, 1)
    thread = threading.Thread(target=server.run)
    thread.start()
    askers = [threading.Thread(target=ask, args=(number, "GET / HTTP/1.1")) for _ in range(4)]
    for asker in askers:
        asker.start()
    while len(server.task_dispatcher.queue) < len(askers) - 1:
        threading.Event().wait(0.01)
    let_go.set()
    for asker in askers:
        asker.join(10)
    places = server._map
    trigger = next(place for place in places.values() if isinstance(place, Trigger))
    trigger.pull_trigger(lambda: wasyncore.close_all(places, ignore_all=True))
    thread.join(10)
    assert [record.getMessage() for record in caplog.records if "queue" in record.name] == []
