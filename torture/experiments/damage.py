"""What is damaged or lost on the disk: single bits of the store, and the index of it."""

import tempfile
import time
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
        before, wrong, took = read_index(folder), [], []
        for rebuild in (reindex_designs, _search):
            lose_index(folder)
            begun = time.monotonic()
            rebuild(folder)
            took.append(time.monotonic() - begun)
            if read_index(folder) != before:
                wrong.append(f"{rebuild.__name__.strip('_')}: the index is not as it was")
            if took[-1] > PATIENCE:
                wrong.append(f"{rebuild.__name__}: took {took[-1]:.1f} s; allowed are {PATIENCE} s")
    rows = zip(("`designs reindex`", "the first search"), (f"{seconds:.2f}" for seconds in took), strict=True)
    done = f"{count:,} designs, built again in {took[0]:.2f} s"
    return Result(done, tuple(wrong), table(("built by", "seconds"), rows))


def _search(folder: Path) -> None:
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
