"""Large problems in small pieces: lots that fight for the same resources are decided anew by CP-SAT, others stay."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from ortools.sat.python import cp_model

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.planning.solvers.candidates import OpenLots
from cosmolocal.planning.solvers.choice_model import ChoiceModel
from cosmolocal.planning.solvers.compiled import THREADS
from cosmolocal.planning.solvers.placing import enter_taken
from cosmolocal.planning.solvers.soft_dual import Floats
from cosmolocal.planning.solvers.solution import PRICE_SCALE
from cosmolocal.planning.solvers.standing import Standing

#: lots decided at once: small neighbourhoods are quick, and often enough
SIZES = (24, 36, 54, 81, 120)
#: rounds one after the other without a better plan before the neighbourhoods grow; after the largest they end it
PATIENCE = 40
#: CP-SAT's own measure of work (about seconds on a quiet machine), the same on every machine
WORK_PER_ROUND = 0.15
#: neighbourhoods decided side by side: always as many, so that the number of threads does not change the result
BATCH = 2


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A small problem within the open lots: its lots within the capacity that all others leave."""

    problem: PlanningProblem
    #: [lots], [options] of the open lots
    lots: Ints
    options: Ints
    start: Taken

    def digest(self) -> bytes:
        """Return the same for all that are alike within the same open lots: CP-SAT answers them alike."""
        parts = (self.lots, self.options, self.start.option, self.start.units, self.problem.capacity)
        lengths = np.array([len(part) for part in parts])
        return blake2b(b"".join(part.tobytes() for part in (lengths, *parts)), digest_size=16).digest()


