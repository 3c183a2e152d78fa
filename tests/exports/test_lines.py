"""Lines over time: they stay within the chart, and the scales end at round numbers."""

import doctest
import re

import pytest

from cosmolocal.exports import lines
from cosmolocal.exports.lines import Line, LineChart, draw_lines, round_steps


def test_examples():
    assert doctest.testmod(lines).failed == 0


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.001, 0.0021), (-5, 7), (99, 100), (1e9, 1.0001e9), (0, 86_400)])
@pytest.mark.parametrize("most", [4, 6])
def test_steps_are_round_within_and_not_too_many(low, high, most):
    steps = round_steps(low, high, most)
    assert 1 <= len(steps) <= most + 1
    assert all(low - 1e-9 * abs(low) <= step <= high for step in steps)
    assert steps == sorted(set(steps))


def test_a_value_holds_until_the_next_one_and_to_the_end():
    svg = draw_lines(LineChart("t", "{:g} €".format, (Line("one", ((0.0, 4.0), (5.0, 2.0))),), 10.0, "{:g} s".format))
    [path] = re.findall(r'points="([^"]+)"', svg)
    corners = [tuple(map(float, corner.split(","))) for corner in path.split()]
    assert [x for x, _ in corners] == [80, 275, 275, 470]
    assert corners[0][1] == corners[1][1] < corners[2][1] == corners[3][1]


@pytest.mark.parametrize("points", [(), ((0.0, 5.0),), ((0.0, 5.0), (9.0, 5.0)), ((1.0, -3.0), (2.0, 1e9))])
def test_a_line_stays_within_its_chart(points):
    svg = draw_lines(LineChart("a <title>", "{:g} €".format, (Line("one", points),), 3.0, "{:g} s".format))
    assert "<title>a &lt;title&gt;</title>" in svg
    for path in re.findall(r'points="([^"]+)"', svg):
        for x, y in (map(float, corner.split(",")) for corner in path.split()):
            assert 80 <= x <= 470
            assert 12 <= y <= 156
