"""A region folder with its stored plans: what the pages and the commands look things up in."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from cosmolocal.collecting import paused_collector
from cosmolocal.database import (
    find_state,
    list_plans,
    load_orders,
    load_plan,
    load_plan_inputs,
    load_runs,
    open_database,
    save_region,
    writing,
)
from cosmolocal.database import save_plan as save_to_database
from cosmolocal.database.library import Database
from cosmolocal.designs.bundles import open_file, read_bundle
from cosmolocal.errors import InputError, NotFoundError, Problem, UnreadableError, say
from cosmolocal.exports.area_tables import AREA_COLUMNS, area_rows, build_area_geojson
from cosmolocal.exports.geo import build_geojson
from cosmolocal.exports.map_layers import build_layers
from cosmolocal.exports.measures import measure_areas, measure_districts
from cosmolocal.exports.parquet import build_parquet
from cosmolocal.exports.plan_file import plan_from_bytes, plan_to_bytes
from cosmolocal.exports.report import ReportParts, build_report, euros, gap_percent
from cosmolocal.exports.svg_map import draw_map
from cosmolocal.exports.tables import build_allocations_csv, build_csv, build_trips_csv, build_unmet_csv
from cosmolocal.planning.audit import AuditReport
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.metrics import GroupLoad, Kpis, load_by_group_week, measure_plan
from cosmolocal.records import BundleFile, Order, Plan, PlanInputs, PlanSummary, Region, RunInfo, Settings
from cosmolocal.region import apply_settings
from cosmolocal.workflows.area_shapes import AreaFiles, find_area_states, recall_areas, recall_districts
from cosmolocal.workflows.explaining import plan_words, sentences
from cosmolocal.workflows.inputs import (
    Book,
    FileState,
    RegionInputs,
    check_book,
    collect,
    edit_inputs,
    file_state,
    find_beside_states,
    find_file_states,
    find_scenario_states,
    find_states_of,
    read_book,
    read_region,
    settings_of,
)
from cosmolocal.workflows.planning import Planned, audit_files, find_book, find_designs
from cosmolocal.workflows.remembering import Memory, Same

T = TypeVar("T")

DATABASE = Path("build/cosmolocal.db")

#: a plan, its orders, and the designs that they speak of
Stored = tuple[Plan, tuple[Order, ...], frozenset[str]]

#: lots of the stored plans that are kept in memory: about 5 kB each
LOTS = 40_000


#: (what is counted, how it is written)
AREA_FORMATS = tuple((kind, form) for kind in ("neighbourhoods", "districts") for form in ("csv", "geojson"))
#: csv: made here; unmet-csv: imported; trips-csv: shared
PLAN_FORMATS = (
    *("csv", "unmet-csv", "trips-csv", "json", "geojson", "html", "parquet"),
    *(f"{kind}-{form}" for kind, form in AREA_FORMATS),
)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class PlanView:
    """A plan with all that pages and exports show beside it; equal only to itself."""

    plan: Plan
    orders: tuple[Order, ...]
    kpis: Kpis
    loads: tuple[GroupLoad, ...]
    #: the newest that came to it
    run: RunInfo


class Workspace:
    """A region folder and the database in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def database_path(self) -> Path:
        """Return where plans are stored."""
        return self.folder / DATABASE

    def inputs(self) -> RegionInputs:
        """Return the region as its files are now; read again only when one of them changed."""
        states = find_file_states(self.folder)
        return _INPUTS.recall((self.folder, states), lambda: self._read_region(states[0]))

    def _read_region(self, own_state: FileState) -> RegionInputs:
        inputs = read_region(self.folder)
        _AREA_FILES.keep(own_state, (inputs.region.areas, inputs.region.district_areas))
        return inputs

    def book(self, path: Path) -> Book:
        """Return an order book as its file is now; read again only when it or the region changed."""
        region = self.region()
        key = (self.folder, file_state(str(path)), Same(region))
        return _BOOKS.recall(key, lambda: read_book(self.folder, path, region), family=(self.folder, path))

    def region_of(self, plan: Plan) -> Region:
        """Return the region that a plan is of: as its scenario edits it, unless that is gone or cannot be applied."""
        region = self.region()
        if not plan.scenario:
            return region
        key = (Same(region), plan.scenario, find_scenario_states(self.folder))
        return _EDITED.recall(key, lambda: self._edit(plan.scenario))

    def _edit(self, scenario: str) -> Region:
        try:
            return edit_inputs(self.folder, self.inputs(), (), scenario)[0].region
        except UnreadableError:
            raise
        except (InputError, NotFoundError):
            return self.region()

    def inputs_of(self, plan: Plan, book: Book | None = None) -> tuple[RegionInputs, Book | None]:
        """Return region and order book as the scenario of a plan edits them; without one as they are."""
        inputs = self.inputs()
        if not plan.scenario:
            return inputs, book
        edited, orders = edit_inputs(self.folder, inputs, book.orders if book else (), plan.scenario)
        return edited, replace(book, orders=orders) if book else None

    def ground(self) -> Ground:
        """Return the region made ready for planning; made anew only when one of its files changed."""
        region = self.region()
        return _GROUNDS.recall(Same(region), lambda: Ground(region))

    def region(self) -> Region:
        """Return the region; faults in its files raise `InputError`."""
        return self.inputs().region

    def state(self, plan_id: str | None = None, *, of_its_designs: bool = False) -> Hashable:
        """Return what changes whenever the region and its plans, or the plan that is named, would be shown otherwise.

        ``of_its_designs``: where no designs are shown but those that the plan speaks of.

        Raises
        ------
        NotFoundError
            When there is no such plan.
        """
        plans = self.plans()
        shown = plans if plan_id is None else find_summary(plans, plan_id)
        states = self._states_of(*self._stored(shown.id)) if isinstance(shown, PlanSummary) and of_its_designs else ()
        states = states or find_file_states(self.folder)
        files = _AREA_FILES.find(states[0])
        return states, find_beside_states(self.folder), files and find_area_states(files, self.folder), shown

    def _states_of(self, plan: Plan, _: tuple[Order, ...], designs: frozenset[str]) -> tuple[FileState, ...]:
        """Return the states of what a plan is shown with; none where a scenario may speak of any design."""
        return () if plan.scenario else find_states_of(self.folder, designs)

    def database_state(self) -> Hashable:
        """Return what changes whenever something is written into the database."""
        return find_state(self.database_path)

    def plans(self) -> tuple[PlanSummary, ...]:
        """Return the stored plans of the region, newest first; asked for again only when the database changed."""
        state = find_state(self.database_path)
        return _PLANS.recall((self.database_path, state), lambda: self._ask(list_plans)) if any(state) else ()

    def _ask(self, question: Callable[[Database], T]) -> T:
        db = open_database(self.database_path)
        try:
            return question(db)
        finally:
            db.close()

    def plan_inputs(self) -> dict[str, PlanInputs]:
        """Return what each stored plan was made from, by its id; asked for again only when the database changed."""
        state = find_state(self.database_path)
        if not any(state):
            return {}
        return _PLAN_INPUTS.recall((self.database_path, state), lambda: self._ask(load_plan_inputs))

    def plan(self, plan_id: str) -> PlanView:
        """Return a stored plan by its id or the beginning of it.

        A plan never changes: it is loaded once, and measured again only when a file of the region changed.

        Raises
        ------
        NotFoundError
            When there is none, or more than one.
        """
        key = (self.database_path, find_summary(self.plans(), plan_id).id)
        plan, orders, designs = self._stored(key[1])
        run = _RUNS.recall(
            (*key, find_state(self.database_path)), lambda: self._ask(lambda db: load_runs(db, key[1])[-1])
        )
        states = self._states_of(plan, orders, designs)  # asked before the region, which may change meanwhile
        region = self.region_of(plan)
        view_key = (Same(plan), states or Same(region), run)
        return _VIEWS.recall(view_key, lambda: view_plan(plan, region, orders, run), family=Same(plan))

    def _stored(self, plan_id: str) -> Stored:
        return _STORED.recall((self.database_path, plan_id), lambda: self._read_plan(plan_id))

    def _read_plan(self, plan_id: str) -> Stored:
        with paused_collector():
            plan, orders = self._ask(lambda db: (load_plan(db, plan_id), load_orders(db, plan_id)))
        return plan, orders, find_designs(plan, orders)

    def save(self, planned: Planned, region: Region) -> None:
        """Store a plan with its region and its run."""
        db = open_database(self.database_path)
        try:
            with writing(db):
                save_region(db, region)
                save_to_database(db, planned.plan, planned.orders, planned.run)
        finally:
            db.close()

    def export(self, plan_id: str, form: str) -> bytes:
        """Return a stored plan in one of the formats of `export_view`."""
        view = self.plan(plan_id)
        return export_view(view, self.region_of(view.plan), self.folder, form)

    def read(self, orders: Path, overrides: Mapping[str, str], scenario: str = "") -> tuple[RegionInputs, Book]:
        """Return the region and an order book as a scenario edits them, if one is named, then some settings overridden.

        All faults of all of them are raised.
        """
        problems: list[Problem] = []
        inputs = collect(problems, self.inputs)
        if inputs is None:
            # without the region's own settings the overrides are still checked, one by one
            collect(problems, lambda: apply_settings(Settings(date(2026, 9, 7), 1), overrides))
            raise InputError([*problems, *check_book(self.folder, orders)])
        book = collect(problems, lambda: read_book(self.folder, orders, inputs.region))
        edited = inputs, book.orders if book else ()
        if scenario:
            edited = collect(problems, lambda: edit_inputs(self.folder, *edited, scenario)) or edited
        changed = collect(problems, lambda: edited[0].with_settings(overrides))
        if problems or changed is None or book is None:
            raise InputError(problems)
        return changed, replace(book, orders=edited[1])

    def load(self, name: str) -> Plan:
        """Return a plan by its file, or by its id in the database."""
        path = Path(name)
        return plan_from_bytes(path.read_bytes(), path.name) if path.is_file() else self.plan(name).plan

    def audit(self, name: str, orders: Path | None = None) -> AuditReport:
        """Return the audit of a plan (file or id) against the files as they are now."""
        plan = self.load(name)
        book = read_book(self.folder, orders or find_book(plan, self.folder), self.region())
        inputs, edited = self.inputs_of(plan, book)
        return audit_files(plan, inputs, edited or book)

    def find_plan(self, name: str) -> PlanView:
        """Return a plan by its file or by its id in the database; a file's orders come from its order book."""
        if not Path(name).is_file():
            return self.plan(name)
        plan = self.load(name)
        book = read_book(self.folder, find_book(plan, self.folder), self.region())
        inputs, edited = self.inputs_of(plan, book)
        return view_plan(plan, inputs.region, (edited or book).orders, RunInfo("", 0.0))

    def design_file(self, design_id: str, version: str, path: str) -> Path:
        """Return where a file of a published bundle lies."""
        return open_file(self.folder / "designs", design_id, version, path)

    def bundle_files(self, design_id: str, version: str) -> tuple[BundleFile, ...]:
        """Return the files of a published bundle by path."""
        return read_bundle(self.folder / "designs", design_id, version)


