"""Is everything in order? The inputs of a region, and manifests of others."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cosmolocal.designs.foreign import read_manifests
from cosmolocal.designs.verify import verify_root
from cosmolocal.errors import Problem
from cosmolocal.exports.areas import find_areas
from cosmolocal.exports.districts import check_area_files, find_districts
from cosmolocal.files import read_text
from cosmolocal.investments import INVESTMENTS, read_investments
from cosmolocal.network.geocoding import read_addresses
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import MachineGroup, Region, Workshop, WorkshopStatus
from cosmolocal.region import read_region_file
from cosmolocal.road.reading import CONSUMPTION, ROAD, read_consumption, read_terms
from cosmolocal.scenarios import apply_scenario, read_scenario
from cosmolocal.workflows.importing import EQUIPMENT
from cosmolocal.workflows.inputs import (
    REGION,
    WORKSHOPS,
    RegionInputs,
    check_book,
    collect,
    find_scenario_states,
    read_book,
    read_region,
)
from cosmolocal.workshops.equipment import read_decisions

CODES = {
    "W067": "Warning: nobody has said the hours or the cost of machines, so they make nothing.",
    "W068": "Warning: nobody has said what size, material or tolerance machines from a list take.",
}
COUNTS = ("workshops", "machine_groups", "designs", "design_versions", "orders", "places", "scenarios")


@dataclass(frozen=True, slots=True)
class Validation:
    """What the files of a region hold, and what is wrong with them."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    #: None where the region cannot be read
    counts: dict[str, int | None]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON document of ``cosmolocal validate``."""
        return {
            "problems": [problem.as_dict() for problem in self.problems],
            "warnings": [warning.as_dict() for warning in self.warnings],
            "counts": self.counts,
        }


def validate_region(folder: Path) -> Validation:
    """Check every input file of a region, order books included; nothing is written."""
    problems: list[Problem] = []
    inputs = collect(problems, lambda: read_region(folder))
    warnings: list[Problem] = []
    orders = 0
    for path in sorted((folder / "orders").glob("*.csv")):
        if inputs is None:
            problems += check_book(folder, path)
        elif (book := collect(problems, partial(read_book, folder, path, inputs.region))) is not None:
            orders += len(book.orders)
            if not book.orders:
                warnings.append(Problem("O009", path.name, "holds no order; a plan of it plans nothing"))
    if (folder / "designs").is_dir():
        found = map(_told, verify_root(folder / "designs").errors)
        problems += [problem for problem in found if problem not in problems]  # a log that is wrong stops reading too
    if inputs is None:
        return Validation(tuple(problems), (), dict.fromkeys(COUNTS))
    warnings += [*_check_areas(inputs.region, folder, problems), *check_gaps(inputs.region)]
    problems += [
        *_check_lists(inputs.region, folder),
        *_check_investments(inputs.region, folder),
        *_check_road(inputs.region, folder),
    ]
    scenarios = find_scenario_states(folder)
    problems += [problem for path, *_ in scenarios for problem in _check_scenario(inputs.region, Path(path))]
    counts = _counts(inputs, orders, len(scenarios))
    return Validation(tuple(problems), (*inputs.warnings, *warnings), counts)


def check_gaps(region: Region) -> Iterator[Problem]:
    """Return a warning for each active workshop whose machines cannot be planned before somebody says more of them."""
    needs = {process.id: process.needs for process in region.vocabulary.processes}
    for workshop in region.workshops:
        if workshop.status is not WorkshopStatus.ACTIVE:
            continue
        if idle := [f"{group.id} ({', '.join(group.unknown)})" for group in workshop.groups if group.unknown]:
            yield _gap("W067", workshop, "make nothing until somebody states what is unknown of them", idle)
        vague = {group.id: _unsaid(group, needs.get(group.process, ())) for group in workshop.groups}
        if unsaid := [f"{name} ({', '.join(fields)})" for name, fields in vague.items() if fields]:
            yield _gap("W068", workshop, "fit no design that asks for what is unknown of them", unsaid)


def _gap(code: str, workshop: Workshop, told: str, machines: Iterable[str]) -> Problem:
    return Problem(code, f"{WORKSHOPS}: {workshop.id}", f"these machines {told}: {'; '.join(machines)}")


def _unsaid(group: MachineGroup, needs: Collection[str]) -> list[str]:
    """Return what a list did not say of machines that could be planned otherwise."""
    if group.unknown or group.imported is None or not needs:
        return []
    values = {
        "envelope_mm": "envelope" not in needs or group.envelope_mm,
        "materials": "material" not in needs or group.materials,
        "tolerance": group.tolerance,
    }
    return [name for name, value in values.items() if not value]


def _check_areas(region: Region, folder: Path, problems: list[Problem]) -> list[Problem]:
    """Return the warnings about files of areas; faults of both are added to the problems."""
    areas = collect(problems, lambda: find_areas(region, folder))
    districts = collect(problems, lambda: find_districts(region, folder, areas or {}))
    return [] if areas is None or districts is None else check_area_files(region, areas, districts)


def _check_lists(region: Region, folder: Path) -> list[Problem]:
    """Return what is wrong with the files that only imports and the search for places read."""
    problems: list[Problem] = []
    file = collect([], lambda: read_region_file(folder / REGION))
    addresses = file.geocoding.addresses if file is not None else None
    if addresses is not None:
        known = {place.id for place in region.places} | {shop.id for shop in region.workshops}
        spots = collect(problems, lambda: read_addresses(folder / addresses))
        for spot in spots or ():
            if spot.id and spot.id not in known:
                told = f"found {spot.id!r}; must be the id of a place or a workshop"
                problems.append(Problem("W027", f"{addresses}: {spot.name}", told))
    path = folder / EQUIPMENT
    if path.exists():
        collect(problems, lambda: read_decisions(read_text(path, path.name, "W063"), path.name, load_vocabulary()))
    return problems


def _check_investments(region: Region, folder: Path) -> list[Problem]:
    """Return what is wrong with what could be bought; a region may have such a file or not."""
    problems: list[Problem] = []
    if (folder / INVESTMENTS).exists():
        collect(problems, lambda: read_investments(folder / INVESTMENTS, region))
    return problems


def _check_road(region: Region, folder: Path) -> list[Problem]:
    """Return what is wrong with what the region consumes and where it wants to get; it need not say either."""
    problems: list[Problem] = []
    if (folder / CONSUMPTION).exists():
        collect(problems, lambda: read_consumption(folder / CONSUMPTION, region.vocabulary))
    if (folder / ROAD).exists():
        collect(problems, lambda: read_terms(folder / ROAD))
    return problems


def _check_scenario(region: Region, path: Path) -> list[Problem]:
    """Return what is wrong with a scenario's file, or else with its edits on the region as it is."""
    problems: list[Problem] = []
    scenario = collect(problems, lambda: read_scenario(path, region.vocabulary))
    if scenario is not None:
        collect(problems, lambda: apply_scenario(region, (), scenario))
    return problems


def _told(fault: Problem) -> Problem:
    """Return what is wrong with a store as a problem of the region's folder; D codes are our own."""
    where = f"designs/{fault.where}"
    if fault.code.startswith("D"):
        return Problem(fault.code, where, fault.message)
    return Problem("D003", where, f"{fault.code} of OCFL: {fault.message}")


def _counts(inputs: RegionInputs, orders: int, scenarios: int) -> dict[str, int | None]:
    region = inputs.region
    numbers = (
        len(region.workshops),
        sum(len(workshop.groups) for workshop in region.workshops),
        len({design.id for design in region.designs}),
        len(region.designs),
        orders,
        len(region.places) + len(region.workshops),
        scenarios,
    )
    return dict(zip(COUNTS, numbers, strict=True))


def read_foreign_manifests(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Return what is in manifests of others; folders are searched for ``.toml``, ``.yml`` and ``.yaml`` files."""
    files: list[Path] = []
    for path in paths:
        files += sorted(item for item in path.rglob("*") if _is_manifest(item)) if path.is_dir() else [path]
    return read_manifests(files)


def _is_manifest(path: Path) -> bool:
    return path.suffix in (".toml", ".yml", ".yaml") and path.is_file()
