"""Which designs somebody should look at first: what is unknown about them, and how many ordered units wait for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmolocal.planning.bill import BillError
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.obstacles import find_obstacles
from cosmolocal.records import Order, Reason, Region
from cosmolocal.workflows.inputs import Book, find_book_states, read_book
from cosmolocal.workflows.makers import find_ground, tell
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.words import Words

_LISTS = Memory[dict[str, Any]](4)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that cannot be made before designs are confirmed."""

    book: str
    order: str
    units: int
    #: ``id@version`` of every design with something unknown that blocks it
    designs: frozenset[str]
    #: (design, part, field) of all that is unknown
    unknown: tuple[tuple[str, str, str], ...]


def read_books(folder: Path, region: Region, paths: Iterable[Path] = ()) -> list[Book]:
    """Return the order books named, or all in ``orders/``; faults raise `InputError`."""
    paths = list(paths) or sorted((folder / "orders").glob("*.csv"))
    return [read_book(folder, path, region) for path in paths]


def recall_work_list(folder: Path, region: Region) -> dict[str, Any]:
    """Return `build_work_list` of all books in ``orders/``, made anew only when one of them or the region changed.

    It is not to be changed. Faults of the books raise `InputError`.
    """
    key = (folder, Same(region), find_book_states(folder))
    return _LISTS.recall(key, lambda: build_work_list(region, read_books(folder, region)))


def build_work_list(region: Region, books: Iterable[Book]) -> dict[str, Any]:
    """Return the designs to confirm, those first that unlock most units for each design looked at.

    An order that waits for several designs counts when the last of them is confirmed. One that no workshop could make
    even then, or that none can make although all is known, counts nowhere; it is listed apart.
    """
    ground = find_ground(region)
    words = Words.of(region, region.settings.start_date)
    waiting: list[Waiting] = []
    hopeless: list[dict[str, Any]] = []
    for book in books:
        for order in book.orders:
            found, others = _look_at(ground, book.name, order)
            if others:
                hopeless.append(_hopeless(book.name, order, others, words))
            elif found is not None:
                waiting.append(found)
    rows = _rows(ground, waiting)
    return {
        "designs": rows,
        "totals": {
            "designs": len(rows),
            "units": sum(order.units for order in waiting),
            "orders": len(waiting),
        },
        "blocked_otherwise": hopeless,
    }


def _hopeless(book: str, order: Order, reasons: list[Reason], words: Words) -> dict[str, Any]:
    return {
        "book": book,
        "order": order.id,
        "units": order.quantity,
        "reasons": list(dict.fromkeys(reason.code for reason in reasons)),
        "because": [tell(reason, words) for reason in reasons],
    }


def _look_at(ground: Ground, book: str, order: Order) -> tuple[Waiting | None, list[Reason]]:
    """Return what an order waits for, and the other reasons why no workshop can make it."""
    lots = cut_orders([order], ground.catalogue, ground.settings.max_lots_per_order)
    if lots[0].design not in ground.catalogue.by_key:
        return None, []
    bill = ground.catalogue.bill(lots[0].design)
    if isinstance(bill, BillError):
        return None, []
    reasons, _ = find_obstacles(ground, bill, lots[-1].quantity)
    unknown = [reason.values for reason in reasons if reason.code == "unknown-requirement"]
    others = [reason for reason in reasons if reason.code != "unknown-requirement"]
    if not unknown:
        return None, others
    named = dict.fromkeys((str(item["design"]), str(item["part"]), str(item["field"])) for item in unknown)
    designs = frozenset(design for design, _, _ in named)
    return Waiting(book, order.id, order.quantity, designs, tuple(named)), others


def rank_designs(waiting: Iterable[Waiting]) -> list[str]:
    """Return the designs in the order to confirm them in.

    Step by step those designs are taken that together, and with what is taken already, unlock most units for each
    design; several stand one after the other where an order waits for all of them.
    """
    remaining, taken = list(waiting), list[str]()
    while remaining:
        groups = {order.designs - set(taken) for order in remaining}
        best = min(groups, key=lambda group: _worth(remaining, group.union(taken), group))
        taken += sorted(best, key=lambda design: (-_units_blocked(remaining, design), design))
        remaining = [order for order in remaining if not order.designs <= set(taken)]
    return taken


def _worth(waiting: list[Waiting], confirmed: frozenset[str], group: frozenset[str]) -> tuple[float, int, list[str]]:
    units = sum(order.units for order in waiting if order.designs <= confirmed)
    return -units / len(group), -units, sorted(group)


def _units_blocked(waiting: Iterable[Waiting], design: str) -> int:
    return sum(order.units for order in waiting if design in order.designs)


def _rows(ground: Ground, waiting: list[Waiting]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    confirmed: set[str] = set()
    so_far = 0
    for design in rank_designs(waiting):
        confirmed.add(design)
        blocked = [order for order in waiting if design in order.designs]
        unlocked = sum(order.units for order in waiting if order.designs <= confirmed)
        fields = dict.fromkeys(item for order in blocked for item in order.unknown if item[0] == design)
        rows.append(
            {
                "design": design,
                "name": ground.catalogue.by_key[design].name,
                "unknown": [{"part": part, "field": field} for _, part, field in fields],
                "orders": len(blocked),
                "waiting": [{"book": one.book, "order": one.order, "units": one.units} for one in blocked],
                "units": sum(order.units for order in blocked),
                "with": sorted(set().union(*(order.designs for order in blocked)) - {design}),
                "unlocks": unlocked - so_far,
                "units_so_far": unlocked,
            }
        )
        so_far = unlocked
    return rows
