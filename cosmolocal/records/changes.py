"""What a new plan took over from the one before, and what it changed."""

from dataclasses import dataclass
from enum import StrEnum

from cosmolocal.records.reasons import Reason


class LotState(StrEnum):
    """How far the work on a lot of a plan has come."""

    #: nobody has said anything yet
    PLANNED = "planned"
    #: its workshop has promised to make it
    ACCEPTED = "accepted"
    STARTED = "started"
    #: delivered, or made in weeks that are past
    DONE = "done"
    #: its workshop will not make it
    DECLINED = "declined"


#: what stays where it is
KEPT_STATES = (LotState.ACCEPTED, LotState.STARTED)


@dataclass(frozen=True, slots=True)
class EarlierTask:
    """Who did a part of a lot in the plan before."""

    #: as in `cosmolocal.records.Task`
    path: str
    workshop: str
    #: machine group of each operation
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Where a lot was made in the plan before."""

    lot: str
    order: str
    #: [units]
    quantity: int
    state: LotState
    #: where the last task was to be done
    workshop: str
    #: week of the last task, counted from the start of the new plan: below 0 it is past
    week: int
    tasks: tuple[EarlierTask, ...]
    #: why it cannot stay; None: it can
    hindrance: Reason | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """A workshop that is not asked again for a lot."""

    lot: str
    workshop: str
    #: in the workshop's words
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A lot that a planner wants made by one workshop in one week."""

    lot: str
    #: where the last task is done
    workshop: str
    #: week of the last task, counted from the start of the new plan
    week: int
    #: why it cannot be so; None: it is
    hindrance: Reason | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A lot that the plan before made elsewhere, at another time, or otherwise."""

    lot: str
    from_workshop: str
    from_week: int
    #: "" and None: it is imported now
    to_workshop: str
    to_week: int | None
    why: Reason
    #: was there no choice? Such moves do not count against the budget
    forced: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """How a plan follows the one before."""

    #: id of the plan before
    previous: str
    #: [weeks] that the new plan begins later
    weeks_later: int
    #: most lots that may move without need; None: any number
    most_moves: int | None
    #: [cents] each of them was made dearer by, while searching
    move_cents: int
    #: every lot that the plan before made here and that an order still asks for
    earlier: tuple[Earlier, ...]
    #: of this plan and all before
    declined: tuple[Declined, ...]
    moves: tuple[Move, ...]
    #: no plan under the same rules has less cost + move_cents × moves without need
    steered_bound_cents: int
    #: no plan that may move what is neither accepted nor started as it likes costs less
    free_bound_cents: int
    #: [cents] that one more move would be worth, at the margin
    next_move_cents: int = 0
    #: lots that planners want where they say
    pinned: tuple[Pinned, ...] = ()
    #: workshops that planners do not want for a lot, in this plan
    forbidden: tuple[Declined, ...] = ()

    @property
    def counted_moves(self) -> int:
        """Return the moves made without need: those that the budget limits."""
        return sum(not move.forced for move in self.moves)

    @property
    def kept(self) -> tuple[Earlier, ...]:
        """Return the accepted and started lots that stay."""
        return tuple(row for row in self.earlier if row.state in KEPT_STATES and row.hindrance is None)

    @property
    def conflicts(self) -> tuple[Earlier, ...]:
        """Return the accepted and started lots that cannot stay."""
        return tuple(row for row in self.earlier if row.state in KEPT_STATES and row.hindrance is not None)

    @property
    def done(self) -> frozenset[str]:
        """Return the ids of the lots that are done: no plan makes them again."""
        return frozenset(row.lot for row in self.earlier if row.state is LotState.DONE)
