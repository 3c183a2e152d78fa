"""Killed at every change of the disk: the old or the new state, nothing half-made, and a retry works."""

import fcntl
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from designs.chairs import CHAIR, NOON, chair, write_chair
from designs.stores import assert_valid, killed_at_each_step, publish, snapshot, staged, view

from cosmolocal.designs import disk, releasing
from cosmolocal.designs.bundles import create_root, list_versions, publish_bundle, read_history, recover_root
from cosmolocal.designs.notices import NewNotice, add_notice, read_notices, take_down
from cosmolocal.errors import InputError
from cosmolocal.records import NoticeKind


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two versions, which share a drawing."""
    create_root(tmp_path / "designs")
    publish(tmp_path / "designs")
    publish(tmp_path / "designs", chair("1.1.0"))
    return tmp_path / "designs"


def publish_a_design(root: Path) -> None:
    publish(root, design_id="acme~stool")


def publish_a_version(root: Path) -> None:
    publish(root, chair("1.2.0"))


def yank(root: Path) -> None:
    try:
        add_notice(root, "acme~chair", NewNotice(NoticeKind.YANK, by="ada", at=NOON, version="1.1.0", reason="x"))
    except InputError:  # that of the first try is there
        assert read_history(root, "acme~chair")[1].yanked == "x"


def withdraw(root: Path) -> None:
    try:
        take_down(root, "acme~chair", "1.0.0", by="ada", at=NOON, reason="x")
    except InputError:
        assert read_history(root, "acme~chair")[0].taken_down == "x"


def without_exchange(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(disk, "_renameat2", None)


def unchanged(_patch: pytest.MonkeyPatch) -> None:
    pass


@pytest.mark.parametrize(
    ("act", "system"),
    [
        (publish_a_design, unchanged),
        (publish_a_version, unchanged),
        (yank, unchanged),
        (withdraw, unchanged),
        (withdraw, without_exchange),
    ],
    ids=["first version", "next version", "notice", "take-down", "take-down without exchange"],
)
def test_a_kill_at_any_step_leaves_the_old_or_the_new_state(
    root: Path, act: Callable[[Path], None], system: Callable[[pytest.MonkeyPatch], None]
):
    saved, before = root.parent / "saved", view(root)
    shutil.copytree(root, saved)
    act(root)
    after = view(root)
    put_back(root, saved)
    kills, valid = 0, set[int]()
    for kills in killed_at_each_step(lambda: act(root), system):  # noqa: B007 - the last one is looked at
        if system is unchanged:  # without it readers wait for recovery
            assert view(root) in (before, after)
        recover_root(root)
        assert view(root) in (before, after)
        assert staged(root) == []
        if (state := hash(tuple(snapshot(root).items()))) not in valid:  # ocfl-py takes its time
            assert_valid(root)
            valid.add(state)
        act(root)
        assert view(root) == after
        put_back(root, saved)
    assert kills > 5
    assert view(root) == after
    assert_valid(root)


def put_back(root: Path, saved: Path) -> None:
    shutil.rmtree(root)
    shutil.copytree(saved, root)


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from cosmolocal.designs.bundles import publish_bundle
root, *folders = map(Path, sys.argv[1:])
for folder in folders:
    publish_bundle(root, "acme~chair", folder, message="m", created=datetime(2026, 9, 1, tzinfo=UTC), by="ada")
"""


def test_two_processes_that_write_one_design_lose_nothing(root: Path, tmp_path: Path):
    versions = [f"2.0.{number}" for number in range(8)]
    folders = [write_chair(tmp_path / version, chair(version)) for version in versions]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(root), *map(str, part)])
        for part in (folders[::2], folders[1::2])
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert list_versions(root, "acme~chair") == ["1.0.0", "1.1.0", *versions]
    assert staged(root) == []
    assert_valid(root)


def test_one_version_by_two_writers_is_published_once(root: Path, tmp_path: Path):
    folder = write_chair(tmp_path / "both", chair("3.0.0"))

    def write(_turn: int) -> bool:
        return publish_bundle(root, "acme~chair", folder, message="m", created=NOON, by="ada").is_new

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(write, range(4))) == [False, False, False, True]
    assert_valid(root)


