"""The doctor finds each thing that is wrong: every test makes the fault first."""

import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli.small_region import files_in, run
from web.accounts import FakeHasher

from cosmolocal.database import open_database, planning_runs
from cosmolocal.database.probing import looking
from cosmolocal.designs.staging import locked, staging_place
from cosmolocal.records import Person, Role, RunRequest, Scope
from cosmolocal.workflows import diagnosing, diagnosing_database
from cosmolocal.workflows.design_search import reindex_designs
from cosmolocal.workflows.diagnosing import Diagnosis, diagnose, read_lock
from cosmolocal.workflows.keys import KEY, read_secret_key
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.workspace import DATABASE

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


def look(folder: Path, **how) -> Diagnosis:
    return diagnose(folder, **{"now": lambda: NOW} | how)


def found(folder: Path, what: str, **how) -> tuple[str, str, str]:
    """Return mark, finding and mend of the first thing that is called so."""
    one = next(one for one in look(folder, **how).findings if one.what == what)
    return one.mark, one.found, one.mend


@pytest.fixture
def well(planned: Path) -> Path:
    """Return a planned region whose index is built and whose key is made: nothing is wrong with it."""
    reindex_designs(planned)
    read_secret_key((planned / DATABASE).parent)
    (planned / DATABASE).chmod(0o600)
    return planned


def database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / DATABASE, isolation_level=None)


def test_a_region_that_is_well_has_nothing_wrong_and_looking_changes_nothing(well):
    before = files_in(well)
    diagnosis = look(well)
    assert [one for one in diagnosis.findings if one.mark != "ok"] == []
    assert files_in(well) == before
    assert diagnosis.as_dict()["counts"] == {"checks": len(diagnosis.findings), "wrong": 0, "notes": 0}


def test_a_region_that_nobody_planned_is_well_too(region):
    diagnosis = look(region)
    assert diagnosis.ok
    assert not (region / "build").exists()


def test_what_is_wrong_ends_with_3_and_is_listed_as_problems(well):
    (well / "build" / KEY).chmod(0o644)
    result = run("doctor", "--region", well, "--json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert document["counts"]["wrong"] == 1
    [problem] = document["problems"]
    assert (problem["code"], problem["where"]) == ("P173", "key")
    assert "chmod 600" in problem["message"]


@pytest.mark.parametrize(
    ("name", "what"), [("build/" + KEY, "key"), (str(DATABASE), "database mode")], ids=["key", "database"]
)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_secret_that_others_may_read(well, name, what, mode):
    (well / name).chmod(mode)
    mark, told, mend = found(well, what)
    assert (mark, f"{mode:04o}" in told, mend) == ("WRONG", True, f"chmod 600 {well / name}")


def test_a_key_that_was_cut(well):
    (well / "build" / KEY).write_bytes(b"short")
    marks = [(one.mark, one.mend) for one in look(well).findings if one.what == "key"]
    assert ("WRONG", "cosmolocal keys rotate makes a new one; everybody signs in again") in marks


def test_a_package_that_is_not_the_locked_one(well, tmp_path):
    lock = tmp_path / "requirements.txt"
    lock.write_text("flask==0.1 \\\n    --hash=sha256:00\nnot-here==1.0\nwindows-only==1 ; sys_platform == 'win32'\n")
    mark, told, mend = found(well, "locked packages", lock=lock)
    assert mark == "WRONG"
    assert "flask is 3" in told and "locked is 0.1" in told
    assert "not-here is missing" in told
    assert "windows-only" not in told
    assert "make setup" in mend


def test_the_lock_of_this_program_is_read_whole():
    names = {asked.name for asked in read_lock(diagnosing.LOCK)}
    assert {"flask", "numpy", "ortools", "waitress", "werkzeug"} <= names
    assert all(str(asked.specifier).startswith("==") for asked in read_lock(diagnosing.LOCK))


def test_without_a_lock_nothing_is_compared(well, tmp_path):
    assert found(well, "locked packages", lock=tmp_path / "none")[0] == "ok"


def test_a_package_that_is_missing(well, monkeypatch):
    monkeypatch.setattr(diagnosing, "PACKAGES", ("never-installed",))
    assert found(well, "never-installed") == ("WRONG", "missing", "run make setup")


def test_files_of_the_program_that_are_missing(well, tmp_path):
    mark, told, _ = found(well, "files of the program", program=tmp_path)
    assert mark == "WRONG"
    assert "site.css" in told and "fr" in told


def test_another_python(well, monkeypatch):
    monkeypatch.setattr(diagnosing.sys, "version_info", (3, 9, 0))
    assert found(well, "Python")[0] == "WRONG"


def test_little_room(well, monkeypatch):
    monkeypatch.setattr(diagnosing, "ENOUGH_SPACE", 1 << 62)
    mark, _, mend = found(well, "disk")
    assert mark == "WRONG"
    assert "The disk is full" in mend
    assert "## The disk is full" in Path(diagnosing.LOCK.parent / "docs/runbook.md").read_text("utf-8")


def test_a_clock_that_stands_at_the_beginning(well):
    assert found(well, "clock", now=lambda: datetime(1970, 1, 1, tzinfo=UTC))[0] == "WRONG"


def test_a_clock_that_is_behind_what_was_written(well):
    behind = datetime(2025, 6, 1, tzinfo=UTC)
    assert found(well, "clock", now=lambda: behind)[0] == "ok"
    mark, told, _ = found(well, "time of the database", now=lambda: behind)
    assert mark == "WRONG"
    assert "has not come yet" in told


def test_faults_of_the_region_are_named_one_by_one(well):
    (well / "orders/book.csv").write_text((well / "orders/book.csv").read_text().replace("A,", "A,,", 1))
    (well / "places.csv").unlink()
    told = [one for one in look(well).findings if one.code == "P174"]
    assert {"input files", "places.csv"} <= {one.what for one in told}
    assert all(one.mend for one in told)


def test_a_changed_byte_of_a_design(well):
    path = next(well.glob("designs/*/v1/content/okh.toml"))
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 1))
    told = [one for one in look(well).findings if one.code == "P175"]
    assert any("okh.toml" in one.found + one.what for one in told)
    assert any("E092" in one.found for one in told)


