"""Places by what people write: a geopy geocoder over the region's own lists; how well a place fits is always told.

Nothing leaves this machine, unless ``region.yaml`` names a Nominatim server.
"""

import difflib
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, build_opener

from geopy.adapters import BaseSyncAdapter, URLLibAdapter
from geopy.distance import great_circle
from geopy.exc import GeocoderParseError, GeocoderQueryError, GeopyError
from geopy.geocoders import Nominatim as NominatimGeocoder
from geopy.geocoders.base import Geocoder
from geopy.location import Location

from cosmolocal.errors import InputError, Problem
from cosmolocal.fields import Fields
from cosmolocal.files import parse_csv, read_text
from cosmolocal.records import Nominatim

CODES = {
    "W027": "the address list cannot be read, or a row of it is wrong",
}
#: required, optional
ADDRESS_COLUMNS = (("address", "lat", "lon"), ("place",))
#: ratio of difflib from which a text is like another one
ALIKE = 0.75
#: of candidates that share most trigrams, how many are compared letter by letter
COMPARED = 60
#: [s] that another server is waited for
PATIENCE = 5
#: servers of OpenStreetMap itself want one question a second at most (operations.osmfoundation.org, usage policy)
_PUBLIC, _PAUSE_S = "openstreetmap.org", 1.0


class Quality(StrEnum):
    """How well a place fits what was written."""

    #: letter by letter
    EXACT = "exact"
    #: but for case, accents, signs and the order of words
    NORMALISED = "normalised"
    #: all that was written stands in it
    PARTIAL = "partial"
    #: it is like it: no more than a suggestion
    FUZZY = "fuzzy"
    #: another server said so
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that can be looked for."""

    name: str
    lat: float
    lon: float
    #: id in the network; "": an address only
    id: str = ""
    kind: str = "address"
    address: str = ""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that a text may mean."""

    name: str
    lat: float
    lon: float
    quality: Quality
    #: 0 to 1
    score: float
    id: str = ""
    kind: str = "address"

    @property
    def is_sure(self) -> bool:
        """Tell whether it may be taken without asking."""
        return self.quality in (Quality.EXACT, Quality.NORMALISED)


def read_addresses(path: Path) -> tuple[Spot, ...]:
    """Return the addresses of a list; ``place`` may name the place of the network that an address belongs to.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    where, problems = path.name, list[Problem]()
    rows = parse_csv(read_text(path, where, "W027"), where, "W027", *ADDRESS_COLUMNS)
    spots = []
    for line, cells in rows:
        table = Fields(cells, f"{where}: line {line}", "W027", problems)
        name = table.text("address", required=True, max_length=500)
        lat, lon = table.real("lat", 0, -90, 90, required=True), table.real("lon", 0, -180, 180, required=True)
        spots.append(Spot(name, lat, lon, table.text("place"), "address"))
    if problems:
        raise InputError(problems)
    return tuple(spots)


def plain_text(text: str) -> str:
    """Return a text as it is compared: small letters without accents, blanks for signs.

    >>> plain_text("C/ d'Àvila, 4  Barcelona")
    'c d avila 4 barcelona'
    """
    parted = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in parted if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", letters.replace("_", " ")))


class _NoAdapter(BaseSyncAdapter):  # type: ignore[misc]
    """Asks nobody; geopy's own reads all certificates of the machine first, which takes 60 ms."""

    def get_json(self, url: str, *, timeout: float, headers: dict[str, str]) -> Any:
        """Refuse to ask anybody."""
        raise NotImplementedError

    get_text = get_json


