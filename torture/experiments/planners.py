"""Many planners at once on the same machines."""

from torture.planners import run_planners
from torture.sections import Result, Section, amount, table

PLANNERS = 20
ROUNDS = 500


def run_planning(share: float) -> Result:
    """Let all plan and publish; of a share, fewer rounds."""
    found = run_planners(PLANNERS, amount(ROUNDS, share))
    head = ("published", "refused, for another came first", "plans made", "kills", "publications there", "wrong")
    row = (found.acknowledged, found.refused, found.planned, found.kills, found.there, len(found.wrong))
    done = f"{PLANNERS} planners, {found.acknowledged + found.refused:,} publications tried, {found.kills:,} kills"
    return Result(done, found.wrong, table(head, [row]))


SECTIONS = (
    Section(
        "planners",
        "20 planners at once on the same machines, 500 rounds of planning and publishing, with kills",
        "capacity never oversold, no order in two published plans, none published over what its planner had not seen",
        run_planning,
    ),
)
