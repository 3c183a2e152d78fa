"""Two design records side by side: laws over made-up ones, then each kind of change by hand."""

from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.designs.compare import (
    BomChanges,
    Comparison,
    FileChanges,
    PartChanges,
    apply_files,
    compare_designs,
    compare_files,
)
from cosmolocal.records import BomLine, BundleFile, Confirmation, Design, Operation, Part, Provenance

CUT = Operation("cutting", 600, 120, "plywood", 250, (300, 20, 400))
LAMP = Design(
    id="us~lamp",
    version="1.0.0",
    digest="sha256:0",
    name="Lamp",
    function="Gives light",
    license="CC0-1.0",
    licensor="us",
    repo="https://example.org",
    parts=(Part("", 900, (Operation("sewing", 300),)), Part("shade", 500, (CUT,))),
    bom=(BomLine(2, part="shade"), BomLine(1, design="us~bulb", version="^1.0"), BomLine(3, bought="bolt")),
    reference_price_cents=9000,
    reference_co2e_g=None,
    files=(BundleFile("okh.toml", 10, "aa"), BundleFile("shade.dxf", 20, "bb")),
)

SMALL = st.sampled_from((1, 2, 3))
file_lists = st.dictionaries(st.sampled_from("abcdef"), st.tuples(SMALL, st.sampled_from("xyz")), max_size=6).map(
    lambda chosen: tuple(BundleFile(path, size, sha) for path, (size, sha) in sorted(chosen.items()))
)
operations = st.builds(
    Operation,
    process=st.sampled_from(("cutting", "sewing", None)),
    seconds=st.sampled_from((60, 90, None)),
    provenance=st.sampled_from(Provenance),
)
lines = st.builds(
    BomLine,
    quantity=SMALL,
    into=st.sampled_from(("", "shade")),
    bought=st.sampled_from(("bolt", "nut")),
    cost_cents=SMALL,
)
parts = st.dictionaries(
    st.sampled_from(("", "shade", "stand")),
    st.tuples(st.sampled_from((None, 5, 6)), st.lists(operations, max_size=3)),
    max_size=3,
).map(lambda chosen: tuple(Part(name, mass, tuple(steps)) for name, (mass, steps) in chosen.items()))
designs = st.builds(
    lambda version, name, sources, files, made, bom: replace(
        LAMP, version=version, name=name, derived_from=sources, files=files, parts=made, bom=tuple(bom)
    ),
    st.sampled_from(("1.0.0", "1.1.0")),
    st.sampled_from(("Lamp", "Light")),
    st.sampled_from(((), ("a~b@1.0.0",))),
    file_lists,
    parts,
    st.lists(lines, max_size=4),
)


def is_empty(found: Comparison) -> bool:
    lists = [getattr(found.files, item.name) for item in fields(FileChanges)]
    lists += [getattr(found.bom, item.name) for item in fields(BomChanges)]
    return not any((*lists, found.fields, found.operations))


@given(design=designs)
def test_a_version_does_not_differ_from_itself(design: Design):
    assert is_empty(compare_designs(design, design))


@given(old=designs, new=designs)
def test_what_differs_is_told(old: Design, new: Design):
    """The order of lines and parts says nothing."""

    def content(design: Design) -> tuple:
        made = sorted((part.name, part.mass_g, sorted(map(repr, part.operations))) for part in design.parts)
        return design.version, design.name, design.derived_from, design.files, made, sorted(map(repr, design.bom))

    if is_empty(compare_designs(old, new)):
        assert repr(content(old)) == repr(content(new))


def as_set(items) -> set[str]:
    return {repr(item) for item in items}


def turned(changes) -> set[str]:
    return {repr((change.new, change.old)) for change in changes}


def straight(changes) -> set[str]:
    return {repr((change.old, change.new)) for change in changes}


