"""Sends made-up requests to the API, right and wrong ones.

No answer may be a fault of the server, and each must be as the specification says: its status, its type, its headers,
its content. What the specification forbids must be refused.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from torture.small_region import SmallRegion

#: that what is right is accepted is not asked: whether an id exists, a specification cannot say
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
]
#: what is wrong can only be made where there is a query or a body
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
SEED = 20260907
#: what a query may name that there is
KNOWN_WORDS = {"design": "us~lamp", "place": "home", "workshop": "south", "process": "laser-cutting"}


@dataclass(slots=True)
class Tally:
    """What came of the requests so far."""

    #: by operation and status
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: what was wrong, each once
    wrong: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """Return how many were sent."""
        return sum(self.answers.values())


def run_requests(small: SmallRegion, requests: int, seed: int = SEED) -> Tally:
    """Send about so many requests, the same number to each operation; half of them wrong."""
    tally = Tally()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", small.app)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    each = max(1, requests // (2 * len(operations)))
    for number, operation in enumerate(operations):
        for mode in MODES if operation.query or operation.body else MODES[:1]:
            _run_operation(small, operation, mode, (each, seed + number), tally)
    while tally.requests < requests:
        seed += 1_000
        for operation in operations:
            most = min(each, requests - tally.requests)
            if most > 0:
                _run_operation(small, operation, MODES[0], (most, seed), tally)
    return tally


def _run_operation(
    small: SmallRegion, operation: Any, mode: GenerationMode, amount: tuple[int, int], tally: Tally
) -> None:
    most, seed = amount
    numbers = iter(range(most * 10))

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        number = next(numbers)
        if mode is GenerationMode.POSITIVE:
            make_likely(case, number, small)
        headers = {} if number % 4 == 3 else {"Authorization": f"Bearer {small.token}"}
        response = case.call(headers=headers)
        tally.answers[operation.label, response.status_code] += 1
        for told in find_wrong(case, response, headers):
            if told not in tally.wrong:
                tally.wrong.append(told)

    try:
        send()
    except Unsatisfiable:
        return


def make_likely(case: Any, number: int, small: SmallRegion) -> None:
    """Let every second request name what there is, and let an archive be one."""
    if number % 2 == 0 and case.path_parameters:
        case.path_parameters.update({name: small.known[name] for name in case.path_parameters})
    if number % 2 == 0 and case.query:
        case.query.update({name: word for name, word in KNOWN_WORDS.items() if name in case.query})
        case.query.pop("after", None)
    if number % 4 == 0 and case.media_type == "application/zip":
        case.body = small.archive


def find_wrong(case: Any, response: Any, headers: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    try:
        case.validate_response(response, checks=CHECKS, headers=headers)
    except schemathesis.core.failures.FailureGroup as group:
        for failure in group.exceptions:
            yield f"{case.operation.label}: {failure} [{case.as_curl_command()}]"
