"""The register of workshops for others to read."""

from pathlib import Path

from cosmolocal.processes import load_vocabulary
from cosmolocal.workflows.inputs import WORKSHOPS
from cosmolocal.workshops.okw import EXPORT_FORMATS, write_geojson, write_okw
from cosmolocal.workshops.register import read_workshops

__all__ = ["EXPORT_FORMATS", "export_workshops"]


def export_workshops(folder: Path, form: str) -> str:
    """Return the workshops of a region as Open Know-Where JSON (okw) or GeoJSON; an import reads the same again.

    Raises
    ------
    InputError
        When the register is at fault.
    """
    workshops = read_workshops(folder / WORKSHOPS, load_vocabulary())
    return write_okw(workshops) if form == "okw" else write_geojson(workshops)
