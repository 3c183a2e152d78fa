"""The region's own files: ``region.yaml`` (network, settings) and ``places.csv``."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from cosmolocal.errors import InputError, Problem
from cosmolocal.fields import Fields, check_unique
from cosmolocal.files import parse_csv, parse_yaml, read_text
from cosmolocal.records import (
    AreaFile,
    CapacityBasis,
    Geocoding,
    LinkRule,
    Mode,
    NetworkSettings,
    Nominatim,
    OffStreets,
    Place,
    PlaceKind,
    Priority,
    Provenance,
    Settings,
    StreetRules,
    to_plain,
)
from cosmolocal.records.regions import default_priority_percent

CODES = {
    "W020": "the region or places file cannot be read",
    "W021": "a field of region.yaml or places.csv is missing, wrong or unknown",
    "W022": "a setting is missing, wrong or unknown",
    "W023": "an id stands twice: of a place, of a mode, or of a place and a workshop",
    "W024": "two link rules speak of the same two places",
    "W025": "a link rule names a place that does not exist",
    "W026": "the file of areas does not exist",
}

#: lowest and highest value of each setting that is one whole number
RANGES: dict[str, tuple[int, int]] = {
    "weeks": (1, 104),
    "transfer_weeks": (0, 52),
    "first_article_weeks": (0, 52),
    "max_late_weeks": (0, 104),
    "max_lots_per_order": (1, 1000),
    "workshops_per_lot": (1, 10_000),
    "makers_per_part": (1, 10_000),
    "routes_per_workshop": (1, 10_000),
    "price_rounds": (0, 10),
    "co2e_cents_per_kg": (0, 1_000_000),
    "lateness_percent_per_week": (0, 100_000),
    "distance_cents_per_km": (0, 1_000_000),
    "fairness_cents_per_hour": (0, 1_000_000),
    "import_penalty_percent": (0, 100_000),
    "import_cents_per_kg": (0, 1_000_000),
    "import_co2e_g_per_kg": (0, 1_000_000),
    "unknown_import_cents": (0, 100_000_000),
}
PRIORITY_RANGE = (0, 100_000)
#: required, optional
PLACE_COLUMNS = (
    ("id", "name", "kind", "lat", "lon"),
    ("district", "population", "code", "provenance", "weekly_capacity_kg", "handling_cents_per_kg"),
)
NONE_WORD = "none"


@dataclass(frozen=True, slots=True)
class RegionFile:
    """What ``region.yaml`` says."""

    id: str
    name: str
    #: licence and source of the region's facts
    attribution: str
    #: licence of what the region opens to everybody; "": unknown
    open_data_licence: str
    #: files of polygons: of neighbourhoods, of districts
    areas: tuple[AreaFile | None, AreaFile | None]
    settings: Settings
    network: NetworkSettings
    #: how places are found by what people write
    geocoding: Geocoding


def read_region_file(path: Path) -> RegionFile:
    """Return what a region file says.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    where, problems = path.name, list[Problem]()
    top = Fields(parse_yaml(read_text(path, where, "W020"), where, "W020"), where, "W021", problems)
    head, settings = top.table("region", required=True), top.table("settings", required=True)
    settings.code = "W022"
    file = RegionFile(
        id=head.slug("id"),
        name=head.text("name", required=True),
        attribution=head.text("attribution"),
        open_data_licence=head.text("open_data_licence", max_length=200),
        areas=_read_areas(head, path.parent),
        settings=_read_settings(settings),
        network=_read_network(top.table("network", required=True)),
        geocoding=_read_geocoding(top.table("geocoding"), path.parent),
    )
    head.finish()
    top.finish()
    if problems:
        raise InputError(problems)
    return file


def _read_areas(head: Fields, folder: Path) -> tuple[AreaFile | None, AreaFile | None]:
    """Return the files of polygons of neighbourhoods and of districts; a file's name alone is that of the first."""
    if not isinstance(head.raw("areas"), Mapping):
        return _read_area_file(head, "areas", folder), None
    table = head.table("areas")
    found = _read_area_file(table, "neighbourhoods", folder), _read_area_file(table, "districts", folder)
    table.finish()
    return found


