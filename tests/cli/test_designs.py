"""cosmolocal designs: list, show, read, verify."""

import json
from pathlib import Path

import pytest
from cli.small_region import run, write_lamp

DATA = Path(__file__).parent.parent.parent.parent / "shared" / "data"


def test_designs_are_listed_with_their_versions(region):
    [row] = json.loads(run("designs", "list", "--region", region, "--json").stdout)
    assert (row["id"], row["versions"], row["unknown"]) == ("us~lamp", ["1.0.0", "1.1.0"], [])
    assert "1.0.0 1.1.0" in run("designs", "list", "--region", region).stdout


@pytest.mark.parametrize(
    ("name", "version"), [("us~lamp", "1.1.0"), ("us~lamp@1.0.0", "1.0.0"), ("us~lamp@<1.1", "1.0.0")]
)
def test_a_design_is_shown_in_the_version_asked_for(region, name, version):
    found = json.loads(run("designs", "show", name, "--region", region, "--json").stdout)
    assert (found["version"], [task["path"] for task in found["tasks"]]) == (version, [""])
    text = run("designs", "show", name, "--region", region).stdout
    assert f"Lamp {version} (us~lamp)" in text
    assert "laser-cutting" in text


@pytest.mark.parametrize("name", ["us~lamb", "us~lamp@9.0.0"])
def test_a_design_that_does_not_exist_ends_with_4(region, name):
    assert run("designs", "show", name, "--region", region).exit_code == 4


def test_the_store_and_one_object_are_verified(region):
    for place in ((), (region / "designs",), (region / "designs/us~lamp",)):
        result = run("designs", "verify", *place, "--region", region, "--json")
        found = json.loads(result.stdout)
        assert (result.exit_code, found["ok"], found["errors"]) == (0, True, [])
        assert found.keys() == {"ok", "errors", "warnings"}
    (region / "designs/us~lamp/v1/content/okh.toml").write_text("changed")
    result = run("designs", "verify", "--region", region, "--json")
    assert result.exit_code == 3
    assert "E092" in {error["code"] for error in json.loads(result.stdout)["errors"]}
    assert "E092" in run("designs", "verify", "--region", region).stdout
    assert run("designs", "verify", region / "nowhere").exit_code == 4


def test_foreign_manifests_are_read_and_counted(tmp_path):
    write_lamp(tmp_path / "lamp", "1.0.0")
    (tmp_path / "okh-bad.yml").write_text("a: b: c")
    result = run("designs", "read", tmp_path, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [entry["ok"] for entry in found] == [True, False]
    assert all(entry.keys() >= {"file", "ok", "warnings", "problems", "license", "unknown"} for entry in found)
    assert "1 of 2 read" in run("designs", "read", tmp_path).stdout
    assert run("designs", "read", tmp_path / "none.toml").exit_code == 2


@pytest.mark.skipif(not (DATA / "okh-losh").is_dir(), reason="the manifests of others are not on this machine")
@pytest.mark.parametrize(("folder", "files", "readable"), [("okh-losh", 1088, 1088), ("okh-v1", 36, 35)])
def test_the_world_s_manifests_are_read_without_a_crash(folder, files, readable):
    result = run("designs", "read", DATA / folder)
    assert result.exit_code == 0
    assert f"{readable} of {files} read" in result.stdout
