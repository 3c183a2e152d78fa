"""The HTML report: one file, nothing from outside, nothing unescaped."""

from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from samples import LAMPS, ORDERS, PLAN, REGION

from cosmolocal.exports.report import ReportParts, build_report, euros
from cosmolocal.records import StoppedBy

ATTACK = "<script>alert(1)</script>\"'&"


def reason_sentence(code: str, values: Mapping[str, str | int]) -> str:
    return f"{code} because of {', '.join(f'{name} {value}' for name, value in values.items())}"


def fix_sentence(code: str, values: Mapping[str, str | int]) -> str:
    return f"{code} → {' '.join(map(str, values.values()))}"


KPIS = {"Local share": "57 %", "Cost": "512.60\u00a0€"}
PARTS = ReportParts(KPIS, reason_sentence, fix_sentence, '<svg id="map"></svg>')


class Page(HTMLParser):
    """Collects the tags and texts of a page and checks that tags close in the order they open."""

    VOID = frozenset({"meta", "br", "hr", "img", "link"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(" ".join(data.split()))


@pytest.fixture
def page() -> Page:
    return Page(build_report(PLAN, ORDERS, REGION, PARTS))


def test_figures_map_rows_and_reasons_are_shown(page: Page):
    shown = set(page.texts)
    assert {"Local share", "57 %", "o-1/1", "North", "2026-09-21", "o-2/1", "1 week late"} <= shown
    assert "radius because of workshop makers, distance_m 9400, radius_m 9000" in shown
    assert {"radius → makers 9400", "saves 172.00 €"} <= shown
    assert ("svg", {"id": "map"}) in page.tags


def test_makers_are_shown_by_name_once_each(page: Page):
    assert "Joiners, Makers & <Friends>" in page.texts


def test_nothing_is_loaded_from_anywhere(page: Page):
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    assert not [attributes for _, attributes in page.tags if attributes.keys() & {"src", "href", "onload", "onclick"}]


def test_texts_of_the_inputs_are_escaped():
    region = replace(REGION, name=ATTACK, attribution=ATTACK)
    order = replace(LAMPS, place=ATTACK)
    plan = replace(PLAN, book=ATTACK, digests={ATTACK: ATTACK})
    parts = ReportParts({ATTACK: ATTACK}, lambda _code, _values: ATTACK, lambda _code, _values: ATTACK)
    html = build_report(plan, (order, ORDERS[1]), region, parts)
    assert "<script" not in html
    assert Page(html).texts.count(ATTACK) >= 8


def test_a_report_without_a_map_or_rows_is_still_a_page():
    plan = replace(PLAN, allocations=(), unmet=())
    page = Page(build_report(plan, ORDERS, REGION, ReportParts({}, reason_sentence, fix_sentence)))
    assert "figure" not in {tag for tag, _ in page.tags}


@pytest.mark.parametrize(
    ("cents", "shown"),
    [
        (0, "0.00\u00a0€"),
        (5, "0.05\u00a0€"),
        (100_000, "1,000.00\u00a0€"),
        (-260, "−2.60\u00a0€"),
        (-5, "−0.05\u00a0€"),
    ],
)
def test_amounts_are_written_as_people_read_them(cents: int, shown: str):
    assert euros(cents) == shown


def test_every_end_of_solving_is_told_in_words():
    pages = [build_report(replace(PLAN, stopped_by=why), ORDERS, REGION, PARTS) for why in StoppedBy]
    told = [page.partition("it ended ")[2].partition(".")[0] for page in pages]
    assert len(set(told)) == len(StoppedBy)
    assert all(told)
