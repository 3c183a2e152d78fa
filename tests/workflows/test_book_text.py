"""The text of order books: whatever is done to one line, no other byte changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.errors import InputError
from cosmolocal.workflows.book_text import BOM, add_rows, change_row, parse_book, remove_row, write_row

#: what a cell may hold: signs that CSV quotes, ends of lines, letters, blanks
CELL = st.text(st.sampled_from(list("aé,;\"'\n\r =#\t7")), max_size=6)
ENDS = ("\n", "\r\n", "\r")


@st.composite
def books(draw, names=("id", "design", "note")) -> str:
    """Return a book as somebody may have written it: any ends of lines, blank lines, rows that are too short."""
    end = draw(st.sampled_from(ENDS))
    row = st.lists(CELL, min_size=len(names), max_size=len(names)).map(write_row)
    others = st.sampled_from(["", "  ", "# a remark", "a,b"])
    lines = [",".join(names), *draw(st.lists(row | others, max_size=6))]
    return draw(st.sampled_from(["", BOM])) + end.join(lines) + draw(st.sampled_from(["", end]))


rows = st.fixed_dictionaries(dict.fromkeys(("id", "design", "note"), CELL))


@settings(max_examples=200)
@given(books())
def test_a_book_is_the_sum_of_its_lines(text):
    assert parse_book(text, "book.csv").text == text


@settings(max_examples=300)
@given(books(), st.lists(rows, min_size=1, max_size=3))
def test_what_is_added_is_removed_without_a_trace(text, added):
    book = parse_book(text, "book.csv")
    longer = add_rows(book, added)
    assert parse_book(longer.text, "book.csv") == longer
    for _ in added:
        longer = remove_row(longer, longer.lines[-1].number)
    assert longer.text == text


@settings(max_examples=200)
@given(books(), rows)
def test_an_added_row_is_read_as_it_was_given(text, row):
    book = add_rows(parse_book(text, "book.csv"), [row])
    read = parse_book(book.text, "book.csv").lines[-1].cells
    assert dict(zip(book.columns, read, strict=True)) == row


@settings(max_examples=200)
@given(books(), rows, st.integers(0, 20))
def test_changing_a_line_and_changing_it_back_touches_no_other(text, row, at):
    book = parse_book(text, "book.csv")
    found = list(book.rows())
    if not found:
        return
    line, before = found[at % len(found)]
    changed = parse_book(change_row(book, line.number, row).text, "book.csv")
    others = [one.text for one in book.lines if one is not line]
    place = book.lines.index(line)
    assert [one.text for number, one in enumerate(changed.lines) if number != place] == others
    assert [one.strip() for one in changed.lines[place].cells] == [row[name].strip() for name in book.columns]
    assert change_row(book, line.number, before).text == text


def test_a_column_that_is_needed_comes_in_on_the_right_and_empty_meanings_need_none():
    text = 'id,note\r\na,"x, y"\r\n\r\n# remark\r\n'
    meant = add_rows(parse_book(text, "book.csv"), [{"id": "b", "priority": "normal"}])
    assert meant.text == text + "b,\r\n"
    wide = add_rows(parse_book(text, "book.csv"), [{"id": "b", "priority": "high"}])
    assert wide.text == 'id,note,priority\r\na,"x, y",\r\n\r\n# remark\r\nb,,high\r\n'


def test_what_is_no_csv_is_refused_with_its_line():
    with pytest.raises(InputError, match="line 2"):
        parse_book('id\n"a"b\n', "book.csv")
