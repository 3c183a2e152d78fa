"""Questions to the makers of designs, in threads."""

import json
from collections.abc import Collection

from cosmolocal.database.library import Database
from cosmolocal.records import DesignAnswer, DesignQuestion, to_plain


def add_question(db: Database, question: DesignQuestion) -> int:
    """Store a question and return its id, which the database gives."""
    row = {name: value for name, value in to_plain(question).items() if name not in ("id", "answers")}
    return int(str(db.table("design_questions").insert(row).last_pk))


def add_answer(db: Database, question: int, answer: DesignAnswer) -> None:
    """Store one more line of a thread."""
    db.table("design_answers").insert({"question": question} | to_plain(answer))


def find_question(db: Database, question: int) -> DesignQuestion | None:
    """Return a thread by its id."""
    return next(iter(_load(db, "id = ?", question)), None)


def list_questions(db: Database, designs: Collection[str]) -> tuple[DesignQuestion, ...]:
    """Return the threads about some designs, the newest first."""
    return _load(db, "design IN (SELECT value FROM json_each(?))", json.dumps(sorted(designs)))


def _load(db: Database, where: str, value: str | int) -> tuple[DesignQuestion, ...]:
    questions = list(db.table("design_questions").rows_where(where, [value], order_by="id DESC"))
    ids = json.dumps([row["id"] for row in questions])
    answers: dict[int, list[DesignAnswer]] = {row["id"]: [] for row in questions}
    sql = "question IN (SELECT value FROM json_each(?))"
    for row in db.table("design_answers").rows_where(sql, [ids], order_by="id"):
        answers[row["question"]].append(DesignAnswer(row["person"], row["at"], row["text"]))
    return tuple(DesignQuestion(**row, answers=tuple(answers[row["id"]])) for row in questions)