class Neighbourhoods:
    """Improves a plan that keeps all capacities, neighbourhood by neighbourhood."""

    def __init__(self, opened: OpenLots, prices: Ints, standing: Standing) -> None:
        self.opened, self.arrays, self.standing = opened, opened.arrays, standing
        self.prices = prices
        self.uses = np.diff(self.arrays.use_start)
        self.regret, self.unmet_regret = self._regrets()
        self.size = self.idle = 0
        #: digests of those that there is nothing better for: a small problem has few others
        self.settled: set[bytes] = set()
        #: [open options] whether it is taken, or its lot is unmet
        self.is_wanted = np.zeros(len(opened.options), dtype=bool)

    def _regrets(self) -> tuple[Floats, Floats]:
        """Return how much dearer each open option, and the unmet of each lot, is than its best, in cents per unit."""
        arrays = self.arrays
        paid = np.append(0, np.cumsum(self.prices[arrays.use_resource] * arrays.use_amount.astype(np.int64)))
        priced = arrays.option_cost * PRICE_SCALE + np.diff(paid[arrays.use_start])
        least = arrays.unmet_cost * PRICE_SCALE
        has = np.diff(arrays.option_start) > 0
        least[has] = np.minimum(least[has], np.minimum.reduceat(priced, arrays.option_start[:-1][has]))
        regret = (priced - least[self.opened.option_lot]) / PRICE_SCALE
        return np.asarray(regret), np.asarray(arrays.unmet_cost - least / PRICE_SCALE)

    def losses(self) -> Floats:
        """Return what each resource loses against the prices, [R] cents: regret of its lots, and idle capacity.

        What lots lose by being unmet is shared by the resources that they could use.
        """
        arrays, units = self.arrays, self._units()
        share = self._unmet() * self.unmet_regret / np.maximum(np.diff(arrays.option_start), 1)
        lost_by_option = self.regret * units + share[self.opened.option_lot]
        option = np.repeat(np.arange(len(units)), self.uses)
        lost = np.bincount(arrays.use_resource, lost_by_option[option], len(arrays.capacity))
        idle = np.maximum(arrays.limit - self.standing.loads, 0) * (self.prices / PRICE_SCALE)
        return np.asarray(lost + idle)

    def _units(self) -> Ints:
        """Return the units by open option."""
        units = self.standing.taken.copy() if len(self.standing.taken) else np.zeros(len(self.opened.options), np.int64)
        chosen = self.standing.choice[self.standing.choice >= 0]
        units[chosen] = 1
        return units

    def _unmet(self) -> Ints:
        """Return the units of each open lot that are unmet."""
        return np.where(self.arrays.lot_units > 1, self.standing.spare, self.standing.choice < 0)

    def round(self, dice: np.random.Generator, seed: int) -> bool:
        """Decide a batch of neighbourhoods anew; return whether the plan became cheaper."""
        losses, units = self.losses(), self._units()
        self.is_wanted = (units > 0) | (self._unmet() > 0)[self.opened.option_lot]
        found = [self._unless_settled(self._pick(losses, units, dice)) for _ in range(BATCH)]
        answers: list[Taken | None] = [None] * BATCH

        def decide(nth: int) -> None:
            one = found[nth]
            answers[nth] = None if one is None else _decide(one, seed)

        THREADS.run(decide, BATCH)
        better = [
            self._apply(one, answer)
            for one, answer in zip(found, answers, strict=True)
            if one is not None and answer is not None
        ]
        if not any(better):
            self.settled.update(one.digest() for one in found if one is not None)
        self.idle = 0 if any(better) else self.idle + 1
        if self.idle >= PATIENCE:
            self.size, self.idle = self.size + 1, 0
        return any(better)

    @property
    def is_done(self) -> bool:
        """Tell whether neighbourhoods do not help any longer."""
        return self.size >= len(SIZES)

    def _unless_settled(self, one: Neighbourhood | None) -> Neighbourhood | None:
        return None if one is None or one.digest() in self.settled else one

    def _pick(self, losses: Floats, units: Ints, dice: np.random.Generator) -> Neighbourhood | None:
        """Return the lots on a resource, likelier the more it loses, and on those that they could use instead.

        Lots that are unmet are among those on all resources that they could use.
        """
        total = float(losses.sum())
        if total <= 0:
            return None
        opened, arrays = self.opened, self.arrays
        inside: dict[int, None] = {}
        lots: set[int] = set()
        size = SIZES[self.size]
        rivals = np.zeros(len(arrays.capacity))
        resource = int(dice.choice(len(losses), p=losses / total))
        while len(lots) < size:
            inside[resource] = None
            users = opened.user_option[opened.user_start[resource] : opened.user_start[resource + 1]]
            here = [
                lot for lot in np.unique(opened.option_lot[users[self.is_wanted[users]]]).tolist() if lot not in lots
            ]
            lots.update(here[:size])
            for lot in here:
                span = slice(arrays.use_start[arrays.option_start[lot]], arrays.use_start[arrays.option_start[lot + 1]])
                np.add.at(rivals, arrays.use_resource[span], 1.0)
            rivals[list(inside)] = 0.0
            if not rivals.any():
                break
            resource = int(dice.choice(len(rivals), p=rivals / rivals.sum()))
        return self._build(np.array(sorted(lots), dtype=np.int64), units, list(inside)) if len(lots) > 1 else None

    def _find_options(self, lots: Ints, units: Ints, inside: list[int]) -> Ints:
        """Return the options of lots that they have, or that fit beside the lots outside the neighbourhood."""
        arrays = self.arrays
        counts = arrays.option_start[lots + 1] - arrays.option_start[lots]
        ends = np.cumsum(counts)
        options = np.repeat(arrays.option_start[lots] - ends + counts, counts) + np.arange(int(counts.sum()))
        uses = self.uses[options]
        use_ends = np.cumsum(uses)
        flat = np.repeat(arrays.use_start[options] - use_ends + uses, uses) + np.arange(int(uses.sum()))
        resource = arrays.use_resource[flat]
        is_inside = np.zeros(len(arrays.capacity), dtype=bool)
        is_inside[inside] = True
        fits = is_inside[resource] | (self.standing.loads[resource] + arrays.use_amount[flat] <= arrays.limit[resource])
        misfits = np.bincount(np.repeat(np.arange(len(options)), uses)[~fits], minlength=len(options))
        kept: Ints = options[(misfits == 0) | (units[options] > 0)]
        return kept

    def _build(self, lots: Ints, units: Ints, inside: list[int]) -> Neighbourhood:
        arrays = self.arrays
        options = self._find_options(lots, units, inside)
        counts = np.bincount(np.searchsorted(lots, self.opened.option_lot[options]), minlength=len(lots))
        ends = np.cumsum(counts)
        uses = self.uses[options]
        use_ends = np.cumsum(uses)
        flat = np.repeat(arrays.use_start[options] - use_ends + uses, uses) + np.arange(int(uses.sum()))
        resources, use_resource = np.unique(arrays.use_resource[flat], return_inverse=True)
        amounts = arrays.use_amount[flat].astype(np.int64)
        own = np.bincount(use_resource, amounts * np.repeat(units[options], uses), len(resources)).astype(np.int64)
        step = np.concatenate([np.arange(arrays.step_start[r], arrays.step_start[r + 1]) for r in resources.tolist()])
        step = step.astype(np.int64)
        problem = PlanningProblem(
            option_start=np.append(0, ends),
            option_cost=arrays.option_cost[options],
            use_start=np.append(0, use_ends),
            use_resource=use_resource.astype(np.int64),
            use_amount=amounts,
            unmet_cost=arrays.unmet_cost[lots],
            capacity=arrays.capacity[resources] - self.standing.loads[resources] + own,
            step_resource=np.repeat(np.arange(len(resources)), np.diff(arrays.step_start)[resources]),
            step_size=arrays.step_size[step],
            step_blocks=arrays.step_blocks[step],
            step_cost=arrays.step_cost[step],
            lot_units=arrays.lot_units[lots],
        )
        now = np.flatnonzero(units[options])
        return Neighbourhood(problem, lots, options, Taken(now, units[options][now]))

    def _apply(self, one: Neighbourhood, answer: Taken) -> bool:
        """Take an answer if it is cheaper and still fits beside what was decided meanwhile."""
        units = np.zeros(len(one.options), dtype=np.int64)
        units[answer.option] = answer.units
        # a neighbourhood decided beside this one may have moved a lot of both to an option that is not listed here
        lot = np.searchsorted(one.lots, self.opened.option_lot[one.options])
        listed = np.bincount(lot, self._units()[one.options], len(one.lots)) + self._unmet()[one.lots]
        if (listed != self.arrays.lot_units[one.lots]).any():
            return False
        return enter_taken(self.arrays, self.standing, one.lots, one.options, units)


def _decide(one: Neighbourhood, seed: int) -> Taken | None:
    model = ChoiceModel(one.problem, np.arange(one.problem.option_count), one.start)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = WORK_PER_ROUND
    return model.read(solver, solver.solve(model.model))
