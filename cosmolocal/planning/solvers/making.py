"""What workshops make best in a year with the machine time they have: linear programs, many at once."""

# ruff: noqa: PLC0415 - SciPy's solvers are read at the first use: pages and commands start without it

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, identity, kron

from cosmolocal.errors import SolverError

Floats = NDArray[np.float64]

#: [EUR] in which the programs count
THOUSAND = 1000.0
#: so many are solved at once
AT_ONCE = 600


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """What is made, and what more time would be worth."""

    #: [N × C] EUR
    made: Floats
    #: [N × P] by how much the share would rise per minute more
    worth: Floats


def make_most(worth: Floats, most: Floats, capacity: Floats, need: Floats) -> Making:
    """Return for N years what is made so that the share is highest.

    ``worth`` is the share per EUR made and ``most`` the EUR at most, both [N × C]; ``capacity`` the machine minutes,
    [N × P]; ``need`` the machine minutes per EUR, [C × P].
    """
    parts = [
        _make(worth[first : first + AT_ONCE], most[first : first + AT_ONCE], capacity[first : first + AT_ONCE], need)
        for first in range(0, len(worth), AT_ONCE)
    ]
    return Making(np.concatenate([part.made for part in parts]), np.concatenate([part.worth for part in parts]))


def _make(worth: Floats, most: Floats, capacity: Floats, need: Floats) -> Making:
    years, categories = worth.shape
    hours = 60.0
    rows: Any = csr_matrix(kron(identity(years), need.T * THOUSAND / hours))
    bounds: Any = np.column_stack([np.zeros(years * categories), most.ravel() / THOUSAND])
    objective = -worth.ravel() * THOUSAND
    from scipy.optimize import linprog

    found: Any = linprog(objective, A_ub=rows, b_ub=capacity.ravel() / hours, bounds=bounds, method="highs")
    if found.x is None:
        raise SolverError(f"the model of what is made: {found.message}")
    made = np.clip(found.x.reshape(years, categories) * THOUSAND, 0, most)
    return Making(made, -found.ineqlin.marginals.reshape(years, -1) / hours)
