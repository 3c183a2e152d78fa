"""What is not made here: the ways from a lot to its design, and to the form that would unlock it."""

from dataclasses import replace

from showcase import SHOWN_PLAN, ShownWorkspace
from web.test_pages import PLAN, words

from cosmolocal.records import Fix
from cosmolocal.web import create_app

CONFIRM = Fix("confirm", {"design": "a~stool@2.0.0", "part": "seat", "field": "material"}, 0)


def pages(tmp_path, *addresses: str) -> list[str]:
    """Return pages of a plan in which a confirmation would help."""
    plan = replace(SHOWN_PLAN, unmet=tuple(replace(row, fixes=(CONFIRM,)) for row in SHOWN_PLAN.unmet))
    client = create_app(workspace=ShownWorkspace(tmp_path, (plan,))).test_client()
    return [client.get(f"{PLAN}/{address}").text for address in addresses]


def test_what_a_person_could_confirm_leads_to_its_form(tmp_path):
    for page in pages(tmp_path, "unmet", "orders/o-2"):
        assert '<a href="/designs/a~stool/2.0.0/confirm?part=seat">Confirm the material of seat.</a>' in page


def test_other_changes_lead_nowhere(read):
    page = read(f"{PLAN}/unmet")
    assert "<li>Widen the radius of Makers" in page
    assert "/confirm" not in page


def test_an_order_leads_to_the_version_that_was_planned(read):
    """Its design may have a newer version by now."""
    made = read(f"{PLAN}/orders/o-1")
    assert '<a href="/designs/a~lamp/1.2.0/">' in made
    assert "asked for a~lamp" in words(made)
    assert '<a href="/designs/a~stool/2.0.0/">' in read(f"{PLAN}/orders/o-2")
    assert '<a href="/designs/a~stool/2.0.0/">' in read(f"{PLAN}/unmet")


def test_a_lot_that_no_version_fits_leads_to_its_design(tmp_path):
    plan = replace(SHOWN_PLAN, unmet=tuple(replace(row, design="a~stool") for row in SHOWN_PLAN.unmet))
    client = create_app(workspace=ShownWorkspace(tmp_path, (plan,))).test_client()
    assert '<a href="/designs/a~stool/">' in client.get(f"{PLAN}/unmet").text
