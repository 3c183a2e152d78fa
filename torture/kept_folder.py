"""A folder that is changed again and again, and made as it was before by touching only what was changed."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

#: size [bytes] and time [ns] of files
States = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """A folder with the copy that it is made anew from."""

    folder: Path
    kept: Path
    files: States
    folders: frozenset[str]

    def restore(self) -> None:
        """Make the folder as it was; files that nobody changed stay, so that they are not read anew."""
        files, folders = list_entries(self.folder)
        for path in files.keys() - self.files.keys():
            (self.folder / path).unlink()
        # inmost first; what stays, even if empty, is looked through by every reader from then on
        for path in sorted(folders - self.folders, reverse=True):
            (self.folder / path).rmdir()
        for path in sorted(self.folders - folders):
            (self.folder / path).mkdir()
        for path, state in self.files.items():
            if files.get(path) != state:
                shutil.copy2(self.kept / path, self.folder / path)

    def copy(self, folder: Path) -> "KeptFolder":
        """Return the same at another place."""
        shutil.copytree(self.kept, folder, copy_function=shutil.copy2)
        return KeptFolder(folder, self.kept, self.files, self.folders)


def keep_folder(folder: Path, kept: Path) -> KeptFolder:
    """Copy a folder as it is now."""
    shutil.copytree(folder, kept, copy_function=shutil.copy2)
    return KeptFolder(folder, kept, *list_entries(kept))


def list_entries(folder: Path) -> tuple[States, frozenset[str]]:
    """Return the files and the folders in a folder, by path in it."""
    files: States = {}
    folders, waiting = set[str](), [""]
    while waiting:
        within = waiting.pop()
        with os.scandir(folder / within) as found:
            for entry in found:
                path = within + entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders.add(path)
                    waiting.append(f"{path}/")
                else:
                    state = entry.stat(follow_symlinks=False)
                    files[path] = (state.st_size, state.st_mtime_ns)
    return files, frozenset(folders)
