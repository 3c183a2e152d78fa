"""What somebody chose in a plan: a lot, a workshop, a neighbourhood or a district, marked wherever it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from cosmolocal.exports.map_layers import Flow, MapLayers
from cosmolocal.web.asking import Asked
from cosmolocal.web.names import Names
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView

KINDS = ("lot", "workshop", "place", "district")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One thing of a plan; nothing is chosen where the kind is empty."""

    #: one of ``KINDS``, or ""
    kind: str = ""
    id: str = ""
    #: what it is, in words
    told: str = ""
    #: address of the rows of the plan that are about it
    link: str = ""
    #: ids of the neighbourhoods of a district
    homes: frozenset[str] = frozenset()

    @property
    def part(self) -> str:
        """Return it as a part of an address."""
        return f"{self.kind}:{self.id}" if self.kind else ""

    def marks(self, lot: str, place: str, workshops: set[str]) -> bool:
        """Tell whether a row of the table is about it."""
        mine: Mapping[str, set[str]] = {"lot": {lot}, "place": {place}, "workshop": workshops}
        return place in self.homes or self.id in mine.get(self.kind, ())


NOTHING = Chosen()


def read_chosen(args: Mapping[str, str], view: PlanView, names: Names) -> Chosen:
    """Return what ``chosen`` of an address names, such as ``lot:o-1/1``; raises `InputError` where it is not known."""
    asked = Asked(args, names)
    text = args.get("chosen", "")
    kind, _, name = text.partition(":")
    found = _find(kind, name, view, names) if text else NOTHING
    if found is None:
        asked.fault("chosen", text)
    asked.finish()
    return found or NOTHING


def _find(kind: str, name: str, view: PlanView, names: Names) -> Chosen | None:
    plan_id = view.plan.id
    if kind == "lot":
        for row in view.plan.allocations:
            if row.lot == name:
                told = gettext(
                    "Lot %(lot)s: %(design)s, made by %(workshop)s",
                    lot=name,
                    design=names.design(row.design),
                    workshop=names.place(row.workshop),
                )
                return Chosen(kind, name, told, url_for("plans.show", plan_id=plan_id, q=name))
        return None
    if kind == "district" and name in names.districts:
        link = url_for("plans.show", plan_id=plan_id, district=name)
        homes = frozenset(place for place, district in names.district_of.items() if district == name)
        return Chosen(kind, name, names.district(name), link, homes)
    known = {"workshop": names.workshops, "place": names.places}.get(kind, {})
    if name not in known:
        return None
    filters: dict[str, Any] = {kind: name}
    return Chosen(kind, name, names.place(name), url_for("plans.show", plan_id=plan_id, **filters))


def mark_chosen(layers: MapLayers, chosen: Chosen) -> MapLayers:
    """Return the map with what is chosen marked: the thing itself, and the ways that lead to and from it."""
    if not chosen.kind:
        return layers
    marked = {flow.id for flow in layers.flows if _touches(flow, chosen)}
    # an area of the map may be a neighbourhood or a district, and both may have the same id
    itself = {"lot": set[str](), "district": {chosen.part}}.get(chosen.kind, {chosen.id})
    return replace(layers, chosen=frozenset({*marked, *itself}))


def _touches(flow: Flow, chosen: Chosen) -> bool:
    if chosen.kind == "lot":
        return chosen.id in flow.lots
    ends = {flow.from_place, flow.to_place}
    return bool(ends & chosen.homes) if chosen.kind == "district" else chosen.id in ends
