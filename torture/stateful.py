"""A small region that hypothesis does anything with, beside a model of it that is nothing but dictionaries.

People publish versions of a design, withdraw them and take them down, add, change and remove orders, plan, make plans
count, and answer jobs; some of it is wrong, stale or not theirs to do. After each step the region must be as the model
says: for who has worked with it all along, and for who opens it now. Now and then it is moved to another folder, as
after a restored backup.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, ClassVar

import hypothesis
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cosmolocal.designs.bundles import create_root, list_designs, publish_bundle, read_history
from cosmolocal.errors import ForbiddenError, InputError, NotFoundError
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Answer, DeclineReason, JobStatus, Person, Role, Step
from cosmolocal.workflows import Workspace, plan_book
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.order_books import open_book
from cosmolocal.workflows.order_changes import add_order, change_order, remove_order
from cosmolocal.workflows.plan_publishing import find_publication, list_publications, publish_plan
from cosmolocal.workflows.stewarding import take_down_design, unyank_design, yank_design
from torture.lamp_region import ORDERS, write_lamp, write_region

#: most steps of a run; hypothesis ends some earlier, and more than 50 are left in the mean
STEPS = 60
PIECES = 4
NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)
LAMP = "us~lamp"
VERSIONS = ("1.0.0", "1.1.0", "1.2.0", "2.0.0")
#: minutes per unit: what makes the bytes of a version others
MINUTES = ("20", "30")
IDS = ("A", "B", "C")
QUANTITIES = ("1", "3", "8")
ADA = Person("ada", "Ada", frozenset({Role.ADMINISTRATOR, Role.MAKER}))
NOR = Person("nor", "Nor", frozenset({Role.WORKSHOP}), "north")
SUE = Person("sue", "Sue", frozenset({Role.WORKSHOP}), "south")
VISITOR = Person("vic", "Vic", frozenset())
#: what a job is after an answer, and from where it may be given; the program has a table of its own
MOVES = {
    Step.ACCEPT: ("accepted", {"offered", "declined"}),
    Step.DECLINE: ("declined", {"offered", "accepted"}),
    Step.START: ("started", {"accepted"}),
    Step.FINISH: ("done", {"started"}),
}


class Shop:
    """What people do in the region; a test puts a careless one in its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace(folder)
        self.bench = Bench(self.workspace, now=lambda: NOON)

    @property
    def root(self) -> Path:
        """Return the store of designs."""
        return self.folder / "designs"

    def publish(self, bundle: Path, by: Person) -> bool:
        """Publish a bundle as a version of the lamp; tell whether it is new."""
        return publish_bundle(self.root, LAMP, bundle, message="", created=NOON, by=by.name).is_new

    def yank(self, version: str) -> None:
        """Withdraw a version."""
        yank_design(self.folder, f"{LAMP}@{version}", "it breaks", "ada")

    def unyank(self, version: str) -> None:
        """Take back that a version was withdrawn."""
        unyank_design(self.folder, f"{LAMP}@{version}", "ada")

    def take_down(self, version: str) -> None:
        """Remove a version for good."""
        take_down_design(self.folder, f"{LAMP}@{version}", "not theirs", "ada")

    def add_order(self, person: Person, digest: str, cells: Mapping[str, str]) -> None:
        """Add an order."""
        add_order(self.workspace, person, "book", digest, cells)

    def change_order(self, person: Person, digest: str, key: str, cells: Mapping[str, str]) -> None:
        """Change an order."""
        change_order(self.workspace, person, "book", digest, key, cells)

    def remove_order(self, person: Person, digest: str, key: str) -> None:
        """Remove an order."""
        remove_order(self.workspace, person, "book", digest, key, "not needed")

    def plan(self) -> str:
        """Plan the book, keep the plan, and return its id."""
        inputs, book = self.workspace.read(self.folder / "orders/book.csv", {})
        planned = plan_book(inputs, book, SolveSettings(5.0), Watch())
        self.workspace.save(planned, inputs.region)
        return planned.plan.id

    def make_count(self, person: Person, plan: str, confirmed: tuple[str, ...]) -> None:
        """Make a plan the one that counts."""
        publish_plan(self.workspace, person, plan, confirmed, NOON)

    def answer(self, person: Person, job: str, answer: Answer, version: int) -> None:
        """Answer a job."""
        self.bench.answer(person, job, answer, version)


