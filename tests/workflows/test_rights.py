"""Who may do what: the whole table, written out once more by hand."""

import pytest

from cosmolocal.errors import ForbiddenError
from cosmolocal.records import Person, Role
from cosmolocal.workflows.rights import RULES, Action, Rule, answering, authorize, may

NOBODY = "nobody"
ROLES = [NOBODY, "viewer", "workshop", "maker", "planner", "administrator"]
#: action: (roles that may do it with any object, roles that may do it with their own)
EXPECTED = {
    "read": (ROLES, ROLES),
    "publish-new": (["maker", "administrator"], ["maker", "administrator"]),
    "release": ([], ["maker", "administrator"]),
    "yank": (["administrator"], ROLES[1:]),
    "set-owners": (["administrator"], ROLES[1:]),
    "take-down": (["administrator"], ["administrator"]),
    "confirm": (["workshop", "maker", "planner", "administrator"],) * 2,
    "report-make": (["workshop", "maker", "administrator"],) * 2,
    "publish-plan": (["planner", "administrator"],) * 2,
    "see-job": (["planner", "administrator"], ["workshop", "planner", "administrator"]),
    "answer-job": (["administrator"], ["workshop", "administrator"]),
    "set-closure": (["planner", "administrator"], ["workshop", "planner", "administrator"]),
    "ask-question": (["workshop", "maker", "planner", "administrator"],) * 2,
    "answer-question": (["administrator"], ROLES[1:]),
    "edit-orders": (["planner", "administrator"], ["planner", "administrator"]),
    "plan": (["planner", "administrator"],) * 2,
    "steer": (["planner", "administrator"],) * 2,
    "edit-scenarios": (["planner", "administrator"],) * 2,
    "edit-workshops": (["planner", "administrator"],) * 2,
    "edit-places": (["planner", "administrator"],) * 2,
    "manage-people": (["administrator"], ["administrator"]),
    "edit-draft": (["administrator"], ["maker", "administrator"]),
    "own-account": (ROLES[1:], ROLES[1:]),
    "operate": (["administrator"], ["administrator"]),
}


def person_with(*roles: str, active: bool = True) -> Person | None:
    return None if NOBODY in roles else Person("ada", "Ada", frozenset(map(Role, roles)), active=active)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("own", [False, True], ids=["of others", "own"])
def test_the_table_is_as_written_here(action: Action, own: bool):
    owners = ["ben", "ada"] if own else ["ben"]
    assert [role for role in ROLES if may(person_with(role), action, owners)] == EXPECTED[action][own]


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.READ])
def test_somebody_who_may_not_sign_in_may_do_nothing(action: Action):
    assert not may(person_with(*Role, active=False), action, ["ada"])


def test_an_action_without_a_rule_is_denied(monkeypatch):
    monkeypatch.delitem(RULES, Action.CONFIRM)
    assert not may(person_with(*Role), Action.CONFIRM, ["ada"])


def test_a_rule_that_names_nobody_lets_nobody_in(monkeypatch):
    monkeypatch.setitem(RULES, Action.CONFIRM, Rule())
    assert not may(person_with(*Role), Action.CONFIRM, ["ada"])


def test_roles_add_up():
    assert may(person_with("viewer", "maker"), Action.PUBLISH_NEW)


def test_an_owner_by_another_person_s_name_is_no_owner():
    """Names are compared whole."""
    assert not may(person_with("maker"), Action.RELEASE, ["ada-two", "Ada"])


def test_who_is_not_signed_in_is_asked_to():
    with pytest.raises(ForbiddenError) as told:
        authorize(None, Action.PUBLISH_NEW)
    assert told.value.sign_in


def test_who_answers_for_a_workshop_owns_its_jobs_and_no_others():
    ada = Person("ada", "Ada", frozenset({Role.WORKSHOP}), "north")
    assert answering(ada, "north") == ("ada",)
    assert answering(ada, "south") == answering(None, "north") == ()
    with pytest.raises(ForbiddenError, match="answer for the workshop"):
        authorize(ada, Action.ANSWER_JOB, answering(ada, "south"))


@pytest.mark.parametrize(("role", "said"), [("maker", "owners"), ("viewer", "account")])
def test_a_refusal_says_whether_owning_would_help(role: str, said: str):
    with pytest.raises(ForbiddenError, match=said) as told:
        authorize(person_with(role), Action.RELEASE, ["ben"])
    assert not told.value.sign_in
