"""The store of designs: what is published stays, and other programs can read it."""

import os
import shutil
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path

import ocfl
import pytest
from designs.chairs import CHAIR, NOON, chair, write_chair
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.designs import bundles
from cosmolocal.designs.bundles import (
    create_root,
    list_designs,
    list_versions,
    open_file,
    publish_bundle,
    read_bundle,
    recover_root,
    tree_digest,
)
from cosmolocal.designs.verify import verify_root
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import BundleFile


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_root(tmp_path / "designs")
    return tmp_path / "designs"


def publish(root: Path, text: str = CHAIR, design_id: str = "acme~chair") -> str:
    folder = write_chair(root.parent / "chair", text)
    return publish_bundle(root, design_id, folder, message="a chair", created=NOON)


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def codes(error: pytest.ExceptionInfo[InputError]) -> set[str]:
    return {problem.code for problem in error.value.problems}


def assert_valid(root: Path) -> None:
    """Both our own check and ocfl-py, which knows nothing of us, find nothing wrong."""
    assert verify_root(root).errors == []
    store = ocfl.StorageRoot(root=str(root))
    assert store.validate(), store.errors
    assert store.num_objects == store.good_objects == len(list_designs(root))


def test_an_independent_validator_accepts_what_is_written(root: Path):
    publish(root)
    publish(root, chair("1.1.0"))
    publish(root, chair("0.9.0"), "acme~armchair")
    assert_valid(root)


def test_an_empty_store_is_valid(root: Path):
    assert_valid(root)


def test_create_root_keeps_what_is_there(root: Path):
    publish(root)
    before = snapshot(root)
    create_root(root)
    assert snapshot(root) == before


def test_the_same_bundle_gives_the_same_bytes_everywhere(root: Path, tmp_path: Path):
    other = tmp_path / "elsewhere" / "designs"
    create_root(other)
    for store in (root, other):
        publish(store)
        publish(store, chair("1.1.0"))
    assert snapshot(root) == snapshot(other)


def test_publishing_the_same_bytes_again_changes_nothing(root: Path):
    digest = publish(root)
    publish(root, chair("1.1.0"))
    before = snapshot(root)
    assert publish(root) == digest
    assert snapshot(root) == before


def test_a_version_never_changes(root: Path):
    publish(root)
    before = snapshot(root)
    with pytest.raises(InputError) as error:
        publish(root, CHAIR + "\n# another byte")
    assert codes(error) == {"D004"}
    assert snapshot(root) == before


def test_what_was_published_is_read_back(root: Path):
    publish(root)
    publish(root, chair("1.10.0"))
    publish(root, chair("1.9.0"))
    assert list_designs(root) == ["acme~chair"]
    assert list_versions(root, "acme~chair") == ["1.0.0", "1.9.0", "1.10.0"]
    files = read_bundle(root, "acme~chair", "1.9.0")
    assert [file.path for file in files] == ["drawings/side.svg", "okh.toml"]
    for file in files:
        content = open_file(root, "acme~chair", "1.9.0", file.path)
        assert content.stat().st_size == file.size_bytes
    assert 'version = "1.9.0"' in open_file(root, "acme~chair", "1.9.0", "okh.toml").read_text()


def test_a_file_that_stays_is_stored_once(root: Path):
    publish(root)
    publish(root, chair("1.1.0"))
    assert len(list(root.rglob("side.svg"))) == 1


def test_coreutils_give_the_tree_digest(root: Path):
    digest = publish(root)
    command = "find . -type f -printf '%P\\0' | xargs -0 sha256sum | LC_ALL=C sort | sha256sum"
    folder = root.parent / "chair"
    output = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert digest == "sha256:" + output.split()[0]
    assert digest == tree_digest(read_bundle(root, "acme~chair", "1.0.0"))


files = st.builds(BundleFile, st.text("ab/", min_size=1), st.integers(0, 9), st.text("01", min_size=4, max_size=4))


@given(st.lists(files, min_size=1, max_size=5), st.randoms())
def test_the_tree_digest_knows_no_order_but_every_file(some: list[BundleFile], random):
    shuffled = list(some)
    random.shuffle(shuffled)
    assert tree_digest(shuffled) == tree_digest(some)
    assert tree_digest(some[1:]) != tree_digest(some)


