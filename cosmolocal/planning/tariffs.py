"""What using resources weighs when ways are priced."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.haulage import NEVER
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.shared_haulage import ModeTrips


class Tariff(Protocol):
    """What using resources weighs, besides what workshops and hauliers ask for."""

    def of_minutes(self, resources: Resources, numbers: Ints, minutes: Ints) -> Ints:
        """Return the weight of minutes of some machine groups by week, [groups × T]; `NEVER`: not to be had."""

    def of_kilograms(self, resources: Resources, links: Ints, kilograms: int) -> Ints:
        """Return the weight of a load on some limited links by week, [links × T]; `NEVER`: not to be had."""

    def carried_free(self, resources: Resources) -> int:
        """Return the kilograms up to which a load weighs nothing on any limited link in any week; −1: none does."""

    def of_trips(self, resources: Resources, trips: ModeTrips, kilograms: int, week: int) -> Ints:
        """Return the weight of a load on shared trips in a week, [starts × ends]; `NEVER`: they cannot be made."""


@dataclass(frozen=True, slots=True)
class Market:
    """What resources cost, and how much of each there is at most."""

    #: [R] thousandths of a cent per minute or kilogram
    prices: Ints
    #: [R] minutes or kilograms; a way that alone needs more is none
    limits: Ints
    #: [R] what kept lots leave of trips that are made anyway; None: no lot is kept
    left: Ints | None = None

    def of_minutes(self, resources: Resources, numbers: Ints, minutes: Ints) -> Ints:
        """Return the weight of minutes of some machine groups by week, [groups × T]."""
        end = len(resources.groups) * resources.weeks
        prices, limits = (each[:end].reshape(-1, resources.weeks)[numbers] for each in (self.prices, self.limits))
        if resources.is_fair:
            fair = self.prices[resources.fair_start :][resources.machines.row[numbers]]
            prices = prices + fair[:, None]
        return np.where(minutes[:, None] <= limits, minutes[:, None] * prices, NEVER)

    def of_kilograms(self, resources: Resources, links: Ints, kilograms: int) -> Ints:
        """Return the weight of a load on some limited links by week, [links × T]."""
        begin, end = len(resources.groups) * resources.weeks, resources.fair_start
        prices, limits = (each[begin:end].reshape(-1, resources.weeks)[links] for each in (self.prices, self.limits))
        return np.where(kilograms <= limits, kilograms * prices, NEVER)

    def carried_free(self, resources: Resources) -> int:
        """Return the kilograms up to which a load weighs nothing on any limited link in any week; −1: none does."""
        begin, end = len(resources.groups) * resources.weeks, resources.fair_start
        return -1 if self.prices[begin:end].any() else int(self.limits[begin:end].min(initial=NEVER))

    def of_trips(self, resources: Resources, trips: ModeTrips, kilograms: int, week: int) -> Ints:
        """Return the weight of a load on full trips, [starts × ends]: no other price gives a higher bound.

        Trips that are made anyway have a price of their own.
        """
        weights: Ints = np.where(trips.cents < NEVER, kilograms * (1000 * trips.cents // trips.load_kg), NEVER)
        if self.left is not None and (self.left[resources.trip_start :] > 0).any():
            for cell, base in trips.listed(resources.trip_bases(trips.mode.id)):
                if base + week < len(self.left) and self.left[base + week] > 0:
                    weights[cell] = kilograms * int(self.prices[base + week])
        return weights
