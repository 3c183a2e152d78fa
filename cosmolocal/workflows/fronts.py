"""Trade-offs: the plans between which a region may choose, made, audited, stored and found again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cosmolocal.database import fronts as rows
from cosmolocal.database import open_database
from cosmolocal.errors import InputError, NotFoundError, Problem, SolverError, say
from cosmolocal.fields import Fields
from cosmolocal.planning.fronts import FrontSettings, find_front
from cosmolocal.planning.plans import Provenance
from cosmolocal.planning.solvers.solution import Watch
from cosmolocal.records import Aim, Front, FrontPoint, RunInfo, RunRequest
from cosmolocal.workflows.asking import LONGEST_SECONDS, list_books
from cosmolocal.workflows.inputs import Book, RegionInputs, collect
from cosmolocal.workflows.pins import pin_designs
from cosmolocal.workflows.planning import Planned, audit_records
from cosmolocal.workflows.workspace import Workspace

CODES = {"P161": "what is asked of trade-offs is missing or wrong"}

COST = "cost"
AIMS = tuple(aim.value for aim in Aim)
FEWEST_POINTS, MOST_POINTS = 2, 20
#: [s] for all plans of a front together
SECONDS = 180.0
#: the fields of the form
FIELDS = ("book", "aim", "points", "gap", "seconds")


@dataclass(frozen=True, slots=True)
class Offer:
    """A front with its plans, cheapest first."""

    front: Front
    planned: tuple[Planned, ...]
    #: [s] for all of them
    seconds: float


def make_front(inputs: RegionInputs, book: Book, settings: FrontSettings, watch: Watch) -> Offer:
    """Return the front of an order book, each of its plans audited.

    Raises
    ------
    SolverError
        When a plan does not pass its audit: a fault of this program.
    """
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    pins = pin_designs(inputs.region.designs, book.orders)
    provenance = Provenance(book.name, {**inputs.digests, **pins, book.name: book.digest})
    front, plans = find_front(inputs.region, book.orders, provenance, settings, watch)
    seconds = round(watch.seconds(), 2)
    planned = []
    for plan in plans:
        report = audit_records(plan, inputs.region, book.orders)
        if report.problems:
            raise SolverError("the plan fails its audit:\n" + "\n".join(str(problem) for problem in report.problems))
        run = RunInfo(started_at, seconds, ((seconds, plan.cost_cents, plan.bound_cents),))
        planned.append(Planned(plan, book.orders, run, report))
    return Offer(front, tuple(planned), seconds)


def save_offer(workspace: Workspace, offer: Offer, inputs: RegionInputs) -> None:
    """Store a front and its plans."""
    for planned in offer.planned:
        workspace.save(planned, inputs.region)
    db = open_database(workspace.database_path)
    try:
        rows.save_front(db, offer.front, offer.planned[0].run.started_at)
    finally:
        db.close()


def list_fronts(workspace: Workspace) -> tuple[tuple[str, Front], ...]:
    """Return (moment made, front) of all stored fronts, newest first."""
    if not workspace.database_path.exists():
        return ()
    db = open_database(workspace.database_path)
    try:
        return rows.list_fronts(db)
    finally:
        db.close()


def find_stored(workspace: Workspace, front_id: str) -> tuple[str, Front]:
    """Return a stored front by its id, with the moment it was made.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    for made_at, front in list_fronts(workspace):
        if front.id == front_id:
            return made_at, front
    raise NotFoundError(say("there is no front %(name)s", name=repr(front_id)))


def front_of_plan(workspace: Workspace, plan_id: str) -> Front:
    """Return the newest front that a plan is part of.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    for _, front in list_fronts(workspace):
        if plan_id in (point.plan for point in front.points):
            return front
    raise NotFoundError(f"plan {plan_id!r} is part of no front")


def read_aims(text: str) -> Aim:
    """Return what cost is traded for, given as ``cost,local-share``.

    Raises
    ------
    InputError
        When it is not cost and one other aim.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    others = [name for name in names if name != COST]
    if COST not in names or len(names) != 2 or len(others) != 1 or others[0] not in AIMS:
        found = say("found %(found)r; must be cost and one of %(known)s", found=text, known=", ".join(AIMS))
        raise InputError([Problem("P161", "aims", found)])
    return Aim(others[0])


def read_front_request(workspace: Workspace, values: Mapping[str, str]) -> RunRequest:
    """Return what a form asks for; ``gap`` is in percent, what is empty has its usual value.

    Raises
    ------
    InputError
        With every fault of the form and of the order book.
    """
    problems: list[Problem] = []
    given = {name: values.get(name, "").strip() for name in FIELDS if values.get(name, "").strip()}
    table = Fields(given, "front", "P161", problems)
    book, aim = table.text("book", required=True), table.text("aim", default=Aim.SHARE.value)
    if book and book not in (books := list_books(workspace.folder)):
        table.fault("book", book, say("must be one of %(known)s", known=", ".join(books)))
        book = ""
    if aim not in AIMS:
        table.fault("aim", aim, say("must be one of %(known)s", known=", ".join(AIMS)))
    request = RunRequest(
        book=book,
        seconds=table.real("seconds", SECONDS, 0.1, LONGEST_SECONDS),
        gap=table.real("gap", 0.5, 0, 100) / 100,
        front=aim,
        points=table.number("points", default=5, low=FEWEST_POINTS, high=MOST_POINTS) or 5,
    )
    table.finish()
    if book:
        collect(problems, lambda: workspace.read(workspace.folder / book, {}))
    if problems:
        raise InputError(problems)
    return request


def describe_point(front: Front, number: int) -> dict[str, Any]:
    """Return a point of a front as one flat row."""
    point: FrontPoint = front.points[number]
    figures, share = point.figures, point.figures.local_share
    return {
        "front": front.id,
        "plan": point.plan,
        "cost_cents": figures.cost_cents,
        "bound_cents": point.bound_cents,
        "gap": round(point.gap, 6),
        "co2e_g": figures.co2e_g,
        "local_value_permille": share.value,
        "local_units_permille": share.units,
        "local_mass_permille": share.mass,
        "busiest_permille": figures.fairness,
        "limit": None if point.limit is None else point.limit.value,
        "next_step_cents": front.step_cents(number),
    }


def describe_front(front: Front, steps: int = 40) -> dict[str, Any]:
    """Return a front as its JSON document: its points, and what no plan costs less than along the aim."""
    return {
        "front": front.id,
        "region": front.region,
        "book": front.book,
        "aims": [COST, front.aim.value],
        "points": [describe_point(front, number) for number in range(len(front.points))],
        "bound": [{"value": value, "cents": front.bound_cents(value)} for value in sample(front, steps)],
        "digests": dict(front.digests or {}),
    }


def sample(front: Front, steps: int, room: float = 0.15) -> list[int]:
    """Return values of the aim along a front and somewhat beyond both ends, rising."""
    values = [point.figures.of(front.aim) or 0 for point in front.points]
    low, high = min(values, default=0), max(values, default=0)
    beyond = max(1, round((high - low) * room))
    low, high = max(0, low - beyond), high + beyond
    if front.aim.is_share:
        high = min(1000, high)
    return sorted({low + (high - low) * number // steps for number in range(steps + 1)} | set(values))
