"""What is no part of a design: known by name, left out, counted, and never a way round the other rules."""

import io
import zipfile
from hashlib import sha256
from pathlib import Path

import bagit
import pytest
from designs.zips import Item, build_zip

from cosmolocal.designs.left_out import REASONS, find_rule, scan_left_out, sort_out, warn_left_out, warn_rules
from cosmolocal.designs.names import CODES, MAX_LEVELS, check_paths
from cosmolocal.designs.uploads import check_archive, unpack_archive
from cosmolocal.errors import InputError

LEFT_OUT = {
    ".gitignore": ".gitignore",
    "parts/.gitkeep": ".gitkeep",
    ".github/workflows/draw.yml": ".github/",
    ".github/": ".github/",
    "lamp/.github/.hidden/x": ".github/",
    "__MACOSX/lamp/._okh.toml": "__macosx/",
    "parts/.DS_Store": ".ds_store",
    "._okh.toml": "._*",
    "Thumbs.db": "thumbs.db",
    "parts/Desktop.ini": "desktop.ini",
    ".markdownlint.yaml": ".markdownlint*",
    ".~lock.bill.ods#": ".~lock.*#",
    "~$bill.xlsx": "~$*",
    ".env": ".env",
    ".env.local": ".env.*",
    ".venv/bin/python": ".venv/",
    "venv/pyvenv.cfg": "venv/",
    "parts/__pycache__/a.pyc": "__pycache__/",
    "node_modules/a/b.js": "node_modules/",
}
STAYS = [
    "okh.toml",
    "github/x",
    ".htaccess",
    "venv",
    ".envrc",
    "parts/.bashrc",
    ".gitconfig",
    ".github",
    ".gitignore/x",
    "._folder/x",
    "thumbs.db.stl",
    "my.DS_Store.txt",
    "~/x",
    "GIT~1/config",
    "/".join([".github", *"a" * (MAX_LEVELS + 1)]),
]


@pytest.mark.parametrize("path", LEFT_OUT)
def test_what_programs_leave_behind_is_left_out_anywhere(path):
    assert find_rule(path) == find_rule(path, is_archive=True) == LEFT_OUT[path]
    assert find_rule(f"a/b/{path}") == LEFT_OUT[path]


@pytest.mark.parametrize("path", STAYS, ids=lambda path: path[:20])
def test_all_else_stays_and_is_judged_by_its_name(path):
    assert find_rule(path) is None
    assert find_rule(path, is_archive=True) is None


@pytest.mark.parametrize("path", [".git/config", ".git", "lamp/.GIT/hooks/post-checkout", "__MACOSX/.git/config"])
def test_git_s_own_folder_is_left_out_of_a_folder_and_refused_in_an_archive(path):
    assert find_rule(path) is not None
    assert find_rule(path, is_archive=True) is None
    assert "U003" in {problem.code for problem in check_paths([path])}


def test_every_rule_has_a_reason_and_catches_what_it_names():
    for rule, reason in REASONS.items():
        assert reason
        name = rule.replace("*", "a")
        assert find_rule(name + "x" * name.endswith("/")) == rule


def test_one_warning_tells_of_each_kind_with_the_number_of_files():
    _, rules = sort_out([".github/", ".github/a", ".github/b/c", "a/.DS_Store", "okh.toml"])
    assert [(told.code, told.where, told.message.split(",")[0]) for told in warn_left_out(rules)] == [
        ("U030", ".DS_Store", "was left out (1 file)"),
        ("U030", ".github/", "was left out (2 files)"),
    ]
    assert [told.where for told in warn_rules([".github/", ".github/", "__macosx/"])] == [".github/", "__MACOSX/"]


