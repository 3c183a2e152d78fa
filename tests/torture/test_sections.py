"""The frame of `make torture`: experiments are found, run apart, and reported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from torture.__main__ import run_section
from torture.report import Entry, read_report, write_report
from torture.sections import Result, Section, UnavailableError, find_sections


def section(run, name="some") -> Section:
    return Section(name, "something is broken", "it holds", run)


def broken(_: float) -> Result:
    raise RuntimeError("a fault of the experiment")


def unavailable(_: float) -> Result:
    raise UnavailableError("no strace")


def test_each_experiment_has_its_own_name_and_says_when_it_passes():
    sections = find_sections()
    assert {"store-faults", "store-kills", "api"} <= sections.keys()
    assert all(found.experiment and found.passes_when for found in sections.values())


def test_an_experiment_that_breaks_off_has_not_passed():
    entry = run_section(section(broken), 1)
    assert "a fault of the experiment" in entry.wrong[0]
    assert entry.verdict == "**1 wrong**"


def test_what_cannot_be_run_here_is_not_called_passed():
    entry = run_section(section(unavailable), 1)
    assert (entry.verdict, entry.unavailable, entry.wrong) == ("not run", "no strace", ())


@pytest.mark.parametrize("wrong", [(), ("a --> b <!-- c | d", "e\nf")])
def test_report_is_read_as_it_was_written(tmp_path: Path, wrong: tuple[str, ...]):
    entry = Entry("some", "3 runs", wrong, "| a |\n| --- |\n", 1.5, 0.5, "2026-09-01", "2 cores, 8 GiB")
    write_report(tmp_path / "r.md", {"some": section(broken), "other": section(broken, "other")}, {"some": entry})
    assert read_report(tmp_path / "r.md") == {"some": entry}
    assert "`other`: something is broken | it holds |  | not run" in (tmp_path / "r.md").read_text()


def test_one_section_is_run_alone_and_writes_its_row(tmp_path: Path):
    command = [sys.executable, "-m", "torture", "store-kills", "--share", "0.003", "--report", tmp_path / "r.md"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "| passed |" in ended.stdout
    (entry,) = read_report(tmp_path / "r.md").values()
    assert entry.done.startswith("3 kills")


def test_a_section_that_is_not_there_is_refused_with_those_that_are():
    ended = subprocess.run([sys.executable, "-m", "torture", "moon"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "there is no section moon; there are: " in ended.stderr


def test_json_of_a_section_is_one_line():
    command = [sys.executable, "-m", "torture", "store-kills", "--share", "0.002", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout)["name"] == "store-kills"