def look(shop: Shop) -> dict[str, Any]:
    """Return what a person can see of the region."""
    there = list_designs(shop.root)
    releases = read_history(shop.root, LAMP) if LAMP in there else ()
    book = open_book(shop.workspace, "book")
    published = find_publication(shop.workspace)
    return {
        "releases": {one.version: (bool(one.yanked), bool(one.taken_down)) for one in releases},
        "orders": {row.cells["id"]: (row.cells["quantity"], row.cells["version"]) for row in book.rows},
        "plans": {summary.id for summary in shop.workspace.plans()},
        "counts": published.plan if published else None,
        "publications": [one.plan for one in reversed(list_publications(shop.workspace))],
        "jobs": {status.job.id: _told(status) for status in shop.bench.statuses(current=False)},
    }


def _told(status: JobStatus) -> tuple[str, int]:
    return str(status.state), status.version


@dataclass(slots=True)
class Model:
    """The region, as dictionaries."""

    #: minutes, yanked, taken down, by version
    releases: dict[str, tuple[str, bool, bool]] = field(default_factory=dict)
    #: quantity, version and whether it was there from the beginning, by id, in the order of the book
    orders: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    #: the orders that each was made of, by id; what is said of designs later plays no part
    plans: dict[str, object] = field(default_factory=dict)
    publications: list[str] = field(default_factory=list)
    #: newest published plan that has it, what was said of it so far, how often; by id
    jobs: dict[str, tuple[str, str, int]] = field(default_factory=dict)

    @property
    def book(self) -> object:
        """Return what stands in the order book."""
        return tuple(self.orders.items())

    @property
    def counts(self) -> str | None:
        """Return the plan that counts."""
        return self.publications[-1] if self.publications else None

    def state(self, job: str) -> str:
        """Return how far a job has come."""
        plan, said, _ = self.jobs[job]
        return said if plan == self.counts or said == "done" else "withdrawn"

    def look(self) -> dict[str, Any]:
        """Return what a person can see."""
        return {
            "releases": {version: (yanked, gone) for version, (_, yanked, gone) in self.releases.items()},
            "orders": {key: order[:2] for key, order in self.orders.items()},
            "plans": set(self.plans),
            "counts": self.counts,
            "publications": self.publications,
            "jobs": {job: (self.state(job), number) for job, (_, _, number) in self.jobs.items()},
        }


