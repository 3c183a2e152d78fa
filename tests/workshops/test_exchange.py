"""A register goes out as Open Know-Where or GeoJSON and comes back whole; and is edited in place."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_workshops import VOCABULARY, groups, registers

from cosmolocal.errors import InputError
from cosmolocal.records import Origin, Provenance
from cosmolocal.workshops.editing import edit_workshops
from cosmolocal.workshops.equipment import Reader
from cosmolocal.workshops.lists import rows_of_geojson
from cosmolocal.workshops.merging import Outcome, Source, Terms, merge_rows
from cosmolocal.workshops.okw import rows_of_okw, write_geojson, write_okw
from cosmolocal.workshops.register import parse_workshops, read_workshops, write_workshops

TERMS = Terms(Source("file"), Reader(VOCABULARY, {}))
SAMPLE = read_workshops(Path(__file__).parents[2] / "workshops.yaml", VOCABULARY)


def back(form: str, register):
    if form == "okw":
        return rows_of_okw(json.loads(write_okw(register)), "file", VOCABULARY)
    return rows_of_geojson(json.loads(write_geojson(register)), "file", VOCABULARY, {})


@pytest.mark.parametrize("form", ["okw", "geojson"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(registers)
def test_a_round_trip_loses_nothing_and_the_second_changes_nothing(form, register):
    merged = merge_rows((), back(form, register), TERMS)
    assert merged.workshops == register
    again = merge_rows(register, back(form, register), TERMS)
    assert again.workshops == register
    assert {review.outcome for review in again.rows} <= {Outcome.SAME}


@pytest.mark.parametrize("form", ["okw", "geojson"])
def test_the_sample_goes_out_and_comes_back(form):
    assert merge_rows((), back(form, SAMPLE), TERMS).workshops == SAMPLE


def test_what_came_back_changed_is_taken_unless_a_person_confirmed_it():
    north = replace(SAMPLE[0], provenance=Provenance.CONFIRMED)
    told = replace(north, name="Another", legal_form="company")
    [review] = merge_rows([north], back("okw", [told]), TERMS).rows
    assert review.outcome is Outcome.CHANGED
    [after] = merge_rows([north], back("okw", [told]), TERMS).workshops
    assert (after.name, after.legal_form) == (north.name, "company")


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(registers, registers, st.data())
def test_an_edited_register_holds_what_it_should_and_every_comment(before, more, data):
    """Comments after fields and above workshops stay; so do fields that did not change."""
    lines = []
    for number, line in enumerate(write_workshops(before).split("\n")):
        lines += [f"# above {number}", line] if line.startswith("- id") else [line]
        if line.startswith("  lat:"):
            lines[-1] += f"   # right {number}"
    text = "\n".join(lines)
    assert parse_workshops(text, "file", VOCABULARY) == before
    ids = {workshop.id for workshop in before}
    after = []
    for workshop in before:
        added = data.draw(
            st.lists(
                groups.map(lambda group: replace(group, id=f"new-{group.id}")),
                max_size=2,
                unique_by=lambda group: group.id,
            )
        )
        kept = tuple(group for group in added if group.id not in {each.id for each in workshop.groups})
        imported = (*workshop.imported, Origin("list", "7"))
        name = data.draw(st.sampled_from([workshop.name, "Other: # name", "👍🏽"]))
        after.append(replace(workshop, name=name, lat=1.5, imported=imported, groups=workshop.groups + kept))
    after += [workshop for workshop in more if workshop.id not in ids]
    changed = edit_workshops(text, before, after, VOCABULARY, "file")
    assert parse_workshops(changed, "file", VOCABULARY) == tuple(after)
    comments = [line.partition("#")[2] for line in lines if line.startswith("# above") or "   # right" in line]
    assert all(comment in changed for comment in comments)


@pytest.mark.parametrize(
    "text",
    [
        "workshops: []\n",
        "# mine\nworkshops: []   # none yet",
        "workshops:\n  []\n# the end\n",
        "workshops:\n- {id: a, name: A, lat: 1, lon: 2, groups: []}   # mine\n# the end",
        "workshops: [{id: a, name: A, lat: 1, lon: 2, groups: []}]   # mine\n",
        "workshops:\r\n  - id: a\r\n    name: A   # mine\r\n    lat: 1\r\n    lon: 2\r\n    groups: []\r\n",
    ],
)
def test_a_register_of_any_style_can_grow(text):
    before = parse_workshops(text, "file", VOCABULARY)
    after = (*before, *SAMPLE[:2])
    changed = edit_workshops(text, before, after, VOCABULARY, "file")
    assert parse_workshops(changed, "file", VOCABULARY) == after
    assert all(comment in changed for comment in ("# mine", "# the end") if comment in text)


def test_a_comment_that_would_go_stops_the_edit():
    head = "workshops:\n- id: a\n  name: A\n  lat: 1\n  lon: 2\n"
    text = head + "  open_weekdays:\n  - mon   # mine\n  - wed\n  groups: []\n"
    before = parse_workshops(text, "file", VOCABULARY)
    with pytest.raises(InputError, match="W062"):
        edit_workshops(text, before, [replace(before[0], open_weekdays=(1, 2))], VOCABULARY, "file")
