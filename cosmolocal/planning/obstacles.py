"""What no workshop of the region can do for a design, and what is not known about it."""

from collections.abc import Iterable

from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.matching import Answer, Verdict
from cosmolocal.records import Fix, MachineGroup, Operation, Reason, Tolerance, Workshop

Values = dict[str, str | int]
Candidate = tuple[Workshop, MachineGroup, Verdict]


def find_obstacles(ground: Ground, bill: TaskNode, quantity: int) -> tuple[list[Reason], list[Fix]]:
    """Return why tasks of a design fit no workshop, and the fixes to try; nothing where all fit somewhere."""
    reasons: list[Reason] = []
    fixes: list[Fix] = []
    for node in bill.walk():
        for reason, found in _of_task(ground, node, quantity):
            reasons.append(reason)
            fixes += found
    return reasons, fixes


def _of_task(ground: Ground, node: TaskNode, quantity: int) -> Iterable[tuple[Reason, list[Fix]]]:
    part: Values = {"design": node.design, "part": node.part}
    if not node.is_known:
        yield _unknown(part, "operations")
        return
    fitting = [ground.fitting(operation, quantity) for operation in node.operations]
    for operation, workshops in zip(node.operations, fitting, strict=True):
        if not workshops:
            yield from _of_operation(ground, operation, part, quantity)
    if all(fitting) and node.operations and not set.intersection(*(set(workshops) for workshops in fitting)):
        processes = ", ".join(operation.process or "?" for operation in node.operations)
        yield Reason("no-single-workshop", {**part, "processes": processes}), []


def _unknown(part: Values, field: str) -> tuple[Reason, list[Fix]]:
    values: Values = {**part, "field": field}
    return Reason("unknown-requirement", values), [Fix("confirm", values, 0)]


def _of_operation(
    ground: Ground, operation: Operation, part: Values, quantity: int
) -> Iterable[tuple[Reason, list[Fix]]]:
    if operation.process is None or operation.seconds is None:
        missing = {"process": operation.process is None, "minutes": operation.seconds is None}
        fields = dict.fromkeys([*(name for name, is_missing in missing.items() if is_missing), *operation.unknown])
        yield from (_unknown(part, field) for field in fields)
        return
    part = {**part, "process": operation.process}
    candidates: list[Candidate] = [
        (workshop, group, ground.verdict(operation, group, quantity))
        for workshop in ground.workshops.values()
        for group in workshop.groups
        if operation.process in ground.ancestors.get(group.process, frozenset())
    ]
    if not candidates:
        yield Reason("no-process", part), [Fix("add-machine", part, 0)]
    elif any(verdict.answer is Answer.UNKNOWN for _, _, verdict in candidates):
        yield from _undecided(operation, part, candidates)
    else:
        yield _impossible(operation, part, quantity, candidates)


def _undecided(operation: Operation, part: Values, candidates: list[Candidate]) -> Iterable[tuple[Reason, list[Fix]]]:
    """Ask for what nobody has said, of the design or else of the machines."""
    asked = [field for field in ("material", "envelope") if field in operation.unknown]
    yield from (_unknown(part, field) for field in asked)
    if asked:
        return
    for workshop, group, verdict in candidates:
        if verdict.answer is Answer.UNKNOWN:
            values: Values = {**part, "workshop": workshop.id, "group": group.id, "field": verdict.because[0]}
            yield Reason("unknown-machine", values), [Fix("confirm-machine", values, 0)]


def _impossible(
    operation: Operation, part: Values, quantity: int, candidates: list[Candidate]
) -> tuple[Reason, list[Fix]]:
    """Every machine group fails a check; those that fail just one say what the smallest change is."""
    nearly = [candidate for candidate in candidates if len(candidate[2].because) == 1]
    fixes = sorted(
        (_change(operation, quantity, *candidate) for candidate in nearly),
        key=lambda change: (change[0], str(change[1])),
    )
    failed = sorted({name for _, _, verdict in candidates for name in verdict.because})
    kind = fixes[0][1].code if fixes else failed[0]
    values: Values = {**part, "checks": ", ".join(failed), "quantity": quantity}
    if operation.material is not None:
        values["material"] = operation.material
    if operation.envelope_mm is not None:
        values["wanted_mm"] = " × ".join(str(side) for side in operation.envelope_mm)
    return Reason(f"no-{kind}", values), [fix for _, fix in fixes]


def _change(
    operation: Operation, quantity: int, workshop: Workshop, group: MachineGroup, verdict: Verdict
) -> tuple[int, Fix]:
    """Return (size of the change, the change) that lets a group do an operation that fails one check."""
    where: Values = {"workshop": workshop.id, "group": group.id, "process": group.process}
    check = verdict.because[0]
    if check == "envelope":
        wanted, offered = sorted(operation.envelope_mm or ()), sorted(group.envelope_mm or ())
        sides = [max(pair) for pair in zip(wanted, offered, strict=True)]
        values = {"from_mm": _times(group.envelope_mm or ()), "to_mm": _times(reversed(sides))}
        return sum(sides) - sum(offered), Fix(check, {**where, **values}, 0)
    if check == "material":
        return 0, Fix(check, {**where, "material": operation.material or ""}, 0)
    if check == "tolerance":
        finer = operation.tolerance or Tolerance.FINE
        return finer.rank, Fix(check, {**where, "to_class": finer.value}, 0)
    return group.minimum_lot - quantity, Fix(check, {**where, "from_units": group.minimum_lot, "to_units": quantity}, 0)


def _times(sides: Iterable[int]) -> str:
    return " × ".join(str(side) for side in sides)
