"""Questions to the makers of designs, in threads."""

import json
from collections.abc import Collection

from cosmolocal.database.library import Database
from cosmolocal.records import DesignAnswer, DesignQuestion, to_plain


def add_question(db: Database, question: DesignQuestion) -> int:
    """Store a question and return its id, which the database gives."""
    row = {name: value for name, value in to_plain(question).items() if name not in ("id", "answers")}
    return db.add_row("design_questions", row)


def add_answer(db: Database, question: int, answer: DesignAnswer) -> None:
    """Store one more line of a thread."""
    db.add_row("design_answers", {"question": question} | to_plain(answer))


def find_question(db: Database, question: int) -> DesignQuestion | None:
    """Return a thread by its id."""
    return next(iter(_load(db, "id = ?", question)), None)


def list_questions(db: Database, designs: Collection[str]) -> tuple[DesignQuestion, ...]:
    """Return the threads about some designs, the newest first."""
    return _load(db, "design IN (SELECT value FROM json_each(?))", json.dumps(sorted(designs)))


def _load(db: Database, where: str, value: str | int) -> tuple[DesignQuestion, ...]:
    questions = list(db.query(f"SELECT * FROM design_questions WHERE {where} ORDER BY id DESC", [value]))
    ids = json.dumps([row["id"] for row in questions])
    answers: dict[int, list[DesignAnswer]] = {row["id"]: [] for row in questions}
    sql = "SELECT * FROM design_answers WHERE question IN (SELECT value FROM json_each(?)) ORDER BY id"
    for row in db.query(sql, [ids]):
        answers[row["question"]].append(DesignAnswer(row["person"], row["at"], row["text"]))
    return tuple(DesignQuestion(**row, answers=tuple(answers[row["id"]])) for row in questions)
