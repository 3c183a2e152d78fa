"""What could be bought or opened, where, and for how much: ``investments.yaml``."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from cosmolocal.records.designs import Provenance
from cosmolocal.records.workshops import MachineGroup, Workshop


@dataclass(frozen=True, slots=True)
class Purchase:
    """What an investment costs."""

    #: [cents] paid once
    price_cents: int
    #: [cents per year] of having it, besides what its machine hours cost: rent, upkeep, staff
    yearly_cents: int
    #: [years] until it is bought anew
    lifetime_years: int


@dataclass(frozen=True, slots=True)
class MachineOffer:
    """Machines that could be bought for a workshop."""

    #: unique among machines and workshops that could be had
    id: str
    name: str
    #: as it would stand in ``workshops.yaml``; all of it is bought for the price
    group: MachineGroup
    purchase: Purchase
    #: where the figures come from
    source: str = ""
    provenance: Provenance = Provenance.DECLARED


@dataclass(frozen=True, slots=True)
class WorkshopOffer:
    """A workshop that could be opened, with its machines; they are part of its price."""

    #: unique among machines and workshops that could be had
    id: str
    name: str
    #: (id of a machine offer, how many of it)
    machines: tuple[tuple[str, int], ...]
    purchase: Purchase
    #: public | cooperative | association | university | company | foundation
    legal_form: str = "public"
    #: [m along the network] farthest delivery; None: no limit
    radius_m: int | None = None
    #: where the figures come from
    source: str = ""
    provenance: Provenance = Provenance.DECLARED


@dataclass(frozen=True, slots=True)
class Investments:
    """What a region could buy or open."""

    machines: tuple[MachineOffer, ...] = ()
    workshops: tuple[WorkshopOffer, ...] = ()
    #: ids of neighbourhoods and hubs where a workshop could be opened, and of workshops that could take machines
    candidates: tuple[str, ...] = ()
    #: [percent per year] interest on money that is tied up; "0": none
    discount_percent: Decimal = Decimal(0)

    def annuity_cents(self, purchase: Purchase) -> int:
        """Return what an investment costs in each year of its life, rounded up.

        Without interest that is price / lifetime + yearly cost; with interest r, price × r / (1 − (1 + r)^−lifetime)
        + yearly cost.
        """
        rate, years = self.discount_percent / 100, purchase.lifetime_years
        share = Decimal(purchase.price_cents) / years
        if rate:
            share = purchase.price_cents * rate / (1 - (1 + rate) ** -years)
        return int(share.to_integral_value(ROUND_CEILING)) + purchase.yearly_cents


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to buy or open in one place."""

    #: id of the machine or workshop offer
    offer: str
    #: what it is called
    name: str
    #: id of the place: the workshop that takes the machines, or where the new workshop opens
    place: str
    #: id of the workshop that has them then; a new one where ``opened``
    workshop: str
    #: as they are added to the workshop
    groups: tuple[MachineGroup, ...]
    purchase: Purchase
    #: [cents per year] of its life: see `Investments.annuity_cents`
    annuity_cents: int
    #: the new workshop, with the groups; None: the machines go to one that is there
    opened: Workshop | None = None

    @property
    def id(self) -> str:
        """Return what names it: ``offer@place``."""
        return f"{self.offer}@{self.place}"
