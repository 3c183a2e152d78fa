"""A backup restored is the region it was made of; what is damaged, secret or in the way is not let through."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from cosmolocal.cli import main
from cosmolocal.database import open_database
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import Person, Role, Scope
from cosmolocal.workflows.backups import ABOUT, MANIFEST, back_up, restore
from cosmolocal.workflows.people import OPERATOR, People, people_of
from cosmolocal.workflows.workspace import DATABASE
from torture.region import REGION, look_at, prepare, publish, verify_region
from torture.small_region import NoHasher

PASSWORD = "a quiet evening by the sea"


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """Make a region with plans, one of them published, an account, a token, a draft and a key."""
    prepare(tmp_path)
    publish(tmp_path)
    folder = tmp_path / REGION
    people = People(folder / DATABASE, hasher=NoHasher())
    ada = Person("ada", "Ada Lovelace", frozenset({Role.ADMINISTRATOR}))
    people.add(OPERATOR, ada, PASSWORD)
    people.make_token(ada, "program", Scope, 9)
    people.sign_in("ada", PASSWORD)
    people.close()
    (folder / "build/secret.key").write_bytes(b"secret of the cookies")
    draft = folder / "build/drafts/00ff"
    (draft / "files").mkdir(parents=True)
    (draft / "draft.json").write_text("{}")
    (draft / "files/okh.toml").write_text("name = 'Draft'")
    (draft / "lock").touch()
    (folder / ".hidden").write_text("not of the region")
    (folder / "scenarios").mkdir()
    (folder / "scenarios/spring.yaml").write_text("name: Spring\n")
    return folder


def rows(folder: Path, table: str) -> list[tuple]:
    db = sqlite3.connect(folder / DATABASE)
    try:
        return sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
    finally:
        db.close()


def test_what_is_restored_is_what_was_backed_up(region, tmp_path):
    made = back_up(region, tmp_path / "backup", secrets=True)
    assert restore(tmp_path / "backup", tmp_path / "again") == made
    assert look_at(tmp_path / "again") == look_at(region)
    assert verify_region(tmp_path / "again") == []
    assert (tmp_path / "again/build/secret.key").read_bytes() == b"secret of the cookies"
    assert (tmp_path / "again/build/drafts/00ff/files/okh.toml").exists()
    assert (made.designs, made.books, made.plans, made.secrets) == (1, 1, 2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "backup", REGION]
    assert not (tmp_path / "again/.hidden").exists()


def test_nothing_secret_is_in_a_backup_unless_asked_for(region, tmp_path):
    stored = rows(region, "people")[0][5]
    digests = [row[1] for table in ("sessions", "tokens") for row in rows(region, table)]
    assert stored and len(digests) == 2
    back_up(region, tmp_path / "backup")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    for secret in (stored, *digests, "secret of the cookies"):
        assert secret.encode() not in everything
    restore(tmp_path / "backup", tmp_path / "again")
    assert [row[0] for row in rows(tmp_path / "again", "people")] == ["ada"]
    with people_of_again(tmp_path) as people, pytest.raises(InputError):
        people.sign_in("ada", PASSWORD)


def people_of_again(tmp_path: Path):
    from contextlib import closing  # noqa: PLC0415

    return closing(people_of(tmp_path / "again"))


def test_a_backup_is_for_its_owner_alone(region, tmp_path):
    back_up(region, tmp_path / "backup")
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
    restore(tmp_path / "backup", tmp_path / "again")
    assert (tmp_path / "again" / DATABASE).stat().st_mode & 0o777 == 0o600


def spoil_byte(backup: Path) -> str:
    path = backup / "region/orders/book.csv"
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(content)
    return "region/orders/book.csv"


def remove_file(backup: Path) -> str:
    (backup / "region/places.csv").unlink()
    return "region/places.csv"


def add_file(backup: Path) -> str:
    (backup / "region/more.csv").write_text("more")
    return "region/more.csv"


def spoil_about(backup: Path) -> str:
    about = json.loads((backup / ABOUT).read_text())
    (backup / ABOUT).write_text(json.dumps({**about, "plans": 9}))
    return ABOUT


def lead_out(backup: Path) -> str:
    path = backup / MANIFEST
    path.write_text(path.read_text() + "0" * 64 + "  region/../../elsewhere\n")
    return MANIFEST


@pytest.mark.parametrize("spoil", [spoil_byte, remove_file, add_file, spoil_about, lead_out])
def test_a_damaged_backup_is_refused_and_its_damage_named(region, tmp_path, spoil):
    back_up(region, tmp_path / "backup")
    where = spoil(tmp_path / "backup")
    with pytest.raises(InputError) as refused:
        restore(tmp_path / "backup", tmp_path / "again")
    [problem] = refused.value.problems
    assert problem.code == "P181"
    assert problem.where.startswith(where)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", REGION]


def test_a_backup_of_a_damaged_database_is_not_restored(region, tmp_path):
    db = open_database(region / DATABASE)
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("DELETE FROM plans")
    db.conn.commit()
    db.close()
    back_up(region, tmp_path / "backup")
    with pytest.raises(InputError, match="refers to what is not in"):
        restore(tmp_path / "backup", tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_nothing_is_written_over(region, tmp_path):
    for act in (lambda: back_up(region, region), lambda: restore(tmp_path / "backup", region)):
        back_up(region, tmp_path / "backup") if not (tmp_path / "backup").exists() else None
        with pytest.raises(InputError, match="P180"):
            act()
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "backup", tmp_path / "empty")
    assert verify_region(tmp_path / "empty") == []


def test_what_is_no_region_and_what_is_no_backup_is_refused(tmp_path):
    (tmp_path / "other").mkdir()
    with pytest.raises(InputError, match="P183"):
        back_up(tmp_path / "other", tmp_path / "backup")
    with pytest.raises(InputError, match="P182"):
        restore(tmp_path / "other", tmp_path / "again")
    with pytest.raises(NotFoundError):
        restore(tmp_path / "nothing", tmp_path / "again")


def test_a_region_without_a_database_or_designs_is_backed_up_too(region, tmp_path):
    shutil.rmtree(region / "build")
    shutil.rmtree(region / "designs")
    back_up(region, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again")
    assert sorted(path.name for path in (tmp_path / "again").iterdir() if path.is_file()) == [
        "places.csv",
        "region.yaml",
        "workshops.yaml",
    ]


def test_the_commands_tell_what_they_did_and_end_as_all_others(region, tmp_path):
    def run(*arguments: object):
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    backup, again = tmp_path / "backup", tmp_path / "again"
    made = run("backup", backup, "--region", region, "--json")
    assert made.exit_code == 0
    told = json.loads(made.stdout)
    assert told["counts"]["designs"] == 1
    assert (told["problems"], told["secrets"]) == ([], False)
    assert run("backup", backup, "--region", region).exit_code == 3
    assert run("restore", tmp_path / "nothing", again).exit_code == 4
    assert run("restore", backup, again).exit_code == 0
    assert json.loads(run("restore", backup, again, "--json").stdout)["problems"][0]["code"] == "P180"
