"""Workshops that come back whole, from files that this program wrote."""

from dataclasses import fields, replace

from cosmolocal.errors import say
from cosmolocal.records import MachineGroup, Provenance, Workshop

#: fields that stand and fall with a provenance
_TERMS = ("legal_form", "radius_m", "open_weekdays", "closed_days", "terms_provenance")
_APART = ("id", "groups", "closures")


def merge_record(now: Workshop, told: Workshop) -> tuple[Workshop, list[str], list[str]]:
    """Return a workshop with what a file says of it, what changed, and what is kept as a person confirmed it.

    Machine groups that the file does not name stay.
    """
    changed: list[str] = []
    kept: list[str] = []
    for field in fields(Workshop):
        name = field.name
        old, new = getattr(now, name), getattr(told, name)
        if name in _APART or old == new:
            continue
        provenance = now.terms_provenance if name in _TERMS else now.provenance
        if provenance is Provenance.CONFIRMED:
            kept.append(_change(name, old, new))
        else:
            changed.append(_change(name, old, new))
            now = replace(now, **{name: new})
    groups = {group.id: group for group in now.groups}
    for group in told.groups:
        before = groups.get(group.id)
        if before == group:
            continue
        if before is not None and before.provenance is Provenance.CONFIRMED:
            differences = _differences(before, group)
            kept.append(say("machine group %(group)s: %(changes)s", group=group.id, changes=differences))
            continue
        changed.append(
            say("machine group %(group)s is new", group=group.id) if before is None else _differences(before, group)
        )
        groups[group.id] = group
    return replace(now, groups=tuple(groups.values())), changed, kept


def _change(name: str, old: object, new: object) -> str:
    return say("%(field)s %(old)s → %(new)s", field=name, old=repr(old), new=repr(new))


def _differences(before: MachineGroup, after: MachineGroup) -> str:
    names = [each.name for each in fields(MachineGroup) if getattr(before, each.name) != getattr(after, each.name)]
    return ", ".join(f"{name} {getattr(before, name)!r} → {getattr(after, name)!r}" for name in names)
