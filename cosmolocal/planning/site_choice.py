"""Choose among new sites: the bound by one capacity for each site, the choice by all its machine groups.

docs/siting.md tells why the first is below the second whatever the weights.
"""

# ruff: noqa: PLC0415 - solvers are read at the first use: pages and commands start without it

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from cosmolocal.planning.next_best import Asked
from cosmolocal.planning.site_model import SiteModel, build_model
from cosmolocal.planning.siting import Bools, Floats, SitingProblem
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Proposal
from cosmolocal.records.siting import ChosenSite, SiteAim, SiteWish, Siting

#: units of demand that fill a site
UNITS = 1_000_000
#: [cents per cent] that a value made in the region is held to be worth, where local share is the aim
WORTH = 100
#: times that the groups of a site are weighed
ROUNDS = 2
#: [ratio] less is no gain
EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Serving:
    """The cheapest serving of customers from some open sites."""

    #: of all sites and customers: opening, serving, and what customers cost where they are not served
    objective: float
    #: [m × n] parts
    part: Floats
    #: [m × G] what more of a group would be worth
    worth: Floats


@dataclass(frozen=True, slots=True)
class Choice:
    """Open sites with their serving, and what no choice is below."""

    is_open: Bools
    serving: Serving
    bound: float


@dataclass
class SiteSearch:
    """One model with one wish."""

    model: SiteModel
    wish: SiteWish
    settings: SolveSettings
    watch: Watch = field(default_factory=Watch)

    def __post_init__(self) -> None:
        model = self.model
        worth = WORTH * model.value if self.wish.aim is SiteAim.SHARE else 0.0
        #: [n] what leaving a customer where it is costs
        self.left = model.now + worth
        self.until = time.monotonic() + self.settings.seconds
        self._known: dict[bytes, Serving] = {}

    @property
    def is_over(self) -> bool:
        """Tell whether the clock or a person ends it."""
        return self.watch.stop.is_set() or time.monotonic() > self.until

    def choose(self) -> Choice:
        """Return the best choice found, and the bound."""
        m, n = self.model.cost.shape
        best, bound = np.zeros(m, dtype=np.bool_), float(-np.inf)
        if not m or not n:
            return Choice(best, self.serve(best), self.serve(best).objective)
        weights = np.full(self.model.load.shape[:2], 1.0)
        for number in range(m):
            if self.is_over:
                break
            weights[number] = self.serve(np.arange(m) == number).worth[number]
        for _ in range(ROUNDS):
            seconds = max(1.0, (self.until - time.monotonic()) / 3)
            settings = SolveSettings(seconds, self.settings.gap, self.settings.seed)
            from cosmolocal.planning.solvers import siting

            found = siting.solve_siting(self.build_problem(weights), settings, self.watch)
            bound = max(bound, found.bound)
            best = min((best, found.is_open), key=lambda each: self.serve(each).objective)
            if self.is_over:
                break
            weights = self._weigh_again(weights, self.serve(found.is_open), found.is_open)
        best = self._improve(best)
        return Choice(best, self.serve(best), min(bound, self.serve(best).objective))

    def build_problem(self, weights: Floats) -> SitingProblem:
        """Return the model with one capacity for each site: parts of its groups, weighed and added up."""
        model, total = self.model, weights.sum(axis=1, keepdims=True)
        used = (model.load > 0).any(axis=2)
        even = used / np.maximum(used.sum(axis=1, keepdims=True), 1)
        shares = np.where(total > 0, weights / np.where(total > 0, total, 1.0), even)
        part = np.where(np.isfinite(model.cost), np.einsum("ig,ign->in", shares, model.load), np.inf)
        least = np.where(np.isfinite(part).any(axis=0), part.min(axis=0), 0.0)
        demand = np.maximum(1, np.floor(UNITS * least)).astype(np.int64)
        m, n = model.cost.shape
        return SitingProblem(
            open_cost=model.open_cost,
            # a customer that takes nearly nothing counts as one unit
            capacity=np.full(m, UNITS + n, dtype=np.int64),
            demand=demand,
            cost=model.cost,
            unserved_cost=self.left,
            existing=np.zeros(m, dtype=np.bool_),
            most_new=self.wish.most_new,
            budget=None if self.wish.budget_cents is None else float(self.wish.budget_cents),
            price=model.price,
        )

    def _weigh_again(self, weights: Floats, serving: Serving, is_open: Bools) -> Floats:
        """Return weights from what groups are worth beside the sites chosen; others of the same offer follow them."""
        offers = np.array([proposal.offer for proposal in self.model.proposals])
        again = weights.copy()
        for offer in dict.fromkeys(offers[is_open].tolist()):
            again[offers == offer] = serving.worth[is_open & (offers == offer)].mean(axis=0)
        return again

    def serve(self, is_open: Bools) -> Serving:
        """Return the cheapest serving from some open sites, each machine group within its minutes."""
        key = is_open.tobytes()
        if key not in self._known:
            self._known[key] = self._serve(is_open)
        return self._known[key]

    def _serve(self, is_open: Bools) -> Serving:
        model = self.model
        part, worth = np.zeros_like(model.cost), np.zeros(model.load.shape[:2])
        base = float(model.open_cost[is_open].sum() + self.left.sum())
        gain = np.where(is_open[:, None] & np.isfinite(model.cost), self.left - model.cost, 0.0)
        site, customer = np.nonzero(gain > 0)
        if not len(site):
            return Serving(base, part, worth)
        open_sites, (groups, n) = np.flatnonzero(is_open), model.load.shape[1:]
        row_of = np.zeros(len(is_open), dtype=np.int64)
        row_of[open_sites] = np.arange(len(open_sites))
        rows = [customer] + [n + row_of[site] * groups + group for group in range(groups)]
        values = [np.ones(len(site))] + [model.load[site, group, customer] for group in range(groups)]
        columns = np.tile(np.arange(len(site)), groups + 1)
        limits = n + len(open_sites) * groups
        matrix: Any = csr_array((np.concatenate(values), (np.concatenate(rows), columns)), shape=(limits, len(site)))
        from scipy.optimize import linprog

        found = linprog(-gain[site, customer], A_ub=matrix, b_ub=np.ones(limits), bounds=(0, 1), method="highs")
        if found.x is None or found.fun is None:
            raise RuntimeError(f"serving from {len(open_sites)} sites could not be solved: {found.message}")
        part[site, customer] = np.clip(found.x, 0.0, 1.0)
        worth[open_sites] = np.maximum(0.0, -found.ineqlin.marginals[n:]).reshape(-1, groups)
        return Serving(base + float(found.fun), part, worth)

    def _improve(self, best: Bools) -> Bools:
        """Open, close or exchange a site as long as that helps and there is time."""
        while not self.is_over:
            now = self.serve(best).objective
            better = next((each for each in self._neighbours(best) if self._is_better(each, now)), None)
            if better is None:
                break
            best = better
        return best

    def _is_better(self, is_open: Bools, now: float) -> bool:
        return not self.is_over and self.serve(is_open).objective < now - EPSILON * max(1.0, abs(now))

    def _neighbours(self, best: Bools) -> Sequence[Bools]:
        flips = [[each] for each in range(len(best))]
        flips += [[one, other] for one in np.flatnonzero(best).tolist() for other in np.flatnonzero(~best).tolist()]
        found = []
        for flip in flips:
            each = best.copy()
            each[flip] = ~each[flip]
            if self.allows(each):
                found.append(each)
        return found

    def allows(self, is_open: Bools) -> bool:
        """Tell whether so many sites for so much are wished for."""
        budget = self.wish.budget_cents
        spent = float(self.model.price[is_open].sum())
        return int(is_open.sum()) <= self.wish.most_new and (budget is None or spent <= budget)


