"""Commands that look at a region: validate, graph, doctor, serve."""

import io
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import networkx as nx
import pytest
from cli.small_region import files_in, run

ROOT = Path(__file__).parent.parent.parent
COUNTS = {
    "workshops": 2,
    "machine_groups": 2,
    "designs": 1,
    "design_versions": 2,
    "orders": 3,
    "places": 3,
    "scenarios": 0,
}


def test_a_good_region_is_counted(region):
    result = run("validate", "--region", region, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found.keys() == {"problems", "warnings", "counts"}
    assert (found["problems"], found["counts"]) == ([], COUNTS)
    text = run("validate", "--region", region)
    assert "2 machine groups" in text.stdout
    assert text.stderr.splitlines()[-1].startswith("0 problems")


def test_the_counts_of_a_broken_region_are_unknown_and_not_zero(region):
    (region / "workshops.yaml").unlink()
    result = run("validate", "--region", region, "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["counts"] == dict.fromkeys(COUNTS)
    assert "– workshops" in run("validate", "--region", region).stdout


def test_faults_of_every_order_book_are_found(region):
    for name in ("second", "third"):
        (region / f"orders/{name}.csv").write_text(
            f"id,design,quantity,place,due_date\n{name},us~lamp,1,mars,2026-09-18\n"
        )
    problems = json.loads(run("validate", "--region", region, "--json").stdout)["problems"]
    assert [(problem["code"], problem["where"]) for problem in problems] == [
        ("O004", "second.csv: line 2.place"),
        ("O004", "third.csv: line 2.place"),
    ]


def test_an_order_book_without_an_order_is_a_warning(region):
    (region / "orders/empty.csv").write_text("id,design,quantity,place,due_date\n")
    result = run("validate", "--region", region, "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["problems"]) == (0, [])
    assert ("O009", "empty.csv") in [(warning["code"], warning["where"]) for warning in found["warnings"]]


def test_a_published_file_that_was_changed_is_found(region):
    manifest = region / "designs/us~lamp/v1/content/okh.toml"
    manifest.write_text(manifest.read_text() + "\n")
    problems = json.loads(run("validate", "--region", region, "--json").stdout)["problems"]
    assert {problem["code"] for problem in problems} == {"D003"}


def test_the_map_s_areas_are_checked(region):
    path = region / "region.yaml"
    path.write_text(path.read_text().replace("attribution:", "areas: areas.geojson, attribution:"))
    (region / "areas.geojson").write_text("{}")
    problems = json.loads(run("validate", "--region", region, "--json").stdout)["problems"]
    assert {problem["code"] for problem in problems} == {"W080"}


@pytest.mark.parametrize("command", [("validate",), ("graph", "--format", "json"), ("designs", "list"), ("doctor",)])
def test_looking_changes_nothing(region, command):
    before = files_in(region)
    assert run(*command, "--region", region).exit_code == 0
    assert files_in(region) == before


def test_the_network_is_written_in_each_format(region):
    def graph(form: str) -> str:
        result = run("graph", "--region", region, "--format", form)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    read = nx.read_graphml(io.BytesIO(graph("graphml").encode()))
    assert set(read) == {"home", "north", "south"}
    assert set(nx.node_link_graph(json.loads(graph("json")), edges="links")) == set(read)
    kinds = [feature["geometry"]["type"] for feature in json.loads(graph("geojson"))["features"]]
    assert kinds.count("Point") == 3
    assert kinds.count("LineString") == read.number_of_edges()
    assert run("graph", "--region", region, "--format", "dot").exit_code == 2


def test_a_region_folder_that_is_not_there_is_wrong_usage(tmp_path):
    assert run("validate", "--region", tmp_path / "none").exit_code == 2


def test_an_empty_folder_is_no_region_and_every_missing_file_is_named(tmp_path):
    result = run("validate", "--region", tmp_path, "--json")
    places = {problem["where"] for problem in json.loads(result.stdout)["problems"]}
    assert result.exit_code == 3
    assert {"region.yaml", "workshops.yaml", "places.csv"} <= places
    assert any("designs" in place for place in places)


def test_the_doctor_names_each_thing_and_its_mend(planned):
    result = run("doctor", "--region", planned, "--json")
    checks = json.loads(result.stdout)["checks"]
    assert result.exit_code == 0
    assert {"Python", "ortools", "disk", "input files", "designs", "database"} <= {check["what"] for check in checks}
    assert all(check.keys() == {"what", "ok", "found", "mend"} for check in checks)


@pytest.mark.parametrize("damage", [b"no database at all, but long enough to be looked at" * 40, None])
def test_the_doctor_finds_a_damaged_database(planned, damage):
    path = planned / "build/cosmolocal.db"
    data = bytearray(path.read_bytes())
    data[5000:] = b"\xff" * (len(data) - 5000)
    path.write_bytes(damage or bytes(data))
    result = run("doctor", "--region", planned)
    assert result.exit_code == 3
    assert "WRONG database" in result.stdout
    assert "→ put it back from a backup" in result.stdout


def test_a_port_in_use_is_said_plainly(region):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        serve = [sys.executable, "-m", "cosmolocal", "serve", "--region", region, "--port", str(taken.getsockname()[1])]
        result = subprocess.run(serve, cwd=ROOT, capture_output=True, text=True, check=False, timeout=50)
    assert result.returncode == 2
    assert "name another with --port" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_pages_are_served_until_ctrl_c(planned):
    """A free port is asked for, then given up for the server to take; that it ended is told last, after a slow log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import signal, threading; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import cosmolocal.cli as c; from cosmolocal.web import logs\n"
        "stopped, write, stop, logs.LAST_WORDS_SECONDS = threading.Event(), logs.LineWriter._write, logs.stop_log, 50\n"
        "logs.LineWriter._write = lambda *line: (stopped.wait(), write(*line))\n"
        "logs.stop_log = lambda writer: (stopped.set(), stop(writer))\n"
        "c.main()"
    )
    command = [sys.executable, "-c", code, "serve", "--region", planned, "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert f"http://127.0.0.1:{port}/" in process.stderr.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            assert b"Small" in page.read()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=50)
    assert process.returncode == 0
    assert " 200 GET / " in rest
    assert rest.endswith("\nended\n")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("sit", ["siting"]), ("plan --most", ["--most-moves"]), ("designs re", ["read", "reindex", "report-make"])],
)
def test_the_tab_key_completes_commands_and_options(typed, offered):
    """As the line of the README sets it up."""
    words = f"cosmolocal {typed}"
    environment = {"_COSMOLOCAL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    command = [sys.executable, "-c", "from cosmolocal.cli import main; main(prog_name='cosmolocal')"]
    told = subprocess.run(
        command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert [line.partition(",")[2] for line in told.stdout.splitlines()] == offered
    assert "_COSMOLOCAL_COMPLETE=bash_source cosmolocal" in (ROOT / "README.md").read_text("utf-8")
