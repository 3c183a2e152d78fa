"""Who takes a version now, and what becomes of them when it is withdrawn: told before, and true afterwards."""

import pytest
from web.design_shop import make_shop

from cosmolocal.planning.bill import Catalogue
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.design_page import require_design
from cosmolocal.workflows.design_use import find_users, find_waiting
from cosmolocal.workflows.stewarding import yank_design


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    make_shop(tmp_path / "region")
    return Workspace(tmp_path / "region")


def test_what_is_foretold_comes_true(workspace):
    users = find_users(workspace, require_design(workspace, "us~lamp", "1.1.0")[1])
    foretold = {one.order.id: one.then for one in users.orders}
    assert foretold == {"ANY": "1.0.0", "PIN": "1.1.0", "LATE": None}
    assert [(one.design.key, one.then) for one in users.designs] == [("us~set@1.0.0", "1.0.0")]
    yank_design(workspace.folder, "us~lamp@1.1.0", "loose", "ada")
    after = Catalogue(workspace.region().designs)
    assert {one.order.id: after.resolve("us~lamp", one.order.version) for one in users.orders} == foretold


def test_those_that_keep_it_stand_apart_from_those_that_change(workspace):
    users = find_users(workspace, require_design(workspace, "us~lamp", "1.1.0")[1])
    assert [one.order.id for one in users.that_keep("1.1.0")] == ["PIN"]
    changing = {then: [one.order.id for one in orders] for then, orders in users.that_change("1.1.0").items()}
    assert changing == {"1.0.0": ["ANY"], None: ["LATE"]}


def test_a_version_that_nobody_takes_has_no_users(workspace):
    users = find_users(workspace, require_design(workspace, "us~lamp", "1.0.0")[1])
    assert (users.orders, users.designs) == ((), ())


def test_orders_wait_for_what_is_unknown_and_broken_books_count_nothing(workspace):
    row = find_waiting(workspace, "us~stool@1.0.0")
    assert row["waiting"] == [{"book": "orders/all.csv", "order": "SIT", "units": 7}]
    assert find_waiting(workspace, "us~lamp@1.1.0") is None
    (workspace.folder / "orders/all.csv").write_text("no order book")
    assert find_waiting(workspace, "us~stool@1.0.0") is None
    assert find_users(workspace, require_design(workspace, "us~lamp", "1.1.0")[1]).orders == ()
