"""For whoever runs the server: is it well, and its figures for Prometheus.

Everybody may ask whether it is well. Its figures are for this machine, and for administrators by a token: a request
that a proxy passes on comes from elsewhere, whatever its address.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from cosmolocal.errors import ForbiddenError
from cosmolocal.web.counting import Counts, write_metric
from cosmolocal.web.problem_json import answer_error
from cosmolocal.web.sign_in import current_person, exempt
from cosmolocal.workflows.operating import Figures, Health, Watchman
from cosmolocal.workflows.rights import Action, authorize

bp = Blueprint("operating", __name__)
exempt(bp)
bp.register_error_handler(ForbiddenError, answer_error)
TEXT = "text/plain; version=0.0.4; charset=utf-8"
#: what proxies put on what they pass on
PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


def set_up(app: Flask) -> None:
    """Give the application its watchman."""
    app.extensions["watchman"] = Watchman(app.extensions["workspace"].folder)


def watchman() -> Watchman:
    """Return who looks after the region."""
    return current_app.extensions["watchman"]  # type: ignore[no-any-return]


@bp.get("/health")
def health() -> tuple[Response, int]:
    """Say whether database and store can be read and written: 200, or 503 with what is wrong."""
    found = watchman().health()
    answer = jsonify(status="ok" if found.ok else "wrong", checks=_told(found))
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200 if found.ok else 503


def _told(found: Health) -> dict[str, str]:
    return {name: fault or "ok" for name, fault in found.faults.items()}


@bp.get("/metrics")
def metrics() -> Response:
    """Write the figures of the server."""
    if not is_from_this_machine():
        authorize(current_person(), Action.OPERATE)
    counts: Counts = current_app.extensions["counts"]
    lines = [*counts.lines(), *figure_lines(watchman().figures(), watchman().health())]
    return Response("\n".join(lines) + "\n", headers={"Content-Type": TEXT, "Cache-Control": "no-store"})


def is_from_this_machine() -> bool:
    """Tell whether a program on this machine asks, not a proxy for somebody else."""
    if any(name in request.headers for name in PASSED_ON):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def figure_lines(figures: Figures, found: Health) -> Iterator[str]:
    """Yield the lines of what the region holds."""
    runs = (("", (("state", state),), float(count)) for state, count in sorted(figures.runs_by_state.items()))
    yield from write_metric("cosmolocal_runs", "gauge", "Runs of the planner that were asked for.", runs)
    for name, told, value in (
        ("cosmolocal_runs_waiting", "Runs that wait for their turn.", figures.waiting),
        ("cosmolocal_database_bytes", "Size of the database.", figures.database_bytes),
        ("cosmolocal_disk_free_bytes", "Room on the disk of the region.", figures.free_bytes),
        ("cosmolocal_healthy", "1: database and store can be read and written.", int(found.ok)),
    ):
        yield from write_metric(name, "gauge", told, [("", (), float(value))])
