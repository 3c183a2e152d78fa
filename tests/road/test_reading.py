"""``consumption.yaml`` and ``road.yaml``: read strictly, all faults at once."""

from pathlib import Path

import pytest

from cosmolocal.errors import InputError
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Provenance
from cosmolocal.road.reading import read_consumption, read_terms

ROOT = Path(__file__).parent.parent.parent
CATEGORY = """\
- id: shirts
  name: Shirts
  eur_per_year: {value: 1000000, low: 900000, high: 1200000, source: a survey}
  kg_per_year: {value: 30000, provenance: assumed}
  growth_percent: {value: -0.25, low: -1, high: 1, provenance: assumed}
  local_percent: {value: 12.5, provenance: assumed}
  outside_percent: {value: 40, provenance: assumed}
  hours_per_1000_eur: {sewing: {value: 7.5, provenance: assumed}}
"""
CONSUMPTION = "year: 2024\ncategories:\n" + CATEGORY
ROAD = """\
road:
  first_year: 2027
  target: {percent: 50, year: 2050}
  milestones: [{percent: 20, year: 2035}]
  yearly_budget: {value: 1000000, provenance: assumed}
  machines_added_per_workshop: {value: 10, provenance: assumed}
  open_weeks: {value: 46, provenance: assumed}
  price_percent: {value: 100, low: 90, high: 125, provenance: assumed}
  discount_percent: {value: 3, provenance: assumed}
"""


def read(folder: Path, text: str):
    path = folder / "consumption.yaml"
    path.write_text(text, "utf-8")
    return read_consumption(path, load_vocabulary())


def faults(folder: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    return [(problem.code, problem.where) for problem in caught.value.problems]


def road_faults(folder: Path, text: str) -> list[tuple[str, str]]:
    path = folder / "road.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_terms(path)
    return [(problem.code, problem.where) for problem in caught.value.problems]


def test_a_category_is_read_with_its_units(tmp_path: Path):
    [shirts] = read(tmp_path, CONSUMPTION).categories
    assert (shirts.eur.value, shirts.eur.low, shirts.eur.high) == (1_000_000, 900_000, 1_200_000)
    assert shirts.eur.provenance is Provenance.DECLARED
    assert (shirts.growth.value, shirts.local.value, shirts.outside.value) == (-25, 125, 400)
    assert [(process, figure.value) for process, figure in shirts.minutes] == [("sewing", 450)]
    assert shirts.most == 475


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("value: 30000, provenance: assumed", "value: 30000", "W116", "kg_per_year"),
        ("low: 900000", "low: 1100000", "W116", "eur_per_year"),
        ("value: 12.5", "value: 61", "W112", ""),
        ("sewing:", "magic:", "W113", "hours_per_1000_eur.magic"),
        ("value: 40", "value: much", "W111", "outside_percent.value"),
        ("value: 40", "value: .nan", "W110", None),
        ("value: 40", "vale: 40", "W111", "outside_percent.value"),
        ("  name: Shirts\n", "", "W111", "name"),
        ("{sewing: {value: 7.5, provenance: assumed}}", "{}", "W111", "hours_per_1000_eur"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, old: str, new: str, code: str, field: str | None):
    assert old in CONSUMPTION
    where = "consumption.yaml: categories[0]" + (f".{field}" if field else "")
    found = faults(tmp_path, CONSUMPTION.replace(old, new))
    assert (code, "consumption.yaml" if field is None else where) in found


def test_all_faults_are_told_at_once(tmp_path: Path):
    text = CONSUMPTION.replace("value: 7.5", "value: -1").replace("value: 12.5", "value: 200") + CATEGORY
    assert {code for code, _ in faults(tmp_path, text)} == {"W111", "W112"}


def test_an_hour_may_count_for_one_process_only(tmp_path: Path):
    """Filament printing is a kind of 3D printing: its machines would count twice."""
    text = CONSUMPTION.replace(
        "{sewing: {value: 7.5, provenance: assumed}}",
        "{3d-printing: {value: 1, provenance: assumed}, fdm-printing: {value: 1, provenance: assumed}}",
    )
    assert [code for code, _ in faults(tmp_path, text)] == ["W113"]


def test_the_terms_are_read_with_their_units(tmp_path: Path):
    path = tmp_path / "road.yaml"
    path.write_text(ROAD, "utf-8")
    terms = read_terms(path)
    assert (terms.budget.value, terms.discount.value, terms.target.share) == (100_000_000, 300, 500)
    assert [goal.year for goal in terms.asked] == list(range(2035, 2051))
    assert [goal.share for goal in terms.asked] == [200] * 15 + [500]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("year: 2035", "year: 2051", "W115"),
        ("year: 2050", "year: 2090", "W115"),
        ("first_year: 2027", "first_year: 2060", "W115"),
        ("percent: 50", "percent: 101", "W114"),
        ("road:", "street:", "W114"),
        ("open_weeks: {value: 46", "open_weeks: {value: 53", "W114"),
        ("discount_percent: {value: 3, provenance: assumed}", "discount_percent: {value: 3}", "W116"),
        ("price_percent: {value: 100, low: 90", "price_percent: {value: 100, low: 101", "W116"),
    ],
)
def test_a_fault_of_the_road_is_told(tmp_path: Path, old: str, new: str, code: str):
    assert old in ROAD
    assert code in {found for found, _ in road_faults(tmp_path, ROAD.replace(old, new))}


def test_the_sample_says_of_every_figure_where_it_comes_from():
    """A figure without source or provenance is refused; what is no public fact is assumed or inferred."""
    consumption = read_consumption(ROOT / "consumption.yaml", load_vocabulary())
    for one in consumption.categories:
        for figure in (one.eur, one.kg, one.growth, one.local, one.outside, *(each for _, each in one.minutes)):
            assert figure.source or figure.provenance is Provenance.ASSUMED
    assert read_terms(ROOT / "road.yaml").target.share == 500
