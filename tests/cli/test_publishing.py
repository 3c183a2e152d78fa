"""cosmolocal designs: new, check, publish, yank, unyank, owners, take-down, confirm, export."""

import json
import resource
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli.small_region import files_in, run, write_lamp

from cosmolocal.designs.notices import find_owners

PRESS = """\
title: Press
description: To press
version: {version}
license: {{hardware: CERN OHL v1.2}}
licensor: {{name: Ana}}
project-link: https://example.org/press
"""
STEPS = """\
[[operation]]
process = "laser-cutting"
minutes-per-unit = {minutes}
material = "plywood"
envelope-mm = [400, 300, 4]
"""


def write_press(folder: Path, version: str = "1.0.0") -> Path:
    folder.mkdir()
    (folder / "okh-press.yml").write_text(PRESS.format(version=version))
    (folder / "drawing.svg").write_text("<svg/>")
    return folder


def found(*arguments: str | Path) -> dict:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def show(region: Path, key: str) -> dict:
    return found("designs", "show", key, "--region", region)


def test_publishing_the_same_bytes_again_changes_nothing(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "1.0.0")
    before = files_in(region)
    result = run("designs", "publish", bundle, "--region", region, "--json")
    assert (result.exit_code, json.loads(result.stdout)["id"]) == (0, "us~lamp")
    assert files_in(region) == before


def test_other_bytes_under_a_published_version_are_refused(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "1.0.0", minutes="99")
    before = files_in(region)
    result = run("designs", "publish", bundle, "--region", region, "--json")
    assert (result.exit_code, json.loads(result.stdout)["problems"][0]["code"]) == (3, "D004")
    assert files_in(region) == before


def test_an_id_can_be_given_and_is_checked(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "1.0.0")
    assert json.loads(run("designs", "check", bundle, "--json").stdout)["id"] == "us~lamp"
    found = json.loads(run("designs", "check", bundle, "--id", "me~light", "--json").stdout)
    assert (found["ok"], found["id"]) == (True, "me~light")
    for command in (("check",), ("publish", "--region", region)):
        result = run("designs", *command, bundle, "--id", "No Id", "--json")
        assert (result.exit_code, json.loads(result.stdout)["problems"][0]["code"]) == (3, "D002")


