"""Bills of materials taken apart over all their levels."""

from dataclasses import replace

import pytest
from planning.workbench import CUT, SEW, design

from cosmolocal.planning.bill import BillError, Catalogue, TaskNode
from cosmolocal.records import BomLine, Design, Part

WHEEL = design(
    "wheel",
    (Part("", None, (SEW,)), Part("rim", 300, (CUT,))),
    (BomLine(1, part="rim"), BomLine(10, into="rim", bought="spoke", cost_cents=7, mass_g=5)),
)
AXLE = design(
    "axle",
    (Part("", None, ()),),
    (BomLine(2, design="us~wheel", version="^1.0"), BomLine(1, bought="rod", cost_cents=300, mass_g=800)),
)
CART = design(
    "cart", (Part("", None, (SEW,)), Part("bed", 9_000, (CUT,))), (BomLine(2, design="us~axle"), BomLine(1, part="bed"))
)


def bill(of: Design, *others: Design) -> TaskNode:
    found = Catalogue([of, *others]).bill(of.key)
    assert isinstance(found, TaskNode)
    return found


def test_modules_of_modules_multiply_their_quantities():
    nodes = bill(CART, AXLE, WHEEL).walk()
    assert [(node.path, node.design.partition("@")[0], node.part, node.quantity) for node in nodes] == [
        ("", "us~cart", "", 1),
        ("axle", "us~axle", "", 2),
        ("axle/wheel", "us~wheel", "", 4),
        ("axle/wheel/rim", "us~wheel", "rim", 4),
        ("bed", "us~cart", "bed", 1),
    ]


def test_mass_is_the_parts_own_or_the_sum_of_what_goes_into_it():
    masses = {node.path: node.mass_g for node in bill(CART, AXLE, WHEEL).walk()}
    assert masses == {
        "": 2 * 1_400 + 9_000,
        "axle": 2 * 300 + 800,
        "axle/wheel": 300,
        "axle/wheel/rim": 300,
        "bed": 9_000,
    }


def test_bought_pieces_belong_to_what_they_go_into():
    bought = {node.path: (node.bought_cents, node.bought_mass_g) for node in bill(CART, AXLE, WHEEL).walk()}
    assert bought["axle"] == (300, 800)
    assert bought["axle/wheel/rim"] == (70, 50)
    assert bought[""] == (0, 0)


def test_the_highest_version_in_the_range_is_taken():
    wheels = [replace(WHEEL, version=version) for version in ("1.0.0", "1.9.0", "1.10.0", "2.0.0")]
    designs = {node.path: node.design for node in bill(AXLE, *wheels).walk()}
    assert designs["wheel"] == "us~wheel@1.10.0"


def test_the_same_module_twice_gets_a_number():
    twice = replace(AXLE, bom=(*AXLE.bom, BomLine(1, design="us~wheel"), BomLine(1, design="us~wheel")))
    assert [child.path for child in bill(twice, WHEEL).children] == ["wheel", "wheel#2", "wheel#3"]


@pytest.mark.parametrize(
    ("designs", "message"),
    [
        ((AXLE, replace(WHEEL, bom=(BomLine(1, design="us~axle"),))), "us~axle/ contains itself"),
        (
            (replace(WHEEL, bom=(BomLine(1, part="rim"), BomLine(1, into="rim", part="rim"))),),
            "us~wheel/rim contains itself",
        ),
        ((replace(WHEEL, bom=(BomLine(1, part="hub"),)),), "us~wheel@1.0.0 has no part 'hub'"),
        ((AXLE,), "no version of us~wheel fits ^1.0"),
        ((AXLE, replace(WHEEL, version="2.0.0")), "no version of us~wheel fits ^1.0"),
    ],
)
def test_what_cannot_be_taken_apart_says_why(designs: tuple[Design, ...], message: str):
    found = Catalogue(designs).bill(designs[0].key)
    assert isinstance(found, BillError)
    assert str(found) == message


def test_a_part_with_lines_needs_no_machine_and_one_without_is_unknown():
    free = replace(AXLE, bom=(BomLine(1, bought="gift"),))
    assert bill(free).is_known
    assert not bill(replace(AXLE, bom=())).is_known
