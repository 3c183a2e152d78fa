"""What a new process does first: bring the designs of a region to rest after a crash."""

from pathlib import Path

from cosmolocal.designs.bundles import recover_root
from cosmolocal.errors import InputError


def recover_designs(region_folder: Path) -> str:
    """Complete what crashed writers committed, clear away the rest; returns why that cannot be done, empty: it is done.

    Nobody has to stop for it: readers see a store at rest either way, and whoever writes to a design brings that one
    to rest before. A region without designs is at rest.
    """
    root = region_folder / "designs"
    try:
        if root.exists():
            recover_root(root)
    except (InputError, OSError) as error:
        return str(error)
    return ""
