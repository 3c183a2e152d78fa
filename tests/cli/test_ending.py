"""The end of the server: what is under way is answered; and connections that hold it up for nothing."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.small_region import make_region

from cosmolocal.cli import ending, listening
from cosmolocal.cli.ending import Ending


class Slow:
    """An application that answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.let = threading.Event(), threading.Event()

    def __call__(self, _: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.asked.set()
        self.let.wait(20)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
        return [b"served"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def serve(application: Any) -> tuple[int, Any, Ending, threading.Thread]:
    port = free_port()
    server = listening.listen(application, "127.0.0.1", port, 2)
    runs = Ending(server)
    thread = threading.Thread(target=runs.run)
    thread.start()
    return port, server, runs, thread


def stop(server: Any, runs: Ending, thread: threading.Thread) -> None:
    runs.tell()
    thread.join(20)
    assert not thread.is_alive()
    server.close()
    server.task_dispatcher.shutdown()


def test_who_is_being_served_when_the_server_ends_is_served_and_nobody_else_is():
    slow = Slow()
    port, server, runs, thread = serve(slow)
    idle = socket.create_connection(("127.0.0.1", port), timeout=20)
    asking = socket.create_connection(("127.0.0.1", port), timeout=20)
    asking.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert slow.asked.wait(20)
    runs.tell()
    assert idle.recv(100) == b"", "a connection that asks nothing is closed"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)
    slow.let.set()
    answer = b"".join(iter(lambda: asking.recv(65536), b""))
    assert answer.endswith(b"served")
    idle.close()
    asking.close()
    stop(server, runs, thread)


def test_what_does_not_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(ending, "GRACE_SECONDS", 0.2)
    slow = Slow()
    port, server, runs, thread = serve(slow)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as asking:
        asking.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert slow.asked.wait(20)
        runs.tell()
        thread.join(20)
        assert not thread.is_alive()
    slow.let.set()
    stop(server, runs, thread)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_the_command_ends_well_when_it_is_told_to(tmp_path: Path, name: str):
    folder, port = make_region(tmp_path / "region"), free_port()
    command = [sys.executable, "-m", "cosmolocal", "serve", "--region", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "serving region" in process.stderr.readline()
    if hasattr(os, "sched_getaffinity"):
        threads = [os.sched_getaffinity(int(one.name)) for one in Path(f"/proc/{process.pid}/task").iterdir()]
        on_one = [cores for cores in threads if cores == os.sched_getaffinity(process.pid) and len(cores) == 1]
        assert len(on_one) >= 1 + 16 + 1, "the server, the threads that answer and the one that writes the log"
    process.send_signal(getattr(signal, name))
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 0, told
    assert told.endswith("ended\n")
    assert "Traceback" not in told


def test_a_connection_that_trickles_is_closed_and_one_that_sends_enough_is_not(monkeypatch):
    monkeypatch.setattr(listening, "SILENT_SECONDS", 1)
    monkeypatch.setattr(listening, "LOOK_SECONDS", 0)
    slow = Slow()
    slow.let.set()
    port, server, runs, thread = serve(slow)
    trickling = socket.create_connection(("127.0.0.1", port), timeout=20)
    sending = socket.create_connection(("127.0.0.1", port), timeout=20)
    trickling.sendall(b"GET / HTTP/1.1\r\nX: ")
    sending.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    sent, begun, is_closed = 0, time.monotonic(), False
    while not is_closed and time.monotonic() < begun + 20:
        sent += sending.send(b"x" * min(20_000, 1_000_000 - sent))
        try:
            trickling.sendall(b"x")
            trickling.settimeout(0.1)
            is_closed = trickling.recv(100) == b""
        except TimeoutError:
            pass
        except OSError:
            is_closed = True
    assert is_closed
    sending.sendall(b"x" * (1_000_000 - sent))
    assert sending.recv(65536).startswith(b"HTTP/1.1 200 OK")
    trickling.close()
    sending.close()
    stop(server, runs, thread)
