"""The store of designs against git and plain copying, side by side in one run: python -m benchmarks.store.

Each row is the median of its runs; ours and theirs take turns, on the same files and the same file system.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cosmolocal.designs.bundles import create_root, open_file, publish_bundle
from cosmolocal.designs.verify import verify_root

Row = dict[str, object]

CREATED = datetime(2026, 9, 1, tzinfo=UTC)
BLOCK = 1 << 20
#: git writes as durably as the store does: every object, reference and index is on the disk before a command ends
GIT = ("git", "-c", "core.fsync=all", "-c", "gc.auto=0", "-c", "user.name=bench", "-c", "user.email=bench@localhost")
MANIFEST = """okhv = "OKH-LOSHv1.0"
name = "Design {number}"
repo = "https://example.org/{number}"
version = "1.0.0"
license = "CERN-OHL-S-2.0"
licensor = "Bench"
function = "Being measured"
"""


def make_bundle(folder: Path, number: int, files: int) -> Path:
    """Make a folder of a manifest and other files of 1 to 40 kB that no other bundle holds."""
    chance = random.Random(number)
    bundle = folder / f"bundle-{number:04}"
    (bundle / "parts").mkdir(parents=True)
    (bundle / "okh.toml").write_text(MANIFEST.format(number=number), encoding="utf-8")
    for index in range(files - 1):
        (bundle / f"parts/{index}.stl").write_bytes(chance.randbytes(chance.randint(1_000, 40_000)))
    return bundle


def add_to_store(root: Path, bundles: list[Path]) -> None:
    """Publish each bundle as a design of its own."""
    create_root(root)
    for bundle in bundles:
        publish_bundle(root, f"bench~{bundle.name}", bundle, message="bench", created=CREATED, by="bench")


def add_to_git(repository: Path, bundles: list[Path]) -> None:
    """Commit each bundle to one repository."""
    if not repository.exists():
        repository.mkdir()
        run(repository, *GIT, "init", "--quiet")
    for bundle in bundles:
        shutil.copytree(bundle, repository / bundle.name)
        run(repository, *GIT, "add", bundle.name)
        run(repository, *GIT, "commit", "--quiet", "--message", bundle.name)


def copy_and_hash(source: Path, target: Path) -> None:
    """Copy a file in one go, then read it once for its sha256."""
    shutil.copyfile(source, target)
    digest = hashlib.sha256()
    with target.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)


def run(folder: Path, *command: str) -> None:
    """Run a command in a folder; what it prints is of no interest."""
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def timed(act: Callable[..., object], *arguments: object) -> float:
    """Return the seconds of one call, all earlier writes being on the disk."""
    os.sync()
    started = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - started


def row(what: str, pairs: list[tuple[float, float]], digits: int = 3) -> Row:
    """Return a row; ``ratio`` is theirs by ours, the median over the pairs."""
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(their / our for our, their in pairs)
    return {"what": what, "ours": round(ours, digits), "theirs": round(theirs, digits), "ratio": round(ratio, 2)}


def measure_bundles(work: Path, count: int, files: int, runs: int) -> Iterator[Row]:
    """Yield adding and verifying many small bundles, against git."""
    bundles = [make_bundle(work / "bundles", number, files) for number in range(count)]
    adding, verifying = [], []
    for turn in range(runs):
        root, repository = work / f"designs-{turn}", work / f"repository-{turn}"
        # in ten parts that take turns, so that what else the disk does falls on both
        parts = [bundles[start::10] for start in range(10)]
        pairs = [(timed(add_to_store, root, part), timed(add_to_git, repository, part)) for part in parts if part]
        adding.append((sum(ours for ours, _ in pairs), sum(theirs for _, theirs in pairs)))
        verifying += [(timed(verified, root), timed(fsck, repository)) for _ in range(5)]
    yield row(f"{count} bundles of {files} files added, seconds; theirs: git add and git commit", adding)
    yield row(f"{count} bundles of {files} files verified, seconds; theirs: git fsck", verifying)
    yield measure_opening(work / "designs-0", bundles)


def verified(root: Path) -> None:
    """Verify the store, which must be right."""
    if not verify_root(root).ok:
        raise SystemExit("the store does not verify")


def fsck(repository: Path) -> None:
    """Let git verify its repository."""
    run(repository, "git", "fsck", "--full")


def measure_opening(root: Path, bundles: list[Path]) -> Row:
    """Return milliseconds from a name to the first bytes of its file, each design for the first time in the process."""
    pairs = []
    for bundle in bundles:
        started = time.perf_counter()
        read_start(open_file(root, f"bench~{bundle.name}", "1.0.0", "parts/0.stl"))
        between = time.perf_counter()
        read_start(bundle / "parts/0.stl")
        pairs.append(((between - started) * 1000, (time.perf_counter() - between) * 1000))
    return row("one file opened by its name, milliseconds; theirs: a file of a known path", pairs)


def read_start(place: Path) -> None:
    """Read the first bytes of a file."""
    with place.open("rb") as file:
        file.read(4096)


def measure_large(work: Path, mib: int, runs: int) -> Iterator[Row]:
    """Yield adding a bundle with one large file, against copying and hashing it and against git."""
    bundle = make_bundle(work / "large", 0, 1)
    with (bundle / "scan.bin").open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(BLOCK))
    copying, committing = [], []
    for turn in range(runs):
        root, target, repository = work / f"large-{turn}", work / f"copy-{turn}", work / f"git-{turn}"
        theirs = timed(copy_and_hash, bundle / "scan.bin", target)
        ours = timed(add_to_store, root, [bundle])
        copying.append((ours, theirs))
        if turn == 0:
            committing.append((ours, timed(add_to_git, repository, [bundle])))
        for path in (root, target, repository):
            remove(path)
    yield row(f"{mib} MiB added, seconds; theirs: copied, then read for sha256", copying)
    yield row(f"{mib} MiB added, seconds; theirs: git add and git commit", committing)


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def working_folder(place: Path | None) -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(dir=place, prefix="benchmarks-store-") as folder:
        yield Path(folder)


def main() -> None:
    """Print one JSON object a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=int, default=1000)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--mib", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--folder", type=Path, help="on the file system to measure; the system's folder for such unless told"
    )
    given = parser.parse_args()
    with working_folder(given.folder) as work:
        rows = (
            measure_bundles(work, given.bundles, given.files, given.runs),
            measure_large(work, given.mib, given.runs),
        )
        for found in (one for part in rows for one in part):
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
