"""What is damaged or lost on the disk: single bits of the store, and the index of it."""

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cosmolocal.workflows import DesignQuery, Workspace, reindex_designs, search_designs
from torture.lamp_region import write_region
from torture.many_designs import lose_index, make_designs, read_index
from torture.sections import Result, Section, amount, table
from torture.store_damage import find_missed, make_store

FLIPS, DESIGNS = 10_000, 1_000
#: [s] within which the index must be there again
PATIENCE = 10
SEED = 20260901


def run_bit_flips(share: float) -> Result:
    """Flip bits of a store, and ask for each whether it is found."""
    count = amount(FLIPS, share)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "designs"
        make_store(root)
        missed, codes = find_missed(root, count, SEED)
    details = table(("code", "told of so many flips"), sorted(codes.items()))
    return Result(f"{count:,} flips, {count - len(missed):,} found and named", tuple(missed), details)


def run_index_lost(share: float) -> Result:
    """Lose the index, and build it again."""
    count = amount(DESIGNS, share)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_region(folder)
        make_designs(folder, count)
        reindex_designs(folder)
        seconds, wrong = lose_and_rebuild(folder, {"`designs reindex`": reindex_designs, "the first search": search})
    rows = [(name, f"{took:.2f}") for name, took in seconds.items()]
    done = f"{count:,} designs, built again in {next(iter(seconds.values())):.2f} s"
    return Result(done, tuple(wrong), table(("built by", "seconds"), rows))


def lose_and_rebuild(
    folder: Path, rebuilds: Mapping[str, Callable[[Path], object]]
) -> tuple[dict[str, float], list[str]]:
    """Lose the index of a region and build it again in each way; return the seconds, and what was wrong."""
    before, seconds, wrong = read_index(folder), dict[str, float](), list[str]()
    for name, rebuild in rebuilds.items():
        lose_index(folder)
        begun = time.monotonic()
        rebuild(folder)
        seconds[name] = time.monotonic() - begun
        if read_index(folder) != before:
            wrong.append(f"{name}: the index is not as it was")
        if seconds[name] > PATIENCE:
            wrong.append(f"{name}: took {seconds[name]:.1f} s; allowed are {PATIENCE} s")
    return seconds, wrong


def search(folder: Path) -> None:
    """Search as a page does, which brings the index up to date before."""
    search_designs(Workspace(folder), DesignQuery(words="lamp"))


SECTIONS = (
    Section(
        "bit-flips",
        "10,000 single bits of a store of designs flipped, one after the other",
        "each is found by `designs verify`, which names the object or file",
        run_bit_flips,
    ),
    Section(
        "index-lost",
        "the index of 1,000 designs removed from the database",
        "it is built from `designs/` within 10 s, and equal to before",
        run_index_lost,
    ),
)
