"""Designs that would contain themselves: refused before they are published, as nobody could make one."""

from pathlib import Path

from cosmolocal.designs.bundles import check_id
from cosmolocal.designs.load import load_versions
from cosmolocal.errors import InputError, NotFoundError, Problem
from cosmolocal.planning.bill import Catalogue
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import BomLine, Design


def check_circles(root: Path | None, design: Design) -> list[Problem]:
    """Return a problem for each line of a bill of materials by which a design comes to contain itself.

    ``root`` holds the other designs; without it only lines that name the design itself are found.
    """
    problems = []
    for index, line in enumerate(design.bom):
        if line.design is not None and (way := _find_way(root, design.id, line, set())):
            where = f"okh.toml: x-cosmolocal.bom[{index}].design"
            chain = " contains ".join([design.id, *way])
            problems.append(Problem("D016", where, f"the design goes into itself: {chain}"))
    return problems


def _find_way(root: Path | None, wanted: str, line: BomLine, seen: set[str]) -> list[str]:
    """Return the designs from the one that a line names down to the one that is wanted; empty: it is not there."""
    if line.design == wanted:
        return [wanted]
    module = _find_module(root, line) if root is not None else None
    if module is None or module.key in seen:
        return []
    seen.add(module.key)
    ways = (_find_way(root, wanted, below, seen) for below in module.bom if below.design is not None)
    way = next(filter(None, ways), [])
    return [module.key, *way] if way else []


def _find_module(root: Path, line: BomLine) -> Design | None:
    """Return the version that a line means; None where the store has none, or cannot read it, which it says itself."""
    design_id = line.design or ""
    if check_id(design_id) or not (root / design_id).is_dir():
        return None
    try:
        versions, _ = load_versions(root, design_id, load_vocabulary())
    except (InputError, NotFoundError):
        return None
    return Catalogue(versions).find(design_id, line.version)
