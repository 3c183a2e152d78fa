"""What an experiment is: how it is called, what it asks, and how it is run."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from torture import experiments


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an experiment."""

    #: what was done, in figures: "1,000 kills, 4,120 things acknowledged"
    done: str
    #: what was wrong, in words that name the place; empty: all as it must be
    wrong: tuple[str, ...] = ()
    #: Markdown below the summary, such as a table of details
    details: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """An experiment that can fail."""

    #: as it is called on the command line
    name: str
    #: what is done to the program
    experiment: str
    #: when it counts as passed
    passes_when: str
    #: takes the share of the full amount that is to be done (1: all of it)
    run: Callable[[float], Result]


class UnavailableError(Exception):
    """What an experiment needs is not on this machine; says what."""


def find_sections() -> dict[str, Section]:
    """Return all experiments by name."""
    found: dict[str, Section] = {}
    for module in sorted(module.name for module in pkgutil.iter_modules(experiments.__path__)):
        for section in importlib.import_module(f"{experiments.__name__}.{module}").SECTIONS:
            if section.name in found:
                raise ValueError(f"two experiments are called {section.name}")
            found[section.name] = section
    return found


def amount(full: int, share: float) -> int:
    """Return the share of an amount, at least one."""
    return max(1, round(full * share))


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
