"""What a plan lacks, what an hour is worth, and what to buy or open next; what was found is kept beside the plans."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.exports.tables import Row
from cosmolocal.files import sha256_of
from cosmolocal.investments import INVESTMENTS, list_proposals, plain_proposal
from cosmolocal.planning.gaps import find_gaps
from cosmolocal.planning.next_best import WEEKS_OF_YEAR, Asked, a_year, check_hour, find_next
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import (
    Gaps,
    HourCheck,
    Measured,
    MisfitError,
    NextBest,
    Person,
    Plan,
    Proposal,
    Ranked,
    Region,
    RunRequest,
    from_plain,
    to_plain,
)
from cosmolocal.records.scenarios import AddMachines, OpenWorkshop, Scenario
from cosmolocal.scenarios import read_scenario
from cosmolocal.scenarios.reading import file_name
from cosmolocal.workflows.inputs import find_investments, settings_of
from cosmolocal.workflows.pins import designs_as_planned
from cosmolocal.workflows.planning import changed_inputs, find_book_now
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.rewriting import replace_file
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.scenarios import save_scenario
from cosmolocal.workflows.workspace import PlanView, Workspace

CODES = {
    "P151": "the region has changed since the plan was made, so what would be bought cannot be told beside it",
    "P152": "the region names nothing that could be bought or opened",
    "P153": "what is asked of hours or investments is missing or wrong",
}
#: where answers are kept, by plan
FOLDER = Path("build/gaps")
MOST_PLANNED = 50
HOUR_COLUMNS = (
    "plan", "process", "place", "district", "week", "monday", "least_minutes", "mean_minutes", "lots", "worth_cents",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found out beside a plan."""

    #: sha256 of ``investments.yaml`` as the list was made
    investments: str = ""
    #: None: nobody has asked yet
    next: NextBest | None = None
    #: the newest of each machine group and week
    hours: tuple[HourCheck, ...] = ()


def region_as_planned(workspace: Workspace, plan: Plan) -> Region:
    """Return the region that a plan is of, with the settings and the versions of designs that it was made with."""
    region = workspace.region_of(plan)
    return replace(region, settings=settings_of(plan.settings), designs=designs_as_planned(plan, region.designs))


def gaps_of(workspace: Workspace, view: PlanView) -> Gaps:
    """Return what a plan lacks; found again only when the region changed."""
    region = workspace.region_of(view.plan)
    planned = (Same(view.plan), Same(region))
    return _GAPS.recall(planned, lambda: find_gaps(view.plan, region_as_planned(workspace, view.plan), view.orders))


def proposals_of(workspace: Workspace, plan: Plan) -> dict[str, Proposal]:
    """Return all that could be bought or opened beside a plan, by id; faults of the file are raised."""
    region = workspace.region_of(plan)
    investments = find_investments(workspace.folder, region)
    return {proposal.id: proposal for proposal in list_proposals(region, investments)}


def _require_same_inputs(workspace: Workspace, plan: Plan) -> None:
    """Refuse to plan beside a plan whose inputs are others now: what it would save could not be told."""
    book = find_book_now(plan, workspace.folder)
    inputs, _ = workspace.inputs_of(plan)
    if changed := [name for name, _ in changed_inputs(plan, inputs, book)]:
        rule = say("has changed since; plan anew first: %(names)s", names=", ".join(changed))
        raise InputError([Problem("P151", f"plan {plan.id}", rule)])


def asked_of(workspace: Workspace, view: PlanView) -> Asked:
    """Return a plan with all that planning beside it takes.

    Raises
    ------
    InputError
        When the region has changed since the plan was made.
    """
    _require_same_inputs(workspace, view.plan)
    return Asked(region_as_planned(workspace, view.plan), view.orders, view.plan)


def rank_next(workspace: Workspace, view: PlanView, count: int, settings: SolveSettings, watch: Watch) -> NextBest:
    """Return what to buy or open next, ``count`` of it really planned; the answer is kept."""
    proposals = proposals_of(workspace, view.plan)
    if not proposals:
        rule = say("there must be machines or workshops, and candidates for them")
        raise InputError([Problem("P152", INVESTMENTS, rule)])
    found = find_next(asked_of(workspace, view), tuple(proposals.values()), count, settings, watch)
    kept = load_kept(workspace, view.plan)
    _keep(workspace, view.plan, replace(kept, investments=_digest(workspace), next=found))
    return found


