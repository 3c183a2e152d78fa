"""The sentences of reasons and fixes: one template per code, so that each language has its own."""

from collections.abc import Callable, Mapping


def N_(template: str) -> str:  # noqa: N802 (the name that message extraction looks for)
    """Mark a template for translation."""
    return template


REASONS: dict[str, str] = {
    "no-version": N_("No version of %(design)s fits %(range)s; there are: %(versions)s."),
    "yanked-version": N_("Only withdrawn versions of %(design)s fit %(range)s. Why %(version)s was withdrawn: %(why)s"),
    "taken-down-version": N_("Only %(version)s of %(design)s fits %(range)s, and it was taken down: %(why)s"),
    "unknown-bom": N_("The bill of materials of %(design)s cannot be taken apart: %(why)s."),
    "unknown-requirement": N_("Nobody has said what %(part)s needs: %(field)s is unknown."),
    "unknown-machine": N_("Nobody has said whether %(group)s at %(workshop)s fits %(part)s: %(field)s is unknown."),
    "no-process": N_("No active workshop offers %(process)s, which %(part)s needs."),
    "no-envelope": N_("No machine for %(process)s is large enough for %(part)s (%(wanted_mm)s mm)."),
    "no-material": N_("No machine for %(process)s takes %(material)s, which %(part)s is made of."),
    "no-tolerance": N_("No machine for %(process)s is as precise as %(part)s needs."),
    "no-minimum-lot": N_("A lot of %(quantity)s is too small for every machine for %(process)s."),
    "no-single-workshop": N_("No workshop does all that %(part)s needs in one place: %(processes)s."),
    "no-way": N_("No transport carries it to %(place)s."),
    "radius": N_(
        "The nearest workshop that can make it, %(workshop)s, is %(distance_m)s from %(place)s: outside a radius."
    ),
    "too-late": N_("It cannot be ready before the week of %(earliest_date)s; it is due on %(due_date)s."),
    "late-by-first-article": N_(
        "With its first article it cannot be ready before the week of %(earliest_date)s; it is due on %(due_date)s. "
        "Without it there would be time."
    ),
    "import-cheaper": N_(
        "Making it here would cost %(local_cents)s, importing it costs %(import_cents)s, all weighed."
    ),
    "capacity": N_("Other orders fill the machines: in %(week)s %(resource)s lacks %(minutes)s."),
    "too-large": N_("The lot is too large for any week: even alone, in %(week)s %(resource)s lacks %(minutes)s."),
    "link": N_("Other orders fill the way: in %(week)s %(resource)s lacks %(kg)s kg."),
    "gap": N_("It would fit; the plan is not proved best, and solving longer may place it."),
}

#: why a single workshop cannot make a design, besides what `REASONS` says of the region
MAKER_REASONS: dict[str, str] = {
    "maker-closed": N_("It makes nothing now: its status is %(status)s."),
    "maker-process": N_("It has no machine for %(process)s, which %(part)s needs."),
    "maker-material": N_("%(resource)s does not take %(material)s, which %(part)s is made of."),
    "maker-envelope": N_("%(part)s (%(wanted_mm)s mm) is too large for %(resource)s (%(offered_mm)s mm)."),
    "maker-tolerance": N_("%(part)s needs tolerance class %(wanted)s; %(resource)s holds %(offered)s."),
    "maker-minimum-lot": N_("%(resource)s takes lots of at least %(from_units)s."),
    "maker-part": N_("No workshop that may deliver to it makes %(part)s."),
    "maker-radius": N_("%(place)s is %(distance_m)s away: outside its radius of %(radius_m)s."),
    "maker-link": N_("The lot is too large for its way: in %(week)s %(resource)s lacks %(kg)s kg."),
}

