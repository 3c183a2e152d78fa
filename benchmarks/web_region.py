"""A made-up region in a folder with plans in its database, as the pages are measured on.

The first plan is made of promises, order by order (`benchmarks.promise`): seconds instead of minutes, and audited as
any other. It is dressed with alternatives and prices, as a solved plan has them. The others differ from it: each sends
other lots abroad.
"""

import random
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from benchmarks.made_up import Size, make_region
from benchmarks.made_up_files import BOOK, write_region
from benchmarks.promise import make_plan
from cosmolocal.database import open_database, planning_runs, save_plan, save_region
from cosmolocal.database.fronts import save_front
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.figures import find_figures
from cosmolocal.planning.ground import Ground
from cosmolocal.records import (
    Aim,
    Allocation,
    Alternative,
    Changes,
    CostTerms,
    Earlier,
    EarlierTask,
    Fix,
    Front,
    FrontPoint,
    LotState,
    Move,
    Plan,
    Price,
    Reason,
    Region,
    RunInfo,
    RunRequest,
    RunState,
    StoppedBy,
    Unmet,
)
from cosmolocal.workflows import Workspace, audit_records
from cosmolocal.workflows.design_questions import ask_question
from cosmolocal.workflows.fronts import list_fronts
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.pins import pin_designs

#: ways beside the chosen one that a plan keeps of each lot
ALTERNATIVES = 5
#: the one that is asked what would be if
SCENARIO = "a-workshop-closes"
#: in the list of runs
RUNS = 20
STAMP = "2026-09-01T06:00:00Z"


def make_folder(folder: Path, size: Size, plans: int) -> None:
    """Make the region's files and its database with so many plans."""
    write_region(folder, *make_region(size))
    workspace = Workspace(folder)
    inputs, book = workspace.read(folder / BOOK, {})
    region, pins = inputs.region, pin_designs(inputs.region.designs, book.orders)
    plan = make_plan(region, Resources(Ground(region)), book.orders)
    plan = replace(plan, book=book.name, digests={**inputs.digests, **pins, book.name: book.digest})
    if problems := audit_records(plan, region, book.orders).problems:
        raise RuntimeError(f"the plan fails its audit: {problems[0]}")
    first = _dress(plan, region)
    db = open_database(workspace.database_path)
    save_region(db, region)
    for number in range(plans):
        run = RunInfo(f"2026-09-{number % 28 + 1:02}T06:00:00+00:00", 60.0, ((30.0, plan.cost_cents, 0),))
        variant = _variant(first, number, plans)
        follows = number and number == plans - 2
        save_plan(db, _follow(variant, first, number, plans) if follows else variant, book.orders, run)
        sys.stderr.write(f"\rplan {number + 1} of {plans} stored")
    sys.stderr.write("\n")
    db.close()


def _dress(plan: Plan, region: Region) -> Plan:
    """Return a plan with alternatives and prices, and a reason and a fix for what is not made here."""
    dice = random.Random("alternatives")
    shops = [shop.id for shop in region.workshops]
    weeks = range(region.settings.weeks)
    groups = [f"{shop.id}/{group.id}" for shop in region.workshops for group in shop.groups]

    def alternatives() -> tuple[Alternative, ...]:
        return tuple(
            Alternative(dice.choice(shops), dice.choice(weeks), cents, ((dice.choice(groups), 1, 60),) if lack else ())
            for cents, lack in zip(
                sorted(dice.randrange(20_000) for _ in range(ALTERNATIVES)), (0, 1, 1, 0, 0), strict=True
            )
        )

    return replace(
        plan,
        stopped_by=StoppedBy.CLOCK,
        bound_cents=plan.cost_cents * 995 // 1000,
        allocations=tuple(replace(row, alternatives=alternatives()) for row in plan.allocations),
        unmet=tuple(_explained(row, dice.choice(groups), dice.choice(weeks)) for row in plan.unmet),
        prices=tuple(Price(group, week, dice.randrange(100, 4_000)) for group in groups for week in weeks),
    )


def _explained(row: Unmet, group: str, week: int) -> Unmet:
    capacity = Reason("capacity", {"resource": group, "week": week, "minutes": 90})
    shop, _, process = group.partition("/")
    fix = Fix("hours", {"hours": 2, "process": process, "workshop": shop, "week": week}, 1_000 + 7 * week)
    return replace(row, reasons=(capacity,), fixes=(fix,))


