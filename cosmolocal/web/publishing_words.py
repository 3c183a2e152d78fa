"""The problems of a draft in the words of its form: labels and row numbers, without options of the command line."""

import re

from cosmolocal.errors import Said
from cosmolocal.web.fault_words import tell_message
from cosmolocal.web.words import gettext

_ROW_FIELD = re.compile(r"(line|operation)-(\d+)-([a-z-]+)")
#: what helps at the command line only, or nobody: options, digests
_CUTS = (
    (re.compile(r", in the manifest or with --license$"), ""),
    (re.compile(r"[;:] write .+ into the manifest, or state it: .+$", re.DOTALL), ""),
    (re.compile(r" \((?:sha256:)?[0-9a-f]{64}\)"), ""),
)


def tidy(code: str, message: str) -> str:
    """Return the sentence of a problem without what does not help beside a form."""
    told = tell_message(code, message if isinstance(message, Said) else cut(message))
    return cut(told) if isinstance(message, Said) else told


def cut(message: str) -> str:
    """Return a sentence without options of the command line and digests.

    >>> cut("is published with other bytes (sha256:" + "0" * 64 + "); publish a new one")
    'is published with other bytes; publish a new one'
    """
    for pattern, instead in _CUTS:
        message = pattern.sub(instead, message)
    return message


def name_field(field: str) -> str:
    """Return the label of a field of the form, with the number of its row; "" where it is none."""
    match = _ROW_FIELD.fullmatch(field)
    if match is None:
        return _top_labels().get(field, "")
    number = int(match[2]) + 1
    if match[1] == "line":
        row, labels = gettext("Row %(number)s", number=number), _line_labels()
    else:
        row, labels = gettext("Step %(number)s", number=number), _operation_labels()
    return ": ".join(filter(None, (row, labels.get(match[3]))))


def _top_labels() -> dict[str, str]:
    return {
        "name": gettext("Name"),
        "version": gettext("Version"),
        "function": gettext("What it is for"),
        "license": gettext("Licence"),
        "licensor": gettext("Licensor: who gives the licence"),
        "repo": gettext("Web address of the project"),
        "organization": gettext("Organization"),
        "derived-from": gettext("Derived from"),
        "changes": gettext("What changed"),
        "reference-price": gettext("Price of one from outside the region, in euros"),
        "mass": gettext("Mass of one, in grams"),
        "image": gettext("Picture"),
        "design-id": gettext("Short name for addresses (id)"),
    }


def _line_labels() -> dict[str, str]:
    return {
        "kind": gettext("Kind"),
        "name": gettext("Name, or id of the design"),
        "quantity": gettext("How many"),
        "mass": gettext("Mass of one, in grams"),
        "cost": gettext("Cost of a bought piece, in euros"),
        "into": gettext("Goes into"),
        "version": gettext("Versions of the other design"),
        "provenance": gettext("Figures are"),
    }


def _operation_labels() -> dict[str, str]:
    return {
        "part": gettext("Part"),
        "process": gettext("Process"),
        "minutes-per-unit": gettext("Machine minutes for one"),
        "setup-minutes": gettext("Minutes to set up, once"),
        "material": gettext("Material"),
        "envelope-mm": gettext("Size of the work piece, in mm"),
        "material-cost": gettext("Material for one, in euros"),
        "tolerance": gettext("Tolerance"),
        "provenance": gettext("Figures are"),
    }
