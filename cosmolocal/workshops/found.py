"""Workshops as lists of others tell of them: one `Row` for each row of a list, whatever its format."""

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache, reduce

from cosmolocal.errors import say
from cosmolocal.records import Tolerance, Workshop, WorkshopStatus

#: [m] mean radius of the earth (IUGG)
EARTH_RADIUS_M = 6_371_009.0
#: letters that do not come apart into a Latin letter and an accent
_LATIN = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_CLOSED = re.compile(
    r"\b(?:closed|geschlossen|cerrad[oa]|ferm[ée]e?|clausurad[oa]|tancat|tancada|chiuso|fechado)\b", re.IGNORECASE
)
STATUS_BY_WORD = {
    "active": WorkshopStatus.ACTIVE,
    "open": WorkshopStatus.ACTIVE,
    "planned": WorkshopStatus.PLANNED,
    "temporary closure": WorkshopStatus.TEMPORARILY_CLOSED,
    "temporarily closed": WorkshopStatus.TEMPORARILY_CLOSED,
    "closed": WorkshopStatus.CLOSED,
    "permanently closed": WorkshopStatus.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Equipment:
    """A machine, or machines that are the same, as a list tells of them."""

    #: words for what it does, the most telling first
    words: tuple[str, ...]
    machines: int = 1
    make: str = ""
    model: str = ""
    envelope_mm: tuple[int, int, int] | None = None
    materials: tuple[str, ...] | None = None
    tolerance: Tolerance | None = None
    #: [minutes per week of ONE machine]; None: unknown
    weekly_minutes: int | None = None
    #: [cents per machine hour]; None: unknown
    hourly_cost_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What one row of a list says."""

    #: where it stands in the file, e.g. ``line 12``
    place: str
    #: what the list calls the workshop; "": it gives no id
    id: str = ""
    name: str = ""
    #: [degrees, WGS 84]; None: the list has none
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    #: as the list writes it: mostly two letters
    country: str = ""
    status: WorkshopStatus | None = None
    equipment: tuple[Equipment, ...] = ()
    #: True: the row is about one machine of a workshop that other rows tell of too
    one_machine: bool = False
    #: True: the address says no more than the city, which is no place to be at
    names_city_only: bool = False
    #: all there is to know, where the list was written by this program
    record: Workshop | None = None
    #: why it cannot be taken over; "": it can
    fault: str = ""
    #: why somebody has to look at it before it is taken over; "": nobody has
    doubt: str = ""
    #: what else is odd
    notes: tuple[str, ...] = ()

    @property
    def is_closed_by_name(self) -> bool:
        """Tell whether the name says that the workshop is closed, and nothing else says how it stands."""
        return self.status is None and bool(_CLOSED.search(self.name))


@lru_cache(maxsize=65_536)
def plain_name(name: str) -> str:
    """Return a name as it is compared: small letters of any script and digits, without accents, signs and blanks.

    >>> plain_name("  Ateneu de Fabricació – Gràcia "), plain_name("/dev/hack"), plain_name("実験室")
    ('ateneudefabricaciogracia', 'devhack', '実験室')
    """
    parted = unicodedata.normalize("NFKD", name.casefold()).translate(_LATIN)
    letters = "".join(sign for sign in parted if sign.isalnum())
    return letters or " ".join(name.split()).casefold()


def make_id(name: str, spare: str) -> str:
    """Return an id made of a name's Latin letters and digits; of ``spare`` where it has none.

    >>> make_id("Fab Lab Çà & Là", "7"), make_id("実験室", "fablabs.io/tokyo"), make_id("👍", "")
    ('fab-lab-ca-la', 'fablabs-io-tokyo', 'workshop')
    """
    for text in (name, spare):
        parted = unicodedata.normalize("NFKD", text.casefold()).translate(_LATIN)
        letters = "".join(sign for sign in parted if not unicodedata.combining(sign))
        if slug := "-".join(re.findall(r"[a-z0-9]+", letters))[:60].strip("-"):
            return slug
    return "workshop"


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two (lat, lon) in metres."""
    (lat, lon), (to_lat, to_lon) = (tuple(map(math.radians, point)) for point in (one, other))
    across = math.sin((to_lat - lat) / 2) ** 2
    across += math.cos(lat) * math.cos(to_lat) * math.sin((to_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, across)))


def read_coordinate(value: object, most: float) -> float | None:
    """Return degrees from what a list holds, a decimal comma allowed; None: nothing within ±most.

    >>> read_coordinate("41,38", 90), read_coordinate(2.1, 180), read_coordinate("north", 90), read_coordinate(91, 90)
    (41.38, 2.1, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip().replace("−", "-")
    if re.fullmatch(r"[-+]?\d+,\d+", text):
        text = text.replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return None
    return number if -most <= number <= most else None


def read_pair(value: object) -> tuple[float, float] | None:
    """Return (lat, lon) from one text, e.g. ``(41.25, 1.85)``; None: it is none.

    >>> read_pair("(41.25, 1.85)"), read_pair("41,25; 1,85"), read_pair("here")
    ((41.25, 1.85), (41.25, 1.85), None)
    """
    text = str(value).strip().strip("()[]")
    parts = text.split(";") if ";" in text else text.split(",") if text.count(",") == 1 else text.split()
    if len(parts) != 2:
        return None
    lat, lon = read_coordinate(parts[0], 90), read_coordinate(parts[1].strip(), 180)
    return None if lat is None or lon is None else (lat, lon)


def join_faults(*faults: str) -> str:
    """Return all that is wrong with a row as one sentence; "": nothing is.

    >>> join_faults("has no name", "", "is a Polygon"), join_faults("")
    ('has no name; is a Polygon', '')
    """
    found = [fault for fault in faults if fault]
    return reduce(lambda one, more: say("%(one)s; %(more)s", one=one, more=more), found) if found else ""


def read_status(value: object) -> WorkshopStatus | None:
    """Return how a workshop stands, by the words of lists; None: they do not say.

    >>> read_status("Temporary Closure").value, read_status("?")
    ('temporarily-closed', None)
    """
    return STATUS_BY_WORD.get(" ".join(re.split(r"[\s_-]+", str(value or "").strip().casefold())))
