"""Classes of figures: every figure has one, and a greater figure never has a paler one."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.exports import classes
from cosmolocal.exports.classes import MOST_LIMITS, find_limits, level_of

FIGURES = st.lists(st.integers(0, 100_000))


def test_the_examples_hold():
    assert doctest.testmod(classes).failed == 0


@given(FIGURES)
def test_nothing_alone_has_level_0_and_more_is_never_paler(values):
    limits = find_limits(values)
    levels = [level_of(value, limits) for value in sorted(values)]
    assert levels == sorted(levels)
    assert all((level == 0) == (value == 0) for level, value in zip(levels, sorted(values), strict=True))


@given(FIGURES)
def test_limits_are_few_rise_and_the_greatest_figure_is_in_the_last_class(values):
    limits = find_limits(values)
    assert len(limits) <= MOST_LIMITS
    assert list(limits) == sorted(set(limits))
    if any(values):
        assert level_of(max(values), limits) == 5
        assert all(min(value for value in values if value) < limit <= max(values) for limit in limits)
