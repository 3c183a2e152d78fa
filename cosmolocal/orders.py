"""Order books: ``orders/*.csv`` to orders and back."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import Fields
from cosmolocal.files import find_rows, read_text
from cosmolocal.records import Design, Order, Priority
from cosmolocal.versions import check_range, find_named

CODES = {
    "O001": "the order book cannot be read",
    "O002": "a field of an order is missing or wrong",
    "O003": "the id of an order stands twice",
    "O004": "an order names a place that does not exist",
    "O005": "an order names a design that does not exist",
    "O006": "an order is due before it may be made",
    "O007": "the minimum lot of an order is larger than its quantity",
    "O008": "the version of an order is no version range",
    "O009": "an order book holds no order",
    "O010": "an order pins a digest, and not with a single version or not as sha256: and 64 hex digits",
    "O011": "the version that an order pins has another digest in the store",
    "O012": "an order that asks for a first article may not be split",
}

FIRST_ARTICLE = "first_article"
REQUIRED = ("id", "design", "quantity", "place", "due_date")
OPTIONAL = (
    "version",
    "release_date",
    "priority",
    "splittable",
    "minimum_lot",
    "max_distance_km",
    FIRST_ARTICLE,
    "address",
    "contact",
)
#: those of a book in which no order asks for a first article
COLUMNS = (
    "id",
    "design",
    "version",
    "quantity",
    "place",
    "due_date",
    "release_date",
    "priority",
    "splittable",
    "minimum_lot",
    "max_distance_km",
)
#: written only where an order has one of them
PRIVATE_COLUMNS = ("address", "contact")
#: all that a book may have
ALL_COLUMNS = (*COLUMNS, FIRST_ARTICLE, *PRIVATE_COLUMNS)
#: [orders] that are remembered as their cells were read
SOUND = 4096
TREE_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
#: no slash: a lot's id is the order's id, a slash and a number
ORDER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def read_orders(
    path: Path,
    place_ids: Collection[str],
    design_ids: Collection[str],
    suggest: Callable[[str], str] = lambda _: "",
) -> tuple[Order, ...]:
    """Return the orders of a book, in the file's order; ``suggest`` names a place that another text may mean.

    Raises
    ------
    InputError
        With every fault of the file; where a column is missing, also those of the others.
    """
    where = path.name
    rows, problems = find_rows(read_text(path, where, "O001"), where, "O001", REQUIRED, OPTIONAL)
    orders, faults = check_orders(where, rows, place_ids, design_ids, suggest)
    if problems and rows:
        faults = [fault for fault in faults if fault.where.rpartition(".")[2] in rows[0][1]]
    if problems or faults:
        raise InputError([*problems, *faults])
    return orders


def check_orders(
    where: str,
    rows: Iterable[tuple[int, Mapping[str, str]]],
    place_ids: Collection[str],
    design_ids: Collection[str],
    suggest: Callable[[str], str] = lambda _: "",
) -> tuple[tuple[Order, ...], list[Problem]]:
    """Return an order for each (line, cells), and what is wrong; fields at fault hold what stands for nothing."""
    problems = list[Problem]()
    orders = []
    line_by_id: dict[str, int] = {}
    for line, cells in rows:
        table = Fields(cells, f"{where}: line {line}", "O002", problems)
        order = _read_sound(tuple(cells.items())) or _read_order(table)
        first = line_by_id.setdefault(order.id, line)
        if order.id and first != line:
            told = say("found %(found)s; it already stands in line %(first)s", found=repr(order.id), first=first)
            problems.append(Problem("O003", f"{table.where}.id", told))
        if order.place and order.place not in place_ids:
            problems.append(_unknown_place(order.place, f"{table.where}.place", suggest(order.place)))
        problems += _check_order(order, table.where, design_ids)
        orders.append(order)
    return tuple(orders), problems


@lru_cache(maxsize=SOUND)
def _read_sound(cells: tuple[tuple[str, str], ...]) -> Order | None:
    """Return the order of cells that hold no fault; a book is read again whenever one of its many rows has changed."""
    problems = list[Problem]()
    order = _read_order(Fields(dict(cells), "", "O002", problems))
    return None if problems else order


def _read_order(table: Fields) -> Order:
    version, digest = _read_version(table)
    return Order(
        id=_read_id(table),
        design=table.text("design", required=True),
        version=version,
        quantity=table.number("quantity", 0, required=True, low=1, high=10_000_000) or 0,
        place=table.text("place", required=True),
        due_date=table.day("due_date", required=True) or date.max,
        release_date=table.day("release_date"),
        priority=table.choice("priority", Priority, Priority.NORMAL),
        splittable=table.flag("splittable"),
        minimum_lot=table.number("minimum_lot", 1, low=1, high=10_000_000) or 1,
        max_distance_m=table.number("max_distance_km", scale=1000, high=20_000),
        digest=digest,
        address=table.text("address", max_length=500),
        contact=table.text("contact", max_length=500),
        first_article=table.flag(FIRST_ARTICLE),
    )


def _read_version(table: Fields) -> tuple[str, str | None]:
    """Return the version range, and the digest after it where there is one."""
    version, _, digest = table.text("version", "*").rpartition(" ")
    if not digest.startswith("sha256:"):
        return f"{version} {digest}".strip(), None
    if not TREE_DIGEST.fullmatch(digest) or find_named(version) is None:
        rule = say("a digest is sha256: and 64 hex digits after a single version, such as 1.2.0 sha256:…")
        told = say("found %(version)s %(digest)s; %(rule)s", version=repr(version), digest=repr(digest), rule=rule)
        table.problems.append(Problem("O010", table.place("version"), told))
    return version.strip(), digest


def _read_id(table: Fields) -> str:
    value = table.text("id", required=True)
    if value and not ORDER_ID.fullmatch(value):
        table.fault("id", value, say("must be at most 80 letters, digits, points, hyphens and underscores"))
        return ""
    return value


def _unknown_place(place: str, where: str, near: str) -> Problem:
    rule = say("must be the id of a place of the region")
    if near:
        rule = say("%(rule)s, such as %(near)s, which is like it", rule=rule, near=near)
    return Problem("O004", where, say("found %(found)s; %(rule)s", found=repr(place), rule=rule))


def _check_order(order: Order, where: str, design_ids: Collection[str]) -> list[Problem]:
    """Return what contradicts itself or the region; fields that could not be read are passed over."""
    problems = []
    if order.design and order.design not in design_ids:
        rule = say("must be the id of a design of the region")
        problems.append(
            Problem("O005", f"{where}.design", say("found %(found)s; %(rule)s", found=repr(order.design), rule=rule))
        )
    if order.release_date and order.release_date > order.due_date:
        found = say(
            "found %(found)s; must not be after due_date %(due_date)s",
            found=order.release_date,
            due_date=order.due_date,
        )
        problems.append(Problem("O006", f"{where}.release_date", found))
    if order.quantity and order.minimum_lot > order.quantity:
        found = say(
            "found %(found)s; must not be above quantity %(quantity)s", found=order.minimum_lot, quantity=order.quantity
        )
        problems.append(Problem("O007", f"{where}.minimum_lot", found))
    if order.first_article and order.splittable:
        found = say("found 'yes'; must be no or empty for an order with a first_article, which is made as one lot")
        problems.append(Problem("O012", f"{where}.splittable", found))
    return [*problems, *check_range(order.version, f"{where}.version", "O008")]


def check_digests(where: str, orders: Collection[Order], find: Callable[[str, str], Design | None]) -> list[Problem]:
    """Return a problem for each order whose version has another tree digest than it pins.

    A version that is not in the store is none: the order is unmet, and its reason says so.
    """
    problems = []
    for order in orders:
        design = find(order.design, order.version) if order.digest else None
        if design is not None and design.digest != order.digest:
            found = say(
                "found %(found)s; %(key)s in the store is %(there)s",
                found=order.digest,
                key=design.key,
                there=design.digest,
            )
            problems.append(Problem("O011", f"{where}: order {order.id}.version", found))
    return problems


def write_orders(orders: Collection[Order]) -> str:
    """Return the order book of these orders; `read_orders` reads the same orders from it.

    The column ``first_article`` is there only where an order asks for one.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    gated = (FIRST_ARTICLE,) if any(order.first_article for order in orders) else ()
    private = PRIVATE_COLUMNS if any(order.address or order.contact for order in orders) else ()
    writer.writerow(COLUMNS + gated + private)
    for order in orders:
        gate = ("yes" if order.first_article else "",) if gated else ()
        writer.writerow(_cells(order) + gate + tuple(getattr(order, name) for name in private))
    return text.getvalue()


def _cells(order: Order) -> tuple[str, ...]:
    distance = order.max_distance_m
    return (
        order.id,
        order.design,
        order.version if order.digest is None else f"{order.version} {order.digest}",
        str(order.quantity),
        order.place,
        order.due_date.isoformat(),
        "" if order.release_date is None else order.release_date.isoformat(),
        order.priority.value,
        "yes" if order.splittable else "no",
        str(order.minimum_lot),
        "" if distance is None else f"{Decimal(distance) / 1000:f}",
    )
