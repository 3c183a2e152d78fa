"""Classes of figures for maps and tables: few, with round limits, each holding about as many figures."""

from collections.abc import Iterable, Sequence

#: above class 1 there are at most as many limits
MOST_LIMITS = 4


def find_limits(values: Iterable[int]) -> tuple[int, ...]:
    """Return where classes 2, 3 … begin; the first class begins above zero, zero stands alone.

    Limits are quantiles of the figures above zero with one or two digits that are not zero.

    >>> find_limits(range(1, 101))
    (20, 40, 60, 80)
    >>> find_limits([0, 0]), find_limits([7]), find_limits([1, 2, 1_234])
    ((), (), (2, 1200))
    """
    positive = sorted(value for value in values if value > 0)
    if not positive:
        return ()
    steps = range(1, MOST_LIMITS + 1)
    quantiles = (positive[min(len(positive) - 1, len(positive) * step // (MOST_LIMITS + 1))] for step in steps)
    if len(positive) > MOST_LIMITS:
        quantiles = (positive[len(positive) * step // (MOST_LIMITS + 1) - 1] for step in steps)
    return tuple(sorted({limit for limit in map(_round, quantiles) if limit > positive[0]}))


def _round(number: int) -> int:
    """Return the number with its first two digits alone, rounded down.

    >>> _round(1_287), _round(42), _round(7)
    (1200, 42, 7)
    """
    unit = int(10 ** max(0, len(str(number)) - 2))
    return number // unit * unit


def level_of(value: int, limits: Sequence[int]) -> int:
    """Return the class of a figure: 0 for nothing, else from 1; the last one of few classes is the strongest, 5.

    >>> [level_of(value, (20, 40, 60, 80)) for value in (0, 1, 20, 80)], level_of(3, ())
    ([0, 1, 2, 5], 5)
    """
    if value <= 0:
        return 0
    return 5 - len(limits) + sum(value >= limit for limit in limits)


def load_level(used_minutes: int, basis_minutes: int) -> int:
    """Return a load's step from 0 (none) to 5 (full or more).

    >>> [load_level(used, 100) for used in (0, 1, 25, 99, 100, 140)], load_level(1, 0)
    ([0, 1, 2, 4, 5, 5], 5)
    """
    if used_minutes == 0:
        return 0
    return 5 if used_minutes >= basis_minutes else 1 + 4 * used_minutes // basis_minutes
