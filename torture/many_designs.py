"""A store with very many designs, made quickly, and the index of it."""

from pathlib import Path
from typing import Any

from cosmolocal.database import open_database
from cosmolocal.database.design_index import TABLES, dump_index
from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.workflows.workspace import DATABASE
from torture.lamp_region import MANIFEST
from torture.store import NOON


def make_designs(folder: Path, count: int) -> None:
    """Publish so many designs; every tenth has three versions."""
    create_root(folder / "designs")
    for number in range(count):
        for patch in range(3 if number % 10 == 0 else 1):
            bundle = folder / "bundles" / f"{number}-{patch}"
            bundle.mkdir(parents=True)
            text = MANIFEST.format(version=f"1.0.{patch}", minutes=20 + number % 40)
            (bundle / "okh.toml").write_text(text.replace('"Lamp"', f'"Lamp {number}"'))
            (bundle / "shade.svg").write_text(f"<svg xmlns='http://www.w3.org/2000/svg'><!-- {number} --></svg>")
            publish_bundle(folder / "designs", f"us~lamp-{number}", bundle, message="", created=NOON, by="ada")


def lose_index(folder: Path) -> None:
    """Remove every row of the index, as a database that was lost and made anew has none."""
    db = open_database(folder / DATABASE)
    try:
        with db.conn:
            for name in reversed(TABLES):
                db.table(name).delete_where()
    finally:
        db.close()


def read_index(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the index."""
    db = open_database(folder / DATABASE)
    try:
        return dump_index(db)
    finally:
        db.close()