def _read_area_file(table: Fields, field: str, folder: Path) -> AreaFile | None:
    """Return a file of polygons; a name alone stands for one whose features have the property id."""
    if not isinstance(table.raw(field), Mapping):
        name = _read_file_name(table, field, folder, "W026")
        return AreaFile(name) if name else None
    inner = table.table(field)
    prop = inner.text("property", AreaFile("").property, max_length=200)
    name = _read_file_name(inner, "file", folder, "W026", required=True)
    inner.finish()
    return AreaFile(name, prop) if name else None


def _read_file_name(table: Fields, field: str, folder: Path, code: str, required: bool = False) -> str | None:
    """Return the name of a file that is there, within the region's folder; None where there is none."""
    name = _read_path(table, field, required)
    if name and not (folder / name).is_file():
        table.problems.append(Problem(code, table.place(field), f"found {name!r}; no such file"))
    return name or None


def _read_path(table: Fields, field: str, required: bool = False) -> str:
    """Return a path within the region's folder; "" where there is none, or a wrong one."""
    name = table.text(field, required=required, max_length=400)
    parts = PurePosixPath(name).parts
    if name and ("\\" in name or parts[0] == "/" or ".." in parts):
        table.fault(field, name, "must be a path within the region's folder")
        return ""
    return name


def _read_geocoding(table: Fields, folder: Path) -> Geocoding:
    """Return how places are found; a server of others is asked only where it is named here."""
    server = table.table("nominatim") if table.has("nominatim") else None
    table.taken.add("nominatim")
    nominatim = None
    if server is not None:
        countries = server.items("countries")
        if any(not isinstance(each, str) or not re.fullmatch("[a-z]{2}", each) for each in countries):
            server.fault("countries", countries, "must be a list of codes of two small letters")
        domain = server.text("domain", required=True)
        if not re.fullmatch(r"[A-Za-z0-9.:-]*", domain):
            server.fault("domain", domain, "must be the name of a server, such as nominatim.example.org")
        scheme = server.text("scheme", "https")
        if scheme not in ("https", "http"):
            server.fault("scheme", scheme, "must be https or http")
        agent = server.text("user_agent", required=True)
        nominatim = Nominatim(domain, agent, scheme, tuple(map(str, countries)))
        server.finish()
    geocoding = Geocoding(_read_file_name(table, "addresses", folder, "W027"), nominatim)
    table.finish()
    return geocoding


def apply_settings(settings: Settings, values: Mapping[str, str]) -> Settings:
    """Return the settings with some replaced, e.g. ``{"weeks": "8", "priority_percent.high": "300"}``.

    An empty value stands for the default.

    Raises
    ------
    InputError
        With every value out of its range and every unknown name.
    """
    plain = to_plain(settings)
    problems: list[Problem] = []
    for name, value in values.items():
        if value and isinstance(plain.get(name), dict):
            known = ", ".join(f"{name}.{key}" for key in plain[name])
            rule = f"must name one of {known}, as in {name}.{next(iter(plain[name]))}=1"
            problems.append(Problem("W022", f"settings: {name}", f"found {value!r}; {rule}"))
            continue
        table, _, key = name.rpartition(".")
        target = plain[table] if isinstance(plain.get(table), dict) else plain
        target[key if target is not plain else name] = value
    changed = _read_settings(Fields(plain, "settings", "W022", problems))
    if problems:
        raise InputError(problems)
    return changed


def _read_settings(table: Fields) -> Settings:
    plain: dict[str, Any] = {
        name: number
        for name, (low, high) in RANGES.items()
        if (number := table.number(name, required=name == "weeks", low=low, high=high)) is not None
    }
    settings = Settings(
        start_date=_read_monday(table),
        capacity_basis=table.choice("capacity_basis", CapacityBasis, CapacityBasis.AGREED),
        overtime_percent=_read_overtime(table),
        priority_percent=_read_priorities(table.table("priority_percent")),
        **{"weeks": 1, **plain},
    )
    table.finish()
    return settings


