"""Plans the sample's order book several times, each in a process of its own: python -m benchmarks.sample."""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder
from cosmolocal.planning.rounds import build_options
from cosmolocal.workflows import Planned, Progress, SolveSettings, Watch, Workspace, plan_book

ROOT = Path(__file__).parent.parent
#: [ratio] the sample is to be solved to, and the time to it is measured
WANTED_GAP = 0.005


def plan_once(settings: SolveSettings) -> dict[str, object]:
    """Return the figures of one run in this process, reading of the files included."""
    started = time.monotonic()
    workspace = Workspace(ROOT)
    inputs, book = workspace.read(ROOT / "orders/autumn.csv", {})
    reached: list[float] = []

    def listen(progress: Progress) -> None:
        if progress.gap is not None and progress.gap <= WANTED_GAP:
            reached.append(time.monotonic() - started)

    planned = plan_book(inputs, book, settings, Watch(listener=listen))
    seconds = time.monotonic() - started
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    builder = OptionBuilder(Ground(inputs.region))
    lots = cut_orders(book.orders, builder.ground.catalogue, inputs.region.settings.max_lots_per_order)
    table, _, _ = build_options(builder, lots, book.orders, Watch())
    return {
        **_figures(planned),
        "seconds_to_gap": round(reached[0], 2) if reached else None,
        "seconds": round(seconds, 2),
        "peak_mib": peak_mib,
        "lots": len(lots),
        "options": table.problem.option_count,
    }


def _figures(planned: Planned) -> dict[str, object]:
    plan = planned.plan
    return {
        "plan": plan.id,
        "status": plan.status.value,
        "cost": plan.cost_cents,
        "bound": plan.bound_cents,
        "gap": round(plan.gap, 6),
        "unmet": len(plan.unmet),
        "audit": len(planned.audit.problems),
    }


def main() -> None:
    """Print one JSON object a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=SolveSettings().gap)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--here", action="store_true", help="one run in this process")
    given = parser.parse_args()
    if given.here:
        sys.stdout.write(json.dumps(plan_once(SolveSettings(given.seconds, given.gap, given.seed))) + "\n")
        return
    settings = ["--seconds", str(given.seconds), "--gap", str(given.gap), "--seed", str(given.seed)]
    for _ in range(given.runs):
        subprocess.run([sys.executable, "-m", "benchmarks.sample", "--here", *settings], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
