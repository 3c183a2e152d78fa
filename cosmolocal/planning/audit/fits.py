"""Whether a machine group can do an operation."""

from cosmolocal.records import MachineGroup, Operation, Vocabulary


def find_ancestors(vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """Return each process's more general processes, itself included."""
    parents = {process.id: process.parents for process in vocabulary.processes}
    ancestors: dict[str, frozenset[str]] = {}
    for process in parents:
        found: set[str] = set()
        waiting = [process]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += parents.get(name, ())
        ancestors[process] = frozenset(found)
    return ancestors


def find_obstacles(
    operation: Operation, group: MachineGroup, lot_quantity: int, ancestors: dict[str, frozenset[str]]
) -> tuple[str, ...]:
    """Return why a group cannot do an operation, or what is unknown about it; empty: it can."""
    found = (
        _process(operation, group, ancestors),
        _material(operation, group),
        _envelope(operation, group),
        _tolerance(operation, group),
        "unknown minutes" if operation.seconds is None else "",
        f"cannot: lot below {group.minimum_lot}" if lot_quantity < group.minimum_lot else "",
    )
    return tuple(obstacle for obstacle in found if obstacle)


def _process(operation: Operation, group: MachineGroup, ancestors: dict[str, frozenset[str]]) -> str:
    if operation.process is None:
        return "unknown process"
    kinds = ancestors.get(group.process, frozenset()) | {group.process}
    return "" if operation.process in kinds else f"cannot: {group.process} is no {operation.process}"


def _material(operation: Operation, group: MachineGroup) -> str:
    needed, known = operation.material, group.materials
    if needed is not None and known is not None and needed not in known:
        return f"cannot: does not work {needed}"
    unknown = "material" in operation.unknown or (needed is not None and known is None)
    return "unknown material" if unknown else ""


def _envelope(operation: Operation, group: MachineGroup) -> str:
    needed, known = operation.envelope_mm, group.envelope_mm
    if needed is not None and known is not None:
        sides = zip(sorted(needed), sorted(known), strict=True)
        if any(piece > machine for piece, machine in sides):
            return f"cannot: {needed} mm is too large for {known} mm"
    unknown = "envelope" in operation.unknown or (needed is not None and known is None)
    return "unknown envelope" if unknown else ""


def _tolerance(operation: Operation, group: MachineGroup) -> str:
    if operation.tolerance is None:
        return ""
    if group.tolerance is None:
        return "unknown tolerance"
    return f"cannot: not {operation.tolerance}" if operation.tolerance.rank < group.tolerance.rank else ""
