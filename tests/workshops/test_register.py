import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_workshops import VOCABULARY, registers

from cosmolocal.errors import InputError
from cosmolocal.files import parse_yaml
from cosmolocal.records import (
    CapacityPeriod,
    Provenance,
    Workshop,
    WorkshopStatus,
)
from cosmolocal.workshops.register import dump_yaml, read_workshops, write_workshops

SAMPLE = Path(__file__).parents[2] / "workshops.yaml"


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(registers)
def test_what_is_written_is_read_again(tmp_path_factory, register):
    path = tmp_path_factory.mktemp("register") / "workshops.yaml"
    path.write_text(write_workshops(register), encoding="utf-8")
    assert read_workshops(path, VOCABULARY) == register


def valid() -> dict[str, Any]:
    """Return a register of two workshops that uses every field."""
    period = {"agreed": 20, "actual": 30.5, "maximum": 40, "valid_from": "2026-01-05", "valid_to": "2026-06-30"}
    group = {
        "id": "laser",
        "process": "laser-cutting",
        "machines": 2,
        "envelope_mm": [900, 600, 200],
        "materials": ["plywood", "acrylic"],
        "tolerance": "medium",
        "setup_minutes": 10.5,
        "speed_percent": 110,
        "hourly_cost": 18.55,
        "co2e_g_per_hour": 300,
        "minimum_lot": 2,
        "weekly_hours": [period, {"agreed": 10, "actual": 10, "maximum": 10, "valid_from": "2026-07-01"}],
        "provenance": "assumed",
    }
    first = {
        "id": "north",
        "name": "North",
        "lat": 41.5,
        "lon": 2.1,
        "address": "Street 1",
        "status": "active",
        "legal_form": "public",
        "radius_km": 12.5,
        "open_weekdays": ["sat", "mon"],
        "closed_days": ["2026-09-11"],
        "example": True,
        "source": "made up",
        "provenance": "assumed",
        "terms_provenance": "inferred",
        "groups": [group, {**copy.deepcopy(group), "id": "laser-2", "envelope_mm": "unknown", "materials": "unknown"}],
    }
    return {"workshops": [first, {"id": "south", "name": "South", "lat": 0, "lon": 0, "groups": []}]}


def read(tmp_path: Path, content: Any) -> tuple[Workshop, ...]:
    path = tmp_path / "workshops.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return read_workshops(path, VOCABULARY)


def put(content: Any, place: tuple[str | int, ...], value: Any) -> None:
    for step in place[:-1]:
        content = content[step]
    content[place[-1]] = value


