"""A new key for the cookies: every session ends; what was given out ends only when that is asked for."""

import json
import os
import stat

import pytest
from cli.small_region import run
from web.accounts import FakeHasher

from cosmolocal.errors import ForbiddenError, NotFoundError
from cosmolocal.records import Person, Role, Scope
from cosmolocal.workflows.keys import KEY, read_secret_key, rotate_keys
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.workspace import DATABASE

PASSWORD = "a quiet evening by the sea"


@pytest.fixture
def people(planned):
    accounts = People(planned / DATABASE, hasher=FakeHasher())
    accounts.add(OPERATOR, Person("ada", "Ada", frozenset({Role.ADMINISTRATOR})), PASSWORD)
    yield accounts
    accounts.close()


def test_the_key_is_another_one_and_every_session_ends(planned, people):
    folder = (planned / DATABASE).parent
    before, secret = read_secret_key(folder), people.sign_in("ada", PASSWORD)
    assert people.find_signed_in(secret)
    result = run("keys", "rotate", "--region", planned, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"ended": {"sessions": 1}})
    assert "when it is started again" in result.stderr
    assert read_secret_key(folder) != before
    assert people.find_signed_in(secret) is None
    assert people.sign_in("ada", PASSWORD)


@pytest.mark.parametrize("given_out", [False, True])
def test_tokens_and_invitations_stay_unless_asked(planned, people, given_out):
    ada = people.find(OPERATOR, "ada")
    token, code = people.make_token(ada, "robot", [Scope.READ], 9), people.invite(OPERATOR, [Role.VIEWER])
    ended = rotate_keys(planned, given_out)
    if not given_out:
        assert people.use_token(token, Scope.READ) == ada
        assert people.find_invitation(code)
        return
    assert ended == {"sessions": 0, "tokens": 1, "invitations": 1, "calendars": 0}
    with pytest.raises(ForbiddenError):
        people.use_token(token, Scope.READ)
    with pytest.raises(NotFoundError):
        people.find_invitation(code)


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o277])
def test_whatever_the_umask_only_its_owner_may_read_the_key(tmp_path, umask):
    before = os.umask(umask)
    try:
        rotate_keys(tmp_path)
        read_secret_key(tmp_path / "other")
    finally:
        os.umask(before)
    for key in (tmp_path / "build" / KEY, tmp_path / "other" / KEY):
        assert stat.S_IMODE(key.stat().st_mode) & 0o077 == 0
    assert [path.name for path in (tmp_path / "build").iterdir()] == [KEY]


def test_a_region_without_accounts_gets_its_key(region):
    result = run("keys", "rotate", "--region", region)
    assert result.exit_code == 0
    assert not (region / DATABASE).exists()
    assert (region / "build" / KEY).stat().st_size == 32
