"""Scenarios and their comparison in words, forms and rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cosmolocal.errors import Problem
from cosmolocal.records import Region, to_plain
from cosmolocal.records.scenarios import (
    AddMachines,
    ChangeDemand,
    ChangeHours,
    ChangeLink,
    ChangeMachines,
    ChangePrice,
    ChangeRadius,
    CloseWorkshop,
    Edit,
    MachineDown,
    OpenWorkshop,
)
from cosmolocal.scenarios import plain_edit
from cosmolocal.scenarios.reading import MAX_BYTES
from cosmolocal.web.fault_words import tell, tell_whole
from cosmolocal.web.languages import count, day, km, percent
from cosmolocal.web.names import Names
from cosmolocal.web.words import gettext, ngettext
from cosmolocal.workshops.register import dump_yaml

MOST_BYTES = MAX_BYTES + 1
#: what a new scenario begins with
EMPTY = "scenario:\n  title: \n  description: \nedits: []\n"


def kind_names() -> dict[str, str]:
    """Return what the kinds of edits are called."""
    return {
        "close-workshop": gettext("Close a workshop"),
        "open-workshop": gettext("Open a workshop"),
        "add-machines": gettext("Add machines of another kind"),
        "machines": gettext("More or fewer machines"),
        "machine-down": gettext("Machines stand still"),
        "hours": gettext("Other hours"),
        "price": gettext("Other machine costs"),
        "demand": gettext("Other demand"),
        "settings": gettext("Another setting"),
        "radius": gettext("Another radius of delivery"),
        "link": gettext("A link closed or limited"),
    }


# --- edits in words ------------------------------------------------------------------------------


def tell_edit(edit: Edit, names: Names) -> str:
    """Return an edit as a sentence."""
    tellers: dict[type, Callable[[Any, Names], str]] = {
        CloseWorkshop: lambda one, _: gettext("%(workshop)s closes.", workshop=names.place(one.workshop)),
        OpenWorkshop: lambda one, _: gettext("%(workshop)s opens.", workshop=one.workshop.name),
        AddMachines: _tell_added,
        ChangeMachines: _tell_machines,
        MachineDown: _tell_down,
        ChangeHours: lambda one, _: gettext(
            "%(what)s: %(percent)s of the hours.", what=_what(one, names), percent=percent(one.percent / 100)
        ),
        ChangePrice: lambda one, _: gettext(
            "%(what)s: %(percent)s of the machine costs.", what=_what(one, names), percent=percent(one.percent / 100)
        ),
        ChangeDemand: _tell_demand,
        ChangeRadius: _tell_radius,
        ChangeLink: _tell_link,
    }
    if type(edit) in tellers:
        return tellers[type(edit)](edit, names)
    pairs = ", ".join(f"{name} = {value}" for name, value in getattr(edit, "values", ()))
    return gettext("Settings: %(pairs)s.", pairs=pairs)


def _what(edit: Any, names: Names) -> str:
    if not edit.workshop:
        return gettext("All workshops")
    if not edit.group:
        return names.place(edit.workshop)
    return f"{names.place(edit.workshop)}, {names.machine(edit.workshop, edit.group)}"


def _tell_added(edit: AddMachines, names: Names) -> str:
    process, number = names.process(edit.group.process), edit.group.machines
    return ngettext(
        "%(workshop)s gets %(num)s machine for %(process)s.",
        "%(workshop)s gets %(num)s machines for %(process)s.",
        number,
        workshop=names.place(edit.workshop),
        process=process,
    )


def _tell_machines(edit: ChangeMachines, names: Names) -> str:
    what = _what(edit, names)
    if edit.change > 0:
        return ngettext("%(what)s: %(num)s machine more.", "%(what)s: %(num)s machines more.", edit.change, what=what)
    return ngettext("%(what)s: %(num)s machine fewer.", "%(what)s: %(num)s machines fewer.", -edit.change, what=what)


def _tell_down(edit: MachineDown, names: Names) -> str:
    first, last = day(edit.first_day, year=True), day(edit.last_day, year=True)
    return gettext(
        "%(what)s: stands still from %(first)s to %(last)s.", what=_what(edit, names), first=first, last=last
    )


def _tell_demand(edit: ChangeDemand, names: Names) -> str:
    design = names.any_version(edit.design) if edit.design else ""
    parts = [names.place(edit.place) if edit.place else "", edit.district, design]
    what = ", ".join(part for part in parts if part) or gettext("All orders")
    return gettext("%(what)s: %(percent)s of the quantities.", what=what, percent=percent(edit.percent / 100))


def _tell_radius(edit: ChangeRadius, names: Names) -> str:
    if edit.radius_m is None:
        return gettext("%(workshop)s delivers anywhere.", workshop=names.place(edit.workshop))
    return gettext(
        "%(workshop)s delivers within %(distance)s.", workshop=names.place(edit.workshop), distance=km(edit.radius_m)
    )


def _tell_link(edit: ChangeLink, names: Names) -> str:
    ends = {"start": names.place(edit.from_place), "end": names.place(edit.to_place)}
    if edit.closed:
        return gettext("Nothing passes between %(start)s and %(end)s.", **ends)
    if edit.weekly_capacity_kg is None:
        return gettext("The link between %(start)s and %(end)s is open.", **ends)
    return gettext(
        "At most %(kilograms)s kg a week pass between %(start)s and %(end)s.",
        kilograms=count(edit.weekly_capacity_kg),
        **ends,
    )


# --- forms ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form of an edit."""

    name: str
    label: str
    value: str
    #: (value, word) to choose from; empty: it is typed
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    kind: str = "text"


