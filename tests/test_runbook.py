"""The runbook works: the commands of each of its sections run, in a region of its own."""

import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from cli.small_region import make_region, run
from click.testing import CliRunner

from cosmolocal.cli import main
from cosmolocal.workflows.keys import read_secret_key

ROOT = Path(__file__).parent.parent
RUNBOOK = ROOT / "docs/runbook.md"
DEPLOY = ROOT / "deploy"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: what `people add` asks for
PASSWORD = "three quiet looms\n"
#: the runbook has to tell of these
TOPICS = (
    *("Start", "Watch", "Back up", "Restore", "Upgrade", "Rotate keys", "Move to another machine"),
    *("The disk is full", "A workshop's data is wrong"),
)


def read_sections(page: str) -> dict[str, list[str]]:
    """Return the commands of each section by its heading."""
    found: dict[str, list[str]] = {}
    for section in page.split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        blocks = FENCE.findall(text)
        assert {language for language, _ in blocks} <= {"sh"}, title
        found[title] = [line for _, block in blocks for line in block.splitlines()]
    return found


SECTIONS = read_sections(RUNBOOK.read_text("utf-8"))


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    region = make_region(tmp_path_factory.mktemp("runbook") / "region")
    assert run("plan", region / "orders/book.csv", "--region", region).exit_code == 0
    read_secret_key(region / "build")
    return region


@pytest.fixture
def region(model, tmp_path, monkeypatch) -> Path:
    folder = Path(shutil.copytree(model, tmp_path / "beside/region", copy_function=shutil.copy2))
    monkeypatch.chdir(folder)
    return folder


def knows(command: str) -> bool:
    words = shlex.split(command)
    return words[0] != "cosmolocal" or words[1] in main.commands


def check_unit(command: list[str]) -> None:
    """Nobody is the machine's administrator here: it is looked at whether what is asked for is in `deploy`."""
    if command[0] == "make":
        makefile = (ROOT / "Makefile").read_text("utf-8")
        assert re.search(rf"^{command[-1]}:", makefile, re.MULTILINE), command
        return
    assert command[:1] == ["systemctl"], command
    units = [word for word in command[2:] if not word.startswith("-")]
    assert units
    for unit in units:
        assert unit == "nginx" or (DEPLOY / "systemd" / unit).is_file(), unit


def serve(words: list[str]) -> None:
    """Start the pages, ask whether they are well, end them; the log is JSON."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cosmolocal", *words, "--port", str(port)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            for _ in range(600):
                try:
                    with urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as answer:
                        assert json.load(answer)["status"] == "ok"
                    break
                except URLError:
                    assert server.poll() is None
                    time.sleep(0.2)
        finally:
            server.send_signal(signal.SIGINT)
            written = server.communicate(timeout=60)[1]
    assert server.returncode == 0, written
    lines = [json.loads(line) for line in written.splitlines()]
    assert any(line.get("route") == "/health" and line["status"] == 200 for line in lines), written
    assert "code=" not in written


def do(command: str) -> None:
    words = shlex.split(command)
    if words[0] == "sudo":
        check_unit(words[1:])
    elif words[:2] == ["cosmolocal", "serve"]:
        serve(words[1:])
    elif words[0] == "cosmolocal":
        result = CliRunner().invoke(main, words[1:], input=PASSWORD)
        assert result.exit_code == 0, f"{command}\n{result.output}"
    else:
        subprocess.run(["sh", "-ec", command], check=True, capture_output=True)


@pytest.mark.parametrize("title", SECTIONS)
@pytest.mark.usefixtures("region")
def test_the_commands_of_a_section_run(title: str):
    missing = [command for command in SECTIONS[title] if not knows(command)]
    if missing:
        pytest.skip(f"not in this version: {missing}")
    for command in SECTIONS[title]:
        do(command)


def test_the_runbook_tells_of_all_that_it_has_to():
    assert SECTIONS.keys() >= set(TOPICS)
    assert all(SECTIONS[title] for title in TOPICS)


def test_a_restored_region_stands_where_the_old_one_stood(region, tmp_path):
    if "backup" not in main.commands:
        pytest.skip("no backups in this version")
    before = (region / "workshops.yaml").read_bytes()
    for command in SECTIONS["Restore"]:
        do(command)
    assert (tmp_path / "beside/region/workshops.yaml").read_bytes() == before
    assert (tmp_path / "beside/region.before").is_dir()
    assert run("show", "--region", tmp_path / "beside/region").exit_code == 0


def test_the_nightly_copy_keeps_the_newest_and_drops_nothing_when_it_fails(tmp_path):
    tools, backups = tmp_path / "bin", tmp_path / "backups"
    tools.mkdir()
    (tools / "cosmolocal").write_text('#!/bin/sh\n[ ! -e broken ] || exit 1\nmkdir "$2"\n')
    (tools / "cosmolocal").chmod(0o755)
    for day in range(10, 20):
        (backups / f"2026-09-{day}T030000Z").mkdir(parents=True)

    def back_up() -> int:
        command = [DEPLOY / "back-up", "region", backups, "3"]
        environment = {"PATH": f"{tools}:/usr/bin:/bin"}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode

    (tmp_path / "broken").touch()
    assert back_up() != 0
    assert len(list(backups.iterdir())) == 10
    (tmp_path / "broken").unlink()
    assert back_up() == 0
    left = sorted(path.name for path in backups.iterdir())
    assert left[:2] == ["2026-09-18T030000Z", "2026-09-19T030000Z"]
    assert len(left) == 3
