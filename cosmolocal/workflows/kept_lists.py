"""Lists that planners sent and look at before they are brought in: kept beside the database for a while."""

import hashlib
import re
from pathlib import Path

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Person
from cosmolocal.workflows.rewriting import replace_file
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace

CODES = {
    "W096": "a list that was sent is empty, too large or no longer kept",
    "W097": "what is asked of an import is missing or wrong",
}
#: [bytes] of one list, and how many are kept: the oldest go first
MAX_BYTES = 8 << 20
MOST_LISTS = 12
FOLDER = "imports"


def keep_list(workspace: Workspace, person: Person | None, content: bytes) -> str:
    """Keep a list that was sent, and return the key under which it can be read again.

    Raises
    ------
    ForbiddenError
        When the person may not.
    InputError
        When it is empty or too large.
    """
    authorize(person, Action.EDIT_WORKSHOPS)
    if not content.strip():
        raise InputError([Problem("W096", "list", say("is empty; choose a file, or paste a list"))])
    if len(content) > MAX_BYTES:
        raise InputError([Problem("W096", "list", too_large())])
    folder = _folder(workspace)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = hashlib.sha256(content).hexdigest()[:32]
    path = folder / key
    path.touch(mode=0o600)  # nobody else may read it; one that is there already is now the newest
    replace_file(path, content)
    kept = sorted(folder.glob("[0-9a-f]*"), key=lambda each: (each.stat().st_mtime_ns, each.name))
    for old in kept[:-MOST_LISTS]:
        old.unlink(missing_ok=True)
    return key


def too_large() -> str:
    """Return what is said of a list that is too large."""
    return say("is larger than %(mib)s MiB, the most that a page takes; use cosmolocal import", mib=MAX_BYTES >> 20)


def read_list(workspace: Workspace, person: Person | None, key: str) -> bytes:
    """Return a list that is kept.

    Raises
    ------
    ForbiddenError
        When the person may not.
    InputError
        When it is no longer kept.
    """
    authorize(person, Action.EDIT_WORKSHOPS)
    gone = InputError([Problem("W096", "list", say("is no longer kept; choose the file again, or paste it again"))])
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise gone
    try:
        return (_folder(workspace) / key).read_bytes()
    except FileNotFoundError:
        raise gone from None


def forget_list(workspace: Workspace, person: Person | None, key: str) -> None:
    """Remove a list that is no longer needed; one that is not there is no fault."""
    authorize(person, Action.EDIT_WORKSHOPS)
    if re.fullmatch(r"[0-9a-f]{32}", key):
        (_folder(workspace) / key).unlink(missing_ok=True)


def _folder(workspace: Workspace) -> Path:
    return workspace.database_path.parent / FOLDER
