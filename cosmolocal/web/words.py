"""Words in the reader's language; named as the tool that collects them expects (flask_babel itself has no types)."""

import flask_babel


def gettext(message: str, **values: str | int) -> str:
    """Return a sentence, its ``%(name)s`` filled in where values are given."""
    return str(flask_babel.gettext(message, **values))


def ngettext(one: str, many: str, number: int, **values: str | int) -> str:
    """Return the sentence for a number, which it may show as ``%(num)s``, written as the language does."""
    sentence: str = flask_babel.get_domain().get_translations().ungettext(one, many, number)
    return sentence % {"num": flask_babel.format_decimal(number), **values}
