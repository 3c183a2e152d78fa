"""Questions to the makers of a design: who may ask, who may answer, and what is listed for whom."""

import pytest
from cli.small_region import make_region, run

from cosmolocal.errors import ForbiddenError, InputError, NotFoundError
from cosmolocal.records import Person, Role
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.design_questions import answer_question, ask_question, questions_about, questions_for

ASKER = Person("nora", "Nora", frozenset({Role.WORKSHOP}), "north")
OWNER = Person("olga", "Olga", frozenset({Role.MAKER}))
OTHER = Person("max", "Max", frozenset({Role.MAKER}))
VIEWER = Person("vera", "Vera", frozenset({Role.VIEWER}))
ADMINISTRATOR = Person("adam", "Adam", frozenset({Role.ADMINISTRATOR}))


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    folder = make_region(tmp_path / "region")
    given = run("designs", "owners", "us~lamp", "olga", "--by", "adam", "--operator", "--region", folder)
    assert given.exit_code == 0, given.output
    return Workspace(folder)


def test_a_thread_goes_to_and_fro_and_is_open_until_a_maker_has_the_last_word(workspace):
    assert questions_about(workspace, "us~lamp") == ()
    first = ask_question(workspace, ASKER, "us~lamp@1.0.0", " Which screws? ")
    second = ask_question(workspace, OTHER, "us~lamp@1.1.0", "How warm is it?")
    assert (first.text, first.version, first.is_open) == ("Which screws?", "1.0.0", True)
    assert questions_about(workspace, "us~lamp") == (second, first)
    assert not answer_question(workspace, OWNER, first.id, "M3").is_open
    assert [one.id for one in questions_for(workspace, OWNER)] == [second.id, first.id]
    thread = answer_question(workspace, ASKER, first.id, "How long?")
    assert thread.is_open
    assert [(one.person, one.text) for one in thread.answers] == [("olga", "M3"), ("nora", "How long?")]
    answer_question(workspace, ADMINISTRATOR, second.id, "Warm.")
    assert [one.id for one in questions_for(workspace, OWNER)] == [first.id, second.id]
    assert questions_for(workspace, OTHER) == ()


def test_who_may_ask_and_who_may_answer(workspace):
    for person in (None, VIEWER):
        with pytest.raises(ForbiddenError):
            ask_question(workspace, person, "us~lamp@1.0.0", "Why?")
    question = ask_question(workspace, ASKER, "us~lamp@1.0.0", "Which screws?")
    for person in (None, VIEWER, OTHER):
        with pytest.raises(ForbiddenError):
            answer_question(workspace, person, question.id, "None.")
    assert questions_about(workspace, "us~lamp") == (question,)


@pytest.mark.parametrize("text", ["", "  ", "x" * 4_001, "a\x00b"])
def test_an_empty_or_endless_text_is_refused(workspace, text):
    question = ask_question(workspace, ASKER, "us~lamp@1.0.0", "Which screws?")
    for work in (
        lambda: ask_question(workspace, ASKER, "us~lamp@1.0.0", text),
        lambda: answer_question(workspace, OWNER, question.id, text),
    ):
        with pytest.raises(InputError) as told:
            work()
        assert [problem.code for problem in told.value.problems] == ["J020"]
    assert questions_about(workspace, "us~lamp") == (question,)


def test_what_is_not_there_is_not_found(workspace):
    with pytest.raises(NotFoundError):
        ask_question(workspace, ASKER, "us~lamp@9.0.0", "Why?")
    with pytest.raises(NotFoundError):
        answer_question(workspace, OWNER, 99, "Because.")
