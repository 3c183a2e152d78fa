"""Pages stay on one core, and what works beside them has all."""

import os
import subprocess
import sys
import threading

import pytest

from cosmolocal import cores
from cosmolocal.cores import count_cores, keep_to_one_core, on_all_cores, use_all_cores
from cosmolocal.planning.solvers.compiled import Threads
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.running import Runner

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not tell of cores")


def in_a_thread(work):
    """Return what a function returns in a thread of its own, which goes away with all it was told."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def own() -> set[int]:
    return os.sched_getaffinity(0)


def test_a_thread_keeps_to_one_core_and_so_do_those_it_begins():
    def work():
        keep_to_one_core()
        return own(), in_a_thread(own)

    kept, inherited = in_a_thread(work)
    assert len(kept) == 1
    assert inherited == kept
    assert own() == set(cores._ALL)


def test_what_works_beside_the_pages_has_all_cores():
    child = [sys.executable, "-c", "import os; print(sorted(os.sched_getaffinity(0)))"]

    def work():
        keep_to_one_core()
        with on_all_cores():
            told = subprocess.check_output(child, text=True)
        kept = own()
        use_all_cores()
        return told, kept, own()

    told, kept, after = in_a_thread(work)
    assert told.strip() == str(sorted(cores._ALL))
    assert len(kept) == 1
    assert after == set(cores._ALL)


def test_a_thread_on_one_core_counts_them_all_and_plans_on_them():
    def work():
        keep_to_one_core()
        threads, seen = Threads(2), []
        threads.run(lambda _: seen.append(own()), 4)
        return count_cores(), Threads().count, seen

    counted, used, seen = in_a_thread(work)
    assert counted == used == len(cores._ALL)
    assert seen == [set(cores._ALL)] * 4


def test_planning_beside_the_pages_has_all_cores(tmp_path):
    def work():
        keep_to_one_core()
        runner = Runner(Workspace(tmp_path))
        runner._waiting.put(None)
        runner._work()
        return own()

    assert in_a_thread(work) == set(cores._ALL)


def test_a_core_that_is_taken_away_stops_nobody(monkeypatch):
    monkeypatch.setattr(cores, "_ALL", frozenset({100_000}))
    before = own()
    with on_all_cores():
        keep_to_one_core()
    assert own() == before


def test_where_the_system_does_not_tell_nothing_happens(monkeypatch):
    monkeypatch.setattr(cores, "_ALL", frozenset())
    before = own()
    with on_all_cores():
        keep_to_one_core()
        use_all_cores()
    assert own() == before
    assert count_cores() == os.cpu_count()