def test_a_folder_is_checked_before_it_is_published(tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "one", minutes='"soon"')
    before = files_in(tmp_path)
    result = run("designs", "check", bundle, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 3
    assert found.keys() >= {"ok", "problems", "warnings"}
    assert {"D011", "D012"} <= {problem["code"] for problem in found["problems"]}
    assert "not ready" in run("designs", "check", bundle).stderr
    assert files_in(tmp_path) == before


def test_a_folder_without_a_manifest_is_not_ready(tmp_path):
    (tmp_path / "empty").mkdir()
    result = run("designs", "check", tmp_path / "empty")
    assert (result.exit_code, result.stderr) == (3, "empty is not ready\n")


def test_an_archive_is_checked_and_published_like_the_folder(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "2.0.0")
    archive = Path(shutil.make_archive(str(tmp_path / "lamp"), "zip", tmp_path, "lamp"))
    reports = [found("designs", "check", path) for path in (bundle, archive)]
    assert reports[0] == reports[1]
    first = found("designs", "publish", archive, "--region", region)
    again = found("designs", "publish", bundle, "--region", region)
    assert (first["is_new"], again["is_new"], first["digest"]) == (True, False, again["digest"])
    archive.write_bytes(b"no zip")
    for command in (("check",), ("publish", "--region", region)):
        result = run("designs", *command, archive, "--json")
        assert result.exit_code == 3
        assert {problem["code"][0] for problem in json.loads(result.stdout)["problems"]} >= {"U"}


def test_a_project_of_somebody_else_is_published_without_editing_it(region, tmp_path):
    bundle = write_press(tmp_path / "press", "Beta")
    before = files_in(tmp_path)
    refused = run("designs", "publish", bundle, "--region", region)
    assert refused.exit_code == 3
    assert "--version 1.0.0" in refused.stderr
    told = found("designs", "publish", bundle, "--region", region, "--version", "1.0.0", "--set", "name=Oil press")
    assert (told["id"], told["version"], told["is_new"]) == ("ana~oil-press", "1.0.0", True)
    assert {"D022", "D024", "D034", "D045", "D047"} <= {warning["code"] for warning in told["warnings"]}
    assert {path: content for path, content in files_in(tmp_path).items() if path in before} == before
    design = show(region, "ana~oil-press")
    assert design["license"] == "CERN-OHL-1.2"
    assert {file["path"] for file in design["files"]} == {"okh.toml", "okh-press.yml", "drawing.svg"}
    assert design["unknown"] == ["Oil press: operations"]
    again = run("designs", "publish", bundle, "--region", region, "--set", "no sign")
    assert again.exit_code == 2


def test_a_dry_run_tells_the_same_and_writes_nothing(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "2.0.0")
    before = files_in(region)
    foreseen = found("designs", "publish", bundle, "--region", region, "--dry-run")
    assert "would be published" in run("designs", "publish", bundle, "--region", region, "--dry-run").stdout
    taken = write_lamp(tmp_path / "taken", "1.0.0", minutes="99")
    for arguments, code in (
        ((taken,), "D004"),
        ((bundle, "--by", "stranger"), "D060"),
        ((bundle, "--by", " "), "D066"),
    ):
        result = run("designs", "publish", *arguments, "--region", region, "--dry-run", "--json")
        assert (result.exit_code, code in result.stdout) == (3, True)
        assert run("designs", "publish", *arguments, "--region", region, "--json").stdout == result.stdout
    assert files_in(region) == before
    assert found("designs", "publish", bundle, "--region", region) == foreseen
    assert found("designs", "publish", bundle, "--region", region, "--dry-run")["is_new"] is False


def test_a_dry_run_needs_no_store(tmp_path):
    (tmp_path / "region").mkdir()
    bundle = write_lamp(tmp_path / "lamp", "1.0.0")
    assert found("designs", "publish", bundle, "--region", tmp_path / "region", "--dry-run")["is_new"] is True
    assert files_in(tmp_path / "region") == {}


def test_a_check_tells_what_is_unknown_and_how_many_units_wait_for_it(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "2.0.0", minutes='"unknown"')
    report = found("designs", "check", bundle, "--region", region)
    assert (report["unknown"], report["blocked"], report["version"]) == (["Lamp: minutes"], 5 + 8 + 1, "2.0.0")
    assert "14 units on order wait" in run("designs", "check", bundle, "--region", region).stdout
    known = write_lamp(tmp_path / "known", "2.0.0")
    assert found("designs", "check", known, "--region", region)["blocked"] == 0
    assert "blocked" not in found("designs", "check", known)


def test_a_bundle_is_started_filled_in_and_published(region, tmp_path):
    folder = tmp_path / "my-press"
    started = found("designs", "new", folder, "--licensor", "Ana", "--license", "MIT")
    assert started["files"] == ["okh.toml", "README.md"]
    assert started["fill_in"] == ["function", "repo"]
    assert run("designs", "check", folder).exit_code == 3
    manifest = folder / "okh.toml"
    text = manifest.read_text().replace('repo = ""', 'repo = "https://example.org"')
    manifest.write_text(text.replace('function = ""', 'function = "To press."'))
    assert found("designs", "publish", folder, "--region", region)["id"] == "ana~my-press"
    assert show(region, "ana~my-press")["readme"] == "README.md"
    before = files_in(tmp_path)
    assert run("designs", "new", folder).exit_code == 3
    assert files_in(tmp_path) == before
    assert "function, license, licensor, repo" in run("designs", "new", tmp_path / "other", "--name", "Other").stderr


def test_a_version_is_withdrawn_and_brought_back(region):
    (owner,) = find_owners(region / "designs", "us~lamp")
    notice = found("designs", "yank", "us~lamp@1.1.0", "--reason", "sharp edges", "--region", region)
    told = (notice["kind"], notice["version"], notice["reason"], notice["by"])
    assert told == ("yank", "1.1.0", "sharp edges", owner)
    assert show(region, "us~lamp@1.1.0")["yanked"] == "sharp edges"
    again = run("designs", "yank", "us~lamp@1.1.0", "--reason", "again", "--region", region)
    assert again.exit_code == 3
    assert "no longer" in run("designs", "unyank", "us~lamp@1.1.0", "--region", region).stdout
    assert show(region, "us~lamp@1.1.0")["yanked"] is None
    assert run("designs", "yank", "us~lamp@1.1.0", "--region", region).exit_code == 2
    assert run("designs", "yank", "us~lamp@1.1.0", "--reason", " ", "--region", region).exit_code == 3


def test_owners_are_named(region, tmp_path):
    result = run("designs", "owners", "us~lamp", "ana", "bo", "--region", region)
    assert (result.exit_code, "ana, bo" in result.stdout) == (0, True)
    assert find_owners(region / "designs", "us~lamp") == ("ana", "bo")
    bundle = write_lamp(tmp_path / "lamp", "3.0.0")
    assert run("designs", "publish", bundle, "--region", region).exit_code == 3
    assert found("designs", "publish", bundle, "--by", "bo", "--region", region)["version"] == "3.0.0"
    assert run("designs", "owners", "us~lamp", "--region", region).exit_code == 2


OWNERS_ONLY = [
    ("yank", "us~lamp@1.1.0", "--reason", "x"),
    ("unyank", "us~lamp@1.0.0"),
    ("owners", "us~lamp", "bob"),
    ("take-down", "us~lamp@1.1.0", "--reason", "x"),
]


@pytest.mark.parametrize("arguments", OWNERS_ONLY, ids=lambda arguments: arguments[0])
def test_what_owners_do_nobody_else_does_but_who_runs_the_store_and_says_so(region, arguments):
    assert run("designs", "yank", "us~lamp@1.0.0", "--reason", "x", "--region", region).exit_code == 0
    former = find_owners(region / "designs", "us~lamp")[0]
    assert run("designs", "owners", "us~lamp", "ana", "--region", region).exit_code == 0
    before = files_in(region)
    for by in ("bob", former):
        result = run("designs", *arguments, "--by", by, "--region", region, "--json")
        assert (result.exit_code, json.loads(result.stdout)["problems"][0]["code"]) == (3, "D060")
        assert "--operator" in result.stdout
    assert files_in(region) == before
    assert found("designs", *arguments, "--by", "bob", "--operator", "--region", region)["by"] == "bob"


def test_an_owner_takes_nothing_down_for_good(region):
    result = run("designs", "take-down", "us~lamp@1.1.0", "--reason", "x", "--region", region)
    assert (result.exit_code, "--operator" in result.stderr) == (3, True)
    assert show(region, "us~lamp@1.1.0")["version"] == "1.1.0"


def test_a_version_is_taken_down_for_good(region, tmp_path):
    take_down = ("designs", "take-down", "us~lamp@1.1.0", "--reason", "not theirs", "--operator")
    notice = found(*take_down, "--region", region)
    assert notice["values"]["digest"].startswith("sha256:")
    assert run("designs", "show", "us~lamp@1.1.0", "--region", region).exit_code == 4
    assert run("designs", "export", "us~lamp@1.1.0", "--region", region, "--out", tmp_path / "x.zip").exit_code == 4
    assert not (tmp_path / "x.zip").exists()
    result = run("designs", "publish", write_lamp(tmp_path / "lamp", "1.1.0", "15"), "--region", region, "--json")
    assert (result.exit_code, "D065" in result.stdout) == (3, True)


def test_what_a_person_confirms_takes_the_place_of_what_was_declared(region, tmp_path):
    (tmp_path / "steps.toml").write_text(STEPS.format(minutes=7))
    before = show(region, "us~lamp@1.0.0")
    arguments = ("designs", "confirm", "us~lamp@1.0.0", "--region", region)
    notice = found(*arguments, "--operations", tmp_path / "steps.toml", "--by", "ana")
    (operation,) = show(region, "us~lamp@1.0.0")["parts"][0]["operations"]
    assert (operation["seconds"], operation["provenance"], operation["confirmed"]["by"]) == (420, "confirmed", "ana")
    assert operation["confirmed"]["at"] == notice["at"]
    assert show(region, "us~lamp@1.1.0")["parts"][0]["operations"][0]["provenance"] == "declared"
    assert before["digest"] == show(region, "us~lamp@1.0.0")["digest"]
    assert "1 operation of the whole" in run(*arguments).stdout
    day = notice["at"][:10]
    rows = [line.split() for line in run("designs", "show", "us~lamp@1.0.0", "--region", region).stdout.splitlines()]
    assert any(row[-4:-2] == ["laser-cutting", "confirmed"] and row[-1] == day for row in rows)
    rows = [line.split() for line in run("designs", "show", "us~lamp@1.1.0", "--region", region).stdout.splitlines()]
    assert any(row[-3:] == ["laser-cutting", "declared", "–"] for row in rows)


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (STEPS.format(minutes='"soon"'), (), "D011"),
        (STEPS.format(minutes=1).replace("laser-cutting", "magic"), (), "D014"),
        (STEPS.format(minutes=1), ("--part", "shade"), "D016"),
        (STEPS.format(minutes='"unknown"'), (), "D063"),
        (STEPS.format(minutes=1).partition("envelope")[0], (), "D063"),
        ("operation = []", (), "D063"),
        ("steps = 1", (), "D011"),
        ("operation = ", (), "D010"),
    ],
)
def test_a_confirmation_that_says_nothing_right_is_refused(region, tmp_path, text, arguments, code):
    (tmp_path / "steps.toml").write_text(text)
    before = files_in(region)
    options = ("--region", region, "--operations", tmp_path / "steps.toml", "--json")
    result = run("designs", "confirm", "us~lamp@1.0.0", *arguments, *options)
    assert (result.exit_code, code) == (3, json.loads(result.stdout)["problems"][0]["code"])
    assert files_in(region) == before


