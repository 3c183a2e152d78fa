"""``investments.yaml``: what could be bought or opened, where and for how much; ``docs/gaps.md`` describes the file."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import Fields, check_unique
from cosmolocal.files import parse_yaml, read_text
from cosmolocal.records import (
    Investments,
    MachineGroup,
    MachineOffer,
    Place,
    PlaceKind,
    Proposal,
    Provenance,
    Purchase,
    Region,
    Workshop,
    WorkshopOffer,
    WorkshopStatus,
)
from cosmolocal.workshops.register import LEGAL_FORMS, process_ids, read_group

CODES = {
    "W090": "the file of investments cannot be read",
    "W091": "a field of an investment is missing, wrong or unknown",
    "W092": "an id stands twice: of a machine or a workshop that could be had, or of a candidate place",
    "W093": "a workshop that could be opened has a machine that is not among those that could be bought",
    "W094": "a candidate is no place of the region, or a workshop that is not active",
}
INVESTMENTS = "investments.yaml"
#: candidates that stand for many
ALL_NEIGHBOURHOODS, ALL_WORKSHOPS = "all neighbourhoods", "all workshops"
#: places where workshops could be opened
OPEN_KINDS = (PlaceKind.NEIGHBOURHOOD, PlaceKind.HUB)


def read_investments(path: Path, region: Region) -> Investments:
    """Return what a file says could be had in a region, in its order.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    return parse_investments(read_text(path, path.name, "W090"), path.name, region)


def parse_investments(text: str, where: str, region: Region) -> Investments:
    """Return the investments of a text, as `read_investments` does those of a file."""
    problems: list[Problem] = []
    top = Fields(parse_yaml(text, where, "W090"), where, "W091", problems)
    processes = process_ids(region.vocabulary)
    machine_tables, workshop_tables = top.tables("machines"), top.tables("workshops")
    machines = tuple(_read_machine(table, processes) for table in machine_tables)
    bought = {machine.id for machine in machines}
    workshops = tuple(_read_workshop(table, bought) for table in workshop_tables)
    tables = (*machine_tables, *workshop_tables)
    ids = [offer.id for offer in machines] + [offer.id for offer in workshops]
    places = [table.place("id") for table in tables]
    problems += check_unique(zip(ids, places, strict=True), "W092")
    found = Investments(machines, workshops, _read_candidates(top, region), _read_discount(top))
    top.finish()
    if problems:
        raise InputError(problems)
    return found


def _read_machine(table: Fields, processes: Collection[str]) -> MachineOffer:
    offer_id, group = table.slug("id"), table.table("group", required=True)
    if not group.has("id"):
        group.values = {**group.values, "id": offer_id or "group"}
    read = read_group(group, processes)
    if read.unknown:
        group.fault("", ", ".join(read.unknown), say("must be known of machines that are to be bought"))
    offer = MachineOffer(
        id=offer_id,
        name=table.text("name", required=True, max_length=200),
        group=read,
        purchase=_read_purchase(table),
        source=table.text("source"),
        provenance=table.choice("provenance", Provenance, Provenance.DECLARED),
    )
    table.finish()
    return offer


def _read_workshop(table: Fields, machines: Collection[str]) -> WorkshopOffer:
    legal_form = table.text("legal_form", "public")
    if legal_form not in LEGAL_FORMS:
        table.fault("legal_form", legal_form, say("must be one of %(known)s", known=", ".join(LEGAL_FORMS)))
    offer = WorkshopOffer(
        id=table.slug("id"),
        name=table.text("name", required=True, max_length=200),
        machines=_read_counts(table, machines),
        purchase=_read_purchase(table),
        legal_form=legal_form,
        radius_m=table.number("radius_km", scale=1000, high=20_000),
        source=table.text("source"),
        provenance=table.choice("provenance", Provenance, Provenance.DECLARED),
    )
    table.finish()
    return offer


