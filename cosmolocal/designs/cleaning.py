"""Cleans the values that real manifests hold; every cleaning is a warning, none is silent."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cosmolocal.designs.licences import normalise_license
from cosmolocal.errors import Problem
from cosmolocal.versions import is_version

_PLACEHOLDER = re.compile(r"[\[<{](?:value|name|text|url|path|title|insert[^\]>}]*|your[^\]>}]*|)[\]>}]", re.IGNORECASE)
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?")
_LANGUAGE_BY_WORD = {
    "english": "en",
    "french": "fr",
    "german": "de",
    "spanish": "es",
    "italian": "it",
    "portuguese": "pt",
    "dutch": "nl",
    "catalan": "ca",
    "swahili": "sw",
    "français": "fr",
    "deutsch": "de",
    "español": "es",
}
#: what people write for a region and its ISO 3166 code
_REGION_BY_WORD = {"uk": "GB", "usa": "US"}
_PARTIAL_VERSION = re.compile(r"[vV]?(\d+)(?:\.(\d+))?(?:\.(\d+))?")
_QUOTES = {'"': '"', "'": "'", "“": "”"}


@dataclass
class Cleaner:
    """Returns clean values, None where there is nothing to trust, and keeps the warnings."""

    file: str
    warnings: list[Problem] = field(default_factory=list)

    def warn(self, code: str, place: str, message: str) -> None:
        """Count one cleaning."""
        self.warnings.append(Problem(code, f"{self.file}: {place}" if place else self.file, message))

    def text(self, value: Any, place: str) -> str | None:
        """Return a text without the blanks and quotes around it."""
        if isinstance(value, list) and len(value) == 1:
            if _PLACEHOLDER.fullmatch(f"[{value[0]}]"):  # YAML reads ``[value]`` as a list
                value = f"[{value[0]}]"
                self.warn("D032", place, f"found {value}; that is a placeholder")
                return None
            self.warn("D036", place, f"found {_shown(value)}; a single text belongs here")
            value = value[0]
        if isinstance(value, int | float) and not isinstance(value, bool):
            self.warn("D037", place, f"found the number {_shown(value)}; read as a text")
            value = str(value)
        if not isinstance(value, str) or "\x00" in value:
            self._unused(value, place, "a text belongs here")
            return None
        clean = _stripped(value)
        if clean != value:
            self.warn("D031", place, f"found {_shown(value)}; read as {_shown(clean)}")
        if _PLACEHOLDER.fullmatch(clean):
            self.warn("D032", place, f"found {_shown(value)}; that is a placeholder")
            return None
        return clean or None

    def texts(self, value: Any, place: str) -> tuple[str, ...] | None:
        """Return a list of texts; a single text becomes a list of one."""
        if not isinstance(value, list):
            self.warn("D036", place, f"found {_shown(value)}; a list belongs here")
            value = [value]
        return self._each(value, place, self.text)

    def text_or_texts(self, value: Any, place: str) -> tuple[str, ...] | None:
        """Return the texts of a field that may hold one text or a list."""
        return self._each(value if isinstance(value, list) else [value], place, self.text)

    def paths(self, value: Any, place: str) -> tuple[str, ...] | None:
        """Return paths and web addresses; a table is read for its ``path``."""
        return self._each(value if isinstance(value, list) else [value], place, self._path)

    def web_address(self, value: Any, place: str) -> str | None:
        """Return an http or https address."""
        text = self.text(value, place)
        if text is not None and not re.fullmatch(r"https?://[^\s/]+\S*", text):
            self.warn("D042", place, f"found {_shown(text)}; an address begins with https:// and holds no blanks")
            return None
        return text

    def version(self, value: Any, place: str) -> str | None:
        """Return a semantic version; ``2`` and ``v2.0`` are filled up, words are not guessed at."""
        text = self.text(value, place)
        if text is None or is_version(text):
            return text
        if match := _PARTIAL_VERSION.fullmatch(text):
            read = ".".join(str(int(number or 0)) for number in match.groups())
            self.warn("D034", place, f"found {_shown(text)}; read as {read}")
            return read
        self.warn("D034", place, f"found {_shown(text)}; it cannot be ordered among other versions")
        return None

    def language(self, value: Any, place: str) -> str | None:
        """Return a BCP 47 tag."""
        text = self.text(value, place)
        if text is None or _LANGUAGE_TAG.fullmatch(text):
            return text
        language, _, region = text.lower().replace("_", "-").partition("-")
        language = _LANGUAGE_BY_WORD.get(language, language)
        region = _REGION_BY_WORD.get(region, region.upper())
        read = f"{language}-{region}" if region else language
        if not _LANGUAGE_TAG.fullmatch(read):
            read = language if _LANGUAGE_TAG.fullmatch(language) else ""
        self.warn("D035", place, f"found {_shown(text)}; " + (f"read as {read}" if read else "not used"))
        return read or None

    def license(self, value: Any, place: str) -> str | None:
        """Return an SPDX expression; anything not known for sure is left to a person."""
        text = self.text(value, place)
        if text is None:
            return None
        expression, warning = normalise_license(text)
        if warning is not None:
            self.warn("D022" if expression else "D013", place, warning)
        return expression

    def day(self, value: Any, place: str) -> date | None:
        """Return an ISO date."""
        if isinstance(value, date):
            return value
        text = self.text(value, place)
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            self.warn("D041", place, f"found {_shown(text)}; a date is e.g. 2020-04-05")
            return None

    def flag(self, value: Any, place: str) -> bool | None:
        """Return true or false."""
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in ("true", "yes", "false", "no"):
            return word in ("true", "yes")
        self._unused(value, place, "true or false belongs here")
        return None

    def grams(self, value: Any, place: str) -> float | None:
        """Return a mass in grams, written as a number or as {value, unit}."""
        if isinstance(value, dict):
            factor = {"g": 1, "kg": 1000}.get(str(value.get("unit")))
            if factor is None or not _is_number(value.get("value")):
                self._unused(value, place, "a mass is a number of grams")
                return None
            read = float(value["value"]) * factor
            self.warn("D037", place, f"found {_shown(value)}; read as {read:g} g")
            return read
        if _is_number(value):
            return float(value)
        self._unused(value, place, "a mass is a number of grams")
        return None

    def dimensions(self, value: Any, place: str) -> tuple[float, float, float] | None:
        """Return width, depth and height in mm."""
        if not isinstance(value, dict) or not all(_is_number(value.get(key)) for key in ("width", "depth", "height")):
            self._unused(value, place, "width, depth and height in mm belong here")
            return None
        return float(value["width"]), float(value["depth"]), float(value["height"])

    def one_of(self, words: tuple[str, ...]) -> Callable[[Any, str], str | None]:
        """Return a reader of a text that must be one of ``words``."""

        def read(value: Any, place: str) -> str | None:
            text = self.text(value, place)
            if text is None or text in words:
                return text
            self.warn("D038", place, f"found {_shown(text)}; known are {', '.join(words)}")
            return None

        return read

    def _each(self, items: list[Any], place: str, read: Callable[[Any, str], str | None]) -> tuple[str, ...] | None:
        single = len(items) == 1
        texts = [read(item, place if single else f"{place}[{index}]") for index, item in enumerate(items)]
        return tuple(text for text in texts if text is not None) or None

    def _path(self, value: Any, place: str) -> str | None:
        if isinstance(value, dict):
            value = value.get("path")
            if value is None:
                return None
        text = self.text(value, place)
        if (
            text is not None
            and "://" not in text
            and (".." in re.split(r"[/\\]", text) or re.match(r"[A-Za-z]:", text))
        ):
            self.warn("D040", place, f"found {_shown(text)}; a path stays within its project")
            return None
        return text

    def _unused(self, value: Any, place: str, rule: str) -> None:
        self.warn("D037", place, f"found {_shown(value)}; {rule}, not used")


def _stripped(text: str) -> str:
    kept = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zs") and letter != "\n" else letter for letter in text
    )
    clean = kept.strip()
    while len(clean) > 1 and _QUOTES.get(clean[0]) == clean[-1]:
        clean = clean[1:-1].strip()
    return clean


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e12


def _shown(value: Any) -> str:
    shown = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."
