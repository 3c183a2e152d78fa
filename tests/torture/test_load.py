"""A slice of the crowds of `make torture`, and the proof that they can find something."""

import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from torture.crowd import Crowd, Seen, let_loose
from torture.experiments.load import find_refused, find_wrong, measure
from torture.served import make_sample, served


def test_readers_uploaders_and_those_who_behave_badly_find_no_fault_of_the_server(tmp_path):
    token = make_sample(tmp_path / "region")
    with served(tmp_path / "region") as server:
        crowd = Crowd(server, Seen(), threading.Event(), server.find_pages(12), token)
        assert len(crowd.pages) == 12
        acts = [partial(crowd.read, number, (0.0, 0.2)) for number in range(6)]
        acts += [partial(crowd.upload, number, 0.5) for number in range(2)]
        acts += [partial(crowd.trickle, 0), partial(crowd.hang_up, 1, 0.1)]
        measure(crowd, acts, 4.0)
        assert find_wrong(crowd.seen, 1, 1) == []
        assert crowd.seen.statuses[200] > 0
        assert crowd.seen.statuses[201] > 0
        assert find_refused(server) == []


class Careless(BaseHTTPRequestHandler):
    """Answers every second request with a fault, and some not at all."""

    asked = 0

    def do_GET(self) -> None:
        Careless.asked += 1
        if Careless.asked % 3 == 2:
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif Careless.asked % 3 == 0:
            self.wfile.write(b"nonsense\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_faults_of_a_server_and_answers_that_never_come_are_found_out():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stub = SimpleNamespace(port=server.server_port, cookie="")
    crowd = Crowd(stub, Seen(), threading.Event(), ["/"])
    let_loose([partial(crowd.read, 1, (0.0, 0.01))], crowd.over, 1.0)
    server.shutdown()
    thread.join()
    server.server_close()
    told = " ".join(find_wrong(crowd.seen, 1, 1))
    assert "500 at /" in told
    assert "no answer at /: BadStatusLine" in told


def test_memory_that_grows_is_found_out():
    assert find_wrong(Seen(), 100, 110) == []
    assert find_wrong(Seen(), 100, 111) == ["memory grew from 100 to 111 MiB; at most 10 % are allowed"]
