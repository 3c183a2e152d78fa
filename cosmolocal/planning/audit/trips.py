"""Rules where lots share trips: the legs of one allocation, and the trips of the whole plan."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from cosmolocal.planning.audit.costs import Carriage
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.ledger import Ledger
from cosmolocal.planning.audit.rounding import ceil_div
from cosmolocal.records import Leg, Mode, Plan, Settings, Trip

#: from, to, mode, week
TripKey = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class SharedLeg:
    """A leg on trips that it shares, with its place in the plan's file."""

    where: str
    leg: Leg

    @property
    def key(self) -> TripKey:
        """Return the trips that it goes on."""
        return self.leg.from_place, self.leg.to_place, self.leg.mode, self.leg.week


@dataclass(slots=True)
class Transport:
    """How the loads of an allocation travel."""

    carriages: list[Carriage] = field(default_factory=list)
    #: [kg] by (link, week)
    kilograms: Counter[tuple[tuple[str, str], int]] = field(default_factory=Counter)
    shared: list[SharedLeg] = field(default_factory=list)
    #: [kg] by (hub, week)
    through: Counter[tuple[str, int]] = field(default_factory=Counter)


def count_kg(mass_g: int) -> int:
    """Return the kilograms that a load counts on shared trips and in hubs: whole ones, at least one."""
    return max(1, ceil_div(mass_g, 1000))


def find_choices(facts: Facts, leg: Leg) -> list[tuple[Mode, int]]:
    """Return the modes that can go a leg's way, each with its distance: the one stated, but for modes over streets."""
    modes = facts.region.network.modes
    if facts.ways.streets is None:
        return [(mode, leg.distance_m) for mode in modes]
    choices = []
    for number, mode in enumerate(modes):
        length = facts.ways.find_length_m(leg.via, number)
        if length is not None:
            choices.append((mode, leg.distance_m if mode.id == leg.mode else length))
    return choices


def check_chain(facts: Facts, ledger: Ledger, where: str, legs: list[Leg], ends: tuple[str, str, int]) -> None:
    """Apply the rule on where the legs of one load go: straight, or by one hub."""
    maker, user, week = ends
    stops = [maker, *(leg.to_place for leg in legs[:-1]), user]
    hubs = all(stop in facts.hubs and stop not in (maker, user) for stop in stops[1:-1])
    ledger.apply("P131", where, len(legs) <= 2 and hubs, stops[1:-1], "one hub at most")
    for number, leg in enumerate(legs):
        expected = (stops[number], stops[number + 1], week)
        ledger.equal("P031", where, (leg.from_place, leg.to_place, leg.week), expected)


def add_shared(
    facts: Facts, ledger: Ledger, at: str, load: tuple[Leg, int], transport: Transport, by_hub: bool
) -> None:
    """Apply the rules on mode and trips of a leg with pieces of some grams, and add to ``transport`` what it uses."""
    leg, unit_mass_g = load
    fitting = [
        (mode.id, own_m)
        for mode, own_m in find_choices(facts, leg)
        if mode.max_load_g >= unit_mass_g and (mode.max_distance_m is None or mode.max_distance_m >= own_m)
    ]
    # over no distance the first one will do, and costs nothing
    nothing = [name for name, own_m in fitting if own_m == 0]
    names = nothing[:1] if leg.distance_m == 0 else [name for name, _ in fitting]
    ledger.apply("P130", f"{at}.mode", leg.mode in names, leg.mode, f"one of {', '.join(names)}")
    ledger.equal("P036", f"{at}.trips", leg.trips, 0 if leg.distance_m else 1)
    handling = 0
    if by_hub:
        kilograms = count_kg(leg.mass_g)
        hub = facts.hubs.get(leg.from_place)
        handling = 0 if hub is None else kilograms * hub.handling_cents_per_kg
        transport.through[leg.from_place, leg.week] += kilograms
    transport.carriages.append(Carriage(leg.mode, 0, handling, 0, 0))
    if leg.distance_m:
        transport.shared.append(SharedLeg(at, leg))
    else:
        ledger.equal("P135", f"{at}.share_cents", leg.share_cents, 0)


def check_trips(facts: Facts, ledger: Ledger, plan: Plan, shared: list[SharedLeg]) -> int:
    """Apply the rules on the trips of a plan; return what they cost."""
    sharing: defaultdict[TripKey, list[SharedLeg]] = defaultdict(list)
    for one in shared:
        sharing[one.key].append(one)
    modes = {mode.id: mode for mode in facts.region.network.modes}
    wanted = [_build(legs, modes[key[2]], facts.settings) for key, legs in sorted(sharing.items()) if key[2] in modes]
    found = {(trip.from_place, trip.to_place, trip.mode, trip.week): trip for trip in plan.trips}
    keys = [(trip.from_place, trip.to_place, trip.mode, trip.week) for trip in plan.trips]
    ledger.equal("P132", "plan: trips", keys, [(one.from_place, one.to_place, one.mode, one.week) for one in wanted])
    for trip in wanted:
        key = (trip.from_place, trip.to_place, trip.mode, trip.week)
        ledger.equal("P132", f"plan: trips from {key[0]} to {key[1]} by {key[2]}, week {key[3]}", found.get(key), trip)
        _check_shares(ledger, sharing[key], trip)
    cents = sum(trip.total_cents for trip in wanted)
    ledger.equal("P133", "plan: trips_cents", plan.trips_cents, cents)
    return cents


def _build(legs: list[SharedLeg], mode: Mode, settings: Settings) -> Trip:
    first, load_kg = legs[0].leg, sum(count_kg(one.leg.mass_g) for one in legs)
    distance_m = first.distance_m
    trips = ceil_div(load_kg, max(1, mode.max_load_g // 1000))
    cents = mode.cents_per_trip + ceil_div(mode.cents_per_km * distance_m, 1000)
    co2e_g = ceil_div(mode.co2e_g_per_km * distance_m, 1000)
    weighed = ceil_div(co2e_g * settings.co2e_cents_per_kg, 1000)
    weighed += ceil_div(distance_m * settings.distance_cents_per_km, 1000)
    ends = first.from_place, first.to_place, mode.id, first.week
    return Trip(*ends, distance_m, trips, load_kg, trips * cents, trips * co2e_g, trips * (cents + weighed))


def _check_shares(ledger: Ledger, legs: list[SharedLeg], trip: Trip) -> None:
    """Apply the rule on shares: each is its part by kilograms, rounded down or up, and they add up."""
    exact = [trip.total_cents * count_kg(one.leg.mass_g) / trip.load_kg for one in legs]
    for one, part in zip(legs, exact, strict=True):
        near = abs(one.leg.share_cents - part) < 1
        ledger.apply("P135", f"{one.where}.share_cents", near, one.leg.share_cents, round(part, 2))
        ledger.equal("P132", f"{one.where}.distance_m", one.leg.distance_m, trip.distance_m)
    total = sum(one.leg.share_cents for one in legs)
    ledger.equal("P135", f"{legs[0].where}.share_cents and those it shares trips with", total, trip.total_cents)


def check_hubs(facts: Facts, ledger: Ledger, through: Counter[tuple[str, int]]) -> None:
    """Apply the throughput of hubs."""
    for (name, week), kilograms in sorted(through.items()):
        hub = facts.hubs.get(name)
        if hub is not None and hub.weekly_capacity_kg is not None:
            ledger.at_most("P134", f"plan: hub {name}, week {week}: kg", kilograms, hub.weekly_capacity_kg)
