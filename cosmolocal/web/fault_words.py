"""Problems in the reader's language: their whole message, or what their code means with the detail in English."""

import re
import sys
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from flask import Flask
from markupsafe import Markup

from cosmolocal.designs.codes import CODES as DESIGN_CODES
from cosmolocal.errors import Problem, Said
from cosmolocal.web.languages import choose_language, count, day
from cosmolocal.web.words import gettext

#: heads of places whose fields stand in a form, not in a file
FORMS = ("closure", "wish")
_LINE = re.compile(r"\bline (\d+)")


def set_up(app: Flask) -> None:
    """Give templates the filters that say problems and their places."""
    app.jinja_env.filters.update(tell=tell, tell_message=tell_message, tell_place=tell_place)


def tell(problem: Problem) -> str:
    """Return the message of a problem; what cannot be translated stands after the meaning of its code, as English."""
    return tell_message(problem.code, problem.message)


def tell_message(code: str, message: str) -> str:
    """Return a message that a code stands for, see `tell`."""
    if choose_language() == "en":
        return message
    if isinstance(message, Said):
        return message.tell_in(gettext, _shown)
    english = Markup('<span lang="en">{}</span>').format(message)
    meaning = find_meaning(code)
    if not meaning or (told := gettext(meaning)) == meaning:
        return english
    told = told.rstrip(".")
    return Markup("{}. {}").format(told[:1].upper() + told[1:], english)


def tell_by_field(problems: Iterable[Problem], names: Collection[str]) -> dict[str, list[str]]:
    """Return the messages of problems by the field of a form; under "" stand whole those that are about none."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        known = problem.where in names
        found.setdefault(problem.where if known else "", []).append(tell(problem) if known else tell_whole(problem))
    return found


def tell_with_place(problem: Problem) -> str:
    """Return place and message of a problem."""
    return tell_at(tell_place(problem.where), problem)


def tell_whole(problem: Problem) -> str:
    """Return code, place and message of a problem."""
    return Markup("<code>{}</code> {}").format(problem.code, tell_with_place(problem))


def tell_at(place: str, problem: Problem) -> str:
    """Return the message of a problem after the name of its place."""
    return Markup("{}: {}").format(place, tell(problem))


def tell_place(where: str) -> str:
    """Return where a problem is; names of files and fields are the same in every language."""
    named = {
        "archive": gettext("archive"),
        "closure": gettext("closure"),
        "columns": gettext("columns"),
        "design id": gettext("id of the design"),
        "draft": gettext("draft"),
        "file": gettext("file"),
        "files": gettext("files"),
        "order": gettext("order"),
        "run": gettext("run"),
        "runs": gettext("runs"),
        "upload": gettext("upload"),
        "wish": gettext("wish"),
    }
    head, colon, rest = where.partition(": ")
    if colon and head in named:
        # before a colon some languages leave a space
        told = gettext("%(place)s: %(field)s", place=named[head], field=_field_word(rest) if head in FORMS else rest)
    else:
        told = named.get(head, head) + colon + rest
    return _LINE.sub(lambda match: gettext("line %(number)s", number=match[1]), told)


def _field_word(name: str) -> str:
    """Return what a form calls a field, where its name is not that of a column of a file."""
    words = {
        "from": gettext("first day"),
        "hours": gettext("hours"),
        "kind": gettext("what is asked for"),
        "lot": gettext("lot"),
        "monday": gettext("week"),
        "note": gettext("note"),
        "reason": gettext("reason"),
        "to": gettext("last day"),
        "workshop": gettext("workshop"),
    }
    return words.get(name, name)


def _shown(value: Any) -> Any:
    """Return a value of a message as the reader's language writes it."""
    if isinstance(value, date):
        return day(value, year=True)
    return count(value) if isinstance(value, int | float) else value


def find_meaning(code: str) -> str:
    """Return what a code means, in English; "" where nothing that is loaded has such problems."""
    rooms = [module for name, module in sys.modules.items() if name.startswith("cosmolocal.")]
    tables = (DESIGN_CODES, *(getattr(room, "CODES", {}) for room in rooms))
    return next((str(table[code]) for table in tables if code in table), "")
