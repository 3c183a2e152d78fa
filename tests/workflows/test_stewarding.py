"""What is said of a published design afterwards, and what loading, planning and taking away make of it."""

from decimal import Decimal
from pathlib import Path

import pytest
from cli.small_region import files_in, make_region

from cosmolocal.designs.load import load_versions
from cosmolocal.designs.notices import find_owners, read_notices
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.planning.bill import Catalogue
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Design, NoticeKind, Provenance
from cosmolocal.workflows import SolveSettings, Watch, Workspace, plan_book
from cosmolocal.workflows.comparing import compare_versions
from cosmolocal.workflows.design_export import export_design
from cosmolocal.workflows.lineage import show_lineage
from cosmolocal.workflows.makers import list_makers
from cosmolocal.workflows.makes import report_make
from cosmolocal.workflows.publishing import publish_design, show_design
from cosmolocal.workflows.stewarding import (
    confirm_operations,
    read_operation_tables,
    set_design_owners,
    split_key,
    take_down_design,
    unyank_design,
    yank_design,
)

LAMP = "us~lamp"
STEPS = [{"process": "laser-cutting", "minutes-per-unit": 30, "material": "plywood", "envelope-mm": [400, 300, 4]}]


@pytest.fixture
def region(tmp_path: Path) -> Path:
    return make_region(tmp_path / "region")


def load(region: Path, version: str) -> Design:
    designs, warnings = load_versions(region / "designs", LAMP, load_vocabulary())
    assert not {warning.code for warning in warnings} & {"D070"}
    return next(design for design in designs if design.version == version)


def operations(region: Path, version: str):
    return [one for part in load(region, version).parts for one in part.operations]


def planned_versions(region: Path) -> set[str]:
    """Return the versions of the designs that a plan of the order book, made now, is for."""
    inputs, book = Workspace(region).read(region / "orders/book.csv", {})
    plan = plan_book(inputs, book, SolveSettings(), Watch()).plan
    return {name.removeprefix("designs/") for name in plan.digests if name.startswith("designs/")}


def codes(change) -> set[str]:
    with pytest.raises(InputError) as caught:
        change()
    return {problem.code for problem in caught.value.problems}


def test_what_was_confirmed_is_loaded_as_confirmed_by_whom_and_leaves_other_versions(region):
    told = confirm_operations(region, f"{LAMP}@1.1.0", "", STEPS, "ada", reason="I made two")
    assert (told["id"], told["kind"], told["version"], told["by"]) == (LAMP, NoticeKind.CONFIRM, "1.1.0", "ada")
    [step] = operations(region, "1.1.0")
    assert (step.seconds, step.setup_seconds, step.provenance) == (30 * 60, 0, Provenance.CONFIRMED)
    assert step.confirmed is not None
    assert (step.confirmed.by, step.confirmed.at) == ("ada", told["at"])
    [other] = operations(region, "1.0.0")
    assert (other.provenance, other.confirmed) == (Provenance.DECLARED, None)


def test_what_a_version_says_can_be_confirmed_as_it_is(region):
    [before] = operations(region, "1.1.0")
    confirm_operations(region, f"{LAMP}@1.1.0", "", None, "ada")
    [after] = operations(region, "1.1.0")
    assert after.provenance is Provenance.CONFIRMED
    for field in ("process", "seconds", "setup_seconds", "material", "material_cents", "envelope_mm", "tolerance"):
        assert getattr(after, field) == getattr(before, field)


def test_the_last_confirmation_counts(region):
    for minutes in (30, 40):
        confirm_operations(region, f"{LAMP}@1.1.0", "", [STEPS[0] | {"minutes-per-unit": minutes}], "ada")
    assert [one.seconds for one in operations(region, "1.1.0")] == [40 * 60]


WRONG_CONFIRMATIONS = {
    "no such part": ("1.1.0", "leg", STEPS, "D016"),
    "no such part, as it is": ("1.1.0", "leg", None, "D016"),
    "no such process": ("1.1.0", "", [STEPS[0] | {"process": "wishing"}], "D014"),
    "no minutes": ("1.1.0", "", [{"process": "laser-cutting", "minutes-per-unit": "soon"}], "D011"),
    "no operations": ("1.1.0", "", [], "D063"),
    "a process that nobody knows": ("1.1.0", "", [STEPS[0] | {"process": "unknown"}], "D063"),
    "an envelope that is not said": ("1.1.0", "", [{k: v for k, v in STEPS[0].items() if k[0] != "e"}], "D063"),
}


