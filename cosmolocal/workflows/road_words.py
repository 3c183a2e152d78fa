"""What a road comes to, in sentences: in every language on the page, in English in report and command line."""

from collections.abc import Callable
from dataclasses import dataclass

from cosmolocal.errors import Said, say
from cosmolocal.records import RoadStatus, RoadTerms, Variant
from cosmolocal.workflows.roads import RoadView


@dataclass(frozen=True, slots=True)
class Tellers:
    """Write figures as a reader's language does."""

    #: a share in millionths
    share: Callable[[int], str]
    #: cents, as whole euros
    euros: Callable[[int], str]
    #: a number
    count: Callable[[float], str]


def english_share(millionths: int) -> str:
    """Return a share in per cent.

    >>> english_share(503_400)
    '50.3 %'
    """
    return f"{millionths / 10_000:.1f}\N{NO-BREAK SPACE}%"


def english_euros(cents: int) -> str:
    """Return cents as whole euros.

    >>> english_euros(-1_234_567)
    '−12,346 €'
    """
    sign = "−" if cents < 0 else ""
    return f"{sign}{round(abs(cents) / 100):,}\N{NO-BREAK SPACE}€"


ENGLISH = Tellers(english_share, english_euros, lambda number: f"{number:,}")


def headline(view: RoadView, tell: Tellers) -> Said:
    """Return the answer in one sentence."""
    road, terms = view.road, view.terms
    values = {
        "region": view.inputs.region.name,
        "year": str(terms.target.year),
        "share": tell.share(road.share),
        "target": tell.share(terms.target.share * 1000),
        "budget": tell.euros(terms.budget.value),
        "cost": tell.euros(sum(year.bought_cents + year.kept_cents for year in road.years)),
    }
    if road.status is RoadStatus.MET:
        return say(
            "If all comes as expected, %(region)s can make %(share)s of these goods here in %(year)s: "
            "the target is met, for %(cost)s.",
            **values,
        )
    if road.status is RoadStatus.LATE:
        return say(
            "If all comes as expected, %(region)s can make %(share)s of these goods here in %(year)s: "
            "the target is met, for %(cost)s, "
            "but not every milestone on the way.",
            **values,
        )
    if road.status is RoadStatus.UNREACHABLE:
        return say(
            "With %(budget)s a year %(region)s gets to %(share)s by %(year)s: the target of %(target)s cannot be met.",
            **values,
        )
    return say(
        "With %(budget)s a year %(region)s gets to %(share)s by %(year)s: "
        "no way to the target of %(target)s was found, and none is ruled out.",
        **values,
    )


def sureness(view: RoadView, tell: Tellers) -> Said:
    """Return how sure the answer is."""
    band = view.road.bands[-1]
    return say(
        "The target is met in %(met)s of %(samples)s possible futures; "
        "in eight of ten the share of %(year)s lies between %(low)s and %(high)s.",
        met=tell.share(view.road.met * 1000),
        samples=tell.count(view.terms.samples),
        year=str(band.year),
        low=tell.share(band.low),
        high=tell.share(band.high),
    )


def scope(view: RoadView, tell: Tellers) -> Said:
    """Return what is counted."""
    return say(
        "Counted are %(count)s groups of goods, for which %(worth)s were spent in %(year)s; nothing else is.",
        count=tell.count(len(view.consumption.categories)),
        worth=tell.euros(100 * sum(one.eur.value for one in view.consumption.categories)),
        year=str(view.consumption.year),
    )


def variant_word(variant: Variant, tell: Tellers) -> Said:
    """Return what is otherwise in a variant."""
    if variant.what == "budget":
        return say("%(money)s more a year", money=tell.euros(variant.change))
    if variant.what == "margin":
        return say("to be surer: %(points)s points beyond every goal", points=tell.count(variant.change / 10))
    if variant.change > 0:
        return say("%(part)s more of everything is consumed", part=tell.share(10_000 * variant.change))
    return say("%(part)s less of everything is consumed", part=tell.share(-10_000 * variant.change))


def variant_state(variant: Variant, terms: RoadTerms, tell: Tellers) -> Said:
    """Return what comes out in a variant; of one that is to be surer, how far beyond the target it gets."""
    beyond = variant.share - 1000 * terms.target.share
    if variant.what == "margin" and 0 <= beyond < 1000 * variant.change - 1:
        points = tell.count(round(beyond / 10_000, 1))
        return say("no more than %(points)s points beyond the target can be had so", points=points)
    return status_word(variant.status)


def status_word(status: RoadStatus) -> Said:
    """Return a state in few words."""
    return {
        RoadStatus.MET: say("every goal is met"),
        RoadStatus.LATE: say("the target is met, a milestone is not"),
        RoadStatus.UNREACHABLE: say("the target cannot be met"),
        RoadStatus.OPEN: say("no way to the target was found"),
    }[status]
