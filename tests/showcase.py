"""A workspace made by hand that the pages can show: the sample region with designs, one plan, no files but pictures."""

from dataclasses import replace
from pathlib import Path

from samples import LAMPS_MADE, ORDERS, PLAN, REGION, RUN, STOOLS_IMPORTED

from cosmolocal.errors import InputError, NotFoundError, Problem
from cosmolocal.planning.metrics import load_by_group_week, measure_plan
from cosmolocal.records import (
    BomLine,
    BundleFile,
    Design,
    Operation,
    Part,
    Place,
    PlaceKind,
    Plan,
    PlanInputs,
    PlanStatus,
    PlanSummary,
    Process,
    Reason,
    Region,
    Vocabulary,
)
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.remembering import Same
from cosmolocal.workflows.workspace import DATABASE

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><script>alert(1)</script></svg>'
FILES = {"picture.svg": DRAWING, "parts/shade.dxf": b"0\nEOF\n", "read me.html": b"<script>alert(1)</script>"}

BUNDLE = tuple(BundleFile(path, len(data), "c" * 64) for path, data in FILES.items())
LAMP = Design(
    id="a~lamp",
    version="1.2.0",
    digest="sha256:" + "d" * 64,
    name="Lamp <b>",
    function="Gives light & shade.",
    license="CERN-OHL-S-2.0",
    licensor="Ada",
    repo="https://example.org/lamp",
    parts=(
        Part("", None, (Operation("assembly", 600),)),
        Part("shade", 200, (Operation("laser-cutting", 300, 60, "plywood", 120, (300, 200, 4)),)),
    ),
    bom=(
        BomLine(2, part="shade"),
        BomLine(1, design="a~stool"),
        BomLine(3, into="shade", bought="rivet", cost_cents=5),
    ),
    reference_price_cents=4_000,
    reference_co2e_g=9_000,
    image="picture.svg",
    changes="a lighter shade",
    files=BUNDLE,
)
OLD_LAMP = replace(LAMP, version="1.0.0", changes="", image=None, files=(), bom=())
STOOL = Design(
    id="a~stool",
    version="2.0.0",
    digest="sha256:" + "e" * 64,
    name="Stool",
    function="Something to sit on.",
    license=None,
    licensor="Ben",
    repo="javascript:alert(1)",
    parts=(Part("", 900, (Operation(None, None, unknown=("process", "seconds")),)),),
    bom=(BomLine(4, bought="leg", cost_cents=150),),
    reference_price_cents=None,
    reference_co2e_g=None,
)
SHOWN_REGION = replace(
    REGION,
    designs=(LAMP, OLD_LAMP, STOOL),
    places=(*REGION.places, Place("hub-mid", "Middle hub", PlaceKind.HUB, 41.395, 2.155)),
    vocabulary=Vocabulary((Process("laser-cutting", "Laser cutting"), Process("assembly", "Assembly"))),
)
SHOWN_PLAN = replace(
    PLAN,
    unmet=(
        replace(
            STOOLS_IMPORTED,
            reasons=(
                Reason("radius", {"workshop": "makers", "distance_m": 9_400, "place": "south"}),
                Reason("capacity", {"resource": "joiners/bench", "week": 1, "minutes": 90}),
            ),
            fixes=(
                replace(
                    STOOLS_IMPORTED.fixes[0],
                    code="workshop-radius",
                    values={"workshop": "makers", "from_m": 9_000, "to_m": 9_400},
                ),
            ),
        ),
    ),
)
#: an older plan of the same orders: the lamps were made by another workshop, a week later
OTHER_PLAN = replace(
    SHOWN_PLAN,
    id="other0000000",
    cost_cents=52_000,
    settings={**SHOWN_PLAN.settings, "weeks": 5},
    allocations=tuple(
        replace(
            row, workshop="makers", week=row.week + 1, tasks=tuple(replace(t, workshop="makers") for t in row.tasks)
        )
        for row in SHOWN_PLAN.allocations
    ),
)
COSTS = ("cost_cents", "bound_cents", "overtime_cents", "fairness_cents")
EMPTY_PLAN = replace(SHOWN_PLAN, id="empty0000000", allocations=(), unmet=(), prices=(), **dict.fromkeys(COSTS, 0))


def plan_with(plan: Plan, allocations: int) -> Plan:
    """Return the plan with its allocation repeated under other lot numbers."""
    rows = tuple(replace(LAMPS_MADE, lot=f"o-1/{number}") for number in range(1, allocations + 1))
    return replace(plan, allocations=rows)


class ShownWorkspace:
    """What `cosmolocal.workflows.Workspace` offers to the pages, from records in memory."""

    def __init__(self, folder: Path, plans: tuple[Plan, ...] = (SHOWN_PLAN,), region: Region = SHOWN_REGION) -> None:
        self.folder, self.shown_plans, self.shown_region = folder, plans, region

    @property
    def database_path(self) -> Path:
        return self.folder / DATABASE

    def region(self) -> Region:
        return self.shown_region

    def region_of(self, plan: Plan) -> Region:  # noqa: ARG002 - none of these plans is of a scenario
        return self.shown_region

    def state(self, plan_id: str | None = None, *, of_its_designs: bool = False) -> object:  # noqa: ARG002 - they hold no designs
        return Same(self.shown_region), Same(self.shown_plans), plan_id

    def database_state(self) -> object:
        return None

    def plans(self) -> tuple[PlanSummary, ...]:
        return tuple(
            PlanSummary(
                plan.id, plan.region, plan.book, plan.status, plan.stopped_by, plan.solver, plan.seed, plan.cost_cents,
                plan.bound_cents, len(plan.allocations), len(plan.unmet), plan.local_share, RUN.started_at, RUN.seconds,
            )
            for plan in self.shown_plans
        )  # fmt: skip

    def plan_inputs(self) -> dict[str, PlanInputs]:
        return {plan.id: PlanInputs(plan.digests, plan.settings) for plan in self.shown_plans}

    def plan(self, plan_id: str) -> PlanView:
        for plan in self.shown_plans:
            if plan.id == plan_id:
                kpis = measure_plan(plan, self.shown_region, ORDERS)
                return PlanView(plan, ORDERS, kpis, load_by_group_week(plan, self.shown_region), RUN)
        raise NotFoundError(f"there is no plan {plan_id!r}")

    def export(self, plan_id: str, form: str) -> bytes:
        return f"{plan_id} as {form}".encode()

    def design_file(self, design_id: str, version: str, path: str) -> Path:
        if (design_id, version) != ("a~lamp", "1.2.0") or path not in FILES:
            raise NotFoundError(f"there is no file {path!r}")
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(FILES[path])
        return target

    def bundle_files(self, design_id: str, version: str) -> tuple[BundleFile, ...]:
        return BUNDLE if (design_id, version) == ("a~lamp", "1.2.0") else ()


class BrokenWorkspace(ShownWorkspace):
    """A workspace whose region cannot be read."""

    def region(self) -> Region:
        raise InputError(
            [
                Problem("W012", "workshops.yaml: workshops[2].lat", "found 441; must be from -90 to 90"),
                Problem("W021", "region.yaml: settings.weeks", "found 'ten'; must be a number"),
            ]
        )


class CrashingWorkspace(ShownWorkspace):
    """A workspace with a fault of our own."""

    def region(self) -> Region:
        raise RuntimeError("the secret of the house")


OPTIMAL_PLAN = replace(SHOWN_PLAN, id="optimal00000", status=PlanStatus.OPTIMAL, bound_cents=SHOWN_PLAN.cost_cents)
