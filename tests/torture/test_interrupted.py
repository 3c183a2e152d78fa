"""A slice of the killed planners of `make torture`, and the proof that they can find something."""

import os
import time
from pathlib import Path

from torture import interrupted
from torture.interrupted import begin_server, run_interrupted


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
