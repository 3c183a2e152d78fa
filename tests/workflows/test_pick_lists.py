"""Pick lists against a naive count over the bill of materials."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.records import BomLine, Design, Job, JobLeg, JobTask, Operation, Part
from cosmolocal.workflows.pick_lists import PickKind, build_pick_list

MONDAY = date(2026, 9, 7)


def design_of(lines: tuple[BomLine, ...], names: list[str]) -> Design:
    def part(name: str) -> Part:
        return Part(name, 10, (Operation("laser-cutting", 60, material=f"board for {name}", envelope_mm=(3, 2, 1)),))

    return Design(
        "us~thing", "1.0.0", "sha256:0", "Thing", "", None, "us", "", tuple(map(part, ["", *names])), lines, None, None
    )


@st.composite
def trees(draw):
    """Return a design whose parts go into earlier ones, with bought pieces anywhere."""
    names = [f"p{number}" for number in range(draw(st.integers(0, 5)))]
    lines = [
        BomLine(draw(st.integers(1, 4)), into=draw(st.sampled_from(["", *names[:number]])), part=name)
        for number, name in enumerate(names)
    ]
    pieces = draw(st.lists(st.tuples(st.sampled_from(["bolt", "nut"]), st.sampled_from(["", *names])), max_size=5))
    lines += [BomLine(draw(st.integers(1, 4)), into=into, bought=bought) for bought, into in pieces]
    return design_of(tuple(lines), names)


def tasks_of(design: Design, lot: int, part: str = "", path: str = "") -> list[JobTask]:
    below = [
        task
        for line in design.bom
        if line.into == part and line.part
        for task in tasks_of(design, lot * line.quantity, line.part, f"{path}/{line.part}" if path else line.part)
    ]
    return [*below, JobTask(path, design.key, part, MONDAY, lot, ())]


def naive_pieces(design: Design, lot: int, part: str = "") -> Counter[str]:
    """Count bought pieces and materials by walking down, one unit after the other."""
    found: Counter[str] = Counter()
    for _ in range(lot):
        found[f"board for {part}"] += 1
        for line in design.bom:
            if line.into == part and line.bought:
                found[line.bought] += line.quantity
            elif line.into == part and line.part:
                found += naive_pieces(design, line.quantity, line.part)
    return found


def job_of(design: Design, lot: int, tasks: list[JobTask], legs: tuple[JobLeg, ...], workshop: str = "north") -> Job:
    return Job(
        "j", "b", "o", "o/1", design.key, lot, workshop, "home", True, MONDAY, MONDAY, tuple(tasks), legs
    )  # fmt: skip


def count(job: Job, design: Design, *kinds: PickKind) -> Counter[str]:
    found: Counter[str] = Counter()
    for pick in build_pick_list(job, {design.key: design}):
        if pick.kind in kinds:
            found[pick.name] += pick.quantity
    return found


@settings(max_examples=60)
@given(trees(), st.integers(1, 3), st.data())
def test_pieces_and_materials_are_those_of_the_bill_however_the_work_is_shared(design, lot, data):
    tasks = tasks_of(design, lot)
    away = {task.path: data.draw(st.booleans()) for task in tasks}
    legs = tuple(
        JobLeg(task.path, "south" if away[task.path] else "north", "x", "bike", MONDAY, 1)
        for task in tasks
        if task.path
    )
    total: Counter[str] = Counter()
    for workshop in ("north", "south"):
        own = [task for task in tasks if away[task.path] == (workshop == "south")]
        coming = tuple(
            JobLeg(leg.path, leg.from_place, workshop, leg.mode, leg.monday, 1)
            for leg in legs
            if leg.from_place != workshop and away[leg.path.rpartition("/")[0]] == (workshop == "south")
        )
        job = job_of(design, lot, own, coming, workshop)
        total += count(job, design, PickKind.BOUGHT, PickKind.MATERIAL)
        comes = [pick for pick in build_pick_list(job, {design.key: design}) if pick.kind is PickKind.COMES]
        assert len(comes) == len(coming)
        assert {pick.source for pick in comes} <= {"north", "south"} - {workshop}
    assert total == naive_pieces(design, lot)


def test_a_version_that_is_gone_says_nothing():
    design = design_of((BomLine(2, bought="bolt"),), [])
    job = job_of(design, 3, tasks_of(design, 3), ())
    assert build_pick_list(job, {}) == ()
    assert count(job, design, PickKind.BOUGHT) == {"bolt": 6}


def test_two_modules_of_the_same_design_are_told_apart():
    """Plans name the second one with a number."""
    other = design_of((), [])
    lines = (BomLine(1, design=other.id, version="1.*"), BomLine(2, design=other.id, version="*"))
    design = Design("us~set", "1.0.0", "sha256:0", "Set", "", None, "us", "", (Part("", 1, ()),), lines, None, None)
    legs = (JobLeg("thing", "east", "north", "bike", MONDAY, 1), JobLeg("thing#2", "west", "north", "bike", MONDAY, 1))
    job = job_of(design, 5, [JobTask("", design.key, "", MONDAY, 5, ())], legs)
    picks = build_pick_list(job, {design.key: design, other.key: other})
    assert [(pick.quantity, pick.source) for pick in picks] == [(5, "east"), (10, "west")]
