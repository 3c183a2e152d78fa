"""Re-checks a road from the input records alone, in exact fractions; shares no code with what finds roads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from cosmolocal.errors import Problem
from cosmolocal.planning.audit.weeks import group_week
from cosmolocal.records import (
    CapacityBasis,
    Category,
    Consumption,
    Investments,
    MachineGroup,
    MachineOffer,
    Measure,
    Region,
    Road,
    RoadStatus,
    RoadTerms,
    RoadYear,
    WorkshopOffer,
    WorkshopStatus,
)

CODES = {
    "P140": "a road has each of its years once, and buys in them, in whole numbers, what is in investments.yaml",
    "P141": "what a road buys costs its price, and what stands its yearly cost, until it is worn out",
    "P142": "in no year does a road pay more than the budget",
    "P143": "machines are added only where there is room for them",
    "P144": "the machine time of a year is that of the workshops, closed days taken off, and of what stands",
    "P145": "what is made in a year needs no more machine time than there is, and states how much",
    "P146": "no more of a category is made than is consumed, less what others make and what cannot be made here",
    "P147": "the share of a year follows from what is made, to two millionths",
    "P148": "the cost of a road is what is paid, discounted, and not below its bound",
    "P149": "a road's state says which of its goals are met, and its bands are in order",
}
#: [millionths] that rounding may move a share, and by which a goal may be missed
ROUNDING, SLACK = 2, 1
#: [cents] that rounding may move a cost
CENTS = 1
YEAR_WEEKS = 52

Offer = MachineOffer | WorkshopOffer


@dataclass(frozen=True, slots=True)
class RoadFacts:
    """What a road is checked against."""

    region: Region
    consumption: Consumption
    investments: Investments
    terms: RoadTerms

    @property
    def offers(self) -> dict[str, Offer]:
        """Return what may be bought, by id."""
        every: tuple[Offer, ...] = (*self.investments.machines, *self.investments.workshops)
        return {one.id: one for one in every}


def audit_road(road: Road, facts: RoadFacts) -> tuple[Problem, ...]:
    """Return what is wrong with a road; nothing when it is right."""
    problems = _check_buys(road, facts)
    if problems:
        return tuple(problems)
    needed = {process for one in facts.consumption.categories for process, _ in one.minutes}
    today = {process: _minutes_today(facts, _kinds(facts, process)) for process in sorted(needed)}
    for year in road.years:
        stand = _standing(road, facts, year.year)
        problems += [*_check_money(year, road, facts, stand), *_check_room(year, facts, stand)]
        problems += [*_check_time(year, facts, stand, today), *_check_made(year, facts)]
    problems += [*_check_cost(road, facts), *_check_state(road, facts)]
    return tuple(problems)


def _wrong(code: str, where: str, found: object, rule: object) -> Problem:
    return Problem(code, f"road: {where}", f"found {found}; must be {rule}")


def _check_buys(road: Road, facts: RoadFacts) -> list[Problem]:
    first, last = facts.terms.first_year, facts.terms.target.year
    problems = []
    if [year.year for year in road.years] != list(range(first, last + 1)):
        problems.append(_wrong("P140", "years", [year.year for year in road.years], f"{first} to {last}"))
    for index, buy in enumerate(road.buys):
        if (
            buy.offer not in facts.offers
            or not first <= buy.year <= last
            or type(buy.count) is not int
            or buy.count < 1
        ):
            rule = f"one or more of an offer, in {first} to {last}"
            problems.append(_wrong("P140", f"buys[{index}]", f"{buy.count} x {buy.offer} in {buy.year}", rule))
    return problems


def _standing(road: Road, facts: RoadFacts, year: int) -> dict[str, int]:
    """Return how many of each offer stand in a year: bought by then, and not worn out."""
    stand: dict[str, int] = {}
    for buy in road.buys:
        if buy.year <= year < buy.year + facts.offers[buy.offer].purchase.lifetime_years:
            stand[buy.offer] = stand.get(buy.offer, 0) + buy.count
    return stand


def _check_money(year: RoadYear, road: Road, facts: RoadFacts, stand: dict[str, int]) -> list[Problem]:
    problems, bought = [], 0
    for index, buy in enumerate(road.buys):
        if buy.year == year.year:
            price = buy.count * facts.offers[buy.offer].purchase.price_cents
            bought += price
            if buy.price_cents != price:
                problems.append(_wrong("P141", f"buys[{index}].price_cents", buy.price_cents, price))
    kept = sum(count * facts.offers[offer].purchase.yearly_cents for offer, count in stand.items())
    for name, found, rule in (("bought", year.bought_cents, bought), ("kept", year.kept_cents, kept)):
        if found != rule:
            problems.append(_wrong("P141", f"{year.year}.{name}_cents", found, rule))
    if bought + kept > facts.terms.budget.value:
        problems.append(_wrong("P142", f"{year.year}", bought + kept, f"at most {facts.terms.budget.value}"))
    return problems


def _check_room(year: RoadYear, facts: RoadFacts, stand: dict[str, int]) -> list[Problem]:
    shops = sum(shop.status is WorkshopStatus.ACTIVE for shop in facts.region.workshops)
    added = 0
    for offer_id, count in stand.items():
        offer = facts.offers[offer_id]
        if isinstance(offer, WorkshopOffer):
            shops += count
        else:
            added += count * offer.group.machines
    most = shops * facts.terms.room.value
    return [_wrong("P143", f"{year.year}", f"{added} machines", f"at most {most}")] if added > most else []


def _kinds(facts: RoadFacts, process: str) -> set[str]:
    """Return a process and all that are kinds of it."""
    kinds = {process}
    while True:
        more = {one.id for one in facts.region.vocabulary.processes if kinds & set(one.parents)} - kinds
        if not more:
            return kinds
        kinds |= more


def _minutes_today(facts: RoadFacts, kinds: set[str]) -> int:
    settings = replace(facts.region.settings, weeks=YEAR_WEEKS, capacity_basis=facts.terms.basis, overtime_percent=None)
    return sum(
        group_week(shop, group, week, settings).basis_minutes
        for shop in facts.region.workshops
        for group in shop.groups
        if group.process in kinds
        for week in range(YEAR_WEEKS)
    )


def _minutes_of(facts: RoadFacts, group: MachineGroup, year: int) -> int:
    """Return what machines that are bought do in a year: the hours of its midst in every open week."""
    midst = date(year, 7, 1)
    for period in group.periods:
        if (period.valid_from is None or period.valid_from <= midst) and (
            period.valid_to is None or midst <= period.valid_to
        ):
            one = {
                CapacityBasis.AGREED: period.agreed_minutes,
                CapacityBasis.ACTUAL: period.actual_minutes,
                CapacityBasis.MAXIMUM: period.maximum_minutes,
            }[facts.terms.basis]
            return one * group.machines * facts.terms.open_weeks.value
    return 0


def _minutes_added(facts: RoadFacts, stand: dict[str, int], kinds: set[str], year: int) -> int:
    machines: dict[str, int] = {}
    for offer_id, count in stand.items():
        offer = facts.offers[offer_id]
        parts = offer.machines if isinstance(offer, WorkshopOffer) else ((offer.id, 1),)
        for machine, each in parts:
            machines[machine] = machines.get(machine, 0) + count * each
    groups = {one.id: one.group for one in facts.investments.machines}
    return sum(
        count * _minutes_of(facts, groups[machine], year)
        for machine, count in machines.items()
        if groups[machine].process in kinds
    )


def _check_time(year: RoadYear, facts: RoadFacts, stand: dict[str, int], today: dict[str, int]) -> list[Problem]:
    problems, made = [], dict(year.made)
    if sorted(one.process for one in year.processes) != sorted(today):
        problems.append(_wrong("P144", f"{year.year}.processes", [one.process for one in year.processes], [*today]))
        return problems
    for one in year.processes:
        kinds = _kinds(facts, one.process)
        capacity = today[one.process] + _minutes_added(facts, stand, kinds, year.year)
        if one.capacity_minutes != capacity:
            problems.append(_wrong("P144", f"{year.year}.{one.process}", one.capacity_minutes, capacity))
        used = sum(
            (
                Fraction(made.get(category.id, 0) * figure.value, 1000)
                for category in facts.consumption.categories
                for process, figure in category.minutes
                if process == one.process
            ),
            Fraction(),
        )
        if used > capacity or not 0 <= one.used_minutes - used <= 1:
            rule = f"{float(used)}, rounded up, and at most {capacity}"
            problems.append(_wrong("P145", f"{year.year}.{one.process}", one.used_minutes, rule))
    return problems


def _demand(facts: RoadFacts, category: Category, year: int) -> int:
    """Return the euros of a category consumed in a year, rounded to whole ones."""
    factor = (1 + Fraction(category.growth.value, 10_000)) ** (year - facts.consumption.year)
    return int(category.eur.value * factor + Fraction(1, 2))


def _check_made(year: RoadYear, facts: RoadFacts) -> list[Problem]:
    problems, made = [], dict(year.made)
    categories = facts.consumption.categories
    demands = [_demand(facts, one, year.year) for one in categories]
    if made.keys() != {one.id for one in categories} or abs(year.consumed_eur - sum(demands)) > len(demands):
        problems.append(_wrong("P146", f"{year.year}.consumed_eur", year.consumed_eur, sum(demands)))
    for one, demand in zip(categories, demands, strict=True):
        most = Fraction(demand * (1000 - one.outside.value - one.local.value), 1000)
        if not 0 <= made.get(one.id, 0) <= most:
            problems.append(_wrong("P146", f"{year.year}.{one.id}", made.get(one.id, 0), f"at most {float(most)}"))
    share = _share(facts, demands, [made.get(one.id, 0) for one in categories])
    if abs(year.share - share) > ROUNDING:
        problems.append(_wrong("P147", f"{year.year}.share", year.share, float(share)))
    return problems


def _share(facts: RoadFacts, demands: Sequence[int], made: Sequence[int]) -> Fraction:
    """Return the millionths of what is consumed that are made here, by others and by the workshops."""
    local = whole = Fraction()
    for one, demand, eur in zip(facts.consumption.categories, demands, made, strict=True):
        by_mass = facts.terms.measure is Measure.MASS
        if not one.eur.value:
            continue
        each = Fraction(one.kg.value, one.eur.value) if by_mass else Fraction(1)
        whole += each * demand
        local += each * (Fraction(demand * one.local.value, 1000) + eur)
    return 1_000_000 * local / whole if whole else Fraction()


def _check_cost(road: Road, facts: RoadFacts) -> list[Problem]:
    rate = 1 + Fraction(facts.terms.discount.value, 10_000)
    cost = sum(
        ((year.bought_cents + year.kept_cents) / rate ** (year.year - facts.terms.first_year) for year in road.years),
        Fraction(),
    )
    problems = []
    if abs(road.cost_cents - cost) > CENTS:
        problems.append(_wrong("P148", "cost_cents", road.cost_cents, float(cost)))
    if not 0 <= road.bound_cents <= road.cost_cents:
        problems.append(_wrong("P148", "bound_cents", road.bound_cents, f"at most {road.cost_cents}"))
    gap = (road.cost_cents - road.bound_cents) / road.cost_cents if road.cost_cents else 0.0
    if abs(road.gap - gap) > 1e-9:
        problems.append(_wrong("P148", "gap", road.gap, gap))
    return problems


def _check_state(road: Road, facts: RoadFacts) -> list[Problem]:
    share, target = {year.year: year.share for year in road.years}, facts.terms.target
    asked = {
        year: goal.share * 1000
        for goal in (*facts.terms.milestones, target)
        for year in range(goal.year, target.year + 1)
    }
    missed = [year for year, least in asked.items() if share[year] < least - SLACK]
    if not missed:
        states = {RoadStatus.MET}
    elif target.year not in missed:
        states = {RoadStatus.LATE}
    else:
        states = {RoadStatus.UNREACHABLE if road.share_bound < target.share * 1000 - SLACK else RoadStatus.OPEN}
    problems = []
    if road.status not in states:
        problems.append(_wrong("P149", "status", road.status, " or ".join(sorted(states))))
    if road.share > max(road.share_bound, target.share * 1000) + ROUNDING and road.status is RoadStatus.UNREACHABLE:
        problems.append(_wrong("P149", "share_bound", road.share_bound, f"at least {road.share}"))
    for band, year in zip(road.bands, road.years, strict=True):
        if band.year != year.year or not 0 <= band.low <= band.middle <= band.high <= 1_000_000:
            problems.append(_wrong("P149", f"bands.{band.year}", (band.low, band.middle, band.high), "in order"))
    return problems
