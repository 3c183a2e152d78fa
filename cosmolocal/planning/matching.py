"""Can this machine group do that operation? Three answers: can, cannot because, unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cosmolocal.records import MachineGroup, Operation


class Answer(StrEnum):
    """The three values of a verdict."""

    CAN = "can"
    CANNOT = "cannot"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with the checks that led to it."""

    answer: Answer
    #: names of the checks that failed, or that could not be decided
    because: tuple[str, ...] = ()


def match(
    operation: Operation, group: MachineGroup, lot_quantity: int, ancestors: Mapping[str, frozenset[str]]
) -> Verdict:
    """Return whether ``group`` can do ``operation`` for a lot of this size.

    ``ancestors`` holds, for each process of the vocabulary, itself and all more general ones.
    """
    checks = {
        "process": _process(operation, group, ancestors),
        "material": _material(operation, group),
        "envelope": _envelope(operation, group),
        "tolerance": _tolerance(operation, group),
        "minutes": Answer.UNKNOWN if operation.seconds is None else Answer.CAN,
        "minimum-lot": Answer.CANNOT if lot_quantity < group.minimum_lot else Answer.CAN,
    }
    for answer in (Answer.CANNOT, Answer.UNKNOWN):
        because = tuple(name for name, found in checks.items() if found is answer)
        if because:
            return Verdict(answer, because)
    return Verdict(Answer.CAN)


def _process(operation: Operation, group: MachineGroup, ancestors: Mapping[str, frozenset[str]]) -> Answer:
    if operation.process is None:
        return Answer.UNKNOWN
    return Answer.CAN if operation.process in ancestors.get(group.process, frozenset()) else Answer.CANNOT


def _material(operation: Operation, group: MachineGroup) -> Answer:
    wanted, worked = operation.material, group.materials
    if wanted is not None and worked is not None and wanted not in worked:
        return Answer.CANNOT
    is_unknown = "material" in operation.unknown or (wanted is not None and worked is None)
    return Answer.UNKNOWN if is_unknown else Answer.CAN


def _envelope(operation: Operation, group: MachineGroup) -> Answer:
    wanted, offered = operation.envelope_mm, group.envelope_mm
    if wanted is not None and offered is not None:
        sides = zip(sorted(wanted), sorted(offered), strict=True)
        if any(piece > machine for piece, machine in sides):
            return Answer.CANNOT
    is_unknown = "envelope" in operation.unknown or (wanted is not None and offered is None)
    return Answer.UNKNOWN if is_unknown else Answer.CAN


def _tolerance(operation: Operation, group: MachineGroup) -> Answer:
    if operation.tolerance is None:
        return Answer.CAN
    if group.tolerance is None:
        return Answer.UNKNOWN
    return Answer.CAN if group.tolerance.rank <= operation.tolerance.rank else Answer.CANNOT
