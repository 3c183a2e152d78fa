"""Twelve weeks of matching donors with hospitals, planned again each week, against the field's two simple rules.

Every week each stock of an item may be promised to one request for it. A promise ends some weeks later: delivered, or
not, as a row of the real matches says that is drawn for (donor, recipient, item, attempt) – the same row whichever
policy promises. Until then it may be taken back, which is churn.
"""

import csv
import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cosmolocal.planning.metrics import Matching, Request, Shipment, measure_matching
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.resolving import replan
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.planning.steering import Rules

Floats = NDArray[np.float64]
#: (donor or recipient, item)
Key = tuple[str, str]
#: day that the first requests of the real data came; the weeks are counted from it
FIRST_DAY = date(2020, 4, 2)
WEEKS = 12
#: the benchmark's own rule: larger donations are taken for tests of the form
MOST_DONATED = 1_000
#: requests considered for a stock: the cheapest
CANDIDATES = 25
#: [weeks] a promise waits at most for its end: an assumption, as many real ones were closed after months
LONGEST_WAIT = 3
#: towns in a plane of so many miles: an assumption, as the data names no places
TOWNS, WIDTH, HEIGHT, AROUND = 60, 2_800, 1_600, 25


@dataclass(frozen=True, slots=True)
class Weights:
    """What weighs how much, in cents."""

    #: per unit and mile
    unit_mile: float = 1.0
    #: per promise that leaves a rest of the stock behind: one more shipment is needed for it
    rest: float = 500.0
    #: per request that stays without anything; in proportion where a part of it is met
    request: float = 10_000.0
    #: per unit that nobody is promised
    idle_unit: float = 500.0


@dataclass(frozen=True, slots=True)
class Fate:
    """How a promise ends."""

    weeks: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody gives or asks for."""

    who: str
    item: str
    quantity: int
    day: date

    @property
    def key(self) -> Key:
        """Return who and what."""
        return self.who, self.item


@dataclass(frozen=True, slots=True)
class World:
    """Supply, demand, and how promises end."""

    donations: tuple[Offer, ...]
    requests: tuple[Offer, ...]
    fates: tuple[Fate, ...]
    first_day: date = FIRST_DAY
    weeks: int = WEEKS
    seed: int = 0

    def miles(self, one: str, other: str) -> float:
        """Return how far two are assumed to be apart."""
        return math.dist(spot(one, self.seed), spot(other, self.seed))

    def fate(self, donor: str, recipient: str, item: str, attempt: int) -> Fate:
        """Return how a promise ends, whoever makes it."""
        return self.fates[draw(f"{self.seed} {donor} {recipient} {item} {attempt}") % len(self.fates)]


def draw(words: str) -> int:
    """Return a number that the words alone decide."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")


@cache
def spot(who: str, seed: int) -> tuple[float, float]:
    """Return where somebody is assumed to be, in miles: near one of the towns, near the large ones more often."""
    numbers = np.random.default_rng(draw(f"{seed} {who}"))
    town = min(TOWNS - 1, int(TOWNS ** numbers.random()) - 1)
    centre = np.random.default_rng(draw(f"{seed} town {town}")).random(2) * (WIDTH, HEIGHT)
    x, y = centre + numbers.normal(0, AROUND, 2)
    return float(x), float(y)


@dataclass(slots=True)
class Stock:
    """What a donor has of an item, or a recipient still wants: not promised yet."""

    key: Key
    since: date
    free: int = 0
    #: all that was ever asked for or given
    whole: int = 0


@dataclass(slots=True)
class Promise:
    """A quantity that a donor is to send to a recipient."""

    donor: str
    recipient: str
    item: str
    quantity: int
    made: int
    fate: Fate

    @property
    def ends(self) -> int:
        """Return the week in which it is delivered or fails."""
        return self.made + self.fate.weeks

    def is_accepted(self, week: int) -> bool:
        """Tell whether the donor has said yes: the week before it is delivered."""
        return self.fate.delivered and self.ends == week + 1 and self.made < week


