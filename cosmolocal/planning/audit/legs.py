"""Rules for the transports of one allocation."""

from collections import Counter
from itertools import pairwise

from cosmolocal.planning.audit.boms import Node
from cosmolocal.planning.audit.costs import Carriage, Demand, find_carriage
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.ledger import Ledger
from cosmolocal.planning.audit.rounding import ceil_div
from cosmolocal.planning.audit.ways import link_key
from cosmolocal.records import Allocation, Leg, Mode

#: [m], ratio: how far two computations of a distance may lie apart (other geodesic formula, rounding per link)
TOLERANCE_M = 2
TOLERANCE = 1e-5

LinkLoads = Counter[tuple[tuple[str, str], int]]


def check_legs(
    facts: Facts, ledger: Ledger, where: str, allocation: Allocation, demand: Demand
) -> tuple[list[Carriage], LinkLoads]:
    """Apply all rules to the legs of an allocation; return how they travel, and the kilograms by (link, week)."""
    needed = _find_needed(allocation, demand)
    ledger.equal("P030", f"{where}: legs", sorted((leg.path, leg.first) for leg in allocation.legs), sorted(needed))
    carriages: list[Carriage] = []
    loads: LinkLoads = Counter()
    for index, leg in enumerate(allocation.legs):
        at = f"{where}: legs[{index}]"
        if (leg.path, leg.first) in needed:
            node, ends = needed[leg.path, leg.first]
            ledger.equal("P031", at, (leg.from_place, leg.to_place, leg.week), ends)
            pieces = node.quantity * (demand.units(leg.first) if leg.path else demand.lot.quantity)
            mass_g = pieces * node.unit_mass_g
            ledger.equal("P032", f"{at}.mass_g", leg.mass_g, mass_g)
            _check_distance(facts, ledger, at, leg)
            _check_radius(facts, ledger, at, leg, demand)
            carriage = _check_mode(facts, ledger, at, leg, ((pieces, node.unit_mass_g), demand))
            carriages += [carriage] if carriage else []
            for first, second in pairwise(leg.via):
                loads[link_key(first, second), leg.week] += ceil_div(mass_g, 1000)
    return carriages, loads


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


def _check_radius(facts: Facts, ledger: Ledger, at: str, leg: Leg, demand: Demand) -> None:
    sender = facts.workshops.get(leg.from_place)
    if sender is not None and sender.radius_m is not None:
        ledger.at_most("P037", f"{at}.distance_m", leg.distance_m, sender.radius_m)
    if leg.path == "" and demand.order.max_distance_m is not None:
        ledger.at_most("P038", f"{at}.distance_m", leg.distance_m, demand.order.max_distance_m)


def _find_mode(facts: Facts, leg: Leg) -> int | None:
    """Return the number of a leg's mode where streets tell modes apart."""
    known = [mode.id for mode in facts.region.network.modes]
    return known.index(leg.mode) if facts.ways.streets is not None and leg.mode in known else None


def _check_mode(
    facts: Facts, ledger: Ledger, at: str, leg: Leg, needed: tuple[tuple[int, int], Demand]
) -> Carriage | None:
    """Apply the rules on mode and trips to a load of (pieces, grams per piece), over the distance stated."""
    load, demand = needed
    carriage = find_carriage(load, _find_choices(facts, leg, demand), facts.settings)
    ledger.equal("P035", f"{at}.mode", leg.mode, carriage.mode if carriage else "no mode that fits")
    if carriage is not None:
        ledger.equal("P036", f"{at}.trips", leg.trips, carriage.trips)
    return carriage


def _find_choices(facts: Facts, leg: Leg, demand: Demand) -> list[tuple[Mode, int]]:
    """Return the modes that can go a leg's way, each with its distance: the one stated, but for modes over streets."""
    modes = facts.region.network.modes
    if facts.ways.streets is None:
        return [(mode, leg.distance_m) for mode in modes]
    sender = facts.workshops.get(leg.from_place)
    limits = [sender.radius_m if sender else None, demand.order.max_distance_m if leg.path == "" else None]
    farthest_m = min((limit for limit in limits if limit is not None), default=None)
    choices = []
    for number, mode in enumerate(modes):
        length = facts.ways.find_length_m(leg.via, number)
        own_m = leg.distance_m if mode.id == leg.mode and length is not None else length
        if own_m is not None and (farthest_m is None or own_m <= farthest_m):
            choices.append((mode, own_m))
    return choices
