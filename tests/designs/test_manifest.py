"""The manifest of our own designs, read strictly; and written so that reading gives the same again."""

import pytest
from designs.chairs import CHAIR, VOCABULARY
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.designs.codes import CODES
from cosmolocal.designs.manifest import Bundle, kebab_keys, read_manifest
from cosmolocal.designs.writer import write_manifest
from cosmolocal.errors import InputError, Problem
from cosmolocal.records import BomLine, BundleFile, Design, Operation, Part, Provenance, Tolerance

WHERE = "designs/acme~chair v1: okh.toml"
BUNDLE = Bundle(
    "acme~chair",
    "sha256:0",
    (BundleFile("okh.toml", 1, "0"), BundleFile("drawings/side.svg", 6, "1"), BundleFile("README.md", 1, "2")),
    WHERE,
)


def read(text: str) -> Design:
    return read_manifest(text, BUNDLE, VOCABULARY)[0]


def faults(text: str) -> list[Problem]:
    with pytest.raises(InputError) as error:
        read(text)
    assert {problem.code for problem in error.value.problems} <= CODES.keys()
    return list(error.value.problems)


def warnings(text: str) -> list[tuple[str, str]]:
    return [
        (warning.code, warning.where.removeprefix(WHERE + ": "))
        for warning in read_manifest(text, BUNDLE, VOCABULARY)[1]
    ]


def test_everything_a_plan_needs_is_read():
    assert read(CHAIR) == Design(
        id="acme~chair",
        version="1.0.0",
        digest="sha256:0",
        name="Chair",
        function="To sit on",
        license="CERN-OHL-S-2.0",
        licensor="Somebody",
        repo="https://example.org/chair",
        parts=(
            Part("", None, (Operation("assembly", 300),)),
            Part(
                "side panel",
                1200,
                (
                    Operation(
                        process="cnc-routing",
                        seconds=750,
                        setup_seconds=600,
                        material="plywood",
                        material_cents=650,
                        envelope_mm=(800, 400, 18),
                        tolerance=Tolerance.MEDIUM,
                        provenance=Provenance.ASSUMED,
                    ),
                ),
            ),
            Part("seat", 900, (Operation("cnc-routing", None, unknown=("minutes", "material", "envelope")),)),
        ),
        bom=(
            BomLine(2, part="side panel"),
            BomLine(1, part="seat"),
            BomLine(16, into="seat", bought="M6 bolt", cost_cents=12, mass_g=9, provenance=Provenance.ASSUMED),
        ),
        reference_price_cents=18000,
        reference_co2e_g=24000,
        image="drawings/side.svg",
        files=BUNDLE.files,
    )
    assert warnings(CHAIR) == []


ORGANIZATIONS = {
    '"Ana Ltd"': "Ana Ltd",
    '["Ana Ltd", "Bo"]': "Ana Ltd, Bo",
    '{name = "Ana Ltd"}': "Ana Ltd",
    '[{name = "Ana Ltd"}, "Bo"]': "Ana Ltd, Bo",
    '""': "",
}


@pytest.mark.parametrize(("written", "expected"), ORGANIZATIONS.items())
def test_an_organization_is_a_text_a_table_or_a_list(written: str, expected: str):
    assert (
        read(CHAIR.replace('name = "Chair"', f'name = "Chair"\norganization = {written}', 1)).organization == expected
    )


def test_what_a_design_is_derived_from_is_a_version_or_a_web_address():
    def origins(written: str) -> tuple[str, ...]:
        return read(CHAIR.replace("reference-co2e-g", f"derived-from = {written}\nreference-co2e-g", 1)).derived_from

    assert origins('"ana~stool@1.0.0"') == ("ana~stool@1.0.0",)
    assert origins('["https://example.org/stool", "ana~stool@1.0.0-rc.1"]') == (
        "https://example.org/stool",
        "ana~stool@1.0.0-rc.1",
    )


