"""How a load gets from where it is made to where it is wanted: straight, or by a hub where it changes the mode."""

from dataclasses import dataclass

from cosmolocal.network.routes import Route
from cosmolocal.network.transport import Haul, shared_kg

#: (path of the part, hub or "", modes) of each load of a way: what tells ways of the same workshops apart
CarriageKey = tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """A load on its route."""

    from_place: str
    to_place: str
    route: Route
    #: where trips are shared it has none of its own, and costs nothing by itself
    haul: Haul
    mass_g: int
    #: what brought the same part of the first article before; None: there is none
    first: "Carried | None" = None
    #: what brought it to the hub that it leaves; None: it comes straight from where it was made
    before: "Carried | None" = None
    #: [cents] of passing through that hub
    handling_cents: int = 0

    @property
    def is_shared(self) -> bool:
        """Tell whether it goes on trips that it shares with others; none are needed over no distance."""
        return self.haul.trips == 0

    @property
    def kilograms(self) -> int:
        """Return what it counts on trips that it shares, and in a hub."""
        return shared_kg(self.mass_g)

    @property
    def start(self) -> str:
        """Return where it was made."""
        return self.from_place if self.before is None else self.before.from_place

    @property
    def distance_m(self) -> int:
        """Return how far it goes in all."""
        return self.route.distance_m + (0 if self.before is None else self.before.route.distance_m)

    def stages(self) -> tuple["Carried", ...]:
        """Return its legs, in their order."""
        return (self,) if self.before is None else (self.before, self)

    def loads(self, gate_weeks: int) -> tuple[tuple["Carried", int, bool], ...]:
        """Return each load with its weeks before this one, and whether it is of the first article."""
        here = tuple((stage, 0, False) for stage in self.stages())
        return here if self.first is None else here + tuple((each, gate_weeks, True) for each in self.first.stages())

    def key(self, path: str) -> CarriageKey:
        """Return what tells it from other ways to carry the same; nothing where it is the only one considered."""
        stages = self.stages()
        if not any(stage.is_shared for stage in stages):
            return ()
        return ((path, "" if self.before is None else self.from_place, tuple(each.haul.mode.id for each in stages)),)
