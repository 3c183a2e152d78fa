"""Single bits of a store, flipped one after the other: each must be found by the check of its object, and named."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmolocal.designs.bundles import create_root, recover_root
from cosmolocal.designs.notices import take_down
from cosmolocal.designs.verify import Verification, verify_object, verify_root
from cosmolocal.errors import InputError, Problem
from cosmolocal.records import NoticeKind
from torture.store import DESIGN, NOON, give_notice, publish_chair


@dataclass(frozen=True, slots=True)
class Flip:
    """One bit of a file that was turned over."""

    path: Path
    byte: int
    bit: int


def make_store(root: Path) -> None:
    """Make a store that holds everything a store can: versions, notices of each kind, what was taken down."""
    create_root(root)
    for design in (DESIGN, "makers~stool", "makers~table"):
        for minor in range(4):
            publish_chair(root.parent, design, f"1.{minor}.0")
        give_notice(root.parent, design, kind=NoticeKind.YANK, version="1.1.0", reason="it breaks")
        give_notice(root.parent, design, kind=NoticeKind.OWNERS, values={"owners": ["ada", "grace"]})
    take_down(root, DESIGN, "1.0.0", by="ada", reason="not theirs to publish", at=NOON)
    recover_root(root)


def flips(root: Path, count: int, seed: int) -> Iterator[Flip]:
    """Yield bits of the store: of every file some, then any."""
    chance = random.Random(seed)
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.stat().st_size]
    for number in range(count):
        # a quarter goes round the files, however small; the rest goes by bytes
        path = files[number // 4 % len(files)] if number % 4 == 0 else _by_size(files, chance)
        yield Flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))


def _by_size(files: list[Path], chance: random.Random) -> Path:
    sizes = [path.stat().st_size for path in files]
    return chance.choices(files, sizes)[0]


def check(root: Path, flip: Flip) -> list[Problem]:
    """Return what the check of the object, or of the root's own files, finds."""
    relative = flip.path.relative_to(root)
    found: Verification = verify_object(root / relative.parts[0]) if len(relative.parts) > 1 else verify_root(root)
    return [*found.errors, *found.warnings]


def find_missed(
    root: Path, count: int, seed: int, look: Callable[[Path, Flip], list[Problem]] = check
) -> tuple[list[str], dict[str, int]]:
    """Flip bits one at a time; return what was not found or not named, and how often each code was told."""
    missed: list[str] = []
    codes: dict[str, int] = {}
    for flip in flips(root, count, seed):
        before = flip.path.read_bytes()
        changed = bytearray(before)
        changed[flip.byte] ^= 1 << flip.bit
        flip.path.write_bytes(changed)
        where = f"{flip.path.relative_to(root)}, byte {flip.byte}, bit {flip.bit}"
        try:
            errors = look(root, flip)
        except (InputError, OSError, ValueError) as error:
            missed.append(f"{where}: the check broke off: {error!r}")
            errors = []
        finally:
            flip.path.write_bytes(before)
        for code in {error.code for error in errors}:
            codes[code] = codes.get(code, 0) + 1
        if not errors:
            missed.append(f"{where}: not found")
        elif not any(names(error, flip, root) for error in errors):
            missed.append(f"{where}: found, but not named: {errors[0]}")
    return missed, codes


def names(error: Problem, flip: Flip, root: Path) -> bool:
    """Tell whether an error says which object, or which file of the root, is damaged."""
    return flip.path.relative_to(root).parts[0] in f"{error.where} {error.message}"
