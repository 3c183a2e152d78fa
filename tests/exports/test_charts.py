"""Charts of bars: what is high is drawn high, what is too much is marked."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.exports.charts import HEIGHT, MOST_LABELS, Bar, BarChart, draw_bars, round_up

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*bars: Bar) -> ElementTree.Element:
    return ElementTree.fromstring(draw_bars(BarChart("Load <1>", "<{:g} h".format, bars)))


def heights(picture: ElementTree.Element, kind: str) -> list[float]:
    return [float(mark.get("height")) for mark in picture.iter(f"{SVG}rect") if mark.get("class") == kind]


@given(st.floats(0, 1e6))
def test_the_scale_ends_at_a_round_number_not_far_above(number):
    assert number <= round_up(number) <= max(1, 2.5 * number + 1e-9)


def test_a_bar_twice_as_much_is_twice_as_high():
    low, high = heights(drawn(Bar("a", 5), Bar("b", 10)), "chart-bar")
    assert abs(high - 2 * low) < 0.2


def test_what_is_above_the_limit_is_marked():
    picture = drawn(Bar("a", 8, 6), Bar("b", 4, 6))
    [over] = heights(picture, "chart-over")
    assert 0 < over < HEIGHT
    assert len(heights(picture, "chart-bar")) == 2


def test_a_long_chart_drops_labels_instead_of_writing_them_over_each_other():
    picture = drawn(*(Bar(f"w{number}", number) for number in range(52)))
    labels = [text.text for text in picture.iter(f"{SVG}text") if (text.text or "").startswith("w")]
    assert len(labels) <= MOST_LABELS
    assert labels[0] == "w0"


def test_a_chart_without_bars_is_a_chart():
    assert drawn().findtext(f"{SVG}title") == "Load <1>"
