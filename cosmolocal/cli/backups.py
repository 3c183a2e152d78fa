"""Backups on the command line: a region into a folder, and out of it again."""

from pathlib import Path
from typing import Any

import click

from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import say, write_json
from cosmolocal.workflows.backups import Backup, back_up, restore

PLACE = click.Path(path_type=Path)


@click.command()
@click.argument("target", type=PLACE)
@region_option
@click.option("--with-secrets", is_flag=True, help="Keep passwords (hashed), sessions, tokens and the cookies' key.")
@json_option
def backup(target: Path, region: Path, with_secrets: bool, as_json: bool) -> None:
    """Write a region to a new folder while people go on using it: files, designs, orders, plans, accounts."""
    found = back_up(region, target, with_secrets)
    _tell(found, {"backup": str(target)}, as_json)
    if not as_json:
        say(f"written to {target}; restore it with: cosmolocal restore {target} FOLDER")
        if not with_secrets:
            say("passwords, sessions and tokens are not in it (--with-secrets keeps them)")


@click.command("restore")
@click.argument("backup", type=PLACE)
@click.argument("folder", type=PLACE)
@json_option
def restore_command(backup: Path, folder: Path, as_json: bool) -> None:
    """Make a region in a new or empty folder from a backup, every byte of it checked."""
    found = restore(backup, folder)
    _tell(found, {"region": str(folder)}, as_json)
    if not as_json:
        say(f"restored to {folder} as it was at {found.made_at}; serve it with: cosmolocal serve --region {folder}")
        if not found.secrets:
            say("nobody can sign in before: cosmolocal people password NAME")


def _tell(found: Backup, where: dict[str, Any], as_json: bool) -> None:
    if as_json:
        kept = {"made_at": found.made_at, "secrets": found.secrets}
        write_json({**where, **kept, "counts": found.counts, "problems": []})
        return
    for name, number in found.counts.items():
        click.echo(f"{number:>12,} {name.replace('_', ' ')}")