@dataclass(slots=True)
class State:
    """One run: what is free, what is promised, what was delivered."""

    world: World
    stocks: dict[Key, Stock] = field(default_factory=dict)
    wants: dict[Key, Stock] = field(default_factory=dict)
    promises: list[Promise] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    attempts: defaultdict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    #: recipients by (donor, item)
    failed: defaultdict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    prices: dict[Key, int] = field(default_factory=dict)
    #: promises that could have been taken back, and those that were; promises made
    movable: int = 0
    withdrawn: int = 0
    made: int = 0

    def arrive(self, week: int) -> None:
        """Take in what was given and asked for in the week before."""
        start = self.world.first_day + timedelta(weeks=week - 1)
        for offers, into in ((self.world.donations, self.stocks), (self.world.requests, self.wants)):
            for offer in offers:
                if (offer.day >= start or week == 0) and offer.day < start + timedelta(weeks=1):
                    stock = into.setdefault(offer.key, Stock(offer.key, offer.day))
                    if stock.free == 0:
                        stock.since = offer.day
                    stock.free += offer.quantity
                    stock.whole += offer.quantity

    def promise(self, donor: str, recipient: str, item: str, quantity: int, week: int) -> None:
        """Promise a quantity."""
        pair = (donor, recipient, item)
        self.attempts[pair] += 1
        self.made += 1
        fate = self.world.fate(*pair, self.attempts[pair])
        self.promises.append(Promise(donor, recipient, item, quantity, week, fate))
        self.stocks[donor, item].free -= quantity
        self.wants[recipient, item].free -= quantity

    def release(self, promise: Promise) -> None:
        """Give back what was promised."""
        self.stocks[promise.donor, promise.item].free += promise.quantity
        self.wants[promise.recipient, promise.item].free += promise.quantity

    def end(self, week: int) -> None:
        """Deliver or give up the promises that end in a week."""
        day = self.world.first_day + timedelta(weeks=week)
        for promise in [one for one in self.promises if one.ends == week]:
            self.promises.remove(promise)
            if promise.fate.delivered:
                miles = self.world.miles(promise.donor, promise.recipient)
                since = self.stocks[promise.donor, promise.item].since
                row = (promise.donor, promise.recipient, promise.item, promise.quantity)
                self.shipments.append(Shipment(*row, day=day, distance=miles, held_days=max(0, (day - since).days)))
            else:
                self.release(promise)
                self.failed[promise.donor, promise.item].add(promise.recipient)

    def open_of(self, item: str) -> tuple[list[Stock], list[Stock]]:
        """Return the free stocks and the open wants of an item, each in order of time."""
        return tuple(
            sorted(
                (one for one in side.values() if one.key[1] == item and one.free > 0), key=lambda s: (s.since, s.key)
            )
            for side in (self.stocks, self.wants)
        )  # type: ignore[return-value]

    def items(self) -> list[str]:
        """Return the items that somebody gives."""
        return sorted({item for _, item in self.stocks})


Policy = Callable[[State, int], None]


def first_come_first_matched(state: State, week: int) -> None:
    """Match the n-th donor of an item with the n-th recipient: the field's first rule."""
    for item in state.items():
        stocks, wants = state.open_of(item)
        for stock, want in zip(stocks, wants, strict=False):
            state.promise(stock.key[0], want.key[0], item, min(stock.free, want.free), week)


def nearest_first(state: State, week: int) -> None:
    """Match each donor of an item, in order of time, with the nearest recipient left: the field's second rule."""
    for item in state.items():
        stocks, wants = state.open_of(item)
        places = np.array([spot(want.key[0], state.world.seed) for want in wants]).reshape(-1, 2)
        for stock in stocks:
            miles = np.hypot(*(places - spot(stock.key[0], state.world.seed)).T)
            miles[[want.free <= 0 for want in wants]] = np.inf
            if len(miles) and np.isfinite(miles.min()):
                want = wants[int(miles.argmin())]
                state.promise(stock.key[0], want.key[0], item, min(stock.free, want.free), week)


@dataclass(frozen=True, slots=True)
class Wants:
    """Open wants of an item as arrays."""

    places: Floats
    free: Ints
    asked: Ints
    #: by recipient
    number: dict[str, int]

    @classmethod
    def of(cls, wants: list[Stock], seed: int) -> "Wants":
        """Return wants as arrays."""
        return cls(
            np.array([spot(want.key[0], seed) for want in wants]).reshape(-1, 2),
            np.array([want.free for want in wants], dtype=np.int64),
            np.array([want.whole for want in wants], dtype=np.int64),
            {want.key[0]: number for number, want in enumerate(wants)},
        )


