"""Laws of importing: every row has one outcome, twice is once, what a person confirmed stays."""

import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_up_workshops import VOCABULARY, registers

from cosmolocal.records import MachineGroup, Origin, Provenance, Workshop, WorkshopStatus
from cosmolocal.workshops.equipment import Reader
from cosmolocal.workshops.finding import NEIGHBOUR_M, Finder
from cosmolocal.workshops.found import EARTH_RADIUS_M, Equipment, Row, distance_m
from cosmolocal.workshops.grouping import Assumed
from cosmolocal.workshops.merging import Merged, Outcome, Source, Terms, merge_rows

READER = Reader(VOCABULARY, {})
SOURCE = Source("list", licence="CC0-1.0")
FINAL = {Outcome.SAME, Outcome.DOUBTFUL, Outcome.REFUSED, Outcome.KEPT}

#: few, so that they meet
words = st.sampled_from(["laser", "Laser cutting", "3D printer", "FDM", "scanner", "lazer cuting", "CNC", "loom", ""])
equipment = st.builds(
    Equipment,
    words=st.lists(words, min_size=1, max_size=2).map(tuple),
    machines=st.integers(1, 3),
    make=st.sampled_from(["", "Acme"]),
    model=st.sampled_from(["", "One", "Two", "Ultimaker 2"]),
    materials=st.sampled_from([None, ("mdf",)]),
    weekly_minutes=st.sampled_from([None, 600]),
    hourly_cost_cents=st.sampled_from([None, 500]),
)
points = st.sampled_from(
    [(41.38, 2.17), (41.38, 2.1701), (41.39, 2.17), (41.5, 2.2), (0.0, 0.0), (-33.0, 179.999), (None, None)]
)
NAMES = ["Fab Lab", "fablab", "Taller", "/dev/hack", " Lab 7 ", "👍🏽", "実験室", "Fab Lab Nord (closed)"]


@st.composite
def rows(draw) -> list[Row]:
    """Rows of one list: all of single machines, or none."""
    one_machine = draw(st.booleans())
    made = []
    for number in range(draw(st.integers(0, 7))):
        lat, lon = draw(points)
        made.append(
            Row(
                place=f"line {number + 2}",
                id=draw(st.sampled_from(["", "a", "b"])),
                name=draw(st.sampled_from(NAMES)).strip(),
                lat=lat,
                lon=lon,
                address=draw(st.sampled_from(["", "Street 1", "Street 2"])),
                status=draw(st.sampled_from([None, WorkshopStatus.CLOSED, WorkshopStatus.ACTIVE])),
                equipment=tuple(draw(st.lists(equipment, max_size=1 if one_machine else 3))),
                one_machine=one_machine,
                fault=draw(st.sampled_from(["", "", "", "is broken"])),
            )
        )
    return made