def _variant(plan: Plan, number: int, plans: int) -> Plan:
    """Return the plan with some other lots sent abroad, under an id of its own; the last one stored is the plan."""
    if number == plans - 1:
        chosen: list[Allocation] = []
    else:
        chosen = [row for nth, row in enumerate(plan.allocations) if nth % (10 * plans) == number]
    gone = {row.lot for row in chosen}
    abroad = tuple(_abroad(row) for row in chosen)
    cost = plan.cost_cents + sum(2 * row.cost.total_cents for row in chosen)
    made = tuple(row for row in plan.allocations if row.lot not in gone)
    units = sum(row.quantity for row in made)
    every = sum(row.quantity for row in plan.allocations) + sum(row.quantity for row in plan.unmet)
    share = replace(plan.local_share, units=1000 * units // max(1, every))
    plan_id = sha256(f"{number} {plan.digests}".encode()).hexdigest()[:12]
    unmet = (*plan.unmet, *abroad)
    return replace(plan, id=plan_id, seed=number, cost_cents=cost, allocations=made, unmet=unmet, local_share=share)


def _abroad(row: Allocation) -> Unmet:
    cents = row.cost.total_cents
    reason = Reason("import-cheaper", {"local_cents": cents, "import_cents": 3 * cents})
    return Unmet(row.lot, row.order, row.design, row.quantity, CostTerms(import_cents=3 * cents), (reason,), ())


def furnish(folder: Path) -> None:
    """Put into a region what its pages may show besides: a scenario, a front, runs and a question; once is enough."""
    (folder / "scenarios").mkdir(exist_ok=True)
    workspace = Workspace(folder)
    inputs, book = workspace.read(folder / BOOK, {})
    closed = inputs.region.workshops[0].id
    (folder / "scenarios" / f"{SCENARIO}.yaml").write_text(
        f"scenario:\n  title: A workshop closes\nedits:\n- close-workshop: {{workshop: {closed}}}\n"
    )
    if list_fronts(workspace):
        return
    plans = [workspace.plan(summary.id) for summary in workspace.plans()[:5]]
    plans.sort(key=lambda view: view.plan.cost_cents)
    points = tuple(
        FrontPoint(view.plan.id, find_figures(view.plan, inputs.region), view.plan.bound_cents) for view in plans
    )
    front = Front("0" * 12, inputs.region.id, book.name, Aim.SHARE, points, (), 1_000, dict(plans[0].plan.digests))
    db = open_database(workspace.database_path)
    save_front(db, front, STAMP)
    request = RunRequest(book.name, previous=plans[1].plan.id)
    for _ in range(RUNS):
        run = planning_runs.add_run(db, request, "ada", STAMP, "")
        planning_runs.start_run(db, run, STAMP)
        beats = [(number, (number / 10, 10_000_000 - 9_000 * number, 9_000_000)) for number in range(100)]
        planning_runs.beat(db, "", STAMP, run, beats)
        planning_runs.finish_run(db, run, RunState.DONE, STAMP, plans[0].plan.id)
    db.close()
    ask_question(workspace, OPERATOR, inputs.region.designs[0].key, "Which glue holds it?")


def _follow(plan: Plan, first: Plan, number: int, plans: int) -> Plan:
    """Return a variant as one that was made from the variant before it: what that one sent abroad is made here."""
    before = _variant(first, number - 1, plans)
    made = {row.lot for row in plan.allocations}
    earlier = tuple(
        Earlier(
            row.lot, row.order, row.quantity, LotState.PLANNED, row.workshop, row.week,
            tuple(EarlierTask(task.path, task.workshop, tuple(use.group for use in task.uses)) for task in row.tasks),
        )
        for row in before.allocations
    )  # fmt: skip
    moves = tuple(
        Move(row.lot, row.workshop, row.week, "", None, Reason("cheaper", {}), forced=False)
        for row in before.allocations
        if row.lot not in made
    )
    bounds = plan.bound_cents, plan.bound_cents
    return replace(plan, changes=Changes(before.id, 0, None, 0, earlier, (), moves, *bounds))
