"""Where the next workshops or machines go: chosen by a model, written as a scenario, and really planned."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.files import sha256_of
from cosmolocal.investments import INVESTMENTS
from cosmolocal.planning.site_choice import find_sites
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import MisfitError, Person, Plan, Proposal, RunRequest, from_plain, to_plain
from cosmolocal.records.scenarios import AddMachines, Edit, OpenWorkshop, Scenario
from cosmolocal.records.siting import SiteAim, SitesPlanned, SiteWish, Siting
from cosmolocal.scenarios import check_id, read_scenario
from cosmolocal.scenarios.reading import file_name
from cosmolocal.workflows.gaps import asked_of, proposals_of
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.planning import find_book
from cosmolocal.workflows.rewriting import replace_file
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.scenarios import run_scenario, save_scenario
from cosmolocal.workflows.workspace import PlanView, Workspace

CODES = {
    "P154": "what is asked of new sites is missing or wrong",
    "P155": "no sites were chosen beside the plan, so there is nothing to write or to plan",
}
#: where answers are kept, by plan
FOLDER = Path("build/siting")
MOST_SITES = 20
COLUMNS = (
    "plan", "proposal", "name", "place", "price_cents", "open_cents", "saved_cents", "units", "new_units", "load",
    "places",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kept:
    """The newest answer beside a plan."""

    #: sha256 of ``investments.yaml`` as it was made
    investments: str
    siting: Siting


def choose_sites(workspace: Workspace, view: PlanView, wish: SiteWish, settings: SolveSettings, watch: Watch) -> Siting:
    """Return where to open or buy what together, by the model; the answer is kept.

    Raises
    ------
    InputError
        When nothing could be bought or opened, or the region has changed since the plan was made.
    """
    proposals = tuple(proposals_of(workspace, view.plan).values())
    if not proposals:
        rule = say("there must be machines or workshops, and candidates for them")
        raise InputError([Problem("P154", INVESTMENTS, rule)])
    found = find_sites(asked_of(workspace, view), proposals, wish, settings, watch)
    keep_siting(workspace, found)
    return found


def load_siting(workspace: Workspace, plan: Plan) -> Siting | None:
    """Return the newest answer beside a plan; None: there is none, or it was made for other investments."""
    try:
        kept = from_plain(_Kept, json.loads((workspace.folder / FOLDER / f"{plan.id}.json").read_bytes()))
    except (OSError, ValueError, MisfitError):
        return None
    return kept.siting if kept.investments == _digest(workspace) else None


def siting_state(workspace: Workspace, plan_id: str) -> tuple[int, ...]:
    """Return what changes when there is another answer, or the investments changed."""
    paths = (workspace.folder / FOLDER / f"{plan_id}.json", workspace.folder / INVESTMENTS)
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)


def keep_siting(workspace: Workspace, siting: Siting) -> None:
    """Keep an answer beside its plan, in place of the one before."""
    folder = workspace.folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    kept = to_plain(_Kept(_digest(workspace), siting))
    replace_file(folder / f"{siting.plan}.json", json.dumps(kept, indent=1).encode())


def _digest(workspace: Workspace) -> str:
    path = workspace.folder / INVESTMENTS
    return sha256_of(path) if path.exists() else ""


def scenario_of(siting: Siting, proposals: Mapping[str, Proposal], scenario_id: str) -> Scenario:
    """Return the sites of an answer as a scenario."""
    edits: list[Edit] = []
    taken: dict[str, set[str]] = {}
    for site in siting.sites:
        proposal = proposals[site.proposal]
        if proposal.opened is not None:
            edits.append(OpenWorkshop(proposal.opened))
            continue
        for group in proposal.groups:  # two offers may name their machines alike
            names = taken.setdefault(proposal.workshop, set())
            free = next(name for name in (group.id, *(f"{group.id}-{n}" for n in range(2, 99))) if name not in names)
            names.add(free)
            edits.append(AddMachines(proposal.workshop, replace(group, id=free)))
    names_of = ", ".join(f"{site.name} ({site.place})" for site in siting.sites)
    return Scenario(scenario_id, names_of[:200], "", tuple(edits))


def usual_name(siting: Siting) -> str:
    """Return the name that the scenario of an answer has unless another is asked for."""
    wish = siting.wish
    budget = "" if wish.budget_cents is None else f"-{wish.budget_cents // 100}"
    return f"sites-{wish.most_new}{budget}-{wish.aim.value}-{siting.plan}"


def write_sites(workspace: Workspace, by: Person | None, plan: Plan, name: str = "") -> Scenario:
    """Write the newest answer beside a plan into the region's folder as a scenario, and return it.

    Raises
    ------
    InputError
        When there is no answer, it chose no site, or another scenario has that name.
    """
    authorize(by, Action.PLAN)
    siting = _require_sites(workspace, plan)
    scenario = scenario_of(siting, proposals_of(workspace, plan), name or usual_name(siting))
    if problems := check_id(scenario.id):
        raise InputError(problems)
    path = workspace.folder / file_name(scenario.id)
    if not path.exists() or read_scenario(path) != scenario:
        save_scenario(workspace, by, scenario, is_new=True)
    keep_siting(workspace, replace(siting, scenario=scenario.id))
    return scenario


def _require_sites(workspace: Workspace, plan: Plan) -> Siting:
    siting = load_siting(workspace, plan)
    if siting is None or not siting.sites:
        rule = say("choose sites first; where none pays, ask for local share or for a larger budget")
        raise InputError([Problem("P155", f"plan {plan.id}", rule)])
    return siting


def plan_sites(workspace: Workspace, by: Person | None, plan: Plan, settings: SolveSettings, watch: Watch) -> Siting:
    """Really plan the newest answer beside a plan, from that plan; both stand in the answer that is kept."""
    authorize(by, Action.PLAN)
    siting = _require_sites(workspace, plan)
    scenario = siting.scenario or write_sites(workspace, by, plan).id
    orders = find_book(plan, workspace.folder)
    found = run_scenario(workspace, scenario, orders, settings, watch, plan).planned
    workspace.save(found, workspace.region())
    after = found.plan
    told = SitesPlanned(
        plan=after.id,
        before_cents=plan.cost_cents,
        after_cents=after.cost_cents,
        before_gap=plan.gap,
        after_gap=after.gap,
        before_share=plan.local_share.value,
        after_share=after.local_share.value,
        before_unmet=len(plan.unmet),
        after_unmet=len(after.unmet),
    )
    siting = replace(siting, scenario=scenario, planned=told)
    keep_siting(workspace, siting)
    return siting


def answer_siting(workspace: Workspace, request: RunRequest, watch: Watch) -> None:
    """Choose sites beside a plan as a run of the pages asks, or plan those chosen."""
    view = workspace.plan(request.previous)
    settings = SolveSettings(request.seconds, request.gap, request.seed, request.solver)
    if request.siting == "plan":
        plan_sites(workspace, OPERATOR, view.plan, settings, watch)
    else:
        choose_sites(workspace, view, from_plain(SiteWish, json.loads(request.siting)), settings, watch)


def read_wish(values: Mapping[str, str]) -> SiteWish:
    """Return what a form or a command wishes.

    Raises
    ------
    InputError
        With every fault.
    """
    problems: list[Problem] = []
    most = _whole(values, "most", (1, MOST_SITES), problems)
    budget = _whole(values, "budget", (0, 1_000_000_000), problems)
    aim = values.get("aim", "").strip() or SiteAim.COST.value
    if aim not in [each.value for each in SiteAim]:
        known = ", ".join(each.value for each in SiteAim)
        rule = say("must be one of %(known)s", known=known)
        problems.append(_fault("aim", aim, rule))
    if problems:
        raise InputError(problems)
    return SiteWish(1 if most is None else most, None if budget is None else 100 * budget, SiteAim(aim))


def read_siting_request(plan: Plan, values: Mapping[str, str]) -> RunRequest:
    """Return the run that a form asks for: sites chosen, or with ``do=plan`` those chosen really planned."""
    problems: list[Problem] = []
    seconds = _whole(values, "seconds", (1, 86_400), problems)
    wish = SiteWish()
    try:
        wish = read_wish(values)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    what = "plan" if values.get("do") == "plan" else json.dumps(to_plain(wish))
    return RunRequest(plan.book, float(seconds or 30), previous=plan.id, siting=what, seed=plan.seed)


def _whole(values: Mapping[str, str], name: str, span: tuple[int, int], problems: list[Problem]) -> int | None:
    text = values.get(name, "").strip()
    if not text:
        return None
    if text.isdecimal() and span[0] <= int(text) <= span[1]:
        return int(text)
    rule = say("must be a whole number from %(low)s to %(high)s", low=span[0], high=span[1])
    problems.append(_fault(name, text, rule))
    return None


def _fault(where: str, found: str, rule: str) -> Problem:
    return Problem("P154", where, say("found %(found)s; %(rule)s", found=repr(found[:40]), rule=rule))


def tell_siting(siting: Siting) -> dict[str, Any]:
    """Return an answer as JSON shows it."""
    found: dict[str, Any] = {**to_plain(siting), "gap": round(siting.gap, 6), "open_cents": siting.open_cents}
    found["model_saves_cents"] = siting.now_cents - siting.model_cents
    if siting.planned is not None:
        found["planned_saves_cents"] = siting.planned.before_cents - siting.planned.after_cents - siting.open_cents
        found["proved_savings_cents"] = siting.proved_savings
    return found


def siting_rows(siting: Siting | None) -> list[dict[str, Any]]:
    """Return the sites of an answer by ``COLUMNS``."""
    if siting is None:
        return []
    rows = [{"plan": siting.plan, **to_plain(site)} for site in siting.sites]
    return [{**row, "places": " ".join(row["places"])} for row in rows]