W, G = ("workshops", 0), ("workshops", 0, "groups", 0)
P = (*G, "weekly_hours", 0)
LONG = 10_001 * "x"
FAULTS: list[tuple[tuple[str | int, ...], Any, str, str]] = [
    (("colour",), "red", "W002", "colour"),
    ((*W, "id"), "North!", "W002", "workshops[0].id"),
    ((*W, "id"), "south", "W003", "workshops[1].id"),
    ((*W, "name"), "", "W002", "workshops[0].name"),
    ((*W, "name"), ["a"], "W002", "workshops[0].name"),
    ((*W, "lat"), 90.01, "W002", "workshops[0].lat"),
    ((*W, "lat"), "41,5", "W002", "workshops[0].lat"),
    ((*W, "lat"), ".nan", "W002", "workshops[0].lat"),
    ((*W, "lon"), -181, "W002", "workshops[0].lon"),
    ((*W, "lon"), None, "W002", "workshops[0].lon"),
    ((*W, "address"), LONG, "W002", "workshops[0].address"),
    ((*W, "status"), "open", "W002", "workshops[0].status"),
    ((*W, "legal_form"), "club", "W002", "workshops[0].legal_form"),
    ((*W, "radius_km"), -1, "W002", "workshops[0].radius_km"),
    ((*W, "open_weekdays"), [], "W002", "workshops[0].open_weekdays"),
    ((*W, "open_weekdays"), ["mon", "mon"], "W002", "workshops[0].open_weekdays"),
    ((*W, "open_weekdays"), ["monday"], "W002", "workshops[0].open_weekdays"),
    ((*W, "open_weekdays"), [["mon"]], "W002", "workshops[0].open_weekdays"),
    ((*W, "closed_days"), ["2026-02-30"], "W002", "workshops[0].closed_days[0]"),
    ((*W, "closed_days"), [None], "W002", "workshops[0].closed_days[0]"),
    ((*W, "closed_days"), ["2026-09-11", "2026-09-11"], "W002", "workshops[0].closed_days"),
    ((*W, "example"), "perhaps", "W002", "workshops[0].example"),
    ((*W, "source"), {"a": "b"}, "W002", "workshops[0].source"),
    ((*W, "provenance"), "guessed", "W002", "workshops[0].provenance"),
    ((*W, "terms_provenance"), "guessed", "W002", "workshops[0].terms_provenance"),
    ((*W, "groups"), "many", "W002", "workshops[0].groups"),
    ((*W, "colour"), "red", "W002", "workshops[0].colour"),
    ((*G, "id"), "laser-2", "W003", "workshops[0].groups[1].id"),
    ((*G, "process"), "LAS", "W004", "workshops[0].groups[0].process"),
    ((*G, "process"), None, "W002", "workshops[0].groups[0].process"),
    ((*G, "machines"), 0, "W002", "workshops[0].groups[0].machines"),
    ((*G, "machines"), 1.5, "W002", "workshops[0].groups[0].machines"),
    ((*G, "envelope_mm"), [1, 2], "W002", "workshops[0].groups[0].envelope_mm"),
    ((*G, "envelope_mm"), [1, 2, 0], "W002", "workshops[0].groups[0].envelope_mm"),
    ((*G, "envelope_mm"), [1, 2, [3]], "W002", "workshops[0].groups[0].envelope_mm"),
    ((*G, "envelope_mm"), "large", "W002", "workshops[0].groups[0].envelope_mm"),
    ((*G, "materials"), ["Ply wood"], "W002", "workshops[0].groups[0].materials"),
    ((*G, "materials"), ["mdf", "mdf"], "W002", "workshops[0].groups[0].materials"),
    ((*G, "materials"), [["mdf"]], "W002", "workshops[0].groups[0].materials"),
    ((*G, "tolerance"), "0.1 mm", "W002", "workshops[0].groups[0].tolerance"),
    ((*G, "setup_minutes"), "ten", "W002", "workshops[0].groups[0].setup_minutes"),
    ((*G, "speed_percent"), 0, "W002", "workshops[0].groups[0].speed_percent"),
    ((*G, "hourly_cost"), -0.01, "W002", "workshops[0].groups[0].hourly_cost"),
    ((*G, "co2e_g_per_hour"), -1, "W002", "workshops[0].groups[0].co2e_g_per_hour"),
    ((*G, "minimum_lot"), 0, "W002", "workshops[0].groups[0].minimum_lot"),
    ((*G, "weekly_hours"), None, "W002", "workshops[0].groups[0].weekly_hours"),
    ((*G, "provenance"), "?", "W002", "workshops[0].groups[0].provenance"),
    ((*G, "hourly_cost"), "unknown", "W008", "workshops[0].groups[0].weekly_hours"),
    ((*G, "weekly_hours"), "many", "W002", "workshops[0].groups[0].weekly_hours"),
    ((*G, "make"), ["a"], "W002", "workshops[0].groups[0].make"),
    ((*G, "imported"), {"source": "a", "day": 1}, "W002", "workshops[0].groups[0].imported.day"),
    ((*W, "imported"), [{"id": "7"}], "W002", "workshops[0].imported[0].source"),
    ((*G, "power"), 40, "W002", "workshops[0].groups[0].power"),
    ((*P, "agreed"), 31, "W005", "workshops[0].groups[0].weekly_hours[0]"),
    ((*P, "maximum"), 30, "W005", "workshops[0].groups[0].weekly_hours[0]"),
    ((*P, "maximum"), 168.01, "W002", "workshops[0].groups[0].weekly_hours[0].maximum"),
    ((*P, "actual"), None, "W002", "workshops[0].groups[0].weekly_hours[0].actual"),
    ((*P, "valid_from"), "5 January", "W002", "workshops[0].groups[0].weekly_hours[0].valid_from"),
    ((*P, "valid_from"), "2026-12-01", "W006", "workshops[0].groups[0].weekly_hours[0].valid_to"),
    ((*P, "valid_to"), "2026-07-01", "W007", "workshops[0].groups[0].weekly_hours[1]"),
    ((*P, "valid_to"), None, "W007", "workshops[0].groups[0].weekly_hours[1]"),
    ((*P, "reserved"), 3, "W002", "workshops[0].groups[0].weekly_hours[0].reserved"),
]


