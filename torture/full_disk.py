"""A disk of a few megabytes with a region on it, filled to the last byte and emptied again."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from torture.sections import UnavailableError

SIZE_MIB = 48
FILLER = "filler"


@contextmanager
def small_disk(size_mib: int = SIZE_MIB) -> Iterator[Path]:
    """Give the folder of a new file system in memory, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="torture-disk-") as folder:
        try:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", folder]
            subprocess.run(mount, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            told = getattr(error, "stderr", "") or str(error)
            raise UnavailableError(f"no small disk can be mounted here: {told.strip()}") from None
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path) -> None:
    """Take every byte that is left."""
    with suppress(OSError), (disk / FILLER).open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    assert os.statvfs(disk).f_bavail == 0


def empty(disk: Path) -> None:
    """Give the room back."""
    (disk / FILLER).unlink()