def check_one_hour(
    workspace: Workspace, view: PlanView, resource: str, week: int, settings: SolveSettings, watch: Watch
) -> HourCheck:
    """Return the price of an hour beside what planning with one more hour saves; the answer is kept."""
    found = check_hour(asked_of(workspace, view), resource, week, settings, watch)
    kept = load_kept(workspace, view.plan)
    others = tuple(one for one in kept.hours if (one.resource, one.week) != (resource, week))
    _keep(workspace, view.plan, replace(kept, hours=(*others, found)))
    return found


def answer(workspace: Workspace, request: RunRequest, watch: Watch) -> None:
    """Find out what a run of the pages asks beside a plan."""
    view = workspace.plan(request.previous)
    settings = SolveSettings(request.seconds, request.gap, request.seed, request.solver)
    if request.hour:
        check_one_hour(workspace, view, *read_hour(request.hour), settings, watch)
    else:
        rank_next(workspace, view, request.investments or 0, settings, watch)


def read_hour(text: str) -> tuple[str, int]:
    """Return machine group and week of ``workshop/group@week``."""
    resource, _, week = text.rpartition("@")
    if "/" not in resource or not week.isdecimal():
        rule = say("found %(found)s; must be written as workshop/group@week", found=repr(text[:80]))
        raise InputError([Problem("P153", "hour", rule)])
    return resource, int(week)


def load_kept(workspace: Workspace, plan: Plan) -> Kept:
    """Return what was found out beside a plan; a list made for other investments is not told any more."""
    path = workspace.folder / FOLDER / f"{plan.id}.json"
    try:
        kept = from_plain(Kept, json.loads(path.read_bytes()))
    except (OSError, ValueError, MisfitError):
        return Kept()
    return kept if kept.investments == _digest(workspace) else replace(kept, next=None)


def kept_state(workspace: Workspace, plan_id: str) -> tuple[int, ...]:
    """Return what changes when more was found out beside a plan, or the investments changed."""
    paths = (workspace.folder / FOLDER / f"{plan_id}.json", workspace.folder / INVESTMENTS)
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)


def _keep(workspace: Workspace, plan: Plan, kept: Kept) -> None:
    folder = workspace.folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / f"{plan.id}.json", json.dumps(to_plain(kept), indent=1).encode())


def _digest(workspace: Workspace) -> str:
    path = workspace.folder / INVESTMENTS
    return sha256_of(path) if path.exists() else ""


def read_gaps_request(plan: Plan, values: Mapping[str, str]) -> RunRequest:
    """Return the run that a form asks for beside a plan: ``count`` proposals planned, or an ``hour`` checked.

    Raises
    ------
    InputError
        With every fault of the form.
    """
    problems: list[Problem] = []
    number = {"count": (3, 0, MOST_PLANNED), "seconds": (30, 1, 86_400)}
    found: dict[str, int] = {}
    for name, (usual, low, high) in number.items():
        text = values.get(name, "").strip()
        found[name] = int(text) if text.isdecimal() else usual
        if text and not (text.isdecimal() and low <= int(text) <= high):
            rule = say("must be a whole number from %(low)s to %(high)s", low=low, high=high)
            problems.append(Problem("P153", name, say("found %(found)s; %(rule)s", found=repr(text[:40]), rule=rule)))
    hour = values.get("hour", "").strip()
    if hour:
        try:
            read_hour(hour)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    investments = None if hour else found["count"]
    return RunRequest(
        plan.book, float(found["seconds"]), previous=plan.id, investments=investments, hour=hour, seed=plan.seed
    )


def scenario_of(proposal: Proposal) -> Scenario:
    """Return a proposal as a scenario; its id tells what and where."""
    edits = [AddMachines(proposal.workshop, group) for group in proposal.groups]
    return Scenario(
        id=f"{proposal.offer}-at-{proposal.place}"[:80].rstrip("-"),
        title=f"{proposal.name}: {proposal.opened.name if proposal.opened else proposal.workshop}",
        edits=(OpenWorkshop(proposal.opened),) if proposal.opened else tuple(edits),
    )


def propose(workspace: Workspace, by: Person | None, plan: Plan, proposal_id: str) -> Scenario:
    """Write a proposal into the region's folder as a scenario, and return it.

    Raises
    ------
    InputError
        When another scenario has its name.
    NotFoundError
        When there is no such proposal.
    """
    authorize(by, Action.EDIT_SCENARIOS)
    proposal = proposals_of(workspace, plan).get(proposal_id)
    if proposal is None:
        raise NotFoundError(f"nothing that could be bought or opened is called {proposal_id!r}")
    scenario = scenario_of(proposal)
    path = workspace.folder / file_name(scenario.id)
    if not path.exists() or read_scenario(path) != scenario:
        save_scenario(workspace, by, scenario, is_new=True)
    return scenario


