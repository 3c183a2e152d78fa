"""Ranges of versions, against a naive reading of what they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.errors import InputError
from cosmolocal.versions import best_version, check_range, sorted_versions

Numbers = tuple[int, int, int]
small = st.integers(0, 3)
triples = st.tuples(small, small, small)
released = st.lists(triples, max_size=8)


def dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def caret(asked: tuple[int, ...], version: Numbers) -> bool:
    """Tell whether all is the same up to the first number that is not 0, and the version not older."""
    full = (*asked, 0, 0)[:3]
    first = next((place for place, number in enumerate(asked) if number > 0), len(asked) - 1)
    return version >= full and version[: first + 1] == full[: first + 1]


def tilde(asked: tuple[int, ...], version: Numbers) -> bool:
    same = min(len(asked), 2)
    return version >= (*asked, 0, 0)[:3] and version[:same] == asked[:same]


MEANING = {
    "": lambda asked, version: version[: len(asked)] == asked,
    "=": lambda asked, version: version[: len(asked)] == asked,
    "^": caret,
    "~": tilde,
    ">=": lambda asked, version: version >= (*asked, 0, 0)[:3],
    "<": lambda asked, version: version < (*asked, 0, 0)[:3],
    ">": lambda asked, version: version[: len(asked)] > asked,
    "<=": lambda asked, version: version[: len(asked)] <= asked,
}


@given(released, st.sampled_from(sorted(MEANING)), st.lists(small, min_size=1, max_size=3))
def test_one_term_means_what_a_naive_reading_says(versions: list[Numbers], operator: str, asked: list[int]):
    fitting = [version for version in versions if MEANING[operator](tuple(asked), version)]
    expected = dotted(max(fitting)) if fitting else None
    assert best_version(map(dotted, versions), operator + dotted(tuple(asked))) == expected


@given(released, triples, triples)
def test_two_terms_must_both_hold(versions: list[Numbers], low: Numbers, high: Numbers):
    fitting = [version for version in versions if low <= version < high]
    expected = dotted(max(fitting)) if fitting else None
    assert best_version(map(dotted, versions), f">={dotted(low)} <{dotted(high)}") == expected


@given(st.permutations(["1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1"]))
def test_the_order_of_the_versions_does_not_matter(versions: list[str]):
    assert best_version(versions, "*") == "1.10.0"


@pytest.mark.parametrize(
    ("version_range", "expected"),
    [
        ("*", "1.2.0"),
        ("", "1.2.0"),
        ("^1", "1.2.0"),
        ("^0.3", "0.3.9"),
        ("^0.0.3", "0.0.3"),
        ("^0", "0.3.9"),
        (">= 0.3 < 1", "0.3.9"),
        ("1.x", "1.2.0"),
        ("<1", "0.3.9"),
        ("^3", None),
        (">*", None),
        ("2.0.0-rc.1", "2.0.0-rc.1"),
        (">=2.0.0-beta", "2.0.0-rc.1"),
        (">1.2", None),
        (">2.0.0-beta <3", "2.0.0-rc.1"),
        ("<=2.0.0-rc.1", "2.0.0-rc.1"),
        ("<2.0.0-rc.1", "1.2.0"),
    ],
)
def test_npm_agrees(version_range: str, expected: str | None):
    versions = ["0.0.3", "0.0.4", "0.3.0", "0.3.9", "1.0.0", "1.2.0", "2.0.0-rc.1"]
    assert best_version(versions, version_range) == expected


@pytest.mark.parametrize("wrong", ["latest", "1.2.3.4", "^", "1 - 2", ">=1 || 2", "01.2", "1.2-rc", "=>1", "1.2.3-01"])
def test_a_range_that_cannot_be_read_is_a_problem_with_its_place(wrong: str):
    (problem,) = check_range(wrong, "orders/a.csv: line 2", "O012")
    assert (problem.code, problem.where) == ("O012", "orders/a.csv: line 2")
    assert repr(wrong) in problem.message
    with pytest.raises(InputError):
        best_version(["1.0.0"], wrong)


def test_versions_are_sorted_by_number_and_not_by_letter():
    assert sorted_versions(["1.10.0", "1.9.0", "1.9.0-rc.1"]) == ["1.9.0-rc.1", "1.9.0", "1.10.0"]
