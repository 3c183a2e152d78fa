"""Who in the region can make a design, who cannot because of what, and what a quantity would cost in each workshop.

The verdict asks what machines can do and how far loads may go. The figure is that of a plan of this one order whose
last task is done in that workshop: same ways, same terms, same capacities, all machines free.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from cosmolocal.planning.bill import BillError, TaskNode
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.matching import Answer, Verdict
from cosmolocal.planning.obstacles import find_obstacles
from cosmolocal.planning.options import import_cost
from cosmolocal.planning.quotes import Quote, quote_workshops
from cosmolocal.planning.ways import WayFinder
from cosmolocal.records import (
    Allocation,
    CostTerms,
    Lot,
    MachineGroup,
    Operation,
    Order,
    Reason,
    Workshop,
    WorkshopStatus,
)

Values = dict[str, str | int]

_RANK = {Answer.CANNOT: 0, Answer.UNKNOWN: 1, Answer.CAN: 2}


class Ability(StrEnum):
    """What a workshop can do for a design."""

    #: every part
    CAN = "can"
    #: it puts the design together; some parts come from other workshops
    TOGETHER = "together"
    UNKNOWN = "unknown"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked for."""

    #: ``id@version``
    design: str
    #: [units] in one lot
    quantity: int = 1
    #: where it is delivered to; None: it is fetched at the workshop
    place: str | None = None
    #: None: any week of the plan will do
    due_date: date | None = None


@dataclass(frozen=True, slots=True)
class PartElsewhere:
    """A part that a workshop cannot make itself."""

    path: str
    #: ``id@version`` of the design whose part it is
    design: str
    part: str
    #: who can make it and bring it
    workshops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Maker:
    """What a workshop can do for a design, and for how much."""

    workshop: str
    ability: Ability
    #: why it cannot, or what is unknown; of a workshop that can: why there is no figure
    because: tuple[Reason, ...] = ()
    elsewhere: tuple[PartElsewhere, ...] = ()
    #: the cheapest way that ends in this workshop; None: there is none
    allocation: Allocation | None = None
    #: what the lot costs beyond its own terms: hours above the basis, and above a fair load
    overtime_cents: int = 0
    fairness_cents: int = 0
    #: of trips, where they are shared: alone it shares them with nobody
    trips_cents: int = 0

    @property
    def total_cents(self) -> int | None:
        """Return what a plan of this lot alone would cost."""
        if self.allocation is None:
            return None
        return self.allocation.cost.total_cents + self.overtime_cents + self.fairness_cents + self.trips_cents


@dataclass(frozen=True, slots=True)
class MakersFound:
    """The answer to an inquiry."""

    inquiry: Inquiry
    #: in the order of the region's workshops
    makers: tuple[Maker, ...]
    #: of bringing the quantity in from outside the region
    imported: CostTerms


def find_makers(ground: Ground, inquiry: Inquiry) -> MakersFound:
    """Return for each workshop of the region what it can do for a design, and for how much."""
    order = _order(ground, inquiry)
    lot = Lot(f"{order.id}/1", order.id, inquiry.design, inquiry.quantity)
    imported = import_cost(ground, order, lot)
    bill = ground.catalogue.bill(inquiry.design)
    workshops = ground.region.workshops
    if isinstance(bill, BillError):
        reason = Reason("unknown-bom", {"design": inquiry.design, "why": str(bill)})
        unknown = tuple(_if_active(shop, Maker(shop.id, Ability.UNKNOWN, (reason,))) for shop in workshops)
        return MakersFound(inquiry, unknown, imported)
    judge = Judge(ground, bill, inquiry)
    makers = [_if_active(shop, judge.judge(shop)) for shop in workshops]
    able = [maker.workshop for maker in makers if maker.ability in (Ability.CAN, Ability.TOGETHER)]
    quotes = quote_workshops(ground, bill, order, lot, [(shop, inquiry.place or shop) for shop in able])
    return MakersFound(inquiry, tuple(_quoted(maker, quotes.get(maker.workshop)) for maker in makers), imported)


def _order(ground: Ground, inquiry: Inquiry) -> Order:
    design_id, _, version = inquiry.design.partition("@")
    settings = ground.settings
    last_day = settings.start_date + timedelta(weeks=settings.weeks, days=-1)
    return Order("inquiry", design_id, version, inquiry.quantity, inquiry.place or "", inquiry.due_date or last_day)


def _if_active(shop: Workshop, maker: Maker) -> Maker:
    if shop.status is WorkshopStatus.ACTIVE:
        return maker
    return Maker(shop.id, Ability.CANNOT, (Reason("maker-closed", {"status": shop.status.value}),))


