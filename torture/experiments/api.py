"""The API: requests that the specification allows or forbids."""

import tempfile
from pathlib import Path

from torture.api import SEED, run_requests
from torture.sections import Result, Section, amount, table
from torture.small_region import make_small_region

REQUESTS = 10_000


def run_api(share: float) -> Result:
    """Send the requests."""
    with tempfile.TemporaryDirectory() as folder:
        tally = run_requests(make_small_region(Path(folder) / "region"), amount(REQUESTS, share), SEED)
    by_operation: dict[str, list[str]] = {}
    for (operation, status), count in sorted(tally.answers.items()):
        by_operation.setdefault(operation, []).append(f"{status}: {count}")
    rows = [(operation, ", ".join(counts)) for operation, counts in by_operation.items()]
    return Result(f"{tally.requests:,} requests", tuple(tally.wrong), table(("operation", "answers"), rows))


SECTIONS = (
    Section(
        "api",
        "10,000 requests to the API made up from its specification, right and wrong ones",
        "0 status 5xx, 0 answers that the specification does not know",
        run_api,
    ),
)
