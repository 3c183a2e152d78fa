"""A slice of the killed planners of `make torture`, and the proof that they can find something."""

import fcntl
import os
import time
from pathlib import Path

from torture import interrupted
from torture.interrupted import begin_server, run_interrupted, start_again


def test_a_planner_that_is_killed_leaves_its_best_plan():
    found = run_interrupted(1, (begin_server,))
    assert (found.wrong, found.kept) == ((), 1)


def begin_without_keeping(_: Path) -> int:
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    return child


def test_a_planner_that_keeps_nothing_is_found_out(monkeypatch):
    monkeypatch.setattr(interrupted, "PATIENCE", 1)
    monkeypatch.setattr(interrupted, "_run_next", lambda _: ())
    assert run_interrupted(1, (begin_without_keeping,)).wrong[0] == "kill 0: no plan was kept within 1 s"


def test_a_machine_that_is_started_again_has_the_files_and_no_lock(tmp_path):
    folder = tmp_path / "region"
    folder.mkdir()
    path = folder / "a.lock"
    path.write_text("what it holds")
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        inode = path.stat().st_ino
        start_again(folder)
        assert (path.read_text(), path.stat().st_ino != inode) == ("what it holds", True)
        with path.open() as free:
            fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert [one.name for one in tmp_path.iterdir()] == ["region"]
