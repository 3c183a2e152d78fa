"""A small region with one order book and a plan made by hand that uses every field of every record."""

from dataclasses import replace
from datetime import date

from cosmolocal.records import (
    Allocation,
    Alternative,
    CapacityPeriod,
    CostTerms,
    Fix,
    GroupUse,
    Leg,
    LocalShare,
    MachineGroup,
    Mode,
    NetworkSettings,
    Order,
    Place,
    PlaceKind,
    Plan,
    PlanStatus,
    Price,
    Priority,
    Reason,
    Region,
    RunInfo,
    Settings,
    StoppedBy,
    Task,
    Unmet,
    Vocabulary,
    Workshop,
)

RUN = RunInfo("2026-09-01T08:00:00+00:00", 12.5, ((0.5, None, 900), (2.0, 52_000, 1_000), (12.5, 51_260, 51_000)))

LAMPS = Order("o-1", "a~lamp", "^1.0", 4, "north", date(2026, 9, 18), date(2026, 9, 7), Priority.HIGH, True, 2, 9000)
STOOLS = Order("o-2", "a~stool", "*", 3, "south", date(2026, 9, 25))
ORDERS = (LAMPS, STOOLS)

MAKERS = Workshop(
    "makers",
    "Makers & <Friends>",
    41.40,
    2.16,
    (MachineGroup("laser", "laser-cutting", 1, 1800, (CapacityPeriod(600, 900, 1200),)),),
)
JOINERS = Workshop(
    "joiners", "Joiners", 41.38, 2.15, (MachineGroup("bench", "assembly", 1, 1200, (CapacityPeriod(600, 600, 600),)),)
)
REGION = Region(
    "two",
    "Two neighbourhoods",
    (
        Place("north", "North", PlaceKind.NEIGHBOURHOOD, 41.42, 2.17, "Upper", 5000),
        Place("south", "South", PlaceKind.NEIGHBOURHOOD, 41.37, 2.14),
    ),
    (MAKERS, JOINERS),
    NetworkSettings(1.3, (Mode("bike", "Cargo bike", 15, 150, 90, 5, 100_000),)),
    Settings(date(2026, 9, 7), 4),
    Vocabulary(()),
    (),
    attribution="made up",
)

LAMPS_MADE = Allocation(
    "o-1/1",
    "o-1",
    "a~lamp@1.2.0",
    4,
    "joiners",
    2,
    (
        Task("", "a~lamp@1.2.0", "", "joiners", 2, 4, (GroupUse("bench", "assembly", 40),)),
        Task("shade", "a~lamp@1.2.0", "shade", "makers", 1, 8, (GroupUse("laser", "laser-cutting", 95),)),
    ),
    (
        Leg("shade", "makers", "joiners", "bike", 1, 3_100, 1, 1_600, ("makers", "joiners")),
        Leg("", "joiners", "north", "bike", 2, 6_400, 1, 4_800, ("joiners", "makers", "north")),
    ),
    CostTerms(3_650, 800, 120, 1_155, 0, 22, 260, 3, 0, 1_090, 9_500, 1),
    (Alternative("makers", 2, 310), Alternative("joiners", 1, -260, (("joiners/bench", 1, 35),))),
)
#: the same lamps, one of them made and checked before the others
LAMPS_GATED = replace(
    LAMPS_MADE,
    tasks=(
        Task("", "a~lamp@1.2.0", "", "joiners", 3, 3, (GroupUse("bench", "assembly", 30),)),
        Task("shade", "a~lamp@1.2.0", "shade", "makers", 2, 6, (GroupUse("laser", "laser-cutting", 75),)),
        Task("", "a~lamp@1.2.0", "", "joiners", 1, 1, (GroupUse("bench", "assembly", 15),), first=True),
        Task("shade", "a~lamp@1.2.0", "shade", "makers", 0, 2, (GroupUse("laser", "laser-cutting", 35),), first=True),
    ),
    legs=(
        Leg("shade", "makers", "joiners", "bike", 2, 3_100, 1, 1_200, ("makers", "joiners")),
        Leg("shade", "makers", "joiners", "bike", 0, 3_100, 1, 400, ("makers", "joiners"), first=True),
        Leg("", "joiners", "north", "bike", 3, 6_400, 1, 4_800, ("joiners", "makers", "north")),
    ),
    week=3,
)
STOOLS_IMPORTED = Unmet(
    "o-2/1",
    "o-2",
    "a~stool@2.0.0",
    3,
    CostTerms(import_cents=21_000, co2e_cents=1_250, penalty_cents=21_000, co2e_g=62_500),
    (Reason("radius", {"workshop": "makers", "distance_m": 9_400, "radius_m": 9_000}), Reason("capacity", {})),
    (Fix("radius", {"workshop": "makers", "radius_m": 9_400}, 17_200),),
)
PLAN = Plan(
    id="0123456789ab",
    region="two",
    book="autumn",
    status=PlanStatus.FEASIBLE,
    stopped_by=StoppedBy.GAP,
    solver="exact",
    seed=7,
    gap_limit=0.005,
    cost_cents=51_260,
    bound_cents=51_000,
    overtime_cents=1_500,
    fairness_cents=500,
    digests={"workshops.yaml": "sha256:" + "a" * 64, "orders/autumn.csv": "sha256:" + "b" * 64},
    versions={"cosmolocal": "0.1.0"},
    settings={"start_date": "2026-09-07", "weeks": 4, "overtime_percent": None},
    local_share=LocalShare(571, 420, None),
    allocations=(LAMPS_MADE,),
    unmet=(STOOLS_IMPORTED,),
    prices=(Price("joiners/bench", 1, 1_400),),
)
