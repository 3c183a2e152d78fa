"""What a licence means, in a sentence."""

import doctest

import pytest
from packaging.licenses import canonicalize_license_expression

from cosmolocal.designs import licence_terms
from cosmolocal.designs.licence_terms import TERMS, find_kinds, find_terms


def test_examples_in_the_documentation_hold():
    assert doctest.testmod(licence_terms).failed == 0


@pytest.mark.parametrize(
    "name", ["CERN-OHL-S-2.0", "CERN-OHL-1.2", "TAPR-OHL-1.0", "CC-BY-4.0", "GPL-3.0-or-later", "Apache-2.0", "0BSD"]
)
def test_licences_of_open_hardware_have_a_sentence(name: str):
    assert canonicalize_license_expression(name) == name
    ((found, gist),) = find_terms(name)
    assert found == name
    assert gist


def test_the_most_special_sentence_counts():
    ((_, gist),) = find_terms("CC-BY-NC-SA-4.0")
    assert gist == TERMS["CC-BY-NC-SA-"]


def test_each_licence_of_an_expression_is_named_once_and_exceptions_are_none():
    found = find_terms("(MIT OR CERN-OHL-P-2.0) AND MIT AND GPL-2.0-only WITH Classpath-exception-2.0")
    assert [name for name, _ in found] == ["MIT", "CERN-OHL-P-2.0", "GPL-2.0-only"]


def test_a_licence_that_nobody_wrote_down_has_no_sentence():
    assert find_terms("LicenseRef-House") == (("LicenseRef-House", None),)
    assert find_terms(None) == ()


def test_every_licence_with_a_sentence_has_its_kind_and_the_two_agree():
    """The words that ask for something stand in the sentences of exactly the licences of their kind."""
    kinds = {start: find_kinds(f"{start}1.0" if start.endswith("-") else start) for start in TERMS}
    assert {start for start, kind in kinds.items() if len(kind) != 1} == set()
    for start, sentence in TERMS.items():
        assert ("without any condition" in sentence) == (kinds[start] == ("no conditions",)), start
        assert ("asks its authors first" in sentence or "ask its authors" in sentence) == (
            kinds[start] == ("non-commercial",)
        ), start
        assert ("notices stay" in sentence) == (kinds[start] == ("notices stay",)), start
