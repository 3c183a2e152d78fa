"""The forms that change a published design, as they are read, and their problems beside their fields."""

from collections.abc import Callable, Collection, Iterable, Mapping

from werkzeug.datastructures import MultiDict

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.web.fault_words import tell, tell_with_place
from cosmolocal.workflows.makes import FIELDS as MAKE_FIELDS

__all__ = ["MAKE_FIELDS", "by_field", "read_owners", "require_typed"]

FIELDS = ("reason", "owners", "typed", *MAKE_FIELDS)


def by_field(problems: Iterable[Problem]) -> Mapping[str, list[str]]:
    """Return what is wrong by the name of its field; under "" what is about none of them."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        name = problem.where.rpartition(": ")[2]
        sentence = tell(problem) if name in FIELDS else tell_with_place(problem)
        told.setdefault(name if name in FIELDS else "", []).append(sentence)
    return told


def read_owners(form: MultiDict[str, str], now: Collection[str], is_known: Callable[[str], bool]) -> list[str]:
    """Return the owners that a form asks for: one more (``add``), or one less (``remove``).

    Raises
    ------
    InputError
        When nobody of the name to be added may sign in: whoever took that name later would own the design.
    """
    removed, added = form.get("remove", ""), form.get("add", "").strip()
    if removed:
        return [name for name in now if name != removed]
    if not is_known(added):
        message = say("There is nobody here called “%(name)s” who may sign in.", name=added)
        raise InputError([Problem("D063", "owners", message)])
    return [*now, added]


def require_typed(form: MultiDict[str, str], key: str) -> None:
    """Raise `InputError` unless the name of the version was typed as it is."""
    if form.get("typed", "").strip() != key:
        raise InputError([Problem("D063", "typed", say("Type %(key)s here to say that you mean it.", key=key))])