def view_plan(plan: Plan, region: Region, orders: tuple[Order, ...], run: RunInfo) -> PlanView:
    """Return a plan with its figures, measured with the settings it was made with."""
    region = replace(region, settings=settings_of(plan.settings))
    orders = tuple(order.without_contact() for order in orders)
    return PlanView(plan, orders, measure_plan(plan, region, orders), load_by_group_week(plan, region), run)


def export_view(view: PlanView, region: Region, folder: Path, form: str) -> bytes:
    """Return a plan, or a part or the areas of it, in one of ``PLAN_FORMATS``."""
    makers: dict[str, Callable[[], bytes]] = {
        "csv": lambda: build_allocations_csv(view.plan, view.orders).encode(),
        "unmet-csv": lambda: build_unmet_csv(view.plan, view.orders).encode(),
        "trips-csv": lambda: build_trips_csv(view.plan).encode(),
        "json": lambda: plan_to_bytes(view.plan),
        "geojson": lambda: build_geojson(view.plan, view.orders, region).encode(),
        "html": lambda: _report(view, region, folder).encode(),
        "parquet": lambda: build_parquet(view.plan, view.orders),
    } | {f"{kind}-{made}": partial(_areas, view, region, folder, (kind, made)) for kind, made in AREA_FORMATS}
    if form not in makers:
        raise NotFoundError(f"there is no export {form!r}; there are {', '.join(makers)}")
    return makers[form]()


