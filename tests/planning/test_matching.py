"""Can, cannot, unknown: each check alone, and how they add up."""

from dataclasses import replace
from typing import Any

import pytest

from cosmolocal.planning.matching import Answer, Verdict, match
from cosmolocal.processes import ancestors_by_process
from cosmolocal.records import CapacityPeriod, MachineGroup, Operation, Process, Tolerance, Vocabulary

CUT = Operation("cutting", 600, material="plywood", envelope_mm=(400, 20, 300), tolerance=Tolerance.MEDIUM)
LASER = MachineGroup(
    "laser",
    "laser-cutting",
    1,
    1_200,
    (CapacityPeriod(60, 60, 60),),
    envelope_mm=(20, 300, 400),
    materials=("felt", "plywood"),
    tolerance=Tolerance.MEDIUM,
    minimum_lot=3,
)
ANCESTORS = ancestors_by_process(
    Vocabulary(
        (
            Process("shaping", "Shaping"),
            Process("cutting", "Cutting", parents=("shaping",)),
            Process("laser-cutting", "Laser cutting", parents=("cutting",)),
        )
    )
)


def verdict(wanted: dict[str, Any], offered: dict[str, Any], quantity: int = 3) -> Verdict:
    return match(replace(CUT, **wanted), replace(LASER, **offered), quantity, ANCESTORS)


def test_a_group_that_just_meets_every_check_can():
    assert verdict({}, {}) == Verdict(Answer.CAN)


@pytest.mark.parametrize(
    ("wanted", "offered", "answer", "because"),
    [
        ({"process": "shaping"}, {}, "can", ()),
        ({"process": "laser-cutting"}, {}, "can", ()),
        ({"process": "laser-cutting"}, {"process": "cutting"}, "cannot", ("process",)),
        ({"process": "sewing"}, {}, "cannot", ("process",)),
        ({"process": None}, {}, "unknown", ("process",)),
        ({"material": "steel"}, {}, "cannot", ("material",)),
        ({"material": None}, {}, "can", ()),
        ({"material": None}, {"materials": None}, "can", ()),
        ({}, {"materials": None}, "unknown", ("material",)),
        ({"material": None, "unknown": ("material",)}, {}, "unknown", ("material",)),
        ({"unknown": ("material",)}, {}, "unknown", ("material",)),
        ({"material": "steel", "unknown": ("material",)}, {}, "cannot", ("material",)),
        ({"envelope_mm": (300, 400, 21)}, {}, "cannot", ("envelope",)),
        ({"envelope_mm": (401, 1, 1)}, {}, "cannot", ("envelope",)),
        ({"envelope_mm": (20, 400, 300)}, {}, "can", ()),
        ({"envelope_mm": None}, {"envelope_mm": None}, "can", ()),
        ({}, {"envelope_mm": None}, "unknown", ("envelope",)),
        ({"envelope_mm": None, "unknown": ("envelope",)}, {}, "unknown", ("envelope",)),
        ({"unknown": ("envelope",)}, {}, "unknown", ("envelope",)),
        ({"envelope_mm": (999, 1, 1), "unknown": ("envelope",)}, {}, "cannot", ("envelope",)),
        ({"tolerance": Tolerance.FINE}, {}, "cannot", ("tolerance",)),
        ({"tolerance": Tolerance.COARSE}, {}, "can", ()),
        ({"tolerance": None}, {"tolerance": None}, "can", ()),
        ({}, {"tolerance": None}, "unknown", ("tolerance",)),
        ({"seconds": None}, {}, "unknown", ("minutes",)),
        ({}, {"minimum_lot": 4}, "cannot", ("minimum-lot",)),
        ({"material": "steel", "seconds": None}, {"minimum_lot": 4}, "cannot", ("material", "minimum-lot")),
        ({"seconds": None}, {"tolerance": None}, "unknown", ("tolerance", "minutes")),
    ],
)
def test_each_check(wanted: dict[str, Any], offered: dict[str, Any], answer: str, because: tuple[str, ...]):
    """One impossible check says no whatever is unknown; one unknown check keeps a yes away."""
    assert verdict(wanted, offered) == Verdict(Answer(answer), because)
