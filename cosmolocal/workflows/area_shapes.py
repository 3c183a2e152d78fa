"""The polygons of a region's neighbourhoods and districts, read again only when their files changed."""

from collections.abc import Hashable
from pathlib import Path

from cosmolocal.exports.area_files import Areas
from cosmolocal.exports.areas import find_areas
from cosmolocal.exports.districts import District, find_districts
from cosmolocal.records import AreaFile, Region
from cosmolocal.workflows.inputs import file_state
from cosmolocal.workflows.remembering import Memory, Same

#: of neighbourhoods, of districts
AreaFiles = tuple[AreaFile | None, AreaFile | None]


def recall_areas(region: Region, folder: Path) -> Areas:
    """Return what `find_areas` does; made anew only when the places or a file of areas changed."""
    return _AREAS.recall(_key(region, folder), lambda: find_areas(region, folder))


def recall_districts(region: Region, folder: Path) -> tuple[District, ...]:
    """Return what `find_districts` does; made anew only when the places or a file of areas changed."""
    return _DISTRICTS.recall(_key(region, folder), lambda: find_districts(region, folder, recall_areas(region, folder)))


def _key(region: Region, folder: Path) -> Hashable:
    files = region.areas, region.district_areas
    return Same(region.places), files, find_area_states(files, folder)


def find_area_states(files: AreaFiles, folder: Path) -> Hashable:
    """Return the states of the files of areas that a region names."""
    return tuple(file_state(str(folder / source.file)) if source else None for source in files)


_AREAS = Memory[Areas](4)
_DISTRICTS = Memory[tuple[District, ...]](4)
