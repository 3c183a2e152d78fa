"""The collector of unreachable records: paused as long as anybody reads, and then as it was."""

import gc
import weakref
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest

from cosmolocal.collecting import keep_survivors, paused_collector


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    was_on, before = gc.isenabled(), gc.callbacks[:]
    yield
    (gc.enable if was_on else gc.disable)()
    gc.callbacks[:] = before
    gc.unfreeze()


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_as_it_was_afterwards(was_on):
    (gc.enable if was_on else gc.disable)()
    with pytest.raises(ValueError, match="broken"), paused_collector():
        assert not gc.isenabled()
        raise ValueError("broken")
    assert gc.isenabled() is was_on


def test_it_stays_paused_until_the_last_reader_is_done():
    gc.enable()
    inside, first_out = Barrier(2, timeout=60), Barrier(2, timeout=60)
    seen = []

    def read() -> None:
        with paused_collector():
            inside.wait()
            first_out.wait()
            seen.append(gc.isenabled())

    other = Thread(target=read)
    other.start()
    with paused_collector():
        inside.wait()
    first_out.wait()
    other.join()
    assert seen == [False]
    assert gc.isenabled()


class Ring:
    """Refers to itself, so that only the collector can take it away."""

    def __init__(self) -> None:
        self.self = self


def test_what_is_in_use_is_looked_at_once_and_what_is_not_goes():
    keep_survivors()
    kept, gone = Ring(), weakref.ref(Ring())
    before = gc.get_freeze_count()
    assert before > 0
    gc.collect()
    assert gone() is None
    assert gc.get_freeze_count() > before
    assert not any(one is kept for one in gc.get_objects())


def test_to_ask_twice_is_to_ask_once():
    keep_survivors()
    keep_survivors()
    assert sum(one.__name__ == "_freeze" for one in gc.callbacks) == 1
