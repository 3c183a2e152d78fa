"""A road's records as the arrays that are solved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray

from cosmolocal.planning.solvers.roads import RoadProblem
from cosmolocal.records import Consumption, Investments, MachineOffer, Measure, Region, RoadTerms, WorkshopOffer
from cosmolocal.road.capacities import active_workshops, minutes_bought, minutes_today, needed_processes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RoadInputs:
    """All that a road is found from."""

    region: Region
    consumption: Consumption
    investments: Investments
    terms: RoadTerms
    #: [per mille] by which every goal is to be passed, to be surer of it
    margin: int = 0

    @property
    def offers(self) -> tuple[MachineOffer | WorkshopOffer, ...]:
        """Return what may be bought; workshops first, as machines may need the room in them."""
        return (*self.investments.workshops, *self.investments.machines)

    @property
    def processes(self) -> tuple[str, ...]:
        """Return the processes that categories need."""
        return needed_processes(self.consumption)

    @property
    def room_today(self) -> int:
        """Return how many machines can be added to the workshops that are there."""
        return active_workshops(self.region) * self.terms.room.value


def grown(amount: int, growth: int, years: int) -> int:
    """Return an amount after some years of growth by hundredths of a percent, rounded.

    >>> grown(1000, 200, 2), grown(1000, 0, 30)
    (1040, 1000)
    """
    factor = (1 + Decimal(growth) / 10_000) ** years
    return int((amount * factor).to_integral_value(ROUND_HALF_UP))


def discount_weight(terms: RoadTerms, year: int) -> Decimal:
    """Return what a payment of a year weighs: 1 in the first year."""
    return (1 + Decimal(terms.discount.value) / 10_000) ** (terms.first_year - year)


def demand_eur(consumption: Consumption, years: Sequence[int]) -> NDArray[np.int64]:
    """Return what is consumed, [C × Y] EUR."""
    return np.array(
        [
            [grown(one.eur.value, one.growth.value, year - consumption.year) for year in years]
            for one in consumption.categories
        ]
    )


def share_weights(consumption: Consumption, terms: RoadTerms, demand: Floats) -> Floats:
    """Return the part that each category has in all that is consumed, [C × …], by value or mass."""
    amounts = np.asarray(demand, dtype=float)
    if terms.measure is Measure.MASS:
        per_eur = np.array([one.kg.value / one.eur.value if one.eur.value else 0.0 for one in consumption.categories])
        amounts = amounts * per_eur.reshape(-1, *[1] * (amounts.ndim - 1))
    total = amounts.sum(axis=0)
    return np.asarray(np.divide(amounts, total, out=np.zeros_like(amounts), where=total > 0), dtype=float)


def needs(consumption: Consumption, processes: Sequence[str]) -> Floats:
    """Return the machine minutes per EUR made, [C × P]."""
    found = [dict(one.minutes) for one in consumption.categories]
    return np.array([[row[p].value / 1000 if p in row else 0.0 for p in processes] for row in found])


def build_problem(inputs: RoadInputs) -> RoadProblem:
    """Return the arrays of a road."""
    terms, consumption, offers = inputs.terms, inputs.consumption, inputs.offers
    years, processes = terms.years, inputs.processes
    vocabulary = inputs.region.vocabulary
    by_year = [minutes_bought(vocabulary, terms, inputs.investments, processes, year) for year in years]
    demand = demand_eur(consumption, years).astype(float)
    today = minutes_today(inputs.region, terms, processes)
    return RoadProblem(
        price=np.array([one.purchase.price_cents / 100 for one in offers]),
        yearly=np.array([one.purchase.yearly_cents / 100 for one in offers]),
        lifetime=np.array([one.purchase.lifetime_years for one in offers], dtype=np.int64),
        slots=np.array([slots_of(one, terms) for one in offers], dtype=np.int64),
        minutes=_added(offers, processes, by_year),
        capacity=np.array([today[process] for process in processes], dtype=float),
        room=inputs.room_today,
        budget=terms.budget.value / 100,
        discount=np.array([float(discount_weight(terms, year)) for year in years]),
        demand=demand,
        weight=share_weights(consumption, terms, demand),
        base=np.array([one.local.value / 1000 for one in consumption.categories]),
        most=np.array([one.most / 1000 for one in consumption.categories]),
        need=needs(consumption, processes),
        goal_year=np.array([years.index(goal.year) for goal in terms.asked], dtype=np.int64),
        goal_share=np.array([(goal.share + inputs.margin) / 1000 for goal in terms.asked]),
    )


def slots_of(offer: MachineOffer | WorkshopOffer, terms: RoadTerms) -> int:
    """Return the machines that an offer adds to workshops, or, below 0, has room for."""
    return -terms.room.value if isinstance(offer, WorkshopOffer) else offer.group.machines


def _added(
    offers: Sequence[MachineOffer | WorkshopOffer],
    processes: Sequence[str],
    by_year: Sequence[Mapping[str, Mapping[str, int]]],
) -> Floats:
    added = [[[year[one.id].get(process, 0) for year in by_year] for process in processes] for one in offers]
    return np.array(added, dtype=float).reshape(len(offers), len(processes), len(by_year))
