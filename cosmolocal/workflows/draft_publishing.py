"""A draft's check report, and making it a release once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import MANIFEST, check_id, list_versions, open_file, read_bundle, read_history
from cosmolocal.designs.editing import Typed
from cosmolocal.designs.manifest import EXTENSION
from cosmolocal.designs.notices import find_owners
from cosmolocal.designs.releasing import foresee_release
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.records import BundleFile, Person, to_plain
from cosmolocal.versions import is_version
from cosmolocal.workflows.design_ids import propose_id
from cosmolocal.workflows.draft_left_out import read_left_out
from cosmolocal.workflows.draft_manifest import ManifestState, read_own, read_state
from cosmolocal.workflows.drafts import Draft, finish_draft, locked, require_open
from cosmolocal.workflows.incoming import full_disk_told
from cosmolocal.workflows.publishing import check_design, publish_design
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.stewarding import set_design_owners, unyank_design, yank_design


@dataclass(frozen=True, slots=True)
class NewestRelease:
    """The newest version of a design, as far as a form for the next one needs it."""

    design_id: str
    version: str
    owners: tuple[str, ...]
    files: tuple[BundleFile, ...]
    #: state of its manifest, as `show_form` gives it
    digest: str
    #: what the fields of the next version show: all but the number and the changes
    typed: Typed


def read_release(region_folder: Path, design_id: str) -> NewestRelease:
    """Return the newest version of a design."""
    root = region_folder / "designs"
    version = list_versions(root, design_id)[-1]
    files = read_bundle(root, design_id, version)
    state = read_own(open_file(root, design_id, version, MANIFEST).parent) or ManifestState()
    typed = replace(state.typed, fields={**state.typed.fields, "version": "", "changes": ""})
    return NewestRelease(design_id, version, find_owners(root, design_id), files, state.digest, typed)


def check_draft(region_folder: Path, draft: Draft, person: Person) -> dict[str, Any]:
    """Return the check report of a draft, see `check_submission`."""
    with locked(draft) as now:
        require_open(now)
        report = check_submission(region_folder, now.files, person, now.design_id or None)
        noted = list(read_left_out(now.folder))
        if set(report["versions"]) - {report["version"]} and not _changes(now):
            told = say("is empty; say what changed against the version before")
            noted.append(Problem("D086", f"{MANIFEST}: {EXTENSION}.changes", told))
        return report | {"warnings": [*(warning.as_dict() for warning in noted), *report["warnings"]]}


def _changes(draft: Draft) -> str:
    return read_state(draft.files).typed.fields.get("changes", "")


def check_submission(region_folder: Path, path: Path, person: Person, design_id: str | None = None) -> dict[str, Any]:
    """Return the report of `check_design` on a folder or archive, with what the store would say to the bundle.

    Besides its keys: ``published``, is this very bundle there already?, and ``versions``, those of the design.
    """
    with full_disk_told("bundle"):
        report = check_design(path, design_id, region_folder=region_folder)
    root, published, problems = region_folder / "designs", False, list[Problem]()
    if not check_id(report["id"]) and is_version(report["version"] or ""):
        try:
            # what cannot be published yet has no digest, and is other than all that is published
            foreseen = foresee_release(root, report["id"], report["version"], report["digest"] or "", person.name)
            published = not foreseen.is_new
        except InputError as error:
            problems += error.problems
    told = [*report["problems"], *(problem.as_dict() for problem in problems)]
    versions = _versions(root, report["id"])
    return report | {"ok": not told, "problems": told, "published": published, "versions": versions}


def _versions(root: Path, design_id: str) -> list[str]:
    """Return the versions of a design; none where it is new, or the store is."""
    try:
        return list_versions(root, design_id)
    except (NotFoundError, InputError):
        return []


def publish_draft(region_folder: Path, draft: Draft, person: Person) -> dict[str, Any]:
    """Publish a draft as a release and return what `publish_design` does; a second call publishes nothing.

    Raises
    ------
    InputError
        With every fault; the draft stays as it is.
    ForbiddenError
        When the design belongs to others.
    """
    # that a design which is there belongs to this person is checked where it is written, under its lock
    authorize(person, Action.PUBLISH_NEW)

    def publish(now: Draft) -> dict[str, Any]:
        design_id = now.design_id or propose_id(read_state(now.files).document)
        is_new_one = not _versions(region_folder / "designs", design_id)
        message = _changes(now) or ("first version" if is_new_one else "new version")
        with full_disk_told("bundle"):
            return publish_design(region_folder, now.files, now.design_id or None, message, person.name)

    return finish_draft(draft, publish)


def publish_archive(
    region_folder: Path, archive: Path, person: Person, *, design_id: str | None = None, message: str = ""
) -> dict[str, Any]:
    """Publish a zip archive that a person sent; the same archive again changes nothing."""
    authorize(person, Action.PUBLISH_NEW)
    message = message or "published through the API"
    with full_disk_told("bundle"):
        return publish_design(region_folder, archive, design_id, message, person.name)


def yank_release(region_folder: Path, design_id: str, version: str, reason: str, person: Person) -> dict[str, Any]:
    """Withdraw a version, if the person may."""
    authorize(person, Action.YANK, find_owners(region_folder / "designs", design_id))
    return yank_design(region_folder, f"{design_id}@{version}", reason, person.name)


def unyank_release(region_folder: Path, design_id: str, version: str, reason: str, person: Person) -> dict[str, Any]:
    """Offer a withdrawn version again, if the person may."""
    authorize(person, Action.YANK, find_owners(region_folder / "designs", design_id))
    return unyank_design(region_folder, f"{design_id}@{version}", person.name, reason)


def name_owners(region_folder: Path, design_id: str, owners: Sequence[str], person: Person) -> dict[str, Any]:
    """Name the people who release versions of a design from now on, if the person may."""
    authorize(person, Action.SET_OWNERS, find_owners(region_folder / "designs", design_id))
    return set_design_owners(region_folder, design_id, owners, person.name)


def describe_design(region_folder: Path, design_id: str) -> dict[str, Any]:
    """Return a design with its owners and all its releases, those that were withdrawn or taken down too."""
    root = region_folder / "designs"
    releases = [to_plain(release) for release in read_history(root, design_id)]
    return {"id": design_id, "owners": list(find_owners(root, design_id)), "releases": releases}
