"""Licences as SPDX expressions; what nobody can name for sure is left to a person."""

import re

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from cosmolocal.errors import say

#: licences by the words people write for them, as `_words` returns them
_SPDX_BY_WORDS = {
    "agpl 3.0": "AGPL-3.0-only",
    "gpl 2.0": "GPL-2.0-only",
    "gpl 3.0": "GPL-3.0-only",
    "lgpl 2.1": "LGPL-2.1-only",
    "lgpl 3.0": "LGPL-3.0-only",
    "apache 2.0": "Apache-2.0",
    "bsd 2 clause": "BSD-2-Clause",
    "bsd 3 clause": "BSD-3-Clause",
    "mpl 2.0": "MPL-2.0",
    "mozilla public 2.0": "MPL-2.0",
    "mit": "MIT",
    "expat": "MIT",
    "tapr ohl 1.0": "TAPR-OHL-1.0",
    "solderpad hardware 2.0": "Apache-2.0 WITH SHL-2.0",
    "solderpad hardware 2.1": "Apache-2.0 WITH SHL-2.1",
    "cc0": "CC0-1.0",
    "cc0 1.0": "CC0-1.0",
    "cc0 public domain dedication": "CC0-1.0",
    "cc0 1.0 universal": "CC0-1.0",
    "cc0 1.0 public domain dedication": "CC0-1.0",
    "cc0 1.0 universal public domain dedication": "CC0-1.0",
    "cern ohl 1.1": "CERN-OHL-1.1",
    "cern ohl 1.2": "CERN-OHL-1.2",
    "unlicense": "Unlicense",
}
_SHORT_BY_LONG = {
    r"affero (?:gnu )?(?:gpl|general public)": "agpl",
    r"lesser (?:gnu )?(?:gpl|general public)": "lgpl",
    r"general public": "gpl",
    r"creative commons": "cc",
    r"cc (?:cc0|zero|0)": "cc0",
    r"open hardware": "ohl",
}
_NOISE = re.compile(r"\b(?:gnu|licen[cs]ed?|the|under|version|ver|v|unported|international|generic)\b")
_OR_LATER = re.compile(r"(?P<gpl>.*gpl \d\.\d) (?:or|and) (?:any )?later")
#: CERN-OHL 2 comes as three texts: strongly reciprocal, weakly reciprocal, permissive
_CERN = re.compile(r"(?:cern )?ohl (?:(?P<kind>[swp]) 2\.0|2\.0 (?P<kind_after>s|w|p)(?:[a-z]+ reciprocal|ermissive)?)")
_TERMS = {
    "by": r"\b(?:by|attribution)\b",
    "nc": r"\b(?:nc|non ?commercial)\b",
    "nd": r"\b(?:nd|no ?deriv\w*)\b",
    "sa": r"\b(?:sa|share ?alike)\b",
}
_CREATIVE_COMMONS = re.compile(rf"cc(?P<terms>(?: (?:{'|'.join(_TERMS.values())}))+) (?P<number>\d\.\d)")
#: [characters] a longer text is no name of a licence
_MAX_LENGTH = 300
_URL = re.compile(r"https?://\S+")
_CREATIVE_COMMONS_URL = re.compile(r"https?://creativecommons\.org/licenses/(?P<terms>[a-z-]+)/(?P<number>\d\.\d)\b")


def normalise_license(text: str) -> tuple[str | None, str | None]:
    """Return the SPDX expression and a warning where it is not what was written; (None, warning): ask a person.

    >>> normalise_license("CERN-OHL-S-2.0")
    ('CERN-OHL-S-2.0', None)
    >>> normalise_license("LicenseRef-CC BY-SA-4.0")[0]
    'CC-BY-SA-4.0'
    """
    written = text.strip()
    read = (
        _known(written) or _known(written.removeprefix("LicenseRef-")) or _by_words(written.removeprefix("LicenseRef-"))
    )
    if read is None:
        return None, say("found %(found)s; that names no SPDX licence, a person must say which it is", found=repr(text))
    return read, None if read == text else say("found %(found)s; read as %(read)s", found=repr(text), read=read)


def names_license(text: str) -> bool:
    """Tell whether a text names a licence: one that SPDX knows, or own terms as SPDX writes them.

    >>> names_license("CERN OHL v1.2"), names_license("LicenseRef-our-terms"), names_license("our terms")
    (True, True, False)
    """
    if normalise_license(text)[0] is not None:
        return True
    try:
        canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return False
    return len(text) <= _MAX_LENGTH


def _known(text: str) -> str | None:
    """Return the expression if SPDX knows all of it: a LicenseRef names a text that only a person can read."""
    if len(text) > _MAX_LENGTH:
        return None
    try:
        expression = str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return None
    return None if "LicenseRef-" in expression else expression


def _by_words(text: str) -> str | None:
    if match := _CREATIVE_COMMONS_URL.search(text):
        return _known(f"CC-{match['terms']}-{match['number']}")
    words = _words(text) if len(text) <= _MAX_LENGTH else ""
    if match := _OR_LATER.fullmatch(words):
        return _SPDX_BY_WORDS.get(match["gpl"], "").replace("-only", "-or-later") or None
    if match := _CERN.fullmatch(words):
        return f"CERN-OHL-{(match['kind'] or match['kind_after']).upper()}-2.0"
    if match := _CREATIVE_COMMONS.fullmatch(words):
        terms = [term for term, pattern in _TERMS.items() if re.search(pattern, match["terms"])]
        return _known(f"CC-{'-'.join(terms)}-{match['number']}")
    return _SPDX_BY_WORDS.get(words)


def _words(text: str) -> str:
    """Return the words that tell licences apart, the version number as ``2.0``.

    >>> _words("GNU General Public License, version 3")
    'gpl 3.0'
    """
    words = _URL.sub(" ", text.lower()).replace("+", " or later ")
    words = re.sub(r"[^a-z0-9.]+|\.(?!\d)|(?<!\d)\.", " ", words)
    words = re.sub(r"(?<=[a-z])v(?=\d)|\bv(?=\d)", " ", words)
    words = " ".join(_NOISE.sub(" ", words).split())
    for long, short in _SHORT_BY_LONG.items():
        words = re.sub(rf"\b{long}\b", short, words)
    return re.sub(r"(?<![\w.])(\d)(?![\d.])(?! clause)", r"\1.0", words)
