"""What the program is made of is pinned, may be used, has no known fault, and is written down."""

import json
import re
import tomllib
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, metadata
from importlib.resources import files

import pytest
from jsonschema import Draft7Validator
from packaging.specifiers import SpecifierSet
from referencing import Registry
from referencing.jsonschema import DRAFT7

from tools.dependencies import (
    COMPATIBLE,
    LISTS,
    PAGE,
    ROOT,
    Advisory,
    build_page,
    check_parts,
    ids_of,
    read_advisories,
    read_list,
    read_osv,
    read_parts,
)
from tools.sbom import build_bill

PARTS = read_parts()


SCHEMAS = "http://cyclonedx.org/schema"


def read_schemas() -> dict[str, dict]:
    """Return the official schema of CycloneDX 1.6 and those it refers to, licences of SPDX among them, by address."""
    names = [f"{name}.SNAPSHOT.schema.json" for name in ("bom-1.6", "spdx", "jsf-0.82", "cryptography-defs")]
    folder = files("cyclonedx.schema") / "_res"
    return {f"{SCHEMAS}/{name}": json.loads((folder / name).read_text("utf-8")) for name in names}


SCHEMA, *OTHERS = read_schemas().values()
REGISTRY = Registry().with_resources([(at, DRAFT7.create_resource(one)) for at, one in read_schemas().items()])
OFFICIAL = Draft7Validator(SCHEMA, registry=REGISTRY, format_checker=Draft7Validator.FORMAT_CHECKER)


def test_every_part_is_pinned_may_be_used_and_has_no_known_fault():
    assert check_parts(PARTS, read_advisories()) == []


def test_every_line_of_a_list_is_read():
    for name, _ in LISTS:
        text = (ROOT / name).read_text("utf-8")
        lines = [line for line in text.splitlines() if line and line[0] not in " #"]
        parts = list(read_list(text, "running", {}))
        assert len(parts) == len(lines) > 50
        assert sum(len(part.digests) for part in parts) == text.count("--hash=sha256:")


def test_what_runs_is_pinned_as_it_is_tested():
    texts = [(ROOT / name).read_text("utf-8") for name, _ in LISTS]
    running, testing = ({(one.name, one.version) for one in read_list(text, "", {})} for text in texts)
    assert running <= testing


GOOD = next(part for part in PARTS if part.name == "flask")


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (replace(GOOD, pinned=False), "is not pinned"),
        (replace(GOOD, digests=()), "has no sha256"),
        (replace(GOOD, licence=""), "does not say its licence"),
        (replace(GOOD, licence="MIT AND GPL-2.0-only"), "GPL-2.0-only is not known to go with"),
        (replace(GOOD, version="3.1.0"), "CVE-2025-47278"),
        (replace(GOOD, version="2.0"), "CVE-2023-30861"),
    ],
)
def test_each_fault_is_found(part, told):
    problems = check_parts([part], read_advisories())
    assert [problem for problem in problems if told in problem]
    assert all("CVE-" in problem or told in problem for problem in problems)


def test_an_accepted_advisory_concerns_a_version_that_is_locked():
    """What was accepted and is locked no more is taken out, so that nobody relies on it later."""
    for one in read_advisories():
        assert not one.accepted or any(one.covers(part) for part in PARTS), one.id


def test_nothing_reads_json_into_protobuf():
    """An accepted advisory says so."""
    assert not any("json_format" in path.read_text("utf-8") for path in (ROOT / "cosmolocal").rglob("*.py"))


def test_an_unpinned_line_is_told():
    [part] = read_list("flask>=3.1\n", "running", {"flask": "MIT"})
    assert len(check_parts([part], ())) == 2


def test_an_accepted_fault_is_none():
    accepted = Advisory("X-1", "Flask", SpecifierSet("<9"), accepted="the part is not used")
    assert check_parts([GOOD], [accepted]) == []
    assert check_parts([GOOD], [replace(accepted, accepted="")]) == [f"flask {GOOD.version} has X-1"]


def test_a_copy_of_the_osv_database_is_looked_into(tmp_path):
    def write(name, *events, versions=(), **more):
        package = {"ecosystem": "PyPI", "name": "Flask"}
        affected = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": list(events)}], "versions": versions}
        (tmp_path / f"{name}.json").write_text(json.dumps({"id": name, "affected": [affected]} | more))

    write("A", {"introduced": "0"}, {"fixed": GOOD.version})
    write("B", {"introduced": "0"}, {"last_affected": GOOD.version})
    write("C", {"introduced": "3"})
    write("D", {"introduced": "3"}, withdrawn="2026-01-01T00:00:00Z")
    write("E", {"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}, {"fixed": "99"})
    exact = {"package": {"ecosystem": "PyPI", "name": "flask"}, "versions": [GOOD.version]}
    elsewhere = {"package": {"ecosystem": "npm", "name": "flask"}}
    for name, affected in (("F", exact), ("G", elsewhere)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"id": name, "affected": [affected]}))
    told = check_parts([GOOD], read_osv(tmp_path))
    assert [line.split()[-1] for line in told] == ["B", "C", "E", "F"]