def test_a_file_that_lies_elsewhere_in_the_bundle_is_named():
    """Files that are sent one by one lose their folder; the fault then says where the file is."""
    with pytest.raises(InputError) as error:
        read(CHAIR.replace('"drawings/side.svg"', '"parts/side.svg"', 1))
    messages = [problem.message for problem in error.value.problems if problem.code == "D017"]
    assert messages
    assert all(message.endswith("holds no such file, but 'drawings/side.svg'") for message in messages)


def test_the_readme_is_a_file_of_the_bundle():
    assert read('readme = "/README.md"\n' + CHAIR).readme == "README.md"
    assert read('readme = "https://example.org/readme"\n' + CHAIR).readme is None


NEW_FAULTS = {
    "derived word": ('[x-cosmolocal]\nderived-from = "a chair"', "D050", "x-cosmolocal.derived-from"),
    "derived range": ('[x-cosmolocal]\nderived-from = ["a~b@^1.0"]', "D050", "x-cosmolocal.derived-from"),
    "original": ('[x-cosmolocal]\noriginal = "okh.yml"', "D017", "x-cosmolocal.original"),
}


@pytest.mark.parametrize(("lines", "code", "place"), NEW_FAULTS.values(), ids=NEW_FAULTS)
def test_origins_and_originals_are_checked(lines: str, code: str, place: str):
    (fault,) = faults(CHAIR.replace("[x-cosmolocal]", lines, 1))
    assert (fault.code, fault.where) == (code, f"{WHERE}: {place}")


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [('readme = "READ.md"', "D017", "readme"), ("organization = 3", "D011", "organization")],
)
def test_a_readme_that_is_absent_or_an_organization_that_is_no_name_is_a_fault(line: str, code: str, place: str):
    assert [(fault.code, fault.where) for fault in faults(f"{line}\n{CHAIR}")] == [(code, f"{WHERE}: {place}")]


def test_keys_in_camel_case_mean_the_same():
    camel = CHAIR.replace("minutes-per-unit", "minutesPerUnit").replace("envelope-mm", "envelopeMm")
    assert read(camel) == read(CHAIR)


def test_a_key_in_both_spellings_is_a_fault():
    both = CHAIR.replace("setup-minutes = 10", "setup-minutes = 10\nsetupMinutes = 12")
    (fault,) = faults(both)
    assert fault.where == f"{WHERE}: x-cosmolocal.operation[0].setupMinutes"
    assert kebab_keys({"aB": 1, "a-b": 2}) == {"aB": 1, "a-b": 2}


def test_a_process_nobody_knows_yet_stays_unknown():
    unknown = CHAIR.replace('process = "assembly"', 'process = "unknown"')
    operation = read(unknown).parts[0].operations[0]
    assert (operation.process, operation.unknown) == (None, ("process",))


def test_a_design_without_operations_is_read_and_says_so():
    text = CHAIR[: CHAIR.index("[x-cosmolocal]")]
    design = read(text)
    assert not any(part.operations for part in design.parts)
    assert {code for code, _ in warnings(text)} == {"D020", "D021", "D023", "D024"}


