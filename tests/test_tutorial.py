"""The tutorial works: its commands run in an empty folder, in their order, and print what it shows."""

import re
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from cosmolocal.cli import main
from cosmolocal.workflows import Workspace

ROOT = Path(__file__).parent.parent
TUTORIAL = ROOT / "docs/tutorial.md"
#: what `people add` asks for
PASSWORD = "three quiet looms\n"
REFUSED = re.compile(r"^\d+ problems?; nothing was written$", re.MULTILINE)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """Commands of the tutorial, and the lines that it shows below them."""

    commands: tuple[str, ...]
    shown: tuple[str, ...]


def read_steps(page: str) -> list[Step]:
    """Return the blocks of commands; a block ```text after one holds lines of its output, in their order."""
    steps: list[Step] = []
    for language, content in FENCE.findall(page):
        assert language in ("sh", "text"), f"a block of the tutorial that nobody runs: {language}"
        lines = tuple(content.splitlines())
        if language == "sh":
            steps.append(Step(lines, ()))
        else:
            steps[-1] = Step(steps[-1].commands, lines)
    return steps


def find_missing(shown: tuple[str, ...], printed: str) -> str | None:
    """Return the first line that was not printed after those before it; … stands for anything within a line."""
    rest = iter(printed.replace("\N{NO-BREAK SPACE}", " ").splitlines())
    for line in shown:
        pattern = re.compile(".*".join(re.escape(part.strip("\n")) for part in line.rstrip().split("…")))
        if not any(pattern.fullmatch(found.rstrip()) for found in rest):
            return line
    return None


STEPS = read_steps(TUTORIAL.read_text("utf-8"))


def is_serve(step: Step) -> bool:
    return step.commands == ("cosmolocal serve",)


def run(command: str, shown: tuple[str, ...], monkeypatch) -> str:
    """Run one command line where we are; return what it prints, on stdout and stderr as they come."""
    words = shlex.split(command)
    if words[0] == "cd":
        monkeypatch.chdir(words[1])
        return ""
    if words[0] != "cosmolocal":
        return subprocess.run(["sh", "-ec", command], capture_output=True, text=True, check=True).stdout
    result = CliRunner().invoke(main, words[1:], input=PASSWORD)
    expected = 3 if REFUSED.search("\n".join(shown)) else 0
    assert result.exit_code == expected, f"{command}\n{result.output}"
    return result.output


@pytest.fixture(scope="module")
def walked(tmp_path_factory) -> Path:
    """Walk through the tutorial, as far as the server; return the folder of its region."""
    beside = tmp_path_factory.mktemp("beside")
    (beside / "cosmolocal").symlink_to(ROOT, target_is_directory=True)
    (beside / "empty").mkdir()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(beside / "empty")
        for step in STEPS:
            if not is_serve(step):
                printed = "".join(run(command, step.shown, monkeypatch) for command in step.commands)
                missing = find_missing(step.shown, printed)
                assert missing is None, f"{step.commands} did not print\n{missing}\nbut\n{printed}"
    return beside / "empty/ghent"


def test_every_command_runs_and_prints_what_the_tutorial_shows(walked):
    assert Workspace(walked).plans()[0].state.value == "published"


def test_what_the_tutorial_ends_with_is_served(walked):
    [step] = filter(is_serve, STEPS)
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cosmolocal", "serve", "--port", str(port)]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, cwd=walked, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = server.stderr.readline().replace(str(port), "8000")
            assert find_missing(step.shown, said) is None, said
            with urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                assert "Ghent" in answer.read().decode()
        finally:
            server.send_signal(signal.SIGINT)
            rest = server.communicate(timeout=60)[1]
    assert server.returncode == 0, rest


def test_the_tutorial_ends_by_serving_and_the_readme_leads_to_it_at_its_top():
    assert is_serve(STEPS[-1])
    assert "docs/tutorial.md" in (ROOT / "README.md").read_text("utf-8").partition("## Make")[0]


@pytest.mark.parametrize(
    ("shown", "printed", "missing"),
    [
        (("a", "c"), "a\nb\nc\n", None),
        (("c", "a"), "a\nb\nc\n", "a"),
        (("plan … counts since …",), "plan 1a2b counts since today\n", None),
        (("plan … counts",), "plan 1a2b counts since today\n", "plan … counts"),
        (("6 jobs",), "16 jobs\n", "6 jobs"),
    ],
)
def test_a_line_that_was_not_printed_is_found(shown, printed, missing):
    assert find_missing(shown, printed) == missing


def test_the_streets_of_the_tutorial_cross_its_river_on_two_bridges_only():
    """Else its river would be none."""
    lines = (ROOT / "docs/tutorial/streets.edges.csv").read_text("utf-8").splitlines()[1:]
    ends = [tuple(map(int, line.split(",")[:2])) for line in lines]
    across = [(one, other) for one, other in ends if {one % 14, other % 14} == {7, 8}]
    assert len(across) == 2