PACKAGES = [part for part in PARTS if part.kind == "pypi"]


@pytest.mark.parametrize("part", PACKAGES, ids=lambda part: f"{part.name}-{part.version}")
def test_the_licence_is_the_one_that_the_package_says(part):
    """What a package says of itself is a word in it, a classifier or an expression; each is held against ours."""
    try:
        said = metadata(part.name)
    except PackageNotFoundError:
        pytest.skip("not needed on this machine")
    ours = ids_of(part.licence)
    if expression := said.get("License-Expression"):
        assert ids_of(expression) == ours
        return
    words = " ".join([said.get("License", "")[:80], *said.get_all("Classifier", [])]).lower()
    families = {"mit": "mit", "bsd": "bsd", "apache": "apache", "mozilla": "mpl", "public domain": "public"}
    named = {start for theirs, start in families.items() if re.search(rf"\b{theirs}\b", words)}
    assert not named or any(one.lower().removeprefix("licenseref-").startswith(tuple(named)) for one in ours), words


def test_no_line_of_the_licences_is_left_over():
    listed = tomllib.loads((ROOT / "tools/licences.toml").read_text("utf-8"))["packages"]
    assert listed.keys() == {part.name for part in PARTS if part.kind == "pypi"}
    assert {one for licence in listed.values() for one in ids_of(licence)} <= COMPATIBLE


def test_the_page_lists_every_part():
    """``make docs`` writes it again."""
    assert PAGE.read_text("utf-8") == build_page(PARTS)


@pytest.mark.parametrize("use", [{"running"}, {"running", "testing"}], ids=["running", "all"])
def test_the_bill_of_materials_is_as_the_schema_of_cyclonedx_asks(use):
    bill = build_bill(part for part in PARTS if part.use in use)
    assert bill["$schema"] == SCHEMA["$id"]
    assert [f"{error.json_path}: {error.message[:200]}" for error in OFFICIAL.iter_errors(bill)] == []


def test_each_licence_of_the_bill_is_one_of_spdx_or_ours():
    """The schema knows single licences; of an expression it asks nothing, so each part of it is looked up here."""
    known = set(OTHERS[0]["enum"])
    for part in PARTS:
        for one in ids_of(part.licence):
            assert one in known or one.startswith("LicenseRef-") or one == "LLVM-exception", part


def test_each_part_of_the_bill_is_named_once_and_needs_what_is_there():
    bill = build_bill(PARTS)
    refs = [one["bom-ref"] for one in (bill["metadata"]["component"], *bill["components"])]
    assert len(set(refs)) == len(refs)
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert needs.keys() == set(refs)
    assert {ref for found in needs.values() for ref in found} <= set(refs)
    assert any(ref.startswith("pkg:pypi/flask@") for ref in needs["pkg:pypi/cosmolocal@0.1.0"])
    assert any(ref.startswith("pkg:npm/three@") for ref in refs)


def test_the_same_parts_give_the_same_bill_and_others_another_number():
    assert build_bill(PARTS) == build_bill(PARTS)
    assert build_bill(PARTS)["serialNumber"] != build_bill(PARTS[1:])["serialNumber"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda bill: bill["components"][0]["licenses"].append({"expression": "MIT"}),
        lambda bill: bill["components"][0].update(licenses=[{"license": {"id": "BSD"}}]),
        lambda bill: bill["components"][0].update(type="package"),
        lambda bill: bill["components"][0].update(colour="red"),
        lambda bill: bill["components"][0].pop("name"),
        lambda bill: bill["components"].append(bill["components"][0]),
        lambda bill: bill["components"][0]["externalReferences"][0]["hashes"][0].update(content="abc"),
        lambda bill: bill["dependencies"][0].update(dependsOn="flask"),
        lambda bill: bill.update(serialNumber="7"),
        lambda bill: bill.pop("specVersion"),
    ],
)
def test_a_bill_of_another_shape_is_found(spoil):
    bill = build_bill(PARTS)
    spoil(bill)
    assert list(OFFICIAL.iter_errors(bill))
