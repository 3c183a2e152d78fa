"""The same upload several times at once, cut off at random places."""

import random
import tempfile
from pathlib import Path

from cosmolocal.designs.bundles import list_designs, read_history
from cosmolocal.designs.verify import verify_root
from torture.sections import Result, Section, amount, table
from torture.small_region import make_small_region, zip_lamp
from torture.uploads import SENDERS, send_rounds, served

ROUNDS = 100
#: [bytes] of each archive, beside its manifest
WEIGHT = 300_000


def run_same_upload(share: float) -> Result:
    """Send a new version in each round."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        region = Path(folder) / "region"
        small, rounds = make_small_region(region), amount(ROUNDS, share)
        root = region / "designs"

        def count_releases(number: int) -> int:
            versions = [release.version for design in list_designs(root) for release in read_history(root, design)]
            return versions.count(_version(number))

        with served(small.app) as port:
            found = send_rounds(port, small.token, rounds, _archive, count_releases)
        wrong = [*found.wrong, *map(str, verify_root(root).errors)]
        left = region / ".staging-designs"
        wrong += [f"left in staging: {path.name}" for path in left.iterdir()] if left.exists() else []
    done = f"{rounds:,} rounds of {SENDERS} uploads at once, {found.answers['cut']:,} of them cut"
    return Result(done, tuple(wrong), table(("answer", "how many"), sorted(found.answers.items())))


def _version(number: int) -> str:
    return f"3.{number}.0"


def _archive(number: int) -> bytes:
    return zip_lamp(_version(number), random.Random(number).randbytes(WEIGHT))


SECTIONS = (
    Section(
        "same-upload",
        "the same upload sent five times at once over HTTP, some cut off at random places",
        "exactly one release of each, whole uploads accepted, nothing left behind",
        run_same_upload,
    ),
)
