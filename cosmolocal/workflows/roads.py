"""The road to the target: found from the region's files, audited, and kept until they change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, NotFoundError, Problem, SolverError
from cosmolocal.fields import Fields
from cosmolocal.files import sha256_of
from cosmolocal.investments import INVESTMENTS
from cosmolocal.planning.audit.roads import RoadFacts, audit_road
from cosmolocal.planning.solvers.roads import RoadSettings
from cosmolocal.planning.solvers.solution import Watch
from cosmolocal.records import Consumption, Goal, MisfitError, Person, Road, RoadTerms, RunRequest, from_plain, to_plain
from cosmolocal.road.finding import find_road
from cosmolocal.road.problem import RoadInputs
from cosmolocal.road.reading import CONSUMPTION, ROAD, check_years, read_consumption, read_terms
from cosmolocal.workflows.inputs import FileState, collect, file_state, find_investments
from cosmolocal.workflows.remembering import Memory
from cosmolocal.workflows.rewriting import replace_file
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace

CODES = {"P112": "what is asked of a road is wrong"}
#: where the road of the files as they are is kept, and those with other wishes
KEPT, OTHERS = Path("build/road.json"), Path("build/roads")
#: roads with other wishes that are kept
MOST_OTHERS = 20
#: the fields of the form
FIELDS = ("target", "year", "budget")
#: [EUR a year] that may be asked for
MOST_EUROS = 100_000_000_000
FILES = (CONSUMPTION, ROAD, INVESTMENTS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for instead of what ``road.yaml`` says; None: as it says."""

    #: [per mille]
    target: int | None = None
    year: int | None = None
    #: [cents per year]
    budget: int | None = None
    seed: int | None = None
    samples: int | None = None


@dataclass(frozen=True, slots=True)
class RoadView:
    """A road with all that it was found from."""

    inputs: RoadInputs
    road: Road
    #: sha256 by file
    digests: Mapping[str, str]

    @property
    def terms(self) -> RoadTerms:
        """Return where the region wants to get, and what it may spend."""
        return self.inputs.terms

    @property
    def consumption(self) -> Consumption:
        """Return what the region consumes."""
        return self.inputs.consumption


def has_road(workspace: Workspace) -> bool:
    """Return whether the region has the files that a road needs."""
    return all((workspace.folder / name).exists() for name in (CONSUMPTION, ROAD))


def read_road_inputs(workspace: Workspace, wanted: Wanted | None = None) -> tuple[RoadInputs, dict[str, str]]:
    """Return all that a road is found from, and the digests of its files.

    Raises
    ------
    InputError
        With every fault of all files, or of what is wanted.
    NotFoundError
        When the region has no such files.
    """
    if not has_road(workspace):
        raise NotFoundError(f"the region has no {CONSUMPTION} or no {ROAD}; docs/road.md says what stands in them")
    problems: list[Problem] = []
    inputs = workspace.inputs()
    region, folder = inputs.region, workspace.folder
    consumption = collect(problems, lambda: read_consumption(folder / CONSUMPTION, region.vocabulary))
    terms = collect(problems, lambda: read_terms(folder / ROAD))
    investments = collect(problems, lambda: find_investments(folder, region))
    if terms is not None:
        terms = change_terms(terms, wanted or Wanted())
        problems += check_years(terms, ROAD)
    if problems or consumption is None or terms is None or investments is None:
        raise InputError(problems)
    digests = {name: sha256_of(folder / name) for name in FILES if (folder / name).exists()}
    return RoadInputs(region, consumption, investments, terms), {**inputs.digests, **digests}


def change_terms(terms: RoadTerms, wanted: Wanted) -> RoadTerms:
    """Return the terms with what is wanted; milestones that are not before the target, or above it, are left out."""
    target = terms.target
    if wanted.target is not None or wanted.year is not None:
        share = target.share if wanted.target is None else wanted.target
        target = Goal(wanted.year or target.year, share)
    budget = terms.budget if wanted.budget is None else replace(terms.budget, value=wanted.budget)
    kept = (goal for goal in terms.milestones if goal.year < target.year and goal.share <= target.share)
    return replace(
        terms,
        target=target,
        milestones=tuple(kept),
        budget=budget,
        seed=terms.seed if wanted.seed is None else wanted.seed,
        samples=wanted.samples or terms.samples,
    )


def find_view(
    workspace: Workspace,
    wanted: Wanted | None = None,
    settings: RoadSettings | None = None,
    watch: Watch | None = None,
) -> RoadView:
    """Return the road of the files as they are, or as it would be with what is wanted; nothing is written."""
    inputs, digests = read_road_inputs(workspace, wanted)
    view = RoadView(inputs, find_road(inputs, settings, watch), digests)
    if problems := audit_view(view):
        raise SolverError("the road fails its audit:\n" + "\n".join(map(str, problems)))
    return view


def audit_view(view: RoadView) -> tuple[Problem, ...]:
    """Return what is wrong with a road, checked from the records of its files alone."""
    inputs = view.inputs
    facts = RoadFacts(inputs.region, inputs.consumption, inputs.investments, inputs.terms)
    return audit_road(view.road, facts)


def keep_road(workspace: Workspace, by: Person | None, settings: RoadSettings | None = None) -> RoadView:
    """Find the road of the files as they are and keep it for the pages."""
    authorize(by, Action.PLAN)
    view = find_view(workspace, None, settings)
    write_road(workspace, view)
    return view


