"""The planner: regions and problems at the edge of what makes sense."""

from torture.degenerate import run
from torture.sections import Result, Section, amount, table

REGIONS, SEED = 2_000, 0


def run_degenerate(share: float) -> Result:
    """Plan them by every solver."""
    tried = run(amount(REGIONS, share), SEED)
    done = f"{tried.regions:,} regions and as many problems, {tried.counts.get('plans', 0):,} plans"
    return Result(done, tried.wrong, table(("what", "how many"), tried.counts.items()))


SECTIONS = (
    Section(
        "degenerate",
        "2,000 tiny regions and 2,000 tiny problems of odd values (nothing to do, no time or the whole week, costs of "
        "nothing and of ten million euros, all at one spot), planned by every solver",
        "every plan passes its audit, no bound is above the best plan and no plan below it, nothing crashes",
        run_degenerate,
    ),
)
