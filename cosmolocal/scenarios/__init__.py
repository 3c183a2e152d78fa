"""What if: scenarios read from their files and written to them, and applied to a region and an order book."""

from cosmolocal.scenarios.applying import apply_scenario
from cosmolocal.scenarios.editing import append_edit, remove_edit
from cosmolocal.scenarios.reading import KINDS, check_id, parse_scenario, read_scenario
from cosmolocal.scenarios.writing import kind_of, plain_edit, write_scenario

__all__ = [
    "KINDS",
    "append_edit",
    "apply_scenario",
    "check_id",
    "kind_of",
    "parse_scenario",
    "plain_edit",
    "read_scenario",
    "remove_edit",
    "write_scenario",
]
