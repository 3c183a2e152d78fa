"""The difference of two plans in words, rows and a map."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from flask import g

from cosmolocal.exports.difference_map import draw_moves
from cosmolocal.exports.map_layers import MOST_FLOWS, Shade
from cosmolocal.exports.tables import Row
from cosmolocal.web.asking import Asked, RowQuery, has_words, read_cut
from cosmolocal.web.languages import count, day, euros, km, mass, percent
from cosmolocal.web.names import Names
from cosmolocal.web.paging import Cut
from cosmolocal.web.plans_view import whole_layers
from cosmolocal.web.reasons_view import tell_reason
from cosmolocal.web.words import gettext, ngettext
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.plan_differences import (
    KINDS,
    FigureChange,
    LotChange,
    PartChange,
    PlanDifference,
    WorkshopChange,
)

#: figures that are parts of a whole: what lies between two of them are points of a hundred
PARTS = ("share_value", "utilisation", "gap")
#: lots of one page
LOT_ROWS = 100
SORTS = ("lot", "cost", "-cost")
COLUMNS = (
    "before", "after", "lot", "order", "design", "kind", "workshop_before", "workshop_after", "monday_before",
    "monday_after", "quantity_before", "quantity_after", "cost_before_cents", "cost_after_cents",
    "cost_difference_cents", "late_weeks_before", "late_weeks_after", "parts", "first_article",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DifferenceQuery(RowQuery):
    """What an address asks for."""

    kind: str = ""
    workshop: str = ""
    q: str = ""
    sort: str = "lot"
    #: [rows] of a page; 0: all
    size: int = LOT_ROWS


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A key figure of both plans in words."""

    label: str
    before: str
    after: str
    #: with its sign
    delta: str
    #: "better", "worse", "same" or ""
    verdict: str


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot that is served otherwise."""

    change: LotChange
    design: str
    #: what changed, in words
    told: str
    #: "" where there is no reason on record
    why: str
    #: which parts are made elsewhere or in another week, and whether a first article came or went, a sentence each
    parts: list[str]


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """All that the page shows beside the difference itself."""

    figures: list[FigureRow]
    cut: Cut[LotRow]
    #: (kind, name, number of lots) of the kinds there are
    kinds: list[tuple[str, str, int]]
    #: (id, name) of workshops that lots came to or left
    workshops: list[tuple[str, str]]
    #: those with the greatest change of machine time first
    changed: list[WorkshopChange]
    svg: str
    #: (workshop before, workshop after, lots) of the arrows, the widest first
    moves: list[tuple[str, str, int]]
    #: arrows that are left out, each of fewer lots than those
    moves_left_out: int


def kind_names() -> dict[str, str]:
    """Return what the kinds of changes are called."""
    return {
        "moved": gettext("another workshop"),
        "retimed": gettext("another week"),
        "rerouted": gettext("other parts or quantity"),
        "made-now": gettext("newly made here"),
        "imported-now": gettext("no longer made here"),
        "only-new": gettext("only in the later plan"),
        "only-old": gettext("only in the earlier plan"),
    }


def read_query(args: Mapping[str, str], names: Names) -> DifferenceQuery:
    """Return the query of an address; raises `InputError` with every part that cannot be read."""
    asked = Asked(args, names)
    size, page = read_cut(asked, LOT_ROWS)
    query = DifferenceQuery(
        asked.choice("kind", KINDS),
        asked.choice("workshop", names.workshops),
        asked.words(),
        asked.choice("sort", SORTS, "lot"),
        size,
        page=page,
    )
    asked.finish()
    return query


def build_page(after: PlanView, found: PlanDifference, query: DifferenceQuery, names: Names) -> DifferencePage:
    """Return what the page shows."""
    lots = find_lots(found, query, names)
    told = kind_names()
    rows = [
        LotRow(
            lot,
            names.design(lot.design),
            told[lot.kind],
            tell_reason(lot.why, names) if lot.why is not None else "",
            _tell_parts(lot, names),
        )
        for lot in lots
    ]
    shops = {shop for lot in found.lots for shop in lot.workshops}
    counts = Counter(lot.kind for lot in found.lots)
    changed = sorted(found.workshops, key=lambda row: (-abs(row.minutes_after - row.minutes_before), row.workshop))
    moves = _list_moves(found)
    return DifferencePage(
        figures=[figure_row(change) for change in found.figures],
        cut=Cut(rows, query.size, query.page),
        kinds=[(kind, name, counts[kind]) for kind, name in told.items() if counts[kind]],
        workshops=sorted(((shop, names.place(shop)) for shop in shops), key=lambda pair: pair[1].casefold()),
        changed=[row for row in changed if _has_changed(row)],
        svg=draw_difference(after, found, names),
        moves=moves[:MOST_FLOWS],
        moves_left_out=max(0, len(moves) - MOST_FLOWS),
    )


def _tell_parts(lot: LotChange, names: Names) -> list[str]:
    gates = {
        "added": gettext("a first article is made and checked before the rest"),
        "removed": gettext("no first article is waited for any more"),
    }
    return [*([gates[lot.gate]] if lot.gate else ()), *dict.fromkeys(_tell_part(part, names) for part in lot.parts)]


def _tell_part(part: PartChange, names: Names) -> str:
    name = names.part(part.design, part.part)
    if part.first:
        name = gettext("%(part)s (first article)", part=name)
    here, there = names.place(part.from_workshop), names.place(part.to_workshop)
    if part.from_workshop != part.to_workshop:
        return gettext("%(part)s: from %(before)s to %(after)s", part=name, before=here, after=there)
    before, after = day(part.from_monday), day(part.to_monday)
    return gettext(
        "%(part)s: by %(workshop)s, week of %(after)s instead of %(before)s",
        part=name, workshop=here, before=before, after=after,
    )  # fmt: skip


def _list_moves(found: PlanDifference) -> list[tuple[str, str, int]]:
    return sorted(((*pair, lots) for pair, lots in found.moves.items()), key=lambda move: (-move[2], move))


def _has_changed(row: WorkshopChange) -> bool:
    return bool(row.came or row.left or row.minutes_after != row.minutes_before)


def find_lots(found: PlanDifference, query: DifferenceQuery, names: Names) -> list[LotChange]:
    """Return the lots that an address asks for, in its order."""
    lots = [
        lot
        for lot in found.lots
        if query.kind in ("", lot.kind)
        and (not query.workshop or query.workshop in lot.workshops)
        and has_words(f"{lot.lot} {lot.design} {names.design(lot.design)}", query.q)
    ]
    if query.sort != "lot":
        sign = -1 if query.sort == "-cost" else 1
        lots.sort(key=lambda lot: (sign * (lot.cost_difference_cents or 0), lot.lot))
    return lots


# --- figures -------------------------------------------------------------------------------------


def _labels() -> dict[str, str]:
    return {
        "lots_served": gettext("lots made here"),
        "unmet": gettext("lots not made here"),
        "orders_late": gettext("orders late"),
        "share_value": gettext("local share of value"),
        "cost_cents": gettext("cost"),
        "money_cents": gettext("money really paid"),
        "co2e_g": "CO₂e",
        "distance_m": gettext("distance"),
        "utilisation": gettext("machines in use"),
        "unfairness": gettext("uneven load"),
        "gap": gettext("at most above the best"),
    }


def _tell(name: str, value: float) -> str:
    if name in ("cost_cents", "money_cents"):
        return euros(round(value))
    if name in ("share_value", "utilisation"):
        return percent(value / 1000, 1)
    tellers = {"co2e_g": mass, "distance_m": km}
    if name in tellers:
        return tellers[name](value)
    if name == "gap":
        return percent(value, 2, up=True)
    return count(value / 1000, 2) if name == "unfairness" else count(value)


def figure_row(change: FigureChange) -> FigureRow:
    """Return a key figure in words."""
    unknown = gettext("not known")
    before, after = (unknown if side is None else _tell(change.name, side) for side in (change.before, change.after))
    delta = _delta(change)
    return FigureRow(_labels()[change.name], before, after, delta, "same" if delta == "0" else change.verdict)


def _delta(change: FigureChange) -> str:
    if change.delta is None:
        return ""
    tell = points if change.name in PARTS else partial(_tell, change.name)
    size = abs(change.delta) * (1000 if change.name == "gap" else 1)
    told = tell(size)
    # what is too little to be told is no difference to a reader
    return "0" if told == tell(0) else f"{'+' if change.delta > 0 else '−'}{told}"


def points(size: float) -> str:
    """Return how far two parts of a whole, in thousandths, lie apart."""
    return gettext("%(number)s points", number=count(size / 10, 2))


# --- map and rows --------------------------------------------------------------------------------


def draw_difference(after: PlanView, found: PlanDifference, names: Names) -> str:
    """Return the map of what moved: the widest arrows, and how many lots more or fewer each workshop finishes."""
    moves = _list_moves(found)[:MOST_FLOWS]
    layers = whole_layers(g.region, after)
    rows = {row.workshop: row for row in found.workshops}
    spots = []
    for spot in layers.workshops:
        row = rows.get(spot.id)
        grown = row.lots_after - row.lots_before if row else 0
        label = "" if grown == 0 else f"{'+' if grown > 0 else '−'}{abs(grown)}"
        told = gettext(
            "%(workshop)s: %(before)s lots before, %(after)s after",
            workshop=spot.name,
            before=row.lots_before if row else 0,
            after=row.lots_after if row else 0,
        )
        spots.append(replace(spot, shade=Shade(5 if grown > 0 else 2 if grown < 0 else 0, told, label)))
    words = (
        gettext("Map of what moved"),
        gettext("An arrow leads from the workshop that made a lot before to the one that makes it now."),
    )
    return draw_moves(
        replace(layers, workshops=tuple(spots)),
        {(start, end): lots for start, end, lots in moves},
        words,
        lambda start, end, lots: tell_move(start, end, lots, names),
    )


def tell_move(start: str, end: str, lots: int, names: Names) -> str:
    """Return what an arrow of the map says."""
    return ngettext(
        "%(num)s lot from %(start)s to %(end)s",
        "%(num)s lots from %(start)s to %(end)s",
        lots,
        start=names.place(start),
        end=names.place(end),
    )


def lot_rows(lots: list[LotChange], before: str, after: str) -> list[Row]:
    """Return lots by ``COLUMNS``; what a plan does not hold is empty."""
    return [{"before": before, "after": after, **_lot_row(lot)} for lot in lots]


def _lot_row(lot: LotChange) -> Row:
    row: Row = {
        "lot": lot.lot,
        "order": lot.order,
        "design": lot.design,
        "kind": lot.kind,
        "cost_difference_cents": lot.cost_difference_cents,
    }
    for name, side in (("before", lot.before), ("after", lot.after)):
        row |= {
            f"workshop_{name}": side.workshop if side else None,
            f"monday_{name}": side.monday.isoformat() if side and side.monday else None,
            f"quantity_{name}": side.quantity if side else None,
            f"cost_{name}_cents": side.cost_cents if side else None,
            f"late_weeks_{name}": side.late_weeks if side else None,
        }
    told = (
        f"{_path(part)}: {part.from_workshop} {part.from_monday} > {part.to_workshop} {part.to_monday}"
        for part in lot.parts
    )
    row["parts"] = "; ".join(told) or None
    row["first_article"] = lot.gate or None
    return row


def _path(part: PartChange) -> str:
    return f"first article{part.path and f' {part.path}'}" if part.first else part.path
