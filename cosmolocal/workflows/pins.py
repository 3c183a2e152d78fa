"""Which design versions a plan is made of: pinned by their digests, and compared with what the store holds now."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from cosmolocal.errors import Problem
from cosmolocal.planning.bill import Catalogue
from cosmolocal.records import Design, Order, Plan, to_plain

_FOLDER, _YANKED, _CONFIRMED = "designs/", " yanked", " confirmed"


def pin_designs(designs: Iterable[Design], orders: Iterable[Order]) -> dict[str, str]:
    """Return the digests of the design versions that orders come to, the modules in them included.

    ``designs/id@version`` holds the tree digest. The same name with `` yanked`` stands beside it where an order names
    a yanked version, and with `` confirmed`` where a person confirmed requirements.
    """
    catalogue = Catalogue(designs)
    pins: dict[str, str] = {}
    used = {found.key: found for _, _, found in _find_used(catalogue, orders) if found is not None}
    for design in used.values():
        pins |= _pins(design)
        if design.yanked is not None:
            pins[_FOLDER + design.key + _YANKED] = _digest_of(design.yanked)
    return pins


def designs_as_planned(plan: Plan, designs: Iterable[Design]) -> tuple[Design, ...]:
    """Return the design versions that a plan was made of, yanked where they were so then.

    What was published or withdrawn later plays no part: a yanked version leaves new plans and stays in old ones.
    """
    keys = _keys(plan)
    return tuple(
        replace(design, yanked=(design.yanked or "–") if _FOLDER + design.key + _YANKED in plan.digests else None)
        for design in designs
        if design.key in keys
    )


def find_taken_down(plan: Plan, taken_down: Mapping[str, str]) -> dict[str, str]:
    """Return why by ``id@version`` of the versions in a plan that were taken down."""
    return {key: taken_down[key] for key in sorted(_keys(plan)) if key in taken_down}


def pin_name(key: str) -> str:
    """Return the name of the digest that pins ``id@version``."""
    return _FOLDER + key


def find_changed(plan: Plan, designs: Iterable[Design], but: Collection[str] = ()) -> Iterator[tuple[str, str | None]]:
    """Yield name and digest now of each pin of a plan that no longer holds; None: there is no such thing now.

    The versions ``but`` are passed over.
    """
    there = {design.key: design for design in designs}
    for key in sorted(_keys(plan) - set(but)):
        now = _pins(there[key]) if key in there else {}
        for name in (_FOLDER + key, _FOLDER + key + _CONFIRMED):
            if plan.digests.get(name) != now.get(name):
                yield name, now.get(name)


def is_pin(name: str) -> bool:
    """Tell whether a digest of a plan is that of a design."""
    return name.startswith(_FOLDER)


def note_newer(plan: Plan, designs: Iterable[Design], orders: Iterable[Order]) -> tuple[Problem, ...]:
    """Return a note for each version range that would come to another version in a plan made now."""
    designs = tuple(designs)
    now, then = Catalogue(designs), Catalogue(designs_as_planned(plan, designs))
    notes = []
    for design_id, version_range, planned in _find_used(then, orders):
        found = now.find(design_id, version_range)
        if found is not None and (planned is None or found.key != planned.key):
            was = "none" if planned is None else planned.version
            withdrawn = None if planned is None else now.by_key[planned.key].yanked
            why = f"; {was} was withdrawn since: {withdrawn}" if withdrawn is not None else ""
            message = f"planned with {was}, and {found.version} would be taken now{why}"
            notes.append(Problem("P092", f"designs/{design_id} {version_range}", message))
    return tuple(notes)


def _find_used(catalogue: Catalogue, orders: Iterable[Order]) -> Iterator[tuple[str, str, Design | None]]:
    """Yield each design id and range that orders come to, once, with the version it means."""
    waiting = [(order.design, order.version) for order in orders]
    seen = set()
    while waiting:
        asked = waiting.pop()
        if asked not in seen:
            seen.add(asked)
            design = catalogue.find(*asked)
            yield *asked, design
            waiting += [(line.design, line.version) for line in design.bom if line.design] if design else []


def _keys(plan: Plan) -> set[str]:
    """Return the design versions that a plan pins or speaks of."""
    pinned = {name.removeprefix(_FOLDER) for name in plan.digests if is_pin(name)}
    spoken = {lot.design for lots in (plan.allocations, plan.unmet) for lot in lots if "@" in lot.design}
    made = {task.design for allocation in plan.allocations for task in allocation.tasks}
    return {key for key in pinned if not key.endswith((_YANKED, _CONFIRMED))} | spoken | made


def _pins(design: Design) -> Mapping[str, str]:
    name = _FOLDER + design.key
    confirmed = [to_plain(part) for part in design.parts if any(step.confirmed for step in part.operations)]
    return {name: design.digest} | ({name + _CONFIRMED: _digest_of(confirmed)} if confirmed else {})


def _digest_of(value: object) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