@pytest.mark.parametrize("name", WRONG_CONFIRMATIONS)
def test_a_wrong_confirmation_is_refused_and_nothing_is_written(region, name):
    version, part, tables, code = WRONG_CONFIRMATIONS[name]
    before = files_in(region / "designs")
    assert codes(lambda: confirm_operations(region, f"{LAMP}@{version}", part, tables, "ada")) == {code}
    assert files_in(region / "designs") == before


def test_each_field_that_a_confirmation_leaves_unknown_is_named(region):
    tables = [STEPS[0], {"process": "laser-cutting", "minutes-per-unit": "unknown"}]
    with pytest.raises(InputError) as caught:
        confirm_operations(region, f"{LAMP}@1.1.0", "", tables, "ada")
    fields = ("envelope-mm", "material", "minutes-per-unit")
    assert [one.where for one in caught.value.problems] == [f"{LAMP}@1.1.0: operation[1].{name}" for name in fields]


def test_the_parts_are_listed_so_that_one_can_name_them(region):
    with pytest.raises(InputError, match="found 'nope'; its parts are none; without a part, the design itself"):
        confirm_operations(region, f"{LAMP}@1.1.0", "nope", STEPS, "ada")


def test_exact_decimals_of_an_edited_manifest_are_kept_as_numbers(region):
    table = STEPS[0] | {"minutes-per-unit": Decimal("7.5"), "envelope-mm": [Decimal(400), 300, 4]}
    told = confirm_operations(region, f"{LAMP}@1.1.0", "", [table], "ada")
    assert told["values"]["operations"][0]["minutes-per-unit"] == 7.5
    assert [one.seconds for one in operations(region, "1.1.0")] == [450]


def test_only_an_owner_changes_what_must_be_owned(region):
    set_design_owners(region, LAMP, ["grace"], "ada")
    for change in (
        lambda by: yank_design(region, f"{LAMP}@1.1.0", "x", by, must_own=True),
        lambda by: unyank_design(region, f"{LAMP}@1.1.0", by, must_own=True),
        lambda by: set_design_owners(region, LAMP, ["ada"], by, must_own=True),
    ):
        assert codes(lambda change=change: change("ada")) == {"D060"}
        change("grace")


def test_what_is_unknown_cannot_be_confirmed_as_it_is(region, tmp_path):
    bundle = tmp_path / "unknown"
    bundle.mkdir()
    text = (
        (tmp_path / "bundles/1.1.0/okh.toml")
        .read_text()
        .replace("minutes-per-unit = 15", 'minutes-per-unit = "unknown"')
    )
    (bundle / "okh.toml").write_text(text.replace('"1.1.0"', '"1.2.0"').replace('material = "plywood"\n', ""))
    owner = find_owners(region / "designs", LAMP)[0]
    publish_design(region, bundle, LAMP, "", owner)
    assert codes(lambda: confirm_operations(region, f"{LAMP}@1.2.0", "", None, "ada")) == {"D063"}
    confirm_operations(region, f"{LAMP}@1.2.0", "", STEPS, "ada")
    assert [one.unknown for one in operations(region, "1.2.0")] == [()]


def test_planning_skips_a_withdrawn_version_until_that_is_taken_back(region):
    assert planned_versions(region) == {f"{LAMP}@1.1.0"}
    yank_design(region, f"{LAMP}@1.1.0", "the leg breaks", "ada")
    assert load(region, "1.1.0").yanked == "the leg breaks"
    assert planned_versions(region) == {f"{LAMP}@1.0.0"}
    unyank_design(region, f"{LAMP}@1.1.0", "ada", "it does not")
    assert load(region, "1.1.0").yanked is None
    assert planned_versions(region) == {f"{LAMP}@1.1.0"}


def test_an_order_of_exactly_a_withdrawn_version_still_gets_it(region):
    yank_design(region, f"{LAMP}@1.1.0", "the leg breaks", "ada")
    catalogue = Catalogue(load_versions(region / "designs", LAMP, load_vocabulary())[0])
    assert catalogue.resolve(LAMP, "1.1.0") == "1.1.0"
    assert catalogue.resolve(LAMP, "^1.0") == "1.0.0"


def test_a_version_is_withdrawn_once_with_a_reason(region):
    assert codes(lambda: yank_design(region, f"{LAMP}@1.1.0", " ", "ada")) == {"D063"}
    assert codes(lambda: unyank_design(region, f"{LAMP}@1.1.0", "ada")) == {"D064"}
    yank_design(region, f"{LAMP}@1.1.0", "the leg breaks", "ada")
    assert codes(lambda: yank_design(region, f"{LAMP}@1.1.0", "it does", "ada")) == {"D064"}


