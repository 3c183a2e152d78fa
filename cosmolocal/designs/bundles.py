"""The store of designs: an OCFL 1.1 storage root, one object per design, one version per published bundle.

A bundle is staged beside the root on the same file system; one rename of its version folder is the commit point.
Anyone can read ``designs/<publisher~slug>/v1/content/okh.toml`` without this program.
"""

from pathlib import Path

from cosmolocal.designs import copying, disk, logs, ocfl
from cosmolocal.designs.objects import MANIFEST, TOMBSTONE, StoredDesign, check_id, find_design, tree_digest
from cosmolocal.designs.recovery import recover_root
from cosmolocal.designs.releasing import publish_bundle
from cosmolocal.records import BundleFile, Release
from cosmolocal.versions import sorted_versions

__all__ = [
    "MANIFEST",
    "check_id",
    "create_root",
    "list_designs",
    "list_versions",
    "open_file",
    "publish_bundle",
    "read_bundle",
    "read_folder",
    "read_history",
    "read_releases",
    "read_taken_down",
    "recover_root",
    "tree_digest",
]


def create_root(root: Path) -> None:
    """Make the folder an OCFL 1.1 storage root; what is there already stays."""
    root.mkdir(parents=True, exist_ok=True)
    for path, text in (
        (root / ocfl.LAYOUT_FILE, ocfl.LAYOUT_TEXT),
        (root / ocfl.ROOT_DECLARATION[0], ocfl.ROOT_DECLARATION[1]),
    ):
        if not path.exists():
            disk.write_durably(path, text.encode())
    disk.sync_folder(root)


def list_designs(root: Path) -> list[str]:
    """Return the ids of all designs in the store."""
    ocfl.require_root(root)
    return [folder.name for folder in ocfl.iterate_objects(root)]


def list_versions(root: Path, design_id: str) -> list[str]:
    """Return the versions of a design whose files are there, lowest first."""
    design = find_design(root, design_id)
    return sorted_versions(design.number_by_version.keys() - design.taken_down.keys())


def read_bundle(root: Path, design_id: str, version: str) -> tuple[BundleFile, ...]:
    """Return the files of a version by path; digests come from the inventory."""
    design = find_design(root, design_id)
    return design.files(design.number(version))


def read_folder(folder: Path) -> tuple[BundleFile, ...]:
    """Return the files of a folder that is not published yet; raises `InputError` like `publish_bundle`."""
    return copying.digest_folder(folder)


def read_releases(root: Path, design_id: str) -> list[tuple[int, Path, tuple[BundleFile, ...]]]:
    """Return number, place of the manifest and files of each version folder, in the order of publication.

    Versions that were taken down are passed over.
    """
    design = find_design(root, design_id)
    gone = _numbers_taken_down(design)
    return [
        (number, design.content(number, MANIFEST), design.files(number))
        for number in range(1, len(design.inventory.releases) + 1)
        if number not in gone
    ]


def read_history(root: Path, design_id: str) -> tuple[Release, ...]:
    """Return all versions by precedence, lowest first, those that were yanked or taken down included."""
    design = find_design(root, design_id)
    yanked = logs.find_yanked(design.notices)
    return tuple(_release(design, version, yanked) for version in sorted_versions(design.number_by_version))


def read_taken_down(root: Path) -> dict[str, str]:
    """Return why by ``id@version`` of all versions of all designs that were taken down."""
    return {
        f"{design_id}@{version}": notice.reason
        for design_id in list_designs(root)
        if _may_lack_versions(root / design_id)
        for version, notice in find_design(root, design_id).taken_down.items()
    }


def open_file(root: Path, design_id: str, version: str, path: str) -> Path:
    """Return where the bytes of a bundle's file lie."""
    design = find_design(root, design_id)
    return design.content(design.number(version), path)


def _may_lack_versions(object_folder: Path) -> bool:
    """Tell whether it is worth it to look; to parse the inventory of every design takes its time."""
    inventory = object_folder / ocfl.INVENTORY
    has_log = (object_folder / logs.FOLDER).is_dir()
    return has_log or not inventory.is_file() or TOMBSTONE.encode() in inventory.read_bytes()


def _numbers_taken_down(design: StoredDesign) -> set[int]:
    if not (gone := design.taken_down):  # else a manifest that cannot be read is of no concern here
        return set()
    return {number for version, number in design.number_by_version.items() if version in gone}


def _release(design: StoredDesign, version: str, yanked: dict[str, str]) -> Release:
    number, notice = design.number_by_version[version], design.taken_down.get(version)
    told = design.inventory.releases[number - 1]
    return Release(
        version,
        told.created,
        told.message,
        told.user,
        str(notice.values["digest"]) if notice else tree_digest(design.files(number)),
        yanked.get(version),
        notice.reason if notice else None,
    )
