"""Make the sample's order books from the population of the neighbourhoods; the same seed gives the same bytes.

python sample/make_orders.py > orders/autumn.csv
python sample/make_orders.py small > orders/small.csv

Every order is made up. Orders whose id begins with ``X-`` are awkward on purpose; `AWKWARD` says how.
"""

import csv
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TextIO

SEED = 20260907
START = date(2026, 9, 7)
WEEKS = 8
ORDERS = {"autumn": 420, "small": 18}
COLUMNS = (
    "id",
    "design",
    "version",
    "quantity",
    "place",
    "due_date",
    "release_date",
    "priority",
    "splittable",
    "minimum_lot",
    "max_distance_km",
)
PUBLISHER = "cosmolocal-sample~"


@dataclass(frozen=True, slots=True)
class Demand:
    """How one design is asked for."""

    design: str
    #: [orders] relative to the other designs
    weight: int
    #: [units] usual quantity of an order, lowest and highest
    low: int
    high: int
    #: [units] quantity of a large order, one in twelve; it may be split
    large: int
    version: str = "*"


DEMANDS = (
    Demand("wikispeed-vehicle", 2, 1, 1, 1),
    Demand("ohloom", 6, 1, 3, 8),
    Demand("ohloom", 3, 1, 2, 4, "^1.0"),
    Demand("lounge-chair", 10, 1, 5, 16, "^1.0"),
    Demand("lounge-chair", 8, 1, 5, 16),
    Demand("work-table", 10, 1, 5, 14),
    Demand("work-table", 6, 1, 4, 12, "1.0.0"),
    Demand("face-shield", 9, 10, 80, 240, "^1.1"),
    Demand("face-shield", 5, 10, 60, 240),
    Demand("microscope", 7, 1, 4, 12, "1.0.0"),
    Demand("microscope", 3, 1, 2, 5, "^1.1"),
    Demand("plastic-shredder", 4, 1, 1, 2),
    Demand("cargo-trailer", 9, 1, 2, 6),
    Demand("beehive", 11, 1, 6, 20),
    Demand("air-quality-sensor", 10, 2, 10, 32),
    Demand("plant-tower", 12, 1, 7, 24),
    Demand("bike-stand", 12, 1, 5, 16),
)

#: id, design, quantity, place, due date, and what else differs from an ordinary order
AWKWARD: tuple[tuple[str, str, int, str, str, dict[str, str]], ...] = (
    # a beam longer than any machine's envelope
    ("X-too-large-1", "canopy-frame", 1, "el-poblenou", "2026-10-09", {}),
    ("X-too-large-2", "canopy-frame", 2, "la-marina-de-port", "2026-10-23", {"priority": "high"}),
    # the order's own radius holds no workshop that can make it
    (
        "X-radius-1",
        "plastic-shredder",
        1,
        "vallvidrera-el-tibidabo-i-les-planes",
        "2026-10-16",
        {"max_distance_km": "2"},
    ),
    ("X-radius-2", "work-table", 2, "vallvidrera-el-tibidabo-i-les-planes", "2026-10-30", {"max_distance_km": "1.5"}),
    ("X-radius-3", "cargo-trailer", 1, "vallbona", "2026-10-02", {"max_distance_km": "0.4"}),
    # a design whose material nobody has confirmed yet
    ("X-unknown-1", "water-filter", 10, "la-barceloneta", "2026-09-30", {}),
    ("X-unknown-2", "water-filter", 25, "el-carmel", "2026-10-21", {"splittable": "yes", "minimum_lot": "5"}),
    # due before the first week: too late to be late, and just late
    ("X-past-1", "lounge-chair", 4, "sants", "2026-08-14", {}),
    ("X-past-2", "air-quality-sensor", 10, "navas", "2026-09-03", {}),
    ("X-past-3", "face-shield", 40, "el-raval", "2026-09-04", {"priority": "high"}),
    # emergencies
    (
        "X-emergency-1",
        "face-shield",
        400,
        "la-vall-d-hebron",
        "2026-09-11",
        {"priority": "emergency", "splittable": "yes", "minimum_lot": "50"},
    ),
    (
        "X-emergency-2",
        "face-shield",
        250,
        "la-barceloneta",
        "2026-09-18",
        {"priority": "emergency", "splittable": "yes", "minimum_lot": "50"},
    ),
    (
        "X-emergency-3",
        "face-shield",
        300,
        "el-camp-de-l-arpa-del-clot",
        "2026-10-14",
        {"priority": "emergency", "release_date": "2026-10-05"},
    ),
    # lots too large for any workshop in any week
    ("X-beyond-1", "air-quality-sensor", 160, "el-parc-i-la-llacuna-del-poblenou", "2026-10-30", {}),
    ("X-beyond-2", "face-shield", 3600, "horta", "2026-10-16", {"splittable": "yes", "minimum_lot": "1800"}),
)


def make_order(number: int, random: Random, population_by_place: dict[str, int]) -> dict[str, str]:
    """Return an ordinary order: its place drawn by population, its design by weight."""
    demand = random.choices(DEMANDS, [demand.weight for demand in DEMANDS])[0]
    place = random.choices(list(population_by_place), list(population_by_place.values()))[0]
    is_large = random.random() < 1 / 12
    quantity = demand.large if is_large else random.randint(demand.low, demand.high)
    splittable = quantity > 5 and (is_large or random.random() < 0.3)
    due = START + timedelta(days=7 * random.randrange(WEEKS) + random.randrange(5))
    has_release = random.random() < 0.2
    return {
        "id": f"A-{number:04}",
        "design": PUBLISHER + demand.design,
        "version": demand.version,
        "quantity": str(quantity),
        "place": place,
        "due_date": due.isoformat(),
        "release_date": (due - timedelta(days=random.choice((10, 17, 24)))).isoformat() if has_release else "",
        "priority": random.choices(("high", "normal", "low"), (10, 75, 15))[0],
        "splittable": "yes" if splittable else "no",
        "minimum_lot": str(max(1, quantity // 3)) if splittable else "1",
        "max_distance_km": random.choices(("", "20", "12", "8"), (80, 8, 7, 5))[0],
    }


def awkward_orders() -> list[dict[str, str]]:
    """Return the orders that are awkward on purpose."""
    usual = {"version": "*", "release_date": "", "priority": "normal", "splittable": "no", "minimum_lot": "1"}
    return [
        {
            **usual,
            "id": order_id,
            "design": PUBLISHER + design,
            "quantity": str(quantity),
            "place": place,
            "due_date": due,
            "max_distance_km": "",
            **differences,
        }
        for order_id, design, quantity, place, due, differences in AWKWARD
    ]


def write_book(book: str, out: TextIO) -> None:
    """Write the order book of this name, ``autumn`` or ``small``."""
    random = Random(SEED)
    with (Path(__file__).parents[1] / "places.csv").open(encoding="utf-8", newline="") as file:
        population_by_place = {row["id"]: int(row["population"]) for row in csv.DictReader(file) if row["population"]}
    orders = [make_order(number + 1, random, population_by_place) for number in range(ORDERS[book])]
    awkward = awkward_orders()
    if book == "small":  # one of each kind
        awkward = [order for order in awkward if order["id"].endswith("-1")]
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(orders + awkward)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    write_book(sys.argv[1] if len(sys.argv) > 1 else "autumn", sys.stdout)
