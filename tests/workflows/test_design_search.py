"""Searching for designs in a region, and an index that is always what the store says."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli.small_region import MANIFEST, PLACES, REGION, WORKSHOPS, run

from cosmolocal.database import open_database
from cosmolocal.database.design_index import dump_index
from cosmolocal.designs.bundles import create_root, list_versions
from cosmolocal.designs.notices import NewNotice, add_notice
from cosmolocal.designs.releasing import publish_bundle
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import NoticeKind
from cosmolocal.workflows import DesignQuery, Workspace, read_query, reindex_designs, search_designs

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
CUT = {"process": "laser-cutting", "minutes-per-unit": 7, "material": "plywood", "envelope-mm": [300, 200, 4]}
SEWN = (("laser-cutting", "sewing"), ('"plywood"', '"felt"'))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "region"
    folder.mkdir()
    for name, text in (("region.yaml", REGION), ("workshops.yaml", WORKSHOPS), ("places.csv", PLACES)):
        (folder / name).write_text(text)
    create_root(folder / "designs")
    publish(folder, "us~lamp")
    publish(folder, "us~cover", changes=(*SEWN, ('"Lamp"', '"Cover"'), ("CERN-OHL-S-2.0", "MIT")))
    publish(
        folder, "us~sign", changes=(("minutes-per-unit = 20", 'minutes-per-unit = "unknown"'), ('"Lamp"', '"Sign"'))
    )
    return Workspace(folder)


def publish(folder: Path, design_id: str, version: str = "1.0.0", changes: tuple[tuple[str, str], ...] = ()) -> None:
    text = MANIFEST.format(version=version, minutes="20")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    bundle = folder.parent / "bundle"
    bundle.mkdir(exist_ok=True)
    (bundle / "okh.toml").write_text(text)
    publish_bundle(folder / "designs", design_id, bundle, message="m", created=NOON, by="ada")


def note(workspace: Workspace, design_id: str, kind: NoticeKind, version: str, reason: str = "") -> None:
    values = {"part": "", "operations": [CUT]} if kind is NoticeKind.CONFIRM else None
    root = workspace.folder / "designs"
    add_notice(root, design_id, NewNotice(kind, by="ada", at=NOON, version=version, reason=reason, values=values or {}))


def found(workspace: Workspace, **query: str) -> list[str]:
    return [design.id.removeprefix("us~") for design in search_designs(workspace, read_query(query)).designs]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["cover", "lamp", "sign"]),
        ({"words": "lam"}, ["lamp"]),
        ({"process": "cutting"}, ["lamp", "sign"]),
        ({"process": "LAS"}, ["lamp", "sign"]),
        ({"process": "Textile working"}, ["cover"]),
        ({"material": "felt"}, ["cover"]),
        ({"fits": "400x300x4"}, ["cover", "lamp", "sign"]),
        ({"fits": "4 × 300 × 400"}, ["cover", "lamp", "sign"]),
        ({"fits": "399x300x4"}, []),
        ({"licence": "CERN-OHL"}, ["lamp", "sign"]),
        ({"licence": "mit", "words": "cov"}, ["cover"]),
        ({"unknown": "yes"}, ["sign"]),
        ({"near": "home", "within": "5"}, ["lamp"]),
        ({"near": "home", "within": "0.5"}, []),
        ({"near": "north", "within": "0"}, ["lamp"]),
    ],
)
def test_a_search_finds_what_fits(workspace: Workspace, query: dict[str, str], expected: list[str]):
    assert found(workspace, **query) == expected


def test_near_means_that_each_part_has_some_workshop_there(workspace: Workspace):
    """Who cuts and who sews may be two; what nobody within the distance does keeps a design out."""
    two_parts = '\n[[part]]\nname = "shade"\nmass = 9\n[[x-cosmolocal.bom]]\npart = "shade"\nquantity = 1\n'
    sewing = '[[x-cosmolocal.operation]]\npart = "shade"\nprocess = "sewing"\nminutes-per-unit = 3\nmaterial = "felt"\n'
    head, _, rest = MANIFEST.partition("[x-cosmolocal]")
    head, rest = head.replace("{version}", "1.0.0"), rest.replace("{minutes}", "20")
    part, _, line = two_parts.partition("[[x-cosmolocal.bom]]")
    bundle = workspace.folder.parent / "shaded"
    bundle.mkdir()
    (bundle / "okh.toml").write_text(f"{head}{part}[x-cosmolocal]{rest}[[x-cosmolocal.bom]]{line}{sewing}")
    publish_bundle(workspace.folder / "designs", "us~shaded", bundle, message="m", created=NOON, by="ada")
    near = {"near": "home", "within": "5"}
    assert found(workspace, **near) == ["lamp"]
    tailor = WORKSHOPS[WORKSHOPS.index("  - id: south") :].replace("south", "tailor").replace("South", "Tailor")
    tailor = tailor.replace("laser-cutting", "sewing").replace("plywood", "felt")
    (workspace.folder / "workshops.yaml").write_text(WORKSHOPS + tailor)
    assert found(workspace, **near) == ["cover", "lamp", "shaded"]


def test_a_search_sees_every_release_and_notice(workspace: Workspace):
    assert found(workspace, unknown="yes") == ["sign"]
    note(workspace, "us~sign", NoticeKind.CONFIRM, "1.0.0")
    assert found(workspace, unknown="yes") == []
    assert found(workspace, near="home", within="5") == ["lamp", "sign"]
    publish(workspace.folder, "us~lamp", "2.0.0", SEWN)
    assert found(workspace, process="sewing") == ["cover", "lamp"]
    note(workspace, "us~lamp", NoticeKind.YANK, "2.0.0", "it burns")
    assert found(workspace, process="sewing") == ["cover"]
    assert [each.version for each in search_designs(workspace, DesignQuery(words="lamp")).designs] == ["1.0.0"]


def test_a_design_of_which_nothing_is_left_is_not_found(workspace: Workspace):
    note(workspace, "us~lamp", NoticeKind.TAKE_DOWN, "1.0.0", "a secret")
    assert found(workspace) == ["cover", "sign"]
    assert reindex_designs(workspace.folder)["counts"]["releases"] == 3


@pytest.mark.parametrize("seed", range(3))
def test_the_index_built_anew_is_the_one_kept_up_to_date(workspace: Workspace, seed: int):
    """After any releases, withdrawals, confirmations and take-downs."""
    dice = random.Random(seed)
    ids, root = ["us~lamp", "us~cover", "us~sign"], workspace.folder / "designs"
    for step in range(12):
        design_id = dice.choice(ids)
        there = list_versions(root, design_id)
        kind = dice.choice((None, NoticeKind.YANK, NoticeKind.UNYANK, NoticeKind.CONFIRM, NoticeKind.TAKE_DOWN))
        if kind is None:
            publish(workspace.folder, design_id, f"1.{step + 1}.0")
        elif kind is not NoticeKind.TAKE_DOWN or len(there) > 1:
            try:
                note(workspace, design_id, kind, dice.choice(there), "no good")
            except (InputError, NotFoundError):
                continue  # it is so already
        if step % 3 == 0:
            search_designs(workspace, DesignQuery())
    search_designs(workspace, DesignQuery())
    before = dump(workspace)
    assert reindex_designs(workspace.folder)["changed"] == []
    assert dump(workspace) == before
    workspace.database_path.unlink()
    assert reindex_designs(workspace.folder)["changed"] == sorted(ids)
    assert dump(workspace) == before


def dump(workspace: Workspace) -> object:
    db = open_database(workspace.database_path)
    try:
        return dump_index(db)
    finally:
        db.close()


def test_what_is_found_comes_in_pages(workspace: Workspace):
    for number in range(51):
        publish(workspace.folder, f"us~stool-{number:02}", changes=(('"Lamp"', f'"Stool {number:02}"'),))
    first, second, third = (search_designs(workspace, DesignQuery(words="stool", page=page)) for page in (1, 2, 3))
    assert (first.total, first.pages, second.page) == (51, 2, 2)
    names = [design.name for page in (first, second) for design in page.designs]
    assert names == [f"Stool {number:02}" for number in range(51)]
    assert third.designs == ()


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"fits": "400x300"}, ["search: fits"]),
        ({"within": "far", "near": "home"}, ["search: within"]),
        ({"near": "home"}, ["search: within"]),
        ({"within": "3"}, ["search: within"]),
        ({"page": "0", "fits": "0.5x1x1", "unknown": "perhaps"}, ["search: fits", "search: page", "search: unknown"]),
    ],
)
def test_every_field_of_a_query_that_cannot_be_read_is_named(values: dict[str, str], places: list[str]):
    with pytest.raises(InputError) as error:
        read_query(values)
    assert {problem.code for problem in error.value.problems} == {"D071"}
    assert sorted({problem.where for problem in error.value.problems}) == places


@pytest.mark.parametrize("values", [{"process": "magic"}, {"near": "nowhere", "within": "3"}])
def test_a_process_or_place_that_does_not_exist_is_not_found(workspace: Workspace, values: dict[str, str]):
    with pytest.raises(NotFoundError):
        found(workspace, **values)


def test_the_command_line_lists_what_fits_and_builds_the_index_anew(workspace: Workspace):
    listed = run("designs", "list", "--process", "sewing", "--fits", "500x500x50", "--region", workspace.folder)
    assert (listed.exit_code, "us~cover" in listed.stdout, "us~lamp" in listed.stdout) == (0, True, False)
    near = run("designs", "list", "--near", "home", "--within", "5", "--json", "--region", workspace.folder)
    assert '"us~lamp"' in near.stdout
    assert '"us~cover"' not in near.stdout
    assert "us~cover" in run("designs", "list", "--region", workspace.folder).stdout
    assert "us~sign" in run("designs", "list", "--unknown", "--region", workspace.folder).stdout
    assert run("designs", "list", "--near", "home", "--region", workspace.folder).exit_code == 3
    built = run("designs", "reindex", "--json", "--region", workspace.folder)
    assert '"designs": 3' in built.stdout
    assert run("designs", "reindex", "--region", workspace.folder).exit_code == 0
