"""A slice of the many writers of `make torture`, and the proof that they can find something."""

from cosmolocal.workflows.book_text import add_rows
from cosmolocal.workflows.order_books import open_book
from torture.busy_region import order_cells
from torture.writers import ACTS, Writer, run_writers


def test_what_many_writers_are_told_is_there_and_nothing_else():
    written = run_writers(6, 12)
    assert written.wrong == ()
    assert len(written.every) == 72
    assert written.seconds.keys() == ACTS.keys()


def add_carelessly(writer: Writer) -> None:
    """Read an order book, add a line, write it: as if nobody else did."""
    name, order = "book-0", f"W{writer.number}-{writer.done}"
    book = open_book(writer.workspace, name)
    text = add_rows(book.text, [order_cells(order, 1)]).text
    (writer.workspace.folder / book.file).write_text(text)
    writer.orders[name, order] = 1


def test_orders_that_are_written_over_are_found_out():
    written = run_writers(4, 25, {"add an order": (add_carelessly, 1)})
    assert any("orders: acknowledged" in wrong or "InputError" in wrong for wrong in written.wrong)
