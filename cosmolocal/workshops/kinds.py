"""What kind of list a file is, from its name and what it begins with; a person may say otherwise."""

import json
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from cosmolocal.workshops.found import plain_name

#: columns that only these lists have together
_TABLES = {"machines": ({"lab", "brand"}, {"lab", "type"}), "capabilities": ({"capabilities", "url"},)}
#: keys of a lab as fablabs.io and the Internet of Production's list write it
_LAB = {"facility", "geocoding", "slug", "activity_status", "capabilities", "address_1"}
#: keys of a facility of Open Know-Where
_FACILITY = {"location", "facility_status", "manufacturing_processes", "equipment"}
_YAML = re.compile(r"---\s*(?:\n|$)|(?:- )?[\w][\w -]*:(?:\s|$)")


def guess_kind(name: str, content: bytes) -> str:
    """Return the kind of list that a file seems to be; what is no JSON and no YAML is a table.

    >>> guess_kind("labs.json", b'[{"facility": {"name": "A"}}]'), guess_kind("a", b"brand;lab;type")
    ('fablabs', 'machines')
    """
    suffix = PurePath(name).suffix.lower()
    start = content[:4096].decode("utf-8-sig", "replace").lstrip()
    if suffix in (".yaml", ".yml"):
        return "okw"
    if suffix in (".json", ".geojson") or start[:1] in ("{", "["):
        return _guess_json(content)
    header = {plain_name(word) for word in re.split(r"[,;\t|]", start.partition("\n")[0])}
    for kind, choices in _TABLES.items():
        if any(words <= header for words in choices):
            return kind
    return "csv"


def _guess_json(content: bytes) -> str:
    try:
        document: Any = json.loads(content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return "okw"
    if isinstance(document, Mapping):
        if document.get("type") in ("Feature", "FeatureCollection"):
            return "geojson"
        if isinstance(document.get("labs"), list):
            return "fablabs"
        document = next((value for value in document.values() if isinstance(value, list)), [document])
    first = document[0] if isinstance(document, list) and document else None
    keys = set(first) if isinstance(first, Mapping) else set()
    return "fablabs" if len(keys & _LAB) > len(keys & _FACILITY) else "okw"


def name_pasted(text: str) -> str:
    r"""Return a file name for pasted text, whose ending says how it is to be read.

    >>> [name_pasted(text) for text in ("[]", "name: A\\nlocation: B", "name;lat;lon")]
    ['pasted.json', 'pasted.yaml', 'pasted.csv']
    """
    start = text.lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "["):
        return "pasted.json"
    return "pasted.yaml" if _YAML.match(start) else "pasted.csv"
