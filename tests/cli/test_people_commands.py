"""People from the command line."""

import json
import sqlite3
from pathlib import Path

import pytest
from cli.small_region import PLACES, REGION, WORKSHOPS
from click.testing import CliRunner, Result

from cosmolocal.cli import main
from cosmolocal.designs.bundles import create_root
from cosmolocal.workflows.people import OPERATOR, people_of

PASSWORD = "a quiet evening by the sea"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("region.yaml", REGION), ("workshops.yaml", WORKSHOPS), ("places.csv", PLACES)):
        (tmp_path / name).write_text(text)
    create_root(tmp_path / "designs")
    return tmp_path


def run(folder: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["people", *arguments, "--region", str(folder)], input=typed)


def add(folder: Path, name: str = "ada", role: str = "administrator", typed: str = PASSWORD) -> Result:
    return run(folder, "add", name, "--full-name", name.title(), "--role", role, typed=f"{typed}\n")


def test_an_account_made_here_can_sign_in(folder: Path):
    result = add(folder)
    assert (result.exit_code, result.stdout) == (0, "")
    people = people_of(folder)
    found = people.find_signed_in(people.sign_in("ada", PASSWORD))
    people.close()
    assert found is not None
    assert found.full_name == "Ada"


def test_the_list_holds_everybody_and_no_password(folder: Path):
    add(folder)
    add(folder, "ben", "maker")
    listed = json.loads(run(folder, "list", "--json").stdout)
    assert [(row["name"], row["roles"], row["active"]) for row in listed] == [
        ("ada", ["administrator"], True),
        ("ben", ["maker"], True),
    ]
    assert all("password" not in row for row in listed)
    assert "ben" in run(folder, "list").stdout


def test_all_faults_are_told_and_nothing_is_stored(folder: Path):
    result = run(folder, "add", "Ada", "--full-name", " ", "--role", "workshop", "--json", typed="short\n")
    assert result.exit_code == 3
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["S003", "S005", "S006", "S011"]
    assert json.loads(run(folder, "list", "--json").stdout) == []


def test_a_workshop_that_is_not_in_the_region_is_refused(folder: Path):
    result = run(folder, "invite", "--role", "workshop", "--workshop", "nowhere", "--json")
    assert result.exit_code == 3
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["S016"]
    assert run(folder, "invite", "--role", "workshop", "--workshop", "north").exit_code == 0


def test_an_invitation_is_a_link_that_works(folder: Path):
    result = run(folder, "invite", "--role", "maker", "--name", "dora", "--url", "https://example.org/")
    link = result.stdout.strip()
    assert link.startswith("https://example.org/invitation/")
    people = people_of(folder)
    people.accept(link.rpartition("/")[2], "", "Dora", PASSWORD)
    assert [person.name for person in people.list_all(OPERATOR)] == ["dora"]
    people.close()


def test_an_account_is_closed_and_opened(folder: Path):
    add(folder)
    add(folder, "ben", "maker")
    assert json.loads(run(folder, "deactivate", "ben", "--json").stdout) == {"name": "ben", "active": False}
    assert [row["active"] for row in json.loads(run(folder, "list", "--json").stdout)] == [True, False]
    assert run(folder, "deactivate", "ben", "--undo").exit_code == 0
    assert [row["active"] for row in json.loads(run(folder, "list", "--json").stdout)] == [True, True]
    assert run(folder, "deactivate", "ada").exit_code == 3
    assert run(folder, "deactivate", "eve").exit_code == 4


def test_a_forgotten_password_is_set_anew(folder: Path):
    add(folder)
    assert run(folder, "password", "eve", typed=PASSWORD).exit_code == 4
    assert run(folder, "password", "ada", typed="short\n").exit_code == 3
    assert run(folder, "password", "ada", typed="another quiet evening\n").exit_code == 0
    people = people_of(folder)
    assert people.sign_in("ada", "another quiet evening")
    people.close()


def test_a_password_is_never_an_argument(folder: Path):
    result = run(folder, "add", "--help")
    assert "--password" not in result.stdout
    assert add(folder, typed="").exit_code == 3


def test_the_stored_password_is_a_scrypt_hash(folder: Path):
    add(folder)
    with sqlite3.connect(folder / "build/cosmolocal.db") as db:
        [(stored,)] = db.execute("SELECT password FROM people")
    db.close()
    assert stored.startswith("scrypt:")
    assert PASSWORD not in stored
