"""Makes so far: reported, kept, added up."""

from datetime import date, timedelta

import pytest
from cli.small_region import make_region

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.makes import list_makes, report_make


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(make_region(tmp_path / "region"))


def test_nothing_is_made_so_far_and_asking_makes_no_database(workspace):
    assert list_makes(workspace, "us~lamp") == {"design": "us~lamp", "units": 0, "versions": [], "makes": []}
    assert not workspace.database_path.exists()


def test_what_is_reported_is_listed_newest_first_and_added_up_by_version(workspace):
    report_make(workspace, "us~lamp@1.0.0", {"quantity": "3", "date": "2026-01-05", "place": "north"}, "ana")
    report_make(workspace, "us~lamp@1.1.0", {"quantity": " 4 ", "date": "2026-01-07", "note": "warm light"}, "ben")
    report_make(workspace, "us~lamp@1.0.0", {"quantity": "2", "date": "2026-01-06", "place": "home"}, "ana")
    found = list_makes(workspace, "us~lamp")
    assert found["units"] == 9
    assert found["versions"] == [{"version": "1.1.0", "units": 4}, {"version": "1.0.0", "units": 5}]
    rows = [(row["made_on"], row["quantity"], row["place_name"], row["note"], row["person"]) for row in found["makes"]]
    assert rows == [
        ("2026-01-07", 4, "", "warm light", "ben"),
        ("2026-01-06", 2, "Home (home)", "", "ana"),
        ("2026-01-05", 3, "North Makers (north)", "", "ana"),
    ]
    with pytest.raises(NotFoundError):
        list_makes(workspace, "us~other")


def test_without_a_date_it_was_made_today(workspace):
    made_on = date.fromisoformat(report_make(workspace, "us~lamp@1.0.0", {"quantity": "1"}, "ana")["made_on"])
    assert abs(made_on - date.today()) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"quantity": "0"}, ["quantity"]),
        ({"quantity": "-3"}, ["quantity"]),
        ({"quantity": "1.5"}, ["quantity"]),
        ({"quantity": "many"}, ["quantity"]),
        ({}, ["quantity"]),
        ({"quantity": "1", "date": "tomorrow"}, ["date"]),
        ({"quantity": "1", "date": "2999-01-01"}, ["date"]),
        ({"quantity": "1", "place": "moon"}, ["place"]),
        ({"quantity": "1", "note": "x" * 2_001}, ["note"]),
        ({"quantity": "1", "colour": "red"}, ["colour"]),
        ({"quantity": "0", "date": "x", "place": "moon"}, ["date", "place", "quantity"]),
    ],
)
def test_a_wrong_report_is_refused_with_all_its_faults_and_nothing_is_kept(workspace, values, places):
    with pytest.raises(InputError) as caught:
        report_make(workspace, "us~lamp@1.0.0", values, "ana")
    assert {problem.code for problem in caught.value.problems} == {"D080"}
    assert sorted(problem.where.removeprefix("report: ") for problem in caught.value.problems) == places
    assert list_makes(workspace, "us~lamp")["units"] == 0


@pytest.mark.parametrize("name", ["us~lamp", "us~lamp@9.0.0", "us~lamb@1.0.0"])
def test_only_a_version_that_exists_can_be_made(workspace, name):
    with pytest.raises(NotFoundError):
        report_make(workspace, name, {"quantity": "1"}, "ana")
