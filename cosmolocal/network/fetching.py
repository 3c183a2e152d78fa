"""Fetching a street network from OpenStreetMap; needs the extra ``cosmolocal[osm]`` and the internet."""

from collections.abc import Sequence
from pathlib import Path

from cosmolocal.errors import InputError, Problem, Said, say
from cosmolocal.records import Place

CODES = {"N007": "streets cannot be fetched: OSMnx is not installed, or OpenStreetMap does not answer"}

#: what OSMnx may be asked for
KINDS = ("all", "drive", "drive_service", "bike", "walk")
#: degrees of latitude in a metre: close enough for a frame (1 / 111,195 m)
_DEGREES_PER_M = 1 / 111_195


def find_frame(places: Sequence[Place], margin_m: int) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) around places, in degrees, with a margin on each side.

    >>> from cosmolocal.records import PlaceKind
    >>> find_frame([Place("a", "A", PlaceKind.HUB, 0.0, 2.0)], 0)
    (2.0, 0.0, 2.0, 0.0)
    """
    lats, lons = [place.lat for place in places], [place.lon for place in places]
    margin = margin_m * _DEGREES_PER_M
    # a degree of longitude is shorter away from the equator; at 80° six times
    wide = margin * min(6.0, 1 / max(0.17, 1 - (max(abs(lat) for lat in lats) / 90) ** 2))
    return min(lons) - wide, min(lats) - margin, max(lons) + wide, max(lats) + margin


def fetch_streets(places: Sequence[Place], path: Path, kind: str, margin_m: int, overpass: str = "") -> None:
    """Write the streets around places as OSMnx's GraphML; a file that was there stays when that fails.

    OSMnx asks the Overpass server that it is told, else its own usual one, and nobody else.

    Raises
    ------
    InputError
        When OSMnx is not installed, or the server gives no streets.
    """
    try:
        import osmnx  # noqa: PLC0415 - an extra: only who fetches streets needs it
    except ImportError:
        raise _refused(say("needs OSMnx, which is not installed; install cosmolocal[osm]")) from None
    # nothing is left in the working folder, and no name is asked of a server that nobody named
    osmnx.settings.use_cache, osmnx.settings.doh_url_template = False, None
    if overpass:
        osmnx.settings.overpass_url = overpass
    half = path.with_name(f".half-{path.name}")
    try:
        graph = osmnx.graph_from_bbox(find_frame(places, margin_m), network_type=kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        osmnx.save_graphml(graph, half)
        half.replace(path)
    except (OSError, ValueError) as error:
        raise _refused(say("OpenStreetMap gave no streets: %(why)s", why=str(error)[:300])) from None
    finally:
        half.unlink(missing_ok=True)


def _refused(why: Said) -> InputError:
    return InputError([Problem("N007", "network fetch", why)])
