"""Trade-offs: the plans between which a region may choose, each proved near the cheapest of its kind.

``docs/tradeoffs.md`` says what is minimised, what is proved, and why.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cosmolocal.collecting import paused_collector
from cosmolocal.planning.fronts_by_limits import LimitedPlans
from cosmolocal.planning.fronts_by_price import PricedPlans
from cosmolocal.planning.offered import Asked, Offered
from cosmolocal.planning.plans import Provenance, program_versions
from cosmolocal.planning.solvers.choosing import get_ready
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Aim, Front, FrontPoint, Order, Plan, Region, to_plain


@dataclass(frozen=True, slots=True)
class FrontSettings:
    """What to trade cost for, and how well."""

    aim: Aim
    #: plans wanted, ≥ 2; there may be fewer to choose from
    points: int = 5
    #: `SolveSettings.seconds` are those of all plans together
    solving: SolveSettings = field(default_factory=lambda: SolveSettings(seconds=180.0))


def find_front(
    region: Region,
    orders: Iterable[Order],
    provenance: Provenance,
    settings: FrontSettings,
    watch: Watch | None = None,
) -> tuple[Front, tuple[Plan, ...]]:
    """Return the plans of an order book between which to choose, cheapest first, and what is proved of them.

    No plan is dearer than another one and no better by the aim.
    """
    watch = watch or Watch()
    get_ready(watch)
    asked = Asked(region, tuple(orders), provenance, settings.solving, watch)
    plans = PricedPlans(asked) if settings.aim is Aim.CO2E else LimitedPlans(asked, settings.aim)
    with paused_collector():
        found = plans.find(settings.points)
    kept = undominated(found, settings.aim)
    lines = tuple(line for one in found for line in one.lines)
    front = Front(
        front_id(region, provenance, settings, kept),
        region.id,
        provenance.book,
        settings.aim,
        (),
        lines,
        plans.whole,
        dict(sorted(provenance.digests.items())),
    )
    points = tuple(
        FrontPoint(
            one.plan.id,
            one.figures,
            min(one.figures.cost_cents, front.bound_cents(one.value(settings.aim))),
            one.plan.limits[0] if one.plan.limits else None,
        )
        for one in kept
    )
    return replace(front, points=points), tuple(one.plan for one in kept)


def undominated(found: Iterable[Offered], aim: Aim) -> list[Offered]:
    """Return the plans that no other one beats by cost and aim, cheapest first; of equal ones the first."""
    kept: list[Offered] = []
    for one in sorted(found, key=lambda one: (one.figures.cost_cents, -aim.need(one.value(aim), 1000))):
        if not kept or not aim.is_as_good(kept[-1].value(aim), one.value(aim)):
            kept.append(one)
    return kept


def front_id(region: Region, provenance: Provenance, settings: FrontSettings, kept: Iterable[Offered]) -> str:
    """Return the id that the same plans of the same inputs always give."""
    every = [
        region.id,
        provenance.book,
        to_plain(settings),
        sorted(provenance.digests.items()),
        [one.plan.id for one in kept],
        sorted(program_versions().items()),
    ]
    return hashlib.sha256(json.dumps(every).encode()).hexdigest()[:12]