def _report(view: PlanView, region: Region, folder: Path) -> str:
    layers = build_layers(region, recall_areas(region, folder), view.orders, view.plan.allocations, view.plan.unmet)
    drawing = draw_map(layers, f"Map of plan {view.plan.id}", "Who makes what for which neighbourhood.", str)
    parts = ReportParts(describe_figures(view), *sentences(plan_words(view.plan, region)), drawing)
    return build_report(view.plan, view.orders, region, parts)


def _areas(view: PlanView, region: Region, folder: Path, kind_and_form: tuple[str, str]) -> bytes:
    """Return what became of what each neighbourhood or district asked for."""
    kind, form = kind_and_form
    figures = measure_areas(region, view.orders, view.plan.allocations, view.plan.unmet)
    shapes = recall_areas(region, folder)
    if kind == "districts":
        figures = measure_districts(region, figures)
        shapes = {one.id: one.polygons for one in recall_districts(region, folder)}
    rows = area_rows(figures, view.plan.id)
    return (build_csv(AREA_COLUMNS, rows) if form == "csv" else build_area_geojson(rows, shapes)).encode()


def describe_figures(view: PlanView) -> dict[str, str]:
    """Return the key figures of a plan as text, by their label."""
    kpis, share = view.kpis, view.kpis.local_share
    return {
        "Orders made here": f"{kpis.orders_served} of {kpis.orders}, {kpis.orders_partly} more in part",
        "Lots made here": f"{kpis.lots_served} of {kpis.lots}",
        "Local share": " · ".join(
            f"{_percent(part)} of {name}"
            for name, part in (("units", share.units), ("mass", share.mass), ("value", share.value))
        ),
        "Orders late": str(kpis.orders_late),
        "Cost": euros(kpis.cost_cents),
        "Money": euros(kpis.money_cents),
        "No plan can cost less than": f"{euros(view.plan.bound_cents)} (gap {gap_percent(view.plan.gap)})",
        "Distance": f"{kpis.distance_km:,.0f} km",
        "CO2e": f"{kpis.co2e_local_kg:,.0f} kg here, {kpis.co2e_imported_kg:,.0f} kg imported",
        "Machines busy": _percent(kpis.utilisation),
    }


