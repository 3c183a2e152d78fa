"""Reasons and fixes in the reader's words: ids become names, numbers get their units."""

from collections.abc import Callable, Mapping
from datetime import date

from cosmolocal.planning.wording import fix_sentence, reason_sentence
from cosmolocal.records import Fix, Reason
from cosmolocal.web.languages import count, day, hours, km, money
from cosmolocal.web.names import Names
from cosmolocal.web.words import gettext

Values = Mapping[str, str | int]


def tell_reason(reason: Reason, names: Names) -> str:
    """Return why a lot is not made here."""
    return _one_stop(reason_sentence(reason.code, reason.values, gettext, _shower(reason.values, names)))


def tell_fix(fix: Fix, names: Names) -> str:
    """Return what would serve a lot."""
    return _one_stop(fix_sentence(fix.code, fix.values, gettext, _shower(fix.values, names)))


def _one_stop(sentence: str) -> str:
    """Return a sentence that ends in one stop: short names of months may end in one, too."""
    return f"{sentence.rstrip('.')}." if sentence.endswith("..") else sentence


def reason_name(code: str) -> str:
    """Return what a kind of reason is called."""
    named = {
        "no-version": gettext("no version fits"),
        "yanked-version": gettext("version withdrawn"),
        "taken-down-version": gettext("version taken down"),
        "unknown-bom": gettext("parts list unclear"),
        "unknown-requirement": gettext("requirement unknown"),
        "unknown-machine": gettext("machine not known well enough"),
        "no-process": gettext("nobody has the machine"),
        "no-envelope": gettext("too large"),
        "no-material": gettext("material not worked"),
        "no-tolerance": gettext("too fine"),
        "no-minimum-lot": gettext("lot too small"),
        "no-single-workshop": gettext("no workshop does it all"),
        "no-way": gettext("cannot be carried"),
        "radius": gettext("too far away"),
        "too-late": gettext("too late"),
        "late-by-first-article": gettext("too late with a first article"),
        "import-cheaper": gettext("import is cheaper"),
        "capacity": gettext("machines full"),
        "too-large": gettext("too many for a week"),
        "link": gettext("way full"),
        "gap": gettext("plan not proved best"),
        "maker-closed": gettext("closed"),
        "maker-process": gettext("no such machine"),
        "maker-material": gettext("material not worked"),
        "maker-envelope": gettext("too large"),
        "maker-tolerance": gettext("too fine"),
        "maker-minimum-lot": gettext("lot too small"),
        "maker-part": gettext("a part cannot be had"),
        "maker-radius": gettext("too far away"),
        "maker-link": gettext("way full"),
    }
    return named.get(code, code)


def _shower(values: Values, names: Names) -> Callable[[str, str | int], str]:
    def show(name: str, value: str | int) -> str:
        if name == "part":
            return names.part(str(values.get("design", "")), str(value))
        if name == "group":
            return names.machine(str(values.get("workshop", "")), str(value))
        return _show(name, value, names)

    return show


def _show(name: str, value: str | int, names: Names) -> str:
    by_name: dict[str, Callable[[str], str]] = {
        "design": names.design,
        "workshop": names.place,
        "place": names.place,
        "from_place": names.place,
        "to_place": names.place,
        "process": names.process,
        "processes": lambda ids: ", ".join(names.process(process) for process in ids.split(", ")),
        "resource": names.resource,
        "field": field_name,
        "status": status_name,
        "wanted": tolerance_name,
        "offered": tolerance_name,
    }
    if name in by_name:
        return by_name[name](str(value))
    by_unit: dict[str, Callable[[int], str]] = {
        "m": km_up,
        "cents": money,
        "kg": count,
        "minutes": hours,
        "hours": count,
    }
    unit = name.rpartition("_")[2]
    if isinstance(value, int):
        if name == "week":
            return gettext("the week of %(day)s", day=day(names.monday(value)))
        return by_unit.get(unit, count)(value)
    if unit == "mm":
        return " × ".join(count(int(side)) if side.isdecimal() else side for side in value.split(" × "))
    return day(date.fromisoformat(value), year=True) if unit == "date" else value


def km_up(metres: int) -> str:
    """Return metres as kilometres rounded up: a radius a little too small does not help."""
    return km(-(-metres // 100) * 100)


def status_name(status: str) -> str:
    """Return what the status of a workshop is called."""
    named = {
        "planned": gettext("planned"),
        "temporarily-closed": gettext("closed for a time"),
        "closed": gettext("closed"),
    }
    return named.get(status, status)


def tolerance_name(tolerance: str) -> str:
    """Return what a tolerance class is called."""
    named = {
        "fine": gettext("fine"),
        "medium": gettext("medium"),
        "coarse": gettext("coarse"),
        "very-coarse": gettext("very coarse"),
    }
    return named.get(tolerance, tolerance)


def field_name(field: str) -> str:
    """Return what a field of an operation is called."""
    named = {
        "process": gettext("process"),
        "material": gettext("material"),
        "envelope": gettext("size"),
        "tolerance": gettext("tolerance"),
        "seconds": gettext("machine time"),
        "minutes": gettext("machine time"),
        "operations": gettext("way of making"),
    }
    return named.get(field, field)
