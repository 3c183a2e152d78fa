"""What is not made here, as rows: why not, and the smallest change that would help."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Fix, Order, Unmet
from cosmolocal.web.names import Names
from cosmolocal.web.orders_view import TermRow, term_rows
from cosmolocal.web.reasons_view import reason_name, tell_fix, tell_reason
from cosmolocal.workflows import PlanView

SORTS = ("order", "cost", "saves")


@dataclass(frozen=True, slots=True)
class FixRow:
    """What would help, in words."""

    told: str
    saves_cents: int
    #: id, version and part of what a person would confirm; None: it is another change
    to_confirm: tuple[str, str, str] | None


@dataclass(frozen=True, slots=True)
class UnmetRow:
    """A lot that is imported, with the reasons and fixes in words."""

    unmet: Unmet
    order: Order
    design: str
    place: str
    #: (code, sentence)
    reasons: tuple[tuple[str, str], ...]
    fixes: tuple[FixRow, ...]
    terms: tuple[TermRow, ...]

    @property
    def saves_cents(self) -> int:
        """Return what the best of its fixes would save."""
        return max((fix.saves_cents for fix in self.fixes), default=0)


def unmet_rows(unmet: Iterable[Unmet], view: PlanView, names: Names) -> list[UnmetRow]:
    """Return a row for each lot."""
    order_by_id = {order.id: order for order in view.orders}
    return [
        UnmetRow(
            unmet=row,
            order=order_by_id[row.order],
            design=names.design(row.design),
            place=names.place(order_by_id[row.order].place),
            reasons=tuple((reason.code, tell_reason(reason, names)) for reason in row.reasons),
            fixes=tuple(FixRow(tell_fix(fix, names), fix.saves_cents, _to_confirm(fix)) for fix in row.fixes),
            terms=tuple(term_rows(row.cost, view.plan)),
        )
        for row in unmet
    ]


def _to_confirm(fix: Fix) -> tuple[str, str, str] | None:
    design_id, _, version = str(fix.values.get("design", "")).partition("@")
    return (design_id, version, str(fix.values.get("part", ""))) if fix.code == "confirm" and version else None


def count_reasons(rows: Iterable[UnmetRow]) -> list[tuple[str, str, int]]:
    """Return (code, name, number of lots) of each kind of reason, most frequent first."""
    counts = Counter(code for row in rows for code in {code for code, _ in row.reasons})
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(code, reason_name(code), number) for code, number in frequent]


def find_unmet(rows: Iterable[UnmetRow], args: Mapping[str, str]) -> list[UnmetRow]:
    """Return the rows that an address asks for: ``reason``, ``q``, ``sort``.

    Raises
    ------
    InputError
        When it asks for an order of rows that is not known.
    """
    sort, reason, words = args.get("sort") or "saves", args.get("reason", ""), args.get("q", "").casefold().split()
    if sort not in SORTS:
        told = say("found %(found)s; must be one of %(sorts)s", found=repr(sort), sorts=", ".join(SORTS))
        raise InputError([Problem("P095", "sort", told)])
    keys = {
        "order": lambda row: (row.unmet.lot,),
        "cost": lambda row: (-row.unmet.cost.total_cents, row.unmet.lot),
        "saves": lambda row: (-row.saves_cents, -row.unmet.cost.total_cents, row.unmet.lot),
    }
    found = [row for row in rows if not reason or reason in {code for code, _ in row.reasons}]
    found = [row for row in found if all(word in _text(row) for word in words)]
    return sorted(found, key=keys[sort])


def _text(row: UnmetRow) -> str:
    return f"{row.unmet.lot} {row.unmet.design} {row.design} {row.place}".casefold()
