"""The maker's room: the designs a person owns, with what waits for the person."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cosmolocal.designs.bundles import list_designs
from cosmolocal.designs.notices import find_owners
from cosmolocal.errors import InputError
from cosmolocal.records import DesignQuestion, Person
from cosmolocal.workflows.design_page import Record, read_record
from cosmolocal.workflows.design_questions import questions_for
from cosmolocal.workflows.makes import list_makes
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.work_list import build_work_list, read_books
from cosmolocal.workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class OwnDesign:
    """A design of a person."""

    #: of the version that new plans take
    record: Record
    #: [units] made so far, and the newest reports of that
    units: int
    makes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class OwnRoom:
    """All designs of a person, and what there is to do."""

    designs: tuple[OwnDesign, ...]
    #: open ones first
    questions: tuple[DesignQuestion, ...]
    #: rows of the work list that are about the person's designs: what is unknown, and how many units wait
    to_confirm: tuple[Any, ...]


def read_own_designs(workspace: Workspace, person: Person | None) -> OwnRoom:
    """Return what a maker has published, what was made of it, and what people ask; broken books are left out."""
    authorize(person, Action.PUBLISH_NEW)
    root = workspace.folder / "designs"
    names = list_designs(root) if person is not None and root.is_dir() else []
    own = [name for name in names if person is not None and person.name in find_owners(root, name)]
    return OwnRoom(
        tuple(_read_design(workspace, name) for name in own),
        questions_for(workspace, person) if person is not None else (),
        tuple(_find_waiting(workspace, set(own))) if own else (),
    )


def _read_design(workspace: Workspace, name: str) -> OwnDesign:
    record = read_record(workspace, name)
    # of a design that was taken down altogether nothing is counted any more
    if record.design is None:
        return OwnDesign(record, 0, ())
    makes = list_makes(workspace, name)
    return OwnDesign(record, makes["units"], tuple(makes["makes"]))


def _find_waiting(workspace: Workspace, own: set[str]) -> list[Any]:
    region = workspace.region()
    with suppress(InputError):
        rows = build_work_list(region, read_books(workspace.folder, region))["designs"]
        return [row for row in rows if row["design"].partition("@")[0] in own]
    return []
