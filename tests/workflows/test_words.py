"""What people read instead of ids and numbers."""

from datetime import date

import pytest
from samples import REGION

from cosmolocal.workflows.design_ids import slug_of
from cosmolocal.workflows.words import Words

WORDS = Words.of(REGION, date(2026, 9, 7))


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("workshop", "makers", "Makers & <Friends> (makers)"),
        ("place", "north", "North (north)"),
        ("from_place", "gone", "gone"),
        ("resource", "makers/laser", "laser-cutting at Makers & <Friends> (makers/laser)"),
        ("resource", "makers–north", "Makers & <Friends> (makers) – North (north)"),
        ("week", 2, "week 2 (from Monday 2026-09-21)"),
        ("minutes", 90, "1.5 h"),
        ("part", "", "putting the design together"),
        ("part", "shade", "shade"),
        ("due_date", "2026-09-18", "2026-09-18"),
        ("kg", 12, "12"),
    ],
)
def test_a_value_is_shown_as_people_say_it(name, value, shown):
    assert WORDS.show(name, value) == shown


def test_a_distance_is_never_shown_shorter_than_it_is():
    assert [WORDS.show("to_m", metres) for metres in (6_601, 6_600, 0)] == ["6.7 km", "6.6 km", "0.0 km"]


@pytest.mark.parametrize(
    ("name", "slug"), [("Präzisions-Webstuhl  N° 2", "prazisions-webstuhl-n-2"), ("  ", ""), (None, ""), ("织布机", "")]
)
def test_an_id_is_made_of_a_name(name, slug):
    assert slug_of(name) == slug
