"""What differs between two versions, as sentences and rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cosmolocal.records import Design, Operation, Reason, from_plain
from cosmolocal.web.designs_view import minutes_text, tell_operation
from cosmolocal.web.languages import count, mass, money, size
from cosmolocal.web.names import Names
from cosmolocal.web.reasons_view import field_name, tell_reason, tolerance_name
from cosmolocal.web.words import gettext, ngettext
from cosmolocal.workflows.design_page import Record

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs."""

    #: ``added``, ``removed``, ``changed`` or ``moved``
    kind: str
    what: str
    #: what exactly, a line each
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of planning in both versions."""

    label: str
    old: str
    new: str
    #: with its sign; "": the same
    difference: str


@dataclass(frozen=True, slots=True)
class Step:
    """Workshops for which the step from one version to the other means the same."""

    kind: str
    #: what keeps workshops from making one of the versions, and their names
    reasons: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def workshops(self) -> tuple[str, ...]:
        """Return the names of all of them."""
        return tuple(name for _, names in self.reasons for name in names)


@dataclass(frozen=True, slots=True)
class Told:
    """All that differs, in words."""

    old: str
    new: str
    #: a sentence each
    summary: tuple[str, ...]
    files: tuple[Change, ...]
    fields: tuple[Figure, ...]
    bill: tuple[Change, ...]
    operations: tuple[Change, ...]
    planning: tuple[Figure, ...]
    faults: tuple[str, ...]
    steps: tuple[Step, ...]


def list_choices(record: Record, designs: Iterable[Design]) -> list[tuple[str, str]]:
    """Return what can be compared: versions of the design, newest first, then those of its relatives, with names."""
    there = [one.version for one in record.releases if one.taken_down is None]
    designs = tuple(designs)
    own = {f"{record.design_id}@{version}" for version in there}
    sources = {source for one in designs if one.key in own for source in one.derived_from}
    related = [one for one in designs if one.key in sources or own & set(one.derived_from)]
    return [(version, version) for version in there] + [
        (one.key, f"{one.name} {one.version}") for one in related if one.id != record.design_id
    ]


def choose_pair(choices: Sequence[tuple[str, str]], old: str | None, new: str | None) -> tuple[str, str]:
    """Return the two versions to compare: those asked for, else the newest and the one before; "": there is none."""
    versions = [value for value, _ in choices]
    new = new or (versions[0] if versions else "")
    older = versions[versions.index(new) + 1 :] if new in versions else versions
    return old or (older[0] if older else ""), new


def tell(found: Plain, names: Names) -> Told:
    """Return a comparison in words, from what `cosmolocal.workflows.comparing.compare_versions` says."""
    planning = found["planning"]
    (old_id, _, old), (new_id, _, new) = (found[side].partition("@") for side in ("old", "new"))
    return Told(
        old=old if old_id == new_id else found["old"],
        new=new if old_id == new_id else found["new"],
        summary=tell_summary(found, names),
        files=tuple(_files(found["files"])),
        fields=tuple(_figure(change["name"], change["old"], change["new"], names) for change in found["fields"]),
        bill=tuple(_bill(found["bom"], names)),
        operations=tuple(_part(part, names) for part in found["operations"]),
        planning=tuple(_planning(planning, names)),
        faults=tuple(fault for fault in planning["fault"].values() if fault),
        steps=tuple(_steps(planning["workshops"], names)),
    )


def tell_summary(found: Plain, names: Names) -> tuple[str, ...]:
    """Return the whole difference, a sentence each."""
    planning = found["planning"]
    files = sum(map(len, found["files"].values()))
    lost, gained = (len(planning["workshops"][kind]) for kind in ("lost", "gained"))
    parts = [
        ngettext("%(num)s file differs", "%(num)s files differ", files) if files else "",
        *(_time_difference(row, names) for row in planning["processes"]),
        _mass_difference(planning["mass_g"]),
        ngettext("%(num)s workshop can no longer make it", "%(num)s workshops can no longer make it", lost)
        if lost
        else "",
        ngettext("%(num)s more workshop can make it", "%(num)s more workshops can make it", gained) if gained else "",
    ]
    told = tuple(f"{part[0].upper()}{part[1:]}." for part in parts if part)
    return told or (gettext("Nothing differs that planning or a maker would notice."),)


def _time_difference(row: Plain, names: Names) -> str:
    old, new, process = row["seconds"]["old"], row["seconds"]["new"], names.process(row["process"])
    if old == new:
        return ""
    if None in (old, new):
        return gettext("the time of %(process)s is not known for one of the two", process=process)
    minutes = minutes_text(abs(new - old))
    if new > old:
        return gettext("%(minutes)s min more of %(process)s for one", minutes=minutes, process=process)
    return gettext("%(minutes)s min less of %(process)s for one", minutes=minutes, process=process)


def _mass_difference(pair: Plain) -> str:
    old, new = pair["old"], pair["new"]
    if old == new or None in (old, new):
        return ""
    by = mass(abs(new - old))
    return gettext("%(mass)s heavier", mass=by) if new > old else gettext("%(mass)s lighter", mass=by)


def _files(files: Plain) -> Iterable[Change]:
    for kind in ("added", "removed"):
        yield from (Change(kind, file["path"], (size(file["size_bytes"]),)) for file in files[kind])
    for pair in files["changed"]:
        old, new = size(pair["old"]["size_bytes"]), size(pair["new"]["size_bytes"])
        told = gettext("%(size)s as before, other contents", size=new) if old == new else _arrow(old, new)
        yield Change("changed", pair["new"]["path"], (told,))
    for pair in files["renamed"]:
        yield Change("moved", _arrow(pair["old"]["path"], pair["new"]["path"]))


def _bill(bom: Plain, names: Names) -> Iterable[Change]:
    for kind in ("added", "removed"):
        yield from (Change(kind, f"{count(line['quantity'])} × {_line_name(line)}") for line in bom[kind])
    for change in bom["changed"]:
        details = tuple(_tell_field(field, names) for field in change["fields"])
        yield Change("changed", _line_name(change["new"]), details)


def _line_name(line: Plain) -> str:
    name = line["part"] or line["design"] or line["bought"]
    return gettext("%(name)s, into %(part)s", name=name, part=line["into"]) if line["into"] else str(name)


def _part(part: Plain, names: Names) -> Change:
    kind = "changed" if part["was"] and part["is_now"] else "added" if part["is_now"] else "removed"
    details = [gettext("added: %(step)s", step=_tell_step(step, names)) for step in part["added"]]
    details += [gettext("gone: %(step)s", step=_tell_step(step, names)) for step in part["removed"]]
    for change in part["changed"]:
        fields = "; ".join(_tell_field(field, names) for field in change["fields"])
        details.append(f"{names.process(change['new']['process'])}: {fields}")
    old, new = part["mass_g"]
    if old != new and kind == "changed":
        details.append(_tell_field({"name": "mass_g", "old": old, "new": new}, names))
    return Change(kind, part["part"] or gettext("the whole"), tuple(details))


def _tell_step(step: Plain, names: Names) -> str:
    return tell_operation(from_plain(Operation, step), names)


def _tell_field(field: Plain, names: Names) -> str:
    old, new = (_value(field["name"], field[side], names) for side in ("old", "new"))
    return f"{field_label(field['name'])}: {_arrow(old, new)}"


def _arrow(old: str, new: str) -> str:
    return gettext("%(old)s, now %(new)s", old=old, new=new)


def _figure(name: str, old: Any, new: Any, names: Names) -> Figure:
    difference = ""
    if isinstance(old, int) and isinstance(new, int) and old != new:
        difference = ("+" if new > old else "−") + _value(name, abs(new - old), names)
    elif name.endswith("_cents") and old != new:
        difference = gettext("no figure before") if old is None else gettext("no figure any more")
    return Figure(field_label(name), _value(name, old, names), _value(name, new, names), difference)


def _planning(planning: Plain, names: Names) -> Iterable[Figure]:
    for row in planning["processes"]:
        process = names.process(row["process"])
        time = _figure("seconds", row["seconds"]["old"], row["seconds"]["new"], names)
        setup = _figure("setup_seconds", row["setup_seconds"]["old"], row["setup_seconds"]["new"], names)
        yield Figure(gettext("%(process)s, for one", process=process), time.old, time.new, time.difference)
        if setup.difference:
            yield Figure(gettext("%(process)s, set-up", process=process), setup.old, setup.new, setup.difference)
    for name in ("mass_g", "material_cents", "bought_cents", "cheapest_cents"):
        yield _figure(name, planning[name]["old"], planning[name]["new"], names)


def _steps(workshops: Plain, names: Names) -> Iterable[Step]:
    for kind in ("lost", "gained", "unknown", "stayed", "neither"):
        shops_by_reason: dict[str, list[str]] = {}
        for row in workshops[kind]:
            because = " ".join(tell_reason(Reason(one["code"], one["values"]), names) for one in row["because"])
            if kind == "gained" and because:
                because = gettext("Before: %(reason)s", reason=because)
            shops_by_reason.setdefault(because, []).append(names.place(row["workshop"]))
        if shops_by_reason:
            yield Step(kind, tuple((because, tuple(shops)) for because, shops in shops_by_reason.items()))


def field_label(name: str) -> str:
    """Return what a field of a design, of a line of its bill or of an operation is called."""
    named = {
        "id": gettext("id"),
        "version": gettext("version"),
        "name": gettext("name"),
        "function": gettext("what it is for"),
        "license": gettext("licence"),
        "licensor": gettext("licensor"),
        "organization": gettext("organization"),
        "repo": gettext("home"),
        "reference_price_cents": gettext("price outside"),
        "reference_co2e_g": gettext("CO₂e outside"),
        "reference_provenance": gettext("figures from outside are"),
        "image": gettext("picture"),
        "readme": gettext("read first"),
        "changes": gettext("what changed"),
        "derived_from": gettext("derived from"),
        "quantity": gettext("how many"),
        "cost_cents": gettext("cost of one"),
        "mass_g": gettext("mass of one"),
        "setup_seconds": gettext("set-up"),
        "material_cents": gettext("material for one"),
        "bought_cents": gettext("bought pieces for one"),
        "cheapest_cents": gettext("cheapest way to make one, all weighed"),
        "envelope_mm": gettext("size"),
        "provenance": gettext("figures are"),
        "unknown": gettext("unknown"),
        "confirmed": gettext("confirmed"),
    }
    return named.get(name) or field_name(name)


def provenance_name(provenance: str) -> str:
    """Return what a provenance is called."""
    named = {
        "declared": gettext("declared"),
        "inferred": gettext("inferred"),
        "assumed": gettext("assumed"),
        "confirmed": gettext("confirmed"),
        "unknown": gettext("unknown"),
    }
    return named.get(provenance, provenance)


def _value(name: str, value: Any, names: Names) -> str:
    """Return the value of a field as people read it."""
    if value in (None, "", []):
        return gettext("unknown") if name == "seconds" else "–"
    by_name: dict[str, Callable[[Any], str]] = {
        "process": names.process,
        "tolerance": tolerance_name,
        "provenance": provenance_name,
        "reference_provenance": provenance_name,
        "envelope_mm": lambda lengths: " × ".join(map(count, lengths)) + " mm",
        "unknown": lambda fields: ", ".join(map(field_name, fields)),
        "derived_from": ", ".join,
        "confirmed": lambda who: str(who["by"]),
    }
    if name in by_name:
        return by_name[name](value)
    by_unit: dict[str, Callable[[Any], str]] = {
        "cents": money,
        "g": mass,
        "seconds": lambda seconds: gettext("%(n)s min", n=minutes_text(seconds)),
    }
    return by_unit.get(name.rpartition("_")[2], str)(value)
