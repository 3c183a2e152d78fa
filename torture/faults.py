"""Kills an operation, or lets it fail, at each of its mutating system calls, and looks at what is left.

``strace`` injects the fault. Afterwards the store must look exactly as before the operation or as after it, to a reader
that comes at once and to one that comes after recovery; what was acknowledged must be there; doing it again must work.
"""

import functools
import gc
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torture.sections import UnavailableError

#: system calls that change what is on the disk, or that open a file for it
CALLS = (
    *("openat", "mkdir", "mkdirat", "write", "pwrite64", "writev", "copy_file_range", "sendfile", "ftruncate"),
    *("fallocate", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("unlink", "unlinkat", "rmdir", "chmod", "fchmod", "fchmodat", "utimensat", "flock"),
)
#: what strace does at the n-th call of a name; a disk that is full stays so
FAULTS = {
    "kill": "signal=KILL:when={nth}",
    "EIO": "error=EIO:when={nth}",
    "ENOSPC": "error=ENOSPC:when={nth}",
    "full": "error=ENOSPC:when={nth}+",
}
#: the run that shows what the operation does when it is let alone
NO_FAULT = "none"
#: [s] after which an operation counts as hanging
PATIENCE = 30
#: signs of a state that are told in full
_LONG = 500
_LINE = re.compile(r"(\d+) +(\w+)\(")
_CACHES: list[Any] = []
#: read files of the program, not of the folder
_KEPT = ("load_vocabulary",)
_HIT = re.compile(r"\(INJECTED\)|killed by SIGKILL")


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that changes a folder, and how to see what the folder holds."""

    name: str
    #: makes the folder that the operation starts from
    prepare: Callable[[Path], None]
    act: Callable[[Path], None]
    #: what a reader sees; two equal values are the same state
    look: Callable[[Path], Any]
    #: what a new process does first
    recover: Callable[[Path], None]
    #: what is wrong with the folder, in words; empty when nothing is
    verify: Callable[[Path], list[str]]
    #: whether a reader sees the same before and after
    is_idle: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run with one fault."""

    operation: str
    #: name of a system call; empty where there was no fault
    call: str
    #: the first call of its name is 1
    nth: int
    #: of `FAULTS`, or `NO_FAULT`
    fault: str
    acknowledged: bool
    #: what was wrong afterwards; empty: all as it must be
    wrong: tuple[str, ...]


def run_operation(operation: Operation, every: int = 1, first: int = 0) -> Iterator[Outcome]:
    """Yield the outcome without any fault, then with each ``every``-th of all faults at all mutating system calls.

    Where it does not begin with the first of them, others do the rest, and the run without any fault.

    Raises
    ------
    UnavailableError
        When strace is missing or may not trace.
    """
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        work = Path(folder)
        start, end = work / "start", work / "end"
        start.mkdir()
        operation.prepare(start)
        _warm_up(operation, start, work / "warm")
        shutil.copytree(start, end)
        counts = count_calls(operation, end, work / "calls.txt", ",".join(CALLS))
        before, after = operation.look(start), operation.look(end)
        if (before == after) is not operation.is_idle:
            raise ValueError(f"what a reader sees of {operation.name} does not fit: {_tell(after, before)}")
        if first == 0:
            wrong = list(_find_wrong(operation, end, before, after, True))
            yield Outcome(operation.name, "", 0, NO_FAULT, True, tuple(wrong))
        points = [
            (call, nth, fault) for call, count in counts.items() for nth in range(1, count + 1) for fault in FAULTS
        ]
        for number, (call, nth, fault) in enumerate(points[first :: max(1, every)]):
            # each at a place of its own: what this process remembers of one is nothing to the next
            place = work / f"run-{number}"
            shutil.copytree(start, place)
            injected = f"inject={call}:{FAULTS[fault].format(nth=nth)}"
            log = work / "calls.txt"
            acknowledged = _act_traced(operation, place, log, "-e", f"trace={call}", "-e", injected)
            wrong = list(_find_wrong(operation, place, before, after, acknowledged))
            if not _HIT.search(log.read_text()):
                wrong.append("the operation does not make this call every time, so there was no fault")
            yield Outcome(operation.name, call, nth, fault, acknowledged, tuple(wrong))
            shutil.rmtree(place)


def _warm_up(operation: Operation, start: Path, place: Path) -> None:
    """Do it all once in this process, for what a first time reads of the program later times do not."""
    shutil.copytree(start, place)
    for step in (operation.act, operation.recover, operation.verify, operation.look):
        with suppress(Exception):  # what is wrong is found by the runs that count
            step(place)
    shutil.rmtree(place)


def count_calls(operation: Operation, place: Path, log: Path, traced: str) -> dict[str, int]:
    """Return how often the operation makes each call; of several threads, the one that does so most counts."""
    if not _act_traced(operation, place, log, "-e", f"trace={traced}"):
        raise ValueError(f"{operation.name} fails without any fault")
    counts: dict[tuple[str, str], int] = {}
    for thread, call in _LINE.findall(log.read_text()):
        counts[thread, call] = counts.get((thread, call), 0) + 1
    names = sorted({call for _, call in counts})
    return {name: max(count for (_, call), count in counts.items() if call == name) for name in names}


def _act_traced(operation: Operation, place: Path, log: Path, *options: str) -> bool:
    """Return whether the operation acknowledged that it was done, in a process of its own under strace."""
    _forget()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _be_the_child(operation, place, writer)
    os.close(writer)
    os.waitpid(child, os.WUNTRACED)
    command = ["strace", "-f", "-o", str(log), *options, "-p", str(child)]
    try:
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert tracer.stderr is not None
        if "attached" not in (told := tracer.stderr.readline()):
            raise UnavailableError(told.strip() or "strace says nothing")
        os.kill(child, signal.SIGCONT)
        tracer.communicate(timeout=PATIENCE)
    except FileNotFoundError:
        raise UnavailableError("strace is not installed") from None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        return pipe.read() == b"done"


def _forget() -> None:
    """Empty every cache, for a new process knows nothing: it reads all from the disk."""
    if not _CACHES:
        # the type is asked, not the thing: what stands for a thing that is gone would raise
        _CACHES.extend(thing for thing in gc.get_objects() if issubclass(type(thing), functools._lru_cache_wrapper))
    for cache in _CACHES:
        if getattr(cache, "__name__", "") not in _KEPT:  # what is kept of a method or a closure has no name
            cache.cache_clear()


def _be_the_child(operation: Operation, place: Path, writer: int) -> None:
    """Wait to be traced, act, acknowledge, and end without any further ado; never returns."""
    try:
        os.kill(os.getpid(), signal.SIGSTOP)
        operation.act(place)
        os.write(writer, b"done")
    except BaseException:  # whatever it was, it is no acknowledgement
        os._exit(3)
    os._exit(0)


def _find_wrong(operation: Operation, place: Path, before: Any, after: Any, acknowledged: bool) -> Iterator[str]:
    """Yield what is not as it must be."""
    allowed = (after,) if acknowledged else (before, after)
    steps: tuple[tuple[str, Callable[[Path], None]], ...] = (
        ("at once", lambda _: None),
        ("after recovery", operation.recover),
        ("after doing it again", operation.act),
    )
    for when, step in steps:
        try:
            step(place)
            _forget()
            found = operation.look(place)
        except Exception as error:  # any error is a finding here
            yield f"{when}: {error!r}"
            continue
        if found not in ((after,) if when == "after doing it again" else allowed):
            yield f"{when}: neither as before nor as after: {_tell(found, after)}"
    yield from operation.verify(place)


def _tell(found: Any, after: Any) -> str:
    """Return what was found; of much of it, what differs from how it is afterwards."""
    if len(told := str(found)) <= _LONG:
        return told
    return "; ".join(_differences(found, after, ""))[: 4 * _LONG]


def _differences(found: Any, after: Any, where: str) -> Iterator[str]:
    if found == after:
        return
    if isinstance(found, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*found, *after)):
            yield from _differences(found.get(key), after.get(key), f"{where}/{key}")
    elif isinstance(found, list | tuple) and isinstance(after, list | tuple):
        extra, missing = (
            [one for one in ours if one not in theirs] for ours, theirs in ((found, after), (after, found))
        )
        yield f"{where}: {extra} and not {missing}"
    else:
        yield f"{where}: {found} and not {after}"
