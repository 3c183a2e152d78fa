"""People in the database: what is there after each step, and that no secret is."""

import sqlite3
import stat
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from web.accounts import PASSWORD, Clock, FakeHasher

from cosmolocal.database import open_database
from cosmolocal.errors import ForbiddenError, InputError, NotFoundError
from cosmolocal.records import Person, Role, Scope
from cosmolocal.workflows.passwords import NOBODY, Scrypt, check_password
from cosmolocal.workflows.people import OPERATOR, People, find_owner_names
from cosmolocal.workflows.sessions import IDLE, SEEN_EVERY, ThrottledError

ADA = Person("ada", "Ada Lovelace", frozenset({Role.ADMINISTRATOR}))
BEN = Person("ben", "Ben", frozenset({Role.MAKER, Role.WORKSHOP}), "north")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hasher() -> FakeHasher:
    return FakeHasher()


@pytest.fixture
def people(tmp_path: Path, clock: Clock, hasher: FakeHasher):
    accounts = People(tmp_path / "people.db", clock, hasher, reserved=lambda: {"cy"})
    accounts.add(OPERATOR, ADA, PASSWORD)
    accounts.add(OPERATOR, BEN, PASSWORD)
    yield accounts
    accounts.close()


def codes(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_who_is_stored_comes_back(people: People):
    assert people.list_all(OPERATOR) == (ADA, BEN)


def test_a_session_is_the_person_s(people: People):
    assert people.find_signed_in(people.sign_in(" Ben ", PASSWORD)) == BEN
    assert people.find_signed_in("made up") is None


def test_no_secret_is_in_the_database(people: People, tmp_path: Path):
    """Neither in a row nor in what SQLite left of an older one."""
    secret = people.sign_in("ada", PASSWORD)
    token = people.make_token(ADA, "ci", [Scope.READ], 9)
    code = people.invite(ADA, [Role.VIEWER])
    with pytest.raises(InputError):
        people.sign_in("my password in the wrong field", "x")
    people.close()
    data = (tmp_path / "people.db").read_bytes()
    found = [part for part in (secret, token, code, PASSWORD, "wrong field") if part.encode() in data]
    assert found == []
    assert b"Ada Lovelace" in data


def test_a_new_database_is_for_its_owner_alone(people: People, tmp_path: Path):
    people.list_all(OPERATOR)
    assert stat.S_IMODE((tmp_path / "people.db").stat().st_mode) == 0o600


def test_a_session_ends_after_14_days_without_use(people: People, clock: Clock):
    secret = people.sign_in("ada", PASSWORD)
    clock.wait(days=13)
    assert people.find_signed_in(secret) == ADA
    clock.wait(days=13)
    assert people.find_signed_in(secret) == ADA
    clock.now += IDLE
    assert people.find_signed_in(secret) is None
    assert people.sessions(ADA, secret) == ()


def test_reading_seldom_waits_for_the_disk(people: People, clock: Clock):
    secret = people.sign_in("ada", PASSWORD)
    clock.now += SEEN_EVERY / 2
    people.find_signed_in(secret)
    [session] = people.sessions(ADA, secret)
    assert session.last_seen == session.created
    clock.now += SEEN_EVERY / 2
    people.find_signed_in(secret)
    [session] = people.sessions(ADA, secret)
    assert session.last_seen == clock.now.isoformat()


def test_ended_sessions_do_not_pile_up(people: People, clock: Clock, tmp_path: Path):
    people.sign_in("ada", PASSWORD)
    clock.now += IDLE
    people.sign_in("ada", PASSWORD)
    with open_database(tmp_path / "people.db") as db:
        assert db.table("sessions").count == 1


@pytest.mark.parametrize("name", ["ada", "no-one"])
def test_the_sixth_try_within_a_minute_is_not_looked_at(people: People, clock: Clock, hasher: FakeHasher, name: str):
    for _ in range(5):
        with pytest.raises(InputError) as wrong:
            people.sign_in(name, "wrong")
        assert codes(wrong) == ["S001"]
        clock.wait(seconds=10)
    with pytest.raises(ThrottledError):
        people.sign_in(name, PASSWORD)
    assert hasher.checks == 5
    clock.wait(seconds=10)
    if name == "ada":
        assert people.find_signed_in(people.sign_in("ada", PASSWORD)) == ADA
    else:
        with pytest.raises(InputError) as wrong:
            people.sign_in(name, PASSWORD)
        assert codes(wrong) == ["S001"]


def test_other_accounts_are_not_slowed_down(people: People):
    for _ in range(5):
        with pytest.raises(InputError):
            people.sign_in("ada", "wrong")
    assert people.sign_in("ben", PASSWORD)


def test_who_signs_in_rightly_may_do_so_often(people: People):
    for _ in range(12):
        assert people.sign_in("ada", PASSWORD)


def test_an_unknown_name_takes_as_long_as_a_known_one(people: People, hasher: FakeHasher):
    """Each refusal costs exactly one hash, whoever it is."""
    people.set_active(OPERATOR, "ben", False)
    spent = []
    for name in ("ada", "ben", "no-one", "", "x" * 5000):
        before = hasher.checks
        with pytest.raises(InputError, match="do not belong together"):
            people.sign_in(name, "wrong")
        spent.append(hasher.checks - before)
    assert spent == [1] * 5


def test_the_hash_of_nobody_costs_what_a_true_one_does_and_fits_nothing():
    method, _, digest = NOBODY.split("$")
    stored = Scrypt().hash(PASSWORD)
    assert stored.split("$")[0] == method
    assert len(stored.split("$")[2]) == len(digest)
    assert not Scrypt().check(NOBODY, PASSWORD)


def test_scrypt_knows_the_password_again():
    stored = Scrypt().hash("pässword of mine")
    assert PASSWORD not in stored
    assert Scrypt().check(stored, "pässword of mine")
    assert not Scrypt().check(stored, "password of mine")


def test_a_password_is_the_same_however_its_signs_are_put_together(people: People):
    people.set_password(OPERATOR, "ada", "caf\u00e9 at the corner")
    assert people.sign_in("ada", "cafe\u0301 at the corner")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "S006"),
        ("elevenchars", "S006"),
        ("ab" * 501, "S006"),
        ("ada-ada-ada-ada", "S007"),
        ("Ada Lovelace12", "S007"),
        ("password1234", "S007"),
        ("PasswordPassword", "S007"),
        ("abababababab", "S007"),
    ],
)
def test_a_weak_password_is_refused(password: str, code: str):
    assert code in [problem.code for problem in check_password(password, "ada", "Ada Lovelace")]


