"""Rules for the transports of one allocation."""

from itertools import groupby, pairwise

from cosmolocal.planning.audit.boms import Node
from cosmolocal.planning.audit.costs import Demand, find_carriage
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.ledger import Ledger
from cosmolocal.planning.audit.rounding import ceil_div
from cosmolocal.planning.audit.trips import Transport, add_shared, check_chain, find_choices
from cosmolocal.planning.audit.ways import link_key
from cosmolocal.records import Allocation, Leg, Mode

#: [m], ratio: how far two computations of a distance may lie apart (other geodesic formula, rounding per link)
TOLERANCE_M = 2
TOLERANCE = 1e-5


def check_legs(facts: Facts, ledger: Ledger, where: str, allocation: Allocation, demand: Demand) -> Transport:
    """Apply all rules to the legs of an allocation; return how they travel, and what they use."""
    needed, is_shared = _find_needed(allocation, demand), facts.region.network.share_trips
    carried = [(leg.path, leg.first) for leg in allocation.legs]
    # where trips are shared, the legs of one load stand together
    told = [key for key, _ in groupby(carried)] if is_shared else carried
    ledger.equal("P030", f"{where}: legs", sorted(told), sorted(needed))
    numbered = list(enumerate(allocation.legs))
    transport = Transport()
    for key, group in groupby(numbered, lambda item: (item[1].path, item[1].first) if is_shared else item[0]):
        legs = list(group)
        path_and_first = key if isinstance(key, tuple) else carried[key]
        if path_and_first not in needed:
            continue
        node, ends = needed[path_and_first]
        if is_shared:
            check_chain(facts, ledger, f"{where}: legs[{legs[0][0]}]", [leg for _, leg in legs], ends)
        _check_radius(facts, ledger, f"{where}: legs[{legs[0][0]}]", [leg for _, leg in legs], demand)
        for index, leg in legs:
            at, is_second = f"{where}: legs[{index}]", index > legs[0][0]
            if not is_shared:
                ledger.equal("P031", at, (leg.from_place, leg.to_place, leg.week), ends)
            pieces = node.quantity * (demand.units(leg.first) if leg.path else demand.lot.quantity)
            ledger.equal("P032", f"{at}.mass_g", leg.mass_g, pieces * node.unit_mass_g)
            _check_distance(facts, ledger, at, leg)
            if is_shared:
                add_shared(facts, ledger, at, (leg, node.unit_mass_g), transport, is_second)
            else:
                _check_mode(facts, ledger, at, (leg, pieces, node.unit_mass_g), demand, transport)
            for first, second in pairwise(leg.via):
                kilograms = ceil_div(pieces * node.unit_mass_g, 1000)
                transport.kilograms[link_key(first, second), leg.week] += kilograms
    return transport


def _find_needed(allocation: Allocation, demand: Demand) -> dict[tuple[str, bool], tuple[Node, tuple[str, str, int]]]:
    """Return what has to travel by (path, of the first article?): the part and its (maker, user, week).

    A first article waits for the rest of its lot, and is delivered with it.
    """
    tasks = {(task.path, task.first): task for task in allocation.tasks}
    nodes = {node.path: node for node in demand.exploded.nodes}
    needed = {}
    for (path, first), task in tasks.items():
        node = nodes.get(path)
        if node is None or (node.parent is None and first):
            continue
        user = None if node.parent is None else tasks.get((node.parent, first))
        if node.parent is None:
            needed[path, first] = node, (task.workshop, demand.order.place, task.week)
        elif user is not None and user.workshop != task.workshop:
            needed[path, first] = node, (task.workshop, user.workshop, task.week)
    return needed


def _check_distance(facts: Facts, ledger: Ledger, at: str, leg: Leg) -> None:
    shortest = facts.ways.find_shortest_m(leg.from_place, leg.to_place)
    # over streets the places passed are those of the shortest way, and each mode goes them at its own lengths
    found_m = leg.distance_m if facts.ways.streets is None else facts.ways.find_length_m(leg.via)
    near = shortest is not None and found_m is not None and _is_near(found_m, shortest)
    ledger.apply("P033", f"{at}.distance_m", near, found_m, "no open way" if shortest is None else shortest)
    length = facts.ways.find_length_m(leg.via, _find_mode(facts, leg))
    ends = leg.via[:1] + leg.via[-1:]
    right = length is not None and ends == (leg.from_place, leg.to_place) and _is_near(leg.distance_m, length)
    found = (*leg.via, "closed or unknown" if length is None else f"{length} m")
    ledger.apply("P034", f"{at}.via", right, found, (leg.from_place, leg.to_place, f"{leg.distance_m} m"))


def _is_near(found_m: int, expected_m: int) -> bool:
    return abs(found_m - expected_m) <= TOLERANCE_M + TOLERANCE * expected_m


def _check_radius(facts: Facts, ledger: Ledger, at: str, legs: list[Leg], demand: Demand) -> None:
    """Apply the radii to a load: by a hub its whole way counts."""
    sender, distance_m = facts.workshops.get(legs[0].from_place), sum(leg.distance_m for leg in legs)
    if sender is not None and sender.radius_m is not None:
        ledger.at_most("P037", f"{at}.distance_m", distance_m, sender.radius_m)
    if legs[0].path == "" and demand.order.max_distance_m is not None:
        ledger.at_most("P038", f"{at}.distance_m", distance_m, demand.order.max_distance_m)


def _find_mode(facts: Facts, leg: Leg) -> int | None:
    """Return the number of a leg's mode where streets tell modes apart."""
    known = [mode.id for mode in facts.region.network.modes]
    return known.index(leg.mode) if facts.ways.streets is not None and leg.mode in known else None


def _check_mode(
    facts: Facts, ledger: Ledger, at: str, load: tuple[Leg, int, int], demand: Demand, transport: Transport
) -> None:
    """Apply the rules on mode and trips to a load of (leg, pieces, grams per piece)."""
    leg, pieces, unit_mass_g = load
    carriage = find_carriage((pieces, unit_mass_g), _find_choices(facts, leg, demand), facts.settings)
    ledger.equal("P035", f"{at}.mode", leg.mode, carriage.mode if carriage else "no mode that fits")
    ledger.equal("P135", f"{at}.share_cents", leg.share_cents, 0)
    if carriage is not None:
        ledger.equal("P036", f"{at}.trips", leg.trips, carriage.trips)
        transport.carriages.append(carriage)


def _find_choices(facts: Facts, leg: Leg, demand: Demand) -> list[tuple[Mode, int]]:
    """Return the modes that can go a leg's way as far as they may, each with its distance."""
    choices = find_choices(facts, leg)
    if facts.ways.streets is None:
        return choices
    sender = facts.workshops.get(leg.from_place)
    limits = [sender.radius_m if sender else None, demand.order.max_distance_m if leg.path == "" else None]
    farthest_m = min((limit for limit in limits if limit is not None), default=None)
    return [(mode, own_m) for mode, own_m in choices if farthest_m is None or own_m <= farthest_m]
