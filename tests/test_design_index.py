"""The index of designs: what it finds is what a naive look at the records finds, however it came to be."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from sqlite_utils import Database

from cosmolocal.database import open_database
from cosmolocal.database.design_index import (
    TABLES,
    DesignEntry,
    IndexFilter,
    count_index,
    dump_index,
    find_designs,
    rebuild_index,
    refresh_index,
)
from cosmolocal.records import (
    BomLine,
    BundleFile,
    Confirmation,
    Design,
    Notice,
    NoticeKind,
    Operation,
    Part,
    Provenance,
    Release,
    Tolerance,
)

PROCESSES = ("fdm-printing", "laser-cutting", "sewing", None)
MATERIALS = ("plywood", "felt", None)
LICENSES = ("CERN-OHL-S-2.0", "CERN-OHL-W-2.0", "MIT", "Apache-2.0 WITH SHL-2.1", "MIT OR CC0-1.0", None)
NAMES = ("Lámpara de mesa", "Lampenschirm", "Chair", "Wardrobe")


def design(name: str = "Chair", slug: str = "chair", version: str = "1.0.0", *steps: Operation) -> Design:
    return Design(
        id=f"us~{slug}",
        version=version,
        digest="sha256:0",
        name=name,
        function="Holds things",
        license="MIT",
        licensor="Ada Lovelace",
        repo="https://example.org",
        parts=(Part("", 10, steps or (Operation("sewing", 60),)),),
        bom=(),
        reference_price_cents=None,
        reference_co2e_g=None,
    )


def entry(*designs: Design, state: str = "1", notices: tuple[Notice, ...] = ()) -> DesignEntry:
    releases = tuple(Release(each.version, "2026-09-01T12:00:00Z", "m", "ada", each.digest) for each in designs)
    return DesignEntry(designs[0].id, state, ("ada",), designs, releases, notices)


def random_step(dice: random.Random) -> Operation:
    process = dice.choice(PROCESSES)
    unknown = tuple(name for name in ("material", "envelope") if dice.random() < 0.2)
    return Operation(
        process,
        60,
        material=dice.choice(MATERIALS),
        envelope_mm=dice.choice((None, (10, 900, 40), (300, 20, 300), (50, 50, 50))),
        tolerance=dice.choice((None, Tolerance.FINE)),
        unknown=unknown if process else ("process", *unknown),
    )


def random_entries(seed: int) -> list[DesignEntry]:
    dice = random.Random(seed)
    entries = []
    for number in range(12):
        versions = []
        for version in ("0.9.0", "1.0.0", "1.1.0-rc.1", "1.1.0")[: dice.randint(1, 4)]:
            parts = tuple(
                Part(name, 10, tuple(random_step(dice) for _ in range(dice.choice((0, 1, 1, 2)))))
                for name in ("", "seat")[: dice.randint(1, 2)]
            )
            made = design(dice.choice(NAMES), f"thing-{number}", version)
            bom = (BomLine(1, part="seat"),) if len(parts) == 2 else ()
            made = replace(made, parts=parts, license=dice.choice(LICENSES), bom=bom)
            versions.append(replace(made, yanked="bad" if dice.random() < 0.3 else None))
        entries.append(entry(*versions))
    return entries


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "index.db")
    yield opened
    opened.close()


def current(of: DesignEntry) -> Design:
    """Return the highest version that new orders get; else the highest pre-release; else the highest of all."""
    offered = [each for each in of.designs if each.yanked is None]
    finished = [each for each in offered if "-" not in each.version]
    return (finished or offered or list(of.designs))[-1]


def is_wanted(made: Design, wanted: IndexFilter) -> bool:
    steps = [step for part in made.parts for step in part.operations]
    if wanted.processes:
        steps = [step for step in steps if step.process in wanted.processes]
    box = sorted(wanted.fits_mm or ())
    ids = [word for word in (made.license or "").split() if word not in ("OR", "AND", "WITH")]
    return all(
        (
            not wanted.processes or steps,
            not wanted.material or any(is_worked(step, wanted.material) for step in steps),
            not box or (steps and all(fits(step, box) for step in steps)),
            not wanted.licence or any(f"{each}-".startswith(f"{wanted.licence}-") for each in ids),
            not wanted.unknown_only or is_unknown(made),
        )
    )


def is_worked(step: Operation, wanted: str) -> bool:
    words, asked = ((text or "").lower().replace("-", " ").split() for text in (step.material, wanted))
    runs = (words[start : start + len(asked)] for start in range(len(words)))
    return any(run[:-1] == asked[:-1] and len(run) == len(asked) and run[-1].startswith(asked[-1]) for run in runs)


def fits(step: Operation, box: list[int]) -> bool:
    sides = sorted(step.envelope_mm or (0, 0, 0))
    known = step.process is not None and "envelope" not in step.unknown
    return known and all(side <= room for side, room in zip(sides, box, strict=True))


def is_unknown(made: Design) -> bool:
    filled = {line.into for line in made.bom}
    bare = [part for part in made.parts if not part.operations and part.name not in filled]
    return bool(bare) or any(step.unknown for part in made.parts for step in part.operations)


FILTERS = [
    IndexFilter("", processes, material, fits_mm, licence, unknown_only)
    for processes, material, fits_mm, licence, unknown_only in product(
        ((), ("laser-cutting",), ("sewing", "fdm-printing")),
        ("", "plywood"),
        (None, (50, 50, 50), (900, 40, 300)),
        ("", "CERN-OHL", "CERN-OHL-S-2.0", "MIT", "SHL-2.1", "CERN-O"),
        (False, True),
    )
]


@pytest.mark.parametrize("seed", range(4))
def test_a_search_finds_what_a_look_at_every_record_finds(db: Database, seed: int):
    entries = random_entries(seed)
    rebuild_index(db, entries)
    found = 0
    for wanted in FILTERS:
        expected = [each for each in map(current, entries) if is_wanted(each, wanted)]
        expected.sort(key=lambda each: (each.name.lower(), each.id))
        assert find_designs(db, wanted) == [(each.id, each.version) for each in expected], wanted
        found += len(expected)
    assert found > 50
    assert find_designs(db, IndexFilter(licence="cern-ohl")) == find_designs(db, IndexFilter(licence="CERN-OHL"))


def test_words_are_found_by_their_beginning_without_regard_to_accents_and_case(db: Database):
    lamp = design(NAMES[0], "lampara", "1.0.0", Operation("laser-cutting", 60, material="plywood"))
    shade = replace(design(NAMES[1], "shade"), function="Lampshade", organization="Fab Lab León")
    rebuild_index(db, [entry(lamp), entry(shade), entry(design())])

    def found(words: str) -> list[str]:
        return [key for key, _ in find_designs(db, IndexFilter(words))]

    assert found("LAMPARA") == found("lámpara mes") == found("laser") == found("ply mesa") == ["us~lampara"]
    assert found("lamp") == ["us~shade", "us~lampara"], "twice in the better places comes first"
    assert found("leon") == ["us~shade"]
    assert found("lamp nothing") == []
    assert len(found("")) == len(found(' "*( ')) == len(found("ada")) == 3


@pytest.mark.parametrize(
    "words", ['"', "a OR b", "NEAR(", "lamp*", "-lamp", "name:lamp", "x'; DROP TABLE designs", "ß"]
)
def test_no_words_break_a_search(db: Database, words: str):
    rebuild_index(db, [entry(design())])
    find_designs(db, IndexFilter(words))
    assert count_index(db)["designs"] == 1


@pytest.mark.parametrize("seed", range(6))
def test_an_index_kept_up_to_date_is_the_one_built_anew(db: Database, tmp_path: Path, seed: int):
    dice = random.Random(seed)
    entries = {each.id: each for each in random_entries(seed)}
    for step in range(4):
        for name in dice.sample(sorted(entries), 3):
            other = random_entries(100 * seed + step)[int(name.rpartition("-")[2])]
            entries[name] = replace(other, state=f"new {step}")
        if dice.random() < 0.5:
            entries.pop(dice.choice(sorted(entries)))
        states = {name: each.state for name, each in entries.items()}
        refresh_index(db, states, entries.__getitem__)
        assert refresh_index(db, states, entries.__getitem__) == ()
        fresh = open_database(tmp_path / f"fresh-{step}.db")
        rebuild_index(fresh, entries.values())
        assert dump_index(db) == dump_index(fresh)
        assert [find_designs(db, IndexFilter(words)) for words in ("lamp", "chair", "sewing")] == [
            find_designs(fresh, IndexFilter(words)) for words in ("lamp", "chair", "sewing")
        ]
        fresh.close()
        assert rebuild_index(db, reversed(entries.values())) == ()


def test_a_rebuild_tells_which_designs_had_other_rows(db: Database):
    chair, lamp = entry(design()), entry(design("Lamp", "lamp"))
    assert rebuild_index(db, [chair, lamp]) == ("us~chair", "us~lamp")
    db.execute("UPDATE design_versions SET name = 'Sofa' WHERE design = 'us~chair'")
    db.conn.commit()
    assert rebuild_index(db, [chair, lamp]) == ("us~chair",)
    assert rebuild_index(db, [chair]) == ("us~lamp",)


def test_a_refresh_that_fails_changes_nothing(db: Database):
    rebuild_index(db, [entry(design())])
    before = dump_index(db)
    with pytest.raises(KeyError):
        refresh_index(db, {"us~chair": "2"}, {}.__getitem__)
    assert dump_index(db) == before


def test_every_column_holds_what_the_records_say(db: Database):
    step = Operation(
        "sewing", 60, 5, "felt", 7, (9, 3, 6), Tolerance.FINE, Provenance.CONFIRMED, (), Confirmation("bo", "now")
    )
    made = replace(design("Chair", "chair", "1.0.0", step), files=(BundleFile("okh.toml", 3, "ab"),), yanked="bad")
    notice = Notice(1, NoticeKind.YANK, "then", "bo", "1.0.0", "bad", {"a": "é"})
    rebuild_index(db, [entry(made, notices=(notice,))])
    rows = dump_index(db)
    assert all(len(rows[table]) == 1 for table in TABLES)
    assert rows["design_operations"][0] == (
        *("us~chair", "1.0.0", "", 0, "sewing", 60, 5, "felt", 3, 6, 9, "fine", "confirmed", "", "bo", "now"),
    )
    assert rows["design_notices"][0] == ("us~chair", 1, "yank", "then", "bo", "1.0.0", "bad", '{"a": "é"}')
    assert rows["design_files"][0] == ("us~chair", "1.0.0", "okh.toml", 3, "ab")
    assert rows["designs"][0] == ("us~chair", "1", '["ada"]')
