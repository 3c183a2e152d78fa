"""One design of the store as its readers see it: its versions, their files, and what its notices say of them."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cosmolocal.designs import logs, ocfl
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.records import BundleFile, Notice, NoticeKind
from cosmolocal.versions import is_version

MANIFEST = "okh.toml"
TOMBSTONE = "tombstone.json"
_LONGEST_NAME = 100
#: [characters] of ids, which are names of folders; of versions; of what is said of a release; of reasons
LONGEST_ID = 100
LONGEST_VERSION = 64
LONGEST_MESSAGE = 5_000
LONGEST_REASON = 2_000
_DESIGN_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*~[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class StoredDesign:
    """An object of the store, its inventory and its notices."""

    folder: Path
    inventory: ocfl.Inventory
    notices: tuple[Notice, ...]

    @property
    def number_by_version(self) -> dict[str, int]:
        """Return the number of the version folder by semantic version, taken-down ones included."""
        return _number_by_version(self.folder, self.inventory)

    @property
    def taken_down(self) -> dict[str, Notice]:
        """Return the notice by version of what was taken down; a tombstone tells the same where notices are lost."""
        return _tombstones(self.folder, self.inventory) | logs.find_taken_down(self.notices)

    @property
    def owners(self) -> tuple[str, ...]:
        """Return who may release: those of the last notice of owners, else who published first."""
        return logs.latest_owners(self.notices) or (self.inventory.releases[0].user,)

    def number(self, version: str) -> int:
        """Return the number of a version whose files are there."""
        if (notice := self.taken_down.get(version)) is not None:
            raise NotFoundError(f"{self.folder.name} {version} was taken down: {notice.reason}")
        number = self.number_by_version.get(version)
        if number is None:
            raise NotFoundError(
                say(
                    "there is no version %(version)s of the design %(name)s",
                    version=repr(version),
                    name=repr(self.folder.name),
                )
            )
        return number

    def content(self, number: int, path: str) -> Path:
        """Return where the bytes of a file lie."""
        return _content(self.folder, self.inventory, number, path)

    def files(self, number: int) -> tuple[BundleFile, ...]:
        """Return the files of a version by path; sizes come from the disk, digests from the inventory."""
        files = []
        for path, sha512 in sorted(self.inventory.releases[number - 1].sha512_by_path.items()):
            content = self.inventory.contents_by_sha512[sha512][0]
            where = f"designs/{self.folder.name}/{content}"
            try:
                size = (self.folder / content).stat().st_size
                files.append(BundleFile(path, size, self.inventory.sha256_by_content[content]))
            except OSError as error:
                raise InputError([Problem("D005", where, say("cannot be read: %(why)s", why=error.strerror))]) from None
            except KeyError:
                raise InputError(
                    [Problem("D003", where, say("has no sha256 in the inventory's fixity block"))]
                ) from None
        return tuple(files)


def find_design(root: Path, design_id: str) -> StoredDesign:
    """Return a design of a store by its id; `NotFoundError` when there is none."""
    object_folder = root / design_id
    if not _DESIGN_ID.fullmatch(design_id) or not object_folder.is_dir():
        raise NotFoundError(say("there is no design %(name)s", name=repr(design_id)))
    return open_design(object_folder)


def open_design(object_folder: Path) -> StoredDesign:
    """Return what is in an object folder that exists."""
    return StoredDesign(object_folder, ocfl.read_inventory(object_folder), logs.known_log(object_folder))


def check_id(design_id: str) -> list[Problem]:
    """Return what is wrong with a design's id."""
    if len(design_id) > LONGEST_ID:
        found = say(
            "found %(signs)s characters, %(start)s…",
            signs=len(design_id),
            start=repr(design_id[:30]),
        )
        told = say("%(found)s; a design's id has at most %(longest_id)s", found=found, longest_id=LONGEST_ID)
        return [Problem("D002", "design id", told)]
    if _DESIGN_ID.fullmatch(design_id):
        return []
    rule = say("a design's id is publisher~slug in lower-case letters, digits and single hyphens")
    return [Problem("D002", "design id", say("found %(found)s; %(rule)s", found=repr(design_id), rule=rule))]


def check_person(name: str, where: str) -> list[Problem]:
    """Return what is wrong with the name of somebody who publishes, owns or gives notice."""
    if name and name == name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME:
        return []
    rule = say(
        "a person's name is one line of 1 to %(longest_name)s signs without blanks around it",
        longest_name=_LONGEST_NAME,
    )
    return [Problem("D066", where, say("found %(found)s; %(rule)s", found=repr(name), rule=rule))]


