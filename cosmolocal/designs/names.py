"""Which path names a bundle may hold: one positive rule, so that every system can keep every bundle.

A name is made of letters, marks, digits, punctuation and symbols of any script, and of single plain blanks. All else
is refused: what one system reads as a command, another cannot write down, or no eye can see.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from cosmolocal.errors import Problem, say

CODES: dict[str, str] = {
    "U001": "A path leaves the bundle: it is absolute, has a drive, or a folder that is empty, . or ..",
    "U002": "A name holds a sign that is not allowed: invisible, a control, or one that a system reads as a command.",
    "U003": "A name means something else to a system: reserved on Windows, hidden, or with a blank or dot at its end.",
    "U004": "A name is not in Unicode's composed form (NFC).",
    "U005": "A path is too long or too deep.",
    "U006": "Two paths fall together: the same, in upper and lower case, or a file that is a folder too.",
}
#: [bytes of UTF-8] longest path; half of what Windows allows is left for the folder that holds the bundle
MAX_PATH_BYTES = 240
#: most names in a path, the file's own one included
MAX_LEVELS = 16
#: what Windows (learn.microsoft.com, "Naming files, paths, and namespaces") forbids; ``/`` parts the names
_FORBIDDEN = frozenset('<>:"|?*\\')
#: Default_Ignorable_Code_Point of Unicode 15 among letters and marks, and the empty braille cell: nothing is seen there
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9])", re.IGNORECASE)
#: how Windows names a file a second time: ``GIT~1`` is ``.git``
_SHORT_NAME = re.compile(r"[^.~]{1,6}~[0-9]+(?:\.[^.]{0,3})?")
_LONGEST_SHOWN = 120
#: codes of what is wrong only with files that are written under their names
_OF_KEPT = ("U003", "U004")


def check_paths(paths: Iterable[str], *, are_kept: bool = True) -> list[Problem]:
    """Return everything wrong with the paths of one bundle; a path that ends in ``/`` is a folder.

    Of files that are not kept it does not matter what their names mean to a system, nor how they are composed.
    """
    problems: list[Problem] = []
    sound: list[str] = []
    for path in paths:
        faults = [fault for fault in _faults(path) if are_kept or fault[0] not in _OF_KEPT]
        found = [Problem(code, show_path(path), message) for code, message in faults]
        problems += found
        if not found:
            sound.append(path)
    return problems + _collisions(sound)


def show_path(path: str) -> str:
    r"""Return a path as one can print it: what cannot be seen is spelled out, what is too long is cut.

    >>> show_path("a\nb")
    'a\\u000ab'
    """
    text = "".join(sign if sign == "/" or _is_plain(sign) else f"\\u{ord(sign):04x}" for sign in path[:_LONGEST_SHOWN])
    return (text + "…" if len(path) > _LONGEST_SHOWN else text) or "(no name)"


def _faults(path: str) -> Iterator[tuple[str, str]]:
    names = path.removesuffix("/").split("/")
    size = len(path.encode("utf-8", "surrogatepass"))
    if size > MAX_PATH_BYTES:
        yield "U005", say("has %(size)s bytes; a path has at most %(most)s", size=size, most=MAX_PATH_BYTES)
    if len(names) > MAX_LEVELS:
        yield "U005", say("is %(levels)s levels deep; at most %(most)s are allowed", levels=len(names), most=MAX_LEVELS)
        return
    if path.startswith(("/", "\\")) or re.match("[A-Za-z]:", path):
        yield "U001", say("begins with / or \\ or a drive letter; a path starts in the folder of the design")
        return
    for name in dict.fromkeys(names):
        yield from _name_faults(name)


def _name_faults(name: str) -> Iterator[tuple[str, str]]:
    if unicodedata.normalize("NFKC", name) in ("", ".", ".."):
        yield (
            "U001",
            say(
                "the folder or file %(name)s is not allowed; every folder and file has a name of its own",
                name=ascii(name),
            ),
        )
        return
    signs = [sign for sign in dict.fromkeys(name) if not _is_allowed(sign)]
    if signs:
        found = ", ".join(_describe(sign) for sign in signs[:5])
        yield (
            "U002",
            say("holds %(found)s; letters, digits, blanks and signs such as - _ . , + ( ) are allowed", found=found),
        )
        return
    if unicodedata.normalize("NFC", name) != name:
        yield "U004", say("has letters and their accents apart; a name must be in Unicode's composed form (NFC)")
    if fault := _meaning(name):
        yield "U003", fault


def _meaning(name: str) -> str | None:
    """Return why a name made of allowed signs is still not allowed."""
    if name.startswith("."):
        return say(
            "%(name)s begins with a dot; such files are hidden and steer other programs, so leave them out",
            name=repr(name),
        )
    if name.startswith("~") or _SHORT_NAME.fullmatch(name):
        return say("%(name)s means another file on some systems because of its ~; use another name", name=repr(name))
    if name != name.strip(" ") or name.endswith("."):
        return say(
            "%(name)s begins with a blank, or ends with a blank or a dot, which Windows cannot keep", name=repr(name)
        )
    # Windows takes the superscript digits of COM¹ for digits, and ignores what follows the first dot
    stem = unicodedata.normalize("NFKC", name).partition(".")[0].rstrip(" ")
    if _DEVICE.fullmatch(stem):
        return say("%(name)s is the name of a device on Windows; use another name", name=repr(name))
    return None


def _is_allowed(sign: str) -> bool:
    return _is_plain(sign) and sign not in _FORBIDDEN and not set("/\\") & set(unicodedata.normalize("NFKC", sign))


def _is_plain(sign: str) -> bool:
    """Say whether a sign is seen and assigned; categories C (controls, unassigned) and Z (separators) are not."""
    return sign == " " or not (unicodedata.category(sign)[0] in "CZ" or sign == "\ufffd" or _INVISIBLE.match(sign))


def _describe(sign: str) -> str:
    return sign if _is_plain(sign) else f"U+{ord(sign):04X} ({unicodedata.name(sign, 'no letter or sign').lower()})"


def _collisions(paths: Iterable[str]) -> list[Problem]:
    """Return a problem for each path that some system would put where another one lies."""
    problems: list[Problem] = []
    given: set[str] = set()
    there: dict[str, str] = {}
    for path in paths:
        fault: str | None = say("stands twice; a path is given once") if path in given else None
        given.add(path)
        for place in _places(path):
            other = there.setdefault(_folded(place.removesuffix("/")), place)
            if other != place and fault is None:
                fault = _collision(place, other)
        if fault is not None:
            problems.append(Problem("U006", show_path(path), fault))
    return problems


def _collision(place: str, other: str) -> str:
    if place.removesuffix("/") == other.removesuffix("/"):
        return say("%(place)s is a file and a folder at once", place=repr(place.removesuffix("/")))
    return say(
        "%(place)s and %(other)s are one and the same where upper and lower case do not count",
        place=repr(place),
        other=repr(other),
    )


def _places(path: str) -> Iterator[str]:
    """Yield the folders on the way to a path, each with ``/`` at its end, and the path."""
    names = path.removesuffix("/").split("/")
    for level in range(1, len(names)):
        yield "/".join(names[:level]) + "/"
    yield path


def _folded(place: str) -> str:
    """Return what two paths have in common where case does not count (Unicode 15, D145: canonical caseless match)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", place).casefold())
