"""What is not made here, as rows: why not, and the smallest change that would help."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Fix, Order, Unmet
from cosmolocal.web.names import Names
from cosmolocal.web.orders_view import TermRow, term_rows
from cosmolocal.web.paging import count_pages, page_of
from cosmolocal.web.plan_table import read_number
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
class UnmetPage:
    """What an address finds of what is not made here, and the part of it that one page shows."""

    shown: list[UnmetRow]
    found: int
    number: int
    pages: int


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


def find_page(view: PlanView, args: Mapping[str, str], names: Names) -> UnmetPage:
    """Return a page of what an address asks for; raises `InputError` as `find_unmet` does."""
    problems: list[Problem] = []
    number = max(1, read_number(args, "page", problems) or 1)
    found = find_unmet(view, args, names, problems)
    shown = unmet_rows(page_of(found, number, PAGE_ROWS), view, names)
    return UnmetPage(shown, len(found), number, count_pages(len(found), PAGE_ROWS))


def find_unmet(view: PlanView, args: Mapping[str, str], names: Names, problems: Iterable[Problem] = ()) -> list[Unmet]:
    """Return all lots that an address asks for: ``reason``, ``q``, ``sort``.

    Raises
    ------
    InputError
        With every part that cannot be read, after ``problems`` that are known already.
    """
    problems = list(problems)
    sort, reason, words = args.get("sort") or "saves", args.get("reason", ""), args.get("q", "").casefold().split()
    if sort not in SORTS:
        told = say("found %(found)s; must be one of %(sorts)s", found=repr(sort), sorts=", ".join(SORTS))
        problems.append(Problem("P095", "sort", told))
    if problems:
        raise InputError(problems)
    texts = recall_of(view, "unmet texts", lambda: [_text(row, view, names) for row in view.plan.unmet])
    found = [
        row
        for row, text in zip(view.plan.unmet, texts, strict=True)
        if (not reason or reason in _codes(row)) and all(word in text for word in words)
    ]
    found.sort(key=SORTS[sort])
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
