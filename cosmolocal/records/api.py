"""Answers of the API that are kept for a day, so that a request sent twice is done once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a request that made something."""

    status: int
    #: address of what was made; "" none
    location: str
    #: JSON; no secret is in it
    body: str
