"""Taking a version down: its own bytes go, what others share stays, a tombstone tells why."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from designs.chairs import CHAIR, NOON, VOCABULARY, chair
from designs.stores import assert_valid, publish, read_files, staged, view

from cosmolocal.designs import disk, notices
from cosmolocal.designs.bundles import (
    create_root,
    list_versions,
    open_file,
    read_bundle,
    read_history,
    read_releases,
    read_taken_down,
    recover_root,
)
from cosmolocal.designs.load import load_designs
from cosmolocal.designs.notices import NewNotice, add_notice, read_notices, take_down
from cosmolocal.designs.verify import verify_root
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import NoticeKind

REASON = "it shows a face"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three versions; the drawing is stored with the first one."""
    create_root(tmp_path / "designs")
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        publish(tmp_path / "designs", chair(version))
    return tmp_path / "designs"


def withdraw(root: Path, version: str) -> None:
    take_down(root, "acme~chair", version, by="root", reason=REASON, at=NOON)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.2.0"])
def test_only_the_files_of_that_version_go(root: Path, version: str):
    others = {one: read_files(root, "acme~chair", one) for one in ("1.0.0", "1.1.0", "1.2.0") if one != version}
    digest = next(release.digest for release in read_history(root, "acme~chair") if release.version == version)
    withdraw(root, version)
    assert {one: read_files(root, "acme~chair", one) for one in others} == others
    assert list_versions(root, "acme~chair") == sorted(others)
    assert len(read_releases(root, "acme~chair")) == 2
    assert not any(chair(version).encode() == path.read_bytes() for path in root.rglob("okh.toml"))
    with pytest.raises(NotFoundError, match=REASON):
        open_file(root, "acme~chair", version, "okh.toml")
    with pytest.raises(NotFoundError, match=REASON):
        read_bundle(root, "acme~chair", version)
    told = {release.version: release for release in read_history(root, "acme~chair")}
    assert (told[version].taken_down, told[version].digest) == (REASON, digest)
    assert_valid(root)
    assert staged(root) == []


def test_the_tombstone_says_what_was_there_and_why(root: Path):
    digest = read_history(root, "acme~chair")[1].digest
    withdraw(root, "1.1.0")
    tombstone = json.loads((root / "acme~chair/v2/content/tombstone.json").read_text())
    assert tombstone == {
        "version": "1.1.0",
        "digest": digest,
        "reason": REASON,
        "by": "root",
        "at": "2026-09-01T12:00:00Z",
    }
    assert [path.name for path in (root / "acme~chair/v2/content").iterdir()] == ["tombstone.json"]


def test_earlier_version_folders_keep_their_bytes(root: Path):
    before = {path: path.read_bytes() for path in (root / "acme~chair/v1").rglob("*") if path.is_file()}
    withdraw(root, "1.1.0")
    assert {path: path.read_bytes() for path in (root / "acme~chair/v1").rglob("*") if path.is_file()} == before


def test_a_version_is_never_used_again(root: Path):
    withdraw(root, "1.0.0")
    for text in (CHAIR, CHAIR + "# other bytes"):
        with pytest.raises(InputError) as error:
            publish(root, text)
        assert [problem.code for problem in error.value.problems] == ["D065"]
    with pytest.raises(InputError) as error:
        withdraw(root, "1.0.0")
    assert [problem.code for problem in error.value.problems] == ["D064"]
    with pytest.raises(NotFoundError, match=REASON):
        add_notice(root, "acme~chair", NewNotice(NoticeKind.YANK, by="ada", at=NOON, version="1.0.0", reason="x"))


def test_a_design_without_any_version_left_still_has_its_owner_and_its_history(root: Path):
    for version in ("1.0.0", "1.2.0", "1.1.0"):
        withdraw(root, version)
    assert list_versions(root, "acme~chair") == []
    assert [release.taken_down for release in read_history(root, "acme~chair")] == [REASON] * 3
    with pytest.raises(InputError, match="ask ada"):
        publish(root, chair("2.0.0"), by="eve")
    publish(root, chair("2.0.0"))
    assert_valid(root)