def compare(place: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raise `AssertionError` where what is seen differs from the model."""
    for name, value in expected.items():
        if found[name] != value:
            raise AssertionError(f"{place}: {name}: found {found[name]}, the model has {value}")


def outcome_of(act: Callable[[], object]) -> str:
    """Do something, and return how it ended: "done", a refusal by its codes, "forbidden" or "not found"."""
    try:
        act()
    except InputError as error:
        return " ".join(sorted({problem.code for problem in error.problems}))
    except ForbiddenError:
        return "forbidden"
    except NotFoundError:
        return "not found"
    return "done"


def expect(found: str, *allowed: str) -> None:
    """Raise `AssertionError` where something ended otherwise than the model says."""
    if found not in allowed:
        raise AssertionError(f"ended with {found!r}, the model says {' or '.join(allowed)}")


class RegionMachine(RuleBasedStateMachine):
    """What may happen, in any order; the region and the model of it side by side."""

    make_shop: Callable[[Path], Shop] = Shop
    #: how often each thing was done, and how it ended
    tally: ClassVar[Counter[tuple[str, str]]] = Counter()

    @initialize(counts=st.booleans())
    def begin(self, counts: bool) -> None:
        """Start with an order and a version, or even with a plan that counts."""
        memory = Path("/dev/shm")
        self.place = TemporaryDirectory(prefix="torture-", dir=str(memory) if memory.is_dir() else gettempdir())
        self.number = 0
        folder = Path(self.place.name) / "region"
        write_region(folder)
        create_root(folder / "designs")
        head = ORDERS.splitlines()[0]
        (folder / "orders/book.csv").write_text(f"{head}\nA,us~lamp,*,3,home,2026-09-18,,normal,no,1,\n")
        self.shop = type(self).make_shop(folder)
        self.model = Model(orders={"A": ("3", "*", True)})
        self.publish("1.0.0", "20", ADA)
        if counts:
            self.plan()
            self.try_to_make_count(next(iter(self.model.plans)), ADA, confirmed=False)

    def teardown(self) -> None:
        """Remove the region."""
        if hasattr(self, "place"):
            self.place.cleanup()

    def done(self, what: str, found: str, *allowed: str) -> bool:
        """Compare how something ended with what the model says; tell whether it was done."""
        self.tally[what, found] += 1
        expect(found, *allowed)
        return found == "done"

    @rule(version=st.sampled_from(VERSIONS), minutes=st.sampled_from(MINUTES), person=st.sampled_from((ADA, ADA, NOR)))
    def publish(self, version: str, minutes: str, person: Person) -> None:
        """Publish a version, new or not, the same bytes or others."""
        bundle = Path(self.place.name) / f"bundle-{version}-{minutes}"
        if not bundle.exists():
            write_lamp(bundle, version, minutes)
        known = self.model.releases.get(version)
        news: list[bool] = []
        found = outcome_of(lambda: news.append(self.shop.publish(bundle, person)))
        if known is not None and not known[2] and known[0] == minutes:
            self.done("publish again", found, "done")
            expect(str(news), "[False]")
            return
        codes = ["D060"] if person is not ADA and self.model.releases else []
        codes += [] if known is None else ["D065" if known[2] else "D004"]
        if self.done("publish", found, " ".join(sorted(codes)) or "done"):
            expect(str(news), "[True]")
            self.model.releases[version] = (minutes, False, False)

    @rule(version=st.sampled_from(VERSIONS), back=st.booleans())
    def yank(self, version: str, back: bool) -> None:
        """Withdraw a version, or take that back."""
        known = self.model.releases.get(version)
        found = outcome_of(lambda: (self.shop.unyank if back else self.shop.yank)(version))
        if known is None or known[2]:
            self.done("yank", found, "not found")
        elif self.done("yank", found, "done" if known[1] is back else "D064"):
            self.model.releases[version] = (known[0], not back, False)

    @precondition(lambda self: len(self.model.releases) > 2)
    @rule(version=st.sampled_from(VERSIONS[2:]))
    def take_down(self, version: str) -> None:
        """Remove a version for good."""
        known = self.model.releases.get(version)
        found = outcome_of(lambda: self.shop.take_down(version))
        expected = "not found" if known is None else "D064" if known[2] else "done"
        if self.done("take down", found, expected) and known:
            self.model.releases[version] = (known[0], known[1], True)

    @rule(
        key=st.sampled_from(IDS),
        quantity=st.sampled_from((*QUANTITIES, "0", "many")),
        version=st.sampled_from(("*", "^1.0")),
        stale=st.booleans(),
        person=st.sampled_from((ADA, ADA, ADA, VISITOR)),
    )
    def order(self, key: str, quantity: str, version: str, stale: bool, person: Person) -> None:
        """Add an order, or change the one that is there; some of it wrong, stale or forbidden."""
        digest = "sha256:" + "0" * 64 if stale and quantity == "8" else open_book(self.shop.workspace, "book").digest
        cells = {"quantity": quantity, "version": version}
        new = {"id": key, "design": LAMP, "place": "home", "due_date": "2026-09-25", **cells}
        if key in self.model.orders:
            found = outcome_of(lambda: self.shop.change_order(person, digest, key, cells))
        else:
            found = outcome_of(lambda: self.shop.add_order(person, digest, new))
        if person is VISITOR:
            expected = "forbidden"
        elif digest.endswith("0" * 64):
            expected = "O033"
        else:
            expected = "done" if quantity in QUANTITIES else "O002"
        if self.done("order", found, expected):
            self.model.orders[key] = (quantity, version, self.model.orders.get(key, ("", "", False))[2])

    @rule(key=st.sampled_from(IDS))
    def withdraw(self, key: str) -> None:
        """Remove an order."""
        found = outcome_of(lambda: self.shop.remove_order(ADA, "", key))
        if self.done("remove an order", found, "done" if key in self.model.orders else "not found"):
            del self.model.orders[key]

    @rule()
    def plan(self) -> None:
        """Plan what is there; without an order a plan of nothing."""
        made: list[str] = []
        found = outcome_of(lambda: made.append(self.shop.plan()))
        if self.done("plan", found, "done"):
            self.model.plans[made[0]] = self.model.book

    @precondition(lambda self: self.model.plans)
    @rule(data=st.data(), confirmed=st.booleans(), person=st.sampled_from((ADA, ADA, NOR)))
    def make_count(self, data: st.DataObject, confirmed: bool, person: Person) -> None:
        """Make a plan count: the newest or an older one, whose inputs may have changed."""
        self.try_to_make_count(data.draw(st.sampled_from(sorted(self.model.plans))), person, confirmed=confirmed)

    def try_to_make_count(self, plan: str, person: Person, *, confirmed: bool) -> None:
        """Make a plan count, and compare with what the model says of its inputs."""
        view = self.shop.workspace.plan(plan)
        names = tuple(view.plan.digests) if confirmed else ()
        found = outcome_of(lambda: self.shop.make_count(person, plan, names))
        used = {task.design for allocation in view.plan.allocations for task in allocation.tasks}
        gone = {f"{LAMP}@{version}" for version, (_, _, down) in self.model.releases.items() if down}
        codes = set()
        if self.model.plans[plan] != self.model.book and not confirmed:
            codes.add("J001")
        if used & gone:
            codes.add("J002")
        expected = "forbidden" if person is NOR else " ".join(sorted(codes)) or "done"
        if self.done("make a plan count", found, expected) and plan != self.model.counts:
            self.model.publications.append(plan)
            for status in self.shop.bench.statuses():
                before = self.model.jobs.get(status.job.id, ("", "offered", 0))
                self.model.jobs[status.job.id] = (plan, *before[1:])

    @precondition(lambda self: self.model.jobs)
    @rule(
        data=st.data(),
        step=st.sampled_from(sorted(MOVES)),
        stale=st.sampled_from((False, False, False, True)),
        person=st.sampled_from((ADA, NOR, SUE, VISITOR)),
    )
    def answer(self, data: st.DataObject, step: Step, stale: bool, person: Person) -> None:
        """Answer a job: one's own or somebody else's, one that was answered meanwhile, one that does not count."""
        job = data.draw(st.sampled_from(sorted(self.model.jobs)))
        plan, _, number = self.model.jobs[job]
        workshop = self.shop.bench.job(ADA, job).job.workshop
        answer = Answer(step, DeclineReason.NO_TIME if step is Step.DECLINE else None)
        found = outcome_of(lambda: self.shop.answer(person, job, answer, number + 5 if stale else number))
        after, before = MOVES[step]
        if person is VISITOR or (person is not ADA and person.workshop != workshop):
            expected = "forbidden"
        elif stale:
            expected = "J003"
        else:
            expected = "done" if self.model.state(job) in before else "J010"
        if self.done("answer a job", found, expected):
            self.model.jobs[job] = (plan, after, number + 1)

    @rule(moved=st.sampled_from((False, False, True)))
    def look_anew(self, moved: bool) -> None:
        """Look at it as who opens it now does; if moved, copy it elsewhere, as after a backup, and go on there."""
        folder = self.shop.folder
        if moved:
            self.number += 1
            folder = Path(self.place.name) / f"region-{self.number}"
            shutil.copytree(self.shop.folder, folder)
            shutil.rmtree(self.shop.folder)
        self.shop = type(self).make_shop(folder)
        compare("who opens it now", look(self.shop), self.model.look())
        self.tally["move" if moved else "open anew", "done"] += 1

    @invariant()
    def is_as_the_model_says(self) -> None:
        """Compare the region as who works with it sees it with the model."""
        if hasattr(self, "model"):
            compare("who works with it", look(self.shop), self.model.look())


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of many runs."""

    #: how often by what was done and how it ended
    tally: Counter[tuple[str, str]]
    wrong: tuple[str, ...]

    @property
    def steps(self) -> int:
        """Return how many steps were made."""
        return sum(self.tally.values())


def run_machine(
    runs: int, seed: int, make_shop: Callable[[Path], Shop] = Shop, *, steps: int = STEPS, shorten: bool = True
) -> Ran:
    """Run so many sequences of steps; the first difference is made short and told, and ends it."""
    tally: Counter[tuple[str, str]] = Counter()

    @hypothesis.seed(seed)
    class Machine(RegionMachine):
        pass

    Machine.tally, Machine.make_shop = tally, staticmethod(make_shop)
    settings = hypothesis.settings(
        max_examples=runs,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if shorten else ())],
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        print_blob=False,
    )
    told: list[str] = []
    try:
        with hypothesis.reporting.with_reporter(lambda text: told.append(str(text))):
            run_state_machine_as_test(Machine, settings=settings)
    except Exception as error:  # whatever a step raises is a difference
        notes = "\n".join((*getattr(error, "__notes__", ()), *told))
        return Ran(tally, (f"{type(error).__name__}: {error}\n{notes}",))
    return Ran(tally, ())


def run_pieces(runs: int) -> Ran:
    """Run the sequences in as many processes as there are cores, in pieces that are the same on every machine."""
    shares = [runs // PIECES + (number < runs % PIECES) for number in range(PIECES)]
    pieces = [(count, number) for number, count in enumerate(shares) if count]
    with ProcessPoolExecutor(mp_context=get_context("fork"), max_tasks_per_child=None) as pool:
        ran = [future.result() for future in [pool.submit(run_machine, *piece) for piece in pieces]]
    tally: Counter[tuple[str, str]] = Counter()
    for each in ran:
        tally.update(each.tally)
    return Ran(tally, tuple(wrong for each in ran for wrong in each.wrong))
