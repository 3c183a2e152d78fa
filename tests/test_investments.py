"""investments.yaml: what could be bought or opened, read strictly and put into the region."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import REGION

from cosmolocal.errors import InputError
from cosmolocal.investments import apply_proposal, list_proposals, parse_investments, plain_proposal, read_investments
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Investments, Purchase, WorkshopStatus
from cosmolocal.workflows.checking import validate_region
from cosmolocal.workflows.inputs import read_region

ROOT = Path(__file__).parent.parent
HERE = replace(REGION, vocabulary=load_vocabulary())
GROUP = "{process: laser-cutting, machines: 2, hourly_cost: 12, weekly_hours: [{agreed: 5, actual: 6, maximum: 7}]}"
TEXT = f"""
machines:
  - {{id: laser, name: Laser, group: {GROUP}, price: 9000.5, yearly_cost: 600, lifetime_years: 8}}
workshops:
  - {{id: corner, name: Corner, machines: {{laser: 3}}, price: 20000, lifetime_years: 10, radius_km: 4}}
candidates: [{{place: makers}}, {{place: north}}, {{place: all workshops}}]
"""


def read(text: str) -> Investments:
    return parse_investments(text, "investments.yaml", HERE)


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read(text)
    return [
        (problem.code, problem.where.removeprefix("investments.yaml").lstrip(": ")) for problem in caught.value.problems
    ]


def test_the_sample_can_buy_each_machine_in_each_workshop_and_open_each_workshop_in_each_place():
    region = read_region(ROOT).region
    found = read_investments(ROOT / "investments.yaml", region)
    shops = sum(shop.status is WorkshopStatus.ACTIVE for shop in region.workshops)
    opened = len(found.candidates) - shops
    assert len(list_proposals(region, found)) == shops * len(found.machines) + opened * len(found.workshops)
    assert all(offer.provenance == "assumed" for offer in (*found.machines, *found.workshops))


def test_figures_are_read_in_cents_and_a_group_without_an_id_has_that_of_its_machine():
    [laser], [corner] = (found := read(TEXT)).machines, found.workshops
    assert laser.purchase == Purchase(900_050, 60_000, 8)
    assert (laser.group.id, laser.group.machines, laser.group.hourly_cost_cents) == ("laser", 2, 1_200)
    assert (corner.machines, corner.radius_m) == ((("laser", 3),), 4_000)
    assert found.candidates == ("makers", "north", "joiners")


def test_machines_come_as_a_group_of_their_own_and_a_workshop_with_its_machines():
    at_makers, in_north, _ = list_proposals(HERE, read(TEXT))
    after = apply_proposal(HERE, at_makers)
    assert [group.id for group in after.workshops[0].groups] == ["laser", "laser-2"]
    assert after.workshops[1:] == HERE.workshops[1:]
    after = apply_proposal(HERE, in_north)
    assert after.workshops[:-1] == HERE.workshops
    opened, north = after.workshops[-1], HERE.places[0]
    assert (opened.id, opened.lat, opened.lon, opened.radius_m) == ("corner-north", north.lat, north.lon, 4_000)
    assert [(group.id, group.machines) for group in opened.groups] == [("laser", 6)]
    assert plain_proposal(in_north)["id"] == "corner@north"


def test_candidates_may_be_one_word():
    text = TEXT.split("candidates", maxsplit=1)[0] + "candidates: all neighbourhoods"
    assert read(text).candidates == ("north", "south")


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("price: 9000.5", "price: -1", "W091", "machines[0].price"),
        ("price: 9000.5, ", "", "W091", "machines[0].price"),
        ("lifetime_years: 8", "lifetime_years: 0", "W091", "machines[0].lifetime_years"),
        ("yearly_cost: 600", "yearly: 600", "W091", "machines[0].yearly"),
        ("laser-cutting", "magic", "W004", "machines[0].group.process"),
        ("hourly_cost: 12", "hourly_cost: unknown", "W091", "machines[0].group"),
        ("agreed: 5", "agreed: 9", "W005", "machines[0].group.weekly_hours[0]"),
        ("id: corner", "id: laser", "W092", "workshops[0].id"),
        ("{laser: 3}", "{saw: 3}", "W093", "workshops[0].machines.saw"),
        ("{laser: 3}", "{laser: 0}", "W091", "workshops[0].machines.laser"),
        ("{laser: 3}", "{}", "W091", "workshops[0].machines"),
        ("radius_km: 4", "legal_form: club", "W091", "workshops[0].legal_form"),
        ("place: makers", "place: nowhere", "W094", "candidates[0].place"),
        ("place: makers", "place: north", "W092", "candidates[1].place"),
        ("machines:\n", "discount_percent: many\nmachines:\n", "W091", "discount_percent"),
        ("machines:\n", "wishes: []\nmachines:\n", "W091", "wishes"),
    ],
)
def test_each_fault_is_named_with_its_place(old: str, new: str, code: str, where: str):
    assert old in TEXT
    assert (code, where) in faults(TEXT.replace(old, new, 1))


def test_what_is_no_yaml_is_said_so():
    assert [code for code, _ in faults("{")] == ["W090"]


def test_all_faults_come_at_once():
    text = TEXT.replace("price: 9000.5", "price: x").replace("{laser: 3}", "{saw: 3}").replace("makers", "nowhere")
    assert {code for code, _ in faults(text)} == {"W091", "W093", "W094"}


def test_validate_tells_them(tmp_path: Path):
    for name in ("region.yaml", "workshops.yaml", "places.csv", "designs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "orders").mkdir()
    (tmp_path / "investments.yaml").write_text("candidates: [{place: atlantis}]")
    assert [problem.code for problem in validate_region(tmp_path).problems] == ["W094"]


@given(st.integers(0, 10**9), st.integers(0, 10**7), st.integers(1, 60))
def test_without_interest_all_years_of_a_life_pay_for_price_and_yearly_cost(price: int, yearly: int, years: int):
    each = Investments().annuity_cents(Purchase(price, yearly, years))
    assert 0 <= years * each - (price + years * yearly) < years


@given(st.integers(1, 10**9), st.integers(1, 60), st.decimals("0.1", "50", places=1))
def test_with_interest_a_loan_paid_back_so_is_paid_back_at_its_end(price: int, years: int, percent: Decimal):
    """Paying the annuity each year leaves nothing, or less than was rounded up."""
    each, debt = Investments(discount_percent=percent).annuity_cents(Purchase(price, 0, years)), Decimal(price)
    rounded = sum((1 + percent / 100) ** year for year in range(years))
    for _ in range(years):
        debt = debt * (1 + percent / 100) - each
    assert -rounded - Decimal("0.01") <= debt <= Decimal("0.01")
