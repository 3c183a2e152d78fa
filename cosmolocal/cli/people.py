"""People from the command line, for whoever runs the server."""

import sys
from contextlib import closing
from pathlib import Path

import click

from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import count, say, write_json, write_table
from cosmolocal.errors import InputError
from cosmolocal.records import Person, Role, to_plain
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.people import OPERATOR, People, people_of
from cosmolocal.workflows.people_rules import check_workshop

roles_option = click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role])
)
workshop_option = click.option("--workshop", help="Id of the workshop that somebody with this role answers for.")


def open_people(region: Path) -> "closing[People]":
    """Return the accounts of a region, to be used in a ``with`` statement."""
    return closing(people_of(region))


def read_password() -> str:
    """Return a password typed twice, or the first line of stdin; never an argument, which others could see."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _require_workshop(region: Path, workshop: str | None) -> None:
    if workshop is None:
        return
    problems = check_workshop(workshop, {shop.id for shop in Workspace(region).region().workshops})
    if problems:
        raise InputError(problems)


@click.group()
def people() -> None:
    """List, add, invite and deactivate people; set forgotten passwords."""


@people.command("list")
@region_option
@json_option
def list_(region: Path, as_json: bool) -> None:
    """List the people who have an account."""
    with open_people(region) as accounts:
        found = accounts.list_all(OPERATOR)
    if as_json:
        write_json([to_plain(person) | {"roles": sorted(person.roles)} for person in found])
        return
    cells = [
        (one.name, one.full_name, " ".join(sorted(one.roles)), one.workshop or "–", "yes" if one.active else "no")
        for one in found
    ]
    write_table(("name", "full name", "roles", "workshop", "may sign in"), cells)
    say(count(len(found), "account"))


@people.command()
@click.argument("name")
@click.option("--full-name", required=True, help="As others read it.")
@roles_option
@workshop_option
@region_option
@json_option
def add(name: str, full_name: str, roles: tuple[str, ...], workshop: str | None, region: Path, as_json: bool) -> None:
    """Give somebody an account; the password is asked for, or read from stdin."""
    _require_workshop(region, workshop)
    person = Person(name, full_name.strip(), frozenset(map(Role, roles)), workshop)
    with open_people(region) as accounts:
        accounts.add(OPERATOR, person, read_password())
    if as_json:
        write_json({"name": name})
    say(f"{name} may sign in")


@people.command()
@roles_option
@workshop_option
@click.option("--name", help="The name the person will have; the person chooses unless given.")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where people reach the pages.")
@region_option
@json_option
def invite(
    roles: tuple[str, ...], workshop: str | None, name: str | None, url: str, region: Path, as_json: bool
) -> None:
    """Print a link with which one person makes an account within 7 days."""
    _require_workshop(region, workshop)
    with open_people(region) as accounts:
        code = accounts.invite(OPERATOR, map(Role, roles), workshop, name)
    link = f"{url.rstrip('/')}/invitation/{code}"
    if as_json:
        write_json({"link": link})
    else:
        click.echo(link)


@people.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let the person sign in again.")
@region_option
@json_option
def deactivate(name: str, undo: bool, region: Path, as_json: bool) -> None:
    """Let somebody not sign in any more; every session ends at once."""
    with open_people(region) as accounts:
        accounts.set_active(OPERATOR, name, undo)
    if as_json:
        write_json({"name": name, "active": undo})
    say(f"{name} may sign in again" if undo else f"{name} may not sign in any more")


@people.command()
@click.argument("name")
@region_option
@json_option
def password(name: str, region: Path, as_json: bool) -> None:
    """Set somebody's forgotten password, asked for or read from stdin; every session ends."""
    with open_people(region) as accounts:
        accounts.find(OPERATOR, name)
        accounts.set_password(OPERATOR, name, read_password())
    if as_json:
        write_json({"name": name})
    say(f"the password of {name} is set; every session of {name} has ended")
