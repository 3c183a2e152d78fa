"""Options that many commands share."""

from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

region_option = click.option(
    "--region", type=FOLDER, default=".", help="Folder of the region; the working folder unless given."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
