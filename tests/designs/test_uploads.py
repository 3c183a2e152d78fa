"""Archives that anyone may upload: a sound one is unpacked as any program would, all else is refused with a reason."""

import hashlib
import io
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import bagit
import pytest
from designs.zips import FULL_32, Item, build_zip, deflate, extra
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.designs import bag_check, names, uploads, zip_frame
from cosmolocal.designs.uploads import check_archive, unpack_archive
from cosmolocal.errors import InputError, Problem

CODES = names.CODES | zip_frame.CODES | uploads.CODES | bag_check.CODES
MANIFEST = Item("okh.toml", b"name = 'x'\n", method=0)
LONG = struct.pack("<QQ", 5, 7)


def unpack(data: bytes) -> dict[str, bytes | None]:
    """Return what lies in the target afterwards, by path; None is a folder."""
    with tempfile.TemporaryDirectory() as folder:
        around = Path(folder)
        (around / "upload.zip").write_bytes(data)
        target = around / "target"
        try:
            unpack_archive(around / "upload.zip", target)
        except InputError:
            assert [path.name for path in around.rglob("*")] == ["upload.zip"]
            raise
        found = {
            str(path.relative_to(target)): path.read_bytes() if path.is_file() else None for path in target.rglob("*")
        }
        assert sorted(path.name for path in around.iterdir()) == ["target", "upload.zip"]
        return found


def refused(data: bytes) -> list[Problem]:
    with pytest.raises(InputError) as error:
        unpack(data)
    return list(error.value.problems)


def codes(data: bytes) -> set[str]:
    problems = refused(data)
    assert {problem.code for problem in problems} <= CODES.keys()
    assert all(len(problem.message) > 15 and str(problem).isprintable() for problem in problems)
    return {problem.code for problem in problems}