def test_a_good_password_may_hold_the_name():
    assert check_password("ada walks to the harbour", "ada", "Ada Lovelace") == []


@pytest.mark.parametrize("name", ["", "a", "Ada", "a b", "-a", "a-", "a--b", "a_b", "ä-b", "a" * 41, "ada\n", "<b>"])
def test_a_name_is_lower_case_letters_digits_and_single_hyphens(people: People, name: str):
    with pytest.raises(InputError) as wrong:
        people.add(OPERATOR, replace(ADA, name=name), PASSWORD)
    assert codes(wrong) == ["S003"]


def test_all_faults_of_a_new_person_are_told_at_once(people: People):
    with pytest.raises(InputError) as wrong:
        people.add(OPERATOR, Person("A", "\u202eeve", frozenset(), "north"), "short")
    assert codes(wrong) == ["S003", "S005", "S006", "S010", "S011"]


def test_a_name_is_given_once(people: People):
    people.set_active(OPERATOR, "ben", False)
    with pytest.raises(InputError) as wrong:
        people.add(OPERATOR, BEN, PASSWORD)
    assert codes(wrong) == ["S004"]


def test_a_new_password_ends_every_session_but_the_new_one(people: People):
    here, there = people.sign_in("ada", PASSWORD), people.sign_in("ada", PASSWORD)
    new = people.change_password(ADA, PASSWORD, "another quiet evening")
    assert [people.find_signed_in(secret) for secret in (here, there, new)] == [None, None, ADA]
    assert people.sign_in("ada", "another quiet evening")
    with pytest.raises(InputError):
        people.sign_in("ada", PASSWORD)


def test_a_new_password_needs_the_present_one_and_guessing_it_is_slowed_down(people: People):
    with pytest.raises(InputError) as wrong:
        people.change_password(ADA, "wrong", "short")
    assert codes(wrong) == ["S006", "S008"]
    for _ in range(4):
        with pytest.raises(InputError):
            people.change_password(ADA, "wrong", "another quiet evening")
    with pytest.raises(ThrottledError):
        people.change_password(ADA, PASSWORD, "another quiet evening")


def test_nobody_ends_the_sessions_or_tokens_of_others(people: People):
    secret = people.sign_in("ada", PASSWORD)
    [session] = people.sessions(ADA, secret)
    people.make_token(ADA, "ci", [Scope.READ], 9)
    with pytest.raises(NotFoundError):
        people.end_own_session(BEN, session.id)
    with pytest.raises(NotFoundError):
        people.revoke_token(BEN, people.tokens(ADA)[0].id)
    assert people.find_signed_in(secret) == ADA
    assert people.tokens(BEN) == ()
    people.end_own_session(ADA, session.id)
    assert people.find_signed_in(secret) is None


