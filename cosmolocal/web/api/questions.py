"""Questions about designs in the API: whoever makes one asks, whoever released it answers."""

from typing import Any

from flask import Response
from marshmallow.validate import Length

from cosmolocal.records import DesignQuestion, Scope, to_plain
from cosmolocal.web.api.answers import Made, answer, digest_of, once, page_after
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.designs import DESIGN
from cosmolocal.web.api.reading import Body, PageQuery, told, told_of_body
from cosmolocal.web.api.schemas import build_schema, field_of, list_of, members_of
from cosmolocal.web.people import ID
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.design_questions import (
    LONGEST_TEXT,
    answer_question,
    ask_question,
    questions_about,
    questions_for,
)
from cosmolocal.workflows.draft_publishing import describe_design
from cosmolocal.workflows.rights import Action

QuestionSchema = build_schema(
    "Question", **members_of(DesignQuestion), is_open=field_of(bool, "is the last word that of whoever asked?")
)
QuestionsPage = list_of("questions", QuestionSchema)


class QuestionBody(Body):
    """A question about a version of a design."""

    version = told("such as 1.0.0", required=True)
    text = told("what is asked", required=True, validate=Length(1, LONGEST_TEXT))


class ReplyBody(Body):
    """What is said to a question."""

    text = told("what is said", required=True, validate=Length(1, LONGEST_TEXT))


def describe_question(question: DesignQuestion) -> dict[str, Any]:
    """Return a thread."""
    return {**to_plain(question), "is_open": question.is_open}


def _answer_page(found: tuple[DesignQuestion, ...], query: dict[str, Any]) -> Response:
    rows, following = page_after(found, lambda question: str(question.id), query)
    return answer({"questions": [describe_question(row) for row in rows], "next": following})


@bp.operation("GET", f"{DESIGN}/questions", Terms("designs", QuestionsPage, query=PageQuery))
def list_questions(query: dict[str, Any], design_id: str) -> Response:
    """Return a page of the questions about a design, with what was said to them; newest first."""
    describe_design(workspace().folder, design_id)
    return _answer_page(questions_about(workspace(), design_id), query)


@bp.operation("GET", "/questions", Terms("designs", QuestionsPage, query=PageQuery, action=Action.OWN_ACCOUNT))
def list_own_questions(query: dict[str, Any]) -> Response:
    """Return a page of the questions about one's own designs: open ones first, each the newest first."""
    return _answer_page(questions_for(workspace(), require(Action.OWN_ACCOUNT)), query)


@bp.operation(
    "POST",
    f"{DESIGN}/questions",
    Terms(
        "designs",
        QuestionSchema,
        body=QuestionBody,
        status=201,
        action=Action.ASK_QUESTION,
        scope=Scope.PUBLISH,
        creates=True,
    ),
)
def ask(body: dict[str, Any], design_id: str) -> Response:
    """Ask whoever released a version of a design something."""
    person = require(Action.ASK_QUESTION)

    def make() -> Made:
        with told_of_body():
            return Made(
                describe_question(ask_question(workspace(), person, f"{design_id}@{body['version']}", body["text"]))
            )

    return once(person, digest_of(body), make)


@bp.operation(
    "POST",
    f"/questions/<{ID}:question_id>/answers",
    Terms(
        "designs",
        QuestionSchema,
        body=ReplyBody,
        status=201,
        action=Action.OWN_ACCOUNT,
        scope=Scope.PUBLISH,
        creates=True,
    ),
)
def reply(body: dict[str, Any], question_id: int) -> Response:
    """Say something to a question: owners of the design, administrators, and whoever asked."""
    person = require(Action.OWN_ACCOUNT)

    def make() -> Made:
        with told_of_body():
            return Made(describe_question(answer_question(workspace(), person, question_id, body["text"])))

    return once(person, digest_of(body), make)