FAULTS = {
    "okhv": ('okhv = "OKH-LOSHv1.0"', 'okhv = "OKHv1"', "D011", "okhv"),
    "name missing": ('name = "Chair"\n', "", "D011", "name"),
    "repo": ('"https://example.org/chair"', '"example.org"', "D011", "repo"),
    "version": ('version = "1.0.0"', 'version = "1.0"', "D012", "version"),
    "unknown key": ('name = "Chair"', 'name = "Chair"\nprice = 3', "D011", "price"),
    "part twice": ('name = "seat"', 'name = "side panel"', "D015", "part[1].name"),
    "slash": ('name = "seat"', 'name = "seat/back"', "D011", "part[1].name"),
    "mass": ("mass = 900", 'mass = "heavy"', "D011", "part[1].mass"),
    "mass unit": ("mass = 900", 'mass = {value = 2, unit = "lb"}', "D011", "part[1].mass.unit"),
    "path up": ('image = "drawings/side.svg"', 'image = "../side.svg"', "D017", "image"),
    "path absent": ('image = "drawings/side.svg"', 'image = "top.svg"', "D017", "image"),
    "part's path": ('source = "drawings/side.svg"', 'source = "side.dxf"', "D017", "part[0].source"),
    "price": ("reference-price = 180.00", "reference-price = -1", "D011", "x-cosmolocal.reference-price"),
    "bom part": ('part = "seat"\nquantity', 'part = "leg"\nquantity', "D016", "x-cosmolocal.bom[1].part"),
    "bom into": ('into = "seat"', 'into = "leg"', "D016", "x-cosmolocal.bom[2].into"),
    "bom both": ('part = "seat"\nquantity', 'part = "seat"\ndesign = "a~b"\nquantity', "D011", "x-cosmolocal.bom[1]"),
    "bom none": ('bought = "M6 bolt"\n', "", "D011", "x-cosmolocal.bom[2]"),
    "quantity": ("quantity = 2", "quantity = 0", "D011", "x-cosmolocal.bom[0].quantity"),
    "quantity half": ("quantity = 2", "quantity = 1.5", "D011", "x-cosmolocal.bom[0].quantity"),
    "cost of a part": ("quantity = 2", "quantity = 2\ncost = 3", "D011", "x-cosmolocal.bom[0].cost"),
    "version of a part": ("quantity = 2", 'quantity = 2\nversion = "*"', "D011", "x-cosmolocal.bom[0].version"),
    "range": ('part = "seat"\nq', 'design = "a~b"\nversion = "new"\nq', "D019", "x-cosmolocal.bom[1].version"),
    "itself": ('part = "seat"\nq', 'part = "seat"\ninto = "seat"\nq', "D016", "x-cosmolocal.bom"),
    "process": ('process = "assembly"', 'process = "magic"', "D014", "x-cosmolocal.operation[2].process"),
    "operation part": ('part = "seat"\nprocess', 'part = "leg"\nprocess', "D016", "x-cosmolocal.operation[1].part"),
    "minutes": ("minutes-per-unit = 5\n", "", "D011", "x-cosmolocal.operation[2].minutes-per-unit"),
    "envelope": ("[800, 400, 18]", "[800, 400]", "D011", "x-cosmolocal.operation[0].envelope-mm"),
    "envelope zero": ("[800, 400, 18]", "[800, 0, 1]", "D011", "x-cosmolocal.operation[0].envelope-mm"),
    "tolerance": ('tolerance = "medium"', 'tolerance = "good"', "D011", "x-cosmolocal.operation[0].tolerance"),
    "provenance": (
        '"medium"\nprovenance = "assumed"',
        '"medium"\nprovenance = "sure"',
        "D011",
        "x-cosmolocal.operation[0].provenance",
    ),
}


