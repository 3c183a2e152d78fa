"""Notes of changes of order books: the book and the note of its change count from one and the same moment.

The book is a file, its history lies in the database, and no step changes both. So the note lies beside the book before
the book is replaced: from the rename on it tells of the book as it is, and whoever reads the history or changes the
book next takes it for what it is, even when the writer was stopped before the database had it.
"""

import json
from contextlib import suppress
from pathlib import Path

from cosmolocal.database.library import Database
from cosmolocal.database.opening import keep_so_far
from cosmolocal.database.order_changes import OrderChange, load_order_changes, save_order_change
from cosmolocal.designs.disk import write_durably
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.files import find_digest
from cosmolocal.records import to_plain
from cosmolocal.workflows.rewriting import replace_file


def find_note(path: Path) -> OrderChange | None:
    """Return the note that lies beside a book, where it tells of the book as it is now.

    Raises
    ------
    InputError
        When note or book is there and cannot be read: nobody knows then whether the note is the only one of a change.
    """
    note = _note_path(path)
    try:
        kept = OrderChange(**json.loads(note.read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):  # there is none, or its writer was stopped within it
        return None
    except OSError as error:
        raise InputError([Problem("O001", note.name, say("cannot be read: %(why)s", why=error.strerror))]) from None
    return kept if find_digest(path, path.name, "O001") == kept.digest else None


def settle_note(db: Database, path: Path) -> None:
    """Bring what a stopped writer has left into the database for good; whoever has its turn to write calls it.

    Afterwards the file of the note may go, whatever becomes of what the caller writes next. Raises as `find_note` does.
    """
    note = find_note(path)
    if note is not None and not _is_known(note, load_order_changes(db, note.book, 1)):
        save_order_change(db, note)
        keep_so_far(db)


def replace_book(db: Database, path: Path, content: bytes, change: OrderChange) -> None:
    """Replace a book and note the change, within a transaction of the caller, who has written nothing before.

    The note stays beside the book until the next one: the database knows it then, and nobody shows it twice.
    """
    settle_note(db, path)
    note = _note_path(path)
    note.unlink(missing_ok=True)
    try:
        write_durably(note, json.dumps(to_plain(change), ensure_ascii=False).encode())
        if path.exists():  # whoever may read the book may read its note, and nobody else
            note.chmod(path.stat().st_mode & 0o777)
        replace_file(path, content)
    except BaseException:
        # a disk that fails may fail after the book was replaced: where that cannot be found out, the note stays
        with suppress(OSError, InputError):
            if find_digest(path, path.name, "O001") != change.digest:
                note.unlink(missing_ok=True)
        raise
    save_order_change(db, change)


def with_note(note: OrderChange | None, changes: tuple[OrderChange, ...]) -> tuple[OrderChange, ...]:
    """Return the changes of a book, newest first, with the one that the database does not have yet.

    The note was read before the changes: whoever replaces it meanwhile has brought it into the database.
    """
    return changes if note is None or _is_known(note, changes) else (note, *changes)


def _is_known(note: OrderChange, changes: tuple[OrderChange, ...]) -> bool:
    """Tell whether a note is among some changes; of an upload the cells are not compared, for they are not read."""
    names = ("book", "kind", "person", "changed_at", "digest")
    return any(all(getattr(note, name) == getattr(known, name) for name in names) for known in changes)


def _note_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.note")