@dataclass(frozen=True, slots=True)
class Replanner:
    """Our policy: everything not accepted is planned again, within a budget of moves."""

    weights: Weights = Weights()
    most_moves: int | None = None
    move_cents: int = 0
    settings: SolveSettings = field(default_factory=lambda: SolveSettings(seconds=20, gap=0.01))

    def __call__(self, state: State, week: int) -> None:
        """Plan a week."""
        for item in state.items():
            self._plan(state, week, item)

    def _plan(self, state: State, week: int, item: str) -> None:
        old = [one for one in state.promises if one.item == item]
        for one in old:
            state.release(one)
        stocks, wants = state.open_of(item)
        number = {want.key: index for index, want in enumerate(wants)}
        lots: list[Promise | Stock] = [*old, *self._rests(stocks, old)]
        sides = Wants.of(wants, state.world.seed)
        rows = [self._options(state, lot, sides) for lot in lots]
        kept = np.array([one.is_accepted(week) for one in old] + [False] * (len(lots) - len(old)), dtype=bool)
        problem, options, present = self._build(state, lots, rows, number, wants)
        rules = Rules(present, kept, np.zeros(problem.option_count, dtype=bool), self.most_moves, self.move_cents)
        prices = np.array([state.prices.get(want.key, 0) for want in wants], dtype=np.int64)
        found = replan(problem, rules, self.settings, Watch(), prices)
        state.prices |= {want.key: int(price) for want, price in zip(wants, found.solution.prices, strict=True)}
        state.movable += int(rules.mobile.sum())
        state.withdrawn += found.moves
        self._carry_out(state, week, lots, (found.solution.choice, present, options), wants)

    def _rests(self, stocks: list[Stock], old: list[Promise]) -> list[Stock]:
        """Return what each donor has beside the promises."""
        promised: defaultdict[Key, int] = defaultdict(int)
        for one in old:
            promised[one.donor, one.item] += one.quantity
        rests = (Stock(one.key, one.since, one.free - promised[one.key], one.whole) for one in stocks)
        return [rest for rest in rests if rest.free > 0]

    def _options(self, state: State, lot: Promise | Stock, wants: "Wants") -> tuple[Ints, Ints, Floats]:
        """Return (wants, quantities, costs) of a lot's cheapest options; who failed is not asked again."""
        donor, item = (lot.donor, lot.item) if isinstance(lot, Promise) else lot.key
        whole = lot.quantity if isinstance(lot, Promise) else lot.free
        quantity = np.minimum(whole, wants.free)
        miles = np.hypot(*(wants.places - spot(donor, state.world.seed)).T)
        cost = self.weights.unit_mile * miles * quantity + self.weights.rest * (quantity < whole)
        cost += self.weights.idle_unit * (whole - quantity) + self.weights.request * (1 - quantity / wants.asked)
        failed = [wants.number[one] for one in state.failed[donor, item] if one in wants.number]
        cost[failed] = np.inf
        best = np.argsort(cost, kind="stable")[:CANDIDATES]
        best = best[np.isfinite(cost[best])]
        return best, quantity[best], cost[best]

    def _build(
        self,
        state: State,
        lots: list[Promise | Stock],
        rows: list[tuple[Ints, Ints, Floats]],
        number: dict[Key, int],
        wants: list[Stock],
    ) -> tuple[PlanningProblem, list[tuple[int, int]], Ints]:
        """Return the problem, (want, quantity) of each option, and the option of each promise."""
        options: list[tuple[int, int]] = []
        costs: list[float] = []
        start, present = [0], np.full(len(lots), -1, dtype=np.int64)
        for nth, (lot, row) in enumerate(zip(lots, rows, strict=True)):
            own = list(zip(*(column.tolist() for column in row), strict=True))
            if isinstance(lot, Promise):
                want = number[lot.recipient, lot.item]
                own = [each for each in own if each[0] != want]
                present[nth] = len(options) + len(own)
                own.append((want, lot.quantity, self._present_cost(state.world, lot, wants[want])))
            options += [(each[0], each[1]) for each in own]
            costs += [each[2] for each in own]
            start.append(len(options))
        whole = [lot.quantity if isinstance(lot, Promise) else lot.free for lot in lots]
        unmet = [self.weights.idle_unit * units + self.weights.request + self.weights.rest for units in whole]
        none = np.zeros(0, dtype=np.int64)
        problem = PlanningProblem(
            option_start=np.array(start, dtype=np.int64),
            option_cost=np.ceil(np.array(costs)).astype(np.int64),
            use_start=np.arange(len(options) + 1, dtype=np.int64),
            use_resource=np.array([want for want, _ in options], dtype=np.int64),
            use_amount=np.array([units for _, units in options], dtype=np.int64),
            unmet_cost=np.ceil(np.array(unmet)).astype(np.int64),
            capacity=np.array([want.free for want in wants], dtype=np.int64),
            step_resource=none,
            step_size=none,
            step_blocks=none,
            step_cost=none,
        )
        return problem, options, present

    def _present_cost(self, world: World, promise: Promise, want: Stock) -> float:
        """Return what a promise costs as it is."""
        cost = self.weights.unit_mile * world.miles(promise.donor, promise.recipient) * promise.quantity
        return cost + self.weights.request * (1 - promise.quantity / want.whole)

    def _carry_out(
        self,
        state: State,
        week: int,
        lots: list[Promise | Stock],
        found: tuple[Ints, Ints, list[tuple[int, int]]],
        wants: list[Stock],
    ) -> None:
        """Leave the promises that stay, and make the new ones."""
        choice, present, options = found
        for lot, option, was in zip(lots, choice.tolist(), present.tolist(), strict=True):
            if isinstance(lot, Promise) and option == was:
                state.stocks[lot.donor, lot.item].free -= lot.quantity
                state.wants[lot.recipient, lot.item].free -= lot.quantity
                continue
            if isinstance(lot, Promise):
                state.promises.remove(lot)
            if option >= 0:
                want, units = options[option]
                donor = lot.donor if isinstance(lot, Promise) else lot.key[0]
                state.promise(donor, wants[want].key[0], wants[want].key[1], units, week)


