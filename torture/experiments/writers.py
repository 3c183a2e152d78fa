"""Many writers of one region at once."""

from torture.latencies import percentile, table_of_latencies
from torture.sections import Result, Section, amount
from torture.writers import run_writers

WRITERS = 50
EACH = 200
#: [s] 99 of 100 acts may take
MOST_SECONDS = 1.0


def run_writing(share: float) -> Result:
    """Let all write; of a share, each does less."""
    each = amount(EACH, share)
    written = run_writers(WRITERS, each)
    wrong = list(written.wrong)
    slow = percentile(written.every, 99)
    if slow > MOST_SECONDS:
        wrong.append(f"99 of 100 acts took up to {slow:.2f} s; at most {MOST_SECONDS:.0f} s are allowed")
    done = f"{WRITERS} processes × {each} acts, p99 {slow * 1000:.0f} ms"
    return Result(done, tuple(wrong), table_of_latencies("act", written.seconds))


SECTIONS = (
    Section(
        "writers",
        "50 writer processes × 200 acts: orders, answers to jobs, questions, wishes, closures, by the workflows",
        "0 errors shown to people, exact totals, p99 ≤ 1 s",
        run_writing,
    ),
)
