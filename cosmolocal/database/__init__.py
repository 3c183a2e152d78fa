"""Plans, their orders and their runs in one SQLite file that a person can open with datasette or sqlite3."""

from cosmolocal.database.history import load_plan_inputs
from cosmolocal.database.loading import find_plan_id, list_plans, load_orders, load_plan, load_runs
from cosmolocal.database.opening import CODES, open_database, reading, writing
from cosmolocal.database.saving import save_plan, save_region
from cosmolocal.database.watching import find_state

__all__ = [
    "CODES",
    "find_plan_id",
    "find_state",
    "list_plans",
    "load_orders",
    "load_plan",
    "load_plan_inputs",
    "load_runs",
    "open_database",
    "reading",
    "save_plan",
    "save_region",
    "writing",
]
