"""Whatever is done to a store in whatever order: it is what a dictionary would be."""

from pathlib import Path

import pytest
from designs.chairs import CHAIR, NOON, chair
from designs.stores import assert_valid, publish, read_files, staged
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.designs.bundles import create_root, list_designs, list_versions, read_history
from cosmolocal.designs.notices import NewNotice, add_notice, find_owners, take_down
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import NoticeKind

versions = st.sampled_from(["1.0.0", "1.1.0", "2.0.0-rc.1"])
people = st.sampled_from(["ada", "grace"])
steps = st.one_of(
    st.tuples(st.just("publish"), versions, people, st.sampled_from(["", "# other\n"])),
    st.tuples(st.sampled_from(["yank", "unyank", "take down"]), versions),
    st.tuples(st.just("owners"), people),
)


class Model:
    """A store of one design in five dictionaries."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.yanked: dict[str, str] = {}
        self.gone: set[str] = set()
        self.owner: str | None = None

    def allows(self, step: tuple[str, ...]) -> bool:
        """Take the step if it may be taken."""
        act, what, *rest = step
        if act == "owners":
            if self.owner is not None:
                self.owner = what
            return self.owner is not None
        if act == "publish":
            return self._publish(what, *rest)
        if what not in self.texts:
            return False
        if act == "take down":
            del self.texts[what]
            self.gone.add(what)
            return True
        if (what in self.yanked) == (act == "yank"):
            return False
        self.yanked.pop(what) if act == "unyank" else self.yanked.update({what: "why"})
        return True

    def _publish(self, version: str, by: str, extra: str) -> bool:
        text = chair(version) + extra
        if self.texts.get(version) == text:
            return True
        if version in self.texts or version in self.gone or self.owner not in (None, by):
            return False
        self.texts[version] = text
        self.owner = self.owner or by
        return True


def take(root: Path, step: tuple[str, ...]) -> None:
    act, what, *rest = step
    if act == "publish":
        publish(root, chair(what) + rest[1], by=rest[0])
    elif act == "owners":
        add_notice(root, "acme~chair", NewNotice(NoticeKind.OWNERS, by="x", at=NOON, values={"owners": [what]}))
    elif act == "take down":
        take_down(root, "acme~chair", what, by="x", at=NOON, reason="why")
    else:
        add_notice(root, "acme~chair", NewNotice(NoticeKind(act), by="x", at=NOON, version=what, reason="why"))


@settings(max_examples=20)
@given(st.lists(steps, max_size=10))
def test_any_order_of_steps_gives_what_a_dictionary_gives(tmp_path_factory: pytest.TempPathFactory, taken):
    root, model = tmp_path_factory.mktemp("law") / "designs", Model()
    create_root(root)
    for step in taken:
        if model.allows(step):
            take(root, step)
        else:
            with pytest.raises((InputError, NotFoundError)):
                take(root, step)
    assert list_designs(root) == (["acme~chair"] if model.owner else [])
    if model.owner:
        assert find_owners(root, "acme~chair") == (model.owner,)
        assert set(list_versions(root, "acme~chair")) == model.texts.keys()
        history = {release.version: release for release in read_history(root, "acme~chair")}
        assert {version for version, release in history.items() if release.taken_down} == model.gone
        assert {version: r.yanked for version, r in history.items() if r.yanked} == model.yanked
        assert history.keys() == model.texts.keys() | model.gone
    for version, text in model.texts.items():
        assert read_files(root, "acme~chair", version) == {"okh.toml": text.encode(), "drawings/side.svg": b"<svg/>"}
    assert staged(root) == []
    assert_valid(root)


def test_the_model_knows_a_chair():
    assert Model().allows(("publish", "1.0.0", "ada", ""))
    assert chair("1.0.0") == CHAIR