def test_the_present_browser_is_told_from_the_others(people: People):
    here = people.sign_in("ada", PASSWORD)
    people.sign_in("ada", PASSWORD)
    assert sorted(session.here for session in people.sessions(ADA, here)) == [False, True]


def test_a_token_is_good_for_its_scope_and_its_time(people: People, clock: Clock):
    reading = people.make_token(BEN, "reads", [Scope.READ], 1)
    publishing = people.make_token(BEN, "publishes", [Scope.PUBLISH], 366)
    assert people.use_token(reading, Scope.READ) == BEN
    assert people.use_token(publishing, Scope.READ) == people.use_token(publishing, Scope.PUBLISH) == BEN
    with pytest.raises(ForbiddenError) as narrow:
        people.use_token(reading, Scope.PUBLISH)
    assert not narrow.value.sign_in
    clock.wait(days=1)
    with pytest.raises(ForbiddenError):
        people.use_token(reading, Scope.READ)
    assert [token.last_used is None for token in people.tokens(BEN)] == [False, False]


def test_a_token_rests_while_its_person_may_not_sign_in(people: People):
    token = people.make_token(BEN, "ci", [Scope.READ], 9)
    people.set_active(OPERATOR, "ben", False)
    with pytest.raises(ForbiddenError):
        people.use_token(token, Scope.READ)
    people.set_active(OPERATOR, "ben", True)
    assert people.use_token(token, Scope.READ) == BEN


def test_a_token_that_is_revoked_is_worth_nothing(people: People):
    token = people.make_token(BEN, "ci", [Scope.READ], 9)
    people.revoke_token(BEN, people.tokens(BEN)[0].id)
    with pytest.raises(ForbiddenError):
        people.use_token(token, Scope.READ)


def test_all_faults_of_a_token_are_told_at_once(people: People):
    people.make_token(BEN, "ci", [Scope.READ], 9)
    with pytest.raises(InputError) as wrong:
        people.make_token(BEN, " ci ", [], 367)
    assert codes(wrong) == ["S013", "S014", "S015"]


def test_an_invitation_is_good_once(people: People):
    code = people.invite(ADA, [Role.WORKSHOP], "north")
    secret = people.accept(code, "dora", "Dora", PASSWORD)
    assert people.find_signed_in(secret) == Person("dora", "Dora", frozenset({Role.WORKSHOP}), "north")
    with pytest.raises(NotFoundError):
        people.accept(code, "eve", "Eve", PASSWORD)
    assert people.invitations(ADA) == ()


def test_a_refused_form_leaves_the_invitation_open(people: People):
    code = people.invite(ADA, [Role.VIEWER])
    with pytest.raises(InputError) as wrong:
        people.accept(code, "ada", "", "short")
    assert codes(wrong) == ["S005", "S006"]
    with pytest.raises(InputError) as wrong:
        people.accept(code, "ada", "Another Ada", PASSWORD)
    assert codes(wrong) == ["S004"]
    assert people.accept(code, "ada-two", "Another Ada", PASSWORD)


@pytest.mark.parametrize("loss", ["time", "withdrawn"])
def test_an_invitation_ends(people: People, clock: Clock, loss: str):
    code = people.invite(ADA, [Role.VIEWER])
    if loss == "time":
        clock.wait(days=7)
    else:
        people.withdraw(ADA, people.invitations(ADA)[0].id)
    with pytest.raises(NotFoundError):
        people.accept(code, "eve", "Eve", PASSWORD)


def test_the_name_of_an_owner_is_not_chosen_but_given(people: People):
    """Else anybody who is invited could become the owner of designs published before."""
    with pytest.raises(InputError) as wrong:
        people.accept(people.invite(ADA, [Role.MAKER]), "cy", "Cy", PASSWORD)
    assert codes(wrong) == ["S004"]
    secret = people.accept(people.invite(ADA, [Role.MAKER], name="cy"), "ignored", "Cy", PASSWORD)
    found = people.find_signed_in(secret)
    assert found is not None
    assert found.name == "cy"


def test_a_region_without_designs_has_no_owners(tmp_path: Path):
    assert find_owner_names(tmp_path / "designs") == frozenset()


def test_one_administrator_stays(people: People):
    with pytest.raises(InputError) as wrong:
        people.set_active(ADA, "ada", False)
    assert codes(wrong) == ["S012"]
    with pytest.raises(InputError) as wrong:
        people.set_access(ADA, "ada", [Role.VIEWER])
    assert codes(wrong) == ["S012"]
    people.set_access(ADA, "ben", [Role.ADMINISTRATOR])
    people.set_active(ADA, "ada", False)
    assert [person.active for person in people.list_all(OPERATOR)] == [False, True]


