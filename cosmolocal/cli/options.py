"""Options that many commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cosmolocal.workflows import SolveSettings

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
#: a file to write
OUT = click.Path(dir_okay=False, path_type=Path)


def remember_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    """Let faults be printed as JSON too."""
    ctx.meta["as_json"] = value
    return value


region_option = click.option(
    "--region", type=FOLDER, default=".", help="Folder of the region; the working folder unless given."
)
json_option = click.option("--json", "as_json", is_flag=True, callback=remember_json, help="Print one JSON document.")


seed_option = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Of the solver's dice."
)


def seconds_option(default: float, told: str) -> Callable[[Any], Any]:
    """Return the option that says how long to solve at most."""
    return click.option("--seconds", type=click.FloatRange(0.1, 86_400), default=default, show_default=True, help=told)


def gap_option(told: str | None = None) -> Callable[[Any], Any]:
    """Return the option that says how near to the best is near enough."""
    return click.option(
        "--gap", type=click.FloatRange(0.0, 1.0), default=SolveSettings().gap, show_default=True, help=told
    )


def read_columns(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return fields by column given as ``COLUMN=FIELD``; ``COLUMN=`` leaves a column out."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise click.UsageError(f"--map takes COLUMN=FIELD; found {', '.join(wrong)}")
    return {name.strip(): value.strip() for name, _, value in (pair.rpartition("=") for pair in pairs)}