def payback_years(price_cents: int, yearly_cents: int, saved_a_year: int) -> float | None:
    """Return after how many years what is saved has paid the price; None: never.

    >>> payback_years(900_000, 60_000, 260_000), payback_years(1, 5, 5)
    (4.5, None)
    """
    net = saved_a_year - yearly_cents
    return round(price_cents / net, 1) if net > 0 else None


def tell_ranked(row: Ranked, proposals: Mapping[str, Proposal], weeks: int) -> dict[str, Any]:
    """Return a row of the list in figures; what is saved is scaled to a year."""
    known = [proposals[name] for name in row.proposals if name in proposals]
    first = known[0] if known else None
    found: dict[str, Any] = {
        "offer": row.offer,
        "proposals": list(row.proposals),
        "places": [proposal.place for proposal in known],
        "proposal": plain_proposal(first) if first and len(row.proposals) == 1 else None,
        "annuity_cents": row.annuity_cents,
        "saves_at_most_cents": row.limit_cents,
        "of_it_own_cents": row.own_limit_cents,
        "gains_at_most_cents_a_year": a_year(weeks, row.limit_cents) - row.annuity_cents,
        "measured": None,
    }
    if row.measured is not None and first is not None:
        found["measured"] = _tell_measured(row.measured, row, first, weeks)
    return found


def _tell_measured(found: Measured, row: Ranked, proposal: Proposal, weeks: int) -> dict[str, Any]:
    year, money = a_year(weeks, found.saved_cents), a_year(weeks, found.saved_money_cents)
    buying = proposal.purchase
    return {
        **to_plain(found),
        "saves_cents_a_year": year,
        "saves_money_cents_a_year": money,
        "gains_cents_a_year": year - row.annuity_cents,
        "payback_years": payback_years(buying.price_cents, buying.yearly_cents, year),
        "payback_money_years": payback_years(buying.price_cents, buying.yearly_cents, money),
    }


def tell_next(found: NextBest, proposals: Mapping[str, Proposal]) -> dict[str, Any]:
    """Return the list of what to buy or open next, as JSON shows it."""
    return {
        "weeks": found.weeks,
        "scaled_to_weeks": WEEKS_OF_YEAR,
        "open_cents_a_year": found.open_cents,
        "is_safe": found.open_cents == 0,
        "gap_cents": found.gap_cents,
        "again_cents": found.again_cents,
        "ranked": [tell_ranked(row, proposals, found.weeks) for row in found.ranked],
    }


def hour_rows(gaps: Gaps, plan: Plan, region: Region, hours: Sequence[Any] | None = None) -> list[Row]:
    """Return unmet hours by ``HOUR_COLUMNS``."""
    district = {place.id: place.district for place in region.places}
    worth = {(row.process, row.week): row.cents for row in gaps.worth}
    start = settings_of(plan.settings).start_date
    return [
        {
            "plan": plan.id,
            "process": row.process,
            "place": row.place,
            "district": district.get(row.place, ""),
            "week": row.week,
            "monday": (start + timedelta(weeks=row.week)).isoformat(),
            "least_minutes": row.least_minutes,
            "mean_minutes": row.mean_minutes,
            "lots": len(row.lots),
            "worth_cents": worth.get((row.process, row.week), 0),
        }
        for row in (gaps.hours if hours is None else hours)
    ]


def tell_gaps(workspace: Workspace, view: PlanView) -> dict[str, Any]:
    """Return all that is known of what a plan lacks: the JSON document of ``cosmolocal gaps``."""
    gaps, kept = gaps_of(workspace, view), load_kept(workspace, view.plan)
    return {
        "plan": view.plan.id,
        "lots": gaps.lots,
        "units": gaps.units,
        "hours": hour_rows(gaps, view.plan, workspace.region_of(view.plan)),
        "worth": to_plain(gaps.worth),
        "apart": to_plain(gaps.apart),
        "checked": to_plain(kept.hours),
        "next": None if kept.next is None else tell_next(kept.next, proposals_of(workspace, view.plan)),
    }


_GAPS = Memory[Gaps](16)
