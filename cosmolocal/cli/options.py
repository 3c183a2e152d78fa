"""Options that many commands share."""

from pathlib import Path

import click

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


def read_columns(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return fields by column given as ``COLUMN=FIELD``; ``COLUMN=`` leaves a column out."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise click.UsageError(f"--map takes COLUMN=FIELD; found {', '.join(wrong)}")
    return {name.strip(): value.strip() for name, _, value in (pair.rpartition("=") for pair in pairs)}