def _percent(per_mille: int | None) -> str:
    return "–" if per_mille is None else f"{per_mille / 10:.1f} %"


def find_summary(plans: tuple[PlanSummary, ...], plan_id: str) -> PlanSummary:
    """Return the one plan whose id begins so.

    Raises
    ------
    NotFoundError
        When there is none, or more than one.
    """
    found = [plan for plan in plans if plan_id and plan.id.startswith(plan_id)]
    if len(found) > 1:
        found = [plan for plan in found if plan.id == plan_id] or found
    if not found:
        raise NotFoundError(say("there is no plan %(name)s", name=repr(plan_id)))
    if len(found) > 1:
        raise NotFoundError(f"{plan_id!r} begins several plans: {', '.join(sorted(plan.id for plan in found))}")
    return found[0]


def real_plans(plans: Iterable[PlanSummary]) -> tuple[PlanSummary, ...]:
    """Return the plans of the region as it is, those of scenarios left out, in their order."""
    return tuple(plan for plan in plans if not plan.scenario)


def count_lots(view: PlanView) -> int:
    """Return the lots of a plan, and one for itself: what it weighs in memory."""
    return _weigh(view.plan)


def _weigh(plan: Plan) -> int:
    return 1 + len(plan.allocations) + len(plan.unmet)


_INPUTS = Memory[RegionInputs](4)
_BOOKS = Memory[Book](4 * LOTS, lambda book: 1 + len(book.orders))
_GROUNDS = Memory[Ground](2)
_EDITED = Memory[Region](16)
_PLANS = Memory[tuple[PlanSummary, ...]](8)
_PLAN_INPUTS = Memory[dict[str, PlanInputs]](4)
#: of regions, by the state of their own file
_AREA_FILES = Memory[AreaFiles](8)
_STORED = Memory[Stored](LOTS, lambda stored: _weigh(stored[0]))
_RUNS = Memory[RunInfo](64)
_VIEWS = Memory[PlanView](LOTS, count_lots)
