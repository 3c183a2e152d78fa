"""Writers of a database, one after the other, and those who look at it meanwhile."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cosmolocal.database import find_state, open_database, opening, queueing, watching, writing
from cosmolocal.database.queueing import queue_path, queued
from cosmolocal.errors import BusyError

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="locks of open files are known to Linux alone")

TRY = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"


@pytest.fixture
def database(tmp_path) -> Path:
    path = tmp_path / "some.db"
    open_database(path).close()
    return path


def is_taken(database: Path) -> bool:
    """Tell whether another process finds the database taken."""
    ended = subprocess.run([sys.executable, "-c", TRY, str(database)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0 or "locked" in ended.stderr, ended.stderr
    return ended.returncode != 0


def test_whoever_looks_at_the_database_takes_away_no_lock(database):
    """To close a file takes away all locks that the process has on it, those of other threads too."""
    db = open_database(database)
    with writing(db):
        assert is_taken(database)
        find_state(database)
        assert is_taken(database)
    db.close()
    assert not is_taken(database)


def test_a_careless_look_would_take_it_away(database):
    db = open_database(database)
    with writing(db):
        os.close(os.open(database, os.O_RDONLY))
        assert not is_taken(database)
    db.close()


def test_another_file_in_the_place_of_a_database_is_another_state(database):
    before = find_state(database)
    other = database.with_name("other.db")
    other.write_bytes(database.read_bytes())
    other.replace(database)
    assert find_state(database) != before
    database.unlink()
    assert not any(find_state(database))


def test_few_files_stay_open(tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "MOST_OPEN", 3)
    places = [tmp_path / f"{number}.db" for number in range(8)]
    for place in places:
        place.write_bytes(bytes(100))
    states = [find_state(place) for place in places]
    assert len(watching._open) <= 3
    assert [find_state(place) for place in places] == states
    assert len(set(states)) == 8


def test_writers_wait_for_whoever_is_in_front_of_them(database):
    came: list[int] = []
    threads = []

    def write(number: int, asks: threading.Event) -> None:
        db = open_database(database)
        asks.set()
        with writing(db):
            came.append(number)
        db.close()

    with queued(database, 1):
        for number in range(5):
            asks = threading.Event()
            threads.append(threading.Thread(target=write, args=(number, asks)))
            threads[-1].start()
            asks.wait()
        assert came == []
    for thread in threads:
        thread.join()
    assert sorted(came) == [0, 1, 2, 3, 4]


def wait_for_number(database: Path, number: int) -> None:
    """Wait until so many stand in the queue, all of whom are still there."""
    descriptor = os.open(queue_path(database), os.O_RDWR)
    while queueing.find_last(descriptor) < number:
        time.sleep(0.001)
    os.close(descriptor)


@contextmanager
def writers_behind(database: Path, first: int, count: int) -> Iterator[list[int]]:
    """Let threads ask one after the other from a place of the queue on; give those whose turn came."""
    came: list[int] = []

    def write(number: int) -> None:
        with queued(database, 60):
            came.append(number)

    threads = []
    for number in range(first, first + count):
        threads.append(threading.Thread(target=write, args=(number,)))
        threads[-1].start()
        wait_for_number(database, number)
    yield came
    for thread in threads:
        thread.join()


@only_linux
def test_who_comes_first_writes_first(database):
    """A lock that all wait for goes to whoever asks at the right moment: of 50 writers some waited for seconds."""
    with ExitStack() as stack:
        with queued(database, 1):
            came = stack.enter_context(writers_behind(database, 2, 12))
            assert came == []
        stack.close()
    assert came == [*range(2, 14)]


WAIT = """
import sys
from pathlib import Path
from cosmolocal.database.queueing import queued
with queued(Path(sys.argv[1]), 60):
    print("came", flush=True)
"""


@only_linux
def test_a_writer_that_is_killed_while_it_waits_lets_nobody_pass_who_is_in_front(database):
    with ExitStack() as stack:
        with queued(database, 1):
            with subprocess.Popen([sys.executable, "-c", WAIT, str(database)], stdout=subprocess.PIPE) as killed:
                wait_for_number(database, 2)
                came = stack.enter_context(writers_behind(database, 3, 2))
                killed.kill()
            assert killed.returncode == -signal.SIGKILL
            time.sleep(0.05)  # enough for the one behind to come, were it to
            assert came == []
        stack.close()
    assert came == [3, 4]


@only_linux
def test_a_writer_that_gives_up_lets_nobody_pass_who_is_in_front(database):
    with ExitStack() as stack:
        with queued(database, 1):
            with pytest.raises(BusyError), queued(database, 0.02):
                pass
            came = stack.enter_context(writers_behind(database, 3, 2))
            assert came == []
        stack.close()
    assert came == [3, 4]


@only_linux
def test_a_writer_that_is_killed_while_it_writes_gives_its_place_back(database):
    command = [sys.executable, "-c", WAIT + "    sys.stdin.read()", str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == b"came\n"
        with writers_behind(database, 2, 2) as came:
            assert came == []
            killed.kill()
    assert came == [2, 3]


def test_whoever_waits_too_long_is_told_so_and_holds_up_nobody(database):
    with queued(database, 1), pytest.raises(BusyError, match="try again in a moment"), queued(database, 0.05):
        pass
    with queued(database, 1):
        pass


def test_a_database_that_others_hold_without_queueing_is_busy_too(database, monkeypatch):
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(database, isolation_level=None)
    db = open_database(database)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError), writing(db):
        pass
    other.execute("ROLLBACK")
    with writing(db):
        pass
    db.close()
    other.close()


def test_only_its_owner_may_take_the_place_in_the_queue(database):
    db = open_database(database)
    with writing(db):
        assert queue_path(database).stat().st_mode & 0o777 == 0o600
    db.close()