def check_words(text: str, where: str, longest: int) -> list[Problem]:
    """Return a problem when a text is too long, or cannot be written as UTF-8."""
    if len(text) > longest:
        told = say("found %(text)s characters; it has at most %(longest)s", text=len(text), longest=f"{longest:,}")
        return [Problem("D063", where, told)]
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = say(
            "found %(found)s; sign %(start)s is no letter of any script", found=repr(text), start=error.start + 1
        )
        return [Problem("D063", where, found)]
    return []


def time_stamp(moment: datetime) -> str:
    """Return RFC 3339 in UTC, to the second; a time without zone raises `ValueError`."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tree_digest(files: Iterable[BundleFile]) -> str:
    """Return ``sha256:`` and the digest of the sorted lines ``<sha256>  <path>``, as coreutils can check it.

    ``sha256sum`` of all files, ``LC_ALL=C sort`` and ``sha256sum`` again give the same digest.
    """
    lines = sorted(f"{file.sha256}  {file.path}\n".encode() for file in files)
    return "sha256:" + hashlib.sha256(b"".join(lines)).hexdigest()


def read_version(manifest: Path) -> str:
    """Return the semantic version that a manifest states; `ValueError`: it states none."""
    version = tomllib.loads(manifest.read_text(encoding="utf-8-sig")).get("version")
    text = version.strip() if isinstance(version, str) else ""  # as `cosmolocal.fields.Fields.text` reads it
    if len(text) > LONGEST_VERSION:
        raise ValueError(f"found a version of {len(text)} characters; it has at most {LONGEST_VERSION}")
    if not is_version(text):
        raise ValueError(f'found version {version!r}; it must be a semantic version such as "1.0.0"')
    return text


@lru_cache(maxsize=256)
def _number_by_version(folder: Path, inventory: ocfl.Inventory) -> dict[str, int]:
    numbers = {}
    for number, release in enumerate(inventory.releases, 1):
        if is_tombstone(release):
            numbers[_tombstone_of(folder, inventory, number).version] = number
            continue
        where = f"designs/{folder.name} v{number}: {MANIFEST}"
        try:
            content = _content(folder, inventory, number, MANIFEST)
            numbers[_manifest_version(content, release.sha512_by_path[MANIFEST])] = number
        except (ValueError, OSError, NotFoundError) as error:
            raise InputError([Problem("D010", where, say("cannot be read: %(why)s", why=error))]) from None
    return numbers


def is_tombstone(release: ocfl.Release) -> bool:
    """Tell whether the files of a release are gone; a bundle holds a manifest at least."""
    return release.sha512_by_path.keys() == {TOMBSTONE}


@lru_cache(maxsize=256)
def _tombstones(folder: Path, inventory: ocfl.Inventory) -> dict[str, Notice]:
    gone = (number for number, release in enumerate(inventory.releases, 1) if is_tombstone(release))
    return {notice.version: notice for notice in (_tombstone_of(folder, inventory, number) for number in gone)}


def _tombstone_of(folder: Path, inventory: ocfl.Inventory, number: int) -> Notice:
    """Return the notice that a tombstone was written from; its number stands in the log only, here it is 0."""
    try:
        document = json.loads(_content(folder, inventory, number, TOMBSTONE).read_bytes())
        told = {name: document[name] for name in ("version", "digest", "reason", "by", "at")}
        if not all(isinstance(text, str) for text in told.values()):
            raise ValueError(f"found {told!r}; all of it must be text")
    except (ValueError, OSError, KeyError, TypeError) as error:
        where = f"designs/{folder.name} v{number}: {TOMBSTONE}"
        raise InputError([Problem("D010", where, say("cannot be read: %(why)s", why=error))]) from None
    return Notice(
        0, NoticeKind.TAKE_DOWN, told["at"], told["by"], told["version"], told["reason"], {"digest": told["digest"]}
    )


@lru_cache(maxsize=65536)
def _manifest_version(content: Path, _sha512: str) -> str:
    return read_version(content)


def _content(folder: Path, inventory: ocfl.Inventory, number: int, path: str) -> Path:
    digest = inventory.releases[number - 1].sha512_by_path.get(path)
    if digest is None:
        raise NotFoundError(f"there is no file {path!r} in v{number} of the design {folder.name!r}")
    return folder / inventory.contents_by_sha512[digest][0]
