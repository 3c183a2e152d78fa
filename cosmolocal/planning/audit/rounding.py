"""Whole numbers, rounded up."""


def ceil_div(amount: int, by: int) -> int:
    """Return ``amount / by`` rounded up, exactly.

    >>> ceil_div(121, 60), ceil_div(120, 60)
    (3, 2)
    """
    return -(-amount // by)
