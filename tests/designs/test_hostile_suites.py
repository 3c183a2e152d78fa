"""Suites of hostile and odd input that others wrote: refused with a sentence or read right, never a crash."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import yaml
from designs.chairs import CHAIR, VOCABULARY
from designs.zips import Item, build_zip

from cosmolocal.designs.foreign import read_manifest_file
from cosmolocal.designs.manifest import Bundle, read_manifest
from cosmolocal.designs.names import check_paths
from cosmolocal.designs.uploads import check_archive, unpack_archive
from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_json, parse_toml, parse_yaml, read_text
from cosmolocal.orders import COLUMNS, REQUIRED, read_orders

SUITES = Path(__file__).parents[2].parent / "shared" / "data" / "hostile"
WAREHOUSE = SUITES / "zip-confusion-warehouse" / "tests" / "unit" / "utils" / "zipdata"
YAUZL = SUITES / "yauzl-zips" / "test"

pytestmark = pytest.mark.skipif(not SUITES.exists(), reason="the hostile suites are not here: ../shared/data")

#: what must be refused only because of its contents, which are judged after unpacking
NOT_OF_THE_ARCHIVE = {
    "zip/empty-zip.zip": "an archive without files is a folder without files; it lacks its manifest",
    "zip/no-manifest.zip": "whether a manifest is there is asked of the unpacked folder",
}
#: archives that yauzl unpacks and we refuse, and why
YAUZL_REFUSED = {
    "bogus-compression-method": ("U013", "a method that does not exist"),
    "sloppy-filenames": ("U002", "a backslash, which yauzl turns into a slash: two programs, two names"),
    "traditional-encryption": ("U013", "nobody asks for a password here"),
    "traditional-encryption-and-compression": ("U013", "nobody asks for a password here"),
    "traditional-encryption-and-compression_deprecated": ("U013", "nobody asks for a password here"),
    "traditional-encryption_deprecated": ("U013", "nobody asks for a password here"),
    "unicode-path-extra-field": ("U016", "three names for one file"),
}

#: a question mark before a word, and line ends at the very end of a file
LIBYAML_READS_OTHERWISE = ("652Z", "HM87/01", "JEF9/02", "L24T/01")


def run_limited(cases: list[tuple[str, Path, Path]]) -> list[Any]:
    """Return what `designs.limited` says of each case: a list of problems, or how the program itself failed."""
    script = Path(__file__).with_name("limited.py")
    result = subprocess.run(
        [sys.executable, script],
        input=json.dumps([[kind, str(file), str(target)] for kind, file, target in cases]),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return json.loads(result.stdout)


def seen(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_size) for path in folder.rglob("*"))


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return the files of a folder by path; a folder without files is None."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """Make all cases again, the large ones that are not stored among them."""
    folder = tmp_path_factory.mktemp("generated")
    generator = SUITES / "hostile-generated" / "generate.py"
    subprocess.run([sys.executable, "-W", "ignore", generator, folder], check=True, capture_output=True)
    return folder, json.loads((folder / "index.json").read_text())


def test_generated_cases_get_their_verdicts_within_bounds_and_touch_nothing_else(generated, tmp_path: Path):
    """Each in a child with one second of CPU and 256 MiB of memory."""
    folder, index = generated
    assert len(index) == 114
    (tmp_path / "around").mkdir()
    (tmp_path / "around" / "mine.txt").write_text("mine")
    targets = [tmp_path / "around" / f"target-{number}" for number in range(len(index))]
    before = seen(tmp_path)
    kinds = ["upload" if case["file"].endswith(".zip") else "manifest" for case in index]
    files = [folder / case["file"] for case in index]
    found = run_limited(list(zip(kinds, files, targets, strict=True)))
    for case, problems, target in zip(index, found, targets, strict=True):
        assert isinstance(problems, list), f"{case['file']}: {problems}"
        assert all(len(problem) > 25 for problem in problems)
        if case["expect"] == "reject" and case["file"] not in NOT_OF_THE_ARCHIVE:
            assert problems, case
        if problems:
            assert not target.exists()
        elif case["file"].endswith(".zip"):
            assert not any(path.is_symlink() or path.stat().st_mode & 0o6111 for path in target.rglob("*.*"))
    kept = [entry for entry in seen(tmp_path) if not any(entry[0].startswith(f"{target}") for target in targets)]
    assert [path for path, _ in kept] == [path for path, _ in before]


@pytest.mark.parametrize("verdict", ["accept-strip", "accept-serve-inert", "accept-no-crash"])
def test_generated_archives_that_are_only_odd_are_unpacked_as_they_are(generated, tmp_path: Path, verdict: str):
    folder, index = generated
    [file] = [folder / case["file"] for case in index if case["expect"] == verdict]
    unpack_archive(file, tmp_path / "target")
    with zipfile.ZipFile(file) as archive:
        assert tree(tmp_path / "target") == {name: archive.read(name) for name in archive.namelist()}


def test_words_stay_words():
    """The generated case of it repeats a key, which is refused on its own."""
    assert parse_yaml("country: NO\nversion: 1.10\n", "f", "X001") == {"country": "NO", "version": "1.10"}


@pytest.mark.parametrize("verdict", ["accept", "reject"])
def test_the_frames_of_warehouse_get_their_verdicts(verdict: str):
    files = [path for path in sorted((WAREHOUSE / verdict).iterdir()) if path.is_file()]
    assert len(files) == {"accept": 10, "reject": 35}[verdict]
    for file in files:
        assert bool(check_archive(file)) == (verdict == "reject"), file.name


def test_failures_of_yauzl_are_refused_within_bounds(tmp_path: Path):
    files = [*sorted((YAUZL / "failure").glob("*.zip")), *sorted((YAUZL / "wrong-entry-sizes").glob("*.zip"))]
    assert len(files) == 25
    found = run_limited([("upload", file, tmp_path / str(number)) for number, file in enumerate(files)])
    for file, problems in zip(files, found, strict=True):
        assert isinstance(problems, list), problems
        assert problems, file.name
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(path.stem for path in (YAUZL / "success").glob("*.zip")))
def test_successes_of_yauzl_are_unpacked_to_the_same_tree_or_refused_for_a_known_reason(name: str, tmp_path: Path):
    archive = YAUZL / "success" / f"{name}.zip"
    if name in YAUZL_REFUSED:
        with pytest.raises(InputError) as error:
            unpack_archive(archive, tmp_path / "target")
        assert YAUZL_REFUSED[name][0] in {problem.code for problem in error.value.problems}
        return
    unpack_archive(archive, tmp_path / "target")
    expected = YAUZL / "success" / name
    found = tree(tmp_path / "target")
    if name == "unicode":  # the expected tree was written in ASCII, and holds the folder around everything
        expected = next(expected.iterdir())
        found = {path.replace("ä", "a").replace("ö", "o"): data for path, data in found.items()}
    placeholders = {path for path in tree(expected) if Path(path).name == ".git_please_make_this_directory"}
    stored = {path: data for path, data in tree(expected).items() if path not in placeholders}
    if name == "everything":  # of its thousand numbered files none is kept in the expected tree
        found = {path: data for path, data in found.items() if not re.fullmatch(r"a/b/\d{3}", path)}
    assert found == stored


def test_json_files_are_read_or_refused_with_a_sentence():
    """Files y must be read, n must not, i may be either; where we are narrower, a sentence says why."""
    files = sorted((SUITES / "json-test-suite").glob("test_*/*.json"))
    assert len([file for file in files if file.parent.name == "test_parsing"]) == 318
    narrower = {}
    for file in files:
        problems = problems_of(lambda file=file: parse_json(read_text(file, file.name, "X001"), file.name, "X001"))
        if file.name.startswith("n_"):
            assert problems, file.name
        elif file.name.startswith("y_") and problems:
            narrower[file.name] = problems[0].message
        assert read_manifest_file(file).file
    rules = ("stands twice", "a NUL character", "no finite number", "deeper than 32")
    assert [name for name, message in narrower.items() if not any(rule in message for rule in rules)] == []
    assert len(narrower) <= 4


def problems_of(read) -> tuple[Problem, ...]:
    """Return the problems of a read; anything but an `InputError` is a fault of ours."""
    try:
        read()
    except InputError as error:
        assert error.problems
        assert all(problem.message for problem in error.problems)
        return error.problems
    return ()


def test_yaml_cases_are_read_or_refused_with_a_sentence():
    with tarfile.open(SUITES / "yaml-test-suite-data" / "data.tar.gz") as archive:
        members = {member.name: member for member in archive.getmembers()}
        inputs = sorted(name for name in members if name.endswith("/in.yaml"))
        assert len(inputs) == 402
        faulty, wrongly_read, differing = 0, [], []
        for name in inputs:
            text = archive.extractfile(members[name]).read().decode("utf-8-sig")
            value: list[Any] = []
            problems = problems_of(lambda text=text, value=value: value.append(parse_yaml(text, "f", "X001")))
            beside = name.removesuffix("in.yaml")
            if beside + "error" in members:
                faulty += 1
                wrongly_read += [name] if not problems else []
            elif not problems and beside + "in.json" in members:
                expected = json.loads(archive.extractfile(members[beside + "in.json"]).read() or b"null")
                differing += [name] if as_texts(value[0]) != as_texts(expected) else []
    assert faulty == 94
    assert wrongly_read == []
    assert set(differing) <= {f"{case}/in.yaml" for case in LIBYAML_READS_OTHERWISE}


def as_texts(value: Any) -> Any:
    """Return a value with its scalars as texts, since ours stay what was written."""
    if isinstance(value, dict):
        return {key: as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_texts(item) for item in value]
    return "" if value is None else json.dumps(value) if isinstance(value, bool | int | float) else value


@pytest.fixture(scope="module")
def naughty() -> list[str]:
    strings = json.loads((SUITES / "naughty-strings" / "blns.json").read_text("utf-8"))
    assert len(strings) == 515
    return strings


def test_naughty_strings_as_file_names_are_kept_exactly_or_refused(naughty: list[str], tmp_path: Path):
    kept = 0
    for number, name in enumerate(naughty):
        (tmp_path / "a.zip").write_bytes(build_zip(Item(name), Item("okh.toml")))
        target = tmp_path / str(number)
        problems = problems_of(lambda target=target: unpack_archive(tmp_path / "a.zip", target))
        assert bool(check_paths([name, "okh.toml"])) == bool(problems), name
        if not problems:
            kept += 1
            assert name.removesuffix("/") in tree(target), name
        else:
            assert not target.exists()
    assert 100 < kept < 500


FIELDS = ("name", "function", "license", "licensor", "version", "repo", "organization", "okhv", "image", "readme")


def test_naughty_strings_as_fields_of_a_manifest_are_read_or_refused(naughty: list[str], tmp_path: Path):
    """In all fields at once, since every fault is collected and none stops the reading of the next field."""
    bundle = Bundle("a~chair", "sha256:0", (), "okh.toml")
    document = parse_toml(CHAIR, "okh.toml", "D010")
    for text in naughty:
        written = tomli_w.dumps(document | dict.fromkeys(FIELDS, text))
        problems_of(lambda written=written: read_manifest(written, bundle, VOCABULARY))
        foreign = {"title": text, "description": text, "contact": {text: text}, **dict.fromkeys(FIELDS, text)}
        (tmp_path / "okh.toml").write_text(written, "utf-8")
        (tmp_path / "okh.json").write_text(json.dumps(foreign), "utf-8")
        (tmp_path / "okh.yaml").write_text(yaml.safe_dump(foreign, allow_unicode=True), "utf-8")
        for name in ("okh.toml", "okh.json", "okh.yaml"):
            json.dumps(read_manifest_file(tmp_path / name).as_dict(), ensure_ascii=False).encode()


@pytest.mark.parametrize("field", ["name", "license", "version", "licensor"])
def test_naughty_strings_as_one_field_of_a_manifest_are_kept_exactly_or_refused(field: str, naughty: list[str]):
    bundle = Bundle("a~chair", "sha256:0", (), "okh.toml")
    document = {**parse_toml(CHAIR, "okh.toml", "D010"), "image": []}
    for text in naughty:
        found: list[Any] = []
        written = tomli_w.dumps(document | {field: text})
        problems = problems_of(
            lambda written=written, found=found: found.append(read_manifest(written, bundle, VOCABULARY))
        )
        if field in ("name", "licensor") and not problems:
            assert getattr(found[0][0], field) == text.strip()


CELLS = {"id": "o-1", "design": "a~chair", "quantity": "1", "place": "north", "due_date": "2026-10-01"}


@pytest.mark.parametrize("column", COLUMNS)
def test_naughty_strings_as_cells_of_an_order_are_read_or_refused(column: str, naughty: list[str], tmp_path: Path):
    rows = [CELLS | {column: text} for text in naughty]
    with (tmp_path / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
        table.writeheader()
        table.writerows(rows)
    assert problems_of(lambda: read_orders(tmp_path / "orders.csv", {"north"}, {"a~chair"}))


def test_naughty_strings_as_lines_of_an_order_book_are_read_or_refused(naughty: list[str], tmp_path: Path):
    assert set(REQUIRED) == CELLS.keys()
    for text in naughty:
        lines = (",".join(CELLS), text, ",".join(CELLS.values()), "")
        (tmp_path / "orders.csv").write_text("\n".join(lines), "utf-8")
        problems_of(lambda: read_orders(tmp_path / "orders.csv", {"north"}, {"a~chair"}))


def test_what_is_accepted_of_all_suites_is_what_zipfile_reads(generated, tmp_path: Path):
    """An oracle over every archive at hand: names and bytes."""
    accepted = 0
    for number, file in enumerate(sorted([*SUITES.rglob("*.zip"), *(generated[0] / "zip").iterdir()])):
        target = tmp_path / str(number)
        if problems_of(lambda file=file, target=target: unpack_archive(file, target)):
            continue
        accepted += 1
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            top = names[0].partition("/")[0] + "/" if names else ""
            cut = top if all(name.startswith(top) for name in archive.namelist()) else ""
            expected = {name.removeprefix(cut): archive.read(name) for name in names}
        assert {path: data for path, data in tree(target).items() if data is not None} == expected, file.name
    assert accepted >= 30
