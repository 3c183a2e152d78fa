"""What a planner may ask for on the web, read from texts as a form has them."""

from collections.abc import Mapping
from pathlib import Path

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import Fields
from cosmolocal.planning.solvers.solution import SOLVERS, SolveSettings
from cosmolocal.records import RunRequest
from cosmolocal.workflows.inputs import collect
from cosmolocal.workflows.workspace import Workspace

CODES = {"P122": "what is asked of a run is missing or wrong"}

ORDERS = "orders"
LONGEST_SECONDS = 86_400
MOST_SEED = 2**31 - 1
#: the fields of the form
FIELDS = ("book", "seconds", "gap", "seed", "solver", "settings", "previous", "most-moves", "move-cost")


def list_books(folder: Path) -> tuple[str, ...]:
    """Return the order books of a region by name, as paths within its folder."""
    return tuple(sorted(path.relative_to(folder).as_posix() for path in (folder / ORDERS).glob("*.csv")))


def read_overrides(text: str) -> tuple[dict[str, str], list[str]]:
    r"""Return settings given as ``name=value``, one a line, and the lines that are not so.

    >>> read_overrides("overtime_percent = 50\n\nweeks")
    ({'overtime_percent': '50'}, ['weeks'])
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    pairs = [line.partition("=") for line in lines if "=" in line]
    return {name.strip(): value.strip() for name, _, value in pairs}, [line for line in lines if "=" not in line]


def read_run_request(workspace: Workspace, values: Mapping[str, str]) -> RunRequest:
    """Return what a form asks for; order book and settings are read, so that nothing waits only to fail.

    ``gap`` is in percent, ``move-cost`` in euros; what is empty has its usual value.

    Raises
    ------
    InputError
        With every fault of the form, of the order book and of the settings.
    """
    problems: list[Problem] = []
    usual = SolveSettings()
    given = {name: values.get(name, "").strip() for name in FIELDS if values.get(name, "").strip()}
    table = Fields(given, "run", "P122", problems)
    book = table.text("book", required=True)
    if book and book not in (books := list_books(workspace.folder)):
        table.fault(
            "book",
            book,
            say("must be one of %(known)s", known=", ".join(books)) if books else say("there is no order book yet"),
        )
        book = ""
    solver = table.text("solver", default=usual.solver)
    if solver not in SOLVERS:
        table.fault("solver", solver, say("must be one of %(known)s", known=", ".join(SOLVERS)))
    overrides, wrong = read_overrides(table.text("settings"))
    for line in wrong:
        table.fault("settings", line, say("must be name=value"))
    previous = table.text("previous")
    if previous and previous not in {plan.id for plan in workspace.plans()}:
        table.fault("previous", previous, say("must be the id of a stored plan"))
    request = RunRequest(
        book=book,
        seconds=table.real("seconds", usual.seconds, 0.1, LONGEST_SECONDS),
        gap=table.real("gap", usual.gap * 100, 0, 100) / 100,
        seed=table.number("seed", default=0, high=MOST_SEED) or 0,
        solver=solver,
        overrides=overrides,
        previous=previous,
        most_moves=table.number("most-moves"),
        move_cents=table.number("move-cost", default=0, scale=100, high=10_000_000) or 0,
    )
    table.finish()
    if not previous and (request.most_moves is not None or request.move_cents):
        table.fault("previous", "", say("is needed: moves are counted from a plan before"))
    if book:
        collect(problems, lambda: workspace.read(workspace.folder / book, overrides))
    if problems:
        raise InputError(problems)
    return request
