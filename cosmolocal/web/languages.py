"""Languages, and how numbers, amounts and dates are written in them."""

import math
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent
from flask import Flask, Response, g, has_app_context, request
from flask_babel import Babel, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context

from cosmolocal.web.security import own_name
from cosmolocal.web.words import GAP, gettext, translate, translate_for

#: language -> (its own name, the locale that writes its numbers and dates)
LANGUAGES = {
    "en": ("English", "en_GB"),
    "fr": ("Français", "fr"),
    "es": ("Español", "es"),
    "ca": ("Català", "ca"),
}
COOKIE = "lang"
A_YEAR = 365 * 24 * 60 * 60
#: numbers, amounts and dates each that are remembered as written: the same ones stand in many rows
REMEMBERED = 16_384


def set_up(app: Flask) -> None:
    """Give the application its languages and the filters that templates write numbers with."""
    Babel(app, locale_selector=choose_locale, default_translation_directories="translations")
    app.jinja_env.install_gettext_callables(translate, translate_for, newstyle=True)  # type: ignore[attr-defined]
    app.after_request(remember_language)
    app.jinja_env.filters.update(
        money=money,
        euros=euros,
        count=count,
        km=km,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        mass=mass,
        percent=percent,
        day=day,
        moment=moment,
        size=size,
        unit=unit,
    )
    app.jinja_env.globals.update(
        LANGUAGES=LANGUAGES, language=choose_language, ngettext=_with_number(app.jinja_env.globals["ngettext"])
    )


def _with_number(say: Any) -> Callable[..., str]:
    """Return what templates say sentences for a number with, the number written as the language does."""

    @pass_context
    def ngettext(context: Context, one: str, many: str, number: int, **values: Any) -> str:
        told: str = say(context, one, many, number, **{"num": count(number), **values})
        return told

    return ngettext


def choose_language() -> str:
    """Return the language asked for in the address, else remembered, else preferred by the browser."""
    for wish in (request.args.get("lang"), request.cookies.get(own_name(COOKIE, secure=request.is_secure))):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def choose_locale() -> str:
    """Return the locale of the chosen language."""
    return LANGUAGES[choose_language()][1]


def remember_language(response: Response) -> Response:
    """Keep a language that the address asks for."""
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    if request.args.get("lang") in LANGUAGES:
        secure, wish = request.is_secure, request.args["lang"]
        name = own_name(COOKIE, secure=secure)
        response.set_cookie(name, wish, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)
    return response


def _locale() -> Locale:
    return get_locale() or Locale("en", "GB")


def _locale_name() -> str:
    """Return the name of the locale, which is looked up once in a request: a page may write ten thousand numbers."""
    if not has_app_context():
        return str(_locale())
    name: str | None = g.get("locale_name")
    if name is None:
        name = g.locale_name = str(_locale())
    return name


def money(cents: int) -> str:
    """Return cents as euros and cents."""
    return _money(cents, _locale_name())


@lru_cache(maxsize=REMEMBERED)
def _money(cents: int, locale: str) -> str:
    return str(format_currency(cents / 100, "EUR", locale=locale))


def euros(cents: int) -> str:
    """Return cents as whole euros, for sums where cents would be noise."""
    return format_currency(cents / 100, "EUR", format=_whole(), currency_digits=False, locale=_locale())


def _whole() -> str:
    pattern: str = _locale().currency_formats["standard"].pattern
    return pattern.replace("0.00", "0")


def count(number: float, digits: int = 0) -> str:
    """Return a number with at most so many digits after the point."""
    return _decimal(round(number, digits), _pattern(digits), _locale_name())


@lru_cache(maxsize=REMEMBERED)
def _decimal(number: float, pattern: str, locale: str) -> str:
    return str(format_decimal(number, format=pattern, locale=locale))


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "#" * digits if digits else "")


def unit(number: object, name: str) -> str:
    """Return a number, or what stands for it, with its unit beside it."""
    return f"{number}{GAP}{name}"


def km(metres: float) -> str:
    """Return metres as kilometres."""
    return f"{count(metres / 1000, 1 if metres < 100_000 else 0)}{GAP}km"


def hours(minutes: float) -> str:
    """Return minutes as hours."""
    return whole_hours(minutes / 60)


def whole_hours(number: float) -> str:
    """Return a number of hours."""
    return f"{count(number, 1)}{GAP}h"


def seconds(number: float) -> str:
    """Return a number of seconds."""
    return f"{count(number, 1)}{GAP}s"


def minutes(number: int) -> str:
    """Return minutes as h and min, as a clock is read."""
    whole, rest = divmod(number, 60)
    parts = ([f"{count(whole)}{GAP}h"] if whole else []) + ([f"{rest}{GAP}min"] if rest or not whole else [])
    return " ".join(parts)


def mass(grams: float) -> str:
    """Return grams as g, kg or t, whichever reads best."""
    if grams < 1000:
        return f"{count(grams)}{GAP}g"
    return f"{count(grams / 1000, 1)}{GAP}kg" if grams < 1_000_000 else f"{count(grams / 1_000_000, 1)}{GAP}t"


def size(number: int) -> str:
    """Return a file's size in kB."""
    return f"{count(max(0.1, number / 1000), 1)}{GAP}kB"


def percent(ratio: float, digits: int = 0, up: bool = False) -> str:
    """Return a ratio as a percentage, rounded down: 99.9 % is not all; "at most" wants it rounded ``up``."""
    scaled = ratio * 100 * 10**digits
    whole = math.ceil(scaled - 1e-9) if up else math.floor(scaled + 1e-9)
    return _percent(whole, digits, _locale_name())


@lru_cache(maxsize=REMEMBERED)
def _percent(whole: int, digits: int, locale: str) -> str:
    pattern: str = Locale.parse(locale).percent_formats[None].pattern
    shown = pattern.replace("#,##0", _pattern(digits))
    return str(format_percent(whole / 100 / 10**digits, format=shown, locale=locale))


def day(value: date, year: bool = False) -> str:
    """Return a date, short and without doubt: 7 Sep, or 7 Sep 2026."""
    return _day(value, year, _locale_name())


@lru_cache(maxsize=REMEMBERED)
def _day(value: date, year: bool, locale: str) -> str:
    return str(format_date(value, "medium", locale=locale) if year else format_skeleton("MMMd", value, locale=locale))


def moment(value: str) -> str:
    """Return a moment written in ISO 8601, such as the start of a run, with date and time in UTC."""
    return gettext("%(moment)s UTC", moment=format_datetime(datetime.fromisoformat(value), "medium", locale=_locale()))
