"""The files of a region folder as records, with their digests."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from cosmolocal.designs.bundles import list_designs, read_taken_down
from cosmolocal.designs.load import load_designs
from cosmolocal.errors import InputError, NotFoundError, Problem, UnreadableError, say
from cosmolocal.files import is_there, read_text, sha256_of
from cosmolocal.investments import INVESTMENTS, read_investments
from cosmolocal.network.reach import check_reach
from cosmolocal.network.streets import read_streets, street_files
from cosmolocal.orders import check_digests, read_orders
from cosmolocal.planning.bill import Catalogue
from cosmolocal.processes import VOCABULARY_FILE, load_vocabulary
from cosmolocal.records import (
    Investments,
    MisfitError,
    NetworkSettings,
    Order,
    Region,
    Settings,
    StreetNetwork,
    Vocabulary,
    Workshop,
    from_plain,
)
from cosmolocal.region import apply_settings, check_places, read_place_ids, read_places, read_region_file
from cosmolocal.road.reading import CONSUMPTION, ROAD
from cosmolocal.scenarios import apply_scenario, check_id, read_scenario
from cosmolocal.scenarios.reading import ENDING, FOLDER, file_name
from cosmolocal.workflows.remembering import Memory
from cosmolocal.workflows.suggesting import suggest_places
from cosmolocal.workshops.closures import add_closures, check_closures, read_closures
from cosmolocal.workshops.register import parse_workshops, read_workshop_ids

T = TypeVar("T")

REGION, WORKSHOPS, PLACES = "region.yaml", "workshops.yaml", "places.csv"
#: a region may have it or not
CLOSURES = "closures.csv"
#: where distances over streets are kept
STREET_CACHE = "build/streets"

#: a file's path, number on its disk, time of change and size: changes when the file does
FileState = tuple[str, int, int, int]
_MISSING = -1


@dataclass(frozen=True, slots=True)
class RegionInputs:
    """A region as its files say."""

    region: Region
    #: sha256 by file; those of designs are found by `cosmolocal.workflows.pins`
    digests: Mapping[str, str]
    #: what is odd, but can be planned with
    warnings: tuple[Problem, ...]
    #: id of the scenario that it is edited by; "": it is as its files say
    scenario: str = ""

    def with_settings(self, values: Mapping[str, str]) -> "RegionInputs":
        """Return the inputs with some settings overridden, written as in ``region.yaml``."""
        settings = apply_settings(self.region.settings, values)
        return replace(self, region=replace(self.region, settings=settings))


@dataclass(frozen=True, slots=True)
class Book:
    """An order book as its file says."""

    #: path within the region's folder; the file's name where it lies elsewhere
    name: str
    orders: tuple[Order, ...]
    digest: str


def find_file_states(folder: Path) -> tuple[FileState, ...]:
    """Return the states of all files that a region is read from, order books left out; those not there count too.

    It is asked at every request: of each design only what changes when it does is looked at. A region file that is
    there and cannot be read raises `UnreadableError`.
    """
    designs = sorted(path for path in _scan(f"{folder}/designs") if not path.endswith("/extensions"))
    found = (state for design in designs for state in _design_states(design))
    return (*_own_states(folder), *(state for state in found if state[1] != _MISSING))


def find_states_of(folder: Path, designs: Collection[str]) -> tuple[FileState, ...]:
    """Return the states of the files that a region is read from, of its designs those of some; the region's own first.

    As `find_file_states` is, it is asked at every request.
    """
    found = (state for design in sorted(designs) for state in _design_states(f"{folder}/designs/{design}"))
    return (*_own_states(folder), *found)


def _own_states(folder: Path) -> tuple[FileState, ...]:
    own = tuple(file_state(f"{folder}/{name}") for name in (REGION, WORKSHOPS, PLACES, CLOSURES))
    try:
        streets = _find_street_files(own[0])
    except UnreadableError:
        raise
    except InputError:  # whoever reads the region is told
        streets = ()
    return (*own, *(file_state(f"{folder}/{name}") for name in streets))


def _design_states(design: str) -> Iterator[FileState]:
    yield from (file_state(path) for path in (f"{design}/inventory.json", *sorted(_scan(f"{design}/logs"))))


@lru_cache(maxsize=8)
def _find_street_files(region: FileState) -> tuple[str, ...]:
    """Return the files of streets that a region file names; looked up again only when it changed, or was at fault."""
    read = read_region_file(Path(region[0]))
    return tuple(file for name in street_names(read.network) for file in street_files(name))


def find_book_states(folder: Path) -> tuple[FileState, ...]:
    """Return the states of all order books in ``orders/``."""
    return tuple(file_state(path) for path in sorted(_scan(f"{folder}/orders")) if path.endswith(".csv"))


def file_state(path: str) -> FileState:
    """Return the state of a file."""
    try:
        status = os.stat(path)  # noqa: PTH116 - to make a path of it would take longer than the look
    except OSError:
        return path, _MISSING, 0, 0
    return path, status.st_ino, status.st_mtime_ns, status.st_size


def _scan(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [f"{folder}/{entry.name}" for entry in entries]
    except OSError:
        return []


def read_region(folder: Path) -> RegionInputs:
    """Return the region in a folder.

    Raises
    ------
    InputError
        With all faults of all files.
    """
    vocabulary = load_vocabulary()
    problems: list[Problem] = []
    region_file = collect(problems, lambda: read_region_file(folder / REGION))
    places = collect(problems, lambda: _recall_file(folder / PLACES, read_places))
    workshops = collect(problems, lambda: _recall_workshops(folder / WORKSHOPS, vocabulary))
    there = (folder / CLOSURES).exists()
    closures = collect(problems, lambda: read_closures(folder / CLOSURES)) if there else ()
    loaded = collect(problems, lambda: load_designs(folder / "designs", vocabulary))
    streets = {} if region_file is None else _read_all_streets(folder, region_file.network, problems)
    if region_file is not None and places is not None and workshops is not None:
        problems += check_places(region_file.network, places, [workshop.id for workshop in workshops])
    if workshops is not None and closures is not None:
        problems += check_closures(closures, workshops)
    if problems or region_file is None or places is None or workshops is None or closures is None or loaded is None:
        raise InputError(problems)
    designs, warnings = loaded
    region = Region(
        id=region_file.id,
        name=region_file.name,
        places=places,
        workshops=add_closures(workshops, [row for _, row in closures]),
        network=region_file.network,
        settings=region_file.settings,
        vocabulary=vocabulary,
        designs=designs,
        areas=region_file.areas[0],
        district_areas=region_file.areas[1],
        attribution=region_file.attribution,
        open_data_licence=region_file.open_data_licence,
        taken_down=read_taken_down(folder / "designs"),
        streets=streets,
        street_cache=str(folder / STREET_CACHE) if streets else "",
    )
    digests = {name: sha256_of(folder / name) for name in (REGION, WORKSHOPS, PLACES)}
    if there:
        digests[CLOSURES] = sha256_of(folder / CLOSURES)
    digests |= {name: sha256_of(folder / name) for network in streets for name in street_files(network)}
    digests["processes.yaml"] = sha256_of(VOCABULARY_FILE)
    return RegionInputs(region, digests, (*warnings, *check_reach(region)))


def _recall_file(path: Path, read: Callable[[Path], T]) -> T:
    """Return what a file says; read again only when it changed."""
    found: T = _FILES.recall((read, file_state(str(path))), partial(read, path), family=(read, path))
    return found


def _recall_workshops(path: Path, vocabulary: Vocabulary) -> tuple[Workshop, ...]:
    """Return the workshops of a register; made again only when its text or that of the processes changed.

    Whenever a design is published the region is read again, and its register takes most of that time.
    """
    text = read_text(path, path.name, "W001")
    key = (path.name, text, sha256_of(VOCABULARY_FILE))
    return _REGISTERS.recall(key, lambda: parse_workshops(text, path.name, vocabulary), family=path.resolve())


def edit_inputs(
    folder: Path, inputs: RegionInputs, orders: tuple[Order, ...], scenario_id: str
) -> tuple[RegionInputs, tuple[Order, ...]]:
    """Return a region and orders as a scenario edits them, its file among the digests.

    Raises
    ------
    InputError
        With every fault of the file, or else every edit that cannot be applied.
    NotFoundError
        When there is no such scenario.
    """
    name = file_name(scenario_id)
    if check_id(scenario_id) or not is_there(folder / name, name, "W070"):
        raise NotFoundError(say("there is no scenario %(name)s", name=repr(scenario_id)))
    scenario = read_scenario(folder / name, inputs.region.vocabulary)
    region, edited = apply_scenario(inputs.region, orders, scenario)
    digests = {**inputs.digests, name: sha256_of(folder / name)}
    return replace(inputs, region=region, digests=digests, scenario=scenario_id), edited


def find_beside_states(folder: Path) -> tuple[FileState, ...]:
    """Return the states of the files beside the region that pages show: what could be bought, the road, scenarios."""
    own = tuple(file_state(f"{folder}/{name}") for name in (INVESTMENTS, CONSUMPTION, ROAD))
    return (*own, *find_scenario_states(folder))


def find_scenario_states(folder: Path) -> tuple[FileState, ...]:
    """Return the states of all scenario files."""
    return tuple(file_state(path) for path in sorted(_scan(f"{folder}/{FOLDER}")) if path.endswith(ENDING))


def street_names(network: NetworkSettings) -> tuple[str, ...]:
    """Return the street networks that a region and its modes name."""
    if network.streets is None:
        return ()
    names = (network.streets.file, *(mode.streets for mode in network.modes))
    return tuple(dict.fromkeys(name for name in names if name))


def _read_all_streets(folder: Path, network: NetworkSettings, problems: list[Problem]) -> dict[str, StreetNetwork]:
    found: dict[str, StreetNetwork] = {}
    for name in street_names(network):
        read = collect(problems, partial(_recall_streets, folder, name))
        if read is not None:
            found[name] = read
    return found


def _recall_streets(folder: Path, name: str) -> StreetNetwork:
    """Return a street network; read again only when its files changed."""
    states = tuple(file_state(str(folder / file)) for file in street_files(name))
    return _STREETS.recall((name, states), partial(read_streets, folder, name))


def collect(problems: list[Problem], reader: Callable[[], T]) -> T | None:
    """Return what a reader returns; where it raises, add what it found wrong and return None."""
    try:
        return reader()
    except InputError as error:
        problems.extend(error.problems)
        return None


def find_investments(folder: Path, region: Region) -> Investments:
    """Return what the region could buy or open, as its file says; nothing where it has none.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    path = folder / INVESTMENTS
    return read_investments(path, region) if path.exists() else Investments()


