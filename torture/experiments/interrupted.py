"""Planners that are killed in the middle of a plan."""

from torture.interrupted import run_interrupted
from torture.sections import Result, Section, amount, table

KILLS = 12


def run_killed(share: float) -> Result:
    """Kill the runner of a server and the command in turn."""
    found = run_interrupted(amount(KILLS, share))
    rows = [(found.kills, found.kept, len(found.wrong))]
    done = f"{found.kills} kills, {found.kept} plans stored afterwards"
    return Result(done, found.wrong, table(("kills", "plans stored", "wrong"), rows))


SECTIONS = (
    Section(
        "interrupted-plan",
        "a server's runner and the command are killed in the middle of a plan, 12 times, half of them with the "
        "machine, of which nothing but the files is left",
        "the run is marked interrupted, the best plan so far is stored and passes its audit, the next run is done",
        run_killed,
    ),
)
