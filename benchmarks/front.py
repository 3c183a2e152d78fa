"""Five plans to choose from against one plan: python -m benchmarks.front. Prints one JSON object a row.

``ours`` are the seconds of a front of five plans on the sample's order book, ``theirs`` three times those of one plan
by the same weights and the same gap; ratio is theirs / ours.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from cosmolocal.planning.fronts import FrontSettings, find_front
from cosmolocal.planning.offered import count_money
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.solvers.choosing import get_ready
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Aim, Order, Region
from cosmolocal.workflows import Workspace

ROOT = Path(__file__).resolve().parents[1]
#: one plan's time that a front of five plans may take
TIMES = 3
Row = dict[str, object]


def measure(
    region: Region,
    orders: tuple[Order, ...],
    aims: list[Aim],
    settings: SolveSettings,
    clock: Callable[[], float],
) -> Iterator[Row]:
    """Yield a row for the front of each aim; what has to be loaded and compiled is before."""
    get_ready(Watch())
    provenance = Provenance("book", {})
    started = clock()
    money = replace(region, settings=count_money(region.settings, 0))
    plan_orders(money, orders, provenance, settings)
    one = clock() - started
    for aim in aims:
        started = clock()
        front, _ = find_front(region, orders, provenance, FrontSettings(aim, 5, settings))
        seconds = clock() - started
        yield {
            "what": f"front of five plans, cost and {aim.value}, seconds; theirs: {TIMES} × one plan",
            "ours": round(seconds, 2),
            "theirs": round(TIMES * one, 2),
            "ratio": round(TIMES * one / seconds, 3),
            "points": len(front.points),
            "worst_gap": round(max(point.gap for point in front.points), 5),
            "gap": settings.gap,
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", type=Path, default=ROOT)
    parser.add_argument("--orders", type=Path, default=ROOT / "orders/autumn.csv")
    parser.add_argument(
        "--aims", nargs="+", choices=[aim.value for aim in Aim], default=[Aim.SHARE.value, Aim.CO2E.value]
    )
    parser.add_argument("--gap", type=float, default=SolveSettings().gap)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument(
        "--cpu", action="store_true", help="seconds of processors, where the machine does other work too"
    )
    args = parser.parse_args()
    inputs, book = Workspace(args.region).read(args.orders, {})
    settings = SolveSettings(seconds=args.seconds, gap=args.gap)
    clock = time.process_time if args.cpu else time.perf_counter
    for row in measure(inputs.region, book.orders, [Aim(aim) for aim in args.aims], settings, clock):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
