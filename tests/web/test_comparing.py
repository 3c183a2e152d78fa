"""Two versions side by side, in words."""

import re

import pytest
from web.design_shop import make_shop, manifest, publish, step
from web.test_designs import words

from cosmolocal.records import Operation, Provenance
from cosmolocal.web.comparing_view import field_label, provenance_name

ADDRESS = "/designs/us~lamp/compare"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop") / "region"
    app = make_shop(folder)
    publish(folder, "us~table", manifest("2.0.0", [step()], name="Table", license="CC-BY-NC-SA-4.0"))
    return app


def test_the_step_from_one_version_to_the_next_is_told_in_a_sentence(read):
    """Twelve minutes and two shades of two minutes each instead of twenty minutes; the whole weighs 900 g in both."""
    text = words(read(f"{ADDRESS}?old=1.0.0&new=1.1.0"))
    assert "3 files differ. 4 min less of Laser cutting for one." in text
    assert "Laser cutting, for one 20 min 16 min −4 min" in text
    assert "Laser cutting, set-up 5 min 10 min +5 min" in text


def test_every_kind_of_difference_has_its_word_and_its_sign(read):
    text = words(read(f"{ADDRESS}?old=1.0.0&new=1.1.0"))
    assert "+ added picture.svg" in text
    assert "− gone parts/cube.stl" in text
    assert "± changed okh.toml" in text
    assert (
        "+ added shade added: Laser cutting, 2 min, 5 min set-up, plywood, 400 × 300 × 4 mm, €3.00 of material" in text
    )
    assert "± changed the whole Laser cutting: machine time: 20 min, now 12 min" in text
    assert "+ added 4 × bolt" in text
    assert "organization – Light for all" in text


def test_the_other_way_round_turns_every_sign(read):
    text = words(read(f"{ADDRESS}?old=1.1.0&new=1.0.0"))
    assert "4 min more of Laser cutting for one." in text
    assert "− gone picture.svg" in text


def test_workshops_that_are_lost_or_gained_come_with_the_reason(read):
    gained = words(read("/designs/us~table/compare?old=1.0.0&new=2.0.0"))
    assert "2 more workshops can make it." in gained
    assert "Can make it now, could not before (2) North Makers" in gained
    assert "North Makers Before: Table (4,000" in gained
    assert re.search(r"Cheapest way to make one, all weighed – €[\d.]+ no figure before", gained, re.IGNORECASE)
    lost = words(read("/designs/us~table/compare?old=2.0.0&new=1.0.0"))
    assert "2 workshops can no longer make it." in lost
    assert "no figure any more" in lost
    assert "Before:" not in lost
    assert "Table (4,000 × 2,000 × 4 mm) is too large for Laser cutting at South Makers" in lost


def test_unless_named_the_newest_is_compared_with_the_one_before(read):
    page = read(ADDRESS)
    chosen = re.findall(r'<option value="([^"]*)" selected>', page)
    assert chosen == ["1.1.0", "1.2.0"]
    assert "0.9.0" not in re.findall(r'<option value="([^"]*)"', page)


def test_a_fork_is_compared_with_its_source(read):
    page = read("/designs/them~lamp/compare?old=us~lamp@1.0.0&new=1.0.0")
    assert "name Lamp Fork of the lamp" in words(page)
    assert '<option value="us~lamp@1.0.0" selected>Lamp 1.0.0</option>' in page


def test_equal_versions_differ_in_nothing(read):
    assert "Nothing differs that planning or a maker would notice." in words(read(f"{ADDRESS}?old=1.0.0&new=1.0.0"))


def test_one_version_alone_cannot_be_compared(read):
    assert "There is only one version" in words(read("/designs/us~stool/compare"))


@pytest.mark.parametrize("query", ["old=0.9.0&new=1.0.0", "old=9.9.9&new=1.0.0", "old=1.0.0&new=no~no@1.0.0"])
def test_versions_that_are_not_there_are_not_found(client, query):
    assert client.get(f"{ADDRESS}?{query}").status_code == 404


def test_every_field_of_an_operation_and_every_provenance_has_a_name(app):
    with app.test_request_context("/?lang=fr"):
        assert [name for name in Operation.__dataclass_fields__ if field_label(name) == name and "_" in name] == []
        assert provenance_name(Provenance.UNKNOWN) == "inconnu"
