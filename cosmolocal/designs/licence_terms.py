"""What a licence means for somebody who wants to make the design: a plain sentence for each, no legal advice."""

import re
from collections.abc import Mapping

#: beginning of an SPDX identifier -> gist; the longest beginning that fits counts
TERMS: dict[str, str] = {
    "0BSD": "Anyone may make, change and sell it without any condition.",
    "AGPL-": "Anyone may make, change and sell it; who passes it on, or runs it for others, gives its source along.",
    "Apache-": "Anyone may make, change and sell it; its notices stay, and changes are marked.",
    "BSD-": "Anyone may make, change and sell it; its notices stay.",
    "BSL-1.0": "Anyone may make, change and sell it; its notices stay with the source.",
    "CC-BY-": "Anyone may make, change and sell it; its authors are named.",
    "CC-BY-NC-": "For non-commercial use only: who wants to sell it asks its authors first. They are named.",
    "CC-BY-NC-ND-": "For non-commercial use only, and unchanged: who wants more asks its authors first. They are "
    "named.",
    "CC-BY-NC-SA-": "For non-commercial use only: who wants to sell it asks its authors first. They are named, and "
    "changed versions are shared under the same licence.",
    "CC-BY-ND-": "Anyone may pass it on and sell it, but only unchanged; its authors are named.",
    "CC-BY-SA-": "Anyone may make, change and sell it; its authors are named, and changed versions are shared under "
    "the same licence.",
    "CC0-": "Anyone may make, change and sell it without any condition.",
    "CERN-OHL-1.": "Anyone may make, change and sell it; changed documents are shared under the same licence.",
    "CERN-OHL-P-": "Anyone may make, change and sell it; its notices stay.",
    "CERN-OHL-S-": "Anyone may make, change and sell it; who passes on a product says where its complete source is, "
    "keeps it reachable for three years, and shares what is built upon it under the same licence.",
    "CERN-OHL-W-": "Anyone may make, change and sell it; who passes on a product says where its complete source is and "
    "keeps it reachable for three years. What is merely joined to it may have another licence.",
    "EUPL-": "Anyone may make, change and sell it; who passes it on gives its source along, under the same or a "
    "compatible licence.",
    "GFDL-": "Anyone may copy, change and sell its documents; changed ones are shared under the same licence.",
    "GPL-": "Anyone may make, change and sell it; who passes it on gives its source along, under the same licence.",
    "ISC": "Anyone may make, change and sell it; its notices stay.",
    "LGPL-": "Anyone may make, change and sell it; who passes it on gives its source along. What is merely joined to "
    "it may have another licence.",
    "LicenseRef-PPL": "Commercial use is for firms and collectives that belong to those who work in them; all others "
    "ask its authors first.",
    "MIT": "Anyone may make, change and sell it; its notices stay.",
    "MPL-": "Anyone may make, change and sell it; who passes on changed files gives their source along.",
    "OFL-": "Anyone may use, change and pass it on, together with other things; changed versions take another name and "
    "the same licence.",
    "ODbL-": "Anyone may use, change and sell the data; changed data is shared under the same licence.",
    "PPL": "Commercial use is for firms and collectives that belong to those who work in them; all others ask its "
    "authors first.",
    "SHL-": "Anyone may make, change and sell it; its notices stay, and changes are marked.",
    "TAPR-OHL-": "Anyone may make, change and sell it; its documents come with each product, changed ones under the "
    "same licence.",
    "Unlicense": "Anyone may make, change and sell it without any condition.",
    "WTFPL": "Anyone may make, change and sell it without any condition.",
    "Zlib": "Anyone may make, change and sell it; its notices stay.",
}
#: what a licence asks for in a word -> beginnings of its SPDX identifiers; the longest beginning that fits counts
KINDS: dict[str, tuple[str, ...]] = {
    "no conditions": ("0BSD", "CC0-", "Unlicense", "WTFPL"),
    "notices stay": ("Apache-", "BSD-", "BSL-1.0", "CERN-OHL-P-", "ISC", "MIT", "SHL-", "Zlib"),
    "authors named": ("CC-BY-",),
    "share alike": (
        *("AGPL-", "CC-BY-SA-", "CERN-OHL-1.", "CERN-OHL-S-", "CERN-OHL-W-", "EUPL-", "GFDL-", "GPL-", "LGPL-"),
        *("MPL-", "ODbL-", "OFL-", "TAPR-OHL-"),
    ),
    "non-commercial": ("CC-BY-NC-", "LicenseRef-PPL", "PPL"),
    "unchanged only": ("CC-BY-ND-",),
}
#: proposed to makers, those of hardware first
USUAL = (
    *("CERN-OHL-S-2.0", "CERN-OHL-W-2.0", "CERN-OHL-P-2.0", "TAPR-OHL-1.0", "CC-BY-SA-4.0", "CC-BY-4.0"),
    *("CC-BY-NC-SA-4.0", "CC0-1.0", "GPL-3.0-or-later", "Apache-2.0", "MIT"),
)
_KIND_BY_START = {start: kind for kind, starts in KINDS.items() for start in starts}
_IDENTIFIER = re.compile(r"[A-Za-z0-9.+-]+")
_OPERATORS = frozenset({"AND", "OR", "WITH"})


def find_terms(expression: str | None) -> tuple[tuple[str, str | None], ...]:
    """Return each licence of an SPDX expression with its gist; None where nobody has written one down.

    >>> find_terms("MIT")
    (('MIT', 'Anyone may make, change and sell it; its notices stay.'),)
    >>> find_terms("LicenseRef-Mine")
    (('LicenseRef-Mine', None),)
    """
    words = _IDENTIFIER.findall(expression or "")
    # what follows WITH is an exception, no licence
    after_with = {index + 1 for index, word in enumerate(words) if word == "WITH"}
    names = [word for index, word in enumerate(words) if word not in _OPERATORS and index not in after_with]
    return tuple((name, _gist(name)) for name in dict.fromkeys(names))


def find_kinds(expression: str | None) -> tuple[str, ...]:
    """Return in a word what each licence of an SPDX expression asks for; those nobody has written down are left out.

    >>> find_kinds("CERN-OHL-S-2.0 AND CC-BY-NC-SA-4.0")
    ('share alike', 'non-commercial')
    """
    kinds = (_longest(_KIND_BY_START, name) for name, _ in find_terms(expression))
    return tuple(dict.fromkeys(kind for kind in kinds if kind))


def _gist(name: str) -> str | None:
    return _longest(TERMS, name)


def _longest(words: Mapping[str, str], name: str) -> str | None:
    fitting = [start for start in words if name.startswith(start)]
    return words[max(fitting, key=len)] if fitting else None