class OwnPlaces(Geocoder):  # type: ignore[misc]
    """A geocoder of geopy over the places of a region: it asks nobody else."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        super().__init__(user_agent="cosmolocal", adapter_factory=_NoAdapter)
        self.spots = tuple(spots)
        self.by_text: dict[str, list[int]] = defaultdict(list)
        self.by_words: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self.by_trigram: dict[str, list[int]] = defaultdict(list)
        self.plain: list[tuple[str, int]] = []
        for number, spot in enumerate(self.spots):
            for text in dict.fromkeys(filter(None, (spot.id, spot.name, spot.address))):
                self._add(text, number)

    def _add(self, text: str, number: int) -> None:
        self.by_text[text].append(number)
        plain = plain_text(text)
        self.by_words[tuple(sorted(plain.split()))].append(number)
        for trigram in _trigrams(plain):
            self.by_trigram[trigram].append(len(self.plain))
        self.plain.append((plain, number))

    def geocode(self, query: str, *, exactly_one: bool = True, timeout: Any = None) -> Any:  # noqa: ARG002
        """Return the location of a text that means one place, geopy's way; others only with ``exactly_one`` off."""
        found = self.find(query)
        locations = [_location(each) for each in found]
        if exactly_one:
            return locations[0] if found and found[0].is_sure else None
        return locations or None

    def reverse(self, query: tuple[float, float], *, exactly_one: bool = True, timeout: Any = None) -> Any:  # noqa: ARG002
        """Return the location nearest to a point, geopy's way."""
        found = [_location(each) for each in self.nearest(*query)]
        return (found[0] if found else None) if exactly_one else found or None

    def find(self, text: str, most: int = 5) -> tuple[FoundPlace, ...]:
        """Return what a text may mean, the best first."""
        text, plain = text.strip(), plain_text(text)
        found: dict[int, FoundPlace] = {}
        for numbers, quality in (
            (self.by_text.get(text, ()), Quality.EXACT),
            (self.by_words.get(tuple(sorted(plain.split())), ()) if plain else (), Quality.NORMALISED),
        ):
            for number in numbers:
                found.setdefault(number, self._found(number, quality, 1.0))
        if len(found) > 1:  # what means more than one place means none for sure
            found = {number: self._found(number, Quality.PARTIAL, 1.0) for number in found}
        if not any(each.is_sure for each in found.values()):
            for number, each in self._like(plain).items():
                found.setdefault(number, each)
        rank = list(Quality)
        return tuple(sorted(found.values(), key=lambda each: (rank.index(each.quality), -each.score, each.name)))[:most]

    def _like(self, plain: str) -> dict[int, FoundPlace]:
        shared: dict[int, int] = defaultdict(int)
        for trigram in _trigrams(plain):
            for entry in self.by_trigram.get(trigram, ()):
                shared[entry] += 1
        near = sorted(shared, key=lambda entry: (-shared[entry] / (len(self.plain[entry][0]) + 2), entry))[:COMPARED]
        found: dict[int, FoundPlace] = {}
        words = set(plain.split())
        for entry in near:
            other, number = self.plain[entry]
            ratio = difflib.SequenceMatcher(None, plain, other).ratio()
            within = bool(words) and (words <= set(other.split()) or set(other.split()) <= words)
            if not within and ratio < ALIKE:
                continue
            each = self._found(number, Quality.PARTIAL if within else Quality.FUZZY, round(ratio, 3))
            if number not in found or found[number].score < each.score:
                found[number] = each
        return found

    def _found(self, number: int, quality: Quality, score: float) -> FoundPlace:
        spot = self.spots[number]
        return FoundPlace(spot.name, spot.lat, spot.lon, quality, score, spot.id, spot.kind)

    def nearest(self, lat: float, lon: float, most: int = 3) -> tuple[FoundPlace, ...]:
        """Return the places nearest to a point; the score is 1 at the point and falls with the distance."""
        metres = [(great_circle((lat, lon), (spot.lat, spot.lon)).m, number) for number, spot in enumerate(self.spots)]
        near = sorted(metres)[:most]
        return tuple(self._found(number, Quality.PARTIAL, round(1 / (1 + far / 1000), 3)) for far, number in near)


def _location(place: FoundPlace) -> Location:
    raw = {"id": place.id, "quality": place.quality.value, "score": place.score}
    return Location(place.name, (place.lat, place.lon), raw)


def _trigrams(plain: str) -> set[str]:
    padded = f"  {plain} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


class _Straight(URLLibAdapter):  # type: ignore[misc]
    """Asks the server that the region names and no other; where it leads to, into this network say, is not followed."""

    def __init__(self, *, proxies: Any, ssl_context: Any) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        handlers = (ProxyHandler(proxies), HTTPSHandler(context=ssl_context), _Refusing())
        self.urlopen = build_opener(*handlers).open


class _Refusing(HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_: Any) -> None:
        """Return no other request."""


class Asked:
    """A Nominatim server that is asked one text after another: each once, and nothing more once it does not answer."""

    def __init__(self, server: Nominatim) -> None:
        self.server = server
        #: True: it did not answer, and is left alone
        self.is_silent = False
        self._said: dict[tuple[str, int], tuple[FoundPlace, ...]] = {}
        self._next_s = 0.0

    def find(self, text: str, most: int) -> tuple[FoundPlace, ...]:
        """Return what the server says of a text; nothing when it does not answer."""
        if (text, most) not in self._said and not self.is_silent:
            if self.server.domain.endswith(_PUBLIC):
                time.sleep(max(0.0, self._next_s - time.monotonic()))
                self._next_s = time.monotonic() + _PAUSE_S
            try:
                self._said[text, most] = _ask(self.server, text, most)
            except (GeocoderParseError, GeocoderQueryError):
                self._said[text, most] = ()  # that is what it says of this one
            except GeopyError:
                self.is_silent = True
        return self._said.get((text, most), ())


def ask_nominatim(server: Nominatim, text: str, most: int) -> tuple[FoundPlace, ...]:
    """Return what a Nominatim server says of a text; nothing when it cannot be reached."""
    return Asked(server).find(text, most)


def _ask(server: Nominatim, text: str, most: int) -> tuple[FoundPlace, ...]:
    geocoder = NominatimGeocoder(
        domain=server.domain,
        scheme=server.scheme,
        user_agent=server.user_agent,
        timeout=PATIENCE,
        adapter_factory=_Straight,
    )
    countries = list(server.countries) or None
    found = geocoder.geocode(text, exactly_one=False, limit=most, country_codes=countries)
    return tuple(FoundPlace(each.address, each.latitude, each.longitude, Quality.OTHERS, 0.5) for each in found or ())
