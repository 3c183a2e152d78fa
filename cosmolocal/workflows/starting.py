"""A region from nothing: the files of a new folder, with what nobody knows yet said to be assumed."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cosmolocal.designs.bundles import create_root
from cosmolocal.errors import InputError, Problem
from cosmolocal.fields import SLUG
from cosmolocal.workflows.inputs import PLACES, REGION, WORKSHOPS
from cosmolocal.workshops.found import make_id

CODES = {
    "W065": "a region cannot be started: a file is there already, or what is said of it is wrong",
}
BOOK = "orders/first.csv"
_REGION = """# The region. Figures below are assumed until somebody who knows has looked at them.
region:
  id: {id}
  name: {name}
  attribution: ""               # licences and sources of the region's facts
  # country {country}, currency {currency}: amounts in all files are whole units and hundredths of one currency

settings:                       # assumed; README, "Settings", tells what each one does
  start_date: {start}
  weeks: 10
  overtime_percent: none
  co2e_cents_per_kg: 20

network:
  detour_factor: 1.3            # assumed: road distance over the distance as the crow flies
  # streets: streets.edges.csv  # a street network in this folder; docs/networks.md tells its forms
  modes:                        # assumed: speeds, tariffs, loads and emissions
    - id: cargo-bike
      name: Cargo bike
      speed_kmh: 15
      cents_per_trip: 150
      cents_per_km: 90
      co2e_g_per_km: 5
      max_load_kg: 100
      max_distance_km: 8
    - id: van
      name: Van
      speed_kmh: 25
      cents_per_trip: 600
      cents_per_km: 70
      co2e_g_per_km: 230
      max_load_kg: 800

# geocoding:                    # how addresses are found; nobody outside is asked unless nominatim stands here
#   addresses: addresses.csv    # address,lat,lon and maybe place: the id of the place that an address belongs to
"""
_WORKSHOPS = """# The workshops. `cosmolocal import` fills this file from lists; docs/workshops.md tells of its fields.
# A machine group whose weekly_hours or hourly_cost is unknown makes nothing until somebody states them.
# `provenance: confirmed` keeps what a person has looked at from being changed by an import.
workshops: []
"""
_PLACES = "id,name,kind,lat,lon,district,population\n{row}"
#: an order book has no comments: the columns after due_date may be empty
_ORDERS = "id,design,version,quantity,place,due_date,release_date,priority,splittable,minimum_lot,max_distance_km\n"
_READ_ME = """Order books: one file for all orders that are planned together, one order a line.

id               any name, once in the book
design           id of a design of the region (cosmolocal designs list)
version          empty, or a range such as ^1.2
quantity         units
place            id of a place in places.csv, or of a workshop
due_date         such as {due}
release_date     not before this day; may be empty
priority         emergency, high, normal or low; empty: normal
splittable       yes: several workshops may make it
minimum_lot      units of the smallest part of a split order
max_distance_km  farthest delivery; may be empty

For example:
first-1,{{publisher~design}},,20,{place},{due},,normal,yes,5,
"""


@dataclass(frozen=True, slots=True)
class NewRegion:
    """What is asked of a person who starts a region."""

    id: str
    name: str
    #: [degrees, WGS 84] of its centre
    lat: float
    lon: float
    country: str = ""
    currency: str = "EUR"
    #: a Monday
    start: date = date(2026, 1, 5)


def start_region(folder: Path, new: NewRegion) -> tuple[Path, ...]:
    """Write the files of a new region; return them. None that is there is written over.

    Raises
    ------
    InputError
        When one of the files is there already, or what is said is wrong; then nothing is written.
    """
    files = _build(new)
    problems = [
        Problem("W065", name, "is there already; nothing is written over") for name in files if (folder / name).exists()
    ]
    problems += _check(new)
    if problems:
        raise InputError(problems)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    create_root(folder / "designs")
    return tuple(folder / name for name in files)


def _check(new: NewRegion) -> list[Problem]:
    problems = []
    if not SLUG.fullmatch(new.id) or len(new.id) > 80:
        rule = "must be small letters, digits and single hyphens, such as el-raval-2"
        problems.append(Problem("W065", "id", f"found {new.id!r}; {rule}"))
    if not new.name.strip():
        problems.append(Problem("W065", "name", "is missing; it is required"))
    for name, value, most in (("lat", new.lat, 90), ("lon", new.lon, 180)):
        if not -most <= value <= most:
            problems.append(Problem("W065", name, f"found {value}; must be a number from {-most} to {most}"))
    if new.start.weekday() != 0:
        problems.append(Problem("W065", "start", f"found {new.start}; must be a Monday"))
    return problems


def _build(new: NewRegion) -> dict[str, str]:
    quoted = json.dumps(new.name, ensure_ascii=False)
    word = {
        name: " ".join(value.split()) or "not stated"
        for name, value in (("country", new.country), ("currency", new.currency))
    }
    cell = '"' + new.name.replace('"', '""') + '"'
    centre = f"{new.id}-centre,{cell},neighbourhood,{new.lat},{new.lon},,\n"
    due = new.start + timedelta(weeks=5, days=4)
    return {
        REGION: _REGION.format(id=new.id, name=quoted, start=new.start, **word),
        WORKSHOPS: _WORKSHOPS,
        PLACES: _PLACES.format(row=centre),
        BOOK: _ORDERS,
        "orders/README.txt": _READ_ME.format(place=f"{new.id}-centre", due=due),
    }


def region_id_of(folder: Path) -> str:
    """Return the id that a region gets after its folder."""
    return make_id(folder.resolve().name, "region")


def next_steps(folder: Path, new: NewRegion) -> tuple[str, ...]:
    """Return what is still to be done, in its order."""
    near = f"--near={new.lat},{new.lon}" + (f" --country {new.country}" if len(new.country) == 2 else "")
    return (
        f"cosmolocal import fablabs FILE {near} --region {folder}   # or okw, machines, geojson, csv",
        f"cosmolocal places add FILE --region {folder}   # neighbourhoods; or write them into {folder / PLACES}",
        f"state hours and costs in {folder / WORKSHOPS}",
        f"cosmolocal designs publish FOLDER --region {folder}",
        f"cosmolocal orders add {Path(BOOK).stem} FILE --region {folder}   # or write them into {folder / BOOK}",
        f"cosmolocal validate --region {folder}   # tells what is missing",
        f"cosmolocal plan {folder / BOOK} --region {folder}",
    )
