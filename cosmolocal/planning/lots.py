"""Orders cut into lots."""

from collections.abc import Iterable

from cosmolocal.planning.bill import Catalogue
from cosmolocal.records import Lot, Order


def cut_orders(orders: Iterable[Order], catalogue: Catalogue, max_lots_per_order: int) -> tuple[Lot, ...]:
    """Return the lots of all orders, by order id; a lot whose version range nothing fits names the design's bare id."""
    return tuple(
        lot
        for order in sorted(orders, key=lambda order: order.id)
        for lot in _cut(order, catalogue, max_lots_per_order)
    )


def _cut(order: Order, catalogue: Catalogue, max_lots: int) -> list[Lot]:
    design = catalogue.find(order.design, order.version)
    if design is None:
        return [Lot(f"{order.id}/1", order.id, order.design, order.quantity)]
    if order.first_article and order.quantity > 1:
        return [Lot(f"{order.id}/1", order.id, design.key, order.quantity, first_article=True)]
    count = max(1, min(max_lots, order.quantity // order.minimum_lot)) if order.splittable else 1
    size, larger = divmod(order.quantity, count)
    return [
        Lot(f"{order.id}/{number + 1}", order.id, design.key, size + (1 if number < larger else 0))
        for number in range(count)
    ]
