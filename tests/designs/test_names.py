"""Which names a bundle may hold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.designs.names import CODES, MAX_LEVELS, MAX_PATH_BYTES, check_paths, show_path

HARMLESS = [
    "okh.toml",
    "README.md",
    "parts/side panel (left), v1.2+b [old] #3 & more!.stl",
    "零件/侧板.stl",
    "أجزاء/كرسي.stl",
    "части/ножка.stl",
    "भाग/कुर्सी.stl",
    "Stuhl – Rückenlehne “weich”.stl",
    "😀.png",
    "½ m².dxf",
    "-rf",
    "%2e%2e/a",
    "inventory.json",
    "console.stl",
    "com10.txt",
    "a~chair-1.0.0/seat.stl",
    "$HOME;'`.txt",
    "x" * MAX_PATH_BYTES,
    "/".join("a" * MAX_LEVELS),
    "folder/",
]

WRONG = {
    "U001": [
        "",
        "/",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a/..",
        ".",
        "a/./b",
        "a//b",
        "C:a",
        "C:/a",
        "c:\\a",
        "\\\\server\\share",
        "\\a",
        "‥/a",
        "．．/a",
        "a/．/b",
    ],
    "U002": [
        "a\0",
        "a\nb",
        "a\r\nSet-Cookie: x",
        "a\x1b[2J",
        "a\x7f",
        "a\x85b",
        "a\\b",
        "a.txt:stream",
        'a"b',
        "a<b>",
        "a|b",
        "a?",
        "a*",
        "a\u200bb",
        "a\u202eb",
        "a\u2066b",
        "a\ufeffb",
        "a\u00adb",
        "a\u00a0b",
        "a\u2028b",
        "a\ud800b",
        "a\uffffb",
        "a\ufdd0b",
        "a\ue000b",
        "a\u0378b",
        "okh\ufe0f.toml",
        "a\u3164b",
        "a\u2800b",
        "a／b",
        "a＼b",
        "a\ufffdb",
        "a\U000e0041b",
        "a\tb",
        "a\u115fb",
        "a\u034fb",
    ],
    "U003": [
        "CON",
        "con",
        "parts/aux.stl",
        "COM1.txt",
        "lpt9",
        "nul.tar.gz",
        "COM¹",
        "CONIN$",
        "prn .txt",
        "a.",
        "a ",
        " a",
        "a./b",
        "a /b",
        ".git/config",
        ".htaccess",
        "a/.env",
        "...",
        "~/a",
        "~",
        "GIT~1/config",
        "PROGRA~1.TXT",
    ],
    "U004": ["cafe\u0301.stl", "\u212b.stl", "\u1100\u1161.stl"],
    "U005": [
        "x" * (MAX_PATH_BYTES + 1),
        "é" * 121,
        "/".join("a" * (MAX_LEVELS + 1)),
        "d/" * 600 + "a",
        "a" * 300 + ".stl",
    ],
}

COLLIDING = [
    ("a.stl", "a.stl"),
    ("Part.stl", "part.stl"),
    ("Parts/a.stl", "parts/b.stl"),
    ("Straße.stl", "STRASSE.stl"),
    ("ΣΑΣ.stl", "σας.stl"),
    ("a", "a/b"),
    ("a/b/c", "a/b"),
    ("a", "a/"),
    ("a/", "a/"),
    ("A", "a/b"),
]


@pytest.mark.parametrize("path", HARMLESS, ids=ascii)
def test_a_harmless_name_of_any_script_may_be_used(path: str):
    assert check_paths([path]) == []


@pytest.mark.parametrize(("code", "path"), [(code, path) for code, paths in WRONG.items() for path in paths], ids=ascii)
def test_a_name_that_some_system_takes_otherwise_is_refused(code: str, path: str):
    problems = check_paths([path])
    assert {problem.code for problem in problems} == {code}
    for problem in problems:
        assert str(problem).isprintable()
        assert len(str(problem)) < 400


@pytest.mark.parametrize("paths", COLLIDING, ids=ascii)
def test_two_paths_that_some_system_puts_in_one_place_are_refused(paths: tuple[str, str]):
    for pair in (paths, paths[::-1]):
        assert [problem.code for problem in check_paths(pair)] == ["U006"]


def test_files_of_one_folder_and_the_folder_itself_do_not_collide():
    assert check_paths(["a/b", "a/c", "a/", "a/d/e", "b"]) == []


def test_everything_wrong_is_reported_at_once():
    found = check_paths(["../a", "bb:c", "CON", "x", "X", "cafe\u0301"])
    assert sorted(problem.code for problem in found) == ["U001", "U002", "U003", "U004", "U006"]


def test_a_name_in_a_problem_is_spelled_out_where_it_cannot_be_seen():
    assert show_path("a\u202eb\ud800") == "a\\u202eb\\ud800"
    assert show_path("") == "(no name)"
    assert len(show_path("x" * 10_000)) < 200


ANY_TEXT = st.text(st.characters(blacklist_categories=()), max_size=40)


@given(st.lists(ANY_TEXT, max_size=5))
def test_no_text_breaks_the_check(paths: list[str]):
    for problem in check_paths(paths):
        assert problem.code in CODES
        str(problem).encode()


@given(st.lists(ANY_TEXT, max_size=6))
def test_paths_without_problems_are_places_of_their_own_within_a_folder(paths: list[str]):
    """The law behind the rules: relative, normal, seen, and different wherever case and form do not count."""
    if check_paths(paths):
        return
    for path in paths:
        names = path.removesuffix("/").split("/")
        assert all(name.strip(" .") and not name.startswith(".") for name in names)
        assert unicodedata.normalize("NFC", path) == path
        assert not any(unicodedata.category(sign)[0] == "C" for sign in path)
        assert "\\" not in unicodedata.normalize("NFKC", path)
    assert len({unicodedata.normalize("NFKD", path).casefold() for path in paths}) == len(paths) or any(
        unicodedata.normalize("NFKC", path) != path for path in paths
    )
