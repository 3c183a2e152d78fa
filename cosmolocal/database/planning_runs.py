"""Runs that were asked for on the web as rows: what was asked, how far each is, what came of it.

Moments are RFC 3339 in UTC and whole seconds, so that they can be compared as text.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from cosmolocal.database.library import Database
from cosmolocal.database.opening import writing
from cosmolocal.records import OPEN_STATES, PlanningRun, RunRequest, RunState, from_plain, to_plain

Point = tuple[float, int | None, int | None]
_OPEN = "state IN ({})".format(", ".join(f"'{state}'" for state in OPEN_STATES))


def add_run(db: Database, request: RunRequest, person: str, now: str, boot: str) -> int:
    """Store a run that waits for its turn, and return its id."""
    row = {
        "state": str(RunState.QUEUED),
        "request": json.dumps(to_plain(request), ensure_ascii=False),
        "person": person,
        "asked_at": now,
        "started_at": "",
        "finished_at": "",
        "cancelled": 0,
        "boot": boot,
        "heartbeat": now,
        "plan": "",
        "problems": "[]",
    }
    with writing(db):
        return int(db.table("planning_runs").insert(row).last_pk or 0)


def start_run(db: Database, run_id: int, now: str) -> bool:
    """Store that a waiting run begins; return whether it still waited."""
    sql = "UPDATE planning_runs SET state = 'running', started_at = ?, heartbeat = ? WHERE id = ? AND state = 'queued'"
    with writing(db):
        return int(db.execute(sql, [now, now, run_id]).rowcount) == 1


def finish_run(
    db: Database, run_id: int, state: RunState, now: str, plan: str = "", problems: Sequence[Sequence[str]] = ()
) -> None:
    """Store how an open run ended; one that ended before stays as it is."""
    sql = f"UPDATE planning_runs SET state = ?, finished_at = ?, plan = ?, problems = ? WHERE id = ? AND {_OPEN}"
    with writing(db):
        db.execute(sql, [str(state), now, plan, json.dumps(problems, ensure_ascii=False), run_id])


def beat(db: Database, boot: str, now: str, run_id: int, points: Iterable[tuple[int, Point]]) -> bool:
    """Store that a program is alive, and new points of its run; return whether somebody asked for the run's end."""
    rows = [
        {"run": run_id, "position": position, "seconds": point[0], "cost_cents": point[1], "bound_cents": point[2]}
        for position, point in points
    ]
    with writing(db):
        db.execute(f"UPDATE planning_runs SET heartbeat = ? WHERE boot = ? AND {_OPEN}", [now, boot])
        db.table("planning_progress").insert_all(rows, pk=("run", "position"), ignore=True)
        found = db.execute("SELECT cancelled FROM planning_runs WHERE id = ?", [run_id]).fetchone()
    return bool(found and found[0])


def cancel_run(db: Database, run_id: int, now: str) -> bool:
    """Store that a run shall end; return whether it was still open. One that waits ends at once."""
    with writing(db):
        found = db.execute(f"UPDATE planning_runs SET cancelled = 1 WHERE id = ? AND {_OPEN}", [run_id]).rowcount
        sql = "UPDATE planning_runs SET state = 'cancelled', finished_at = ? WHERE id = ? AND state = 'queued'"
        db.execute(sql, [now, run_id])
    return int(found) == 1


def mark_lost(db: Database, boot: str, now: str, since: str) -> int:
    """Give up open runs of other programs that were not seen alive since; return how many."""
    of_others = f"{_OPEN} AND boot != ? AND heartbeat < ?"
    if not db.table("planning_runs").count_where(of_others, [boot, since]):
        return 0
    with writing(db):
        sql = f"UPDATE planning_runs SET state = 'lost', finished_at = ? WHERE {of_others}"
        return int(db.execute(sql, [now, boot, since]).rowcount)


def end_interrupted(db: Database, run_id: int, now: str, plan: str) -> None:
    """Store that the program of a run has ended before it, and the plan that was kept; what has ended well stays."""
    sql = f"""
        UPDATE planning_runs
        SET state = 'lost', plan = ?, finished_at = CASE finished_at WHEN '' THEN ? ELSE finished_at END
        WHERE id = ? AND ({_OPEN} OR state = 'lost' AND plan = '')
    """
    with writing(db):
        db.execute(sql, [plan, now, run_id])


def find_run(db: Database, run_id: int) -> PlanningRun | None:
    """Return a run with its progress."""
    row = next(db.table("planning_runs").rows_where("id = ?", [run_id]), None)
    if row is None:
        return None
    points = db.table("planning_progress").rows_where("run = ?", [run_id], order_by="position")
    return _to_run(row, tuple((one["seconds"], one["cost_cents"], one["bound_cents"]) for one in points))


def list_runs(db: Database, limit: int) -> tuple[PlanningRun, ...]:
    """Return the newest runs without their progress, newest first."""
    return tuple(_to_run(row) for row in db.table("planning_runs").rows_where(order_by="id DESC", limit=limit))


def count_open(db: Database) -> int:
    """Return how many runs wait or run."""
    return int(db.table("planning_runs").count_where(_OPEN))


def _to_run(row: dict[str, Any], progress: tuple[Point, ...] = ()) -> PlanningRun:
    return PlanningRun(
        row["id"],
        from_plain(RunRequest, json.loads(row["request"])),
        RunState(row["state"]),
        row["person"],
        row["asked_at"],
        row["started_at"],
        row["finished_at"],
        bool(row["cancelled"]),
        row["plan"],
        tuple((str(code), str(where), str(message)) for code, where, message in json.loads(row["problems"])),
        progress,
    )
