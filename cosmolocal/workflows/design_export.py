"""What leaves the store of designs: a version as a zip, a file of it, its digests; and whether every byte is right."""

from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import open_file, read_bundle, read_history, tree_digest
from cosmolocal.designs.packing import Bag, BagPart, build_bag, find_swhid
from cosmolocal.designs.verify import verify_object, verify_root
from cosmolocal.errors import NotFoundError
from cosmolocal.workflows.stewarding import split_key


def export_design(region_folder: Path, key: str) -> tuple[str, Bag]:
    """Return the name and the bytes of a zip with the version ``id@version``: a BagIt bag, the same on every machine.

    Raises
    ------
    NotFoundError
        When there is no such version, or its files were taken down.
    InputError
        When the bytes in the store are not those that were published.
    """
    design_id, version = split_key(key)
    root = region_folder / "designs"
    parts = _bag_parts(region_folder, key)
    release = next(release for release in read_history(root, design_id) if release.version == version)
    info = {
        "Bagging-Date": release.created[:10],
        "External-Identifier": key,
        "Internal-Sender-Identifier": release.digest,
    }
    name = f"{design_id}-{version}"
    return f"{name}.zip", build_bag(name, parts, info)


def export_file(region_folder: Path, key: str, path: str) -> Path:
    """Return where the bytes of one file of ``id@version`` lie."""
    return open_file(region_folder / "designs", *split_key(key), path)


def digest_of(region_folder: Path, key: str) -> str:
    """Return the tree digest ``sha256:…`` of ``id@version``, which plans and orders may pin."""
    return tree_digest(read_bundle(region_folder / "designs", *split_key(key)))


def swhid_of(region_folder: Path, key: str) -> str:
    """Return the name ``swh:1:dir:…`` of ``id@version`` in the Software Heritage archive."""
    return find_swhid(_bag_parts(region_folder, key))


def _bag_parts(region_folder: Path, key: str) -> list[BagPart]:
    root, (design_id, version) = region_folder / "designs", split_key(key)
    return [
        BagPart(file.path, file.size_bytes, file.sha256, None, open_file(root, design_id, version, file.path))
        for file in read_bundle(root, design_id, version)
    ]


def verify_designs(place: Path) -> dict[str, Any]:
    """Return the OCFL errors and warnings of a storage root, or of one object in it; every byte is read."""
    if not place.is_dir():
        raise NotFoundError(f"there is no folder {place}")
    is_object = any(path.name.startswith("0=ocfl_object") for path in place.glob("0=*"))
    return (verify_object(place) if is_object else verify_root(place)).as_dict()