def write_road(workspace: Workspace, view: RoadView, wanted: Wanted | None = None) -> None:
    """Keep a road for the pages, in place of the one before; of those with other wishes the newest are kept."""
    path = _kept_path(workspace, wanted or Wanted())
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(_kept(view), ensure_ascii=False).encode())
    others = sorted((workspace.folder / OTHERS).glob("*.json"), key=lambda one: one.stat().st_mtime_ns)
    for old in others[:-MOST_OTHERS]:
        old.unlink(missing_ok=True)


def _kept_path(workspace: Workspace, wanted: Wanted) -> Path:
    if wanted == Wanted():
        return workspace.folder / KEPT
    name = "-".join("" if each is None else str(each) for each in (wanted.target, wanted.year, wanted.budget))
    return workspace.folder / OTHERS / f"{name}.json"


def _kept(view: RoadView) -> dict[str, Any]:
    return {"digests": dict(view.digests), "terms": to_plain(view.terms), "road": to_plain(view.road)}


def road_states(workspace: Workspace) -> tuple[FileState, ...]:
    """Return what changes whenever the kept road or one of its own files does."""
    return tuple(file_state(str(workspace.folder / name)) for name in (*FILES, KEPT))


def kept_view(workspace: Workspace, wanted: Wanted | None = None) -> RoadView | None:
    """Return the road that is kept of the files as they are, or with what is wanted otherwise; None: there is none."""
    wanted = wanted or Wanted()
    path = _kept_path(workspace, wanted)
    if not has_road(workspace) or not path.exists():
        return None
    key = (wanted, file_state(str(path)), road_states(workspace), workspace.state())
    found = _VIEWS.recall((workspace.folder, key), partial(_read_kept, workspace, wanted))
    return found[0] if found else None


def _read_kept(workspace: Workspace, wanted: Wanted) -> tuple[RoadView, ...]:
    inputs, digests = read_road_inputs(workspace, wanted)
    try:
        kept = json.loads(_kept_path(workspace, wanted).read_text("utf-8"))
        if kept["digests"] != digests or kept["terms"] != to_plain(inputs.terms):
            return ()
        return (RoadView(inputs, from_plain(Road, kept["road"]), digests),)
    except (OSError, ValueError, KeyError, TypeError, MisfitError):
        return ()  # cut short or of another version: it is found anew


def read_wanted(values: Mapping[str, str]) -> Wanted:
    """Return what a form or an address wants: ``target`` [percent], ``year``, ``budget`` [EUR a year]; "": as filed.

    Raises
    ------
    InputError
        With every fault.
    """
    problems: list[Problem] = []
    given = {name: values.get(name, "").strip() for name in FIELDS if values.get(name, "").strip()}
    table = Fields(given, "road", "P112", problems)
    wanted = Wanted(
        table.number("target", scale=10, high=100),
        table.number("year", low=1900, high=2200),
        table.number("budget", scale=100, high=MOST_EUROS),
    )
    if problems:
        raise InputError(problems)
    return wanted


def read_road_request(workspace: Workspace, values: Mapping[str, str]) -> RunRequest:
    """Return the run that a form asks for; the files are read, so that nothing waits only to fail.

    Raises
    ------
    InputError
        With every fault of the form or of the files.
    NotFoundError
        When the region has no such files.
    """
    wanted = read_wanted(values)
    read_road_inputs(workspace, wanted)
    wanted = without_usual(workspace, wanted)
    return RunRequest("", RoadSettings().seconds, RoadSettings().gap, road=json.dumps(to_plain(wanted)))


def without_usual(workspace: Workspace, wanted: Wanted) -> Wanted:
    """Return what is wanted otherwise than the files say; what they say too is left out."""
    if not has_road(workspace):
        return wanted
    terms = read_terms(workspace.folder / ROAD)
    return Wanted(
        None if wanted.target == terms.target.share else wanted.target,
        None if wanted.year == terms.target.year else wanted.year,
        None if wanted.budget == terms.budget.value else wanted.budget,
        wanted.seed,
        wanted.samples,
    )


def wanted_by(request: RunRequest) -> Wanted:
    """Return what a run wants."""
    return from_plain(Wanted, json.loads(request.road))


def answer_road(workspace: Workspace, request: RunRequest, watch: Watch) -> None:
    """Find the road that a run of the pages asks for, and keep it unless somebody ended the run."""
    wanted = wanted_by(request)
    view = find_view(workspace, wanted, RoadSettings(request.seconds, request.gap), watch)
    if not watch.stop.is_set():
        write_road(workspace, view, wanted)


def describe_road(view: RoadView) -> dict[str, Any]:
    """Return a road as one JSON document."""
    terms, road = view.terms, view.road
    return {
        "region": view.inputs.region.id,
        "status": road.status.value,
        "target_percent": terms.target.share / 10,
        "target_year": terms.target.year,
        "share_percent": road.share / 10_000,
        "share_bound_percent": road.share_bound / 10_000,
        "cost_cents": road.cost_cents,
        "bound_cents": road.bound_cents,
        "gap": road.gap,
        "yearly_budget_cents": terms.budget.value,
        "met_percent": road.met / 10,
        "measure": terms.measure.value,
        "road": to_plain(road),
        "terms": to_plain(terms),
        "digests": dict(view.digests),
    }


_VIEWS = Memory[tuple[RoadView, ...]](4)
