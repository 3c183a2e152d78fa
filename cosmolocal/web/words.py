"""Words in the reader's language; named as the tool that collects them expects (flask_babel itself has no types)."""

import re
from functools import lru_cache
from typing import Any

import flask_babel
from flask import g, has_app_context

#: keeps a number and its unit on one line
GAP = "\N{NO-BREAK SPACE}"
_UNIT = re.compile(r"(?<=\)s) (?=(?:km/h|km|h|min|s|kg|g|t|kB|mm|m)\b)")


@lru_cache(maxsize=16_384)
def keep_units(sentence: str) -> str:
    """Return a sentence to be filled in, no line of which ends between a number and its unit."""
    return _UNIT.sub(GAP, sentence)


def _catalogue() -> Any:
    """Return the sentences of the reader's language, which are looked up once in a request."""
    if not has_app_context():
        return flask_babel.get_domain().get_translations()
    if "catalogue" not in g:
        g.catalogue = flask_babel.get_domain().get_translations()
    return g.catalogue


def translate(message: str) -> str:
    """Return a sentence in the reader's language, not filled in yet."""
    return keep_units(_catalogue().ugettext(message))


def translate_for(one: str, many: str, number: int) -> str:
    """Return the sentence for a number in the reader's language, not filled in yet."""
    return keep_units(_catalogue().ungettext(one, many, number))


def gettext(message: str, **values: str | int) -> str:
    """Return a sentence, its ``%(name)s`` filled in where values are given."""
    sentence = translate(message)
    return sentence % values if values else sentence


def ngettext(one: str, many: str, number: int, **values: str | int) -> str:
    """Return the sentence for a number, which it may show as ``%(num)s``, written as the language does."""
    return translate_for(one, many, number) % {"num": flask_babel.format_decimal(number), **values}
