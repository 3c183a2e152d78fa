"""Typed reading of one table of an input file; every fault is collected, none stops the reading."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from cosmolocal.errors import Problem, say

E = TypeVar("E", bound=Enum)

#: ids: safe in URLs, file names, CSV and "workshop/group"
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Fields:
    """The fields of one table, taken one by one; `finish` reports what nobody took.

    A method returns its ``default`` where the field is missing or wrong; a wrong or a missing required field is added
    to ``problems``. Values may be strings (YAML, CSV) or typed (TOML, JSON); an empty string counts as missing.
    """

    def __init__(self, value: Any, where: str, code: str, problems: list[Problem]) -> None:
        self.where, self.code, self.problems = where, code, problems
        self.taken: set[str] = set()
        if not isinstance(value, Mapping):
            self.fault("", value, say("must be a table of named fields"))
            value = {}
        self.values: Mapping[str, Any] = value

    def fault(self, name: str, found: Any, rule: str) -> None:
        """Add a problem at field ``name`` (``""``: the table itself)."""
        shown = str(found) if isinstance(found, Decimal) else repr(found)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        self.problems.append(
            Problem(self.code, self.place(name), say("found %(found)s; %(rule)s", found=shown, rule=rule))
        )

    def place(self, name: str) -> str:
        """Return where field ``name`` stands: ``file: name`` at the top of a file, ``file: table.name`` below."""
        if not name:
            return self.where
        return f"{self.where}.{name}" if ": " in self.where else f"{self.where}: {name}"

    def has(self, name: str) -> bool:
        """Tell whether the field holds anything."""
        return self.values.get(name) not in (None, "")

    def raw(self, name: str, required: bool = False) -> Any:
        """Return the field as it stands; None where it is missing."""
        self.taken.add(name)
        value = self.values.get(name)
        if value in (None, ""):
            if required:
                self.problems.append(Problem(self.code, self.place(name), say("is missing; it is required")))
            return None
        return value

    def text(self, name: str, default: str = "", required: bool = False, max_length: int = 10_000) -> str:
        """Return a string without leading and trailing blanks."""
        value = self.raw(name, required)
        if value is None:
            return default
        if not isinstance(value, str) or len(value) > max_length or "\x00" in value:
            self.fault(name, value, say("must be a text of at most %(max_length)s characters", max_length=max_length))
            return default
        return value.strip()

    def slug(self, name: str) -> str:
        """Return a required id: small letters, digits and single hyphens; "" where it is wrong."""
        value = self.text(name, required=True, max_length=80)
        if value and not SLUG.fullmatch(value):
            self.fault(name, value, say("must be small letters, digits and single hyphens, such as el-raval-2"))
            return ""
        return value

    def number(
        self,
        name: str,
        default: int | None = None,
        required: bool = False,
        scale: int = 1,
        low: int = 0,
        high: int = 1_000_000_000,
    ) -> int | None:
        """Return the field x ``scale`` as a whole number, e.g. euros with scale 100 as cents.

        ``low`` and ``high`` bound the number as written, ``high`` included.
        """
        value = self.raw(name, required)
        if value is None:
            return default
        try:
            if isinstance(value, bool):
                raise InvalidOperation
            exact = Decimal(str(value))
            if not low <= exact <= high:
                raise InvalidOperation
        except InvalidOperation:
            rule = (
                say("must be a whole number from %(low)s to %(high)s", low=low, high=high)
                if scale == 1
                else say("must be a number from %(low)s to %(high)s", low=low, high=high)
            )
            self.fault(name, value, rule)
            return default
        scaled = exact * scale
        if scaled != scaled.to_integral_value():
            if scale == 1:
                self.fault(name, value, say("must be a whole number"))
                return default
            scaled = scaled.to_integral_value(ROUND_HALF_UP)
        return int(scaled)

    def real(self, name: str, default: float, low: float, high: float, required: bool = False) -> float:
        """Return a finite number within [low, high]."""
        value = self.raw(name, required)
        if value is None:
            return default
        try:
            number = float("nan") if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not low <= number <= high:
            self.fault(name, value, say("must be a number from %(low)s to %(high)s", low=low, high=high))
            return default
        return number

    def flag(self, name: str, default: bool = False) -> bool:
        """Return yes/true or no/false."""
        value = self.raw(name)
        if value is None:
            return default
        word = str(value).lower()
        if word not in ("yes", "true", "no", "false"):
            self.fault(name, value, say("must be yes or no"))
            return default
        return word in ("yes", "true")

    def day(self, name: str, required: bool = False) -> date | None:
        """Return an ISO date."""
        value = self.raw(name, required)
        if value is None or type(value) is date:
            return value
        try:
            return date.fromisoformat(str(value)) if len(str(value)) == 10 else _no_date()
        except ValueError:
            self.fault(name, value, say("must be a date such as 2026-09-30"))
            return None

    def choice(self, name: str, kind: type[E], default: E, required: bool = False) -> E:
        """Return a member of ``kind`` by its value."""
        value = self.raw(name, required)
        if value is None:
            return default
        known = {str(member.value): member for member in kind}
        if str(value) not in known:
            self.fault(name, value, say("must be one of %(known)s", known=", ".join(known)))
            return default
        return known[str(value)]

    def items(self, name: str, required: bool = False) -> list[Any]:
        """Return a list."""
        value = self.raw(name, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(name, value, say("must be a list"))
            return []
        return value

    def tables(self, name: str, required: bool = False) -> list["Fields"]:
        """Return the tables of a list, each with its place ``name[index]``."""
        return [
            Fields(item, f"{self.place(name)}[{index}]", self.code, self.problems)
            for index, item in enumerate(self.items(name, required))
        ]

    def table(self, name: str, required: bool = False) -> "Fields":
        """Return a table within this one; an empty one where it is missing."""
        value = self.raw(name, required)
        return Fields({} if value is None else value, self.place(name), self.code, self.problems)

    def finish(self) -> None:
        """Report the fields nobody took: an option accepted and ignored is a fault."""
        for name in self.values:
            if name not in self.taken:
                known = ", ".join(sorted(self.taken))
                self.problems.append(
                    Problem(self.code, self.place(name), say("is not known; known are %(known)s", known=known))
                )


def _no_date() -> date:
    raise ValueError


def check_unique(names: Iterable[tuple[str, str]], code: str) -> list[Problem]:
    """Return a problem for each (name, where) whose name an earlier one has; empty names are passed over."""
    first: dict[str, str] = {}
    return [
        Problem(
            code, where, say("found %(found)s; it already stands at %(first)s", found=repr(name), first=first[name])
        )
        for name, where in names
        if name and first.setdefault(name, where) != where
    ]