def test_roles_change_in_sessions_that_are_open(people: People):
    secret = people.sign_in("ben", PASSWORD)
    people.set_access(ADA, "ben", [Role.PLANNER])
    assert people.find_signed_in(secret) == replace(BEN, roles=frozenset({Role.PLANNER}), workshop=None)


def test_who_may_not_sign_in_loses_every_session(people: People):
    secret = people.sign_in("ben", PASSWORD)
    people.set_active(ADA, "ben", False)
    assert people.find_signed_in(secret) is None
    people.set_active(ADA, "ben", True)
    assert people.find_signed_in(secret) is None


def test_only_administrators_manage_people(people: People):
    refused = [
        lambda: people.list_all(BEN),
        lambda: people.find(BEN, "ada"),
        lambda: people.add(BEN, replace(ADA, name="eve"), PASSWORD),
        lambda: people.set_access(BEN, "ben", [Role.ADMINISTRATOR]),
        lambda: people.set_active(BEN, "ada", False),
        lambda: people.set_password(BEN, "ada", PASSWORD),
        lambda: people.invite(BEN, [Role.ADMINISTRATOR]),
        lambda: people.invitations(BEN),
        lambda: people.withdraw(BEN, 1),
    ]
    for use in refused:
        with pytest.raises(ForbiddenError):
            use()
    assert people.list_all(OPERATOR) == (ADA, BEN)


class TestFirstRun:
    """The first administrator of a region."""

    @pytest.fixture
    def empty(self, tmp_path: Path, clock: Clock, hasher: FakeHasher):
        accounts = People(tmp_path / "empty.db", clock, hasher)
        yield accounts
        accounts.close()

    def test_the_code_makes_one_administrator(self, empty: People):
        code = empty.first_run_code()
        assert code is not None
        found = empty.find_signed_in(empty.start(code, "ada", "Ada", PASSWORD))
        assert found == Person("ada", "Ada", frozenset({Role.ADMINISTRATOR}))
        assert empty.first_run_code() is None
        with pytest.raises(NotFoundError):
            empty.start(code, "eve", "Eve", PASSWORD)

    def test_only_the_newest_code_counts(self, empty: People):
        old, new = empty.first_run_code(), empty.first_run_code()
        for code in ("", "guess", old or ""):
            with pytest.raises(InputError) as wrong:
                empty.start(code, "eve", "Eve", PASSWORD)
            assert codes(wrong) == ["S009"]
        assert empty.start(new or "", "ada", "Ada", PASSWORD)

    def test_the_code_is_no_invitation_and_an_invitation_is_no_code(self, empty: People):
        code = empty.first_run_code() or ""
        with pytest.raises(NotFoundError):
            empty.accept(code, "eve", "Eve", PASSWORD)
        with pytest.raises(InputError):
            empty.start(empty.invite(OPERATOR, [Role.VIEWER]), "eve", "Eve", PASSWORD)

    def test_of_many_at_once_one_becomes_the_administrator(self, tmp_path: Path):
        with open_database(tmp_path / "race.db"):
            pass
        opener = People(tmp_path / "race.db", hasher=FakeHasher())
        code = opener.first_run_code() or ""
        done: list[str] = []

        def take(name: str) -> None:
            accounts = People(tmp_path / "race.db", hasher=FakeHasher())
            try:
                accounts.start(code, name, name, PASSWORD)
                done.append(name)
            except (InputError, NotFoundError):
                pass
            finally:
                accounts.close()

        threads = [threading.Thread(target=take, args=(f"person-{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 1
        assert [person.name for person in opener.list_all(OPERATOR)] == done
        opener.close()


def test_a_database_of_the_first_version_gets_the_tables_of_people(tmp_path: Path):
    path = tmp_path / "old.db"
    with open_database(path) as db:
        for table in ("tokens", "invitations", "tries", "sessions", "people"):
            db.table(table).drop()
        db.table("_sqlite_migrations").delete_where("name = ?", ["0002_people"])
    people = People(path, hasher=FakeHasher())
    people.add(OPERATOR, ADA, PASSWORD)
    assert people.list_all(OPERATOR) == (ADA,)
    people.close()


def test_a_session_of_nobody_cannot_be_stored(tmp_path: Path):
    row = {"digest": "d", "person": "no-one", "created": "", "last_seen": "", "expires": ""}
    with open_database(tmp_path / "people.db") as db, pytest.raises(sqlite3.IntegrityError):
        db.table("sessions").insert(row)


def test_tries_are_forgotten(people: People, clock: Clock, tmp_path: Path):
    for name in ("eve", "mallory"):
        with pytest.raises(InputError):
            people.sign_in(name, "wrong")
        clock.now += timedelta(minutes=2)
    with open_database(tmp_path / "people.db") as db:
        assert db.table("tries").count == 1
