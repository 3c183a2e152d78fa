"""Bags to take away: right by `bagit`, the same bytes everywhere; and the name that git and archives give a tree."""

import hashlib
import io
import random
import subprocess
import tracemalloc
import unicodedata
import zipfile
from pathlib import Path

import bagit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.designs.packing import BagPart, build_bag, find_swhid
from cosmolocal.errors import InputError

INFO = {"Bagging-Date": "2026-01-02", "External-Identifier": "ana~lamp@1.0.0"}
FILES = {
    "okh.toml": b'name = "Lamp"\n',
    "drawings/side.svg": b"<svg/>",
    "drawings.txt": b"",
    "drawings/ñandú/左.bin": bytes(range(256)),
}


def parts_of(folder: Path, files: dict[str, bytes]) -> list[BagPart]:
    parts = []
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        parts.append(BagPart(path, len(content), hashlib.sha256(content).hexdigest(), None, place))
    return parts


def bag(folder: Path, files: dict[str, bytes]) -> bytes:
    return b"".join(build_bag("ana~lamp-1.0.0", parts_of(folder, files), INFO))


def unzip(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder / "ana~lamp-1.0.0"


def test_others_find_the_bag_complete_and_valid(tmp_path):
    place = unzip(bag(tmp_path / "in", FILES), tmp_path / "out")
    found = bagit.Bag(str(place))
    found.validate()
    assert sorted(path.removeprefix("data/") for path in found.payload_files()) == sorted(FILES)
    assert found.info == {**INFO, "Payload-Oxum": f"{sum(map(len, FILES.values()))}.{len(FILES)}"}
    assert {path: (place / "data" / path).read_bytes() for path in FILES} == FILES
    (place / "data" / "okh.toml").write_text("changed")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(place)).validate()


def test_the_bytes_are_those_of_every_other_machine(tmp_path):
    """The digest is that of Python 3.11, 3.12 and 3.13; it changes only when the form of the bag does."""
    content = bag(tmp_path, FILES)
    assert hashlib.sha256(content).hexdigest() == "abca6965bc1da175b74540132fb963739257fe3a71322690ce8df61abe1a3aee"
    shuffled = list(FILES.items())
    random.Random(1).shuffle(shuffled)
    assert bag(tmp_path / "again", dict(shuffled)) == content


def test_entries_are_stored_sorted_and_tell_nothing_of_the_machine(tmp_path):
    with zipfile.ZipFile(io.BytesIO(bag(tmp_path, FILES))) as archive:
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    assert names == sorted(names, key=str.encode)
    for entry in entries:
        assert (entry.compress_type, entry.date_time) == (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
        assert (entry.external_attr >> 16, entry.create_system, entry.extra) == (0o100644, 3, b"")
        assert entry.flag_bits == (0 if entry.filename.isascii() else 0x800)


def test_percent_signs_and_line_ends_in_names_are_encoded_as_the_rfc_asks(tmp_path):
    place = unzip(bag(tmp_path / "in", {"100%.txt": b"x"}), tmp_path / "out")
    assert (place / "manifest-sha256.txt").read_text().endswith("  data/100%25.txt\n")
    assert (place / "data" / "100%.txt").read_bytes() == b"x"
    odd = bag(tmp_path / "odd", {"a\nb\r.txt": b"x"})
    assert b"  data/a%0Ab%0D.txt\n" in odd


def test_bytes_that_are_not_the_published_ones_are_found_before_the_first_goes_out(tmp_path):
    parts = parts_of(tmp_path, FILES)
    (tmp_path / "drawings" / "side.svg").write_bytes(b"<SVG/>")
    (tmp_path / "okh.toml").write_bytes(b"short")
    with pytest.raises(InputError) as error:
        build_bag("x", parts, INFO)
    assert [(problem.code, problem.where) for problem in error.value.problems] == [
        ("D052", "drawings/side.svg"),
        ("D052", "okh.toml"),
    ]


@pytest.mark.parametrize("files", [{}, {"a.txt": b""}, {"ñandú/100%.svg": b"<svg/>", "b/c.txt": bytes(70_000)}])
def test_the_size_is_known_before_the_first_byte(tmp_path, files):
    bag = build_bag("ana~lamp-1.0.0", parts_of(tmp_path, files), INFO)
    assert bag.size == len(b"".join(bag)) == sum(map(len, bag))


def test_a_large_file_is_streamed(tmp_path):
    content = bytes(48 << 20)
    parts = parts_of(tmp_path, {"large.bin": content})
    size = len(content)
    del content
    tracemalloc.start()
    total = sum(map(len, build_bag("x", parts, INFO)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > size
    assert peak < 8 << 20


def test_more_than_a_zip_can_count_is_refused(tmp_path):
    part = parts_of(tmp_path, {"a.txt": b"x"})[0]
    parts = [BagPart(f"{number}.txt", part.size, part.sha256, None, part.place) for number in range(65_530)]
    with pytest.raises(InputError, match="D051"):
        build_bag("x", parts, INFO)


def git_tree(folder: Path) -> str:
    def git(*arguments: str) -> str:
        plain = ("-c", "core.autocrlf=false", "-c", "core.fileMode=false")
        return subprocess.run(
            ["git", *plain, *arguments], cwd=folder, check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q")
    git("add", "-A", "-f")
    return git("write-tree").strip()


def test_the_archive_s_name_is_git_s_name_of_the_tree(tmp_path):
    tree = {**FILES, "drawings-2/a": b"1", "drawings0": b"2", "Z/z/z": b"3"}
    parts = parts_of(tmp_path, tree)
    assert find_swhid(parts) == f"swh:1:dir:{git_tree(tmp_path)}"
    assert find_swhid([]) == "swh:1:dir:4b825dc642cb6eb9a060e54bf8d69288fbee4904"


names = st.text(
    st.characters(codec="utf-8", categories=["L", "N"], exclude_characters=".%"), min_size=1, max_size=4
).map(lambda name: unicodedata.normalize("NFC", name))
paths = st.lists(names, max_size=3).map(lambda folders: "/".join([*folders, "file.txt"]))


@settings(max_examples=15)
@given(st.dictionaries(paths, st.binary(max_size=9), min_size=1, max_size=4))
def test_any_tree_makes_a_valid_bag(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("bag")
    bagit.Bag(str(unzip(bag(folder / "in", files), folder / "out"))).validate()