def test_what_a_living_writer_stages_stays_and_what_a_dead_one_staged_goes(root: Path):
    staging = root.parent / ".staging-designs"
    for name in ("living", "dead"):
        (staging / name).mkdir()
        (staging / name / "file").write_text(name)
    descriptor = os.open(staging / "living", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        publish(root, chair("1.2.0"))
        recover_root(root)
        assert staged(root) == ["living"]
    finally:
        os.close(descriptor)
    recover_root(root)
    assert staged(root) == []


def test_others_write_while_a_long_copy_is_under_way(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The slow writer has copied all; another one publishes, recovers and goes; then the slow one gets in."""
    copied, goes_on = threading.Event(), threading.Event()
    real = releasing.copy_folder

    def slow(folder: Path, target: Path):
        files = real(folder, target)
        if folder.name == "slow":
            copied.set()
            assert goes_on.wait(30)
        return files

    monkeypatch.setattr(releasing, "copy_folder", slow)
    folder = write_chair(tmp_path / "slow", chair("3.0.0"))
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(publish_bundle, root, "acme~chair", folder, message="m", created=NOON, by="ada")
        assert copied.wait(30)
        publish(root, chair("2.0.0"))
        recover_root(root)
        goes_on.set()
        assert future.result().is_new
    assert list_versions(root, "acme~chair") == ["1.0.0", "1.1.0", "2.0.0", "3.0.0"]
    assert_valid(root)


def test_a_bundle_that_shared_bytes_with_a_version_taken_down_meanwhile_is_copied_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    """The drawing was not copied as the store had it; before the bundle gets in, the store has it no more."""
    real, prepared = releasing._prepare, []

    def interrupted(*given: object):
        inventory = real(*given)
        if not prepared:
            prepared.append(inventory)
            for version in ("1.0.0", "1.1.0"):
                take_down(root, "acme~chair", version, by="ada", at=NOON, reason="x")
        return inventory

    monkeypatch.setattr(releasing, "_prepare", interrupted)
    assert publish(root, chair("1.2.0")).is_new
    assert list_versions(root, "acme~chair") == ["1.2.0"]
    assert (root / "acme~chair/v3/content/drawings/side.svg").exists()
    assert_valid(root)


def test_the_source_is_not_read_twice(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A file that changes right after it was copied is published as it was copied."""
    folder = write_chair(tmp_path / "moving", chair("1.2.0"))
    real = releasing.copy_folder

    def then_changed(source: Path, target: Path):
        files = real(source, target)
        (folder / "okh.toml").write_text("changed")
        return files

    monkeypatch.setattr(releasing, "copy_folder", then_changed)
    assert publish_bundle(root, "acme~chair", folder, message="m", created=NOON, by="ada").version == "1.2.0"
    assert_valid(root)


def test_recovery_of_a_store_at_rest_changes_nothing(root: Path):
    yank(root)
    withdraw(root)
    before = snapshot(root)
    recover_root(root)
    assert snapshot(root) == before
    assert len(read_notices(root, "acme~chair")) == 2


def test_the_older_copy_of_an_inventory_is_brought_up_to_date(root: Path):
    for name in ("inventory.json", "inventory.json.sha512"):
        shutil.copy(root / "acme~chair/v1" / name, root / "acme~chair" / name)
    assert list_versions(root, "acme~chair") == ["1.0.0", "1.1.0"]
    recover_root(root)
    assert_valid(root)


def test_a_large_file_is_copied_and_digested_like_a_small_one(root: Path, tmp_path: Path):
    """Sizes around the block, the ring of blocks and the amount after which the disk begins."""
    folder = write_chair(tmp_path / "large", CHAIR.replace('version = "1.0.0"', 'version = "4.0.0"', 1))
    block = 1 << 18
    for size in (0, 1, block - 1, block, block + 1, 9 * block, (1 << 26) + 5):
        (folder / f"file-{size}.bin").write_bytes(os.urandom(min(size, 977)) * (size // 977 + 1))
        os.truncate(folder / f"file-{size}.bin", size)
    publish_bundle(root, "acme~chair", folder, message="m", created=NOON, by="ada")
    assert_valid(root)
    for path in folder.glob("*.bin"):
        assert (root / "acme~chair/v3/content" / path.name).read_bytes() == path.read_bytes()
