"""The store of designs: what is published stays, and other programs can read it."""

import subprocess
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from designs.chairs import CHAIR, NOON, chair, write_chair
from designs.stores import assert_valid, publish, snapshot, staged
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.designs import copying
from cosmolocal.designs.bundles import (
    create_root,
    list_designs,
    list_versions,
    open_file,
    publish_bundle,
    read_bundle,
    tree_digest,
)
from cosmolocal.designs.verify import verify_root
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import BundleFile


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_root(tmp_path / "designs")
    return tmp_path / "designs"


def codes(error: pytest.ExceptionInfo[InputError]) -> set[str]:
    return {problem.code for problem in error.value.problems}


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
    first = publish(root)
    assert first.is_new
    publish(root, chair("1.1.0"))
    before = snapshot(root)
    assert publish(root) == replace(first, is_new=False)
    assert publish(root, by="somebody else") == replace(first, is_new=False)
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
    digest = publish(root).digest
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


def test_a_full_disk_is_an_error_and_nothing_is_left(root: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(copying, "_write", full)
        with pytest.raises(OSError, match="No space"):
            publish(root)
    assert list_designs(root) == []
    publish(root)
    assert_valid(root)
    assert staged(root) == []


def test_two_writers_wait_for_each_other(root: Path, tmp_path: Path):
    versions = [f"1.0.{number}" for number in range(6)]
    folders = [write_chair(tmp_path / version, chair(version)) for version in versions]
    threads = [
        threading.Thread(
            target=publish_bundle,
            args=(root, "acme~chair", folder),
            kwargs={"message": "m", "created": NOON, "by": "ada"},
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
        publish_bundle(root, "acme~chair", tmp_path / "empty", message="", created=NOON, by="ada")
    assert codes(error) == {"D005"}


def test_links_and_odd_names_are_refused_all_at_once(root: Path, tmp_path: Path):
    folder = write_chair(tmp_path / "odd")
    (folder / "link").symlink_to("okh.toml")
    for name in ("back\\slash", "new\nline", "right\u202eleft", "cafe\u0301", "dot.", "OKH.toml"):
        (folder / name).write_text("x")
    with pytest.raises(InputError) as error:
        publish_bundle(root, "acme~chair", folder, message="", created=NOON, by="ada")
    assert codes(error) == {"D006", "U002", "U003", "U004", "U006"}
    assert len(error.value.problems) == 7
    assert "link: is a link; a bundle holds plain files" in str(error.value)
    assert list_designs(root) == []


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path):
    with pytest.raises(InputError) as error:
        publish_bundle(tmp_path, "acme~chair", write_chair(tmp_path / "chair"), message="", created=NOON, by="ada")
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
            by="ada",
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


@settings(max_examples=25)
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
            publish_bundle(base / "designs", "acme~any", folder, message="m", created=NOON, by="ada")
        except InputError as error:
            assert all(problem.code.startswith("U00") for problem in error.problems)
            continue
        for file in read_bundle(base / "designs", "acme~any", version):
            stored = open_file(base / "designs", "acme~any", version, file.path)
            assert stored.read_bytes() == (folder / file.path).read_bytes()
    assert_valid(base / "designs")