def test_notices_and_what_others_put_beside_them_stay(root: Path):
    add_notice(root, "acme~chair", NewNotice(NoticeKind.YANK, by="ada", at=NOON, version="1.2.0", reason="x"))
    (root / "acme~chair/logs/theirs").mkdir()
    (root / "acme~chair/logs/theirs/log.txt").write_text("theirs")
    withdraw(root, "1.0.0")
    assert [notice.kind for notice in read_notices(root, "acme~chair")] == [NoticeKind.YANK, NoticeKind.TAKE_DOWN]
    assert (root / "acme~chair/logs/theirs/log.txt").read_text() == "theirs"
    assert read_history(root, "acme~chair")[2].yanked == "x"


def test_a_log_that_cannot_be_listed_is_not_lost(root: Path, monkeypatch: pytest.MonkeyPatch):
    """`os.walk` passes over what it cannot list: the new object would lie there without its notices."""
    real = os.scandir

    def broken(place: str) -> Iterator[os.DirEntry[str]]:
        if str(place).endswith("logs"):
            raise OSError(errno.EIO, "Input/output error")
        return real(place)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", broken)
        with pytest.raises(OSError, match="Input/output error"):
            withdraw(root, "1.0.0")
    seen = view(root)
    assert [notice.kind for notice in read_notices(root, "acme~chair")] == [NoticeKind.TAKE_DOWN]
    recover_root(root)
    assert view(root) == seen
    assert_valid(root)


def test_the_files_are_out_of_reach_before_they_are_gone(root: Path, monkeypatch: pytest.MonkeyPatch):
    """The notice is the commit point; what a full disk left undone the next writer does."""

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk, "sync_tree", full)
        with pytest.raises(OSError, match="No space"):
            withdraw(root, "1.1.0")
    with pytest.raises(NotFoundError, match=REASON):
        open_file(root, "acme~chair", "1.1.0", "okh.toml")
    assert list_versions(root, "acme~chair") == ["1.0.0", "1.2.0"]
    seen = view(root)
    recover_root(root)
    assert view(root) == seen
    assert not (root / "acme~chair/v2/content/okh.toml").exists()
    assert_valid(root)


def test_a_copy_without_the_log_is_read_by_its_tombstones(root: Path):
    withdraw(root, "1.1.0")
    before = read_history(root, "acme~chair")
    shutil.rmtree(root / "acme~chair" / "logs")
    assert read_history(root, "acme~chair") == before
    assert list_versions(root, "acme~chair") == ["1.0.0", "1.2.0"]
    assert [design.version for design in load_designs(root, VOCABULARY)[0]] == ["1.0.0", "1.2.0"]
    assert read_taken_down(root) == {"acme~chair@1.1.0": REASON}
    with pytest.raises(NotFoundError, match="chair 1\\.1\\.0 was taken down: it shows a face"):
        open_file(root, "acme~chair", "1.1.0", "okh.toml")
    with pytest.raises(InputError) as error:
        publish(root, chair("1.1.0"))
    assert [problem.code for problem in error.value.problems] == ["D065"]
    recover_root(root)
    publish(root, chair("1.3.0"))
    assert [(problem.code, problem.where) for problem in verify_root(root).errors] == [("D062", "acme~chair/logs")]


def test_what_was_taken_down_is_found_among_all_designs(root: Path):
    publish(root, design_id="acme~stool")
    assert read_taken_down(root) == {}
    withdraw(root, "1.1.0")
    assert read_taken_down(root) == {"acme~chair@1.1.0": REASON}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1, "digest": "", "reason": "", "by": "", "at": ""}'])
def test_a_tombstone_that_cannot_be_read_is_told(root: Path, text: str):
    withdraw(root, "1.1.0")
    (root / "acme~chair/v2/content/tombstone.json").write_text(text)
    shutil.rmtree(root / "acme~chair" / "logs")
    shutil.copytree(root, copy := root.parent / "copy" / "designs")
    with pytest.raises(InputError) as error:
        read_history(copy, "acme~chair")
    assert [problem.code for problem in error.value.problems] == ["D010"]
    assert verify_root(copy).errors


def test_a_version_is_gone_to_readers_from_its_notice_on(root: Path, monkeypatch: pytest.MonkeyPatch):
    """Between the notice and the tombstone, as a crash leaves it."""
    monkeypatch.setattr(notices, "finish_take_downs", lambda *_: None)
    withdraw(root, "1.1.0")
    assert read_taken_down(root) == {"acme~chair@1.1.0": REASON}
    recover_root(root)
    assert read_taken_down(root) == {"acme~chair@1.1.0": REASON}
    assert_valid(root)
