"""Where a design comes from, what was derived from it, and whether there is a newer version."""

from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import read_history, read_taken_down
from cosmolocal.designs.load import load_designs
from cosmolocal.planning.bill import Catalogue
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Design, to_plain
from cosmolocal.versions import best_version, sorted_versions
from cosmolocal.workflows.makers import find_design


def list_history(folder: Path, design_id: str) -> list[dict[str, Any]]:
    """Return every release of a design of a region's folder, newest first, withdrawn and taken down ones too."""
    return [to_plain(release) for release in reversed(read_history(folder / "designs", design_id))]


def show_lineage(folder: Path, name: str) -> dict[str, Any]:
    """Return `find_lineage` for the designs of a region's folder."""
    designs, _ = load_designs(folder / "designs", load_vocabulary())
    return find_lineage(Catalogue(designs, read_taken_down(folder / "designs")), name)


def find_lineage(catalogue: Catalogue, name: str) -> dict[str, Any]:
    """Return the lineage of a version, ``id`` or ``id@range``: what it builds upon and its forks, over all steps.

    A design that comes up a second time on the way, as in a circle, is marked ``again`` and not followed.
    """
    design = find_design(catalogue, name)
    return {
        "design": design.key,
        "name": design.name,
        "yanked": design.yanked,
        "newer": find_newer(catalogue, design.id, design.version),
        "upstream": [_upstream(catalogue, source, (design.key,)) for source in design.derived_from],
        "forks": _forks(catalogue, design.id, (design.id,)),
    }


def find_newer(catalogue: Catalogue, design_id: str, version: str) -> str | None:
    """Return the newest version above this one that is not withdrawn; None: there is none."""
    usable = [text for text, design in catalogue.versions.get(design_id, {}).items() if design.yanked is None]
    best = best_version([*usable, version], f">={version}")
    # versions that differ in build metadata only are no newer than each other
    return None if best is None or best not in usable or not _is_above(best, version) else best


def _is_above(one: str, other: str) -> bool:
    bare = [text.partition("+")[0] for text in (one, other)]
    return bare[0] != bare[1] and sorted_versions(bare)[-1] == bare[0]


def _upstream(catalogue: Catalogue, source: str, seen: tuple[str, ...]) -> dict[str, Any]:
    if "://" in source:
        return {"source": source, "kind": "web"}
    design_id, _, version = source.partition("@")
    design = catalogue.by_key.get(source)
    again = source in seen
    return {
        "source": source,
        "kind": "design",
        "id": design_id,
        "version": version,
        "here": design is not None,
        "again": again,
        "name": None if design is None else design.name,
        "yanked": None if design is None else design.yanked,
        "newer": find_newer(catalogue, design_id, version) if design_id in catalogue.versions else None,
        "upstream": []
        if design is None or again
        else [_upstream(catalogue, further, (*seen, source)) for further in design.derived_from],
    }


def _forks(catalogue: Catalogue, design_id: str, seen: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the designs of which a version derives from a version of this one."""
    forks = []
    for fork_id, versions in sorted(catalogue.versions.items()):
        derived = [versions[version] for version in sorted_versions(versions) if _bases(versions[version], design_id)]
        if not derived or fork_id == design_id:
            continue
        again = fork_id in seen
        forks.append(
            {
                "id": fork_id,
                "name": derived[-1].name,
                "again": again,
                "versions": [
                    {"version": one.version, "from": _bases(one, design_id), "yanked": one.yanked} for one in derived
                ],
                "forks": [] if again else _forks(catalogue, fork_id, (*seen, fork_id)),
            }
        )
    return forks


def _bases(design: Design, upstream_id: str) -> list[str]:
    """Return the versions of another design that this one derives from."""
    sources = (source.partition("@") for source in design.derived_from)
    return [version for source_id, _, version in sources if source_id == upstream_id]
