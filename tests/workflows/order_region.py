"""A region with order books for tests of those who change them, without the slow start of a store of designs."""

from datetime import UTC, datetime
from pathlib import Path

from cli.small_region import ORDERS, PLACES, REGION, WORKSHOPS, write_lamp

from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.records import Person, Role
from cosmolocal.workflows import Workspace

PIA = Person("pia", "Pia", frozenset({Role.PLANNER}))
VIC = Person("vic", "Vic", frozenset({Role.VIEWER}))
HEAD = "id,design,version,quantity,place,due_date"
NEW = {"id": "N-1", "design": "us~lamp", "quantity": "3", "place": "home", "due_date": "2026-09-30"}


def make_orders_region(folder: Path, **books: str) -> Workspace:
    """Write a region with one design and its order books; ``book.csv`` unless others are given."""
    (folder / "orders").mkdir(parents=True)
    for name, text in (("region.yaml", REGION), ("workshops.yaml", WORKSHOPS), ("places.csv", PLACES)):
        (folder / name).write_text(text)
    for name, text in (books or {"book": ORDERS}).items():
        (folder / "orders" / f"{name}.csv").write_bytes(text.encode())
    create_root(folder / "designs")
    bundle = write_lamp(folder.parent / f"{folder.name}-bundle", "1.0.0")
    now = datetime(2026, 9, 7, tzinfo=UTC)
    publish_bundle(folder / "designs", "us~lamp", bundle, message="", created=now, by="us")
    return Workspace(folder)
