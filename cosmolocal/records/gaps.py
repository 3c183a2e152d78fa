"""What a region lacks: machine hours that a plan has no room for, and what is imported for other reasons."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnmetHours:
    """Machine time of lots that are imported because machines are full, by process, place and week."""

    process: str
    #: where the orders go to
    place: str
    week: int
    #: [minutes] on the machines of the region that need least for it
    least_minutes: int
    #: [minutes] on the machines of the region in the mean
    mean_minutes: int
    #: ids of lots, ascending; those of several weeks count in each
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HourWorth:
    """What one more hour of a process would save in a week, where it is worth most."""

    process: str
    week: int
    #: [cents] at the margin
    cents: int
    #: "workshop/group" of the machines where the hour is worth so much
    resource: str


@dataclass(frozen=True, slots=True)
class Apart:
    """Lots that are imported for a reason that no machine hours mend."""

    #: code of the reason, as in `cosmolocal.planning.wording.REASONS`
    reason: str
    lots: tuple[str, ...]
    #: [units] of all of them
    units: int
    #: [cents] what the plan pays for them, all weighed
    cents: int
    #: could machines that the region does not have, or has elsewhere, make them?
    is_for_machines: bool
    #: ids of the processes that are missing or do not fit; empty: none is named
    processes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gaps:
    """What keeps the orders of a plan from being made in the region."""

    #: by process, place and week
    hours: tuple[UnmetHours, ...]
    #: by process and week, those above 0
    worth: tuple[HourWorth, ...]
    #: those that most is paid for first
    apart: tuple[Apart, ...]
    #: lots, units that hours would mend
    lots: int
    units: int


@dataclass(frozen=True, slots=True)
class HourCheck:
    """The price of an hour beside what planning again with one more hour comes to."""

    #: "workshop/group"
    resource: str
    week: int
    #: [minutes] really added: whole minutes for each machine
    added_minutes: int
    #: [cents] that so many minutes are worth by the plan's price
    price_cents: int
    #: [cents] by which the plan with them is cheaper than what planning again without them comes to
    saved_cents: int
    #: [cents] no plan with them is cheaper by more
    most_cents: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a proposal saves and serves, planned for real."""

    #: [cents] by which the plan with it is cheaper than the plan at hand, all weighed
    saved_cents: int
    #: [cents] of it that is money
    saved_money_cents: int
    #: [cents] no plan with it is cheaper than the plan at hand by more
    most_cents: int
    #: lots, units that its machines have a hand in
    lots: int
    units: int
    #: ids of the places that these go to
    places: tuple[str, ...]
    #: lots, units that were imported and are made here now
    new_lots: int
    new_units: int
    #: machine minutes that it works
    minutes: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """One thing to buy or open, with what it saves or may save at most."""

    #: ids of the proposals it speaks of: one, or those of one offer in several places of which the best is not known
    proposals: tuple[str, ...]
    #: id of the offer
    offer: str
    #: [cents in the weeks planned] no plan with one of them is cheaper than the plan at hand by more
    limit_cents: int
    #: [cents] the part of it that they add; the rest is what the plan at hand may be from its best
    own_limit_cents: int
    #: [cents per year] the least of a year's cost of any of them
    annuity_cents: int
    #: None: only the limit is known
    measured: Measured | None = None


@dataclass(frozen=True, slots=True)
class NextBest:
    """What to buy or open next, the best known first."""

    #: id of the plan at hand
    plan: str
    #: measured ones first, by what they gain in a year; then the others, by what they may gain at most
    ranked: tuple[Ranked, ...]
    #: [weeks] that the plan is of; what it saves in them is scaled to 52
    weeks: int
    #: [cents per year] most that any proposal that was not planned may gain more than the best that was; 0: none can
    open_cents: int
    #: [cents] that the plan at hand may be from the best of its region: it is part of every limit
    gap_cents: int
    #: [cents] that planning again without any of them saves; all savings and limits count from there
    again_cents: int = 0
