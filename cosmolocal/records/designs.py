"""What is made: designs, their parts, operations and bills of materials."""

from dataclasses import dataclass
from enum import StrEnum


class Provenance(StrEnum):
    """How a figure came to be known."""

    DECLARED = "declared"
    INFERRED = "inferred"
    ASSUMED = "assumed"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"


class Tolerance(StrEnum):
    """General tolerance classes of ISO 2768-1, finest first."""

    FINE = "fine"
    MEDIUM = "medium"
    COARSE = "coarse"
    VERY_COARSE = "very-coarse"

    @property
    def rank(self) -> int:
        """Return 0 for the finest class, 3 for the coarsest."""
        return list(Tolerance).index(self)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who said that a requirement is so, and when."""

    by: str
    #: RFC 3339, UTC
    at: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of making a part, and what it asks of a machine."""

    #: id in the process vocabulary; None: unknown
    process: str | None
    #: [machine seconds per unit of the part]; None: unknown
    seconds: int | None
    #: [machine seconds per lot], besides the machine group's own set-up
    setup_seconds: int = 0
    #: material worked; None: the process needs none, or it is unknown (see ``unknown``)
    material: str | None = None
    #: [cents per unit of the part] material used up
    material_cents: int = 0
    #: [mm] size of the work piece, any order; None: not needed, or unknown
    envelope_mm: tuple[int, int, int] | None = None
    #: coarsest class that will do; None: any
    tolerance: Tolerance | None = None
    provenance: Provenance = Provenance.DECLARED
    #: names of the fields above that are needed and not known, e.g. ("material",)
    unknown: tuple[str, ...] = ()
    #: set where provenance is confirmed by a person after publishing
    confirmed: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A thing of which a quantity goes into a design, made by operations in this order."""

    #: unique within its design; "" is the design itself, put together
    name: str
    #: [g per unit] finished part; None: sum of what goes into it
    mass_g: int | None
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class BomLine:
    """One line of a bill of materials; exactly one of ``part``, ``design``, ``bought`` is set."""

    #: [pieces per unit of what it goes into]
    quantity: int
    #: the part it goes into; "": the design itself
    into: str = ""
    #: name of a part of the same design
    part: str | None = None
    #: id of another design (a module)
    design: str | None = None
    #: version range of that module
    version: str = "*"
    #: name of a piece bought ready-made
    bought: str | None = None
    #: [cents per piece] of a bought piece
    cost_cents: int = 0
    #: [g per piece] of a bought piece
    mass_g: int = 0
    provenance: Provenance = Provenance.DECLARED


@dataclass(frozen=True, slots=True)
class BundleFile:
    """A file of a bundle."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Design:
    """One version of an open hardware design, as far as planning and showing need it."""

    #: ``publisher~slug``, also the folder of its OCFL object
    id: str
    #: semantic version
    version: str
    #: ``sha256:`` tree digest of the bundle's files
    digest: str
    name: str
    function: str
    #: SPDX expression; None: needs a person
    license: str | None
    licensor: str
    repo: str
    #: parts that are made, the design itself ("") first
    parts: tuple[Part, ...]
    bom: tuple[BomLine, ...]
    #: [cents per unit] price of buying one from outside the region; None: unknown
    reference_price_cents: int | None
    #: [g CO2e per unit] of making one outside the region, without its way here; None: unknown
    reference_co2e_g: int | None
    #: provenance of the two figures above
    reference_provenance: Provenance = Provenance.ASSUMED
    image: str | None = None
    #: what changed against the version before; "" where none is given
    changes: str = ""
    files: tuple[BundleFile, ...] = ()
    organization: str = ""
    #: what it builds upon: ``publisher~slug@version`` of a design of a store like this one, or web addresses
    derived_from: tuple[str, ...] = ()
    #: path of the file to read first
    readme: str | None = None
    #: why it was withdrawn: only orders that name exactly this version still get it; None: it was not
    yanked: str | None = None

    @property
    def key(self) -> str:
        """Return ``id@version``."""
        return f"{self.id}@{self.version}"
