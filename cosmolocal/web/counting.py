"""Figures of the server since it started, and how Prometheus reads figures: requests and how long they took."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

#: [s] upper ends of the classes of the histogram
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Labels, float]


class Counts:
    """Requests by route, and how long they took. Addresses and people are not in it, so it stays small."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._classes: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; what fits no route is one of its own."""
        route, method = route or "none", method if method in METHODS else "other"
        with self._lock:
            self._answers[method, route, status] += 1
            classes = self._classes.setdefault(route, [0] * (len(BUCKETS) + 1))
            classes[bisect_left(BUCKETS, seconds)] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def lines(self) -> Iterator[str]:
        """Yield the lines of requests and latencies."""
        with self._lock:
            answers, seconds = dict(self._answers), dict(self._seconds)
            classes = {route: list(counts) for route, counts in self._classes.items()}
        labelled = (
            ("", (("method", method), ("route", route), ("status", str(status))), float(count))
            for (method, route, status), count in sorted(answers.items())
        )
        yield from write_metric("cosmolocal_requests_total", "counter", "Requests answered.", labelled)
        told = "Time until the answer began."
        yield from write_metric("cosmolocal_request_seconds", "histogram", told, _histogram(classes, seconds))


def _histogram(classes: Mapping[str, list[int]], seconds: Mapping[str, float]) -> Iterator[Sample]:
    for route, counts in sorted(classes.items()):
        total = 0
        for end, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
            total += count
            yield "_bucket", (("route", route), ("le", end)), float(total)
        yield "_sum", (("route", route),), seconds[route]
        yield "_count", (("route", route),), float(total)


def write_metric(name: str, kind: str, told: str, samples: Iterable[Sample]) -> Iterator[str]:
    """Yield the lines of a metric in the text format of Prometheus.

    >>> list(write_metric("lots", "gauge", "Lots.", [("", (("book", "autumn"),), 3.0)]))[2]
    'lots{book="autumn"} 3'
    """
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} {kind}"
    for suffix, labels, value in samples:
        inner = ",".join(f'{label}="{_label(text)}"' for label, text in labels)
        yield f"{name}{suffix}{'{' + inner + '}' if inner else ''} {_number(value)}"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