@settings(max_examples=200)
@given(old=designs, new=designs)
def test_the_way_back_mirrors_the_way_there(old: Design, new: Design):
    there, back = compare_designs(old, new), compare_designs(new, old)
    for one, other in ((there.files, back.files), (there.bom, back.bom)):
        assert as_set(one.added) == as_set(other.removed)
        assert as_set(one.removed) == as_set(other.added)
        assert straight(one.changed) == turned(other.changed)
    assert straight(there.files.renamed) == turned(back.files.renamed)
    assert [(item.name, item.old, item.new) for item in there.fields] == [
        (item.name, item.new, item.old) for item in back.fields
    ]
    assert [mirrored(part) for part in there.operations] == [facts(part) for part in back.operations]


def facts(part: PartChanges) -> tuple:
    return (
        part.part,
        part.was,
        part.is_now,
        part.mass_g,
        as_set(part.added),
        as_set(part.removed),
        straight(part.changed),
    )


def mirrored(part: PartChanges) -> tuple:
    was, now = part.mass_g
    return part.part, part.is_now, part.was, (now, was), as_set(part.removed), as_set(part.added), turned(part.changed)


@settings(max_examples=200)
@given(old=file_lists, new=file_lists)
def test_the_changes_of_files_make_the_new_list_of_the_old_one(old, new):
    changes = compare_files(old, new)
    assert apply_files(old, changes) == new
    assert all(change.old.sha256 == change.new.sha256 for change in changes.renamed)
    assert all(change.old.path == change.new.path for change in changes.changed)


def test_a_moved_file_is_renamed_and_a_changed_one_keeps_its_name():
    new = (BundleFile("okh.toml", 11, "cc"), BundleFile("parts/shade.dxf", 20, "bb"), BundleFile("new.stl", 5, "dd"))
    found = compare_files(LAMP.files, new)
    assert [file.path for file in found.added] == ["new.stl"]
    assert found.removed == ()
    assert [(change.old.size_bytes, change.new.size_bytes) for change in found.changed] == [(10, 11)]
    assert [(change.old.path, change.new.path) for change in found.renamed] == [("shade.dxf", "parts/shade.dxf")]


def test_fields_of_the_manifest_stand_old_and_new():
    found = compare_designs(LAMP, replace(LAMP, version="1.1.0", license="MIT", digest="sha256:1", yanked="broken"))
    assert [(item.name, item.old, item.new) for item in found.fields] == [
        ("version", "1.0.0", "1.1.0"),
        ("license", "CC0-1.0", "MIT"),
    ]


def test_a_line_of_the_bill_is_the_same_piece_into_the_same_part():
    bom = (
        BomLine(3, part="shade"),
        BomLine(1, design="us~bulb", version="^2.0"),
        BomLine(3, bought="bolt", into="shade", cost_cents=5, mass_g=9),
    )
    found = compare_designs(LAMP, replace(LAMP, bom=bom)).bom
    assert [(line.bought, line.into) for line in found.added] == [("bolt", "shade")]
    assert [(line.bought, line.into) for line in found.removed] == [("bolt", "")]
    assert [[(item.name, item.old, item.new) for item in change.fields] for change in found.changed] == [
        [("quantity", 2, 3)],
        [("version", "^1.0", "^2.0")],
    ]


def test_an_operation_is_told_with_its_provenance():
    sure = replace(
        CUT, seconds=300, provenance=Provenance.CONFIRMED, confirmed=Confirmation("ana", "2026-09-01T08:00:00Z")
    )
    shade = Part("shade", 450, (sure, Operation("sanding", 60)))
    [part] = compare_designs(LAMP, replace(LAMP, parts=(LAMP.parts[0], shade))).operations
    assert (part.part, part.mass_g, [step.process for step in part.added]) == ("shade", (500, 450), ["sanding"])
    [change] = part.changed
    assert {item.name: item.new for item in change.fields} == {
        "seconds": 300,
        "provenance": "confirmed",
        "confirmed": {"by": "ana", "at": "2026-09-01T08:00:00Z"},
    }


def test_a_part_that_is_gone_takes_its_operations_along():
    [part] = compare_designs(LAMP, replace(LAMP, parts=LAMP.parts[:1])).operations
    assert (part.part, part.was, part.is_now, part.removed) == ("shade", True, False, (CUT,))
