"""Wishes, and what moved because of them, in the reader's words."""

from collections.abc import Mapping
from datetime import date

from cosmolocal.errors import InputError
from cosmolocal.records import Allocation, Move, Reason, Unmet, Wish, WishKind
from cosmolocal.web.fault_words import tell_whole
from cosmolocal.web.languages import day
from cosmolocal.web.names import Names
from cosmolocal.web.reasons_view import tell_reason
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.moved import Cause, MovedPart
from cosmolocal.workflows.wishing import FIELDS, UnmetWishError


def tell_wish(wish: Wish, names: Names) -> str:
    """Return what is wished, in one sentence."""
    what = (
        gettext("lot %(lot)s", lot=wish.lot) if wish.lot else gettext("all lots of order %(order)s", order=wish.order)
    )
    values = {"what": what, "workshop": names.place(wish.workshop)}
    if wish.kind is WishKind.AVOID:
        return gettext("%(what)s: not by %(workshop)s", **values)
    when = "" if wish.monday is None else day(wish.monday, year=True)
    if wish.kind is WishKind.STAY:
        return gettext("%(what)s: stays with %(workshop)s in the week of %(day)s", day=when, **values)
    return gettext("%(what)s: by %(workshop)s in the week of %(day)s", day=when, **values)


def cause_name(cause: Cause) -> str:
    """Return what a cause is called."""
    return {
        Cause.WISHED: gettext("wished there"),
        Cause.FORBIDDEN: gettext("not wished where it was"),
        Cause.DECLINED: gettext("declined"),
        Cause.CLOSED: gettext("closed, or no longer able"),
        Cause.FULL: gettext("too little room"),
        Cause.CHANGED: gettext("order, design or weeks changed"),
        Cause.CHEAPER: gettext("cheaper elsewhere"),
        Cause.ROOM: gettext("makes room for others"),
        Cause.REARRANGED: gettext("all lots together cost less"),
    }[cause]


def tell_place(names: Names, workshop: str, week: int | None) -> str:
    """Return where and when a lot is made, or that it is imported."""
    if week is None:
        return gettext("not made here")
    return gettext("%(workshop)s, week of %(day)s", workshop=names.place(workshop), day=day(names.monday(week)))


def tell_move(move: Move, names: Names) -> tuple[str, str, str]:
    """Return from where, to where, and why a lot moves; where only its parts do, that is where it moves to."""
    here = tell_place(names, move.from_workshop, move.from_week)
    there = tell_place(names, move.to_workshop, move.to_week)
    if here == there:
        there = gettext("there too, but parts of it are made elsewhere or on other machines")
    return here, there, tell_reason(move.why, names)


def tell_part(part: MovedPart, names: Names) -> str:
    """Return who makes a part now, and who did before."""
    name = part.path or gettext("putting it together")
    before, after = (", ".join(names.place(one) for one in side) for side in (part.before, part.after))
    if before == after:
        return gettext("%(part)s: other machines of %(workshop)s", part=name, workshop=after)
    return gettext("%(part)s: %(before)s → %(after)s", part=name, before=before, after=after)


def tell_faults(error: InputError, names: Names) -> list[str]:
    """Return what is wrong with a wish, one sentence each."""
    if isinstance(error, UnmetWishError):
        return [tell_reason(error.reason, names)]
    return [tell_whole(problem) for problem in error.problems]


def tell_hindrance(reason: Reason, names: Names) -> str:
    """Return why something that was wished could not be done."""
    return tell_reason(reason, names)


def workshop_choices(lot: Allocation | Unmet, names: Names) -> list[tuple[str, str]]:
    """Return the workshops that a lot may be wished to, the alternatives of the plan first."""
    first = [other.workshop for other in lot.alternatives] if isinstance(lot, Allocation) else []
    others = sorted(names.workshops, key=lambda shop: names.place(shop).casefold())
    unique = dict.fromkeys((*first, *others))
    return [(shop, names.place(shop)) for shop in unique]


def week_choices(view: PlanView, names: Names) -> list[date]:
    """Return the Mondays of the weeks of a plan."""
    return [names.monday(week) for week in range(int(view.plan.settings.get("weeks") or 0))]


def sent_values(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was sent, field by field."""
    return {name: form.get(name, "") for name in FIELDS}
