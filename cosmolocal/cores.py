"""The cores of the processor: the pages share one, what works beside them has all.

Threads of Python take turns. On several cores each turn wakes another core up, and pages, which take turns at every
look at the disk, spent more time on that than on themselves: on one core they are served two to three times as fast
(`benchmarks.web`, row "50 readers at once"). What a thread begins stays on its cores, so what can work side by side
with the pages, such as planning, copying or drawing, asks for all of them. Where a system knows no such thing, as
macOS, nothing happens.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

#: the cores that this process was given; none where the system does not tell
_ALL: frozenset[int] = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def count_cores() -> int:
    """Return how many cores this process may use, whatever this thread keeps to."""
    return len(_ALL) or os.cpu_count() or 1


def keep_to_one_core() -> None:
    """Let this thread, and those that it begins, run on one core; another process may well have taken another."""
    _keep_to(frozenset(sorted(_ALL)[os.getpid() % len(_ALL) :][:1]) if _ALL else _ALL)


def use_all_cores() -> None:
    """Let this thread, and those that it begins, run on every core of this process."""
    _keep_to(_ALL)


@contextmanager
def on_all_cores() -> Iterator[None]:
    """Let this thread, and the threads and processes that it begins meanwhile, run on every core of this process."""
    before = frozenset(os.sched_getaffinity(0)) if _ALL else _ALL
    use_all_cores()
    try:
        yield
    finally:
        _keep_to(before)


def _keep_to(cores: frozenset[int]) -> None:
    if not cores:
        return
    try:
        os.sched_setaffinity(0, cores)
    except OSError:  # an administrator took a core away meanwhile: what is left is the system's to choose
        return
