"""How commands speak: data on stdout, messages and progress on stderr, one exit code per kind of end."""

import errno
import json
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click

from cosmolocal.errors import BusyError, InputError, NotFoundError, Problem, SolverError, is_full_disk
from cosmolocal.workflows import Progress, gap_percent
from cosmolocal.workflows.incoming import FULL

CODES = {"P084": "a file cannot be read or written: the disk is full, or may not be written"}
OUR_FAULT, BAD_INPUT, NOT_FOUND, INCOMPLETE, STOPPED = 1, 3, 4, 5, 130


class Commands(click.Group):
    """A group whose commands end with the exit codes of this program."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; say what went wrong in one place."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            say_problems(error.problems, bool(ctx.meta.get("as_json")))
            sys.exit(BAD_INPUT)
        except NotFoundError as error:
            if ctx.meta.get("as_json"):
                write_json({"not_found": str(error)})
            say(f"not found: {error}")
            sys.exit(NOT_FOUND)
        except SolverError as error:
            say(f"a fault of this program: {error}")
            sys.exit(OUR_FAULT)
        except BusyError as error:
            say(str(error))
            sys.exit(OUR_FAULT)
        except KeyboardInterrupt:
            say("stopped; nothing was written")
            sys.exit(STOPPED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever reads has enough; click ends quietly
            say_fault(error, bool(ctx.meta.get("as_json")))
            sys.exit(OUR_FAULT)


def say(text: str) -> None:
    """Write a message to stderr."""
    click.echo(text, err=True)


def say_compiling() -> None:
    """Say why nothing is seen to happen the first time."""
    say("making the solver ready for this machine: up to a minute, once, and not counted as solving")


def write_json(value: Any) -> None:
    """Write one JSON document to stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say_problems(problems: Iterable[Problem], as_json: bool) -> None:
    """Write all problems: as JSON to stdout, else as lines to stderr."""
    problems = tuple(problems)
    if as_json:
        write_json({"problems": [problem.as_dict() for problem in problems]})
        return
    for problem in problems:
        say(str(problem))
    say(f"{count(len(problems), 'problem')}; nothing was written")


def say_fault(error: OSError, as_json: bool) -> None:
    """Write why the machine could not read or write: to stderr, and as JSON to stdout where that can be written."""
    told = FULL if is_full_disk(error) else f"cannot be read or written: {error.strerror or error}"
    say(FULL if is_full_disk(error) else f"cannot read or write: {error}")
    if not as_json:
        return
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    problem = Problem("P084", " and ".join(names) or "disk", told)
    with suppress(OSError):  # it may be stdout that cannot be written
        write_json({"problems": [problem.as_dict()]})


def count(number: int, thing: str) -> str:
    """Return a number of things.

    >>> count(1, "problem"), count(0, "problem")
    ('1 problem', '0 problems')
    """
    return f"{number} {thing}{'' if number == 1 else 's'}"


def write_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows in columns to stdout; numbers to the right."""
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in [list(head), *lines]) for column in range(len(head))]
    numeric = [all(_is_number(line[column]) for line in lines) for column in range(len(head))]
    for line in [list(head), *lines]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").strip("-−+%€ \N{NO-BREAK SPACE}").isdigit()


@contextmanager
def stop_on_interrupt(stop: threading.Event) -> Iterator[None]:
    """Let the first Ctrl-C set ``stop``; a second one ends the program."""

    def on_signal(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        say("stopping; the best plan so far is kept (Ctrl-C again gives it up)")
        stop.set()

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class ProgressLine:
    """Shows how far the solver is, on one line of a terminal; silent elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self.shown, self.used = not quiet and sys.stderr.isatty(), False

    def __call__(self, progress: Progress) -> None:
        """Show progress."""
        if not self.shown:
            return
        cost = "–" if progress.cost_cents is None else f"{progress.cost_cents / 100:,.0f} €"
        bound = "–" if progress.bound_cents is None else f"{progress.bound_cents / 100:,.0f} €"
        gap = "–" if progress.gap is None else gap_percent(progress.gap)
        line = f"{progress.seconds:6.1f} s  best {cost}, none can cost less than {bound}, gap {gap}"
        click.echo(f"\r{line:78}", err=True, nl=False)
        self.used = True

    def end(self) -> None:
        """Leave the line."""
        if self.used:
            say("")
