"""Who looks at the jobs while a plan is published sees those of the one plan or those of the other, never none."""

from pathlib import Path

import pytest

from cosmolocal.database import jobs as rows
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.jobs import Bench
from torture.region import ADA, REGION, prepare, publish


@pytest.fixture
def place(tmp_path: Path) -> Path:
    prepare(tmp_path)
    publish(tmp_path)
    return tmp_path


def test_jobs_are_read_as_they_are_at_one_moment(place: Path, monkeypatch: pytest.MonkeyPatch):
    """A plan that is published between two looks into the database waits until both are done."""
    find, moved = rows.find_published, []

    def find_and_let_others_publish(db):
        found = find(db)
        moved.append(db.conn.in_transaction)
        return found

    monkeypatch.setattr(rows, "find_published", find_and_let_others_publish)
    jobs = Bench(Workspace(place / REGION)).jobs(ADA)
    assert jobs
    assert all(moved)