def test_a_broken_inventory(well):
    next(well.glob("designs/*/inventory.json")).write_text("{}")
    assert found(well, "designs")[0] == "WRONG"


def test_staging_that_a_crash_left(well):
    (well / ".staging-designs/gone").mkdir(parents=True)
    (well / "build/.staging-abc").touch()
    mark, told, mend = found(well, "leavings")
    assert (mark, "gone" in told, "build/.staging-abc" in told) == ("note", True, True)
    assert "serve" in mend
    with locked(well / "designs"):
        assert found(well, "leavings")[1] == "left by a crash: build/.staging-abc"


def test_staging_of_a_writer_at_work_is_left_alone(well):
    with staging_place(well / "designs"):
        assert found(well, "leavings")[0] == "ok"


def test_a_damaged_page_of_the_database(well):
    path = well / DATABASE
    with looking(path) as db:
        [page] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'allocations'").fetchone()
        [size] = db.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)
    mark, _, mend = found(well, "database")
    assert (mark, mend) == ("WRONG", diagnosing_database.RESTORE)


def test_rows_that_refer_to_nothing(well):
    with database(well) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("DELETE FROM plans")
    mark, told, _ = found(well, "references")
    assert mark == "WRONG"
    assert "→ plans" in told


def test_a_newer_version_wrote_the_database(well):
    with database(well) as db:
        db.execute("UPDATE _sqlite_migrations SET name = '9999_later' WHERE name = '0014_fronts'")
    mark, told, mend = found(well, "migrations")
    assert (mark, "9999_later" in told, "newer" in mend) == ("WRONG", True, True)


def test_an_older_version_wrote_the_database(well):
    with database(well) as db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0015_scenarios'")
    mark, told, mend = found(well, "migrations")
    assert (mark, "0015_scenarios" in told, "back up" in mend) == ("note", True, True)


def test_a_database_that_another_program_turned_to_wal(well):
    with database(well) as db:
        db.execute("PRAGMA journal_mode = WAL")
    mark, _, mend = found(well, "journal")
    assert mark == "WRONG"
    assert "next cosmolocal command" in mend
    open_database(well / DATABASE).close()
    assert found(well, "journal")[0] == "ok"


def test_an_index_that_says_what_the_store_does_not(well):
    with database(well) as db:
        db.execute("UPDATE design_versions SET name = 'Something else'")
    mark, told, mend = found(well, "index of designs")
    assert (mark, "lamp" in told) == ("WRONG", True)
    assert "reindex" in mend
    assert run("designs", "reindex", "--region", well).exit_code == 0
    assert found(well, "index of designs")[:2] == ("ok", "as the store says")


def test_designs_that_no_search_has_taken_in_are_no_fault(planned):
    with database(planned) as db:
        for table in ("design_words", "design_operations", "design_files", "design_licenses", "design_versions"):
            db.execute(f"DELETE FROM {table}")
        for table in ("design_notices", "design_releases", "designs"):
            db.execute(f"DELETE FROM {table}")
    assert found(planned, "index of designs")[:2] == ("ok", "designs that the next search takes in: 1")


def test_an_index_without_a_store_to_compare_with(well):
    (well / "designs/0=ocfl_1.1").unlink()
    assert found(well, "index of designs")[0] == "ok"
    assert found(well, "designs")[0] == "WRONG"
    shutil.rmtree(well / "designs")
    assert found(well, "index of designs")[1] == "no store of designs"


def test_runs_that_were_interrupted(well):
    db = open_database(well / DATABASE)
    for ago in (timedelta(minutes=5), timedelta(seconds=5)):
        moment = (NOW - ago).strftime("%Y-%m-%dT%H:%M:%SZ")
        planning_runs.add_run(db, RunRequest("orders/book.csv"), "ada", moment, "boot")
    db.close()
    mark, told, mend = found(well, "runs")
    assert (mark, told) == ("note", "interrupted: 1 (ada)")
    assert "serve" in mend


def test_tokens_that_have_expired(well):
    people = People(well / DATABASE, now=lambda: NOW - timedelta(days=9), hasher=FakeHasher())
    people.add(OPERATOR, Person("ada", "Ada", frozenset({Role.VIEWER})), "a quiet evening by the sea")
    for name, days in (("robot", 3), ("watch", 30)):
        people.make_token(people.find(OPERATOR, "ada"), name, [Scope.READ], days)
    people.close()
    mark, told, _ = found(well, "tokens")
    assert (mark, told) == ("note", "expired: robot of ada (2027-02-23)")


def test_a_sqlite_that_is_too_old(well, monkeypatch):
    monkeypatch.setattr(diagnosing_database.probing, "SQLITE_VERSION_INFO", (3, 31, 1))
    assert found(well, "SQLite")[0] == "WRONG"


def test_a_crash_in_the_middle_of_writing_is_rolled_back_by_whoever_opens_next(well):
    """A journal that is left does not keep the doctor from looking, and looking does not use it up."""
    journal = Path(f"{well / DATABASE}-journal")
    journal.write_bytes(b"")
    assert found(well, "database")[0] == "ok"
    assert journal.exists()