def _read_monday(table: Fields) -> date:
    day = table.day("start_date", required=True)
    if day is not None and day.weekday() != 0:
        table.fault("start_date", str(day), "must be a Monday")
    return day or date.min


def _read_overtime(table: Fields) -> int | None:
    if str(table.raw("overtime_percent")) == NONE_WORD:
        return None
    return table.number("overtime_percent", high=100_000)


def _read_priorities(table: Fields) -> dict[Priority, int]:
    low, high = PRIORITY_RANGE
    defaults = default_priority_percent()
    numbers = {name: table.number(name.value, default, low=low, high=high) for name, default in defaults.items()}
    table.finish()
    return {name: number for name, number in numbers.items() if number is not None}


def _read_network(table: Fields) -> NetworkSettings:
    modes = tuple(_read_mode(mode) for mode in table.tables("modes", required=True))
    links = tuple(_read_link(link) for link in table.tables("links"))
    if table.has("modes") and not modes:
        table.fault("modes", [], "must hold at least one mode")
    network = NetworkSettings(
        detour_factor=table.real("detour_factor", 1.0, 1.0, 10.0, required=True),
        modes=modes,
        weekly_capacity_kg=table.number("weekly_capacity_kg"),
        links=links,
        share_trips=table.flag("share_trips"),
        streets=_read_street_rules(table),
    )
    for index, mode in enumerate(modes):
        if mode.streets and network.streets is None:
            table.fault(f"modes[{index}].streets", mode.streets, "must stand beside network.streets, which is missing")
        if network.share_trips and (mode.max_load_g % 1000 or not mode.max_load_g):
            where, rule = f"modes[{index}].max_load_kg", "must be whole kilograms where trips are shared"
            table.fault(where, mode.max_load_g / 1000, rule)
    table.problems += check_unique([(mode.id, f"{table.where}.modes[{i}].id") for i, mode in enumerate(modes)], "W023")
    pairs = [" and ".join(sorted((link.from_place, link.to_place))) for link in links]
    table.problems += check_unique([(pair, f"{table.where}.links[{i}]") for i, pair in enumerate(pairs)], "W024")
    table.finish()
    return network


def _read_street_rules(table: Fields) -> StreetRules | None:
    """Return how streets are used; a file's name alone stands for the usual rules."""
    if not table.has("streets"):
        table.raw("streets")
        return None
    if isinstance(table.raw("streets"), str):
        return StreetRules(_read_path(table, "streets"))
    rules, usual = table.table("streets"), StreetRules("")
    read = StreetRules(
        file=_read_path(rules, "file", required=True),
        snap_warning_m=rules.number("snap_warning_m", usual.snap_warning_m, high=100_000) or 0,
        snap_limit_m=rules.number("snap_limit_m", usual.snap_limit_m, high=100_000) or 0,
        off_streets=rules.choice("off_streets", OffStreets, usual.off_streets),
    )
    rules.finish()
    return read


def _read_mode(table: Fields) -> Mode:
    mode = Mode(
        id=table.slug("id"),
        name=table.text("name", required=True),
        speed_kmh=table.number("speed_kmh", 1, required=True, low=1, high=1000) or 1,
        cents_per_trip=table.number("cents_per_trip", 0, required=True) or 0,
        cents_per_km=table.number("cents_per_km", 0, required=True) or 0,
        co2e_g_per_km=table.number("co2e_g_per_km", 0, required=True) or 0,
        max_load_g=table.number("max_load_kg", 0, required=True, scale=1000, high=1_000_000) or 0,
        max_distance_m=table.number("max_distance_km", scale=1000, high=20_000),
        classes=_read_classes(table),
        oneway=table.flag("oneway", True),
        streets=_read_path(table, "streets"),
        source=table.text("source"),
        provenance=table.choice("provenance", Provenance, Provenance.UNKNOWN),
    )
    table.finish()
    return mode


