"""What was left out of a draft, or cleaned in it, remembered for its check report."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cosmolocal.errors import Problem, Said
from cosmolocal.workflows.incoming import write_text

_FILE = "left-out.json"


def note_left_out(draft_folder: Path, warnings: Iterable[Problem], forget: str = "") -> None:
    """Remember warnings, each in the place of an earlier one about the same name; forget the one about ``forget``."""
    before = read_left_out(draft_folder)
    kept = [warning for warning in before if warning.where != forget]
    after = {warning.where: warning for warning in (*kept, *warnings)}
    if tuple(after.values()) != before:
        write_text(draft_folder / _FILE, json.dumps([_as_plain(warning) for warning in after.values()]))


def read_left_out(draft_folder: Path) -> tuple[Problem, ...]:
    """Return the warnings of all uploads so far."""
    try:
        text = (draft_folder / _FILE).read_text("utf-8")
    except FileNotFoundError:
        return ()
    return tuple(_from_plain(warning) for warning in json.loads(text))


def _as_plain(warning: Problem) -> dict[str, Any]:
    said = warning.message
    return warning.as_dict() | ({"said": said.as_plain()} if isinstance(said, Said) else {})


def _from_plain(kept: dict[str, Any]) -> Problem:
    message = Said.from_plain(kept["said"]) if "said" in kept else kept["message"]
    return Problem(kept["code"], kept["where"], message)
