"""The form of a draft: what its fields show, what was typed into them, and changes of the manifest meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cosmolocal.designs.editing import Typed
from cosmolocal.workflows.draft_manifest import ManifestState, is_manifest, read_state, tidy_license, write_typed
from cosmolocal.workflows.drafts import Draft, locked, require_open, save_draft

#: how many earlier states of its manifest a draft knows
_REMEMBERED = 10


def show_form(draft: Draft) -> tuple[str, Typed]:
    """Return the state of the manifest and what its fields show; what was typed where there is none."""
    state = read_state(draft.files)
    return (state.digest, state.typed) if state.digest else ("", draft.typed.clean())


def save_form(draft: Draft, base: str, typed: Typed, design_id: str | None = None) -> None:
    """Keep what was typed: in the manifest, unless nothing differs; ``base`` is the state the fields were shown from.

    A manifest that cannot be read stays as it is, and what was typed is kept beside it.
    """
    with locked(draft) as found:
        require_open(found)
        typed = typed.clean()
        state = read_state(found.files)
        now = replace(found, design_id=found.design_id if design_id is None else design_id)
        if state.problems:
            save_draft(replace(now, typed=typed))
            return
        shown = _shown(now, state, base)
        if typed != shown:
            write_typed(now.files, state, shown, tidy_license(now.folder, shown, typed))
        save_draft(replace(_remember(now, state, read_state(now.files)), typed=Typed()))


def _shown(draft: Draft, state: ManifestState, base: str) -> Typed:
    """Return what the fields showed when the person began to type."""
    if base and base == state.digest:
        return state.typed
    return dict(draft.before).get(base, Typed()).clean() if base else Typed().clean()


def _remember(draft: Draft, was: ManifestState, now: ManifestState) -> Draft:
    """Return the draft with what the fields showed before the manifest changed."""
    if was.digest in ("", now.digest):
        return draft
    return replace(draft, before=(*draft.before, (was.digest, was.typed))[-_REMEMBERED:])


@contextmanager
def manifest_watched(draft: Draft, path: str) -> Iterator[None]:
    """Remember what the fields showed when a file changes the manifest, for forms that are still open."""
    if not is_manifest(path) and not path.lower().endswith(".zip"):
        yield
        os.utime(draft.folder / "draft.json")
        return
    was = read_state(draft.files)
    yield
    state, kept = read_state(draft.files), draft.typed.clean()
    draft = _remember(draft, was, state)
    if kept != Typed().clean() and not state.problems:
        # the manifest that could not be read is gone: what was typed beside it goes into the one there is now
        write_typed(draft.files, state, Typed().clean(), kept)
        draft = replace(draft, typed=Typed())
    save_draft(draft)
