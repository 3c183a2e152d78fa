"""What if: the scenarios of a region as files, and their plans beside the plan of the region as it is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.files import read_text
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Order, Person, Plan, PlanSummary, Region
from cosmolocal.records.scenarios import Scenario
from cosmolocal.scenarios import apply_scenario, check_id, parse_scenario, read_scenario, write_scenario
from cosmolocal.scenarios.reading import FOLDER, MAX_BYTES, file_name
from cosmolocal.workflows.inputs import Book, RegionInputs, find_scenario_states, settings_of
from cosmolocal.workflows.planning import Planned, changed_inputs, plan_book
from cosmolocal.workflows.rewriting import rewrite
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace, real_plans

CODES = {
    "W077": "a scenario of this name is there already",
    "W078": "somebody else has changed the scenario since the form was opened",
    "P097": "the plan that a scenario starts from is of another region, of other weeks, or of a scenario itself",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A scenario file of the region."""

    id: str
    #: None: the file is faulty
    scenario: Scenario | None
    #: what is wrong with the file, or with its edits on the region as it is
    problems: tuple[Problem, ...]
    #: its plans, newest first
    plans: tuple[PlanSummary, ...]


@dataclass(frozen=True, slots=True)
class Supposed:
    """The plan of a scenario, and the plan that it is compared with."""

    base: Plan
    planned: Planned
    #: has the base been planned for it just now?
    is_base_new: bool


def list_scenarios(workspace: Workspace) -> tuple[Listed, ...]:
    """Return the scenarios of the region by their ids."""
    plans = [plan for plan in workspace.plans() if plan.scenario]
    names = [Path(path).stem for path, *_ in find_scenario_states(workspace.folder)]
    return tuple(
        Listed(name, *_read(workspace, name), tuple(plan for plan in plans if plan.scenario == name)) for name in names
    )


def _read(workspace: Workspace, scenario_id: str) -> tuple[Scenario | None, tuple[Problem, ...]]:
    try:
        scenario = read_scenario(workspace.folder / file_name(scenario_id))
    except InputError as error:
        return None, error.problems
    return scenario, tuple(check_scenario(workspace.region(), (), scenario))


def find_scenario(workspace: Workspace, scenario_id: str) -> Listed:
    """Return one scenario of the region.

    Raises
    ------
    NotFoundError
        When there is none of this name.
    """
    found = next((one for one in list_scenarios(workspace) if one.id == scenario_id), None)
    if found is None:
        raise NotFoundError(say("there is no scenario %(name)s", name=repr(scenario_id)))
    return found


def check_scenario(region: Region, orders: Iterable[Order], scenario: Scenario) -> list[Problem]:
    """Return every edit of a scenario that cannot be applied."""
    try:
        apply_scenario(region, tuple(orders), scenario)
    except InputError as error:
        return list(error.problems)
    return []


def read_scenario_text(workspace: Workspace, scenario_id: str) -> str:
    """Return the text of a scenario's file."""
    path = workspace.folder / file_name(scenario_id)
    if check_id(scenario_id) or not path.is_file():
        raise NotFoundError(say("there is no scenario %(name)s", name=repr(scenario_id)))
    return read_text(path, file_name(scenario_id), "W070", MAX_BYTES)


def require_scenario(workspace: Workspace, scenario_id: str, text: str) -> Scenario:
    """Return the scenario of a text; all its faults, and all edits that cannot be applied, are raised."""
    scenario = parse_scenario(text, scenario_id)
    if problems := check_scenario(workspace.region(), (), scenario):
        raise InputError(problems)
    return scenario


def save_scenario(workspace: Workspace, person: Person | None, scenario: Scenario, *, is_new: bool = False) -> None:
    """Write a scenario into its file; ``is_new``: there must be none of its name yet."""
    save_scenario_text(workspace, person, scenario.id, write_scenario(scenario), before="" if is_new else None)


