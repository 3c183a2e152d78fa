"""Where the next workshops or machines go: what is asked for, and what was found."""

import math
from dataclasses import dataclass
from enum import StrEnum


class SiteAim(StrEnum):
    """What new sites are chosen for."""

    #: the plan's cost, with what the sites themselves cost in the weeks planned
    COST = "cost"
    #: first of all to import as little as possible, by value; among such choices the cost
    SHARE = "local-share"


@dataclass(frozen=True, slots=True)
class SiteWish:
    """How many new sites there may be, for how much, and what for."""

    most_new: int = 1
    #: [cents] that all of them may cost to buy; None: anything
    budget_cents: int | None = None
    aim: SiteAim = SiteAim.COST


@dataclass(frozen=True, slots=True)
class ChosenSite:
    """A site to open, and what the model lets it serve."""

    #: id of the proposal: ``offer@place``
    proposal: str
    name: str
    #: id of the neighbourhood, hub or workshop
    place: str
    #: [cents] to buy; and in the weeks planned, price and yearly cost scaled to them
    price_cents: int
    open_cents: int
    #: [units] served; those of them that are imported now
    units: float
    new_units: float
    #: [cents] that serving them here saves, the site's own cost not counted
    saved_cents: int
    #: ids of the neighbourhoods that it serves
    places: tuple[str, ...]
    #: [ratio] of the hours of its busiest machine group that are used
    load: float


@dataclass(frozen=True, slots=True)
class SitesPlanned:
    """The same sites really planned, from the plan at hand."""

    #: id of the plan with them
    plan: str
    #: [cents] of the plan at hand, and of the one with the sites, without the sites' own cost
    before_cents: int
    after_cents: int
    #: [ratio] each is at most from its best
    before_gap: float
    after_gap: float
    #: [per mille] of value and units made in the region; None: nothing to measure
    before_share: int | None
    after_share: int | None
    #: lots that stay imported
    before_unmet: int
    after_unmet: int


@dataclass(frozen=True, slots=True)
class Siting:
    """The best choice of sites that was found beside a plan, by the model of ``docs/siting.md``."""

    #: id of the plan at hand
    plan: str
    wish: SiteWish
    sites: tuple[ChosenSite, ...]
    #: sites that could be chosen, and customers of the model that any of them could serve for less
    site_count: int
    customer_count: int
    #: [cents] of the plan at hand, and what the model says it costs with the sites, their own cost included
    now_cents: int
    model_cents: int
    #: [cents] what is minimised: the same, and with the aim of local share what each import is held to be worth
    objective_cents: int
    #: [cents] no choice of sites has a lower objective in the model; it is no bound of plans
    bound_cents: int
    #: [per mille] of the value asked for that is made in the region, now and by the model; None: no value
    now_share: int | None
    model_share: int | None
    #: [weeks] that sites are paid for
    weeks: int
    #: id of the scenario that it was written into; "": none
    scenario: str = ""
    planned: SitesPlanned | None = None

    @property
    def open_cents(self) -> int:
        """Return what all sites cost in the weeks planned."""
        return sum(site.open_cents for site in self.sites)

    @property
    def proved_savings(self) -> tuple[int, int] | None:
        """Return the cents that the best plan with the sites saves at least and at most against the best one without.

        Their own cost is counted; what saves less than nothing costs more. None: they were not planned.
        """
        if self.planned is None:
            return None
        before, after = self.planned.before_cents, self.planned.after_cents + self.open_cents
        least_before = before - math.ceil(self.planned.before_gap * self.planned.before_cents)
        least_after = after - math.ceil(self.planned.after_gap * self.planned.after_cents)
        return least_before - after, before - least_after

    @property
    def gap(self) -> float:
        """Return how far the choice is at most from the best of the model, as a part of its objective."""
        if self.objective_cents <= self.bound_cents:
            return 0.0
        return (self.objective_cents - self.bound_cents) / max(1, abs(self.objective_cents))