def test_a_folder_is_looked_through_to_its_ends(tmp_path):
    for path in (".git/objects/aa/bb", ".github/x.yml", "parts/.DS_Store", "parts/a.stl", "sub/.git"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    (tmp_path / ".idea").symlink_to(tmp_path / "parts")
    found = scan_left_out(tmp_path)
    assert {path for path in found if not path.endswith("/")} == {
        ".git/objects/aa/bb",
        ".github/x.yml",
        "parts/.DS_Store",
        "sub/.git",
    }
    assert {".git/", ".github/"} < found.keys()


def unpack(tmp_path: Path, data: bytes) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files that were written, and the warnings by name."""
    (tmp_path / "a.zip").write_bytes(data)
    assert check_archive(tmp_path / "a.zip") == []
    told = unpack_archive(tmp_path / "a.zip", tmp_path / "target")
    assert {problem.code for problem in told} <= {"U030"}
    files = {
        path.relative_to(tmp_path / "target").as_posix(): path.read_bytes()
        for path in (tmp_path / "target").rglob("*")
        if path.is_file()
    }
    return files, {problem.where: problem.message for problem in told}


def codes(tmp_path: Path, data: bytes) -> set[str]:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(InputError) as error:
        unpack_archive(tmp_path / "a.zip", tmp_path / "target")
    assert not (tmp_path / "target").exists()
    return {problem.code for problem in error.value.problems}


def test_the_zip_of_a_code_host_is_taken(tmp_path):
    names = ["okh.toml", "parts/a.stl", ".gitignore", ".github/workflows/a.yml", ".github/b.yml", "docs/.gitkeep"]
    items = [Item("lamp-main/", b"", attributes=0), *(Item(f"lamp-main/{name}") for name in names)]
    files, told = unpack(tmp_path, build_zip(*items))
    assert files.keys() == {"okh.toml", "parts/a.stl"}
    assert told.keys() == {".gitignore", ".github/", ".gitkeep"}
    assert "(2 files)" in told[".github/"]
    assert not list((tmp_path / "target").glob(".*"))


def test_the_zip_of_a_mac_is_taken_and_the_folder_around_it_is_seen(tmp_path):
    names = ["lamp/okh.toml", "lamp/.DS_Store", "__MACOSX/lamp/._okh.toml", "__MACOSX/._lamp"]
    files, told = unpack(tmp_path, build_zip(*map(Item, names)))
    assert files.keys() == {"okh.toml"}
    assert told.keys() == {".DS_Store", "__MACOSX/"}


def test_an_archive_without_such_files_gives_no_warning(tmp_path):
    assert unpack(tmp_path, build_zip(Item("okh.toml"))) == ({"okh.toml": b"solid"}, {})


def test_a_bag_made_on_a_mac_is_whole_with_what_is_left_out(tmp_path):
    folder = tmp_path / "bag"
    folder.mkdir()
    (folder / "okh.toml").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"y")
    bagit.make_bag(str(folder), checksums=["sha256"])
    assert sha256(b"y").hexdigest() in (folder / "manifest-sha256.txt").read_text()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"bag/{path.relative_to(folder).as_posix()}")
        archive.writestr("__MACOSX/bag/._bagit.txt", b"z")
    files, told = unpack(tmp_path, data.getvalue())
    assert files == {"okh.toml": b"x"}
    assert told.keys() == {".DS_Store", "__MACOSX/"}


REFUSED = {
    "git's own folder": ("U003", [Item(".git/config")]),
    "git's own folder within another": ("U003", [Item("__MACOSX/.git/config")]),
    "control of a server": ("U003", [Item(".htaccess")]),
    "a way out": ("U001", [Item("__MACOSX/../../x")]),
    "a way out by a backslash": ("U002", [Item("__MACOSX/..\\..\\x")]),
    "an absolute name": ("U001", [Item("/.DS_Store")]),
    "a control character": ("U002", [Item(".github/a\nb")]),
    "too deep": ("U005", [Item("__MACOSX/" + "a/" * 90 + "x")]),
    "too long": ("U005", [Item(".github/" + "a" * 300)]),
    "a name twice": ("U006", [Item(".github/a"), Item(".github/a")]),
    "a name twice but for case": ("U006", [Item("Thumbs.db"), Item("thumbs.db")]),
    "a link": ("U014", [Item(".gitignore", b"/etc/passwd", attributes=0o120777 << 16)]),
    "a bomb": ("U015", [Item("__MACOSX/a", bytes(3 * 1024**2))]),
    "damaged": ("U020", [Item(".DS_Store", method=0, packed=b"solix")]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_left_out_is_no_way_round_the_rules(tmp_path, name):
    code, items = REFUSED[name]
    assert code in codes(tmp_path, build_zip(Item("okh.toml"), *items))


def test_of_what_is_not_kept_only_the_meaning_and_the_accents_of_a_name_do_not_matter():
    wrong = {"U001": "../a", "U002": "a\nb", "U003": "CON", "U004": "cafe\u0301", "U005": "x" * 300}
    assert [problem.code for problem in check_paths(wrong.values())] == list(wrong)
    kept = {problem.code for problem in check_paths([*wrong.values(), "a", "A"], are_kept=False)}
    assert kept == CODES.keys() - {"U003", "U004"}
