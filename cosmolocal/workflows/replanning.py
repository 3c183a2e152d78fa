"""Planning from the plan before: what is read for it, and what came of it in words and figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.planning.bill import Catalogue
from cosmolocal.planning.earlier import weeks_between
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.replanning import Previous, find_earlier
from cosmolocal.planning.wording import reason_sentence
from cosmolocal.records import Changes, Earlier, LotState, Move, Plan, Reason, Region, to_plain
from cosmolocal.workflows.explaining import plan_words
from cosmolocal.workflows.inputs import Book, RegionInputs, collect
from cosmolocal.workflows.keep_file import Said, read_keep_file
from cosmolocal.workflows.moved import MovedPart, find_parts
from cosmolocal.workflows.plan_publishing import find_publication
from cosmolocal.workflows.steering import add_said, collect_steering
from cosmolocal.workflows.words import Words
from cosmolocal.workflows.workspace import Workspace

CODES = {
    "P075": "the plan before is of another region",
    "P076": "a lot that is done has another quantity now: what is still wanted needs an order of its own",
}


#: names the plan that counts
PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is to follow, and how closely."""

    #: file or id of the plan before; `PUBLISHED`: the one that counts, with what its workshops answered
    plan: str
    keep: Path | None = None
    most_moves: int | None = None
    move_cents: int = 0
    #: heed what workshops answered and planners wish; always so after `PUBLISHED`
    heed: bool = False


def read_replanning(
    workspace: Workspace, orders: Path, overrides: Mapping[str, str], request: Request
) -> tuple[RegionInputs, Book, Previous]:
    """Return region, order book and the plan before with what was said of it; all faults of all are raised.

    What the keep file says of a lot counts more than answers and wishes.
    """
    problems: list[Problem] = []
    read = collect(problems, lambda: workspace.read(orders, overrides))
    plan = collect(problems, lambda: _load(workspace, request.plan))
    shops = frozenset(shop.id for shop in read[0].region.workshops) if read else None
    said: Said | None = Said()
    if plan is not None and request.keep is not None:
        keep = request.keep
        said = collect(problems, lambda: read_keep_file(keep, plan, shops))
    if read is None or plan is None or said is None:
        raise InputError(problems)
    inputs, book = read
    if request.heed or request.plan == PUBLISHED:
        said = add_said(collect_steering(workspace, plan, inputs.region), said)
    previous = Previous(
        plan, said.states, said.declined, request.most_moves, request.move_cents, said.pinned, said.forbidden
    )
    problems += check_previous(previous, inputs.region, book)
    if problems:
        raise InputError(problems)
    return inputs, book, previous


def _load(workspace: Workspace, name: str) -> Plan:
    if name != PUBLISHED:
        return workspace.load(name)
    publication = find_publication(workspace)
    if publication is None:
        raise NotFoundError("no plan has been published yet")
    return workspace.plan(publication.plan).plan


def check_previous(previous: Previous, region: Region, book: Book) -> list[Problem]:
    """Return what keeps a plan from being the one before another."""
    plan = previous.plan
    if plan.region != region.id:
        told = say("found %(found)s; the region is %(id)s", found=repr(plan.region), id=repr(region.id))
        return [Problem("P075", "plan before: region", told)]
    settings = region.settings
    lots = cut_orders(book.orders, Catalogue(region.designs, region.taken_down), settings.max_lots_per_order)
    quantity = {lot.id: lot.quantity for lot in lots}
    return [
        Problem("P076", f"{book.name}: order {row.order}.quantity", _done_otherwise(row, quantity[row.lot]))
        for row in find_earlier(previous, set(quantity), weeks_between(plan, settings))
        if row.state is LotState.DONE and row.quantity != quantity[row.lot]
    ]


def _done_otherwise(row: Earlier, quantity: int) -> str:
    return say(
        "lot %(lot)s of %(quantity)s is done, and would be one of %(now)s now; give what is new its own order",
        lot=row.lot,
        quantity=row.quantity,
        now=quantity,
    )


