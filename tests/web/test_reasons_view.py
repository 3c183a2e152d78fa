"""Reasons and fixes in the reader's words."""

import re
from typing import Any

import pytest
from showcase import SHOWN_REGION

from cosmolocal.planning.wording import FIXES, REASONS
from cosmolocal.records import Fix, Reason
from cosmolocal.web.languages import LANGUAGES, count
from cosmolocal.web.names import Names
from cosmolocal.web.reasons_view import reason_name, tell_fix, tell_reason

NAMES = Names.of(SHOWN_REGION)
TEXTS: dict[str, Any] = {
    "design": "a~lamp@1.2.0", "part": "", "workshop": "makers", "group": "laser", "process": "laser-cutting",
    "processes": "laser-cutting, assembly", "place": "north", "from_place": "north", "to_place": "joiners",
    "resource": "makers/laser", "field": "material", "material": "plywood", "range": "^1", "versions": "1.0.0, 1.2.0",
    "why": "it contains itself", "wanted_mm": "3 × 2 × 1", "from_mm": "1 × 1 × 1", "to_mm": "3 × 2 × 1",
    "to_class": "fine",
    "earliest_date": "2026-09-21", "due_date": "2026-09-14", "from_date": "2026-09-14", "to_date": "2026-09-21",
}  # fmt: skip


def values_of(template: str) -> dict[str, str | int]:
    return {name: TEXTS.get(name, 1234) for name in re.findall(r"%\((\w+)\)s", template)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REASONS)
def test_every_reason_becomes_a_sentence_without_ids(app, code, language):
    with app.test_request_context(f"/?lang={language}"):
        told = tell_reason(Reason(code, values_of(REASONS[code])), NAMES)
        assert reason_name(code) != code
    assert "%(" not in told
    assert not re.search(r"a~lamp|laser-cutting|makers|2026-09", told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FIXES)
def test_every_fix_becomes_a_sentence_without_ids(app, code, language):
    with app.test_request_context(f"/?lang={language}"):
        told = tell_fix(Fix(code, values_of(FIXES[code]), 100), NAMES)
    assert "%(" not in told
    assert not re.search(r"a~lamp|laser-cutting|makers|2026-09", told)


def test_metres_amounts_and_weeks_get_their_units(app):
    with app.test_request_context("/"):
        far = tell_reason(Reason("radius", {"workshop": "makers", "distance_m": 9_400, "place": "north"}), NAMES)
        dear = tell_reason(Reason("import-cheaper", {"local_cents": 123_456, "import_cents": 9}), NAMES)
        full = tell_fix(
            Fix("hours", {"workshop": "makers", "process": "laser-cutting", "week": 2, "hours": 6}, 0), NAMES
        )
    assert "9.4\xa0km" in far
    assert "€1,234.56" in dear
    assert full == "Add 6\xa0h of Laser cutting at Makers & <Friends> in the week of 21 Sept."


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_ends_in_one_stop_and_its_sizes_are_written_as_the_language_does(app, language):
    values = {name: TEXTS.get(name, 1) for name in re.findall(r"%\((\w+)\)s", " ".join(FIXES.values()))}
    values |= {"from_mm": "4500 × 1200 × 400", "week": 1}
    with app.test_request_context(f"/?lang={language}"):
        told = {code: tell_fix(Fix(code, values, 0), NAMES) for code in FIXES}
        sizes = " × ".join(count(side) for side in (4500, 1200, 400))
    assert not [sentence for sentence in told.values() if sentence.endswith("..")]
    assert sizes in told["envelope"]
