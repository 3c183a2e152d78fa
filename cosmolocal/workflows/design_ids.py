"""The id that a manifest suggests for its design, and why none can be made of some."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from cosmolocal.designs.objects import LONGEST_ID
from cosmolocal.errors import Problem, say

#: [characters] two of them and ``~`` are no longer than an id may be
_LONGEST_SLUG = (LONGEST_ID - 1) // 2


def propose_id(manifest: Mapping[str, Any]) -> str:
    """Return the id ``publisher~slug`` that a manifest suggests; "" where no such words can be made of its names."""
    publisher, slug = slug_of(_publisher_of(manifest)), slug_of(manifest.get("name"))
    return f"{publisher}~{slug}" if publisher and slug else ""


def _publisher_of(manifest: Mapping[str, Any]) -> object:
    """Return who publishes: the first organization, else the first licensor."""
    return next((name for name in map(_first_name, map(manifest.get, ("organization", "licensor"))) if name), "")


def check_proposed(manifest: Mapping[str, Any]) -> list[Problem]:
    """Return why no id can be made of a manifest; where it lacks the names themselves, that is told already."""
    names = [name for name in (_publisher_of(manifest), manifest.get("name")) if name and not slug_of(name)]
    found = " and ".join(repr(str(name)) for name in names)
    rule = say(
        "an id is written in letters a to z, digits and hyphens; choose one, publisher~slug: --id or the field id"
    )
    return [Problem("D002", "design id", say("found %(found)s; %(rule)s", found=found, rule=rule))] if names else []


def _first_name(value: object) -> object:
    """Return a name that is written as a text, as {name}, or as the first of a list."""
    if isinstance(value, list):
        return next(filter(None, map(_first_name, value)), None)
    return value.get("name") if isinstance(value, Mapping) else value


def slug_of(name: object) -> str:
    """Return a name in lower-case ASCII letters, digits and single hyphens."""
    letters = unicodedata.normalize("NFKD", str(name or "")).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", letters))[:_LONGEST_SLUG].strip("-")