def test_every_bit_flip_is_found(root: Path):
    """Content, inventories of all versions, sidecars, declarations: a flip anywhere is an error."""
    publish(root)
    publish(root, chair("1.1.0"))
    files = [path for path in root.rglob("*") if path.is_file()]
    files = [path for path in files if path.name != "ocfl_layout.json"]
    assert len(files) > 8
    for path in files:
        whole = path.read_bytes()
        for position in {0, len(whole) // 2, len(whole) - 1}:
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
            assert verify_root(root).errors, f"{path} at {position}"
        path.write_bytes(whole)
    assert verify_root(root).errors == []


class Killed(BaseException):
    """The process ends here."""


MUTATIONS = ("fsync", "rename", "replace", "mkdir")


@pytest.mark.parametrize("first", [True, False], ids=["first version", "second version"])
def test_a_crash_at_any_step_leaves_the_old_or_the_new_state(root: Path, monkeypatch: pytest.MonkeyPatch, first: bool):
    """The invariant of every fault: nothing half-made is seen, what was acknowledged is there, a retry works."""
    if not first:
        publish(root)
    before = list_versions(root, "acme~chair") if not first else []
    text = chair("2.0.0")
    steps = 0
    while True:
        steps += 1
        with monkeypatch.context() as patch:
            die_at(patch, steps)
            try:
                publish(root, text)
            except Killed:
                pass
            else:
                break
        seen = list_versions(root, "acme~chair") if "acme~chair" in list_designs(root) else []
        assert seen in (before, [*before, "2.0.0"])
        if seen != before:
            recover_root(root)
            assert_valid(root)
            remove_newest(root)
    assert steps > 10
    assert list_versions(root, "acme~chair") == [*before, "2.0.0"]
    assert_valid(root)


def die_at(patch: pytest.MonkeyPatch, step: int) -> None:
    """Let the n-th change of the disk kill the process, as a power cut would."""
    left = [step]

    def counted(name: str, real):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                raise Killed(name)
            return real(*args, **kwargs)

        return call

    for name in MUTATIONS:
        patch.setattr(os, name, counted(name, getattr(os, name)))


def remove_newest(root: Path) -> None:
    """Take the committed version away again, so that the next step of the crash test starts from the old state."""
    folder = root / "acme~chair"
    newest = sorted(folder.glob("v*"))[-1]
    if newest.name == "v1":
        shutil.rmtree(folder)
        return
    shutil.rmtree(newest)
    for name in ("inventory.json", "inventory.json.sha512"):
        shutil.copy(folder / "v1" / name, folder / name)


def test_a_full_disk_is_an_error_and_nothing_is_left(root: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(bundles.shutil, "copyfile", full)
        with pytest.raises(OSError, match="No space"):
            publish(root)
    assert list_designs(root) == []
    publish(root)
    assert_valid(root)
    assert [path.name for path in root.parent.iterdir() if path.name.startswith(".staging")] == []


def test_two_writers_wait_for_each_other(root: Path, tmp_path: Path):
    versions = [f"1.0.{number}" for number in range(6)]
    folders = [write_chair(tmp_path / version, chair(version)) for version in versions]
    threads = [
        threading.Thread(
            target=publish_bundle, args=(root, "acme~chair", folder), kwargs={"message": "m", "created": NOON}
        )
        for folder in folders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list_versions(root, "acme~chair") == versions
    assert_valid(root)


@pytest.mark.parametrize("design_id", ["chair", "Acme~chair", "acme~../x", "acme~", "~chair", "acme:chair", "a~b~c"])
def test_an_id_is_publisher_and_slug(root: Path, design_id: str):
    with pytest.raises(InputError) as error:
        publish(root, design_id=design_id)
    assert codes(error) == {"D002"}


@pytest.mark.parametrize("version", ['"1.0"', "1.0", '"v1.0.0"', '""', "[1]"])
def test_a_version_is_semantic(root: Path, version: str):
    with pytest.raises(InputError) as error:
        publish(root, CHAIR.replace('version = "1.0.0"', f"version = {version}"))
    assert codes(error) == {"D010"}


def test_a_bundle_has_a_manifest(root: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as error:
        publish_bundle(root, "acme~chair", tmp_path / "empty", message="", created=NOON)
    assert codes(error) == {"D005"}


def test_links_and_odd_names_are_refused_all_at_once(root: Path, tmp_path: Path):
    folder = write_chair(tmp_path / "odd")
    (folder / "link").symlink_to("okh.toml")
    for name in ("back\\slash", "new\nline", "right\u202eleft", "cafe\u0301", "dot.", "OKH.toml"):
        (folder / name).write_text("x")
    with pytest.raises(InputError) as error:
        publish_bundle(root, "acme~chair", folder, message="", created=NOON)
    assert codes(error) == {"D006"}
    assert len(error.value.problems) == 7
    assert list_designs(root) == []


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path):
    with pytest.raises(InputError) as error:
        publish_bundle(tmp_path, "acme~chair", write_chair(tmp_path / "chair"), message="", created=NOON)
    assert codes(error) == {"D001"}
    with pytest.raises(InputError):
        list_designs(tmp_path / "absent")


def test_a_time_without_zone_is_refused(root: Path, tmp_path: Path):
    with pytest.raises(ValueError, match="time zone"):
        publish_bundle(
            root,
            "acme~chair",
            write_chair(tmp_path / "c"),
            message="",
            created=datetime(2026, 9, 1),
        )


def test_what_is_not_there_is_not_found(root: Path):
    publish(root)
    with pytest.raises(NotFoundError):
        list_versions(root, "acme~table")
    with pytest.raises(NotFoundError):
        read_bundle(root, "acme~chair", "9.0.0")
    with pytest.raises(NotFoundError):
        open_file(root, "acme~chair", "1.0.0", "../../okh.toml")


def test_a_damaged_inventory_is_a_problem_when_read(root: Path):
    publish(root)
    inventory = root / "acme~chair" / "v1" / "inventory.json"
    inventory.write_bytes(inventory.read_bytes().replace(b"a chair", b"A chair"))
    with pytest.raises(InputError) as error:
        list_versions(root, "acme~chair")
    assert codes(error) == {"D003"}


names = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(names, st.binary(max_size=40), max_size=5),
    st.dictionaries(names, st.binary(max_size=40), max_size=5),
)
def test_any_two_versions_of_any_files_are_kept(tmp_path_factory, one: dict[str, bytes], two: dict[str, bytes]):
    """What is refused is refused as a whole; what is accepted is read back byte for byte."""
    base = tmp_path_factory.mktemp("law")
    create_root(base / "designs")
    for version, content in (("1.0.0", one), ("2.0.0", two)):
        folder = write_chair(base / version, chair(version))
        for name, data in content.items():
            (folder / name).write_bytes(data)
        try:
            publish_bundle(base / "designs", "acme~any", folder, message="m", created=datetime.now(UTC))
        except InputError as error:
            assert {problem.code for problem in error.problems} == {"D006"}
            continue
        for file in read_bundle(base / "designs", "acme~any", version):
            stored = open_file(base / "designs", "acme~any", version, file.path)
            assert stored.read_bytes() == (folder / file.path).read_bytes()
    assert_valid(base / "designs")
