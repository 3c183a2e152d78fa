"""The work of a plan along its weeks: steps, gathered by workshop or by lot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cosmolocal.exports.tables import Row
from cosmolocal.records import Allocation, Order, Task
from cosmolocal.web.asking import Asked, RowQuery, has_words, read_cut
from cosmolocal.web.names import Names
from cosmolocal.web.paging import Cut
from cosmolocal.web.shared import orders_by_id, recall_of
from cosmolocal.workflows import PlanView

#: workshops, or lots, of one page
SHOPS, LOTS = 25, 50
#: kinds of lots in one cell; the rest are a link
MOST_SLOTS = 4
#: [weeks] side by side
MOST_WEEKS = 13

COLUMNS = (
    "plan", "workshop", "week", "monday", "lot", "order", "design", "part", "quantity", "machine_minutes",
    "delivered_week", "late_weeks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TimelineQuery(RowQuery):
    """What an address asks for."""

    #: id; its lots are the rows, one by one
    workshop: str = ""
    design: str = ""
    q: str = ""
    late: bool = False
    #: first week that is shown
    start: int = 0
    #: [rows] of a page; 0: all
    size: int = SHOPS


@dataclass(frozen=True, slots=True)
class Step:
    """A task of a lot: what one workshop makes of it in one week."""

    allocation: Allocation
    order: Order
    task: Task
    design: str

    @property
    def late(self) -> bool:
        """Tell whether the lot comes after its due week."""
        return self.allocation.cost.late_weeks > 0

    @property
    def due_week(self) -> int:
        """Return the week in which a late lot was due."""
        return self.allocation.week - self.allocation.cost.late_weeks


@dataclass(frozen=True, slots=True)
class Slot:
    """Lots of one design in a workshop and a week."""

    design_id: str
    design: str
    lots: int
    late: int
    #: are only parts of them made here?
    parts_only: bool


@dataclass(frozen=True, slots=True)
class ShopLine:
    """A workshop along the weeks."""

    id: str
    name: str
    steps_by_week: Mapping[int, Sequence[Step]]

    @property
    def lots(self) -> int:
        """Return the number of lots that it makes, or makes parts of."""
        return len({step.allocation.lot for found in self.steps_by_week.values() for step in found})

    def slots(self, week: int) -> tuple[Slot, ...]:
        """Return its work of a week by design: late ones first, then the most frequent."""
        return _slots(self.steps_by_week.get(week, ()))


@dataclass(frozen=True, slots=True)
class LotLine:
    """A lot along the weeks, as one workshop sees it."""

    step: Step
    steps_by_week: Mapping[int, tuple[Step, ...]]


def read_query(args: Mapping[str, str], names: Names) -> TimelineQuery:
    """Return the query of an address; raises `InputError` with every part that cannot be read."""
    asked = Asked(args, names)
    workshop = asked.choice("workshop", names.workshops)
    size, page = read_cut(asked, LOTS if workshop else SHOPS)
    query = TimelineQuery(
        workshop,
        asked.choice("design", {key.partition("@")[0] for key in names.designs}),
        asked.words(),
        asked.flag("late"),
        asked.number("start") or 0,
        size,
        page=page,
    )
    asked.finish()
    return query


def find_steps(view: PlanView, query: TimelineQuery, names: Names) -> list[Step]:
    """Return the steps that an address asks for, by workshop, week and lot."""
    return [step for step in _all_steps(view, names) if _wanted(step, query)]


def _wanted(step: Step, query: TimelineQuery) -> bool:
    return (
        query.workshop in ("", step.task.workshop)
        and (not query.late or step.late)
        and query.design in ("", step.order.design)
        and (not query.q or has_words(f"{step.allocation.lot} {step.allocation.design} {step.design}", query.q))
    )


def _all_steps(view: PlanView, names: Names) -> list[Step]:
    def build() -> list[Step]:
        order_by_id = orders_by_id(view)
        steps = [
            Step(row, order_by_id[row.order], task, names.design(row.design))
            for row in view.plan.allocations
            for task in row.tasks
        ]
        return sorted(steps, key=lambda step: (step.task.workshop, step.task.week, step.allocation.lot, step.task.path))

    return recall_of(view, "steps", build)


def shown_weeks(view: PlanView, query: TimelineQuery) -> range:
    """Return the weeks side by side, of those in which something is made."""
    last = last_week(view)
    start = min(query.start, last)
    return range(start, min(last + 1, start + MOST_WEEKS))


def last_week(view: PlanView) -> int:
    """Return the last week in which something is made; 0 where nothing is."""
    return max((task.week for row in view.plan.allocations for task in row.tasks), default=0)


def choices(view: PlanView, names: Names) -> dict[str, list[tuple[str, str]]]:
    """Return (id, name) of the workshops and designs that a timeline can be narrowed to."""

    def find() -> dict[str, list[tuple[str, str]]]:
        workshops = {task.workshop for row in view.plan.allocations for task in row.tasks}
        designs = {row.design.partition("@")[0]: names.design(row.design) for row in view.plan.allocations}
        pairs = {"workshops": [(one, names.place(one)) for one in workshops], "designs": list(designs.items())}
        return {name: sorted(found, key=lambda pair: (pair[1].casefold(), pair[0])) for name, found in pairs.items()}

    return recall_of(view, "timeline choices", find)


def shop_lines(steps: Iterable[Step], query: TimelineQuery, names: Names) -> Cut[ShopLine]:
    """Return a line for each workshop with work, by name."""
    cells: dict[str, dict[int, list[Step]]] = defaultdict(lambda: defaultdict(list))
    for step in steps:
        cells[step.task.workshop][step.task.week].append(step)
    lines = [ShopLine(workshop, names.place(workshop), weeks) for workshop, weeks in cells.items()]
    return Cut(sorted(lines, key=lambda line: (line.name.casefold(), line.id)), query.size, query.page)


def _slots(steps: Iterable[Step]) -> tuple[Slot, ...]:
    by_design: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_design[step.order.design].append(step)
    slots = [
        Slot(
            design_id,
            found[0].design,
            len({step.allocation.lot for step in found}),
            len({step.allocation.lot for step in found if step.late}),
            all(step.task.path for step in found),
        )
        for design_id, found in by_design.items()
    ]
    return tuple(sorted(slots, key=lambda slot: (-slot.late, -slot.lots, slot.design.casefold())))


def lot_lines(steps: Iterable[Step], query: TimelineQuery) -> Cut[LotLine]:
    """Return a line for each lot, by its first week."""
    cells: dict[str, dict[int, list[Step]]] = defaultdict(lambda: defaultdict(list))
    first: dict[str, Step] = {}
    for step in steps:
        lot = step.allocation.lot
        cells[lot][step.task.week].append(step)
        first.setdefault(lot, step)
    lines = [LotLine(step, {week: tuple(found) for week, found in cells[lot].items()}) for lot, step in first.items()]
    lines.sort(key=lambda line: (min(line.steps_by_week), line.step.allocation.week, line.step.allocation.lot))
    return Cut(lines, query.size, query.page)


def step_rows(steps: Iterable[Step], plan_id: str, names: Names) -> list[Row]:
    """Return the steps by ``COLUMNS``."""
    return [
        {
            "plan": plan_id,
            "workshop": step.task.workshop,
            "week": step.task.week,
            "monday": names.monday(step.task.week).isoformat(),
            "lot": step.allocation.lot,
            "order": step.allocation.order,
            "design": step.allocation.design,
            "part": step.task.part,
            "quantity": step.task.quantity,
            "machine_minutes": sum(use.minutes for use in step.task.uses),
            "delivered_week": step.allocation.week,
            "late_weeks": step.allocation.cost.late_weeks,
        }
        for step in steps
    ]
