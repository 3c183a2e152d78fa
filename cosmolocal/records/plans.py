"""What was decided: plans, their allocations, what stays unmet, and why."""

from dataclasses import dataclass, field
from enum import StrEnum

from cosmolocal.records.changes import Changes
from cosmolocal.records.codec import SPARSE
from cosmolocal.records.reasons import Reason


class PlanStatus(StrEnum):
    """How far the solver got."""

    #: no plan of the options considered is cheaper
    OPTIMAL = "optimal"
    #: within the gap, or stopped; the bound says how far it may be from the best
    FEASIBLE = "feasible"


class StoppedBy(StrEnum):
    """Why the solver ended."""

    PROOF = "proof"
    GAP = "gap"
    #: the options are solved within the gap; only ways that are no options could be better
    OPTIONS = "options"
    #: everything the solver tries was tried before time was up, and none of it helped
    TRIED = "tried"
    CLOCK = "clock"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class CostTerms:
    """What an allocation or an import costs, each term apart; ``docs/model.md`` defines each."""

    machine_cents: int = 0
    material_cents: int = 0
    bought_cents: int = 0
    transport_cents: int = 0
    import_cents: int = 0
    #: weighed terms: no money changes hands
    co2e_cents: int = 0
    lateness_cents: int = 0
    distance_cents: int = 0
    penalty_cents: int = 0
    #: [g CO2e], [m travelled], [weeks] that the weighed terms come from
    co2e_g: int = 0
    distance_m: int = 0
    late_weeks: int = 0

    @property
    def money_cents(self) -> int:
        """Return what is really paid."""
        return self.machine_cents + self.material_cents + self.bought_cents + self.transport_cents + self.import_cents

    @property
    def total_cents(self) -> int:
        """Return what the plan minimises."""
        return self.money_cents + self.co2e_cents + self.lateness_cents + self.distance_cents + self.penalty_cents


@dataclass(frozen=True, slots=True)
class GroupUse:
    """Machine time of one operation of a task."""

    #: machine group of the task's workshop
    group: str
    process: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Task:
    """One part of a lot, made by one workshop in one week."""

    #: position in the bill of materials: "" the whole, "wheel/rim" a part of a part
    path: str
    #: ``id@version`` of the design whose part it is
    design: str
    #: name of the part; "": the design put together
    part: str
    workshop: str
    #: week index, 0 is the week of ``Settings.start_date``
    week: int
    #: [units of the part]
    quantity: int
    #: one entry per operation, in their order
    uses: tuple[GroupUse, ...]
    #: is it the first article, made and checked before the rest? Only written where it is
    first: bool = field(default=False, metadata=SPARSE)


@dataclass(frozen=True, slots=True)
class Leg:
    """A transport: of a part to where it is used (path of that part), or of the lot to its place (path "")."""

    path: str
    from_place: str
    to_place: str
    mode: str
    week: int
    #: [m] one way
    distance_m: int
    trips: int
    mass_g: int
    #: places passed, first and last included
    via: tuple[str, ...]
    #: does it bring parts of the first article? Only written where it does
    first: bool = field(default=False, metadata=SPARSE)
    #: [cents] its part, by kilograms, of the `Trip` that it shares with others, all weighed; ``trips`` is 0 then. What
    #: trips cost counts once, in ``Plan.trips_cents``: this only explains it
    share_cents: int = field(default=0, metadata=SPARSE)