def simulate(world: World, policy: Policy) -> State:
    """Return a run of all weeks; promises still open at the end count for nothing."""
    state = State(world)
    for week in range(world.weeks + 1):
        state.end(week)
        state.arrive(week)
        if week < world.weeks:
            policy(state, week)
    return state


def measure(state: State, weights: Weights) -> dict[str, float | int | None]:
    """Return the figures of a run: the benchmark's five, what was served, what it cost, and how much jumped."""
    world = state.world
    end = world.first_day + timedelta(weeks=world.weeks)
    asked = [offer for offer in world.requests if offer.day < end]
    given = sum(offer.quantity for offer in world.donations if offer.day < end)
    overall: Matching = measure_matching([Request(*o.key, o.quantity) for o in asked], state.shipments).overall
    keys = {offer.key for offer in asked}
    wanted = {key: state.wants[key].whole for key in keys if key in state.wants}
    got: defaultdict[Key, int] = defaultdict(int)
    for row in state.shipments:
        got[row.recipient, row.item] += row.quantity
    missing = sum(1 - min(1.0, got[key] / whole) for key, whole in wanted.items())
    miles = sum(row.distance * row.quantity for row in state.shipments)
    units = sum(row.quantity for row in state.shipments)
    idle = given - units
    cost = weights.unit_mile * miles + weights.request * missing + weights.idle_unit * idle
    return {
        "fill_rate": overall.fill_rate,
        "fill_rate_excluding_zeros": overall.fill_rate_excluding_zeros,
        "unit_miles": overall.unit_distance,
        "holding_days": overall.holding_days,
        "shipments_per_donor": overall.shipments_per_donor,
        "served_share": units / given if given else None,
        "requests_served": sum(units > 0 for units in got.values()),
        "churn": state.withdrawn / state.movable if state.movable else 0.0,
        "cost_euros": round(cost / 100),
        "promises": state.made,
    }


def read_world(folder: Path, seed: int = 0, weeks: int = WEEKS) -> World:
    """Return the real supply, demand and ends of matches."""
    donations = tuple(_read_offers(folder / "anon_donors.csv", "don_id", MOST_DONATED))
    requests = tuple(_read_offers(folder / "anon_recipients.csv", "rec_id", None))
    return World(donations, requests, tuple(_read_fates(folder / "getusppe_matches.csv")), weeks=weeks, seed=seed)


def _read_offers(path: Path, column: str, most: int | None) -> Iterator[Offer]:
    for row in _rows(path):
        quantity = int(float(row["qty"]))
        if quantity > 0 and (most is None or quantity <= most):
            yield Offer(row[column], row["ppe"], quantity, date.fromisoformat(row["date"][:10]))


def _read_fates(path: Path) -> Iterator[Fate]:
    """Yield how real matches ended; those still open did not end."""
    for row in _rows(path):
        if row["matchstatus"] not in ("delivered", "closed"):
            continue
        days = (_moment(row["closedOrDelivered"]) - _moment(row["matchCreated"])).total_seconds() / 86_400
        yield Fate(min(LONGEST_WAIT, max(1, math.ceil(days / 7))), row["matchstatus"] == "delivered")


def _moment(cell: str) -> datetime:
    return datetime.fromisoformat(cell.removesuffix(" UTC").partition(".")[0])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def make_world(seed: int, donors: int = 60, recipients: int = 300, weeks: int = WEEKS) -> World:
    """Return a made-up world with the same rates: 38 of 100 promises fail."""
    dice = np.random.default_rng(seed)

    def offers(name: str, count: int, most: int) -> tuple[Offer, ...]:
        days = dice.integers(-7, 7 * weeks, count).tolist()
        quantities = np.ceil(most ** dice.random(count)).astype(int).tolist()
        items = dice.choice(["masks", "gowns"], count).tolist()
        return tuple(
            Offer(f"{name}{number}", item, quantity, FIRST_DAY + timedelta(days=day))
            for number, (day, quantity, item) in enumerate(zip(days, quantities, items, strict=True))
        )

    fates = tuple(Fate(number % LONGEST_WAIT + 1, number % 100 < 62) for number in range(300))
    return World(offers("donor", donors, 800), offers("recipient", recipients, 3_000), fates, weeks=weeks, seed=seed)
