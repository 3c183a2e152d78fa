"""Kills planners in the middle of a plan: a server's runner and the command.

After every other kill the folder is one that no program ever had open: other inodes, no lock, nothing but what lies in
its files, which is what a machine that was started again has. Afterwards the run is marked as interrupted, the best
plan it had is stored and passes its audit, and the next run goes.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmolocal.exports.plan_file import plan_from_bytes
from cosmolocal.records import Person, Role, RunRequest, RunState
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.outliving import FOLDER, store_interrupted
from cosmolocal.workflows.running import Runner
from torture.served import copy_sample

#: takes long to be solved out; is solved at once
AUTUMN, SHORT = "orders/autumn.csv", "orders/small.csv"
LONG = "orders/long.csv"
#: so many times the orders of autumn
TIMES = 1
PLANNER = Person("pia", "Pia", frozenset({Role.PLANNER}))
#: [s] that the long book may be solved, and that a run may take to keep a plan
SOLVING, PATIENCE = 600.0, 240
#: every so many rounds the planner is killed before it can have a plan
EARLY_EVERY = 3

#: begins to plan the long book in another process; returns its id
Begin = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What came of many kills."""

    kills: int
    #: kills after which a plan was stored
    kept: int
    wrong: tuple[str, ...]


def begin_server(folder: Path) -> int:
    """Let a runner as the server has it plan the long book."""
    child = os.fork()
    if child == 0:
        try:
            Runner(Workspace(folder)).ask(PLANNER, RunRequest(LONG, seconds=SOLVING, gap=0.0))
            time.sleep(SOLVING)
        finally:
            os._exit(1)
    return child


def begin_command(folder: Path) -> int:
    """Let the command plan the long book."""
    command = [sys.executable, "-m", "cosmolocal", "plan", str(folder / LONG), "--region", str(folder), "--quiet"]
    limits = ["--seconds", str(SOLVING), "--gap", "0"]
    return subprocess.Popen([*command, *limits], stderr=subprocess.DEVNULL).pid


def run_interrupted(
    rounds: int, begins: tuple[Begin, ...] = (begin_server, begin_command), seed: int = 1
) -> Interrupted:
    """Kill planners so often, each way of beginning in turn."""
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        folder = Path(place) / "region"
        copy_sample(folder, (AUTUMN, SHORT))
        head, *lines = (folder / AUTUMN).read_text().splitlines()
        rows = [f"{number}-{line}" for number in range(TIMES) for line in lines]
        (folder / LONG).write_text("\n".join([head, *rows]) + "\n")
        workspace, chance = Workspace(folder), random.Random(seed)
        wrong: list[str] = []
        kept = kills = 0
        for number in range(rounds):
            is_early = number % EARLY_EVERY == EARLY_EVERY - 1
            had_plan = _kill_one(folder, begins[number % len(begins)], is_early, chance)
            if had_plan is None:
                continue  # it was done before it could be killed
            kills += 1
            if number // len(begins) % 2 == 0:
                start_again(folder)
            if not had_plan and not is_early:
                wrong.append(f"kill {number}: no plan was kept within {PATIENCE} s")
            wrong += [f"kill {number}: {told}" for told in _look(workspace, had_plan)]
            kept += had_plan
        wrong += _run_next(workspace)
        if not kept:
            wrong.append("no plan was kept at all")
        return Interrupted(kills, kept, tuple(wrong))


def _kill_one(folder: Path, begin: Begin, is_early: bool, chance: random.Random) -> bool | None:
    """Kill a planner once it has kept a plan, or before; return whether there was one. None: it ended by itself."""
    child, until = begin(folder), time.monotonic() + (chance.uniform(0, 3) if is_early else PATIENCE)
    while time.monotonic() < until and not _kept(folder):
        if os.waitpid(child, os.WNOHANG)[0]:
            return None
        time.sleep(0.05)
    if not is_early:
        time.sleep(chance.uniform(0, 2))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return bool(_kept(folder))


def start_again(folder: Path) -> None:
    """Leave of a folder what is left when its machine is started again: its files, which nobody has open."""
    copy, before = folder.with_name("copied"), folder.with_name("before")
    shutil.copytree(folder, copy, copy_function=shutil.copy2)
    folder.rename(before)
    copy.rename(folder)
    shutil.rmtree(before)


def _kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "build" / FOLDER).glob("*.json") if not path.name.startswith(".")]


def _look(workspace: Workspace, had_plan: bool) -> Iterator[str]:
    """Yield what is not as it must be, as the next program sees it."""
    kept = {_plan_of(path) for path in _kept(workspace.folder)}
    runner = Runner(workspace)
    for run in runner.list_newest()[:1]:
        if run.is_open and had_plan:
            yield f"run {run.id} is {run.state}, and its program is dead"
    store_interrupted(workspace, "2026-09-07T08:00:00Z")
    # the same plan may have been kept and stored before: it is told by its contents
    stored = {row.id for row in workspace.plans()}
    yield from (f"plan {plan} was kept and is not stored" for plan in kept - stored)
    for plan in kept & stored:
        yield from (str(problem) for problem in workspace.audit(plan).problems)
    if left := _kept(workspace.folder):
        yield f"{left[0].name} is left"


def _plan_of(path: Path) -> str:
    """Return the id of the plan that a file keeps."""
    return plan_from_bytes(json.loads(path.read_bytes())["plan"].encode(), path.name).id


def _run_next(workspace: Workspace) -> Iterator[str]:
    """Yield what keeps the next run from being done."""
    runner = Runner(workspace)
    run = runner.ask(PLANNER, RunRequest(SHORT, seconds=5.0))
    until = time.monotonic() + PATIENCE
    while runner.find(run).is_open and time.monotonic() < until:
        time.sleep(0.1)
    if (found := runner.find(run)).state is not RunState.DONE:
        yield f"the next run is {found.state}: {found.problems}"
    runner.close()
