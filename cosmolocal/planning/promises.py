"""Quotes for orders that are not in the book, beside a plan: the earliest week, the cheapest way then, or why none."""

from dataclasses import dataclass, replace

import numpy as np

from cosmolocal.planning.bill import BillError
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.free_room import FreeRoom
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.offers import Offer, OfferSearch, search_offers
from cosmolocal.planning.options import import_cost
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.reasons import no_version
from cosmolocal.planning.refusals import Refusal
from cosmolocal.records import CostTerms, Fix, Lot, Order, Reason


@dataclass(frozen=True, slots=True)
class Promise:
    """The answer for an order."""

    order: Order
    lot: Lot
    #: the cheapest way of the earliest week; None: there is none, and ``reasons`` say why
    offer: Offer | None
    #: what it costs to bring it in from outside instead
    imported: CostTerms
    #: why there is no offer; with one: that importing would be cheaper
    reasons: tuple[Reason, ...] = ()
    fixes: tuple[Fix, ...] = ()
    #: False: the search gave up, so that something earlier or cheaper may have been missed
    is_proved: bool = True


class PromiseDesk:
    """Answers for orders, each as one lot, beside the loads of a plan; loaded once, asked as often as needed."""

    def __init__(self, resources: Resources, loads: Ints | None = None) -> None:
        self.resources, self.ground = resources, resources.ground
        self.room = FreeRoom(resources, np.zeros(resources.count, dtype=np.int64) if loads is None else loads)

    def lot(self, order: Order) -> Lot:
        """Return an order as one lot."""
        [lot] = cut_orders([replace(order, splittable=False)], self.ground.catalogue, 1)
        return lot

    def search(self, order: Order) -> OfferSearch | None:
        """Return what finds all offers for an order; None: its design cannot be taken apart, or no version fits."""
        lot = self.lot(order)
        bill = self.ground.catalogue.bill(lot.design) if lot.design in self.ground.catalogue.by_key else None
        return None if bill is None or isinstance(bill, BillError) else search_offers(self.room, bill, order, lot)

    def promise(self, order: Order, cheapest: bool = False) -> Promise:
        """Return the cheapest offer of the earliest week, or of all weeks, or the reasons why there is none."""
        lot, search = self.lot(order), self.search(order)
        imported = import_cost(self.ground, order, lot)
        offer = None
        if search is not None:
            offer = next(search.offers(search.weeks()), None) if cheapest else search.earliest()
        found = Promise(order, lot, offer, imported, is_proved=search is None or search.is_proved)
        if offer is not None:
            return replace(found, reasons=_compare(offer, imported))
        reasons, fixes = self._refuse(order, lot, search)
        return replace(found, reasons=tuple(reasons), fixes=tuple(fixes))

    def alternatives(self, found: Promise, most: int) -> list[Offer]:
        """Return the cheapest offers of all weeks but the promise's, one for the same workshops in the same week."""
        if found.offer is None or most < 1:
            return []
        others: dict[tuple[int, tuple[str, ...]], Offer] = {}
        search = self.search(found.order)
        for offer in () if search is None else search.offers(search.weeks()):
            others.setdefault((offer.allocation.week, offer.workshops), offer)
            if len(others) > most:
                break
        others.pop((found.offer.allocation.week, found.offer.workshops), None)
        return list(others.values())[:most]

    def _refuse(self, order: Order, lot: Lot, search: OfferSearch | None) -> tuple[list[Reason], list[Fix]]:
        if search is not None:
            return Refusal(self.room, search.pricer.root.node, order, lot, self._ask).explain()
        if lot.design not in self.ground.catalogue.by_key:
            return [no_version(order, self.ground.catalogue)], []
        why = str(self.ground.catalogue.bill(lot.design))
        return [Reason("unknown-bom", {"design": lot.design, "why": why})], []

    def _ask(self, order: Order) -> tuple[Offer, int] | None:
        """Return the offer for an order, and by how much it beats the import; None: there is none."""
        search = self.search(order)
        offer = None if search is None else search.earliest()
        if offer is None:
            return None
        imported = import_cost(self.ground, order, self.lot(order))
        return offer, max(0, imported.total_cents - offer.total_cents)


def _compare(offer: Offer, imported: CostTerms) -> tuple[Reason, ...]:
    if imported.total_cents >= offer.total_cents:
        return ()
    values: dict[str, str | int] = {"local_cents": offer.total_cents, "import_cents": imported.total_cents}
    return (Reason("import-cheaper", values),)
