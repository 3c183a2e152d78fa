"""What is not made here, as rows: why not, and the smallest change that would help."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.records import Fix, Order, Unmet
from cosmolocal.web.asking import Asked, RowQuery
from cosmolocal.web.names import Names
from cosmolocal.web.orders_view import TermRow, term_rows
from cosmolocal.web.paging import Cut
from cosmolocal.web.reasons_view import reason_name, tell_fix, tell_reason
from cosmolocal.web.shared import orders_by_id, recall_of
from cosmolocal.workflows import PlanView

#: rows of one page
PAGE_ROWS = 100


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


@dataclass(frozen=True, slots=True)
class UnmetQuery(RowQuery):
    """Which of the lots that are not made here an address asks for."""

    #: code
    reason: str = ""
    #: words that ids and names hold, all of them
    q: str = ""
    #: key of ``SORTS``
    sort: str = "saves"


def unmet_rows(unmet: Iterable[Unmet], view: PlanView, names: Names) -> list[UnmetRow]:
    """Return a row for each lot."""
    order_by_id = orders_by_id(view)
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


def count_reasons(view: PlanView) -> list[tuple[str, str, int]]:
    """Return (code, name, number of lots) of each kind of reason, most frequent first."""
    counts = recall_of(view, "reasons", lambda: Counter(code for row in view.plan.unmet for code in _codes(row)))
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(code, reason_name(code), number) for code, number in frequent]


def _codes(row: Unmet) -> set[str]:
    return {reason.code for reason in row.reasons}


def find_page(view: PlanView, args: Mapping[str, str], names: Names) -> Cut[Unmet]:
    """Return a page of what an address asks for; raises `InputError` as `find_unmet` does."""
    return Cut(find_unmet(view, args, names), PAGE_ROWS, read_query(args, names).page)


def read_query(args: Mapping[str, str], names: Names) -> UnmetQuery:
    """Return the query of an address; raises `InputError` with every part that cannot be read."""
    asked = Asked(args, names)
    query = UnmetQuery(asked.text("reason"), asked.words(), asked.choice("sort", SORTS, "saves"), page=asked.page())
    asked.finish()
    return query


def find_unmet(view: PlanView, args: Mapping[str, str], names: Names) -> list[Unmet]:
    """Return all lots that an address asks for; raises `InputError` with every part that cannot be read."""
    query = read_query(args, names)
    words = query.q.casefold().split()
    texts = recall_of(view, "unmet texts", lambda: [_text(row, view, names) for row in view.plan.unmet])
    found = [
        row
        for row, text in zip(view.plan.unmet, texts, strict=True)
        if (not query.reason or query.reason in _codes(row)) and all(word in text for word in words)
    ]
    found.sort(key=SORTS[query.sort])
    return found


def _text(row: Unmet, view: PlanView, names: Names) -> str:
    place = names.place(orders_by_id(view)[row.order].place)
    return f"{row.lot} {row.design} {names.design(row.design)} {place}".casefold()


def _best_saving(row: Unmet) -> int:
    return max((fix.saves_cents for fix in row.fixes), default=0)


SORTS: dict[str, Callable[[Unmet], tuple[int | str, ...]]] = {
    "order": lambda row: (row.lot,),
    "cost": lambda row: (-row.cost.total_cents, row.lot),
    "saves": lambda row: (-_best_saving(row), -row.cost.total_cents, row.lot),
}