def read_book(folder: Path, path: Path, region: Region) -> Book:
    """Return an order book for a region; faults raise `InputError`."""
    place_ids = {place.id for place in region.places} | {workshop.id for workshop in region.workshops}
    catalogue = Catalogue(region.designs)
    orders = read_orders(path, place_ids, catalogue.versions, suggest_places(region, folder / REGION))
    if problems := check_digests(path.name, orders, catalogue.find):
        raise InputError(problems)
    inside = path.resolve().is_relative_to(folder.resolve())
    name = path.resolve().relative_to(folder.resolve()).as_posix() if inside else path.name
    return Book(name, orders, sha256_of(path))


def check_book(folder: Path, path: Path) -> list[Problem]:
    """Return the faults of an order book whose region is at fault, checked against the ids that can still be read."""
    place_ids = _known_ids(lambda: [*read_place_ids(folder / PLACES), *read_workshop_ids(folder / WORKSHOPS)])
    design_ids = _known_ids(lambda: list_designs(folder / "designs"))
    unsure = [code for code, ids in (("O004", place_ids), ("O005", design_ids)) if ids is None]
    problems: list[Problem] = []
    collect(problems, lambda: read_orders(path, place_ids or (), design_ids or ()))
    return [problem for problem in problems if problem.code not in unsure]


def _known_ids(reader: Callable[[], list[str]]) -> list[str] | None:
    """Return the ids that a reader returns; None where it cannot, or where one is missing."""
    ids = collect([], reader)
    return None if ids is None or "" in ids else ids


def settings_of(plain: Mapping[str, str | int | None]) -> Settings:
    """Return the settings that a plan was made with, from the flat values it keeps.

    Raises
    ------
    InputError
        When they are no settings.
    """
    nested: dict[str, object] = {}
    for name, value in plain.items():
        table, _, key = name.partition(".")
        if key:
            nested.setdefault(table, {})[key] = value  # type: ignore[index]
        else:
            nested[name] = value
    try:
        return from_plain(Settings, nested)
    except MisfitError as error:
        raise InputError([Problem("P082", f"plan: settings.{error.place}", error.message)]) from None


_STREETS = Memory[StreetNetwork](4)
#: by the states of files
_FILES = Memory[Any](8)
#: by the texts of their files
_REGISTERS = Memory[tuple[Workshop, ...]](4)