def describe_sites(model: SiteModel, choice: Choice) -> tuple[ChosenSite, ...]:
    """Return the sites of a choice, the one that saves most first."""
    found = []
    for i in np.flatnonzero(choice.is_open).tolist():
        proposal, part = model.proposals[i], choice.serving.part[i]
        served = [(each, float(share)) for each, share in zip(model.customers, part, strict=True) if share > EPSILON]
        some = part > EPSILON
        found.append(
            ChosenSite(
                proposal=proposal.id,
                name=proposal.name,
                place=proposal.place,
                price_cents=int(model.price[i]),
                open_cents=int(model.open_cost[i]),
                units=round(sum((each.units * share for each, share in served), 0.0), 1),
                new_units=round(sum((each.units * share for each, share in served if each.is_imported), 0.0), 1),
                saved_cents=round(float(((model.now - model.cost[i])[some] * part[some]).sum())),
                places=tuple(sorted({each.place for each, _ in served})),
                load=round(float((model.load[i] @ part).max(initial=0.0)), 3),
            )
        )
    return tuple(sorted(found, key=lambda site: (-site.saved_cents, site.proposal)))


def find_sites(
    asked: Asked, proposals: Sequence[Proposal], wish: SiteWish, settings: SolveSettings, watch: Watch
) -> Siting:
    """Return which proposals to do together beside a plan, by the model; nothing is planned."""
    model = build_model(asked, proposals)
    search = SiteSearch(model, wish, settings, watch)
    choice = search.choose()
    plan, part = asked.plan, choice.serving.part
    saved = float(search.left.sum()) - choice.serving.objective
    made_value = float((model.value * part.sum(axis=0)).sum())
    worth = float((search.left - model.now).sum())
    share = plan.local_share.value
    return Siting(
        plan=plan.id,
        wish=wish,
        sites=describe_sites(model, choice),
        site_count=len(proposals),
        customer_count=len(model.customers),
        now_cents=plan.cost_cents,
        model_cents=round(plan.cost_cents - saved + made_value * (WORTH if wish.aim is SiteAim.SHARE else 0)),
        objective_cents=round(plan.cost_cents + worth - saved),
        bound_cents=round(plan.cost_cents + worth - float(search.left.sum()) + choice.bound),
        now_share=share,
        model_share=None if share is None else min(1000, share + int(1000 * made_value / max(1.0, model.whole_value))),
        weeks=asked.weeks,
    )
