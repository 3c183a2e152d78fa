"""What is remembered: within its room, newest use first, made once by one of many."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.workflows.remembering import Memory, Same


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12))), st.integers(1, 20))
def test_the_room_is_never_exceeded_and_what_is_found_was_made(wishes, room):
    memory = Memory[int](room, lambda weight: weight)
    for key, weight in wishes:
        found = memory.recall(key, lambda weight=weight: weight)
        assert found in {made for wish, made in wishes if wish == key}
        assert memory.used == sum(kept[1] for kept in memory._kept.values()) <= room


def test_what_was_not_used_for_longest_goes_first():
    memory = Memory[str](2)
    for key in "aba":
        memory.recall(key, lambda key=key: key)
    memory.recall("c", lambda: "c")
    assert (memory.find("a"), memory.find("b"), memory.find("c")) == ("a", None, "c")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3))), st.integers(1, 4))
def test_of_the_states_of_one_thing_only_the_newest_is_remembered(asked, room):
    memory = Memory[str](room)
    for thing, state in asked:
        assert (
            memory.recall((thing, state), lambda thing=thing, state=state: f"{thing} {state}", thing)
            == f"{thing} {state}"
        )
        assert memory.find((thing, state)) is not None
        assert len(memory) == memory.used <= min(room, len({thing for thing, _ in asked}))
        assert set(memory._newest.values()) == set(memory._kept)


def test_what_fails_is_tried_again():
    memory = Memory[str](2)
    with pytest.raises(ZeroDivisionError):
        memory.recall("a", lambda: str(1 // 0))
    assert memory.recall("a", lambda: "made") == "made"


def test_of_many_that_ask_at_once_one_makes_it():
    memory, made, ready = Memory[object](4), [], threading.Barrier(8)

    def make() -> object:
        made.append(threading.get_ident())
        return object()

    found = []

    def ask() -> None:
        ready.wait()
        found.append(memory.recall("a", make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(set(map(id, found))) == 1


def test_a_value_is_the_same_only_as_itself():
    one, other = [1], [1]
    assert Same(one) == Same(one)
    assert Same(one) != Same(other)