@dataclass(frozen=True, slots=True)
class Trip:
    """All that goes from one place to another by one mode in one week, where lots share trips."""

    from_place: str
    to_place: str
    mode: str
    week: int
    #: [m] of one trip, one way
    distance_m: int
    #: how often it is made
    trips: int
    #: [kg] of all lots that share it
    load_kg: int
    #: [cents], [g CO2e] of all trips
    cents: int
    co2e_g: int
    #: [cents] of all trips with CO2e and distance weighed: what the plan minimises
    total_cents: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to serve the lot, everything else staying as it is."""

    workshop: str
    week: int
    #: [cents] dearer than the choice made (negative: cheaper, but there is no room)
    extra_cents: int
    #: what it lacks: (machine group "workshop/group" or link "a–b", week, missing minutes or kg); empty: there is room
    lacks: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """A smallest change that would serve the lot."""

    code: str
    values: dict[str, str | int]
    #: [cents] by which the plan would be cheaper with it, all other allocations as they are
    saves_cents: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """A lot that is made in the region: one row of a plan."""

    lot: str
    order: str
    #: ``id@version``
    design: str
    #: [units]
    quantity: int
    #: where the last task is done
    workshop: str
    #: week of the last task and of the delivery
    week: int
    tasks: tuple[Task, ...]
    legs: tuple[Leg, ...]
    cost: CostTerms
    alternatives: tuple[Alternative, ...] = ()

    @property
    def first_tasks(self) -> tuple[Task, ...]:
        """Return the tasks of the first article; none: the lot has no such gate.

        Nothing else of the lot may be begun before they are all done and the piece is checked.
        """
        return tuple(task for task in self.tasks if task.first)

    @property
    def first_article(self) -> Task | None:
        """Return the task after which the first article is whole, and can be checked; None: the lot has none."""
        return next((task for task in self.tasks if task.first and not task.path), None)

    @property
    def batch_week(self) -> int:
        """Return the week in which the first task is done that waits for the first article, or the first of all."""
        return min((task.week for task in self.batch_tasks), default=self.week)

    @property
    def batch_tasks(self) -> tuple[Task, ...]:
        """Return the tasks that wait for the first article, or all where there is none: one for each part."""
        return tuple(task for task in self.tasks if not task.first)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A lot that is not made in the region, and so imported."""

    lot: str
    order: str
    #: ``id@version``; just the id when no version fits
    design: str
    quantity: int
    cost: CostTerms
    reasons: tuple[Reason, ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """What one more hour of a machine group, or 100 kg on a link, would be worth in a week."""

    #: "workshop/group" or link "a–b"
    resource: str
    week: int
    cents: int


@dataclass(frozen=True, slots=True)
class LocalShare:
    """Parts of demand made inside the region, in per mille, rounded down; None: nothing to measure."""

    units: int | None
    mass: int | None
    value: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """One choice of options for an order book, with its certificate."""

    #: first 12 hex digits of the digest of inputs, settings and seed
    id: str
    region: str
    #: name of the order book
    book: str
    status: PlanStatus
    stopped_by: StoppedBy
    solver: str
    seed: int
    #: [ratio] asked for
    gap_limit: float
    cost_cents: int
    bound_cents: int
    #: part of the cost that no single lot causes
    overtime_cents: int
    fairness_cents: int
    #: sha256 by input file
    digests: dict[str, str]
    #: version by program
    versions: dict[str, str]
    #: settings as planned with, after all overrides, as plain values
    settings: dict[str, str | int | None]
    local_share: LocalShare
    allocations: tuple[Allocation, ...]
    unmet: tuple[Unmet, ...]
    prices: tuple[Price, ...] = ()
    #: what it took over from a plan before; None: it was planned from scratch
    changes: Changes | None = None
    #: what lots share, by from, to, mode and week, and its cost; only where the region shares trips
    trips: tuple[Trip, ...] = field(default=(), metadata=SPARSE)
    trips_cents: int = field(default=0, metadata=SPARSE)
    #: id of the scenario that region and orders were edited by; only where there is one
    scenario: str = field(default="", metadata=SPARSE)

    @property
    def gap(self) -> float:
        """Return how far, as a part of its cost, the plan is at most from the best: 0 is proved best."""
        return 0.0 if self.cost_cents == 0 else (self.cost_cents - self.bound_cents) / self.cost_cents
