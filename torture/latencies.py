"""How long things took, in figures."""

import math
from collections.abc import Mapping, Sequence

from torture.sections import table


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many of a hundred do not exceed (nearest rank); 0 where there are none.

    >>> percentile([3, 1, 2], 50), percentile(range(1, 101), 99), percentile([], 99)
    (2, 99, 0.0)
    """
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)] if ranked else 0.0


def table_of_latencies(kind: str, seconds: Mapping[str, Sequence[float]]) -> str:
    """Return a Markdown table with a row for each kind of thing, in milliseconds."""
    every = [one for each in seconds.values() for one in each]
    rows = [
        (name, f"{len(each):,}", *(f"{1000 * percentile(each, percent):,.0f}" for percent in (50, 99, 100)))
        for name, each in [*sorted(seconds.items()), ("all", every)]
    ]
    return table((kind, "times", "p50 ms", "p99 ms", "longest ms"), rows)
