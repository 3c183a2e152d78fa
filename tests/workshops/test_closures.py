"""closures.csv: read, written, and counted twice in the same way."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.errors import InputError
from cosmolocal.planning.audit.weeks import group_week
from cosmolocal.planning.capacity import weekly_minutes
from cosmolocal.records import CapacityBasis, CapacityPeriod, Closure, MachineGroup, Provenance, Settings, Workshop
from cosmolocal.workshops.closures import append_closure, check_closures, drop_line, parse_closures, read_closures

MONDAY = date(2026, 9, 7)
HEAD = "workshop,group,from,to,hours,reason,provenance\n"
LASER = MachineGroup("laser", "laser-cutting", 2, 1_200, (CapacityPeriod(600, 900, 1_200),))
SAW = MachineGroup("saw", "cutting", 1, 1_200, (CapacityPeriod(300, 300, 300, MONDAY + timedelta(days=7)),))
SHOP = Workshop("north", "North", 41.4, 2.1, (LASER, SAW))

days = st.integers(-9, 30).map(lambda day: MONDAY + timedelta(days=day))
weeks = st.integers(-1, 3).map(lambda week: MONDAY + timedelta(weeks=week))
reasons = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12)


@st.composite
def closures(draw: st.DrawFn) -> Closure:
    group, reason, provenance = (
        draw(st.sampled_from(["", "laser", "saw"])),
        draw(reasons),
        draw(st.sampled_from(Provenance)),
    )
    if draw(st.booleans()):
        first = draw(days)
        return Closure(
            "north", group, first, first + timedelta(days=draw(st.integers(0, 20))), None, reason, provenance
        )
    first, length = draw(weeks), draw(st.integers(1, 2))
    last = first + timedelta(days=7 * length - 1)
    return Closure("north", group, first, last, draw(st.integers(0, 168 * 60)), reason, provenance)


def with_closures(rows: list[Closure], **more) -> Workshop:
    return Workshop("north", "North", 41.4, 2.1, (LASER, SAW), closures=tuple(rows), **more)


@given(st.lists(closures(), max_size=4))
def test_what_is_written_is_read_again(rows: list[Closure]):
    text = ""
    for row in rows:
        text = append_closure(text, row)
    assert [row for _, row in (parse_closures(text, "closures.csv") if rows else ())] == rows


@settings(max_examples=200)
@given(
    st.lists(closures(), max_size=4),
    st.sets(st.integers(0, 6)).map(sorted).map(tuple),
    st.sets(days, max_size=4).map(sorted).map(tuple),
    st.sampled_from(CapacityBasis),
)
def test_planning_and_audit_count_the_same_minutes_and_so_does_a_count_by_days(rows, weekdays, closed_days, basis):
    shop = with_closures(rows, open_weekdays=weekdays, closed_days=closed_days)
    if check_closures(list(enumerate(rows)), [shop]):
        return  # two set the hours of one week: such a file is refused
    wanted = Settings(MONDAY, 4, capacity_basis=basis)
    for group in shop.groups:
        for week in range(4):
            monday = MONDAY + timedelta(weeks=week)
            minutes = weekly_minutes(shop, group, monday, basis)
            assert minutes == group_week(shop, group, week, wanted).basis_minutes == by_days(shop, group, monday, basis)


def by_days(shop: Workshop, group: MachineGroup, monday: date, basis: CapacityBasis) -> int:
    """Count the open days one by one."""
    mine = [row for row in shop.closures if row.group in ("", group.id)]
    holds = [one for one in group.periods if one.valid_from is None or one.valid_from <= monday]
    machine = getattr(holds[0], f"{basis.value}_minutes") if holds else 0
    for row in mine:
        if row.weekly_minutes is not None and row.first_day <= monday <= row.last_day:
            machine = row.weekly_minutes
    usual = open_days = 0
    for number in range(7):
        day = monday + timedelta(days=number)
        if day.weekday() in shop.open_weekdays:
            usual += 1
            shut = any(row.weekly_minutes is None and row.first_day <= day <= row.last_day for row in mine)
            open_days += not (shut or day in shop.closed_days)
    return group.machines * machine * open_days // usual if usual else 0


def test_one_closed_day_of_five_takes_a_fifth_and_a_machine_down_only_its_own_hours():
    day = Closure("north", "", MONDAY, MONDAY)
    assert weekly_minutes(with_closures([day]), LASER, MONDAY, CapacityBasis.AGREED) == 960
    down = Closure("north", "laser", MONDAY, MONDAY + timedelta(days=13))
    shop = with_closures([day, down])
    later = MONDAY + timedelta(days=7)
    assert [weekly_minutes(shop, group, later, CapacityBasis.AGREED) for group in shop.groups] == [0, 300]


def test_other_hours_are_all_there_is_at_any_basis_and_closed_days_still_count():
    week = Closure("north", "laser", MONDAY, MONDAY + timedelta(days=6), 100)
    for basis in CapacityBasis:
        assert weekly_minutes(with_closures([week]), LASER, MONDAY, basis) == 200
    shop = with_closures([week, Closure("north", "", MONDAY, MONDAY)])
    assert group_week(shop, LASER, 0, Settings(MONDAY, 1, overtime_percent=50)).limit_minutes == 160


def test_comments_and_lines_of_others_stay_byte_for_byte(tmp_path: Path):
    path = tmp_path / "closures.csv"
    text = 'from,to,hours,workshop,reason\r\n# the bridge is closed\r\n2026-09-07,2026-09-08,closed,north,"a, b"\r\n'
    path.write_bytes(text.encode())
    [(line, row)] = read_closures(path)
    assert (line, row.reason, row.group, row.provenance) == (3, "a, b", "", Provenance.DECLARED)
    more = append_closure(text, Closure("south", "", MONDAY, MONDAY, None, "fair"))
    assert more == text + "2026-09-07,2026-09-07,closed,south,fair\n"
    assert drop_line(more, 4) == text
    assert drop_line(text, 3) == "from,to,hours,workshop,reason\r\n# the bridge is closed\r\n"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("north,,2026-09-08,2026-09-07,closed,,", ["W052 line 2.to"]),
        ("north,,2026-09-08,2026-09-13,10,,", ["W052 line 2.from"]),
        ("north,,2026-09-07,2026-09-12,10,,", ["W052 line 2.from"]),
        ("north,,2026-09-07,2026-09-13,169,,", ["W051 line 2.hours"]),
        ("north,,2026-09-07,2026-09-13,some,,", ["W051 line 2.hours"]),
        (",,,,,,guessed", [f"W051 line 2.{name}" for name in ("from", "hours", "provenance", "to", "workshop")]),
        ("west,,2026-09-07,2026-09-07,closed,,", ["W054 line 2.workshop"]),
        ("north,press,2026-09-07,2026-09-07,closed,,", ["W054 line 2.group"]),
        (
            "north,,2026-09-07,2026-09-13,10,,\nnorth,laser,2026-09-07,2026-09-20,5,,",
            ["W053 line 3"],
        ),
        ("north,saw,2026-09-07,2026-09-13,10,,\nnorth,laser,2026-09-07,2026-09-20,5,,", []),
        ("north,,2026-09-07,2026-09-13,10,,\nnorth,,2026-09-07,2026-09-20,closed,,", []),
    ],
)
def test_faults_are_named_by_code_and_line(row: str, found: list[str]):
    try:
        problems = check_closures(parse_closures(HEAD + row + "\n", "closures.csv"), [SHOP])
    except InputError as error:
        problems = list(error.problems)
    assert [f"{problem.code} {problem.where.removeprefix('closures.csv: ')}" for problem in problems] == found


@pytest.mark.parametrize("text", ["", "workshop,from,to\n", "workshop,from,to,hours,colour\n", HEAD + "north\n"])
def test_another_file_is_refused(text: str):
    with pytest.raises(InputError) as told:
        parse_closures(text, "closures.csv")
    assert {problem.code for problem in told.value.problems} == {"W050"}
