"""Scenarios of one edit from the plan before, against from nothing: python -m benchmarks.scenario.

Prints one JSON object a row: seconds of planning the sample's order book with one edit, audit included, from the prices
and places of the base, and from nothing, at the same gap. ``gaps`` are those of both plans. Compiled code is made ready
first and counts for neither; ``--processes`` measures whole commands instead, reading and storing included.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from cosmolocal.exports.plan_file import plan_to_bytes
from cosmolocal.planning.solvers.choosing import get_ready
from cosmolocal.records import Plan
from cosmolocal.workflows import Planned, SolveSettings, Watch, Workspace, plan_book

ROOT = Path(__file__).parent.parent
EDITS = {
    "machines stand still": "machine-down: {workshop: example-sants, first_day: 2026-09-21, last_day: 2026-10-11}",
    "a machine more": "machines: {workshop: fab-lab-barcelona, group: laser, change: 1}",
    "machines fewer": "machines: {workshop: ateneu-les-corts, group: printers, change: -4}",
    "a workshop closes": "close-workshop: {workshop: ateneu-les-corts}",
    "hours of a workshop": "hours: {workshop: fab-lab-barcelona, percent: 70}",
    "hours of all": "hours: {percent: 120}",
    "costs of a workshop": "price: {workshop: ateneu-les-corts, percent: 115}",
    "demand of a district": "demand: {district: Eixample, percent: 80}",
    "demand of all": "demand: {percent: 110}",
    "a weight": "settings: {co2e_cents_per_kg: 60}",
    "a radius": "radius: {workshop: ateneu-les-corts, radius_km: 4}",
    "a link": "link: {from: hub-mercabarna, to: hub-sagrera, closed: true}",
}
FILES = ("region.yaml", "workshops.yaml", "places.csv")
Row = dict[str, object]


def make_folder(folder: Path) -> None:
    """Write the sample region with a scenario for each edit into a folder."""
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "designs", folder / "designs")
    shutil.copytree(ROOT / "orders", folder / "orders")
    (folder / "scenarios").mkdir()
    for name, edit in zip(make_names(), EDITS.values(), strict=True):
        (folder / f"scenarios/{name}.yaml").write_text(f"scenario: {{title: {name}}}\nedits:\n- {edit}\n")


def timed(work: Callable[[], Planned], ask: argparse.Namespace) -> tuple[list[float], Plan]:
    """Return the seconds of each run, of the clock or of the processors, and the plan of the last."""
    clock, seconds = time.process_time if ask.cpu else time.monotonic, []
    for _ in range(ask.runs):
        started = clock()
        found = work()
        seconds.append(round(clock() - started, 2))
    return seconds, found.plan


def row(what: str, ours: list[float], theirs: list[float], **more: object) -> Row:
    """Return a row of medians; the ratio is theirs / ours."""
    mine, other = median(ours), median(theirs)
    return {"what": what, "ours": mine, "theirs": other, "ratio": round(other / mine, 2), "runs": len(ours), **more}


def measure(folder: Path, ask: argparse.Namespace, settings: SolveSettings) -> list[Row]:
    """Return a row for each edit, measured in this process."""
    workspace, rows = Workspace(folder), list[Row]()
    get_ready(Watch())
    path = folder / ask.book
    inputs, orders = workspace.read(path, {})
    base = plan_book(inputs, orders, settings, Watch()).plan
    for name, what in choose(ask.only):
        edited, changed = workspace.read(path, {}, name)
        ours, mine = timed(lambda e=edited, c=changed: plan_book(e, c, settings, Watch(), base=base), ask)  # type: ignore[misc]
        theirs, other = timed(lambda e=edited, c=changed: plan_book(e, c, settings, Watch()), ask)  # type: ignore[misc]
        gaps = [round(plan.gap, 5) for plan in (mine, other)]
        rows.append(row(what, ours, theirs, gaps=gaps, moved=len(mine.changes.moves) if mine.changes else 0))
        show(rows[-1])
    return rows


def make_names() -> list[str]:
    """Return the names of the scenarios, in the order of the edits."""
    return [f"edit-{number}" for number in range(len(EDITS))]


def choose(words: list[str]) -> list[tuple[str, str]]:
    """Return (scenario, what it edits) of the edits that are told by one of the words; all where there are none."""
    pairs = zip(make_names(), EDITS, strict=True)
    return [pair for pair in pairs if not words or any(word in pair[1] for word in words)]


def measure_processes(folder: Path, ask: argparse.Namespace, settings: SolveSettings) -> list[Row]:
    """Return a row for each edit, measured as commands: ``scenario run``, and for theirs ``plan`` without the edit."""
    workspace, path, runs = Workspace(folder), folder / ask.book, ask.runs
    inputs, orders = workspace.read(path, {})
    base = plan_book(inputs, orders, settings, Watch())
    (folder / "base.json").write_bytes(plan_to_bytes(base.plan))
    usual = ["--region", str(folder), "--quiet", "--gap", str(settings.gap), "--seconds", str(settings.seconds)]
    theirs = [run("plan", str(path), "--dry-run", *usual) for _ in range(runs)]
    rows = []
    for name, what in choose(ask.only):
        words = ("scenario", "run", name, "--orders", str(path), "--base", str(folder / "base.json"))
        rows.append(row(f"{what}, as a command", [run(*words, *usual) for _ in range(runs)], theirs))
        show(rows[-1])
    return rows


def run(*arguments: str) -> float:
    """Run a command in a process of its own, and return its seconds."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "cosmolocal", *arguments], check=True, cwd=ROOT, capture_output=True)
    return round(time.monotonic() - started, 2)


def show(line: Row) -> None:
    """Print a row."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print all rows, the median ratio last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--book", default="orders/autumn.csv")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--gap", type=float, default=SolveSettings().gap)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", nargs="*", default=[], help="words that tell the edits to measure; all unless given")
    parser.add_argument(
        "--cpu", action="store_true", help="seconds of processors, where the machine does other work too"
    )
    parser.add_argument("--processes", action="store_true", help="whole commands, each in a process of its own")
    given = parser.parse_args()
    settings = SolveSettings(given.seconds, given.gap)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_folder(folder)
        work = measure_processes if given.processes else measure
        rows = work(folder, given, settings)
    ours, theirs = ([float(str(one[side])) for one in rows] for side in ("ours", "theirs"))
    show(row("median of all edits", ours, theirs, least_ratio=min(float(str(one["ratio"])) for one in rows)))


if __name__ == "__main__":
    main()