def _quoted(maker: Maker, quote: Quote | None) -> Maker:
    if quote is None:
        return maker
    because = (*maker.because, *((quote.because,) if quote.because else ()))
    return replace(
        maker,
        because=because,
        allocation=quote.allocation,
        overtime_cents=quote.overtime_cents,
        fairness_cents=quote.fairness_cents,
        trips_cents=quote.trips_cents,
    )


class Judge:
    """Answers for one design and quantity, over all levels of its bill of materials."""

    def __init__(self, ground: Ground, bill: TaskNode, inquiry: Inquiry) -> None:
        self.ground, self.bill, self.inquiry = ground, bill, inquiry
        self._finder = WayFinder(ground, inquiry.quantity)
        self._own: dict[tuple[str, str], Answer] = {}
        self._whole: dict[tuple[str, str], Answer] = {}
        self._supplies: dict[tuple[str, str], Answer] = {}

    def judge(self, shop: Workshop) -> Maker:
        """Return what a workshop can do, without its figure."""
        if shop.id not in self.ground.workshops:
            return Maker(shop.id, Ability.CANNOT)
        delivery = tuple(self._delivery(shop))
        answer = Answer.CANNOT if delivery else self.whole(self.bill, shop)
        if answer is not Answer.CAN:
            found = (
                []
                if delivery and self.whole(self.bill, shop) is not Answer.CANNOT
                else self._why(self.bill, shop, answer)
            )
            return Maker(shop.id, Ability(answer.value), _unique([*found, *delivery]))
        if self._is_all_here(self.bill, shop):
            return Maker(shop.id, Ability.CAN)
        return Maker(shop.id, Ability.TOGETHER, elsewhere=tuple(self._elsewhere(self.bill, shop)))

    def own(self, node: TaskNode, shop: Workshop) -> Answer:
        """Return whether a workshop can do the operations of a task."""
        key = (node.path, shop.id)
        if key not in self._own:
            answers = [self._operation(operation, shop).answer for operation in node.operations]
            self._own[key] = _worst([*answers, Answer.CAN if node.is_known else Answer.UNKNOWN])
        return self._own[key]

    def whole(self, node: TaskNode, shop: Workshop) -> Answer:
        """Return whether a task can be done in a workshop, wherever the parts that go into it are made."""
        key = (node.path, shop.id)
        if key not in self._whole:
            own = self.own(node, shop)
            below = () if own is Answer.CANNOT else (self.supply(child, shop) for child in node.children)
            self._whole[key] = _worst([own, *below])
        return self._whole[key]

    def supply(self, child: TaskNode, user: Workshop) -> Answer:
        """Return whether a part can be made somewhere and brought to a workshop."""
        key = (child.path, user.id)
        if key not in self._supplies:
            answers = (self.whole(child, maker) for maker in self._suppliers(child, user))
            self._supplies[key] = max(answers, key=_RANK.__getitem__, default=Answer.CANNOT)
        return self._supplies[key]

    def _suppliers(self, child: TaskNode, user: Workshop) -> Iterator[Workshop]:
        """Yield the workshop itself and those that may bring a part; one that needs no machine is put together here."""
        yield user
        if not child.operations:
            return
        for maker in self.ground.workshops.values():
            able = maker is not user and self.own(child, maker) is not Answer.CANNOT
            if able and self._finder.carry(child, maker, user.id) is not None:
                yield maker

    def _operation(self, operation: Operation, shop: Workshop) -> Verdict:
        """Return the best verdict of a workshop's machine groups."""
        verdicts = [self.ground.verdict(operation, group, self.inquiry.quantity) for group in shop.groups]
        return max(verdicts, key=lambda verdict: _RANK[verdict.answer], default=Verdict(Answer.CANNOT))

    def _is_all_here(self, node: TaskNode, shop: Workshop) -> bool:
        return self.own(node, shop) is Answer.CAN and all(self._is_all_here(child, shop) for child in node.children)

    def _elsewhere(self, node: TaskNode, shop: Workshop) -> Iterator[PartElsewhere]:
        for child in node.children:
            if self.own(child, shop) is Answer.CAN and self.whole(child, shop) is Answer.CAN:
                yield from self._elsewhere(child, shop)
            else:
                able = [maker.id for maker in self._suppliers(child, shop) if self.whole(child, maker) is Answer.CAN]
                yield PartElsewhere(child.path, child.design, child.part, tuple(able))

    def _delivery(self, shop: Workshop) -> Iterator[Reason]:
        """Yield why a workshop may not deliver."""
        place = self.inquiry.place or shop.id
        if self._finder.carry(self.bill, shop, place) is not None:
            return
        route = self.ground.routes.find(shop.id, place)
        if route is not None and shop.radius_m is not None and route.nearest_m > shop.radius_m:
            yield Reason("maker-radius", {"place": place, "distance_m": route.nearest_m, "radius_m": shop.radius_m})
        else:
            yield Reason("no-way", {"place": place, "mass_g": self.bill.mass_g})

    def _why(self, node: TaskNode, shop: Workshop, answer: Answer) -> Iterator[Reason]:
        """Yield what makes ``answer`` of a task that is to be done in a workshop."""
        if self.own(node, shop) is answer:
            yield from self._why_own(node, shop, answer)
            if answer is Answer.CANNOT:
                return
        for child in node.children:
            if self.supply(child, shop) is answer:
                yield from self._why_supply(child, shop, answer)

    def _why_supply(self, child: TaskNode, user: Workshop, answer: Answer) -> Iterator[Reason]:
        makers = [maker for maker in self._suppliers(child, user) if self.whole(child, maker) is answer]
        if answer is Answer.UNKNOWN:
            for maker in makers[:1] if makers[0] is user else makers:
                yield from self._why(child, maker, answer)
            return
        nowhere = find_obstacles(self.ground, child, self.inquiry.quantity)[0]
        yield from nowhere or [Reason("maker-part", _part(child))]

    def _why_own(self, node: TaskNode, shop: Workshop, answer: Answer) -> Iterator[Reason]:
        if not node.is_known:
            yield Reason("unknown-requirement", {**_part(node), "field": "operations"})
        for operation in node.operations:
            if self._operation(operation, shop).answer is answer:
                tell = self._unknown if answer is Answer.UNKNOWN else self._cannot
                yield from tell(node, operation, shop)

    def _cannot(self, node: TaskNode, operation: Operation, shop: Workshop) -> Iterator[Reason]:
        """Yield what the machine group that comes nearest lacks."""
        where = _part(node, operation)
        fitting = [
            (group, verdict)
            for group in shop.groups
            if "process" not in (verdict := self.ground.verdict(operation, group, self.inquiry.quantity)).because
        ]
        if not fitting:
            yield Reason("maker-process", where)
            return
        group, verdict = min(fitting, key=lambda pair: len(pair[1].because))
        for check in verdict.because:
            yield Reason(
                f"maker-{check}", {**where, **_asked(check, operation, group), "resource": f"{shop.id}/{group.id}"}
            )

    def _unknown(self, node: TaskNode, operation: Operation, shop: Workshop) -> Iterator[Reason]:
        """Yield what nobody has said: of the design, or else of the machines."""
        missing = {"process": operation.process is None, "minutes": operation.seconds is None}
        asked = dict.fromkeys([*(name for name, is_missing in missing.items() if is_missing), *operation.unknown])
        for field in asked:
            yield Reason("unknown-requirement", {**_part(node), "field": field})
        for group in () if asked else shop.groups:
            verdict = self.ground.verdict(operation, group, self.inquiry.quantity)
            if verdict.answer is Answer.UNKNOWN:
                values: Values = {"workshop": shop.id, "group": group.id, "field": ", ".join(verdict.because)}
                yield Reason("unknown-machine", {**_part(node, operation), **values})


def _worst(answers: Iterable[Answer]) -> Answer:
    return min(answers, key=_RANK.__getitem__, default=Answer.CAN)


def _part(node: TaskNode, operation: Operation | None = None) -> Values:
    values: Values = {"design": node.design, "part": node.part}
    return values if operation is None or operation.process is None else {**values, "process": operation.process}


def _asked(check: str, operation: Operation, group: MachineGroup) -> Values:
    """Return what was asked for and what there is, for the sentence of a check that failed."""
    values: dict[str, Values] = {
        "material": {"material": operation.material or ""},
        "envelope": {"wanted_mm": _times(operation.envelope_mm), "offered_mm": _times(group.envelope_mm)},
        "tolerance": {"wanted": str(operation.tolerance or ""), "offered": str(group.tolerance or "")},
        "minimum-lot": {"from_units": group.minimum_lot},
    }
    return values[check]


def _times(sides: Iterable[int] | None) -> str:
    return " × ".join(str(side) for side in sides or ())


def _unique(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple({(reason.code, *reason.values.items()): reason for reason in reasons}.values())