def _read_classes(table: Fields) -> tuple[str, ...]:
    words = table.items("classes")
    for index, word in enumerate(words):
        if not isinstance(word, str) or not word.strip():
            table.fault(f"classes[{index}]", word, "must be a class of streets, such as residential")
    return tuple(word.strip() for word in words if isinstance(word, str))


def _read_link(table: Fields) -> LinkRule:
    link = LinkRule(
        from_place=table.slug("from"),
        to_place=table.slug("to"),
        distance_m=table.number("distance_km", scale=1000, high=20_000),
        weekly_capacity_kg=table.number("weekly_capacity_kg"),
        closed=table.flag("closed"),
    )
    if link.from_place and link.from_place == link.to_place:
        table.fault("to", link.to_place, "must be another place than from")
    table.finish()
    return link


def read_places(path: Path) -> tuple[Place, ...]:
    """Return the neighbourhoods and hubs of a places file, in its order.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    where, problems = path.name, list[Problem]()
    rows = parse_csv(read_text(path, where, "W020"), where, "W020", *PLACE_COLUMNS)
    tables = [Fields(cells, f"{where}: line {line}", "W021", problems) for line, cells in rows]
    places = tuple(_read_place(table) for table in tables)
    ids = [(place.id, f"{table.where}.id") for place, table in zip(places, tables, strict=True)]
    problems += check_unique(ids, "W023")
    if problems:
        raise InputError(problems)
    return places


def read_place_ids(path: Path) -> list[str]:
    """Return the ids of a places file as they stand, whatever else is wrong with it; one left out is ""."""
    rows = parse_csv(read_text(path, path.name, "W020"), path.name, "W020", *PLACE_COLUMNS)
    return [cells["id"] for _, cells in rows]


def _read_place(table: Fields) -> Place:
    kind = table.choice("kind", PlaceKind, PlaceKind.HUB, required=True)
    if kind is PlaceKind.WORKSHOP:
        table.fault("kind", kind.value, "must be neighbourhood or hub; workshops stand in workshops.yaml")
    weekly_capacity_kg = table.number("weekly_capacity_kg")
    handling_cents_per_kg = table.number("handling_cents_per_kg", 0) or 0
    if kind is not PlaceKind.HUB:
        for name, value in (
            ("weekly_capacity_kg", weekly_capacity_kg),
            ("handling_cents_per_kg", handling_cents_per_kg),
        ):
            if value:
                table.fault(name, value, "must be empty; only hubs have one")
    return Place(
        id=table.slug("id"),
        name=table.text("name", required=True),
        kind=kind,
        lat=table.real("lat", 0.0, -90.0, 90.0, required=True),
        lon=table.real("lon", 0.0, -180.0, 180.0, required=True),
        district=table.text("district"),
        population=table.number("population"),
        code=table.text("code", max_length=80),
        provenance=table.choice("provenance", Provenance, Provenance.DECLARED),
        weekly_capacity_kg=weekly_capacity_kg,
        handling_cents_per_kg=handling_cents_per_kg,
    )


def check_places(network: NetworkSettings, places: Collection[Place], workshop_ids: Collection[str]) -> list[Problem]:
    """Return what does not fit between the files: link rules without their place, places named as a workshop."""
    known = {place.id for place in places} | set(workshop_ids)
    problems = [
        Problem("W023", "places.csv", f"found {place.id!r}; it is also the id of a workshop")
        for place in places
        if place.id in workshop_ids
    ]
    for index, link in enumerate(network.links):
        for end, place_id in (("from", link.from_place), ("to", link.to_place)):
            if place_id not in known:
                where = f"region.yaml: network.links[{index}].{end}"
                problems.append(Problem("W025", where, f"found {place_id!r}; must be a workshop or a place"))
    return problems
