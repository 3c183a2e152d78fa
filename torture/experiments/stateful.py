"""Store, orders, plans and jobs, beside a model of them that is nothing but dictionaries."""

from torture.sections import Result, Section, amount, table
from torture.stateful import run_pieces

RUNS = 1_000


def run_stateful(share: float) -> Result:
    """Run the sequences of steps."""
    runs = amount(RUNS, share)
    ran = run_pieces(runs)
    by_act: dict[str, list[str]] = {}
    for (what, ended), count in sorted(ran.tally.items()):
        by_act.setdefault(what, []).append(f"{ended}: {count:,}")
    rows = [(what, ", ".join(counts)) for what, counts in by_act.items()]
    return Result(f"{runs:,} runs, {ran.steps:,} steps", ran.wrong, table(("what was done", "how it ended"), rows))


SECTIONS = (
    Section(
        "stateful",
        "1,000 runs of 50 steps in the mean, right and wrong ones, by which people publish, withdraw and take down "
        "designs, change orders, plan, make plans count, answer jobs, and move the region",
        "after each step the region is as a model of dictionaries says",
        run_stateful,
    ),
)