def test_what_is_unknown_is_not_confirmed_by_saying_nothing(region, tmp_path):
    for name, minutes, cut in (("a", '"unknown"', ""), ("b", "1", "[[x-cosmolocal.operation]]")):
        bundle = write_lamp(tmp_path / name, "1.0.0", minutes=minutes)
        if cut:
            manifest = bundle / "okh.toml"
            manifest.write_text(manifest.read_text().partition(cut)[0])
        assert run("designs", "publish", bundle, "--id", f"us~{name}", "--region", region).exit_code == 0
        result = run("designs", "confirm", f"us~{name}@1.0.0", "--region", region, "--json")
        assert (result.exit_code, json.loads(result.stdout)["problems"][0]["code"]) == (3, "D063")


def test_a_version_is_exported_and_published_again_as_the_same(region, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = found("designs", "export", "us~lamp@1.0.0", "--region", region)
    archive = tmp_path / "us~lamp-1.0.0.zip"
    assert (told["file"], told["bytes"]) == (archive.name, archive.stat().st_size)
    assert told["swhid"].startswith("swh:1:dir:")
    assert told["digest"] == show(region, "us~lamp@1.0.0")["digest"]
    with zipfile.ZipFile(archive) as bag:
        info = bag.read("us~lamp-1.0.0/bag-info.txt").decode()
    digest = show(region, "us~lamp@1.0.0")["digest"]
    assert {"External-Identifier: us~lamp@1.0.0", f"Internal-Sender-Identifier: {digest}"} < set(info.splitlines())
    before = files_in(region)
    again = found("designs", "publish", archive, "--region", region)
    assert (again["is_new"], again["digest"]) == (False, digest)
    assert files_in(region) == before
    out = run("designs", "export", "us~lamp@1.0.0", "--region", region, "--out", "-")
    assert out.stdout_bytes == archive.read_bytes()


def test_one_file_is_exported(region, tmp_path):
    arguments = ("designs", "export", "us~lamp@1.0.0", "--region", region, "--file")
    assert run(*arguments, "okh.toml", "--out", tmp_path / "lamp.toml").exit_code == 0
    stored = (region / "designs" / "us~lamp" / "v1" / "content" / "okh.toml").read_bytes()
    assert (tmp_path / "lamp.toml").read_bytes() == stored
    assert run(*arguments, "okh.toml", "--out", "-").stdout_bytes == stored
    assert run(*arguments, "none.toml", "--out", tmp_path / "none").exit_code == 4
    assert run(*arguments, "okh.toml", "--out", "-", "--json").exit_code == 2
    assert [path.name for path in tmp_path.glob("*none*")] == []


def test_damage_in_the_store_is_not_exported(region, tmp_path):
    (region / "designs" / "us~lamp" / "v1" / "content" / "okh.toml").write_text("changed")
    result = run("designs", "export", "us~lamp@1.0.0", "--region", region, "--out", tmp_path / "x.zip")
    assert result.exit_code == 3
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("command", ["yank", "unyank", "take-down", "confirm", "export"])
@pytest.mark.parametrize("key", ["us~lamp", "us~lamp@9.0.0", "us~lamb@1.0.0", "@1.0.0", "../us~lamp@1.0.0"])
def test_what_is_not_there_ends_with_4(region, command, key):
    reason = ("--reason", "x") if command in ("yank", "take-down") else ()
    reason += ("--operator",) if command == "take-down" else ()
    before = files_in(region)
    assert run("designs", command, key, *reason, "--region", region).exit_code == 4
    assert files_in(region) == before


def test_what_is_left_out_is_told_and_stops_nothing(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "8.0.0")
    (bundle / ".git").mkdir()
    (bundle / ".git" / "config").write_text("x")
    result = run("designs", "check", bundle)
    assert (result.exit_code, "warning: U030 .git/: was left out (1 file)" in result.stdout) == (0, True)
    result = run("designs", "publish", bundle, "--id", "me~left", "--by", "me", "--region", region)
    assert (result.exit_code, "warning: U030 .git/" in result.stderr) == (0, True)
    warnings = found("designs", "publish", bundle, "--id", "me~left", "--by", "me", "--region", region)["warnings"]
    assert "U030" in {warning["code"] for warning in warnings}


def test_a_name_in_other_letters_needs_an_id_from_a_person(region, tmp_path):
    for name in ("灯", "压力机"):
        bundle = write_lamp(tmp_path / name, "1.0.0")
        manifest = bundle / "okh.toml"
        manifest.write_text(manifest.read_text().replace('name = "Lamp"', f'name = "{name}"'))
        for command in (("check",), ("publish", "--region", region)):
            result = run("designs", *command, bundle, "--json")
            [problem] = json.loads(result.stdout)["problems"]
            assert (result.exit_code, problem["code"], name in problem["message"]) == (3, "D002", True)
            assert "--id" in problem["message"]
        assert f"{name} is not ready" in run("designs", "check", bundle).stderr
    assert found("designs", "publish", bundle, "--id", "us~press", "--region", region)["id"] == "us~press"


def test_a_manifest_alone_is_told_to_be_part_of_a_folder(tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "1.0.0")
    result = run("designs", "check", bundle / "okh.toml")
    assert (result.exit_code, "give the folder it lies in (lamp)" in result.stdout) == (3, True)
    assert "okh.toml is not ready" in result.stderr


def test_what_planning_lacks_is_one_line_at_each_release(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "4.0.0")
    manifest = bundle / "okh.toml"
    manifest.write_text(manifest.read_text().replace("mass = 900\n", "").partition("[x-cosmolocal]")[0])
    arguments = ("designs", "publish", bundle, "--region", region, "--dry-run")
    assert [warning["code"] for warning in found(*arguments)["warnings"]] == ["D021", "D023", "D024"]
    assert run(*arguments).stderr == "3 things are unknown for planning: see designs check\n"
    assert run("designs", "check", bundle).stdout.count("warning: ") == 3


def test_a_licence_of_a_new_design_is_one_that_the_table_knows(tmp_path):
    result = run("designs", "new", tmp_path / "press", "--license", "my own", "--json")
    assert (result.exit_code, json.loads(result.stdout)["problems"][0]["code"]) == (3, "D054")
    assert not (tmp_path / "press").exists()
    assert run("designs", "new", tmp_path / "press", "--license", "CERN OHL v1.2").exit_code == 0


@contextmanager
def small_disk(largest: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_takes_no_more_is_told_as_json_too(region, tmp_path):
    commands = (
        ("designs", "export", "us~lamp@1.0.0", "--region", region, "--out", tmp_path / "x.zip"),
        ("designs", "reindex", "--region", region),
    )
    for command in commands:
        with small_disk(100):
            result = run(*command, "--json")
        [problem] = json.loads(result.stdout)["problems"]
        assert (result.exit_code, problem["code"], problem.keys()) == (1, "P084", {"code", "where", "message"})
    assert list(tmp_path.glob("*x.zip*")) == []
