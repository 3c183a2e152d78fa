"""Kills processes that write one store at once, at moments nobody chose, and looks at what is left.

Each writer publishes and yanks, and notes each acknowledgement durably outside the store; whoever takes its place
begins with what the dead one may have left undone. A reader looks at a design after each kill, while others write.
"""

import os
import random
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmolocal.designs.bundles import create_root, list_designs, publish_bundle, read_history
from cosmolocal.records import NoticeKind
from torture.store import NOON, give_notice, look_at, recover, verify, write_bundle

WRITERS = 4
#: things that a writer does to one design; then it begins another, as do all who share it
STAY = 30
#: [s] longest time between two kills
PAUSE = 0.1
REASON = "it breaks"


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of many kills."""

    kills: int
    #: releases and notices that were acknowledged
    released: int
    yanked: int
    #: releases that are there, those of writers that died before they could tell included
    there: int
    #: what was wrong; empty: all as it must be
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """One of the things a writer does, one after the other: a release, another, and the first of them yanked."""

    writer: int
    nth: int

    @property
    def design(self) -> str:
        """Return the design, which two writers share."""
        return f"makers~chair-{self.writer % 2}-{self.nth // STAY}"

    @property
    def is_yank(self) -> bool:
        return self.nth % 3 == 2

    @property
    def version(self) -> str:
        return f"1.{self.writer}.{self.nth - 2 if self.is_yank else self.nth}"

    def do(self, place: Path) -> None:
        if self.is_yank:
            give_notice(place, self.design, kind=NoticeKind.YANK, version=self.version, reason=REASON)
        else:
            folder = write_bundle(place, self.version, self.version)
            publish_bundle(place / "designs", self.design, folder, message="", created=NOON, by="ada")


def run_kills(kills: int, seed: int = 1) -> Killed:
    """Kill one of four writers ``kills`` times, then all, and compare the store with what they acknowledged."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        place = Path(folder)
        create_root(place / "designs")
        wrong = list(_kill(place, kills, random.Random(seed)))
        wrong += [path.read_text() for path in sorted(place.glob("fault-*"))]
        recover(place)
        told = {writer: _count_told(place, writer) for writer in range(WRITERS)}
        there = _reason_by_release(place)
        wrong += [*find_lost(told, there), *verify(place)]
        yanked = sum(count // 3 for count in told.values())
        return Killed(kills, sum(told.values()) - yanked, yanked, len(there), tuple(wrong))


def _kill(place: Path, kills: int, chance: random.Random) -> Iterator[str]:
    """Yield what a reader saw that it must not see."""
    root = place / "designs"
    writers = [_start(place, number) for number in range(WRITERS)]
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0, PAUSE))
            number = chance.randrange(WRITERS)
            _end(writers[number])
            design = _Task(number, _count_told(place, number)).design
            try:
                if design in list_designs(root):
                    look_at(root, design)
            except Exception as error:  # any error is a finding here
                yield f"to a reader: {error!r}"
            writers[number] = _start(place, number)
    finally:
        for writer in writers:
            _end(writer)


def find_lost(told: dict[int, int], there: dict[tuple[str, str], str | None]) -> Iterator[str]:
    """Yield what was acknowledged and is not there, and what is there though nobody did it."""
    begun = set[tuple[str, str]]()
    for writer, count in told.items():
        tasks = [_Task(writer, nth) for nth in range(count + 1)]  # the last may be there, or not
        begun.update((task.design, task.version) for task in tasks)
        for task in tasks[:-1]:
            release = task.design, task.version
            if release not in there:
                yield f"{release} was published and is not there"
            elif task.is_yank and there[release] != REASON:
                yield f"{release} was yanked and is not any more"
    yield from (f"{release} is there, and nobody published it" for release in there.keys() - begun)


def _reason_by_release(place: Path) -> dict[tuple[str, str], str | None]:
    """Return why each release was yanked; None: it was not."""
    root = place / "designs"
    releases = ((design, release) for design in list_designs(root) for release in read_history(root, design))
    return {(design, release.version): release.yanked for design, release in releases}


def _start(place: Path, number: int) -> int:
    """Return the process id of a new writer."""
    parent, child = os.getpid(), os.fork()
    if child == 0:
        try:
            _write(place, number, parent)
        except BaseException:  # a writer has no fault of its own; whatever it is, it is a finding
            (place / f"fault-{os.getpid()}").write_text(f"writer {number}: {traceback.format_exc()}")
        finally:
            os._exit(0)
    return child


def _end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _write(place: Path, number: int, parent: int) -> None:
    """Do one task after the other, each acknowledged by one more byte, as long as the parent lives."""
    told = os.open(_told(place, number), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nth = _count_told(place, number)
    while os.getppid() == parent:
        _Task(number, nth).do(place)
        os.write(told, b".")
        os.fsync(told)
        nth += 1


def _told(place: Path, number: int) -> Path:
    return place / f"told-{number}"


def _count_told(place: Path, number: int) -> int:
    told = _told(place, number)
    return told.stat().st_size if told.exists() else 0
