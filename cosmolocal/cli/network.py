"""The street network on the command line: what is on it, how far it is, what is reached."""

import json
from pathlib import Path

import click

from cosmolocal.cli.options import OUT, json_option, region_option
from cosmolocal.cli.output import say, write_json, write_table
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.streets import (
    STREET_KINDS,
    fetch_region_streets,
    tell_distance,
    tell_isochrone,
    tell_nearest,
    tell_reach,
)


@click.group()
def network() -> None:
    """Measure on the street network, or fetch one from OpenStreetMap."""


@network.command()
@region_option
@json_option
def reach(region: Path, as_json: bool) -> None:
    """List how far each place is from the streets of each mode, and whether it is reached."""
    found = tell_reach(Workspace(region))
    if as_json:
        write_json(found)
        return
    rows = [(row["place"], row["mode"], row["snap_m"], "yes" if row["reached"] else "no") for row in found["places"]]
    write_table(("place", "mode", "metres to a street", "reached"), rows)
    if not found["modes"]:
        say("the region names no street network: places are as far from each other as the beeline x detour_factor")


@network.command()
@click.argument("start")
@click.argument("end")
@region_option
@json_option
def distance(start: str, end: str, region: Path, as_json: bool) -> None:
    """Say how far it is from one place to another by each mode."""
    found = tell_distance(Workspace(region), start, end)
    if as_json:
        write_json(found)
        return
    write_table(("mode", "metres", "minutes"), ((row["mode"], row["distance_m"], row["minutes"]) for row in found))


@network.command()
@click.argument("place")
@click.option("--mode", required=True, help="Id of a mode of the region.")
@click.option("--minutes", type=int, default=20, show_default=True)
@click.option("--out", type=OUT, help="Write here instead of stdout.")
@region_option
def isochrone(place: str, mode: str, minutes: int, out: Path | None, region: Path) -> None:
    """Write as GeoJSON where a mode gets to from a workshop or place within some minutes."""
    found = tell_isochrone(Workspace(region), place, mode, minutes)
    if out is None:
        write_json(found)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(found) + "\n", encoding="utf-8")


@network.command()
@click.argument("orders", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--most", type=click.IntRange(1, 1_000), default=3, show_default=True, help="Workshops of each order.")
@click.option("--within", type=click.FloatRange(0, 20_100), help="Km, at most.")
@click.option("--process", default="", help="Only workshops that do this, or a kind of it.")
@region_option
@json_option
def nearest(orders: Path, most: int, within: float | None, process: str, region: Path, as_json: bool) -> None:
    """List the workshops nearest to each order of a book, as the crow flies; a plan looks at what is cheapest."""
    found = tell_nearest(Workspace(region), orders, most, within, process)
    if as_json:
        write_json(found)
        return
    rows = [
        (row["order"], row["place"], each["workshop"], each["distance_m"]) for row in found for each in row["workshops"]
    ]
    write_table(("order", "place", "workshop", "metres"), rows)
    alone = [row["order"] for row in found if not row["workshops"]]
    if alone:
        say(f"without a workshop: {', '.join(alone)}")


@network.command()
@click.argument("out", type=OUT)
@click.option(
    "--kind", type=click.Choice(STREET_KINDS), default="drive", show_default=True, help="Which streets, as OSMnx."
)
@click.option(
    "--margin", type=click.IntRange(0, 50_000), default=2_000, show_default=True, help="Metres around places."
)
@click.option("--overpass", metavar="URL", default="", help="Overpass server to ask; OSMnx's usual one unless given.")
@region_option
def fetch(out: Path, kind: str, margin: int, overpass: str, region: Path) -> None:
    """Fetch the streets around the region's places from OpenStreetMap as GraphML; needs cosmolocal[osm]."""
    if overpass and not overpass.startswith(("https://", "http://")):
        raise click.UsageError(f"--overpass takes an address that begins with https:// or http://; found {overpass}")
    fetch_region_streets(Workspace(region), out, kind, margin, overpass)
    say(f"written to {out}; name it in region.yaml as network: streets:, and OpenStreetMap (ODbL) in attribution")