def written(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


SOUND = {
    "stored and deflated": build_zip(MANIFEST, Item("a.stl")),
    "a folder": build_zip(MANIFEST, Item("parts/", b"", 0, attributes=0o40755 << 16 | 16), Item("parts/a.stl")),
    "a comment": build_zip(MANIFEST, comment=b"0123456789abcdef PK"),
    "sums after the data": build_zip(MANIFEST, Item("a.stl", descriptor="<4sLLL"), Item("b.stl", descriptor="<LLL")),
    "long sums after the data": build_zip(MANIFEST, Item("a.stl", descriptor="<4sLQQ"), Item("b", descriptor="<LQQ")),
    "an end record of ZIP64": build_zip(MANIFEST, Item("a.stl"), end_64=True),
    "sizes in a ZIP64 field": build_zip(
        Item(
            "a.stl",
            header={"packed": FULL_32, "size": FULL_32},
            entry={"packed": FULL_32, "size": FULL_32},
            header_extra=extra(1, LONG),
            entry_extra=extra(1, LONG),
        )
    ),
    "only the offset in a ZIP64 field": build_zip(
        Item("a.stl", entry={"offset": FULL_32}, entry_extra=extra(1, struct.pack("<Q", 0)))
    ),
    "times in extra fields": build_zip(
        Item("a.stl", header_extra=extra(0x5455, b"\1abcd"), entry_extra=extra(10, b""))
    ),
    "the same name in Unicode": build_zip(
        Item("a.stl", entry_extra=extra(0x7075, b"\1" + struct.pack("<L", zlib.crc32(b"a.stl")) + b"a.stl"))
    ),
    "names of many scripts": build_zip(Item("零件.stl"), Item("أ.stl"), Item("é/😀.png")),
    "modes": build_zip(Item("run.sh", attributes=0o104777 << 16), Item("secret", attributes=0)),
    "much of little": build_zip(Item("blank.dxf", bytes(1_000_000)), MANIFEST),
    "an archive in an archive": build_zip(MANIFEST, Item("inner.zip", build_zip(Item("../evil")))),
    "nothing": build_zip(),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_archive_is_unpacked_as_zipfile_unpacks_it(name: str):
    with zipfile.ZipFile(io.BytesIO(SOUND[name])) as archive:
        expected = {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    assert {path: data for path, data in unpack(SOUND[name]).items() if data is not None} == expected


def test_modes_are_dropped(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(SOUND["modes"])
    unpack_archive(tmp_path / "a.zip", tmp_path / "target")
    assert {path.stat().st_mode & 0o7111 for path in (tmp_path / "target").iterdir()} == {0}


two = (Item("a.stl"), Item("b.stl"))
big = bytes(2 * 1024**2)
HOSTILE: dict[str, tuple[str, bytes]] = {
    "nothing at all": ("U010", b""),
    "no archive": ("U010", bytes(range(256)) * 4),
    "cut in its end": ("U010", build_zip(*two)[:-5]),
    "cut in the middle": ("U010", build_zip(*two)[:60]),
    "data before": ("U011", b"GIF89a" + build_zip(*two)),
    "data before, offsets fitted": ("U011", build_zip(Item("a", before=b"GIF89a"), Item("b"))),
    "data between": ("U011", build_zip(Item("a"), Item("b", before=b"junk"))),
    "data before the list": ("U011", build_zip(*two, before_list=b"junk")),
    "data after": ("U011", build_zip(*two) + b"junk"),
    "two archives in a row": ("U011", build_zip(*two) * 2),
    "an archive in the comment": ("U011", build_zip(*two, comment=build_zip(Item("evil")))),
    "a cut end in the comment": ("U010", build_zip(*two, comment=build_zip()[:20])),
    "control characters in the comment": ("U011", build_zip(*two, comment=b"\x1b[2J")),
    "count too low": ("U011", build_zip(*two, here=1, count=1)),
    "count too high": ("U011", build_zip(*two, here=3, count=3)),
    "two counts": ("U011", build_zip(*two, here=1)),
    "list too short": ("U011", build_zip(*two, size=50)),
    "list elsewhere": ("U011", build_zip(*two, offset=3)),
    "second disk": ("U011", build_zip(*two, disk=1)),
    "list on a second disk": ("U011", build_zip(*two, list_disk=1)),
    "file on a second disk": ("U011", build_zip(Item("a", entry={"disk": 1}))),
    "two end records that differ": ("U011", build_zip(*two, end_64=True, here=1, count=1)),
    "one header for two files": ("U011", build_zip(Item("a"), Item("b", entry={"offset": 0}))),
    "a header too far": ("U011", build_zip(Item("a"), Item("b", entry={"offset": 20}))),
    "data that overlap": ("U011", build_zip(Item("a", header={"packed": 99}, entry={"packed": 99}), Item("b"))),
    "a file not listed": ("U011", build_zip(*two, before_list=build_zip(Item("evil"))[:40])),
    "sums missing": ("U011", build_zip(Item("a", flags=8), Item("b"))),
    "other name": ("U012", build_zip(Item("good", entry={"name": b"evil"}))),
    "other size": ("U012", build_zip(Item("a", header={"size": 4}))),
    "other packed size": ("U012", build_zip(Item("a", header={"packed": 4}))),
    "other checksum": ("U012", build_zip(Item("a", header={"crc": 4}))),
    "other method": ("U012", build_zip(Item("a", header={"method": 0}))),
    "other flags": ("U012", build_zip(Item("a", header={"flags": 2}))),
    "other sums": ("U012", build_zip(Item("a", descriptor="<4sLLL", sums={"size": 4}))),
    "sums without their signature": ("U012", build_zip(Item("a", descriptor="<4sLLL", sums={"signature": b"abcd"}))),
    "encrypted": ("U013", build_zip(Item("a", flags=1))),
    "strongly encrypted": ("U013", build_zip(Item("a", flags=0x41))),
    "patched data": ("U013", build_zip(Item("a", flags=0x20))),
    "masked headers": ("U013", build_zip(Item("a", flags=0x2000))),
    "a version to come": ("U013", build_zip(Item("a", entry={"version": 90}))),
    **{f"method {n}": ("U013", build_zip(Item("a", method=n))) for n in (1, 6, 9, 12, 14, 93, 95, 98, 99)},
    **{
        f"kind {kind:o}": ("U014", build_zip(Item("a", b"/etc/passwd", attributes=kind << 16)))
        for kind in (0o120777, 0o010644, 0o020644, 0o060644, 0o140644, 0o150000)
    },
    "a link of Windows": ("U014", build_zip(Item("a", attributes=0x400))),
    "a link made on DOS": ("U014", build_zip(Item("a", attributes=0o120777 << 16))),
    "a folder named as a file": ("U014", build_zip(Item("a", b"", attributes=0o40755 << 16))),
    "a file named as a folder": ("U014", build_zip(Item("a/", b"", attributes=0o100644 << 16))),
    "a folder with bytes": ("U014", build_zip(Item("a/", b"x", attributes=0))),
    "a bomb": ("U015", build_zip(Item("a", bytes(3 * 1024**2)))),
    "many small bombs": ("U015", build_zip(*(Item(f"{n}", bytes(900_000)) for n in range(9)))),
    "too many files": ("U015", build_zip(*(Item(f"{n}", b"", 0) for n in range(10_001)))),
    "too much in all": (
        "U015",
        build_zip(Item("a", packed=bytes(20), header={"size": 3 << 30}, entry={"size": 3 << 30})),
    ),
    "an extra field cut off": ("U016", build_zip(Item("a", entry_extra=b"   "))),
    "an extra field too long": ("U016", build_zip(Item("a", header_extra=struct.pack("<HH", 9, 50)))),
    "a ZIP64 field twice": ("U016", build_zip(Item("a", entry_extra=extra(1, LONG) * 2))),
    "very many extra fields": ("U016", build_zip(Item("a", entry_extra=extra(9, b"") * 40))),
    "a ZIP64 field missing": ("U016", build_zip(Item("a", entry={"packed": FULL_32}))),
    "a ZIP64 field too short": (
        "U016",
        build_zip(Item("a", entry={"packed": FULL_32, "size": FULL_32}, entry_extra=extra(1, LONG[:8]))),
    ),
    "a ZIP64 field that says otherwise": ("U016", build_zip(Item("a", entry_extra=extra(1, LONG[::-1])))),
    "a header's ZIP64 field that says otherwise": ("U016", build_zip(Item("a", header_extra=extra(1, LONG[::-1])))),
    "a header's ZIP64 field of one value": ("U016", build_zip(Item("a", header_extra=extra(1, LONG[:8])))),
    "another name in Unicode": (
        "U016",
        build_zip(Item("a", entry_extra=extra(0x7075, b"\1" + struct.pack("<L", zlib.crc32(b"a")) + b"evil"))),
    ),
    "letters of nobody knows where": ("U017", build_zip(Item("é".encode("cp437"), flags=0))),
    "UTF-8 that does not say so": ("U017", build_zip(Item("é", flags=0))),
    "no UTF-8": ("U017", build_zip(Item(b"\xff", flags=0x800))),
    "other bytes": ("U020", build_zip(Item("a", method=0, packed=b"solix"))),
    "more than declared": ("U020", build_zip(Item("a", packed=deflate(bytes(9999))))),
    "less than declared": ("U020", build_zip(Item("a", packed=deflate(b"soli")))),
    "stored less than declared": ("U020", build_zip(Item("a", method=0, packed=b"soli"))),
    "data after the end": ("U020", build_zip(Item("a", packed=deflate(b"solid") + b"evil"))),
    "data cut off": ("U020", build_zip(Item("a", packed=deflate(b"solid")[:-2]))),
    "no data": ("U020", build_zip(Item("a", packed=b""))),
    "no deflate": ("U020", build_zip(Item("a", packed=b"\xff" * 20))),
    "a folder with packed bytes": ("U020", build_zip(Item("a/", b"", attributes=0, packed=deflate(b"evil")))),
    "a name that leaves": ("U001", build_zip(Item("../../evil"))),
    "an absolute name": ("U001", build_zip(Item("/tmp/evil"))),
    "a drive": ("U001", build_zip(Item("C:/evil"))),
    "no name": ("U001", build_zip(Item(""), Item("b"))),
    "a NUL": ("U002", build_zip(Item("a\0.stl"))),
    "a backslash": ("U002", build_zip(Item("..\\..\\evil"))),
    "control of a server": ("U003", build_zip(Item(".htaccess"), Item("a"))),
    "accents apart": ("U004", build_zip(Item("e\u0301"))),
    "too deep": ("U005", build_zip(Item("b"), Item("d/" * 100 + "a"))),
    "a name twice": ("U006", build_zip(Item("a"), Item("a", b"other"))),
    "a folder twice": ("U006", build_zip(Item("w/", b"", attributes=0), Item("w/", b"", attributes=0), Item("w/a"))),
    "a name twice but for case": ("U006", build_zip(Item("a"), Item("A"))),
    "a file that is a folder": ("U006", build_zip(Item("a"), Item("a/b"))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_by_its_rule_and_leaves_nothing(name: str):
    code, data = HOSTILE[name]
    assert code in codes(data)


def test_every_code_of_the_frame_and_the_names_has_a_hostile_archive():
    assert {code for code, _ in HOSTILE.values()} >= CODES.keys() - {"U021", "U022"}


def test_the_list_alone_is_judged_without_unpacking(tmp_path: Path):
    for code, data in HOSTILE.values():
        (tmp_path / "a.zip").write_bytes(data)
        found = {problem.code for problem in check_archive(tmp_path / "a.zip")}
        assert (code in found) == (code != "U020")
    for data in SOUND.values():
        (tmp_path / "a.zip").write_bytes(data)
        assert check_archive(tmp_path / "a.zip") == []


def test_what_is_damaged_and_what_is_too_much_is_told_in_plain_words(tmp_path: Path):
    damaged = build_zip(Item("a", packed=b"\xff" * 9))
    for data, words in (
        (damaged, "cannot be unpacked: its packed data are damaged"),
        (build_zip(*two, here=65535, count=65535), "holds more files than its end can count; at most 10000"),
        (build_zip(*two, here=20_000, count=20_000), "holds 20000 files and folders; at most 10000"),
    ):
        (tmp_path / "a.zip").write_bytes(data)
        with pytest.raises(InputError, match=words):
            unpack_archive(tmp_path / "a.zip", tmp_path / "target")


def test_everything_wrong_is_reported_at_once():
    faults = (Item("../a"), Item("b", flags=1), Item("c", method=12), Item("d", attributes=0o120777 << 16))
    assert codes(build_zip(*faults, Item("e", header={"crc": 1}))) == {"U001", "U012", "U013", "U014"}
    damaged = build_zip(Item("a", method=0, packed=b"solix"), Item("b", packed=b""), Item("c"))
    assert [problem.where for problem in refused(damaged)] == ["a", "b"]


def test_data_used_by_many_files_are_refused_before_any_is_unpacked():
    """The bomb of D. Fifield: each file's data are the headers and data of those after it."""
    kernel = deflate(bytes(1024**2))
    data, places = kernel, []
    for number in range(50):
        head = struct.pack("<4sHHHHHLLLHH", b"PK\x03\x04", 20, 0, 8, 0, 33, 0, len(data), 1024**2, 3, 0)
        data = head + f"{number:03}".encode() + data
        places.append(len(data))
    entries = b"".join(
        struct.pack(
            "<4s6H3L5H2L",
            b"PK\x01\x02",
            20,
            20,
            0,
            8,
            0,
            33,
            0,
            place - 33,
            1024**2,
            3,
            0,
            0,
            0,
            0,
            0,
            places[-1] - place,
        )
        + f"{number:03}".encode()
        for number, place in enumerate(places)
    )
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 50, 50, len(entries), len(data), 0)
    assert "U011" in codes(data + entries + end)


def test_what_cannot_be_opened_is_refused(tmp_path: Path):
    for path in (tmp_path, tmp_path / "missing.zip"):
        assert [problem.code for problem in check_archive(path)] == ["U010"]
        with pytest.raises(InputError):
            unpack_archive(path, tmp_path / "target")


def test_a_target_that_is_there_is_left_alone(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(build_zip(*two))
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "mine").touch()
    with pytest.raises(FileExistsError):
        unpack_archive(tmp_path / "a.zip", tmp_path / "target")
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["mine"]


def test_a_folder_around_everything_is_left_away():
    """As code hosts pack a repository."""
    data = build_zip(Item("lamp-main/", b"", attributes=0), Item("lamp-main/okh.toml"), Item("lamp-main/a/b.stl"))
    assert unpack(data).keys() == {"okh.toml", "a", "a/b.stl"}
    assert unpack(build_zip(Item("lamp-main/a/okh.toml"))).keys() == {"a", "a/okh.toml"}


def test_a_path_may_be_as_long_as_ever_within_such_a_folder():
    path = "/".join(["x" * 99, "y" * 99, "z" * 40])
    assert path in unpack(build_zip(Item(f"w/{path}"), Item("w/okh.toml")))
    assert codes(build_zip(Item(f"w/{path}z"), Item("w/okh.toml"))) == {"U005"}


@pytest.fixture
def bag(tmp_path: Path) -> dict[str, bytes]:
    """Return a bag as bagit-python writes it, by path."""
    folder = tmp_path / "bag"
    (folder / "parts").mkdir(parents=True)
    (folder / "okh.toml").write_text("name = 'x'")
    (folder / "parts" / "100%.stl").write_text("solid")
    bagit.make_bag(str(folder), checksums=["sha256", "sha512"])
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def zipped(bag: dict[str, bytes], wrapper: str = "") -> bytes:
    return build_zip(*(Item(wrapper + path, data) for path, data in bag.items()))


@pytest.mark.parametrize("wrapper", ["", "acme~lamp-1.0.0/"])
def test_of_a_bag_the_payload_is_taken(bag: dict[str, bytes], wrapper: str):
    assert unpack(zipped(bag, wrapper)) == {"okh.toml": b"name = 'x'", "parts": None, "parts/100%.stl": b"solid"}


def test_a_percent_sign_in_a_manifest_may_be_written_as_the_standard_has_it(bag: dict[str, bytes]):
    bag = {path: data.replace(b"100%", b"100%25") for path, data in bag.items() if not path.startswith("tagm")}
    assert "parts/100%.stl" in unpack(zipped(bag))


WRONG_BAGS = {
    "a file was changed": lambda bag: bag | {"data/okh.toml": b"name = 'y'"},
    "a file was added": lambda bag: bag | {"data/evil": b""},
    "a file was taken away": lambda bag: {path: bag[path] for path in bag if path != "data/okh.toml"},
    "about the bag was changed": lambda bag: bag | {"bag-info.txt": b"x: y"},
    "no manifest": lambda bag: {path: bag[path] for path in bag if "manifest" not in path},
    "only MD5": lambda bag: {path.replace("sha256", "md5"): bag[path] for path in bag if "sha512" not in path},
    "no lines": lambda bag: bag | {"manifest-sha256.txt": b"okh.toml\n"},
    "a line twice": lambda bag: bag | {"manifest-sha256.txt": bag["manifest-sha256.txt"] * 2},
    "files elsewhere": lambda bag: bag | {"fetch.txt": b"https://example.org/a 1 data/a\n"},
    "no declaration": lambda bag: bag | {"bagit.txt": b"\xff"},
    "only a declaration": lambda _: {"bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
}


@pytest.mark.parametrize("name", WRONG_BAGS)
def test_a_bag_that_is_not_whole_is_refused(bag: dict[str, bytes], name: str):
    assert codes(zipped(WRONG_BAGS[name](bag))) == {"U022"}


def test_names_in_a_bag_are_judged_as_they_will_lie(bag: dict[str, bytes]):
    assert codes(zipped(bag | {"data/A": b"", "data/a": b""})) == {"U006"}
    assert codes(zipped(bag | {"Data/a": b""})) == {"U006"}
    assert codes(zipped(bag | {"data/../../evil": b""})) == {"U001"}


def test_the_files_about_a_bag_have_a_limit(bag: dict[str, bytes]):
    big = hashlib.shake_128(b"").digest(1024**2) * 33
    files = [Item(path, data, method=0) for path, data in (bag | {"big.txt": big}).items()]
    assert codes(build_zip(*files)) == {"U021"}


def mutate(data: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    for kind, place, junk in changes:
        at = place % (len(data) + 1)
        if kind == "flip":
            data = data[:at] + bytes(byte ^ (junk[0] or 1) for byte in data[at : at + 1]) + data[at + 1 :]
        elif kind == "cut":
            data = data[:at] + data[at + len(junk) :]
        elif kind == "insert":
            data = data[:at] + junk + data[at:]
        elif kind == "overwrite":
            data = data[:at] + junk + data[at + len(junk) :]
        else:
            data = data[:at] + data[max(0, at - 60) :]
    return data


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["flip", "flip", "flip", "overwrite", "cut", "insert", "duplicate"]),
        st.integers(0, 10_000),
        st.binary(min_size=1, max_size=4)
        | st.sampled_from([b"PK\5\6", b"PK\1\2", b"PK\3\4", b"\xff\xff\xff\xff", b"\0\0\0\0"]),
    ),
    max_size=3,
)


@settings(max_examples=400)
@given(st.sampled_from(sorted(SOUND)), CHANGES)
def test_a_mutated_archive_is_refused_or_read_as_zipfile_reads_it(name: str, changes: list[tuple[str, int, bytes]]):
    """What two programs could read in two ways must not be accepted."""
    data = mutate(SOUND[name], changes)
    try:
        found = unpack(data)
    except InputError:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        expected = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    files = {path: content for path, content in expected.items() if not path.endswith("/")}
    tops = {path.partition("/")[0] for path in expected}
    if len(tops) == 1 and all("/" in path for path in expected):
        files = {path.partition("/")[2]: content for path, content in files.items()}
    assert {path: content for path, content in found.items() if content is not None} == files


SAFE_NAME = st.text("abcXYZ019-_é中", min_size=1, max_size=8)


@settings(max_examples=80)
@given(
    st.dictionaries(SAFE_NAME, st.binary(max_size=3000), min_size=2, max_size=6),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.booleans(),
)
def test_what_zipfile_writes_is_unpacked_byte_for_byte(files: dict[str, bytes], method: int, is_stream: bool):
    if names.check_paths(files):
        return
    file = io.BytesIO()

    class Stream(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            return file.write(data)

    with zipfile.ZipFile(Stream() if is_stream else file, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    assert unpack(file.getvalue()) == files


MEASURE = """
import resource, sys
from pathlib import Path
from cosmolocal.designs.uploads import unpack_archive
resource.setrlimit(resource.RLIMIT_AS, (100 << 20, 100 << 20))
unpack_archive(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_large_file_is_unpacked_within_little_memory(tmp_path: Path):
    """120 MB would not fit into 100 MiB if they were held at once; nor does the memory grow with the file."""
    block = hashlib.shake_128(b"block").digest(1024**2) + bytes(2 * 1024**2)
    file = zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with file as archive, archive.open("a.stl", "w") as member:
        for _ in range(40):
            member.write(block)
    subprocess.run([sys.executable, "-c", MEASURE, tmp_path / "a.zip", tmp_path / "target"], check=True)
    assert (tmp_path / "target" / "a.stl").stat().st_size == 40 * len(block)
