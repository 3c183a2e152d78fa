"""What files of others carry of us: every field of a workshop that their format has no place for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cosmolocal.errors import Problem
from cosmolocal.fields import Fields
from cosmolocal.records import Vocabulary, Workshop, to_plain
from cosmolocal.workshops.found import Row
from cosmolocal.workshops.register import plain_workshop, process_ids, read_workshop

#: the key in files of others under which our fields stand
EXTENSION = "x-cosmolocal"
#: fields that other formats have a place for
STANDARD = ("name", "lat", "lon")


def extension_of(workshop: Workshop) -> dict[str, Any]:
    """Return the fields of a workshop but those of `STANDARD`, as JSON holds them."""
    return {name: value for name, value in to_plain(plain_workshop(workshop)).items() if name not in STANDARD}


def record_of(row: Row, extension: Any, standard: Mapping[str, Any], vocabulary: Vocabulary) -> Row:
    """Return a row with the workshop that stands in it whole; where our fields are wrong, the row is at fault."""
    if row.fault:
        return row
    problems: list[Problem] = []
    name = standard.get("name", row.name)
    given = dict(extension) if isinstance(extension, Mapping) else {"": extension}
    table = Fields({**given, "name": name, "lat": row.lat, "lon": row.lon}, row.place, "W002", problems)
    record = read_workshop(table, process_ids(vocabulary))
    if problems:
        return replace(row, fault=f"{EXTENSION}: {problems[0].where.removeprefix(row.place)} {problems[0].message}")
    return replace(row, record=record, name=record.name, id=record.id, status=record.status)
