"""Planning in the background: one run at a time, in a thread of this program; solving does not hold up the pages.

What is asked for, how far it is and what came of it stand in the database, so that every page and every program that
serves the region sees the same.
"""

import atexit
import logging
import queue
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from cosmolocal.cores import use_all_cores
from cosmolocal.database import open_database
from cosmolocal.database import planning_runs as rows
from cosmolocal.database.library import Database
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.planning.fronts import FrontSettings
from cosmolocal.planning.solvers.solution import Progress, SolveSettings, Watch
from cosmolocal.records import Aim, Person, PlanningRun, RunRequest, RunState
from cosmolocal.workflows.fronts import make_front, save_offer
from cosmolocal.workflows.gaps import answer
from cosmolocal.workflows.outliving import outliving, store_interrupted
from cosmolocal.workflows.planning import Planned, plan_book
from cosmolocal.workflows.replanning import Request, read_replanning
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.roads import answer_road
from cosmolocal.workflows.scenarios import run_scenario
from cosmolocal.workflows.sessions import utc_now
from cosmolocal.workflows.siting import answer_siting
from cosmolocal.workflows.workspace import DATABASE, Workspace

CODES = {
    "P120": "too many runs wait already",
    "P121": "a run ended by a fault of this program; the log has the rest",
}

#: runs that may wait or run at once
MOST_OPEN = 20
#: [s] between two signs of life
BEAT_SECONDS = 1.0
#: a program that gave no sign of life for so long has ended
LOST_AFTER = timedelta(seconds=20)
#: [s] that a run is given to keep its best plan when the program ends
CLOSING_SECONDS = 15.0
#: how many runs a list shows
MOST_LISTED = 100

Solve = Callable[[Workspace, RunRequest, Watch], Planned | None]
log = logging.getLogger(__name__)


def solve_request(workspace: Workspace, request: RunRequest, watch: Watch) -> Planned | None:
    """Return the plan that was asked for, from scratch or from the plan before; it is stored.

    None: something else was asked, beside a plan or of the road, and its answer is kept.
    """
    if request.is_beside or request.front or request.scenario or request.road:
        watch.on_plan = None  # what is asked for is not the first plan that is found
    if request.road:
        answer_road(workspace, request, watch)
        return None
    if request.siting:
        answer_siting(workspace, request, watch)
        return None
    if request.is_beside:
        answer(workspace, request, watch)
        return None
    path = workspace.folder / request.book
    if request.front:
        return solve_front(workspace, request, watch)
    if request.scenario:
        return _solve_scenario(workspace, request, watch)
    if request.previous:
        follow = Request(request.previous, None, request.most_moves, request.move_cents, heed=True)
        inputs, book, previous = read_replanning(workspace, path, request.overrides, follow)
    else:
        (inputs, book), previous = workspace.read(path, request.overrides), None
    settings = SolveSettings(request.seconds, request.gap, request.seed, request.solver)
    planned = plan_book(inputs, book, settings, watch, previous)
    workspace.save(planned, inputs.region)
    return planned


def solve_front(workspace: Workspace, request: RunRequest, watch: Watch) -> Planned:
    """Return the cheapest plan of the front that was asked for; all its plans are stored."""
    inputs, book = workspace.read(workspace.folder / request.book, request.overrides)
    solving = SolveSettings(request.seconds, request.gap, request.seed, request.solver)
    offer = make_front(inputs, book, FrontSettings(Aim(request.front), request.points, solving), watch)
    save_offer(workspace, offer, inputs)
    return offer.planned[0]


def _solve_scenario(workspace: Workspace, request: RunRequest, watch: Watch) -> Planned:
    """Return the plan of a scenario, stored; the plan of the region as it is too, if that had to be made first."""
    base = workspace.plan(request.previous).plan if request.previous else None
    settings = SolveSettings(request.seconds, request.gap, request.seed, request.solver)
    path = workspace.folder / request.book
    supposed = run_scenario(workspace, request.scenario, path, settings, watch, base)
    workspace.save(supposed.planned, workspace.region())
    return supposed.planned


