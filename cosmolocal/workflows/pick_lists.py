"""What a workshop takes in hand for a job: materials, bought pieces, and parts with where they come from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cosmolocal.records import BomLine, Design, Job, JobTask


class PickKind(StrEnum):
    """What a line of a pick list is about."""

    MATERIAL = "material"
    BOUGHT = "bought"
    #: made at another workshop
    COMES = "comes"
    #: made here, within the same job
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Pick:
    """A line of a pick list."""

    kind: PickKind
    #: the material, the bought piece, the part; of a module ``id@version``
    name: str
    #: [pieces]
    quantity: int
    #: what it is for: path of the task
    path: str
    #: [mm] of one piece of a material; None: unknown or not needed
    envelope_mm: tuple[int, int, int] | None = None
    #: of what comes from elsewhere: id of the workshop; "": nobody has said
    source: str = ""
    #: is it for the first article?
    first: bool = False


def build_pick_list(job: Job, designs: Mapping[str, Design]) -> tuple[Pick, ...]:
    """Return what a job takes, task by task; ``designs`` by ``id@version``, those that are gone say nothing."""
    picks: list[Pick] = []
    for task in job.tasks:
        design = designs.get(task.design)
        if design is not None:
            found = (*_materials(task, design), *_pieces(task, design, job))
            picks += (replace(pick, first=task.first) for pick in found)
    return tuple(picks)


def _materials(task: JobTask, design: Design) -> Iterable[Pick]:
    """Yield each material once for a part, though several of its operations work on the same piece."""
    steps = [step for part in design.parts if part.name == task.part for step in part.operations]
    seen: set[tuple[str, tuple[int, int, int] | None]] = set()
    for step in steps:
        if step.material and (step.material, step.envelope_mm) not in seen:
            seen.add((step.material, step.envelope_mm))
            yield Pick(PickKind.MATERIAL, step.material, task.quantity, task.path, step.envelope_mm)


def _pieces(task: JobTask, design: Design, job: Job) -> Iterable[Pick]:
    here = {other.path: other for other in job.tasks}
    sources = {leg.path: leg.from_place for leg in job.legs if leg.to_place == job.workshop and leg.path}
    taken: set[str] = set()
    for line in design.bom:
        if line.into != task.part:
            continue
        quantity = line.quantity * task.quantity
        if line.bought is not None:
            yield Pick(PickKind.BOUGHT, line.bought, quantity, task.path)
            continue
        path = _child_path(task.path, line, taken)
        taken.add(path)
        name = line.part or line.design or ""
        if path in here:
            yield Pick(PickKind.HERE, here[path].design if line.design else name, quantity, task.path)
        else:
            yield Pick(PickKind.COMES, name, quantity, task.path, source=sources.get(path, ""))


def _child_path(path: str, line: BomLine, taken: set[str]) -> str:
    """Return the path of the task that makes what a line asks for, as plans name it."""
    name = line.part if line.part is not None else (line.design or "").partition("~")[2]
    base = f"{path}/{name}" if path else str(name)
    found, number = base, 2
    while found in taken:
        found, number = f"{base}#{number}", number + 1
    return found
