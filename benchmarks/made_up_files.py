"""A made-up region as the files that a person would write, so that every program can be tried on it."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tomli_w
import yaml

from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.orders import write_orders
from cosmolocal.records import Design, MachineGroup, Operation, Order, Region, Workshop

#: what made-up processes are called in the vocabulary
PROCESS = {"milling": "cnc-milling", "printing": "fdm-printing"}
BOOK = "orders/book.csv"
Row = dict[str, Any]


def write_region(folder: Path, region: Region, orders: tuple[Order, ...]) -> None:
    """Write all files of a region into a folder that is not there yet; its order book is ``BOOK``."""
    (folder / BOOK).parent.mkdir(parents=True)
    (folder / BOOK).write_text(write_orders(orders), "utf-8")
    (folder / "region.yaml").write_text(_yaml(_region(region)), "utf-8")
    (folder / "workshops.yaml").write_text(_yaml({"workshops": [_workshop(shop) for shop in region.workshops]}))
    rows = (f"{place.id},{place.name},{place.kind},{place.lat},{place.lon},," for place in region.places)
    (folder / "places.csv").write_text("\n".join(["id,name,kind,lat,lon,district,population", *rows, ""]))
    create_root(folder / "designs")
    for design in region.designs:
        with TemporaryDirectory(dir=folder) as bundle:
            (Path(bundle) / "okh.toml").write_text(tomli_w.dumps(_manifest(design)), "utf-8")
            when = datetime(2026, 9, 1, tzinfo=UTC)
            publish_bundle(folder / "designs", design.id, Path(bundle), message="", created=when, by="made-up")


def _yaml(document: Row) -> str:
    return yaml.safe_dump(document, sort_keys=False)


def _region(region: Region) -> Row:
    network, settings = region.network, region.settings
    modes = [
        {
            "id": mode.id,
            "name": mode.name,
            "speed_kmh": mode.speed_kmh,
            "cents_per_trip": mode.cents_per_trip,
            "cents_per_km": mode.cents_per_km,
            "co2e_g_per_km": mode.co2e_g_per_km,
            "max_load_kg": mode.max_load_g // 1000,
        }
        | ({} if mode.max_distance_m is None else {"max_distance_km": mode.max_distance_m / 1000})
        for mode in network.modes
    ]
    links = [
        {"from": link.from_place, "to": link.to_place, "weekly_capacity_kg": link.weekly_capacity_kg}
        for link in network.links
    ]
    return {
        "region": {"id": region.id, "name": region.name, "attribution": "made up"},
        "settings": {
            "start_date": settings.start_date,
            "weeks": settings.weeks,
            "overtime_percent": settings.overtime_percent,
            "max_lots_per_order": settings.max_lots_per_order,
        },
        "network": {"detour_factor": network.detour_factor, "modes": modes, "links": links},
    }


def _workshop(shop: Workshop) -> Row:
    radius = {} if shop.radius_m is None else {"radius_km": shop.radius_m / 1000}
    place = {"id": shop.id, "name": shop.name, "lat": shop.lat, "lon": shop.lon}
    return place | radius | {"groups": [_group(group) for group in shop.groups]}


def _group(group: MachineGroup) -> Row:
    period = group.periods[0]
    names = ("agreed", "actual", "maximum")
    return {
        "id": group.id,
        "process": PROCESS.get(group.process, group.process),
        "machines": group.machines,
        "envelope_mm": list(group.envelope_mm or ()),
        "materials": list(group.materials or ()),
        "setup_minutes": group.setup_seconds // 60,
        "speed_percent": group.speed_percent,
        "hourly_cost": group.hourly_cost_cents / 100,
        "co2e_g_per_hour": group.co2e_g_per_hour,
        "weekly_hours": [{name: round(getattr(period, f"{name}_minutes") / 60, 1) for name in names}],
    }


def _manifest(design: Design) -> Row:
    bom = [
        {"quantity": line.quantity, "into": ""}
        | ({"part": line.part} if line.part else {"bought": line.bought, "cost": 0.06, "mass-g": line.mass_g})
        for line in design.bom
    ]
    own = [part.mass_g for part in design.parts if not part.name]
    steps = [_operation(part.name, step) for part in design.parts for step in part.operations]
    return {
        "okhv": "OKH-LOSHv1.0",
        "name": design.name,
        "repo": design.repo,
        "version": design.version,
        "license": design.license,
        "licensor": design.licensor,
        "function": "Made up.",
        "mass": own[0],
        "part": [{"name": part.name, "mass": part.mass_g} for part in design.parts if part.name],
        "x-cosmolocal": {"reference-price": (design.reference_price_cents or 0) / 100, "bom": bom, "operation": steps},
    }


def _operation(part: str, step: Operation) -> Row:
    process = step.process or ""
    return {
        "part": part,
        "process": PROCESS.get(process, process),
        "minutes-per-unit": round((step.seconds or 0) / 60, 2),
        "setup-minutes": 5,
        "material": step.material,
        "material-cost": step.material_cents / 100,
        "envelope-mm": list(step.envelope_mm or ()),
        "provenance": "declared",
    }
