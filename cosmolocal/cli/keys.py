"""Keys from the command line, for whoever runs the server."""

from pathlib import Path

import click

from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import say, write_json
from cosmolocal.workflows.keys import rotate_keys


@click.group()
def keys() -> None:
    """Make the key that signs cookies anew."""


@keys.command()
@region_option
@click.option(
    "--given-out", is_flag=True, help="End tokens, open invitations and addresses of calendars of everybody too."
)
@json_option
def rotate(region: Path, given_out: bool, as_json: bool) -> None:
    """Make the key that signs cookies anew; every session ends, tokens stay unless --given-out."""
    ended = rotate_keys(region, given_out)
    if as_json:
        write_json({"ended": ended})
    say("the key is new; ended: " + ", ".join(f"{number} {name}" for name, number in ended.items()))
    say("a server that runs takes the new key when it is started again")
