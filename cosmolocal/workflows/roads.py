"""The road to the target: found from the region's files, audited, and kept until they change."""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, NotFoundError, Problem, SolverError
from cosmolocal.files import sha256_of
from cosmolocal.investments import INVESTMENTS
from cosmolocal.planning.audit.roads import RoadFacts, audit_road
from cosmolocal.planning.solvers.roads import RoadSettings
from cosmolocal.records import Consumption, Goal, MisfitError, Person, Road, RoadTerms, from_plain, to_plain
from cosmolocal.road.finding import find_road
from cosmolocal.road.problem import RoadInputs
from cosmolocal.road.reading import CONSUMPTION, ROAD, check_years, read_consumption, read_terms
from cosmolocal.workflows.inputs import FileState, collect, file_state, find_investments
from cosmolocal.workflows.remembering import Memory
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace

log = logging.getLogger(__name__)

CODES = {"P111": "finding a road failed for a reason that this program did not expect"}
#: where the road of the files as they are is kept
KEPT = Path("build/road.json")
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


def find_view(workspace: Workspace, wanted: Wanted | None = None, settings: RoadSettings | None = None) -> RoadView:
    """Return the road of the files as they are, or as it would be with what is wanted; nothing is written."""
    inputs, digests = read_road_inputs(workspace, wanted)
    view = RoadView(inputs, find_road(inputs, settings), digests)
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


def write_road(workspace: Workspace, view: RoadView) -> None:
    """Keep a road of the files as they are for the pages, in place of the one before."""
    path = workspace.folder / KEPT
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".staging")
    staged.write_text(json.dumps(_kept(view), ensure_ascii=False), "utf-8")
    staged.replace(path)


def _kept(view: RoadView) -> dict[str, Any]:
    return {"digests": dict(view.digests), "terms": to_plain(view.terms), "road": to_plain(view.road)}


def road_states(workspace: Workspace) -> tuple[FileState, ...]:
    """Return what changes whenever the kept road or one of its own files does."""
    return tuple(file_state(str(workspace.folder / name)) for name in (*FILES, KEPT))


def kept_view(workspace: Workspace) -> RoadView | None:
    """Return the road that is kept, if it is still the one of the files as they are; None: there is none."""
    if not has_road(workspace) or not (workspace.folder / KEPT).exists():
        return None
    key = (workspace.folder, road_states(workspace), workspace.state())
    found = _VIEWS.recall(key, partial(_read_kept, workspace))
    return found[0] if found else None


def _read_kept(workspace: Workspace) -> tuple[RoadView, ...]:
    inputs, digests = read_road_inputs(workspace)
    try:
        kept = json.loads((workspace.folder / KEPT).read_text("utf-8"))
        if kept["digests"] != digests or kept["terms"] != to_plain(inputs.terms):
            return ()
        return (RoadView(inputs, from_plain(Road, kept["road"]), digests),)
    except (OSError, ValueError, KeyError, TypeError, MisfitError):
        return ()  # cut short or of another version: it is found anew


class RoadFinder:
    """Finds the road of the files as they are in a thread of this program, one at a time, and keeps it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._lock = workspace, threading.Lock()
        self._thread: threading.Thread | None = None
        self._problems: tuple[Problem, ...] = ()

    @property
    def busy(self) -> bool:
        """Return whether a road is being found."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return why the last search ended without a road."""
        return self._problems

    def start(self, by: Person | None) -> None:
        """Begin, unless a search is going on; what is wrong with the files is raised at once."""
        authorize(by, Action.PLAN)
        read_road_inputs(self._workspace)
        with self._lock:
            if not self.busy:
                self._problems = ()
                self._thread = threading.Thread(target=self._work, name="road", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Return when no search is going on any more."""
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        try:
            write_road(self._workspace, find_view(self._workspace))
        except InputError as error:
            self._problems = error.problems
        except Exception as error:  # whatever it is, the person who asked must learn of it
            log.exception("the road cannot be found")
            self._problems = (Problem("P111", "road", f"{type(error).__name__}: {error}"),)


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