def _read_counts(table: Fields, machines: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Return how many of which machines a workshop opens with."""
    counts = table.table("machines", required=True)
    if table.has("machines") and not counts.values:
        table.fault("machines", {}, say("must name at least one machine"))
    for name in counts.values:
        if name not in machines:
            rule = say("found %(found)s; must be the id of one of the machines of this file", found=repr(name))
            table.problems.append(Problem("W093", counts.place(name), rule))
    return tuple((name, counts.number(name, 1, required=True, low=1, high=1000) or 1) for name in counts.values)


def _read_purchase(table: Fields) -> Purchase:
    return Purchase(
        price_cents=table.number("price", 0, required=True, scale=100) or 0,
        yearly_cents=table.number("yearly_cost", 0, scale=100) or 0,
        lifetime_years=table.number("lifetime_years", 1, required=True, low=1, high=200) or 1,
    )


def _read_discount(top: Fields) -> Decimal:
    value = top.raw("discount_percent")
    try:
        percent = Decimal(str(value or 0))
        if isinstance(value, bool) or not 0 <= percent <= 100:
            raise InvalidOperation
    except InvalidOperation:
        top.fault("discount_percent", value, say("must be a number from %(low)s to %(high)s", low=0, high=100))
        return Decimal(0)
    return percent


def _read_candidates(top: Fields, region: Region) -> tuple[str, ...]:
    """Return the ids of the places; a word alone in place of the list may stand for many."""
    value = top.raw("candidates")
    words: list[tuple[str, str]] = []
    if isinstance(value, str):
        words = [(value, top.place("candidates"))]
    else:
        for table in top.tables("candidates"):
            words.append((table.text("place", required=True), table.place("place")))
            table.finish()
    spread = {
        ALL_NEIGHBOURHOODS: [place.id for place in region.places if place.kind is PlaceKind.NEIGHBOURHOOD],
        ALL_WORKSHOPS: [shop.id for shop in region.workshops if _takes_machines(shop)],
    }
    known = {place.id for place in region.places} | {shop.id for shop in region.workshops if _takes_machines(shop)}
    for word, where in words:
        if word and word not in spread and word not in known:
            rule = say(
                "found %(found)s; must be the id of a place or of an active workshop, "
                "all neighbourhoods, or all workshops",
                found=repr(word),
            )
            top.problems.append(Problem("W094", where, rule))
    top.problems += check_unique(words, "W092")
    return tuple(dict.fromkeys(place for word, _ in words for place in spread.get(word, [word])))


def _takes_machines(workshop: Workshop) -> bool:
    return workshop.status is WorkshopStatus.ACTIVE


def list_proposals(region: Region, investments: Investments) -> tuple[Proposal, ...]:
    """Return every single thing that could be done: each machine in each workshop, each workshop in each place.

    The candidates come in their order, and in each the offers in theirs.
    """
    shops = {shop.id: shop for shop in region.workshops}
    places = {place.id: place for place in region.places if place.kind in OPEN_KINDS}
    found = []
    for candidate in investments.candidates:
        if candidate in shops:
            found += [propose_machines(investments, one, shops[candidate]) for one in investments.machines]
        elif candidate in places:
            taken = shops.keys() | {place.id for place in region.places}
            found += [propose_workshop(investments, one, places[candidate], taken) for one in investments.workshops]
    return tuple(found)


def propose_machines(investments: Investments, offer: MachineOffer, workshop: Workshop) -> Proposal:
    """Return the machines of an offer as a group that a workshop does not have yet."""
    group = _named(offer.group, {group.id for group in workshop.groups})
    annuity = investments.annuity_cents(offer.purchase)
    return Proposal(offer.id, offer.name, workshop.id, workshop.id, (group,), offer.purchase, annuity)


def propose_workshop(
    investments: Investments, offer: WorkshopOffer, place: Place, taken: Collection[str] = ()
) -> Proposal:
    """Return a workshop of an offer, opened at a place; ``taken``: ids that it cannot have."""
    machines = {machine.id: machine.group for machine in investments.machines}
    groups: list[MachineGroup] = []
    for name, count in offer.machines:
        group = _named(machines[name], {one.id for one in groups})
        groups.append(replace(group, machines=group.machines * count))
    opened = Workshop(
        id=_free(f"{offer.id}-{place.id}", taken),
        name=f"{offer.name} ({place.name})",
        lat=place.lat,
        lon=place.lon,
        groups=tuple(groups),
        legal_form=offer.legal_form,
        radius_m=offer.radius_m,
        source=offer.source,
        provenance=Provenance.ASSUMED,
        terms_provenance=offer.provenance,
    )
    annuity = investments.annuity_cents(offer.purchase)
    return Proposal(offer.id, offer.name, place.id, opened.id, opened.groups, offer.purchase, annuity, opened)


def _named(group: MachineGroup, taken: Collection[str]) -> MachineGroup:
    return replace(group, id=_free(group.id, taken))


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that nobody has, with a number at its end where it needs one; of at most 80 signs."""
    name = name[:76].rstrip("-")
    numbers = iter(range(2, len(taken) + 3))
    free = name
    while free in taken:
        free = f"{name}-{next(numbers)}"
    return free


def apply_proposal(region: Region, proposal: Proposal) -> Region:
    """Return the region as it would be with what is proposed."""
    if proposal.opened is not None:
        return replace(region, workshops=(*region.workshops, proposal.opened))
    shops = [
        replace(shop, groups=(*shop.groups, *proposal.groups)) if shop.id == proposal.workshop else shop
        for shop in region.workshops
    ]
    return replace(region, workshops=tuple(shops))


def plain_proposal(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as JSON shows it."""
    return {
        "id": proposal.id,
        "offer": proposal.offer,
        "name": proposal.name,
        "place": proposal.place,
        "workshop": proposal.workshop,
        "opens": proposal.opened is not None,
        "processes": sorted({group.process for group in proposal.groups}),
        "price_cents": proposal.purchase.price_cents,
        "yearly_cents": proposal.purchase.yearly_cents,
        "lifetime_years": proposal.purchase.lifetime_years,
        "annuity_cents": proposal.annuity_cents,
    }
