"""Ranges of semantic versions, with npm's meaning: ``*``, ``1.2``, ``^1.2``, ``~1.2``, ``>=1.2 <2``."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from semver import Version

from cosmolocal.errors import InputError, Problem, say

_NUMBER = r"(?:0|[1-9]\d{0,8}|[xX*])"
_TERM = re.compile(
    rf"(?P<op>\^|~|>=|<=|>|<|=)?v?(?P<major>{_NUMBER})(?:\.(?P<minor>{_NUMBER}))?(?:\.(?P<patch>{_NUMBER}))?"
    r"(?P<rest>(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)"
)
_BLANK_AFTER_OPERATOR = re.compile(r"(\^|~|>=|<=|>|<|=)\s+")
#: the lowest of all pre-releases: ``<2.0.0-0`` keeps pre-releases of 2.0.0 out
_LOWEST = "0"


@dataclass(frozen=True, slots=True)
class _Bound:
    #: ">=", "<" or "="
    op: str
    version: Version
    #: a pre-release the range's author wrote, so that others of its kind are welcome
    named: bool = False

    def allows(self, version: Version) -> bool:
        if self.op == "=":
            return version.compare(self.version) == 0
        return (version >= self.version) if self.op == ">=" else (version < self.version)


def is_version(text: str) -> bool:
    """Tell whether ``text`` is a semantic version, as ``1.2.0`` or ``2.0.0-rc.1``.

    >>> is_version("1.2.0"), is_version("1.2")
    (True, False)
    """
    return Version.is_valid(text)


def sorted_versions(versions: Iterable[str]) -> list[str]:
    """Return versions by precedence, lowest first; those equal but for build metadata by their text."""
    return sorted(versions, key=lambda text: (Version.parse(text), text))


def check_range(text: str, where: str, code: str) -> tuple[Problem, ...]:
    """Return what is wrong with a version range, as a `Problem` with the given place and code."""
    try:
        _read_range(text)
    except ValueError as error:
        return (Problem(code, where, error.args[0]),)
    return ()


def best_version(versions: Iterable[str], version_range: str) -> str | None:
    """Return the highest version within the range; pre-releases only of a version the range names one of.

    >>> best_version(["1.0.0", "1.4.0", "2.0.0"], "^1")
    '1.4.0'

    Raises
    ------
    InputError
        When the range cannot be read; use `check_range` to report that with its place.
    """
    try:
        bounds = _read_range(version_range)
    except ValueError as error:
        raise InputError([Problem("D019", "version range", error.args[0])]) from None
    fitting = [text for text in versions if _fits(Version.parse(text), bounds)]
    return sorted_versions(fitting)[-1] if fitting else None


def choose_version(versions: Iterable[str], yanked: Collection[str], version_range: str) -> str | None:
    """Return the highest version within the range that is not yanked; a range that names a yanked one still gets it.

    >>> choose_version(["1.0.0", "1.4.0"], ["1.4.0"], "^1"), choose_version(["1.0.0", "1.4.0"], ["1.4.0"], "=1.4.0")
    ('1.0.0', '1.4.0')
    """
    named = find_named(version_range)
    return best_version([text for text in versions if text not in yanked or text == named], version_range)


def find_named(version_range: str) -> str | None:
    """Return the version that a range names and that alone fits it, as ``=1.4.0`` does; None: there may be others.

    >>> find_named("1.4.0"), find_named("1.4"), find_named(">=1.4.0")
    ('1.4.0', None, None)
    """
    try:
        bounds = _read_range(version_range)
    except ValueError:
        return None
    return str(bounds[0].version) if len(bounds) == 1 and bounds[0].op == "=" else None


def _fits(version: Version, bounds: tuple[_Bound, ...]) -> bool:
    if not all(bound.allows(version) for bound in bounds):
        return False
    return version.prerelease is None or any(
        bound.named and bound.version.to_tuple()[:3] == version.to_tuple()[:3] for bound in bounds
    )


@cache
def _read_range(text: str) -> tuple[_Bound, ...]:
    words = _BLANK_AFTER_OPERATOR.sub(r"\1", text.strip()).split()
    return tuple(bound for word in words for bound in _read_term(word, text))


def _read_term(word: str, text: str) -> tuple[_Bound, ...]:
    match = _TERM.fullmatch(word)
    if match is None:
        raise ValueError(
            say("found %(found)s; a version range is e.g. *, 1.2.0, 1.2, ^1.2, ~1.2 or >=1.2 <2", found=repr(text))
        )
    numbers = []
    for number in (match["major"], match["minor"], match["patch"]):
        if number is None or number in "xX*":
            break
        numbers.append(int(number))
    if len(numbers) < 3 and match["rest"]:
        raise ValueError(
            say("found %(found)s; a pre-release or build needs all three numbers before it", found=repr(text))
        )
    if len(numbers) == 3:
        try:
            Version.parse(".".join(map(str, numbers)) + match["rest"])
        except ValueError as error:
            raise ValueError(f"found {text!r}; {error}") from None
    return _bounds(match["op"] or "", numbers, match["rest"])


def _bounds(op: str, numbers: list[int], rest: str) -> tuple[_Bound, ...]:
    """Return the half-open interval a term stands for."""
    low = Version.parse(".".join(map(str, [*numbers, 0, 0, 0][:3])) + rest)
    named = low.prerelease is not None
    whole = len(numbers) == 3
    if not numbers:  # any version; nothing is above or below any
        return (_Bound("<", Version(0, 0, 0, _LOWEST)),) if op in (">", "<") else ()
    if op in ("", "=") and whole:
        return (_Bound("=", low, named),)
    if op == ">=":
        return (_Bound(">=", low, named),)
    if op == "<":
        return (_Bound("<", low if whole else low.replace(prerelease=_LOWEST), named),)
    if op in (">", "<="):
        return _beyond(op, low, numbers, named)
    kept = _kept_numbers(op, numbers)
    return (_Bound(">=", low, named), _Bound("<", _next(numbers[:kept])))


def _beyond(op: str, low: Version, numbers: list[int], named: bool) -> tuple[_Bound, ...]:
    """``>1.2`` is ``>=1.3.0``; ``<=1.2`` is ``<1.3.0-0``; with three numbers the version itself is the border."""
    if len(numbers) < 3:
        border = _next(numbers)
        return (_Bound(">=", border.replace(prerelease=None)) if op == ">" else _Bound("<", border),)
    after = _just_after(low)
    return (_Bound(">=" if op == ">" else "<", after, named),)


def _just_after(version: Version) -> Version:
    """Return the least version above ``version``: a longer pre-release, or the next patch's lowest one."""
    if version.prerelease is not None:
        return Version(version.major, version.minor, version.patch, f"{version.prerelease}.0")
    return Version(version.major, version.minor, version.patch + 1, _LOWEST)


def _kept_numbers(op: str, numbers: list[int]) -> int:
    """Return how many leading numbers a version within the term shares with it."""
    if op == "~":
        return min(len(numbers), 2)
    if op == "^":
        first = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
        return first + 1
    return len(numbers)


def _next(numbers: list[int]) -> Version:
    """Return the lowest version whose leading numbers are greater."""
    major, minor, patch = [*numbers[:-1], numbers[-1] + 1, 0, 0, 0][:3]
    return Version(major, minor, patch, _LOWEST)
