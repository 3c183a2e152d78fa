"""Two versions of a design side by side, and what the step from one to the other means for planning."""

from collections import Counter
from typing import Any

from cosmolocal.designs.compare import compare_designs
from cosmolocal.planning.bill import BillError, Catalogue, TaskNode
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.makers import Ability, Inquiry, Maker, MakersFound, find_makers
from cosmolocal.records import Design, Region, to_plain
from cosmolocal.workflows.makers import ABLE, find_design, find_ground, tell
from cosmolocal.workflows.words import Words


def compare_versions(region: Region, design_id: str, old: str, new: str, quantity: int = 1) -> dict[str, Any]:
    """Return what differs between two versions; each is a version of the design, or ``other~id@version`` of a fork.

    ``quantity`` is the lot for which workshops are asked. Raises `NotFoundError` when a version does not exist.
    """
    ground = find_ground(region)
    one, other = (find_design(ground.catalogue, _full_name(design_id, name)) for name in (old, new))
    plain: dict[str, Any] = to_plain(compare_designs(one, other))
    return {**plain, "planning": _planning(ground, one, other, quantity)}


def _full_name(design_id: str, name: str) -> str:
    return name if "~" in name.partition("@")[0] else f"{design_id}@{name}"


def _planning(ground: Ground, old: Design, new: Design, quantity: int) -> dict[str, Any]:
    one, other = (_figures(ground.catalogue, design) for design in (old, new))
    found = [find_makers(ground, Inquiry(design.key, quantity)) for design in (old, new)]
    return {
        **{
            name: {"old": one[name], "new": other[name]}
            for name in ("mass_g", "bought_cents", "material_cents", "fault")
        },
        "cheapest_cents": {"old": _cheapest(found[0]), "new": _cheapest(found[1])},
        "processes": _processes(one["processes"], other["processes"]),
        "quantity": quantity,
        "workshops": _workshops(ground.region, found[0].makers, found[1].makers),
    }


def _figures(catalogue: Catalogue, design: Design) -> dict[str, Any]:
    """Return what planning reckons with for one unit; None: unknown."""
    bill = catalogue.bill(design.key)
    if isinstance(bill, BillError):
        return {"mass_g": None, "bought_cents": None, "material_cents": None, "fault": str(bill), "processes": {}}
    nodes = list(bill.walk())
    return {
        "mass_g": bill.mass_g,
        "bought_cents": sum(node.quantity * node.bought_cents for node in nodes),
        "material_cents": sum(node.quantity * step.material_cents for node in nodes for step in node.operations),
        "fault": None,
        "processes": _machine_seconds(nodes),
    }


def _machine_seconds(nodes: list[TaskNode]) -> dict[str, tuple[int | None, int]]:
    """Return (seconds per unit, set-up seconds per lot) by process; None: somewhere unknown."""
    seconds, setup, unknown = Counter[str](), Counter[str](), set[str]()
    for node in nodes:
        for operation in node.operations:
            process = operation.process or "unknown"
            seconds[process] += node.quantity * (operation.seconds or 0)
            setup[process] += operation.setup_seconds
            unknown |= {process} if operation.seconds is None else set()
    return {process: (None if process in unknown else seconds[process], setup[process]) for process in seconds}


def _processes(old: dict[str, tuple[int | None, int]], new: dict[str, tuple[int | None, int]]) -> list[dict[str, Any]]:
    """Return the machine time of each process in both; the time is that of a machine of 100 % speed."""
    rows = []
    for process in sorted(old.keys() | new.keys()):
        was, now = old.get(process, (0, 0)), new.get(process, (0, 0))
        seconds, setup = ({"old": was[index], "new": now[index]} for index in (0, 1))
        rows.append({"process": process, "seconds": seconds, "setup_seconds": setup})
    return rows


def _cheapest(found: MakersFound) -> int | None:
    return min((maker.total_cents for maker in found.makers if maker.total_cents is not None), default=None)


def _workshops(region: Region, old: tuple[Maker, ...], new: tuple[Maker, ...]) -> dict[str, list[Any]]:
    """Return every workshop in one of five lists; those of lost, gained and unknown with what keeps it from making."""
    words = Words.of(region, region.settings.start_date)
    lists: dict[str, list[Any]] = {name: [] for name in ("stayed", "lost", "gained", "unknown", "neither")}
    for was, now in zip(old, new, strict=True):
        name = _kind(was.ability, now.ability)
        because = [tell(reason, words) for maker in (was, now) if maker.ability not in ABLE for reason in maker.because]
        row = {
            "workshop": was.workshop,
            "name": words.names[was.workshop],
            "old": was.ability.value,
            "new": now.ability.value,
            "because": list({reason["text"]: reason for reason in because}.values()),
        }
        lists[name].append(row)
    return lists


def _kind(was: Ability, now: Ability) -> str:
    if Ability.UNKNOWN in (was, now):
        return "unknown"
    kinds = {(True, True): "stayed", (True, False): "lost", (False, True): "gained", (False, False): "neither"}
    return kinds[was in ABLE, now in ABLE]
