"""Changes of a file of the region: wholly or not at all, one after the other."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cosmolocal.database import open_database, writing
from cosmolocal.designs.disk import sync_folder, write_durably
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.workflows.workspace import Workspace


def rewrite(workspace: Workspace, name: str, change: Callable[[str], str], code: str) -> None:
    """Replace a file of the region by what a change makes of its text; one that is not there counts as empty.

    ``code`` is that of a file that cannot be read.
    """
    path = workspace.folder / name
    db = open_database(workspace.database_path)
    try:
        with writing(db):
            before = path.read_bytes() if path.exists() else b""
            mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
            text = decode(before, name, code)
            changed = change(text)
            if changed != text:
                replace_file(path, mark + changed.encode())
    finally:
        db.close()


def decode(content: bytes, name: str, code: str) -> str:
    """Return the text of a file without its byte order mark; raises `InputError` where it is none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Problem(code, name, say("byte %(start)s is not UTF-8 text", start=error.start))]) from None


def replace_file(path: Path, content: bytes) -> None:
    """Put content in the place of a file, wholly or not at all; who may read it stays as it was.

    Whoever reads sees the old file or the new one, whole. The caller holds the database, so that there is one writer.
    """
    spare = path.with_name(f".{path.name}.staging")
    spare.unlink(missing_ok=True)  # what a writer that was stopped has left
    try:
        write_durably(spare, content)
        if path.exists():
            spare.chmod(path.stat().st_mode & 0o777)
        spare.replace(path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            spare.unlink(missing_ok=True)
        raise
