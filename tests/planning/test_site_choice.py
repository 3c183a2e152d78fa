"""Where to open: the model against all choices of sites, bounds below, faults none."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from planning.test_next_best import machine
from planning.town import town

from cosmolocal.investments import list_proposals
from cosmolocal.planning.next_best import Asked
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.site_choice import WORTH, SiteSearch, find_sites
from cosmolocal.planning.site_model import SiteModel, build_model
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import CapacityPeriod, Investments, Proposal, Purchase, WorkshopOffer
from cosmolocal.records.siting import SiteAim, SiteWish

SETTINGS = SolveSettings(20, 0.0)


@pytest.fixture(scope="module")
def short_town() -> tuple[Asked, tuple[Proposal, ...]]:
    """Return a town with a tenth of its hours, and what it could buy or open."""
    region, orders = town(2, 14)
    few = (CapacityPeriod(40, 40, 40),)
    shops = (replace(shop, groups=tuple(replace(one, periods=few) for one in shop.groups)) for shop in region.workshops)
    region = replace(region, workshops=tuple(shops))
    plan = plan_orders(region, orders, Provenance("town", {}), SETTINGS)
    corner = (("new-cutting", 1), ("new-sewing", 1))
    offers = Investments(
        (machine("cutting", 20_000), machine("sewing", 30_000)),
        (WorkshopOffer("corner", "Corner", corner, Purchase(60_000, 1_000, 10)),),
        ("shop-0", "shop-3", "place-1", "place-7"),
    )
    return Asked(region, orders, plan), list_proposals(region, offers)


@pytest.fixture(scope="module")
def model(short_town) -> SiteModel:
    return build_model(*short_town)


def test_a_model_has_what_sites_could_do_for_less(short_town, model):
    asked, proposals = short_town
    assert model.cost.shape == (len(proposals), len(model.customers))
    assert model.customers
    can = np.isfinite(model.cost)
    assert can.any(axis=0).all()
    assert (model.cost < model.now)[can].all()
    assert (model.load >= 0).all()
    assert (model.load.max(axis=1)[can] > 0).all(), "who is served takes time of something new"
    imported = {row.lot for row in asked.plan.unmet}
    for customer, value in zip(model.customers, model.value, strict=True):
        assert set(customer.lots) <= imported or not set(customer.lots) & imported
        assert (value > 0) == customer.is_imported


@pytest.mark.parametrize("aim", list(SiteAim))
@pytest.mark.parametrize(("most", "budget"), [(1, None), (2, None), (3, 90_000), (2, 25_000), (6, 10_000)])
def test_no_choice_of_sites_is_better_and_none_below_the_bound(model, most, budget, aim):
    search = SiteSearch(model, SiteWish(most, budget, aim), SETTINGS)
    found = search.choose()
    m = len(model.proposals)
    least = np.inf
    for count in range(most + 1):
        for some in combinations(range(m), count):
            is_open = np.isin(np.arange(m), some)
            if budget is None or model.price[is_open].sum() <= budget:
                least = min(least, search.serve(is_open).objective)
    assert search.allows(found.is_open)
    assert found.bound <= least + 1e-6 * abs(least)
    assert found.serving.objective == pytest.approx(least, rel=1e-9)


def test_a_serving_keeps_hours_and_parts_and_costs_what_it_says(model):
    search = SiteSearch(model, SiteWish(3, None, SiteAim.SHARE), SETTINGS)
    found = search.choose()
    part = found.serving.part
    assert (part >= 0).all()
    assert (part.sum(axis=0) <= 1 + 1e-7).all()
    assert (np.einsum("ign,in->ig", model.load, part) <= 1 + 1e-7).all()
    assert not part[~found.is_open].any()
    assert not part[~np.isfinite(model.cost)].any()
    left = model.now + WORTH * model.value
    cost = np.where(part > 0, model.cost, 0.0)
    total = model.open_cost[found.is_open].sum() + (cost * part).sum() + (left * (1 - part.sum(axis=0))).sum()
    assert found.serving.objective == pytest.approx(total)


def test_the_answer_tells_cost_and_share_beside_the_plan(short_town):
    asked, proposals = short_town
    cheap = find_sites(asked, proposals, SiteWish(2), SETTINGS, Watch())
    local = find_sites(asked, proposals, SiteWish(2, None, SiteAim.SHARE), SETTINGS, Watch())
    assert cheap.model_cents == cheap.objective_cents <= cheap.now_cents == asked.plan.cost_cents
    assert cheap.model_cents <= local.model_cents
    assert cheap.now_share <= cheap.model_share <= local.model_share <= 1000
    for found in (cheap, local):
        assert found.bound_cents <= found.objective_cents
        saved = sum(site.saved_cents - site.open_cents for site in found.sites)
        assert abs(found.now_cents - found.model_cents - saved) <= 1 + len(found.sites)
        assert all(0 < site.load <= 1.001 for site in found.sites)
        assert all(0 <= site.new_units <= site.units + 0.05 for site in found.sites)


def test_without_anything_that_pays_nothing_opens(short_town):
    asked, proposals = short_town
    found = find_sites(asked, proposals, SiteWish(3, 0), SETTINGS, Watch())
    assert found.sites == ()
    assert found.model_cents == found.now_cents
    assert found.model_share == found.now_share
