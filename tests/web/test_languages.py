"""Every page speaks English, French, Spanish and Catalan."""

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from flask import render_template_string

from cosmolocal.web import languages
from cosmolocal.web.catalogues import LANGUAGES, catalogue_file, compile_catalogue, extract_messages, read_catalogue
from cosmolocal.web.words import gettext, ngettext

#: read from the code once
said = cache(extract_messages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language):
    catalogue = read_catalogue(language)
    missing = []
    for message in said():
        found = catalogue.get(message.id, message.context)
        texts = () if found is None else found.string if isinstance(found.string, tuple) else (found.string,)
        if message.id and (not texts or not all(texts) or found.fuzzy):
            missing.append(message.id)
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_holds_what_nobody_says(language):
    sentences = {message.id for message in said()}
    assert [message.id for message in read_catalogue(language) if message.id not in sentences] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_in_the_same_values(language):
    def values(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s|%%", text))

    for message in read_catalogue(language):
        if message.id:
            singular, texts = message.id, message.string
            wanted = set.union(*map(values, singular if isinstance(singular, tuple) else (singular,)))
            assert all(values(text) == wanted for text in (texts if isinstance(texts, tuple) else (texts,))), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_sentences(language):
    """If not: ``python -m cosmolocal.web.catalogues``."""
    assert catalogue_file(language).with_suffix(".mo").read_bytes() == compile_catalogue(language)


def test_the_address_chooses_the_language_and_it_is_remembered(client):
    assert '<html lang="fr">' in client.get("/?lang=fr").text
    assert '<html lang="fr">' in client.get("/plans/").text
    assert '<html lang="ca">' in client.get("/plans/?lang=ca").text


def test_the_browser_s_wish_counts_where_nobody_chose(client):
    assert '<html lang="es">' in client.get("/", headers={"Accept-Language": "es-MX,es;q=0.9"}).text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "de"}).text


def test_an_unknown_language_is_not_remembered(client):
    answer = client.get("/?lang=xx")
    assert '<html lang="en">' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_changing_the_language_keeps_the_filters(read):
    assert 'href="/?q=lamp&amp;lang=ca"' in read("/?q=lamp")


@pytest.mark.parametrize(
    ("language", "amount", "day", "share"),
    [
        ("en", "€1,234.56", "21 Sept", "99.9%"),
        ("fr", "1\u202f234,56\xa0€", "21 sept.", "99,9\xa0%"),
        ("es", "1.234,56\xa0€", "21 sept", "99,9\xa0%"),
        ("ca", "1.234,56\xa0€", "21 de set.", "99,9\xa0%"),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does(app, language, amount, day, share):
    with app.test_request_context(f"/?lang={language}"):
        assert languages.money(123_456) == amount
        assert languages.day(date(2026, 9, 21)) == day
        assert languages.percent(0.9999, 1) == share


def test_nearly_all_is_not_all(app):
    with app.test_request_context("/"):
        assert languages.percent(0.999) == "99%"
        assert languages.percent(0.29) == "29%"


@pytest.mark.parametrize(("grams", "told"), [(0, "0 g"), (999, "999 g"), (1_500, "1.5 kg"), (2_340_000, "2.3 t")])
def test_masses_take_the_unit_that_reads_best(app, grams, told):
    with app.test_request_context("/"):
        assert languages.mass(grams).replace("\xa0", " ") == told


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_no_line_ends_between_a_number_and_its_unit(app, language):
    """Of what the filters write, and of every sentence: from code, from a template, and for a number."""
    sentence = "%(minutes)s min more of %(process)s for one"
    with app.test_request_context(f"/?lang={language}"):
        written = [
            languages.km(2_900), languages.hours(75), languages.minutes(75), languages.seconds(2.5),
            languages.mass(20), languages.mass(2_000), languages.mass(2_000_000), languages.size(2_000),
            languages.unit(300, "mm"),
        ]  # fmt: skip
        assert [told for told in written if re.search(r"\d [^\d]", told)] == []
        told = gettext(sentence, minutes="12", process="sawing")
        assert "12\xa0min" in told
        assert render_template_string("{{ _(one, minutes='12', process='sawing') }}", one=sentence) == told
        assert ngettext("%(num)s kg here", "%(num)s kg here", 3) == "3\xa0kg here"


def test_units_stand_beside_their_numbers_in_all_templates():
    """What no sentence and no filter writes: figures with a unit set beside them in a template."""
    folder = Path(languages.__file__).parent / "templates"
    loose = re.compile(r"\}\} (km/h|km|h|min|s|kg|g|t|kB|mm|m)\b(?!</option>)")
    found = {page.name for page in folder.rglob("*.html") if loose.search(page.read_text("utf-8"))}
    assert found == set()


@pytest.mark.parametrize(("language", "number"), [("en", "1,124"), ("fr", "1\u202f124"), ("ca", "1.124")])
def test_numbers_within_sentences_are_written_as_the_language_does(app, language, number):
    with app.test_request_context(f"/?lang={language}"):
        assert ngettext("%(num)s week late", "%(num)s weeks late", 1124).startswith(number)
        asked = render_template_string('{{ ngettext("%(num)s week late", "%(num)s weeks late", 1124) }}')
        assert asked == ngettext("%(num)s week late", "%(num)s weeks late", 1124)


def test_no_sentence_in_english_sets_a_percent_sign_apart():
    assert [message.id for message in extract_messages() if re.search(r"\d %|s %%", str(message.id))] == []
