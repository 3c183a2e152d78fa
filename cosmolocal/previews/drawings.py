"""Drawings made by the server: a child process draws them once, and they are kept by the digest of their file."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cosmolocal
from cosmolocal.cores import on_all_cores
from cosmolocal.previews.kinds import Drawing, NoPreviewError, Page, Why

#: part of each name in the store of drawings; another number makes them all anew
EDITION = 1
FACTS = "facts.json"
#: exit codes of the child: its readers stumbled; its room was too small
DAMAGED = 8
LIMIT_REACHED = 9
DRAWN = {".dxf": "dxf", ".pdf": "pdf"}
MAX_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use."""

    memory_bytes: int = 1024 * 1024 * 1024
    cpu_seconds: int = 10
    #: by the clock on the wall
    wall_seconds: float = 30
    #: for a place among the children that run
    wait_seconds: float = 20


LIMITS = Limits()
#: children that may run at the same time
_PLACES = threading.BoundedSemaphore(2)


def draw(kind: str, source: Path, sha256: str, cache: Path, limits: Limits = LIMITS) -> Drawing:
    """Return the drawing of a file (``kind`` is dxf or pdf), made now or earlier; also "none" is remembered.

    Raises
    ------
    NoPreviewError
        When the file is damaged, locked, or needs more memory or time than a child gets.
    """
    folder = drawing_folder(kind, sha256, cache)
    if not (folder / FACTS).is_file():
        if source.stat().st_size > MAX_BYTES:
            raise NoPreviewError(Why.TOO_LARGE, limit=MAX_BYTES)
        _draw_into(folder, kind, source, limits)
    return _read_facts(folder / FACTS)


def drawing_folder(kind: str, sha256: str, cache: Path) -> Path:
    """Return where the drawing of a file with this digest lies."""
    return cache / f"{sha256}-{kind}-{EDITION}"


def _draw_into(folder: Path, kind: str, source: Path, limits: Limits) -> None:
    """Let a child draw into a folder of its own, which takes its name only when it is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    working = Path(tempfile.mkdtemp(prefix=".drawing-", dir=folder.parent))
    try:
        if not _PLACES.acquire(timeout=limits.wait_seconds):
            raise NoPreviewError(Why.BUSY)
        try:
            why = _run(kind, source.resolve(), working, limits)
        finally:
            _PLACES.release()
        if why is not None:
            (working / FACTS).write_text(json.dumps({"why": why}), encoding="utf-8")
        try:
            working.rename(folder)
        except OSError:
            if not folder.is_dir():  # else somebody was faster, and theirs is the same
                raise
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _run(kind: str, source: Path, working: Path, limits: Limits) -> Why | None:
    """Run the child; return why it drew nothing, None if it did."""
    command = [sys.executable, "-P", "-m", "cosmolocal.previews.child", kind, str(source)]
    command += [str(limits.memory_bytes), str(limits.cpu_seconds)]
    with on_all_cores():
        started = subprocess.Popen(
            command,
            cwd=working,
            env=_environment(working),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    with started as child:
        try:
            code = child.wait(limits.wall_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            raise NoPreviewError(Why.BUSY) from None  # not remembered: the machine may have been busy
    if code == 0:
        return None
    if code in (LIMIT_REACHED, -signal.SIGKILL, -signal.SIGXCPU):
        return Why.DRAWING_LIMITS
    if code == DAMAGED or code < 0:
        return Why.DRAWING_DAMAGED
    raise NoPreviewError(Why.BUSY)  # the child did not even start: no fault of the file


def _environment(working: Path) -> dict[str, str]:
    """Return what the child knows of its surroundings: nothing but where to find this package and to keep fonts."""
    return {
        "PYTHONPATH": str(Path(cosmolocal.__file__).parent.parent),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(working),
        "XDG_CACHE_HOME": str(working.parent / ".fonts"),
        "OPENBLAS_NUM_THREADS": "1",  # each thread would reserve memory
    }


def _read_facts(path: Path) -> Drawing:
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if "why" in facts:
        raise NoPreviewError(Why(facts["why"]))
    size = (facts["size"][0], facts["size"][1]) if "size" in facts else None
    return Drawing(tuple(Page(**page) for page in facts["pages"]), facts["total"], size, facts.get("unit", ""))
