"""What a maker types, to and from a manifest: nothing that no field shows is lost, nothing unedited changes."""

import tomllib
from dataclasses import replace

import pytest
from designs.chairs import CHAIR
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.designs.editing import (
    FIELDS,
    KINDS,
    LINE_FIELDS,
    OPERATION_FIELDS,
    Typed,
    edit_manifest,
    read_typed,
    write_document,
)

DOCUMENT = tomllib.loads(CHAIR)
SHOWN = read_typed(DOCUMENT)


def edited(typed: Typed, document=DOCUMENT, shown=SHOWN):
    return tomllib.loads(write_document(edit_manifest(document, shown, typed.clean())))


def rows(names, **fixed):
    texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)
    return st.fixed_dictionaries({name: fixed.get(name, texts) for name in names})


TYPED = st.builds(
    Typed,
    rows(FIELDS),
    st.lists(rows(LINE_FIELDS, kind=st.sampled_from(KINDS)), max_size=3).map(tuple),
    st.lists(rows(OPERATION_FIELDS), max_size=3).map(tuple),
)


def test_what_nobody_edits_stays_the_same():
    assert edited(SHOWN) == DOCUMENT


def test_one_field_changes_alone_and_what_no_field_shows_stays():
    changed = edited(replace(SHOWN, fields={**SHOWN.fields, "version": "1.1.0"}))
    assert changed == {**DOCUMENT, "version": "1.1.0"}
    assert changed["part"][0]["source"] == "drawings/side.svg"


def test_an_emptied_field_is_taken_away():
    changed = edited(replace(SHOWN, fields={**SHOWN.fields, "image": "", "reference-price": ""}))
    assert "image" not in changed
    assert "reference-price" not in changed["x-cosmolocal"]


def test_a_renamed_part_keeps_its_files_and_its_operations():
    lines = ({**SHOWN.lines[0], "name": "flank"}, *SHOWN.lines[1:])
    changed = edited(replace(SHOWN, lines=lines))
    assert changed["part"][0] == {"name": "flank", "source": "drawings/side.svg", "mass": 1200}
    assert changed["x-cosmolocal"]["operation"][0]["part"] == "flank"


def test_a_part_whose_row_goes_is_no_part_any_more():
    changed = edited(replace(SHOWN, lines=SHOWN.lines[1:]))
    assert [part["name"] for part in changed["part"]] == ["seat"]


def test_numbers_are_numbers_and_what_is_none_is_kept_as_typed():
    row = {"part": "seat", "process": "cnc-routing", "minutes-per-unit": "7.5", "envelope-mm": "800x400 × 18"}
    changed = edited(replace(SHOWN, operations=(row, {"part": "seat", "minutes-per-unit": "soon", "material": "fir"})))
    first, second = changed["x-cosmolocal"]["operation"]
    assert first == {
        "part": "seat", "process": "cnc-routing", "minutes-per-unit": 7.5, "envelope-mm": [800, 400, 18]
    }  # fmt: skip
    assert second == {"part": "seat", "process": "unknown", "minutes-per-unit": "soon", "material": "fir"}


@pytest.mark.parametrize(
    ("text", "value"), [("12,5", 12.5), ("1,200", "1,200"), ("-3", -3), ("1e9", "1e9"), ("7.", "7.")]
)
def test_a_decimal_comma_is_read_where_it_can_mean_one_thing_only(text, value):
    changed = edited(replace(SHOWN, fields={**SHOWN.fields, "reference-price": text}))
    assert changed["x-cosmolocal"]["reference-price"] == value


@given(TYPED)
def test_what_was_typed_is_shown_again(typed):
    """From nothing to a manifest and back: every text that a maker typed is there, wrong ones too."""
    typed = typed.clean()
    again = read_typed(edited(typed, {}, Typed().clean()))
    for name in FIELDS:
        squeezed = "".join(typed.fields[name].split())
        assert "".join(again.fields[name].split()) == squeezed or name in ("mass", "reference-price")
    assert len(again.operations) == len(typed.operations)


@given(TYPED)
def test_showing_and_saving_again_changes_nothing(typed):
    document = edited(typed, {}, Typed().clean())
    shown = read_typed(document)
    assert edited(shown, document, shown) == document


@pytest.mark.parametrize(
    "document",
    [{"name": 3}, {"x-cosmolocal": "x"}, {"x-cosmolocal": {"bom": [1], "operation": {"a": 1}}}, {"part": [[]]}],
)
def test_a_manifest_that_is_wrong_in_any_way_is_shown(document):
    shown = read_typed(document)
    assert edited(shown, document, shown)["okhv"] == "OKH-LOSHv1.0"
