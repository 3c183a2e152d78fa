"""What each stored plan was made from, without reading the plans themselves."""

import json

from cosmolocal.database.library import Database
from cosmolocal.records import PlanInputs


def load_plan_inputs(db: Database) -> dict[str, PlanInputs]:
    """Return the inputs of all stored plans by the plan's id."""
    rows = db.query("SELECT id, digests, settings FROM plans")
    return {row["id"]: PlanInputs(json.loads(row["digests"]), json.loads(row["settings"])) for row in rows}
