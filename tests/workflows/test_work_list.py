"""The designs to confirm first, against a count of its own."""

import random
from dataclasses import replace

import pytest
from planning.workbench import MONDAY, REGION, design

from cosmolocal.records import BomLine, Operation, Order, Part, Provenance
from cosmolocal.workflows.inputs import Book
from cosmolocal.workflows.work_list import Waiting, build_work_list, rank_designs, read_books

NO_MATERIAL = Operation("cutting", 600, unknown=("material",))
NO_SIZE = Operation("cutting", 600, unknown=("envelope",))
BOX = design("box", (Part("", 10, (NO_MATERIAL,)),))
LID = design("lid", (Part("", 10, (NO_SIZE,)),))
CHEST = design("chest", (Part("", None, (NO_MATERIAL,)),), (BomLine(1, design="us~lid"),))
CRATE = design(
    "crate",
    (Part("", 10, (NO_MATERIAL,)), Part("weld", 1, (Operation("laser-cutting", 1, material="gold"),))),
    (BomLine(1, part="weld"),),
)
BARE = design("bare", (Part("", 10, ()),))
STORE = replace(REGION, designs=(*REGION.designs, BOX, LID, CHEST, CRATE, BARE))


def order(name: str, design_id: str, quantity: int, version: str = "*") -> Order:
    return Order(name, design_id, version, quantity, "home", MONDAY)


def built(*orders: Order) -> dict:
    return build_work_list(STORE, [Book("book", orders, "0")])


def test_only_what_is_unknown_is_work():
    found = built(order("A", "us~shelf", 3), order("B", "us~box", 4), order("C", "us~box", 1, "^9.0"))
    [row] = found["designs"]
    assert (row["design"], row["units"], row["orders"], row["unlocks"]) == ("us~box@1.0.0", 4, 1, 4)
    assert row["unknown"] == [{"part": "", "field": "material"}]
    assert found["totals"] == {"designs": 1, "units": 4, "orders": 1}


def test_a_part_without_operations_is_unknown_too():
    assert built(order("A", "us~bare", 3))["designs"][0]["unknown"] == [{"part": "", "field": "operations"}]


def test_an_order_that_waits_for_two_designs_counts_with_the_second():
    found = built(order("A", "us~chest", 10), order("B", "us~lid", 1))
    assert [(row["design"], row["unlocks"], row["units_so_far"]) for row in found["designs"]] == [
        ("us~lid@1.0.0", 1, 1),
        ("us~chest@1.0.0", 10, 11),
    ]
    assert [row["with"] for row in found["designs"]] == [["us~chest@1.0.0"], ["us~lid@1.0.0"]]


def test_an_order_that_no_workshop_could_make_even_then_is_listed_apart():
    found = built(order("A", "us~crate", 5))
    assert (found["designs"], found["totals"]["units"]) == ([], 0)
    [row] = found["blocked_otherwise"]
    assert {name: row[name] for name in ("book", "order", "units", "reasons")} == {
        "book": "book",
        "order": "A",
        "units": 5,
        "reasons": ["no-material"],
    }
    assert "gold" in row["because"][0]["text"]


def test_units_that_a_confirmation_did_not_unlock_stay_visible():
    """A person confirmed a material that no machine takes: the order has left the list, but not the page."""
    steps = (replace(NO_MATERIAL, material="tar", unknown=(), provenance=Provenance.CONFIRMED),)
    boat = design("boat", (Part("", 10, steps),))
    found = build_work_list(replace(STORE, designs=(boat,)), [Book("book", (order("A", "us~boat", 45),), "0")])
    assert found["designs"] == []
    assert [(row["units"], row["reasons"]) for row in found["blocked_otherwise"]] == [(45, ["no-material"])]


def waiting(seed: int) -> list[Waiting]:
    dice = random.Random(seed)
    return [
        Waiting("b", str(number), dice.randint(1, 30), frozenset(dice.sample("abcdef", dice.choice((1, 1, 2, 3)))), ())
        for number in range(dice.randint(0, 12))
    ]


@pytest.mark.parametrize("seed", range(60))
def test_the_ranking_names_each_design_once_and_unlocks_everything(seed: int):
    orders = waiting(seed)
    ranked = rank_designs(orders)
    assert sorted(ranked) == sorted(set().union(*(order.designs for order in orders)))


@pytest.mark.parametrize("seed", range(60))
def test_single_designs_stand_in_the_order_of_their_units(seed: int):
    """Where every order waits for one design, the first N are the best N there are."""
    orders = [order for order in waiting(seed) if len(order.designs) == 1]
    units = {design: sum(order.units for order in orders if design in order.designs) for design in rank_designs(orders)}
    assert list(units.values()) == sorted(units.values(), reverse=True)


@pytest.mark.parametrize("seed", range(60))
def test_the_first_step_is_the_best_for_each_design_looked_at(seed: int):
    """Counted anew: no set of designs that some order waits for unlocks more units for each of its designs."""
    orders = waiting(seed)
    ranked = rank_designs(orders)

    def unlocked(designs: frozenset[str]) -> int:
        return sum(order.units for order in orders if order.designs <= designs)

    best = max((unlocked(order.designs) / len(order.designs) for order in orders), default=0)
    first = max((unlocked(frozenset(ranked[:n])) / n for n in range(1, len(ranked) + 1)), default=0)
    assert first >= best


def test_all_books_are_read_unless_some_are_named(tmp_path):
    (tmp_path / "orders").mkdir()
    head = "id,design,quantity,place,due_date\n"
    for name in ("one", "two"):
        (tmp_path / f"orders/{name}.csv").write_text(f"{head}{name},us~box,2,home,2026-09-18\n")
    assert [book.name for book in read_books(tmp_path, STORE)] == ["orders/one.csv", "orders/two.csv"]
    assert [book.name for book in read_books(tmp_path, STORE, [tmp_path / "orders/two.csv"])] == ["orders/two.csv"]
    assert build_work_list(STORE, read_books(tmp_path, STORE))["totals"]["units"] == 4
