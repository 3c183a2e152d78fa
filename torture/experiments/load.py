"""Many readers and uploaders of the real server, crowds of clients, and its end."""

import tempfile
import threading
from functools import partial
from pathlib import Path

from torture.crowd import Crowd, Seen, let_loose
from torture.latencies import percentile, table_of_latencies
from torture.sections import Result, Section, table
from torture.served import Served, make_sample, served

READERS, UPLOADERS, MINUTE = 50, 5, 60.0
#: who reads without a pause, who trickles, who hangs up in the middle
CLIENTS, TRICKLERS, QUITTERS, LONG = 200, 10, 10, 300.0
#: [s] between two pages that somebody reads, and between two uploads
READING, UPLOADING = (0.5, 1.5), 2.0
PAGES = 60
#: [s] 99 of 100 reads may take
MOST_SECONDS = 0.3
#: [percent] that the memory may grow after the first third of the time
MOST_GROWTH = 10


def run_readers(share: float) -> Result:
    """Let people read while others upload."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        token = make_sample(Path(folder) / "region")
        with served(Path(folder) / "region") as server:
            crowd = Crowd(server, Seen(), threading.Event(), server.find_pages(PAGES), token)
            acts = [partial(crowd.read, number, READING) for number in range(READERS)]
            acts += [partial(crowd.upload, number, UPLOADING) for number in range(UPLOADERS)]
            before, after = measure(crowd, acts, MINUTE * share)
    slow = percentile(crowd.seen.seconds.get("read", []), 99)
    wrong = find_wrong(crowd.seen, before, after)
    if slow > MOST_SECONDS:
        wrong.append(f"99 of 100 reads took up to {slow * 1000:.0f} ms; at most {MOST_SECONDS * 1000:.0f} are allowed")
    if not crowd.seen.statuses[201]:
        wrong.append("nothing was uploaded")
    done = f"{READERS} readers of {len(crowd.pages)} pages, {UPLOADERS} uploaders, p99 of reads {slow * 1000:.0f} ms"
    return Result(done, tuple(wrong), describe(crowd.seen, before, after))


def run_clients(share: float) -> Result:
    """Let a crowd ask without a pause, some of them badly."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        make_sample(Path(folder) / "region")
        with served(Path(folder) / "region") as server:
            crowd = Crowd(server, Seen(), threading.Event(), server.find_pages(PAGES))
            acts = [partial(crowd.read, number, (0.0, 0.1)) for number in range(CLIENTS)]
            acts += [partial(crowd.trickle, number) for number in range(TRICKLERS)]
            acts += [partial(crowd.hang_up, number, 0.2) for number in range(QUITTERS)]
            before, after = measure(crowd, acts, LONG * share)
            wrong = find_wrong(crowd.seen, before, after)
            wrong += find_refused(server)
    every = crowd.seen.seconds.get("read", [])
    done = f"{len(acts)} clients, {len(every):,} answers, p99 {percentile(every, 99):.1f} s"
    return Result(done, tuple(wrong), describe(crowd.seen, before, after))


def measure(crowd: Crowd, acts: list[partial[None]], seconds: float) -> tuple[float, float]:
    """Let all act; return the memory after a third of the time, and at the end, in MiB."""
    warm: list[float] = []
    timer = threading.Timer(seconds / 3, lambda: warm.append(crowd.server.rss_mib))
    timer.start()
    let_loose(acts, crowd.over, seconds)
    timer.join()
    return warm[0], crowd.server.rss_mib


def find_wrong(seen: Seen, before: float, after: float) -> list[str]:
    """Return what was wrong with the answers, and whether memory grew."""
    wrong = [f"{told} ({times} times)" for told, times in seen.wrong.most_common(20)]
    if after > before * (100 + MOST_GROWTH) / 100:
        wrong.append(f"memory grew from {before:.0f} to {after:.0f} MiB; at most {MOST_GROWTH} % are allowed")
    return wrong


def find_refused(server: Served) -> list[str]:
    """Return whether the server serves as before when the crowd has gone, and ends well."""
    status, _, _ = server.ask("/")
    code = server.end()
    wrong = [] if status == 200 else [f"afterwards the first page answers {status}"]
    wrong += [] if code == 0 else [f"the server ended with {code}"]
    return wrong + [line.strip() for line in server.said if "Traceback" in line][:1]


def describe(seen: Seen, before: float, after: float) -> str:
    """Return tables of how long answers took, of statuses and of memory."""
    statuses = ", ".join(f"{status}: {times:,}" for status, times in sorted(seen.statuses.items()))
    head, row = ("statuses", "memory when warm, MiB", "memory at the end, MiB"), (statuses, round(before), round(after))
    return table_of_latencies("request", seen.seconds) + "\n" + table(head, [row])


SECTIONS = (
    Section(
        "readers-and-uploaders",
        "50 readers, each a page a second, and 5 uploaders for a minute, by HTTP, on the sample region",
        "0 status 5xx, p99 of reads ≤ 300 ms, memory grows ≤ 10 % after it is warm",
        run_readers,
    ),
    Section(
        "clients",
        "220 clients for 5 minutes: 200 read without a pause, 10 trickle, 10 hang up in the middle",
        "0 status 5xx, no request without an answer, memory grows ≤ 10 % after it is warm, the server ends well",
        run_clients,
    ),
)
