"""Who in the region can make a design, and what a quantity would cost there."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.bill import Catalogue
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.makers import Ability, Inquiry, Maker, MakersFound, find_makers
from cosmolocal.planning.matching import Answer
from cosmolocal.planning.wording import reason_sentence
from cosmolocal.records import CostTerms, Design, Operation, Reason, Region, to_plain
from cosmolocal.workflows.words import Words

CODES = {"D081": "what is asked about who can make a design has a wrong value"}

#: how abilities stand in a list
ORDER = tuple(Ability)
ABLE = (Ability.CAN, Ability.TOGETHER)
#: [units] the largest lot there can be: how few a machine takes is no gap
_LARGE_LOT = 10_000_000


@dataclass(frozen=True, slots=True)
class Gap:
    """What no workshop of the region does of an operation."""

    #: place of the operation in the list, from 0
    row: int
    #: ``process``, ``material``, ``envelope``, ``tolerance``; ``together``: each is done, but by no one machine
    field: str
    #: materials that machines of the process take here, where the material is what fails
    offered: tuple[str, ...] = ()


class _Same:
    """A region as a key of a cache: equal only to itself."""

    def __init__(self, region: Region) -> None:
        self.region = region

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.region is self.region

    def __hash__(self) -> int:
        return id(self.region)


def find_ground(region: Region) -> Ground:
    """Return a fresh ground of a region; its routes are found once as long as the region is the same."""
    ground = Ground(region)
    ground.share_routes(_routed(_Same(region)))
    return ground


def place_ids(region: Region) -> set[str]:
    """Return the ids of all places, workshops among them."""
    return {place.id for place in region.places} | {workshop.id for workshop in region.workshops}


@lru_cache(maxsize=4)
def _routed(key: _Same) -> Ground:
    return Ground(key.region)


def find_design(catalogue: Catalogue, name: str) -> Design:
    """Return a version of a design by ``id`` or ``id@range``; the newest that is not withdrawn unless named.

    Raises
    ------
    NotFoundError
        When none fits.
    """
    design_id, _, version_range = name.partition("@")
    design = catalogue.find(design_id, version_range or "*") or catalogue.find_yanked(design_id, version_range or "*")
    if design is None:
        raise not_found(catalogue, name)
    return design


def not_found(catalogue: Catalogue, name: str) -> NotFoundError:
    """Return what to raise where no version fits ``id`` or ``id@range``; of one that was taken down it says why."""
    design_id, _, version_range = name.partition("@")
    gone = catalogue.find_taken_down(design_id, version_range or "*")
    if gone is None:
        return NotFoundError(say("there is no design %(name)s", name=name))
    return NotFoundError(f"{design_id} {gone} was taken down: {catalogue.taken_down[f'{design_id}@{gone}']}")


def list_makers(
    region: Region, name: str, quantity: int = 1, place: str | None = None, due_date: date | None = None
) -> dict[str, Any]:
    """Return for each workshop whether it can make a design, why not, and for how much: cheapest first.

    ``name`` is ``id`` or ``id@range``. Without a place the goods are fetched at the workshop, without a date any week
    of the plan will do. Raises `NotFoundError` for an unknown design or place, `InputError` for a quantity below 1.
    """
    if not 1 <= quantity <= 10_000_000:
        rule = say("must be from 1 to 10,000,000")
        told = say("found %(found)s; %(rule)s", found=quantity, rule=rule)
        raise InputError([Problem("D081", "who can make it: quantity", told)])
    if place is not None and place not in place_ids(region):
        raise NotFoundError(say("there is no place %(name)s", name=repr(place)))
    ground = find_ground(region)
    design = find_design(ground.catalogue, name)
    found = find_makers(ground, Inquiry(design.key, quantity, place, due_date))
    words = Words.of(region, region.settings.start_date)
    makers = sorted(found.makers, key=_rank)
    return {
        "design": design.key,
        "name": design.name,
        "quantity": quantity,
        "place": place,
        "due_date": None if due_date is None else due_date.isoformat(),
        "counts": {ability.value: sum(maker.ability is ability for maker in makers) for ability in Ability},
        "imported": _terms(found.imported),
        "largest_lot": _largest_lot(ground, found),
        "workshops": [_maker(maker, quantity, words) for maker in makers],
    }


def _largest_lot(ground: Ground, found: MakersFound) -> int | None:
    """Return how many units fit into one week, where those asked for do not; None: they do, or none does."""
    asked = found.inquiry
    if any(maker.allocation for maker in found.makers) or not any(maker.ability in ABLE for maker in found.makers):
        return None

    def is_too_large(quantity: int) -> bool:
        makers = find_makers(ground, replace(asked, quantity=quantity)).makers
        return not any(maker.allocation for maker in makers)

    lots = range(1, asked.quantity)
    return bisect_left(lots, True, key=is_too_large) or None


def find_gaps(region: Region, operations: Iterable[Operation]) -> tuple[Gap, ...]:
    """Return what of these operations no machine of a workshop that is open does; what is unknown is no gap."""
    ground = find_ground(region)
    return tuple(gap for row, step in enumerate(operations) for gap in _gaps(ground, row, step))


def _gaps(ground: Ground, row: int, step: Operation) -> Iterable[Gap]:
    groups = [group for shop in ground.workshops.values() for group in shop.groups]
    verdicts = [(group, ground.verdict(step, group, _LARGE_LOT)) for group in groups]
    failed = [(group, set(found.because) if found.answer is Answer.CANNOT else set()) for group, found in verdicts]
    fitting = [(group, checks) for group, checks in failed if "process" not in checks]
    if not fitting:
        yield Gap(row, "process")
    elif all(checks for _, checks in fitting):
        for field in sorted(set.intersection(*(checks for _, checks in fitting))) or ["together"]:
            offered = {name for group, _ in fitting for name in group.materials or ()} if field == "material" else ()
            yield Gap(row, field, tuple(sorted(offered)))


def recall_makers(region: Region, name: str, quantity: int = 1, place: str | None = None) -> dict[str, Any]:
    """Return what `list_makers` does, remembered for the newest questions; the answer is not to be changed."""
    return _recalled(_Same(region), name, quantity, place)


@lru_cache(maxsize=128)
def _recalled(key: _Same, name: str, quantity: int, place: str | None) -> dict[str, Any]:
    return list_makers(key.region, name, quantity, place)


def _rank(maker: Maker) -> tuple[int, int, int, str]:
    """Sort those with a figure first, by it."""
    total = maker.total_cents
    return total is None, total or 0, ORDER.index(maker.ability), maker.workshop


def _terms(cost: CostTerms) -> dict[str, int]:
    return {**to_plain(cost), "money_cents": cost.money_cents, "total_cents": cost.total_cents}


def _maker(maker: Maker, quantity: int, words: Words) -> dict[str, Any]:
    row, total = maker.allocation, maker.total_cents
    return {
        "workshop": maker.workshop,
        "name": words.names[maker.workshop],
        "ability": maker.ability.value,
        "because": [tell(reason, words) for reason in maker.because],
        "elsewhere": to_plain(maker.elsewhere),
        "total_cents": total,
        "unit_cents": None if total is None else ceil_div(total, quantity),
        "overtime_cents": maker.overtime_cents,
        "fairness_cents": maker.fairness_cents,
        "trips_cents": maker.trips_cents,
        "cost": None if row is None else _terms(row.cost),
        "week": None if row is None else row.week,
        "monday": None if row is None else words.monday(row.week).isoformat(),
        "tasks": [] if row is None else to_plain(row.tasks),
        "legs": [] if row is None else to_plain(row.legs),
    }


def tell(reason: Reason, words: Words) -> dict[str, Any]:
    """Return a reason as JSON values with its sentence."""
    return {**to_plain(reason), "text": reason_sentence(reason.code, reason.values, str, words.show)}
