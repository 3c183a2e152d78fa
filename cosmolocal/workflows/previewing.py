"""Looking at the files of a published bundle: one of them, or those that say most of a design."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmolocal.designs.bundles import tree_digest
from cosmolocal.errors import NotFoundError, say
from cosmolocal.previews import (
    DRAWN,
    MODEL_ENDINGS,
    PROSE_ENDINGS,
    Address,
    Drawing,
    Preview,
    Prose,
    describe,
    drawing_folder,
    ending_of,
    find_type,
)
from cosmolocal.records import BundleFile, Design
from cosmolocal.workflows.workspace import Workspace

__all__ = [
    "Address",
    "Prose",
    "ShownFile",
    "StoredFile",
    "find_digest",
    "find_file",
    "find_main_previews",
    "find_neighbours",
    "find_picture",
    "show_file",
]

#: where drawings are kept in the folder of a region; they can be made again at any time
DRAWINGS = Path("build/previews")
#: models looked at to find one that is whole
MOST_TRIED = 5


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a published bundle, where its bytes lie, and as what a browser may see them."""

    file: BundleFile
    place: Path
    media_type: str
    #: whether a browser may show it; if not, it keeps it
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a published bundle and what can be shown of it."""

    file: BundleFile
    preview: Preview


def find_file(workspace: Workspace, design_id: str, version: str, path: str) -> StoredFile:
    """Return a file of a bundle; only paths of the store's inventory are known, others raise `NotFoundError`."""
    file = _pick(workspace.bundle_files(design_id, version), path)
    place = workspace.design_file(design_id, version, path).resolve()
    return StoredFile(file, place, *find_type(place, path))


def _pick(files: Iterable[BundleFile], path: str) -> BundleFile:
    for file in files:
        if file.path == path:
            return file
    raise NotFoundError(say("there is no file %(name)s in this version of the design", name=repr(path)))


def find_digest(workspace: Workspace, design_id: str, version: str) -> str:
    """Return the tree digest of a bundle, which changes when any of its bytes does."""
    return tree_digest(workspace.bundle_files(design_id, version))


def show_file(workspace: Workspace, design_id: str, version: str, path: str, address: Address) -> ShownFile:
    """Return a file with its preview; ``address`` gives the page or the picture of another file of the bundle."""
    files = workspace.bundle_files(design_id, version)
    file = _pick(files, path)
    known = {one.path for one in files}
    preview = describe(
        workspace.design_file(design_id, version, path).resolve(),
        path,
        sha256=file.sha256,
        cache=workspace.folder / DRAWINGS,
        address=lambda other, is_picture: address(other, is_picture) if other in known else None,
    )
    return ShownFile(file, preview)


def find_picture(workspace: Workspace, design_id: str, version: str, path: str, page: int) -> Path:
    """Return the picture that the server drew of a page of a file, the first being 1."""
    if (kind := DRAWN.get(ending_of(path))) is not None:
        shown = show_file(workspace, design_id, version, path, lambda _path, _is_picture: None)
        drawing = shown.preview.data
        if isinstance(drawing, Drawing) and 1 <= page <= len(drawing.pages):
            folder = drawing_folder(kind, shown.file.sha256, workspace.folder / DRAWINGS)
            return (folder / drawing.pages[page - 1].file).resolve()
    raise NotFoundError(f"there is no picture of page {page} of {path!r}")


def find_main_previews(workspace: Workspace, design: Design, address: Address) -> tuple[ShownFile, ...]:
    """Return what says most of a design: its picture, its first model, its text to read first; those that it has.

    Files that cannot be shown, such as damaged ones, are passed over.
    """
    there = {file.path for file in design.files}
    found: dict[str, ShownFile] = {}
    for paths in _main_paths(design):
        shown = (show_file(workspace, design.id, design.version, path, address) for path in paths if path in there)
        first = next((one for one in shown if one.preview.kind != "nothing"), None)
        if first is not None:
            found.setdefault(first.file.path, first)
    return tuple(found.values())


def _main_paths(design: Design) -> Iterator[list[str]]:
    """Yield the files that may be the picture, the model, and the text to read first; those to try first come first."""
    paths = sorted((file.path for file in design.files), key=lambda path: (path.count("/"), path))
    yield [design.image] if design.image else []
    yield [path for path in paths if ending_of(path) in MODEL_ENDINGS][:MOST_TRIED]
    texts = [path for path in paths if path.lower().startswith("readme.") and ending_of(path) in PROSE_ENDINGS]
    yield [path for path in (design.readme, *texts) if path][:1]


def find_neighbours(workspace: Workspace, design_id: str, version: str, path: str) -> tuple[str | None, str | None]:
    """Return the files before and after one in the list of its bundle."""
    paths = [file.path for file in workspace.bundle_files(design_id, version)]
    place = paths.index(path)
    return (paths[place - 1] if place else None), (paths[place + 1] if place + 1 < len(paths) else None)