def save_scenario_text(
    workspace: Workspace, person: Person | None, scenario_id: str, text: str, before: str | None = None
) -> None:
    """Write the text of a scenario into its file as it is, comments included.

    ``before`` is the text that it takes the place of: "" where there must be no file yet, None where that is no matter.

    Raises
    ------
    InputError
        With every fault of the text; W077 where the name is taken; W078 where the file is another one by now.
    """
    authorize(person, Action.EDIT_SCENARIOS)
    text = "\n".join(text.splitlines()) + "\n"
    require_scenario(workspace, scenario_id, text)

    def change(now: str) -> str:
        if before == "" and now:
            raise InputError([Problem("W077", "scenario: id", say("found %(found)s; it is taken", found=scenario_id))])
        if before and before.splitlines() != now.splitlines():
            told = say("was changed since the form was opened; look at it as it is now")
            raise InputError([Problem("W078", file_name(scenario_id), told)])
        return text

    (workspace.folder / FOLDER).mkdir(exist_ok=True)
    rewrite(workspace, file_name(scenario_id), change, "W070")


def delete_scenario(workspace: Workspace, person: Person | None, scenario_id: str) -> None:
    """Take a scenario's file away; its plans stay."""
    authorize(person, Action.EDIT_SCENARIOS)
    read_scenario_text(workspace, scenario_id)
    (workspace.folder / file_name(scenario_id)).unlink(missing_ok=True)


def find_base(workspace: Workspace, inputs: RegionInputs, book: Book) -> Plan | None:
    """Return the newest plan of an order book whose inputs and settings are as they are now; None: there is none.

    Plans with other weights, or with a limit as those of a front, are none of the region as it is.
    """
    for summary in real_plans(workspace.plans()):
        if summary.book == book.name:
            plan = workspace.plan(summary.id).plan
            same = settings_of(plan.settings) == inputs.region.settings and not plan.limits
            if same and not any(changed_inputs(plan, inputs, book)):
                return plan
    return None


def run_scenario(
    workspace: Workspace,
    scenario_id: str,
    orders: Path,
    settings: SolveSettings,
    watch: Watch,
    base: Plan | None = None,
) -> Supposed:
    """Plan a scenario from the plan of the region as it is; where there is none, that is planned first, and stored.

    Raises
    ------
    InputError
        With every fault of region, order book and scenario; P097 where the base is no plan of the region as it is.
    """
    inputs, book = workspace.read(orders, {})
    edited, changed = workspace.read(orders, {}, scenario_id)
    if base is not None:
        _require_base(base, inputs.region)
    base = base or find_base(workspace, inputs, book)
    is_new = base is None
    if base is None:
        first = plan_book(inputs, book, settings, watch)
        workspace.save(first, inputs.region)
        base = first.plan
        watch = replace(watch, started=watch.started + watch.seconds())
    return Supposed(base, plan_book(edited, changed, settings, watch, base=base), is_new)


def _require_base(base: Plan, region: Region) -> None:
    start = region.settings.start_date.isoformat()
    wrong = [
        (field, str(found), rule)
        for field, found, rule, is_right in (
            ("region", base.region, say("must be %(id)s", id=region.id), base.region == region.id),
            ("scenario", base.scenario, say("must be a plan of the region as it is"), not base.scenario),
            (
                "settings.start_date",
                base.settings.get("start_date"),
                say("must be %(id)s", id=start),
                base.settings.get("start_date") == start,
            ),
        )
        if not is_right
    ]
    if wrong:
        raise InputError(
            Problem("P097", f"plan: {field}", say("found %(found)s; %(rule)s", found=repr(found), rule=rule))
            for field, found, rule in wrong
        )


def newest_plan(workspace: Workspace, name: str) -> str:
    """Return the id of the plan that a name stands for: a plan's id or its beginning, or a scenario with a plan.

    Raises
    ------
    NotFoundError
        When it is none of them.
    """
    of_scenario = [plan.id for plan in workspace.plans() if plan.scenario == name]
    if of_scenario:
        return of_scenario[0]
    if any(listed.id == name for listed in list_scenarios(workspace)):
        raise NotFoundError(f"scenario {name!r} has no plan yet: cosmolocal scenario run {name}")
    return workspace.plan(name).plan.id


def plans_of_names(workspace: Workspace, names: Iterable[str]) -> tuple[str, ...]:
    """Return the plans that names stand for; where the first is of a scenario, its base comes before it."""
    plans = [newest_plan(workspace, name) for name in names]
    changes = workspace.plan(plans[0]).plan.changes if plans else None
    is_edited = bool(plans) and bool(workspace.plan(plans[0]).plan.scenario)
    first = (changes.previous,) if is_edited and changes is not None else ()
    return tuple(dict.fromkeys((*first, *plans)))
