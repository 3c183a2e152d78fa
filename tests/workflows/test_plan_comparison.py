"""What is proved of two plans beside each other, held against the costs that their best plans may have."""

from dataclasses import replace
from itertools import product

from web.busy import busy_orders, busy_plan, busy_region

from cosmolocal.workflows.plan_comparison import tell_cheaper

PLAN = busy_plan(busy_region(5), busy_orders(4), 1, "plan00000001")


def test_which_is_cheaper_is_proved_where_every_pair_of_best_costs_agrees():
    ranges = [(bound, cost) for bound, cost in product(range(4), repeat=2) if bound <= cost]
    for first, other in product(ranges, repeat=2):
        best = {
            "yes" if theirs < ours else "no" if ours < theirs else "same"
            for ours, theirs in product(range(first[0], first[1] + 1), range(other[0], other[1] + 1))
        }
        told = tell_cheaper(*(replace(PLAN, bound_cents=bound, cost_cents=cost) for bound, cost in (first, other)))
        assert told == (best.pop() if len(best) == 1 else "open"), (first, other)
