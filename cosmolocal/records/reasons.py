"""Why something is as it is, as a code and what fills its sentence."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an order is not planned, or what would change that; texts come from ``code`` and ``values``."""

    #: e.g. ``radius``, ``capacity``, ``unknown-requirement``
    code: str
    #: what fills the sentence: names, numbers with their unit in the key
    values: dict[str, str | int] = field(default_factory=dict)
