"""A slice of the random kills of `make torture`, and the proof that they can find something."""

from torture.experiments.store import table_of_kills
from torture.kills import REASON, find_lost, run_kills


def test_writers_that_are_killed_at_any_moment_lose_nothing() -> None:
    killed = run_kills(5)
    assert killed.wrong == ()
    assert killed.released > 0
    assert 0 <= killed.there - killed.released <= 4
    assert "| 4 | 5 |" in table_of_kills(killed)


def test_what_was_acknowledged_and_is_lost_is_found_out() -> None:
    """A writer that told of two releases and a yank."""
    first, second = ("makers~chair-0-0", "1.0.0"), ("makers~chair-0-0", "1.0.1")
    assert list(find_lost({0: 3}, {first: REASON, second: None})) == []
    assert list(find_lost({0: 3}, {first: REASON})) == [f"{second} was published and is not there"]
    assert list(find_lost({0: 3}, {first: None, second: None})) == [f"{first} was yanked and is not any more"]
    assert list(find_lost({0: 1}, {first: None, second: None})) == []
    assert list(find_lost({0: 0}, {first: None, second: None})) == [f"{second} is there, and nobody published it"]