#: fields by kind; ``machines`` stands for workshop and group
FIELDS: dict[str, tuple[str, ...]] = {
    "close-workshop": ("workshop",),
    "open-workshop": ("entry",),
    "add-machines": ("workshop", "entry"),
    "machines": ("machines", "change"),
    "machine-down": ("machines", "first_day", "last_day"),
    "hours": ("machines", "percent"),
    "price": ("machines", "percent"),
    "demand": ("percent", "place", "district", "design"),
    "settings": ("setting", "value"),
    "radius": ("workshop", "radius_km"),
    "link": ("from", "to", "closed", "weekly_capacity_kg"),
}


def build_fields(kind: str, region: Region, sent: Mapping[str, str], names: Names) -> list[Field]:
    """Return the fields of the form of an edit, filled in as they were sent."""
    options = _options(kind, region, names)
    labels, hints = _labels(), _hints()
    return [
        Field(
            name,
            labels[name],
            sent.get(name, "" if name != "entry" else _example(kind, region)),
            options.get(name, ()),
            hints.get(name, ""),
            "date" if name.endswith("_day") else "area" if name == "entry" else "text",
        )
        for name in FIELDS[kind]
    ]


def _options(kind: str, region: Region, names: Names) -> dict[str, tuple[tuple[str, str], ...]]:
    shops = sorted(((shop.id, shop.name) for shop in region.workshops), key=lambda pair: pair[1])
    places = sorted(((place.id, place.name) for place in region.places), key=lambda pair: pair[1])
    groups = [
        (f"{shop.id}/{group.id}", f"{shop.name}: {names.process(group.process)} ({group.id})")
        for shop in sorted(region.workshops, key=lambda shop: shop.name)
        for group in shop.groups
    ]
    whole = [(shop_id, gettext("%(workshop)s: all machines", workshop=name)) for shop_id, name in shops]
    every = [("", gettext("All workshops"))] if kind in ("hours", "price") else []
    districts = sorted({place.district for place in region.places if place.district})
    nothing = ("", gettext("all"))
    return {
        "workshop": tuple(shops),
        "machines": tuple(groups if kind == "machines" else [*every, *whole, *groups]),
        "place": (nothing, *places),
        "district": (nothing, *((each, each) for each in districts)),
        "design": (nothing, *sorted(names.design_ids.items(), key=lambda pair: pair[1])),
        "from": tuple(sorted([*shops, *places], key=lambda pair: pair[1])),
        "to": tuple(sorted([*shops, *places], key=lambda pair: pair[1])),
        "closed": (("true", gettext("closed")), ("false", gettext("open"))),
        "setting": tuple((name, name) for name in sorted(to_plain(region.settings)) if name != "start_date"),
    }


def _labels() -> dict[str, str]:
    return {
        "workshop": gettext("Workshop"),
        "machines": gettext("Machines"),
        "change": gettext("How many more; with a minus: fewer"),
        "first_day": gettext("First day"),
        "last_day": gettext("Last day"),
        "percent": gettext("Percent of what is now"),
        "place": gettext("Neighbourhood"),
        "district": gettext("District"),
        "design": gettext("Design"),
        "setting": gettext("Setting"),
        "value": gettext("Value"),
        "radius_km": gettext("Radius, km"),
        "from": gettext("From"),
        "to": gettext("To"),
        "closed": gettext("The link is"),
        "weekly_capacity_kg": gettext("At most, kg a week"),
        "entry": gettext("Entry as in workshops.yaml"),
    }


def _hints() -> dict[str, str]:
    return {
        "percent": gettext("120 is a fifth more, 80 a fifth less."),
        "radius_km": gettext("“none”: anywhere."),
        "weekly_capacity_kg": gettext("Empty: as it is."),
    }


def _example(kind: str, region: Region) -> str:
    """Return an entry to begin with: the first workshop of the region, or its first machine group, under another id."""
    shop = next((shop for shop in region.workshops if shop.groups), None)
    if shop is None:
        return ""
    text = plain_edit(OpenWorkshop(shop)) if kind == "open-workshop" else plain_edit(AddMachines("", shop.groups[0]))
    plain = text if kind == "open-workshop" else text["group"]
    return dump_yaml({**plain, "id": f"{plain['id']}-2"})


def plain_of(kind: str, sent: Mapping[str, str], entry: Any) -> dict[str, Any]:
    """Return the table of an edit that a form says; what is empty is left out."""
    plain: dict[str, Any] = {
        name: sent[name].strip() for name in FIELDS[kind] if sent.get(name, "").strip() and name != "entry"
    }
    if kind == "open-workshop":
        return dict(entry) if isinstance(entry, dict) else {}
    if kind == "add-machines":
        return {**plain, "group": entry if isinstance(entry, dict) else {}}
    if kind == "settings":
        table, _, key = plain.get("setting", "").rpartition(".")
        value = plain.get("value", "")
        return {table: {key: value}} if table else {key: value} if key else {}
    if "machines" in plain:
        workshop, _, group = plain.pop("machines").partition("/")
        plain = {"workshop": workshop, **({"group": group} if group else {}), **plain}
    return plain


def by_field(problems: Iterable[Problem], fields: set[str]) -> dict[str, list[str]]:
    """Return problems by the field of the form they are about; all others under ``""``."""
    found: dict[str, list[str]] = {"": []}
    for problem in problems:
        name = problem.where.rpartition(".")[2]
        name = "machines" if name in ("workshop", "group") and "machines" in fields else name
        if name in fields:
            found.setdefault(name, []).append(tell(problem))
        else:
            found[""].append(tell_whole(problem))
    return found


def tell_all(problems: Iterable[Problem]) -> list[str]:
    """Return problems as sentences with their places."""
    return [tell_whole(problem) for problem in problems]