def tell_changes(plan: Plan, region: Region) -> dict[str, Any] | None:
    """Return what a plan changes against the one before, in figures and words; None: it follows none."""
    changes = plan.changes
    if changes is None:
        return None
    words, parts = plan_words(plan, region), find_parts(plan, changes)
    standing = [row for row in changes.earlier if row.state is not LotState.DONE]
    return {
        "previous": changes.previous,
        "weeks_later": changes.weeks_later,
        "earlier": len(standing),
        "done": len(changes.done),
        "kept": len(changes.kept),
        "most_moves": changes.most_moves,
        "move_cents": changes.move_cents,
        "counted_moves": changes.counted_moves,
        "forced_moves": len(changes.moves) - changes.counted_moves,
        "churn": round(len(changes.moves) / len(standing), 4) if standing else None,
        "steered_bound_cents": changes.steered_bound_cents,
        "free_bound_cents": changes.free_bound_cents,
        "stability_cents_at_most": plan.cost_cents - changes.free_bound_cents if _is_bound(changes) else 0,
        "next_move_cents": changes.next_move_cents,
        "moves": [_tell_move(move, parts[move.lot], words) for move in changes.moves],
        "conflicts": [_tell_conflict(row, words) for row in changes.conflicts],
        "declined": [to_plain(row) for row in changes.declined],
        "forbidden": [to_plain(row) for row in changes.forbidden],
        "pinned": [to_plain(row) for row in changes.pinned],
    }


def _is_bound(changes: Changes) -> bool:
    """Tell whether budget or cost of moves may have cost anything."""
    return changes.most_moves is not None or changes.move_cents > 0


def _sentence(reason: Reason, words: Words) -> str:
    return reason_sentence(reason.code, reason.values, str, words.show)


def _tell_move(move: Move, parts: tuple[MovedPart, ...], words: Words) -> dict[str, Any]:
    spot = "imported" if move.to_week is None else f"{words.place(move.to_workshop)}, {words.week(move.to_week)}"
    came = f"{words.place(move.from_workshop)}, {words.week(move.from_week)}"
    way = f"stays with {came}, made otherwise" if came == spot else f"from {came} to {spot}"
    told = [_tell_part(part, words) for part in parts if part.is_told]
    text = f"lot {move.lot}: {'; '.join((way, *dict.fromkeys(told)))}. {_sentence(move.why, words)}"
    return {**to_plain(move), "parts": [to_plain(part) for part in parts], "text": text}


def _tell_part(part: MovedPart, words: Words) -> str:
    name, came = part.path or "the whole", words.place(part.from_workshop)
    if part.from_workshop == part.to_workshop:
        return f"{name} on other machines of {came}"
    return f"{name} from {came} to {words.place(part.to_workshop)}"


def _tell_conflict(row: Earlier, words: Words) -> dict[str, Any]:
    reason = row.hindrance or Reason("rearranged")
    text = f"lot {row.lot} was {row.state} by {words.place(row.workshop)} and cannot stay. {_sentence(reason, words)}"
    return {"lot": row.lot, "state": row.state.value, "workshop": row.workshop, "week": row.week, "text": text}


def describe_changes(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the figures of what a plan changes as text, by their label."""
    budget = "any number" if found["most_moves"] is None else f"at most {found['most_moves']}"
    figures = {
        "Follows plan": f"{found['previous']}, {found['weeks_later']} weeks later",
        "Kept as promised": f"{found['kept']} of {found['kept'] + len(found['conflicts'])} lots",
        "Done before": f"{found['done']} lots",
        "Moved without need": f"{found['counted_moves']} lots ({budget} allowed)",
        "Had to move": f"{found['forced_moves']} lots",
        "Churn": "–" if found["churn"] is None else f"{100 * found['churn']:.1f} % of {found['earlier']} lots",
    }
    if found["stability_cents_at_most"]:
        figures["Staying costs at most"] = f"{found['stability_cents_at_most'] / 100:,.2f} €"
    return figures
