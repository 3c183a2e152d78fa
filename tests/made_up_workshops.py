"""Registers that hypothesis makes up."""

from datetime import date, timedelta

from hypothesis import strategies as st

from cosmolocal.processes import load_vocabulary
from cosmolocal.records import CapacityPeriod, MachineGroup, Origin, Provenance, Tolerance, Workshop, WorkshopStatus
from cosmolocal.workshops.register import LEGAL_FORMS

VOCABULARY = load_vocabulary()

slugs = st.lists(st.text("a0n", min_size=1, max_size=4), min_size=1, max_size=3).map("-".join)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20).map(str.strip)
names = texts.filter(bool)


@st.composite
def periods(draw) -> tuple[CapacityPeriod, ...]:
    """Periods that follow each other without overlap; the first and the last may have no end."""
    edges = sorted(draw(st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), unique=True, max_size=4)))
    starts = [draw(st.sampled_from([None, date(2019, 1, 1)])), *edges]
    ends = [*(edge - timedelta(days=1) for edge in edges), draw(st.sampled_from([None, date(2031, 1, 1)]))]
    hours = [sorted(draw(st.lists(st.integers(0, 168 * 60), min_size=3, max_size=3))) for _ in starts]
    made = [CapacityPeriod(*hour, start, end) for hour, start, end in zip(hours, starts, ends, strict=True)]
    return tuple(made[draw(st.integers(0, 1)) :])


@st.composite
def figures(draw) -> dict[str, object]:
    """Hours and cost of a group: both, the cost alone, or neither."""
    unknown = draw(st.sampled_from([(), ("weekly_hours",), ("hourly_cost", "weekly_hours")]))
    cost = 0 if "hourly_cost" in unknown else draw(st.integers(0, 10_000_000))
    return {"unknown": unknown, "hourly_cost_cents": cost, "periods": () if unknown else draw(periods())}


imports = st.builds(Origin, source=names, id=texts, day=st.none() | st.dates(), licence=texts)
groups = st.builds(
    lambda figures, **others: MachineGroup(**figures, **others),
    figures=figures(),
    id=slugs,
    process=st.sampled_from([process.id for process in VOCABULARY.processes]),
    machines=st.integers(1, 10_000),
    envelope_mm=st.none() | st.tuples(*[st.integers(1, 1_000_000)] * 3),
    materials=st.none() | st.lists(slugs, unique=True, max_size=3).map(tuple),
    tolerance=st.none() | st.sampled_from(Tolerance),
    setup_seconds=st.integers(0, 604_800),
    speed_percent=st.integers(1, 10_000),
    co2e_g_per_hour=st.integers(0, 1_000_000),
    minimum_lot=st.integers(1, 1_000_000),
    provenance=st.sampled_from(Provenance),
    make=texts,
    model=texts,
    imported=st.none() | imports,
)
workshops = st.builds(
    Workshop,
    id=slugs,
    name=names,
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    groups=st.lists(groups, max_size=3, unique_by=lambda group: group.id).map(tuple),
    status=st.sampled_from(WorkshopStatus),
    legal_form=st.sampled_from(LEGAL_FORMS),
    radius_m=st.none() | st.integers(0, 20_000_000),
    open_weekdays=st.sets(st.integers(0, 6), min_size=1).map(sorted).map(tuple),
    closed_days=st.sets(st.dates(), max_size=3).map(sorted).map(tuple),
    address=texts,
    example=st.booleans(),
    source=texts,
    provenance=st.sampled_from(Provenance),
    terms_provenance=st.sampled_from(Provenance),
    imported=st.lists(imports, max_size=2).map(tuple),
)
registers = st.lists(workshops, max_size=3, unique_by=lambda workshop: workshop.id).map(tuple)
