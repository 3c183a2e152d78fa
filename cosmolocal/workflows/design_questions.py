"""Questions from whoever makes a design to those who released it, in short threads."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from cosmolocal.database import open_database, writing
from cosmolocal.database import questions as rows
from cosmolocal.designs.bundles import list_designs
from cosmolocal.designs.notices import find_owners
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.planning.bill import Catalogue
from cosmolocal.records import DesignAnswer, DesignQuestion, Person
from cosmolocal.workflows.makers import not_found
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace

CODES = {"J020": "a question or an answer is empty or too long"}

LONGEST_TEXT = 4_000


def _now() -> datetime:
    return datetime.now(UTC)


def _read(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT or "\x00" in text:
        raise InputError(
            [Problem("J020", "text", say("must be 1 to %(longest_text)s characters", longest_text=f"{LONGEST_TEXT:,}"))]
        )
    return text


def ask_question(
    workspace: Workspace, person: Person | None, name: str, text: str, now: Callable[[], datetime] = _now
) -> DesignQuestion:
    """Ask the makers of ``id@version`` something, and return the thread.

    Raises
    ------
    NotFoundError
        When there is no such version.
    """
    authorize(person, Action.ASK_QUESTION)
    region = workspace.region()
    catalogue = Catalogue(region.designs, region.taken_down)
    if person is None or name not in catalogue.by_key:
        raise not_found(catalogue, name)
    design, _, version = name.partition("@")
    asked = DesignQuestion(0, design, version, person.name, now().isoformat(timespec="seconds"), _read(text))
    with closing(open_database(workspace.database_path)) as db, writing(db):
        return _found(rows.find_question(db, rows.add_question(db, asked)), 0)


def answer_question(
    workspace: Workspace, person: Person | None, question_id: int, text: str, now: Callable[[], datetime] = _now
) -> DesignQuestion:
    """Say something to a question: owners of the design, administrators, and whoever asked."""
    with closing(open_database(workspace.database_path)) as db, writing(db):
        found = rows.find_question(db, question_id)
        owners = find_owners(workspace.folder / "designs", found.design) if found else ()
        authorize(person, Action.ANSWER_QUESTION, (*owners, found.person) if found else _everybody(person))
        question = _found(found, question_id)
        if person is not None:
            answer = DesignAnswer(person.name, now().isoformat(timespec="seconds"), _read(text))
            rows.add_answer(db, question.id, answer)
        return _found(rows.find_question(db, question_id), question_id)


def _everybody(person: Person | None) -> tuple[str, ...]:
    return (person.name,) if person else ()


def _found(question: DesignQuestion | None, question_id: int) -> DesignQuestion:
    if question is None:
        raise NotFoundError(say("there is no question %(name)s", name=question_id))
    return question


def read_question(workspace: Workspace, question_id: int) -> DesignQuestion:
    """Return a thread by its number; everybody may read it."""
    if not workspace.database_path.exists():
        return _found(None, question_id)
    with closing(open_database(workspace.database_path)) as db:
        return _found(rows.find_question(db, question_id), question_id)


def questions_about(workspace: Workspace, design_id: str) -> tuple[DesignQuestion, ...]:
    """Return the threads about a design, the newest first; everybody may read them."""
    return _list(workspace, {design_id})


def questions_for(workspace: Workspace, person: Person) -> tuple[DesignQuestion, ...]:
    """Return the threads about the designs that a person owns, open ones first, each the newest first."""
    root = workspace.folder / "designs"
    own = {name for name in list_designs(root) if person.name in find_owners(root, name)} if root.is_dir() else set()
    return tuple(sorted(_list(workspace, own), key=lambda question: not question.is_open))


def _list(workspace: Workspace, designs: set[str]) -> tuple[DesignQuestion, ...]:
    if not workspace.database_path.exists():
        return ()
    with closing(open_database(workspace.database_path)) as db:
        return rows.list_questions(db, designs)