#: why a lot cannot stay where the plan before made it, or why it is imported for all its workshops could do
HINDRANCES: dict[str, str] = {
    "declined": N_("%(workshop)s declined it."),
    "wished": N_("A planner wants it made by %(workshop)s in %(week)s."),
    "forbidden": N_("A planner does not want it made by %(workshop)s."),
    "no-way-there": N_("%(workshop)s cannot make it and bring it to %(place)s."),
    "beyond": N_("%(week)s is outside the weeks that are planned."),
    "too-large-there": N_("It is too large for a week: even alone, in %(week)s %(resource)s lacks %(minutes)s."),
    "closed": N_("%(workshop)s makes nothing now."),
    "machine": N_("At %(workshop)s the machine %(group)s can no longer make it."),
    "route": N_("Nothing carries it from %(workshop)s to %(place)s any longer."),
    "other-version": N_("It was %(old)s; its order now means %(new)s."),
    "other-quantity": N_("It was a lot of %(old)s; its order is now cut into lots of %(new)s."),
    "first-article": N_("Its order now asks for a first article."),
    "no-first-article": N_("Its order no longer asks for a first article."),
    "other-parts": N_("The parts of %(design)s are no longer the same."),
    "early": N_("It may not be made before %(week)s."),
    "late": N_("It must be delivered by %(week)s."),
    "past": N_("It was to be begun in %(week)s, which is past, and was not."),
    "no-hours": N_("Not all can stay: in %(week)s %(resource)s lacks %(minutes)s."),
    "no-load": N_("Not all can stay: in %(week)s %(resource)s lacks %(kg)s kg."),
}

#: why a lot moves that could have stayed
MOVES: dict[str, str] = {
    "cheaper": N_("It costs %(saves_cents)s less so."),
    "makes-room": N_("It makes room: in %(week)s %(resource)s is worth more to others."),
    "rearranged": N_("All lots together cost less so."),
}

FIXES: dict[str, str] = {
    "confirm": N_("Confirm the %(field)s of %(part)s."),
    "confirm-machine": N_("Confirm the %(field)s of %(group)s at %(workshop)s."),
    "add-machine": N_("Add a machine for %(process)s."),
    "order-radius": N_("Widen the order's radius from %(from_m)s to %(to_m)s."),
    "workshop-radius": N_("Widen the radius of %(workshop)s from %(from_m)s to %(to_m)s."),
    "due-date": N_("Move the due date from %(from_date)s to %(to_date)s."),
    "no-first-article": N_("Do without the first article."),
    "split": N_("Allow the order to be split into up to %(lots)s lots."),
    "smaller-lots": N_("Let the order be made in lots of %(to_units)s instead of %(from_units)s."),
    "import-penalty": N_("Raise what making here is worth from %(from_percent)s%% to %(to_percent)s%% of the import."),
    "envelope": N_("Enlarge %(group)s at %(workshop)s from %(from_mm)s to %(to_mm)s mm."),
    "material": N_("Let %(group)s at %(workshop)s take %(material)s."),
    "tolerance": N_("Make %(group)s at %(workshop)s hold tolerance class %(to_class)s."),
    "minimum-lot": N_("Let %(group)s at %(workshop)s take lots of %(to_units)s instead of %(from_units)s."),
    "hours": N_("Add %(hours)s h of %(process)s at %(workshop)s in %(week)s."),
    "link-capacity": N_("Raise what %(from_place)s–%(to_place)s carries from %(from_kg)s to %(to_kg)s kg a week."),
    "hub-capacity": N_("Raise what %(place)s passes on from %(from_kg)s to %(to_kg)s kg a week."),
}


def reason_sentence(
    code: str,
    values: Mapping[str, str | int],
    translate: Callable[[str], str] = str,
    show: Callable[[str, str | int], str] = lambda _, value: str(value),
) -> str:
    """Return the sentence of a reason; ``show(name, value)`` turns ids, metres, cents … into what a person reads."""
    return _filled((REASONS | MAKER_REASONS | HINDRANCES | MOVES)[code], values, translate, show)


def fix_sentence(
    code: str,
    values: Mapping[str, str | int],
    translate: Callable[[str], str] = str,
    show: Callable[[str, str | int], str] = lambda _, value: str(value),
) -> str:
    """Return the sentence of a fix; ``show`` as for `reason_sentence`."""
    return _filled(FIXES[code], values, translate, show)


def _filled(
    template: str,
    values: Mapping[str, str | int],
    translate: Callable[[str], str],
    show: Callable[[str, str | int], str],
) -> str:
    return translate(template) % {name: show(name, value) for name, value in values.items()}