class Runner:
    """Runs what is asked for, one after the other."""

    def __init__(
        self, workspace: Workspace, solve: Solve = solve_request, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.workspace, self._solve, self._now = workspace, solve, now
        self.boot = secrets.token_hex(8)
        self._waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        #: the run in hand, and what stops it
        self._current: tuple[int, Watch] | None = None
        self._lock = threading.Lock()
        self._closing = False

    def ask(self, by: Person | None, request: RunRequest) -> int:
        """Queue a run and return its id.

        Raises
        ------
        InputError
            When too many wait already.
        """
        authorize(by, Action.PLAN)
        with self._lock:
            with self._opened() as db:
                if rows.count_open(db) >= MOST_OPEN:
                    found = say(
                        "%(most_open)s runs wait or run; wait for one to end, or cancel one", most_open=MOST_OPEN
                    )
                    raise InputError([Problem("P120", "runs", found)])
                run_id = rows.add_run(db, request, by.name if by else "", self._stamp(), self.boot)
            self._waiting.put(run_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="planning", daemon=True)
                self._thread.start()
                atexit.register(self.close)
        return run_id

    def cancel(self, by: Person | None, run_id: int) -> None:
        """Let a run end; the best plan so far is kept. One that has ended stays as it is."""
        authorize(by, Action.PLAN)
        with self._opened() as db:
            if not rows.cancel_run(db, run_id, self._stamp()):
                self._require(db, run_id)
        current = self._current
        if current is not None and current[0] == run_id:
            current[1].stop.set()

    def find(self, run_id: int) -> PlanningRun:
        """Return a run with its progress."""
        with self._opened() as db:
            self._mark_lost(db)
            return self._require(db, run_id)

    def list_newest(self) -> tuple[PlanningRun, ...]:
        """Return the newest runs, newest first."""
        if not (self.workspace.folder / DATABASE).exists():
            return ()
        with self._opened() as db:
            self._mark_lost(db)
            return rows.list_runs(db, MOST_LISTED)

    def close(self) -> None:
        """End: what waits is cancelled, and the run in hand keeps its best plan if it can do so soon."""
        thread, self._closing = self._thread, True
        if thread is None:
            return
        current = self._current
        if current is not None:
            current[1].stop.set()
        self._waiting.put(None)
        thread.join(CLOSING_SECONDS)
        self._thread = None
        atexit.unregister(self.close)

    def _require(self, db: Database, run_id: int) -> PlanningRun:
        run = rows.find_run(db, run_id)
        if run is None:
            raise NotFoundError(say("there is no run %(name)s", name=run_id))
        return run

    def _mark_lost(self, db: Database) -> None:
        store_interrupted(self.workspace, self._stamp())
        rows.mark_lost(db, self.boot, self._stamp(), self._stamp(-LOST_AFTER))

    def _stamp(self, later: timedelta = timedelta()) -> str:
        return (self._now() + later).strftime("%Y-%m-%dT%H:%M:%SZ")

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        db = open_database(self.workspace.folder / DATABASE)
        try:
            yield db
        finally:
            db.close()

    def _work(self) -> None:
        """Take one run after the other until told to end."""
        use_all_cores()
        while (run_id := self._waiting.get()) is not None:
            try:
                self._run(run_id)
            except Exception:  # a run that cannot even be noted must not end all that follow
                log.exception("run %s cannot be noted", run_id)

    def _run(self, run_id: int) -> None:
        watch = Watch()
        with self._opened() as db:
            if self._closing:
                rows.cancel_run(db, run_id, self._stamp())
            if not rows.start_run(db, run_id, self._stamp()):
                return
            request = self._require(db, run_id).request
        self._current = (run_id, watch)
        if self._closing:
            watch.stop.set()
        with _Beat(self, run_id, watch), outliving(self.workspace, watch, run_id):
            state, plan, problems = self._try(request, watch)
        self._current = None
        with self._opened() as db:
            rows.finish_run(db, run_id, state, self._stamp(), plan, problems)

    def _try(self, request: RunRequest, watch: Watch) -> tuple[RunState, str, list[list[str]]]:
        try:
            planned = self._solve(self.workspace, request, watch)
        except InputError as error:
            return RunState.FAILED, "", [[one.code, one.where, one.message] for one in error.problems]
        except NotFoundError as error:
            return RunState.FAILED, "", [["", request.previous, str(error)]]
        except Exception as error:  # whatever it is, the person who asked must learn of it
            log.exception("a run failed")
            return RunState.FAILED, "", [["P121", type(error).__name__, str(error)]]
        state = RunState.CANCELLED if watch.stop.is_set() else RunState.DONE
        return state, planned.plan.id if planned else "", []


class _Beat:
    """Notes, while a run lasts, that it does and how far it is; stops it when somebody asked for that."""

    def __init__(self, runner: Runner, run_id: int, watch: Watch) -> None:
        self._runner, self._run_id, self._watch = runner, run_id, watch
        self._points: deque[tuple[int, rows.Point]] = deque()
        self._count = 0
        self._last: tuple[int | None, int | None] = (None, None)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="planning-beat", daemon=True)

    def __enter__(self) -> None:
        self._watch.listener = self._listen
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._beat()

    def _listen(self, progress: Progress) -> None:
        """Keep a point when best or bound changed."""
        point = (progress.cost_cents, progress.bound_cents)
        if point not in (self._last, (None, None)):
            self._last = point
            self._points.append((self._count, (round(progress.seconds, 2), *point)))
            self._count += 1

    def _work(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            self._beat()

    def _beat(self) -> None:
        taken = [self._points.popleft() for _ in range(len(self._points))]
        try:
            with self._runner._opened() as db:
                if rows.beat(db, self._runner.boot, self._runner._stamp(), self._run_id, taken):
                    self._watch.stop.set()
        except Exception:  # progress is a courtesy: the run itself goes on
            log.exception("progress cannot be noted")
