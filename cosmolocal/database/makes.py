"""What was made of each design so far, as people report it."""

from dataclasses import dataclass
from datetime import date

from cosmolocal.database.library import Database
from cosmolocal.database.opening import writing
from cosmolocal.records import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Make:
    """A number of units of one version that somebody made."""

    #: ``publisher~slug``
    design: str
    version: str
    #: [units]
    quantity: int
    made_on: date
    #: id of the workshop or place it was made in; "": not said
    place: str
    note: str
    #: name of who reported it
    person: str
    #: RFC 3339, UTC
    reported_at: str


def save_make(db: Database, make: Make) -> None:
    """Add a report; what was reported before stays."""
    with writing(db):
        db.table("makes").insert(to_plain(make))


def load_makes(db: Database, design_id: str) -> tuple[Make, ...]:
    """Return what was made of a design, the newest first."""
    rows = db.table("makes").rows_where("design = ?", [design_id], order_by="made_on DESC, id DESC")
    return tuple(from_plain(Make, {name: row[name] for name in row if name != "id"}) for row in rows)


def count_makes(db: Database, design_id: str) -> dict[str, int]:
    """Return the units made of each version of a design."""
    query = "SELECT version, sum(quantity) AS units FROM makes WHERE design = ? GROUP BY version ORDER BY version"
    return {row["version"]: row["units"] for row in db.query(query, [design_id])}
