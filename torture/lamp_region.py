"""A region in a folder: two workshops, one design, orders of which one cannot be served."""

from pathlib import Path

REGION = """
region: {id: small, name: Small, attribution: made up}
settings: {start_date: 2026-09-07, weeks: 4, max_lots_per_order: 2}
network:
  detour_factor: 1.3
  modes:
    - {id: bike, name: Bike, speed_kmh: 15, cents_per_trip: 150, cents_per_km: 90, co2e_g_per_km: 5, max_load_kg: 80}
"""
WORKSHOPS = """
workshops:
  - id: north
    name: North Makers
    lat: 41.42
    lon: 2.16
    groups:
      - {id: laser, process: laser-cutting, machines: 1, envelope_mm: [900, 600, 50], materials: [plywood],
         tolerance: medium, hourly_cost: 12, weekly_hours: [{agreed: 10, actual: 10, maximum: 20}]}
  - id: south
    name: South Makers
    lat: 41.38
    lon: 2.16
    groups:
      - {id: laser, process: laser-cutting, machines: 1, envelope_mm: [900, 600, 50], materials: [plywood],
         tolerance: medium, hourly_cost: 24, weekly_hours: [{agreed: 10, actual: 10, maximum: 20}]}
"""
PLACES = "id,name,kind,lat,lon,district,population\nhome,Home,neighbourhood,41.40,2.18,,1000\n"
ORDERS = """id,design,version,quantity,place,due_date,release_date,priority,splittable,minimum_lot,max_distance_km
A,us~lamp,*,5,home,2026-09-18,,normal,no,1,
B,us~lamp,^1.0,8,home,2026-09-25,,high,yes,2,
FAR,us~lamp,*,1,home,2026-09-25,,normal,no,1,0.1
"""
MANIFEST = """okhv = "OKH-LOSHv1.0"
name = "Lamp"
repo = "https://example.org/lamp"
version = "{version}"
license = "CERN-OHL-S-2.0"
licensor = "us"
function = "Gives light."
mass = 900

[x-cosmolocal]
reference-price = 90.00

[[x-cosmolocal.operation]]
process = "laser-cutting"
minutes-per-unit = {minutes}
setup-minutes = 5
material = "plywood"
material-cost = 3.00
envelope-mm = [400, 300, 4]
tolerance = "medium"
provenance = "declared"
"""


def write_lamp(folder: Path, version: str, minutes: str = "20") -> Path:
    """Write a bundle to publish."""
    folder.mkdir(parents=True)
    (folder / "okh.toml").write_text(MANIFEST.format(version=version, minutes=minutes))
    return folder


def write_region(folder: Path, workshops: str = WORKSHOPS) -> None:
    """Write the region's files; its designs are not published yet."""
    (folder / "orders").mkdir(parents=True)
    for name, text in (("region.yaml", REGION), ("workshops.yaml", workshops), ("places.csv", PLACES)):
        (folder / name).write_text(text)
    (folder / "orders" / "book.csv").write_text(ORDERS)