def test_what_was_taken_down_is_gone_and_the_rest_stays(region):
    secret = b"minutes-per-unit = 15\n"
    assert any(secret in data for data in files_in(region / "designs").values())
    told = take_down_design(region, f"{LAMP}@1.1.0", "not theirs to publish", "ada")
    assert told["values"]["digest"].startswith("sha256:")
    assert not any(secret in data for data in files_in(region / "designs").values())
    with pytest.raises(NotFoundError):
        export_design(region, f"{LAMP}@1.1.0")
    assert [one.version for one in load_versions(region / "designs", LAMP, load_vocabulary())[0]] == ["1.0.0"]
    assert planned_versions(region) == {f"{LAMP}@1.0.0"}
    for change in (
        lambda: yank_design(region, f"{LAMP}@1.1.0", "late", "ada"),
        lambda: confirm_operations(region, f"{LAMP}@1.1.0", "", STEPS, "ada"),
    ):
        with pytest.raises(NotFoundError):
            change()


def test_everyone_who_asks_for_a_version_that_was_taken_down_is_told_why(region):
    take_down_design(region, f"{LAMP}@1.1.0", "not theirs to publish", "ada")
    key, workspace = f"{LAMP}@1.1.0", Workspace(region)
    for asked in (
        lambda: show_design(region, key),
        lambda: show_design(region, f"{LAMP}@^1.1"),
        lambda: confirm_operations(region, key, "", STEPS, "ada"),
        lambda: compare_versions(workspace.region(), LAMP, "1.0.0", "1.1.0"),
        lambda: list_makers(workspace.region(), key),
        lambda: show_lineage(region, key),
        lambda: report_make(workspace, key, {"quantity": "1"}, "ada"),
        lambda: export_design(region, key),
    ):
        with pytest.raises(NotFoundError, match=r"^us~lamp 1\.1\.0 was taken down: not theirs to publish$"):
            asked()
    assert show_design(region, LAMP)["version"] == "1.0.0"
    with pytest.raises(NotFoundError, match=r"there is no design us~lamp@\^2"):
        show_design(region, f"{LAMP}@^2")
    take_down_design(region, f"{LAMP}@1.0.0", "nor this", "ada")
    with pytest.raises(NotFoundError, match=r"1\.1\.0 was taken down"):
        show_design(region, LAMP)


def test_the_number_of_a_version_that_was_taken_down_is_never_used_again(region, tmp_path):
    take_down_design(region, f"{LAMP}@1.1.0", "not theirs to publish", "ada")
    owner = find_owners(region / "designs", LAMP)[0]
    assert codes(lambda: publish_design(region, tmp_path / "bundles/1.1.0", LAMP, "", owner)) == {"D065"}


def test_owners_are_those_who_were_named_last(region):
    set_design_owners(region, LAMP, ["ada", "grace"], "ada")
    told = set_design_owners(region, LAMP, ["grace"], "ada")
    assert (told["kind"], told["values"]) == (NoticeKind.OWNERS, {"owners": ["grace"]})
    assert find_owners(region / "designs", LAMP) == ("grace",)
    assert codes(lambda: set_design_owners(region, LAMP, [], "grace")) == {"D063"}
    assert [notice.number for notice in read_notices(region / "designs", LAMP)] == [1, 2]


@pytest.mark.parametrize("key", ["us~lamp@9.0.0", "us~nothing@1.0.0", "us~lamp", "@1.0.0", "us~lamp@", "../x@1.0.0"])
def test_a_version_that_is_not_there_is_not_found(region, key):
    for change in (
        lambda: yank_design(region, key, "x", "ada"),
        lambda: unyank_design(region, key, "ada"),
        lambda: take_down_design(region, key, "x", "ada"),
        lambda: confirm_operations(region, key, "", STEPS, "ada"),
    ):
        with pytest.raises(NotFoundError):
            change()


def test_a_key_is_an_id_and_a_version():
    assert split_key("ana~press@1.0.0") == ("ana~press", "1.0.0")


def test_operations_are_read_from_a_file_as_they_stand(tmp_path):
    path = tmp_path / "steps.toml"
    path.write_text('[[operation]]\nprocess = "laser-cutting"\nminutesPerUnit = 30\n')
    assert read_operation_tables(path) == [{"process": "laser-cutting", "minutes-per-unit": 30}]
    for text in ("", "operation = 3", "[[operation]\n", '[[operation]]\nprocess = "x"\n[other]\na = 1\n'):
        path.write_text(text)
        assert codes(lambda: read_operation_tables(path)) <= {"D010", "D011"}
