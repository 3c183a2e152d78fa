"""What is asked for where plans are offered to choose from, and each of them with what it proves."""

from dataclasses import dataclass, replace

from cosmolocal.planning.figures import find_figures
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.plans import Provenance, build_plan, plan_id
from cosmolocal.planning.reasons import explain_unmet
from cosmolocal.planning.solvers.solution import Solution, SolveSettings, Watch
from cosmolocal.records import Aim, BoundLine, Figures, Limit, Order, Plan, Region, Settings, StoppedBy, to_plain


@dataclass(frozen=True, slots=True)
class Asked:
    """What all plans that are offered are made from."""

    region: Region
    orders: tuple[Order, ...]
    provenance: Provenance
    #: `SolveSettings.seconds` are those of all plans together
    solving: SolveSettings
    watch: Watch

    def ground(self, co2e_cents_per_kg: int = 0) -> Ground:
        """Return the region where only what is paid and lateness count, and CO2e at a price."""
        return Ground(replace(self.region, settings=count_money(self.region.settings, co2e_cents_per_kg)))

    def turn(self, left: int) -> SolveSettings:
        """Return the settings of the next plan where so many are left: each has its part of the time that is left."""
        now = self.watch.seconds()
        return replace(self.solving, seconds=now + max(0.1, self.solving.seconds - now) / max(1, left))


@dataclass(frozen=True, slots=True)
class Offered:
    """A plan with its figures, and bounds that came to light with it."""

    plan: Plan
    figures: Figures
    lines: tuple[BoundLine, ...]

    def value(self, aim: Aim) -> int:
        """Return the figure of an aim, 0 where there is nothing to measure."""
        return self.figures.of(aim) or 0


def count_money(settings: Settings, co2e_cents_per_kg: int) -> Settings:
    """Return the settings by which only what is paid and lateness count, and CO2e at a price."""
    return replace(
        settings,
        co2e_cents_per_kg=co2e_cents_per_kg,
        distance_cents_per_km=0,
        fairness_cents_per_hour=0,
        import_penalty_percent=0,
    )


def offer(
    asked: Asked, builder: OptionBuilder, table: OptionTable, solution: Solution, limits: tuple[Limit, ...]
) -> Plan:
    """Return a solution as a plan that keeps limits, with its reasons."""
    plan = build_plan(builder.ground, table, solution, asked.provenance, asked.solving)
    plan = replace(plan, unmet=explain_unmet(builder, table, solution.choice, asked.orders, plan.unmet))
    return hold(asked, plan, solution, limits) if limits else plan


def hold(asked: Asked, plan: Plan, solution: Solution, limits: tuple[Limit, ...]) -> Plan:
    """Return the plan of a solution as one that keeps limits."""
    cut_short = solution.stopped_by in (StoppedBy.CLOCK, StoppedBy.PERSON)
    facts = [plan.region, solution.choice.tolist() if cut_short else None, to_plain(limits)]
    return replace(plan, limits=limits, id=plan_id(facts, asked.provenance, plan.settings, asked.solving))


def measure(builder: OptionBuilder, plan: Plan) -> Figures:
    """Return the figures of a plan."""
    return find_figures(plan, builder.ground.region)
