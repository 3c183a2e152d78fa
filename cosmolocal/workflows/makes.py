"""Makes so far: who made how many of which version, as people report it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cosmolocal.database.makes import Make, count_makes, load_makes, save_make
from cosmolocal.database.opening import open_database
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.fields import Fields
from cosmolocal.planning.bill import Catalogue
from cosmolocal.records import Region, to_plain
from cosmolocal.versions import sorted_versions
from cosmolocal.workflows.makers import not_found, place_ids
from cosmolocal.workflows.words import Words
from cosmolocal.workflows.workspace import Workspace

CODES = {"D080": "the report of something made has a missing or wrong value"}

FIELDS = ("quantity", "date", "place", "note")
LONGEST_NOTE = 2_000


def report_make(workspace: Workspace, name: str, values: Mapping[str, str], person: str) -> dict[str, Any]:
    """Note that units of ``id@version`` were made, and return what was noted.

    ``values`` are texts as a form or a command line has them: ``quantity``, ``date`` (today unless given), ``place``
    (id of a workshop or place of the region) and ``note``; the last two may be empty. Who may report is for the
    caller to settle.

    Raises
    ------
    NotFoundError
        When there is no such version.
    InputError
        With every fault of the values.
    """
    region = workspace.region()
    catalogue = Catalogue(region.designs, region.taken_down)
    if name not in catalogue.by_key:
        raise not_found(catalogue, name)
    make = _read(region, name, values, person)
    db = open_database(workspace.database_path)
    try:
        save_make(db, make)
    finally:
        db.close()
    return dict(to_plain(make))


def _read(region: Region, name: str, values: Mapping[str, str], person: str) -> Make:
    problems: list[Problem] = []
    given = {key: value.strip() for key, value in values.items() if value.strip()}
    table = Fields(given, "report", "D080", problems)
    now = datetime.now(UTC)
    quantity = table.number("quantity", required=True, low=1, high=10_000_000)
    made_on = table.day("date") or now.date()
    place, note = table.text("place"), table.text("note", max_length=LONGEST_NOTE)
    # somewhere it is tomorrow already, at most 14 hours ahead of UTC
    if made_on > (now + timedelta(hours=14)).date():
        table.fault("date", made_on.isoformat(), say("must not be in the future"))
    if place and place not in place_ids(region):
        table.fault("place", place, say("must be the id of a workshop or place of the region"))
    table.finish()
    if problems:
        raise InputError(problems)
    design_id, _, version = name.partition("@")
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Make(design_id, version, quantity or 0, made_on, place, note, person, stamp)


def list_makes(workspace: Workspace, design_id: str) -> dict[str, Any]:
    """Return what was made of a design: all units, the units of each version, and every report, newest first.

    Raises
    ------
    NotFoundError
        When there is no such design and nobody ever made one.
    """
    makes, units = _load(workspace, design_id)
    if not makes and all(design.id != design_id for design in workspace.region().designs):
        raise NotFoundError(say("there is no design %(name)s", name=design_id))
    words = Words.of(workspace.region(), date.min)
    return {
        "design": design_id,
        "units": sum(units.values()),
        "versions": [{"version": version, "units": units[version]} for version in reversed(sorted_versions(units))],
        "makes": [{**to_plain(make), "place_name": words.place(make.place) if make.place else ""} for make in makes],
    }


def _load(workspace: Workspace, design_id: str) -> tuple[tuple[Make, ...], dict[str, int]]:
    if not workspace.database_path.exists():
        return (), {}
    db = open_database(workspace.database_path)
    try:
        return load_makes(db, design_id), count_makes(db, design_id)
    finally:
        db.close()
