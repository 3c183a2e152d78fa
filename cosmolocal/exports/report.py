"""A plan as one HTML file that opens without a network, by day, by night and on paper."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cosmolocal.records import Order, Place, Plan, Region, Workshop

#: makes a sentence of the code and the values of a reason or a fix
Sentence = Callable[[str, Mapping[str, str | int]], str]


@dataclass(frozen=True, slots=True)
class ReportParts:
    """What the report shows but does not work out itself."""

    #: figure by label, as text
    kpis: Mapping[str, str]
    reason_sentence: Sentence
    fix_sentence: Sentence
    #: an ``<svg>`` element of our own; "": no map
    map_svg: str = ""


def build_report(plan: Plan, orders: Iterable[Order], region: Region, parts: ReportParts) -> str:
    """Return the report as HTML; every text of the inputs is escaped."""
    environment = Environment(
        loader=PackageLoader("cosmolocal.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["euros"] = euros
    environment.filters["gap_percent"] = gap_percent
    spots: tuple[Place | Workshop, ...] = (*region.places, *region.workshops)
    start = date.fromisoformat(str(plan.settings["start_date"]))
    return environment.get_template("report.html").render(
        plan=plan,
        region=region,
        orders={order.id: order for order in orders},
        names={spot.id: spot.name for spot in spots},
        kpis=parts.kpis,
        map_svg=Markup(parts.map_svg),
        reason_sentence=parts.reason_sentence,
        fix_sentence=parts.fix_sentence,
        monday=lambda week: start + timedelta(weeks=week),
    )


def gap_percent(gap: float) -> str:
    """Return a gap as a percentage, rounded up: a plan is at most so far from the best."""
    return f"{math.ceil(gap * 10_000 - 1e-9) / 100:.2f} %"


def euros(cents: int) -> str:
    """Return an amount as people read it, with a blank that does not break before the sign."""
    sign = "−" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}\N{NO-BREAK SPACE}€"