@pytest.mark.parametrize(("old", "new", "code", "place"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_place(old: str, new: str, code: str, place: str):
    assert old in CHAIR
    text = CHAIR.replace(old, new, 1)
    assert (code, f"{WHERE}: {place}") in {(fault.code, fault.where) for fault in faults(text)}


def test_all_faults_are_found_at_once():
    text = CHAIR
    singles = [fault for name, fault in FAULTS.items() if name in ("okhv", "version", "quantity", "process", "mass")]
    for old, new, _, _ in singles:
        text = text.replace(old, new, 1)
    assert {fault.where for fault in faults(text)} == {f"{WHERE}: {place}" for *_, place in singles}


def test_a_part_without_a_name_is_at_fault_for_its_name_only():
    places = {fault.where.removeprefix(f"{WHERE}: ") for fault in faults(CHAIR.replace('name = "seat"\n', "", 1))}
    assert {place for place in places if place.startswith("part[")} == {"part[1].name"}


def test_a_ring_of_parts_is_found():
    ring = '[[x-cosmolocal.bom]]\npart = "side panel"\ninto = "seat"\nquantity = 1\n'
    ring += '[[x-cosmolocal.bom]]\npart = "seat"\ninto = "side panel"\nquantity = 1\n'
    (fault,) = faults(CHAIR + ring)
    assert fault.code == "D016"
    assert "'seat'" in fault.message


@pytest.mark.parametrize("text", ["name = ", CHAIR.replace("[800, 400, 18]", "[800, nan, 1]")])
def test_text_that_is_no_toml_of_ours_is_a_problem(text: str):
    (fault,) = faults(text)
    assert fault.code == "D010"


WARNINGS = {
    "alias": ('"CERN-OHL-S-2.0"', '"CERN OHL S v2"', ("D022", "license")),
    "licence": ('"CERN-OHL-S-2.0"', '"ask me"', ("D013", "license")),
    "price": ("reference-price = 180.00\n", "", ("D023", "x-cosmolocal.reference-price")),
    "not made": ('part = "side panel"\nquantity', 'bought = "side"\nquantity', ("D020", "part[0]")),
    "weightless": ("mass = 1200\n", "", ("D021", "part[0].mass")),
}


@pytest.mark.parametrize(("old", "new", "expected"), WARNINGS.values(), ids=WARNINGS)
def test_doubts_are_warnings(old: str, new: str, expected: tuple[str, str]):
    assert warnings(CHAIR.replace(old, new, 1)) == [expected]


def test_a_licence_nobody_knows_is_none():
    assert read(CHAIR.replace("CERN-OHL-S-2.0", "ask me")).license is None


words = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P"], exclude_characters="/"), min_size=1, max_size=8
)
cents = st.integers(0, 10**6)
provenances = st.sampled_from(Provenance)
sizes = st.integers(1, 5000)


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    needs = draw(st.sampled_from(["cnc-routing", "assembly", None]))
    seconds = draw(st.none() | st.integers(0, 10**6))
    material = draw(st.none() | words.filter(lambda word: word != "unknown"))
    envelope = draw(st.none() | st.tuples(sizes, sizes, sizes))
    unknown = {
        "process": needs is None,
        "minutes": seconds is None,
        "material": material is None and (needs == "cnc-routing" or draw(st.booleans())),
        "envelope": envelope is None and (needs == "cnc-routing" or draw(st.booleans())),
    }
    return Operation(
        needs,
        seconds,
        draw(st.integers(0, 10**5)),
        material,
        draw(cents),
        envelope,
        draw(st.none() | st.sampled_from(Tolerance)),
        draw(provenances),
        tuple(name for name, missing in unknown.items() if missing),
    )


@st.composite
def designs(draw: st.DrawFn) -> Design:
    names = draw(st.lists(words, unique=True, max_size=3))
    steps = st.lists(operations(), max_size=2).map(tuple)
    masses = st.none() | st.integers(0, 10**6)
    parts = tuple(Part(name, draw(masses), draw(steps)) for name in ["", *names])
    counts = st.integers(1, 99)
    bom = [BomLine(draw(counts), part=name, provenance=draw(provenances)) for name in names]
    bom += [
        BomLine(draw(counts), bought=word, cost_cents=draw(cents), mass_g=draw(cents))
        for word in draw(st.lists(words, max_size=2))
    ]
    bom += [BomLine(draw(counts), into=name, design="a~b", version="^1.2") for name in names[:1]]
    return Design(
        id=BUNDLE.design_id,
        version="1.2.3-rc.1",
        digest=BUNDLE.digest,
        name=draw(words),
        function=draw(words),
        license="MIT",
        licensor=draw(words),
        repo="https://example.org",
        parts=parts,
        bom=tuple(bom),
        reference_price_cents=draw(st.none() | cents),
        reference_co2e_g=draw(st.none() | cents),
        reference_provenance=draw(provenances),
        image=draw(st.sampled_from([None, "drawings/side.svg"])),
        changes=draw(st.just("") | words),
        files=BUNDLE.files,
        organization=draw(st.just("") | words),
        derived_from=draw(st.sampled_from([(), ("a~b@1.0.0",), ("https://example.org/x", "a~b@2.0.0-rc.1")])),
        readme=draw(st.sampled_from([None, "README.md"])),
    )


@given(designs())
def test_what_is_written_is_read_as_the_same(design: Design):
    assert read(write_manifest(design)) == design


def test_a_design_without_licence_is_not_written():
    with pytest.raises(ValueError, match="licence"):
        write_manifest(read(CHAIR.replace("CERN-OHL-S-2.0", "ask me")))
