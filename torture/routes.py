"""Every route, as somebody of each role, on own things and on those of others: who is let in, and who should be.

The table and the house stand in `tests/web/test_routes_and_roles.py`, where every change of a route meets them.
"""

import importlib
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

TESTS = Path(__file__).parent.parent / "tests"
TABLE = "web.test_routes_and_roles"
LET_IN, REFUSED = "let in", "refused"


@dataclass(slots=True)
class Tally:
    """What came of the requests."""

    requests: int = 0
    routes: int = 0
    #: (role, whose things, what became of it)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def read_table() -> ModuleType:
    """Return the module of the table."""
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    return importlib.import_module(TABLE)


def run_routes(every: int, expect: dict[str, Any] | None = None) -> Tally:
    """Send each n-th route's requests; ``expect`` takes the place of the table's rows."""
    table, tally = read_table(), Tally()
    rows: dict[str, Any] = expect or table.ROUTES
    with tempfile.TemporaryDirectory() as folder:
        house = table.open_house(Path(folder))
        missing = set(house.rules) ^ set(rows)
        tally.wrong += [f"{route}: not in the table, or not a route" for route in sorted(missing)]
        for route in sorted(set(rows) - missing)[::every]:
            tally.routes += 1
            _try_route(table, house, route, rows[route], tally)
    return tally


def _try_route(table: ModuleType, house: Any, route: str, row: Any, tally: Tally) -> None:
    for whose, design_id in (("others'", table.OTHERS), ("own", table.OWN)):
        allowed = row.anything if whose != "own" or row.own is None else row.own
        # signing out would end the sessions of all
        for role in table.EVERYBODY if route != "POST /sign-out" else table.EVERYBODY[:1]:
            answer = table.send(house, route, role, design_id)
            refused = table.is_refused(answer, row)
            tally.requests += 1
            tally.counts[role, whose, REFUSED if refused else LET_IN] += 1
            if answer.status_code >= 500:
                tally.wrong.append(f"{route} as {role} on {whose}: {answer.status}")
            if refused == (role in allowed):
                tally.wrong.append(f"{route} as {role} on {whose}: {REFUSED if refused else LET_IN} ({answer.status})")