@pytest.mark.parametrize(
    ("place", "value", "code", "where"), FAULTS, ids=[f"{row[3]}={row[1]!s:.12}" for row in FAULTS]
)
def test_a_planted_fault_is_reported_with_its_place_and_nothing_else_is(tmp_path, place, value, code, where):
    content = valid()
    put(content, place, value)
    with pytest.raises(InputError) as error:
        read(tmp_path, content)
    assert [(problem.code, problem.where) for problem in error.value.problems] == [(code, f"workshops.yaml: {where}")]


@settings(max_examples=60)
@given(st.sets(st.sampled_from(range(len(FAULTS))), min_size=2, max_size=8))
def test_faults_planted_together_are_all_reported(tmp_path_factory, chosen):
    """Of faults in one field the last one planted counts; a fault above another one hides it."""
    content = valid()
    planted: dict[tuple[str | int, ...], tuple[str, str]] = {}
    for index in sorted(chosen):
        place, value, code, where = FAULTS[index]
        # one fault for each table's hours and ids: these are rules between fields
        if any(place[: len(other)] == other or other[: len(place)] == place for other in planted):
            continue
        if code in ("W003", "W005", "W006", "W007", "W008") and any(other[:-1] == place[:-1] for other in planted):
            continue
        if any(planted[other][0] in ("W005", "W006", "W007", "W008") for other in planted if other[:-1] == place[:-1]):
            continue
        put(content, place, value)
        planted[place] = (code, f"workshops.yaml: {where}")
    with pytest.raises(InputError) as error:
        read(tmp_path_factory.mktemp("register"), content)
    assert {(problem.code, problem.where) for problem in error.value.problems} >= set(planted.values())


def test_units_are_those_of_the_records(tmp_path):
    north, south = read(tmp_path, valid())
    group = north.groups[0]
    assert (north.radius_m, north.open_weekdays, north.closed_days) == (12_500, (0, 5), (date(2026, 9, 11),))
    assert (group.hourly_cost_cents, group.setup_seconds) == (1855, 630)
    assert group.periods[0] == CapacityPeriod(1200, 1830, 2400, date(2026, 1, 5), date(2026, 6, 30))
    assert (north.groups[1].envelope_mm, north.groups[1].materials) == (None, None)
    assert (north.terms_provenance, south.terms_provenance) == (Provenance.INFERRED, Provenance.DECLARED)
    assert (south.radius_m, south.open_weekdays, south.status) == (None, (0, 1, 2, 3, 4), WorkshopStatus.ACTIVE)


@pytest.mark.parametrize("text", ["", "[]", "workshops: {a: b}", "workshops: [1]", "hello", "a: &x 1", "{"])
def test_a_file_of_another_shape_is_refused(tmp_path, text):
    path = tmp_path / "workshops.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_workshops(path, VOCABULARY)
    assert all(problem.where.startswith("workshops.yaml") for problem in error.value.problems)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"W001 workshops.yaml: cannot be read"):
        read_workshops(tmp_path / "workshops.yaml", VOCABULARY)


def test_the_sample_has_24_workshops_each_with_three_to_seven_groups_and_a_bench():
    sample = read_workshops(SAMPLE, VOCABULARY)
    assert len(sample) == 24
    for workshop in sample:
        assert 3 <= len(workshop.groups) <= 7
        assert "assembly" in {group.process for group in workshop.groups}


def test_the_sample_says_what_is_made_up():
    for workshop in read_workshops(SAMPLE, VOCABULARY):
        assert workshop.example == workshop.name.startswith("Example ")
        assert workshop.provenance is (Provenance.ASSUMED if workshop.example else Provenance.DECLARED)
        assert workshop.terms_provenance is Provenance.ASSUMED
        assert workshop.source
        assert {group.provenance for group in workshop.groups} == {Provenance.ASSUMED}


@pytest.mark.parametrize(
    "name",
    ["0000-00-0٠", "0000-00-00", "2026-13-01", "2026-02-31", "0000-00-00 z", "1e999", "-1e999", "-", ".inf", ".nan",
     "1" * 401, "1_0e999", "1:99e999"],
)  # fmt: skip
@pytest.mark.parametrize("sign", ["", "👍🏽 "])
def test_a_name_that_looks_like_a_number_or_a_day_is_read_as_it_was_written(name, sign):
    """In both writers: the quick one, and the one that keeps emoji."""
    plain = {"name": name, "city": f"{sign}Vic"}
    assert parse_yaml(dump_yaml(plain), "file", "W001") == plain


@given(st.text(alphabet="0123456789-+.:_eETtZz ~infa٠", max_size=24))
def test_texts_of_the_signs_of_numbers_and_days_are_read_as_they_were_written(text):
    assert parse_yaml(dump_yaml({"name": text}), "file", "W001") == {"name": text}