terms = st.builds(
    lambda assumed, fuzzy: Terms(SOURCE, Reader(VOCABULARY, {}, fuzzy), frozenset({"taller"}), assumed),
    st.sampled_from([None, Assumed(1200, 1500)]),
    st.booleans(),
)
many = settings(
    max_examples=100,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@many
@given(rows(), terms)
def test_every_row_has_one_outcome_and_twice_is_once(told, how):
    """The second time nothing changes: rows are the same, kept, doubtful or refused, and the register is as it was."""
    first = merge_rows((), told, how)
    assert [review.row for review in first.rows] == told
    again = merge_rows(first.workshops, told, how)
    assert [review.row for review in again.rows] == told
    assert again.workshops == first.workshops
    assert {review.outcome for review in again.rows} <= FINAL
    moved = [replace(row, address=row.address and f"{row.address} b", status=WorkshopStatus.ACTIVE) for row in told]
    changes = merge_rows(first.workshops, moved, how)
    assert merge_rows(changes.workshops, moved, how).workshops == changes.workshops


@many
@given(rows(), terms)
def test_ids_are_unique_slugs_that_no_place_has(told, how):
    merged = merge_rows((), told, how)
    ids = [workshop.id for workshop in merged.workshops]
    assert len(set(ids)) == len(ids)
    assert "taller" not in ids
    for workshop in merged.workshops:
        groups = [group.id for group in workshop.groups]
        assert len(set(groups)) == len(groups)
        assert workshop.imported == (Origin("list", workshop.imported[0].id, None, "CC0-1.0"),)


def confirmed(workshop: Workshop) -> Workshop:
    groups = tuple(replace(group, provenance=Provenance.CONFIRMED) for group in workshop.groups)
    return replace(workshop, groups=groups, provenance=Provenance.CONFIRMED)


@many
@given(rows(), rows(), terms)
def test_what_a_person_confirmed_is_never_changed(told, later, how):
    before = [confirmed(workshop) for workshop in merge_rows((), told, how).workshops]
    after = {workshop.id: workshop for workshop in merge_rows(before, later, how).workshops}
    for old in before:
        new = after[old.id]
        assert (new.name, new.lat, new.lon, new.status) == (old.name, old.lat, old.lon, old.status)
        assert new.address == old.address or not old.address
        assert new.groups[: len(old.groups)] == old.groups


@many
@given(registers, rows(), terms)
def test_nothing_of_a_register_goes_and_its_order_stays(register, told, how):
    after = merge_rows(register, told, how).workshops
    assert [workshop.id for workshop in after][: len(register)] == [workshop.id for workshop in register]
    for old, new in zip(register, after, strict=False):
        assert [group.id for group in new.groups][: len(old.groups)] == [group.id for group in old.groups]


@many
@given(rows())
def test_nothing_is_taken_over_that_is_only_like_a_word(told):
    """Unless that is said; and without hours and costs that somebody gave, there are none."""
    merged = merge_rows((), told, Terms(SOURCE, READER))
    for workshop in merged.workshops:
        for group in workshop.groups:
            assert group.process in {"laser-cutting", "3d-printing", "fdm-printing", "cnc", "weaving"}
            assert bool(group.periods) is ("weekly_hours" not in group.unknown)
            if "hourly_cost" in group.unknown:
                assert not group.periods


def of(merged: Merged) -> list[tuple[str, str]]:
    return [(review.outcome.value, review.workshop) for review in merged.rows]


LAB = Row("line 2", "7", "Fab Lab", 41.38, 2.17)


def test_duplicates_are_found_by_the_lists_id_by_name_and_place_and_by_coordinates():
    told = [
        LAB,
        replace(LAB, place="line 3", id=""),
        replace(LAB, place="line 4", id="8"),
        replace(LAB, place="line 5", id="9", name="Other Hands"),
        replace(LAB, place="line 6", id="10", name="Far", lat=42.0),
    ]
    assert of(merge_rows((), told, Terms(SOURCE, READER))) == [
        ("new", "fab-lab"),
        ("new", "fab-lab"),
        ("doubtful", "fab-lab"),
        ("doubtful", "fab-lab"),
        ("new", "far"),
    ]


def test_a_person_decides_what_is_doubtful():
    told = [LAB, replace(LAB, place="line 3", id="9", name="Other Hands")]
    decided = {"line 3": "new"}
    assert of(merge_rows((), told, Terms(SOURCE, READER, decisions=decided)))[1] == ("new", "other-hands")
    assert of(merge_rows((), told, Terms(SOURCE, READER, decisions={"line 3": "fab-lab"})))[1][1] == "fab-lab"
    assert of(merge_rows((), told, Terms(SOURCE, READER, decisions={"line 3": "leave"})))[1] == ("refused", "")
    assert of(merge_rows((), told, Terms(SOURCE, READER, decisions={"line 3": "nowhere"})))[1] == ("refused", "")


def test_what_another_list_or_a_person_wrote_is_kept():
    hand = Workshop("north", "Fab Lab", 41.381, 2.17, (), address="Street 1", source="own visit")
    [row] = merge_rows([hand], [replace(LAB, address="Street 2")], Terms(SOURCE, READER)).rows
    assert row.outcome is Outcome.CHANGED
    assert "is also in list" in row.notes
    assert any(note.startswith("kept: address") for note in row.notes)


def test_machines_of_a_list_take_the_place_of_the_flag_that_stood_for_them():
    flags = replace(LAB, equipment=(Equipment(("three_d_printing",)),))
    first = merge_rows((), [flags], Terms(Source("fablabs.io: capabilities"), READER)).workshops
    machines = [
        replace(
            LAB,
            place=f"line {n}",
            id="",
            equipment=(Equipment(("Three D Printer", "Ultimaker 2"), make="Ultimaker", model="Ultimaker 2"),),
            one_machine=True,
        )
        for n in (2, 3)
    ]
    [shop] = merge_rows(first, machines, Terms(Source("fablabs.io: machines"), READER)).workshops
    [group] = shop.groups
    assert (group.id, group.process, group.machines, group.model) == ("3d-printing", "fdm-printing", 2, "Ultimaker 2")
    again = merge_rows([shop], [flags], Terms(Source("fablabs.io: capabilities"), READER))
    assert again.workshops == (shop,)


def test_assumed_hours_are_marked_so_and_fill_only_what_is_unknown():
    told = [replace(LAB, equipment=(Equipment(("laser",)),))]
    [shop] = merge_rows((), told, Terms(SOURCE, READER)).workshops
    assert shop.groups[0].unknown == ("hourly_cost", "weekly_hours")
    [filled] = merge_rows([shop], told, Terms(SOURCE, READER, assumed=Assumed(1200, 1500))).workshops
    group: MachineGroup = filled.groups[0]
    assert (group.hourly_cost_cents, group.periods[0].agreed_minutes) == (1500, 1200)
    assert (group.provenance, group.unknown) == (Provenance.ASSUMED, ())
    [other] = merge_rows([filled], told, Terms(SOURCE, READER, assumed=Assumed(60, 1))).workshops
    assert other == filled


@pytest.mark.parametrize(
    "spots",
    [
        [("", "Taller", 41.38), ("", "Fab Lab", 41.38), ("", "Fab Lab", 41.38), ("", "Fab Lab", 41.39)],
        [("", "Fab Lab Nord", 41.5), ("a", "Fab Lab Nord", 41.5), ("a", "Fab Lab", 41.38)],
    ],
    ids=["one name on two spots", "one id for two names"],
)
def test_a_row_that_is_only_like_a_workshop_does_not_move_it(spots):
    """Each list is read a second time, when its last row has a workshop of its own."""
    told = [Row(f"line {nth}", id_, name, lat, 2.17) for nth, (id_, name, lat) in enumerate(spots, 2)]
    how = Terms(SOURCE, Reader(VOCABULARY, {}))
    first = merge_rows((), told, how)
    assert merge_rows(first.workshops, told, how).workshops == first.workshops


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(0, 2 * math.pi),
    st.floats(0, NEIGHBOUR_M),
)
def test_no_neighbour_is_overlooked(lat, lon, heading, metres):
    """What is left unmeasured is farther off than neighbours are: at the poles and where longitudes begin anew, too."""
    north = lat + math.degrees(metres * math.cos(heading) / EARTH_RADIUS_M)
    north = max(-90.0, min(90.0, north))
    wide = max(1e-9, math.cos(math.radians(max(abs(lat), abs(north)))))
    turn = math.degrees(metres * math.sin(heading) / EARTH_RADIUS_M / wide)
    east = (lon + max(-180, min(180, turn)) + 180) % 360 - 180
    if distance_m((lat, lon), (north, east)) > NEIGHBOUR_M or abs(lat) > 89:
        return
    finder = Finder([shop("there", "Other Lab", north, east)])
    assert [entry.id for entry in finder._around((lat, lon), "mine")] == ["there"]


def shop(workshop_id: str, name: str, lat: float, lon: float) -> Workshop:
    return Workshop(id=workshop_id, name=name, lat=lat, lon=lon, groups=())
