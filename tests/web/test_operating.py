"""Is the server well, and its figures: for programs that watch it."""

import re
from pathlib import Path

import pytest
from showcase import ShownWorkspace
from web.accounts import add_person, client_as, use_fakes

from cosmolocal.database import open_database, planning_runs
from cosmolocal.records import Role, RunRequest, Scope
from cosmolocal.web import create_app
from cosmolocal.web.counting import BUCKETS, Counts
from cosmolocal.web.operating import PASSED_ON
from cosmolocal.workflows.operating import FRESH_SECONDS, Watchman, _probe_folder, look_after
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.workspace import DATABASE

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+)\})? ([0-9.e+-]+)')


def read_metrics(text: str) -> dict[tuple[str, str], float]:
    """Read the text format of Prometheus strictly: help, type, then samples of that metric only."""
    found: dict[tuple[str, str], float] = {}
    name = kind = ""
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split()[2]
        elif line.startswith("# TYPE "):
            assert line.split()[2] == name
            kind = line.split()[3]
            assert kind in ("counter", "gauge", "histogram")
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            assert match[1] in [name + suffix for suffix in suffixes]
            assert (match[1], match[2] or "") not in found
            found[match[1], match[2] or ""] = float(match[3])
    return found


@pytest.fixture
def app(tmp_path):
    app = create_app(workspace=ShownWorkspace(tmp_path), secret_key=b"of the tests")
    use_fakes(app)
    return app


def test_all_is_well(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json["checks"].values()) == {"ok"}


def test_looking_leaves_nothing_behind(tmp_path):
    open_database(tmp_path / DATABASE).close()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert look_after(tmp_path).ok
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def break_database(folder):
    (folder / DATABASE).parent.mkdir(exist_ok=True)
    (folder / DATABASE).write_bytes(b"no database at all, but long enough" * 100)


def break_header(folder):
    open_database(folder / DATABASE).close()
    with (folder / DATABASE).open("r+b") as file:
        file.seek(18)
        file.write(b"\x03\x03")  # the file asks for a newer way of writing: SQLite reads it, and may not write


def break_store(folder):
    (folder / "designs").mkdir()


def break_folder(folder):
    (folder / "designs").write_text("")


@pytest.mark.parametrize(
    ("damage", "where"),
    [
        (break_database, "database"),
        (break_header, "database"),
        (break_store, "store"),
        (break_folder, "store"),
    ],
)
def test_what_is_wrong_is_said_with_503_and_names_no_folder(client, tmp_path, damage, where):
    damage(tmp_path)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert [name for name, told in answer.json["checks"].items() if told != "ok"] == [where]
    assert str(tmp_path) not in answer.text


def test_a_disk_that_takes_nothing_is_said(tmp_path):
    """/proc takes no file, whoever asks."""
    assert _probe_folder(tmp_path) == ""
    assert _probe_folder(Path("/proc")) != ""
    assert _probe_folder(tmp_path / "gone") == "No such file or directory"


def test_somebody_who_writes_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.setattr("cosmolocal.database.probing.PATIENCE_SECONDS", 0.1)
    db = open_database(tmp_path / DATABASE)
    db.execute("BEGIN EXCLUSIVE")
    db.execute("ROLLBACK")
    db.execute("BEGIN IMMEDIATE")
    assert look_after(tmp_path).ok
    db.close()


def test_many_who_ask_at_once_get_one_look(tmp_path):
    moment = [0.0]
    watchman = Watchman(tmp_path, lambda: moment[0])
    assert watchman.health().ok
    break_store(tmp_path)
    assert watchman.health().ok
    moment[0] = FRESH_SECONDS
    assert not watchman.health().ok


def test_requests_are_counted_by_route_and_status(client):
    for address in ("/plans/", "/plans/", "/nowhere", "/invitation/none"):
        client.get(address)
    found = read_metrics(client.get("/metrics").text)
    assert found["cosmolocal_requests_total", 'method="GET",route="/plans/",status="200"'] == 2
    assert found["cosmolocal_requests_total", 'method="GET",route="none",status="404"'] == 1
    assert found["cosmolocal_request_seconds_count", 'route="/plans/"'] == 2
    assert ("cosmolocal_request_seconds_count", 'route="/invitation/<code>"') in found
    assert found["cosmolocal_healthy", ""] == 1


def test_a_histogram_counts_up():
    counts = Counts()
    for seconds in (0.001, 0.005, 0.2, 99.0):
        counts.add("GET", "/", 200, seconds)
    counts.add("BREW", "/", 418, 0.0)
    found = read_metrics("\n".join(counts.lines()) + "\n")
    classes = [found["cosmolocal_request_seconds_bucket", f'route="/",le="{end}"'] for end in (*BUCKETS, "+Inf")]
    assert classes == sorted(classes)
    assert (classes[0], classes[-2], classes[-1]) == (3, 4, 5)
    assert found["cosmolocal_requests_total", 'method="other",route="/",status="418"'] == 1
    assert found["cosmolocal_request_seconds_sum", 'route="/"'] == pytest.approx(99.206)


def test_runs_and_room_are_told(client, tmp_path):
    db = open_database(tmp_path / DATABASE)
    for _ in range(3):
        planning_runs.add_run(db, RunRequest("orders/a.csv"), "ada", "2026-09-07T08:00:00Z", "boot")
    planning_runs.start_run(db, 1, "2026-09-07T08:00:01Z")
    db.close()
    found = read_metrics(client.get("/metrics").text)
    assert found["cosmolocal_runs", 'state="queued"'] == found["cosmolocal_runs_waiting", ""] == 2
    assert found["cosmolocal_runs", 'state="running"'] == 1
    assert found["cosmolocal_database_bytes", ""] == (tmp_path / DATABASE).stat().st_size
    assert found["cosmolocal_disk_free_bytes", ""] > 0


ELSEWHERE = [{"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}, *({"headers": {name: "192.0.2.7"}} for name in PASSED_ON)]


@pytest.mark.parametrize("how", ELSEWHERE, ids=["another machine", *PASSED_ON])
def test_figures_are_for_this_machine_alone(client, how):
    assert client.get("/metrics").status_code == 200
    answer = client.get("/metrics", **how)
    assert answer.status_code == 401
    assert "cosmolocal_" not in answer.text
    assert client.get("/health", **how).status_code == 200


@pytest.mark.parametrize("role", Role)
def test_elsewhere_an_administrator_s_token_opens_the_figures(app, role):
    add_person(app, "ada", role, workshop="makers" if role is Role.WORKSHOP else None)
    people = app.extensions["people"]()
    token = people.make_token(people.find(OPERATOR, "ada"), "prometheus", [Scope.READ], 30)
    people.close()
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "192.0.2.7"}
    assert app.test_client().get("/metrics", headers=headers).status_code == (200 if role == "administrator" else 403)


def test_a_cookie_opens_no_figures(app):
    ada = client_as(app, "ada", Role.ADMINISTRATOR)
    assert ada.get("/metrics", headers={"Via": "1.1 proxy"}).status_code == 401
