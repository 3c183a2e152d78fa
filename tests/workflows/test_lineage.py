"""Where designs come from and what came of them."""

from dataclasses import replace

import pytest
from planning.workbench import design

from cosmolocal.errors import NotFoundError
from cosmolocal.planning.bill import Catalogue
from cosmolocal.workflows.lineage import find_lineage, find_newer

WEB = "https://example.org/loom"


def version(name: str, number: str, *sources: str, yanked: str | None = None):
    return replace(design(name, (), version=number), derived_from=sources, yanked=yanked)


STORE = Catalogue(
    (
        version("loom", "1.0.0", WEB),
        version("loom", "1.1.0", WEB),
        version("loom", "1.2.0", yanked="it breaks"),
        version("loom", "2.0.0-rc.1"),
        version("small-loom", "0.1.0", "us~loom@1.0.0"),
        version("small-loom", "0.2.0", "us~loom@1.0.0", "us~rug@9.0.0"),
        version("toy-loom", "1.0.0", "us~small-loom@0.2.0"),
        version("hen", "1.0.0", "us~egg@1.0.0"),
        version("egg", "1.0.0", "us~hen@1.0.0"),
    )
)


@pytest.mark.parametrize(
    ("number", "newer"),
    [("1.0.0", "1.1.0"), ("1.1.0", None), ("1.2.0", None), ("2.0.0-rc.1", None), ("0.5.0", "1.1.0"), ("1.1.0+b", None)],
)
def test_a_newer_version_is_higher_and_not_withdrawn_and_no_preview(number: str, newer: str | None):
    assert find_newer(STORE, "us~loom", number) == newer


def test_of_a_preview_a_later_preview_and_the_release_are_newer():
    store = Catalogue([version("loom", number) for number in ("2.0.0-rc.1", "2.0.0-rc.2")])
    assert find_newer(store, "us~loom", "2.0.0-rc.1") == "2.0.0-rc.2"
    store = Catalogue([version("loom", number) for number in ("2.0.0-rc.1", "2.0.0-rc.2", "2.0.0")])
    assert find_newer(store, "us~loom", "2.0.0-rc.1") == "2.0.0"


def test_sources_are_followed_to_their_ends():
    """The toy comes from the small loom, that from the loom and a rug that is not here, the loom from the web."""
    found = find_lineage(STORE, "us~toy-loom")
    [small] = found["upstream"]
    loom, rug = small["upstream"]
    assert (small["here"], small["newer"], small["name"]) == (True, None, "small-loom")
    assert (loom["source"], loom["here"], loom["newer"]) == ("us~loom@1.0.0", True, "1.1.0")
    assert loom["upstream"] == [{"source": WEB, "kind": "web"}]
    assert (rug["here"], rug["name"], rug["newer"], rug["upstream"]) == (False, None, None, [])


def test_forks_are_found_with_the_versions_they_come_from():
    [small] = find_lineage(STORE, "us~loom")["forks"]
    assert (small["id"], small["versions"]) == (
        "us~small-loom",
        [
            {"version": "0.1.0", "from": ["1.0.0"], "yanked": None},
            {"version": "0.2.0", "from": ["1.0.0"], "yanked": None},
        ],
    )
    assert [fork["id"] for fork in small["forks"]] == ["us~toy-loom"]


def test_what_is_derived_has_its_source_as_fork_of_it():
    """Every design of which a version derives from one that is here is a fork of that one, and the other way round."""
    ups = {
        (design_id, source["id"])
        for design_id in STORE.versions
        for number in STORE.versions[design_id]
        for source in find_lineage(STORE, f"{design_id}@{number}")["upstream"]
        if source["kind"] == "design" and source["id"] in STORE.versions
    }
    downs = {
        (fork["id"], design_id) for design_id in STORE.versions for fork in find_lineage(STORE, design_id)["forks"]
    }
    assert ups == downs != set()


def test_a_circle_ends_where_it_closes():
    found = find_lineage(STORE, "us~hen")
    [egg] = found["upstream"]
    [hen] = egg["upstream"]
    assert (egg["again"], hen["again"], hen["upstream"]) == (False, True, [])
    [fork] = found["forks"]
    assert (fork["id"], fork["again"], fork["forks"][0]["again"], fork["forks"][0]["forks"]) == (
        "us~egg",
        False,
        True,
        [],
    )


def test_a_withdrawn_version_is_found_when_named_and_says_why():
    assert find_lineage(STORE, "us~loom@1.2.0")["yanked"] == "it breaks"
    assert find_lineage(STORE, "us~loom")["design"] == "us~loom@1.1.0"


@pytest.mark.parametrize("name", ["us~lamp", "us~loom@9.0.0"])
def test_what_is_not_there_is_not_found(name: str):
    with pytest.raises(NotFoundError):
        find_lineage(STORE, name)
