"""How commands speak: data on stdout, messages and progress on stderr, one exit code per kind of end."""

import json
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from cosmolocal.errors import InputError, NotFoundError, Problem, SolverError
from cosmolocal.workflows import Progress

OUR_FAULT, BAD_INPUT, NOT_FOUND, INCOMPLETE, STOPPED = 1, 3, 4, 5, 130


class Commands(click.Group):
    """A group whose commands end with the exit codes of this program."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; say what went wrong in one place."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            as_json = bool(ctx.find_root().meta.get("as_json"))
            say_problems(error.problems, as_json)
            sys.exit(BAD_INPUT)
        except NotFoundError as error:
            say(f"not found: {error}")
            sys.exit(NOT_FOUND)
        except SolverError as error:
            say(f"a fault of this program: {error}")
            sys.exit(OUR_FAULT)


def say(text: str) -> None:
    """Write a message to stderr."""
    click.echo(text, err=True)


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
    say(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}; nothing was written")


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
    return text.replace(",", "").replace(".", "").removeprefix("-").removesuffix(" €").isdigit()


@contextmanager
def stop_on_interrupt(stop: threading.Event) -> Iterator[None]:
    """Let the first Ctrl-C set ``stop``; a second one ends the program."""

    def on_signal(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        say("stopping; the best plan so far is kept (Ctrl-C again gives up)")
        stop.set()

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class ProgressLine:
    """Shows how far the solver is, on one line of a terminal; silent elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self.shown = not quiet and sys.stderr.isatty()

    def __call__(self, progress: Progress) -> None:
        """Show progress."""
        if not self.shown:
            return
        cost = "–" if progress.cost_cents is None else f"{progress.cost_cents / 100:,.0f} €"
        bound = "–" if progress.bound_cents is None else f"{progress.bound_cents / 100:,.0f} €"
        gap = "–" if progress.gap is None else f"{progress.gap:.2%}"
        click.echo(f"\r{progress.seconds:6.1f} s  best {cost}  bound {bound}  gap {gap}   ", err=True, nl=False)

    def end(self) -> None:
        """Leave the line."""
        if self.shown:
            click.echo("", err=True)
