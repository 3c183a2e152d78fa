"""The plans of a region as a history: what each was made from, and which inputs changed from one to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cosmolocal.exports.tables import Row
from cosmolocal.records import PlanInputs, PlanSummary

COLUMNS = (
    "plan", "book", "started_at", "seconds", "status", "stopped_by", "solver", "seed", "lots_made", "lots_unmet",
    "local_units_permille", "local_mass_permille", "local_value_permille", "cost_cents", "bound_cents", "gap",
    "compared_with", "changed_files", "changed_settings",
)  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A plan, and how what it was made from differs from the plan before of the same order book."""

    summary: PlanSummary
    #: sha256 by input file
    digests: Mapping[str, str]
    #: id of the plan before; "": it is the first of its book
    before: str
    #: names of input files that are new, gone or other than for the plan before
    files: tuple[str, ...]
    #: (name, value before, value now) of settings that differ
    settings: tuple[tuple[str, str, str], ...]

    @property
    def same(self) -> bool:
        """Tell whether it was made from the same inputs as the plan before."""
        return not self.files and not self.settings


def history_rows(plans: Sequence[PlanSummary], inputs: Mapping[str, PlanInputs]) -> list[HistoryRow]:
    """Return a row for each plan, in the order given: newest first."""
    nothing = PlanInputs({}, {})
    rows = []
    for place, plan in enumerate(plans):
        before = next((older for older in plans[place + 1 :] if older.book == plan.book), None)
        now, was = inputs.get(plan.id, nothing), inputs.get(before.id, nothing) if before else nothing
        files = differing(was.digests, now.digests) if before else ()
        names = differing(was.settings, now.settings) if before else ()
        changed = tuple((name, str(was.settings.get(name)), str(now.settings.get(name))) for name in names)
        rows.append(HistoryRow(plan, now.digests, before.id if before else "", files, changed))
    return rows


def differing(before: Mapping[str, T], after: Mapping[str, T]) -> tuple[str, ...]:
    """Return the names whose values are not the same in both.

    >>> differing({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 9, "d": 4})
    ('b', 'c', 'd')
    """
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def export_rows(rows: Sequence[HistoryRow]) -> list[Row]:
    """Return the history by ``COLUMNS``; the gap is a ratio with six digits."""
    return [
        {
            "plan": row.summary.id,
            "book": row.summary.book,
            "started_at": row.summary.started_at,
            "seconds": f"{row.summary.seconds:.2f}",
            "status": str(row.summary.status),
            "stopped_by": str(row.summary.stopped_by),
            "solver": row.summary.solver,
            "seed": row.summary.seed,
            "lots_made": row.summary.allocations,
            "lots_unmet": row.summary.unmet,
            "local_units_permille": row.summary.local_share.units,
            "local_mass_permille": row.summary.local_share.mass,
            "local_value_permille": row.summary.local_share.value,
            "cost_cents": row.summary.cost_cents,
            "bound_cents": row.summary.bound_cents,
            "gap": f"{row.summary.gap:.6f}",
            "compared_with": row.before,
            "changed_files": " ".join(row.files),
            "changed_settings": " ".join(name for name, _, _ in row.settings),
        }
        for row in rows
    ]
