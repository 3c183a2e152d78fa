"""Trade-offs: the plans between which a region may choose."""

from dataclasses import dataclass

from cosmolocal.records.plans import Aim, Limit, LocalShare


@dataclass(frozen=True, slots=True)
class Figures:
    """How good a plan is by all aims."""

    #: [cents] of money and of lateness: what trade-offs call cost
    cost_cents: int
    co2e_g: int
    local_share: LocalShare
    #: [per mille] load of the busiest workshop; rounded up
    fairness: int

    def of(self, aim: Aim) -> int | None:
        """Return the figure of an aim; None: there is nothing to measure."""
        return {
            Aim.CO2E: self.co2e_g,
            Aim.SHARE: self.local_share.value,
            Aim.UNITS: self.local_share.units,
            Aim.MASS: self.local_share.mass,
            Aim.FAIRNESS: self.fairness,
        }[aim]


@dataclass(frozen=True, slots=True)
class BoundLine:
    """What no plan costs less than, by what it needs: thousandths + price × (need − at) / per thousandths of a cent."""

    at: int
    thousandths: int
    price: int
    per: int = 1
    #: does it hold for plans that need no less than ``at`` alone?
    beyond: bool = False

    def cents(self, need: int) -> int:
        """Return the bound for plans that need so much, 0 where it says nothing."""
        if self.beyond and need < self.at:
            return 0
        return max(0, -(-(self.thousandths * self.per + self.price * (need - self.at)) // (1000 * self.per)))


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """A plan to choose, and how far it is from the best of its kind."""

    #: id of the plan
    plan: str
    figures: Figures
    #: [cents] no plan that is as good by the aim costs less
    bound_cents: int
    #: that its plan keeps; None: the cheapest of all
    limit: Limit | None = None

    @property
    def gap(self) -> float:
        """Return how far, as a part of its cost, it is at most from the cheapest that is as good by the aim."""
        cost = self.figures.cost_cents
        return (cost - self.bound_cents) / cost if cost else 0.0


@dataclass(frozen=True, slots=True)
class Front:
    """Plans of an order book, none of which is better than another by cost and an aim together."""

    #: first 12 hex digits of the digest of what it was made from
    id: str
    region: str
    #: name of the order book
    book: str
    aim: Aim
    #: cheapest first
    points: tuple[FrontPoint, ...]
    lines: tuple[BoundLine, ...]
    #: [cents, units, grams] asked for by the aim's measure; 0: the aim is no share
    whole: int = 0
    #: sha256 by input file
    digests: dict[str, str] | None = None

    def bound_cents(self, value: int) -> int:
        """Return what no plan with this value of the aim, or a better one, costs less than."""
        need = self.aim.need(value, self.whole)
        return max((line.cents(need) for line in self.lines), default=0)

    def step_cents(self, number: int) -> int | None:
        """Return what one more step of the aim costs from a point to the next; None: it is the last.

        A step is one per cent of the share or of the load, or a tonne of CO2e.
        """
        if number + 1 >= len(self.points):
            return None
        here, there = self.points[number].figures, self.points[number + 1].figures
        one, other = here.of(self.aim), there.of(self.aim)
        if one is None or other is None or one == other:
            return None
        return (there.cost_cents - here.cost_cents) * self.step // abs(other - one)

    @property
    def step(self) -> int:
        """Return one step in units of the aim: 1 per cent, or 1 t."""
        return 1_000_000 if self.aim is Aim.CO2E else 10
