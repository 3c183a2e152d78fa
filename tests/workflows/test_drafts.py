"""Drafts in their folders: whose they are, what they take, and that nothing half-made stays."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from cli.small_region import MANIFEST, write_lamp
from designs.chairs import NOON
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.designs.editing import Typed
from cosmolocal.errors import ForbiddenError, InputError, NotFoundError
from cosmolocal.records import Person, Role
from cosmolocal.workflows import draft_contents, draft_forms, drafts
from cosmolocal.workflows.draft_publishing import check_draft
from cosmolocal.workflows.drafts import Draft
from cosmolocal.workflows.incoming import Incoming, TooLargeError, write_text

ADA = Person("ada", "Ada", frozenset({Role.MAKER}))
BEN = Person("ben", "Ben", frozenset({Role.MAKER}))
EVE = Person("eve", "Eve", frozenset({Role.VIEWER}))
LAMP = MANIFEST.format(version="1.0.0", minutes="20").encode()


@pytest.fixture
def region(tmp_path: Path) -> Path:
    create_root(tmp_path / "designs")
    return tmp_path


@pytest.fixture
def draft(region: Path) -> Draft:
    return drafts.create_draft(region, ADA)


def add(draft: Draft, path: str, data: bytes = b"x", unpack: bool = True) -> list[str]:
    incoming = Incoming(draft.incoming, path)
    try:
        incoming.receive(io.BytesIO(data), len(data))
        return draft_contents.add_file(draft, incoming, unpack)
    finally:
        incoming.drop()


def paths(draft: Draft) -> list[str]:
    return [file.path for file in draft_contents.list_files(draft)]


def test_a_draft_is_its_owner_s(region, draft):
    assert drafts.open_draft(region, draft.id, ADA).owner == "ada"
    assert drafts.list_drafts(region, ADA) == [drafts.open_draft(region, draft.id, ADA)]
    assert drafts.list_drafts(region, BEN) == []
    for name in (draft.id, "../designs", "", "0" * 32):
        with pytest.raises(NotFoundError):
            drafts.open_draft(region, name, BEN)


def test_only_makers_begin_drafts_and_only_owners_those_of_a_design(region, tmp_path):
    bundle = write_lamp(tmp_path / "lamp", "1.0.0")
    publish_bundle(region / "designs", "us~lamp", bundle, message="", created=NOON, by="ada")
    with pytest.raises(ForbiddenError):
        drafts.create_draft(region, EVE)
    with pytest.raises(ForbiddenError):
        drafts.create_draft(region, BEN, "us~lamp@1.0.0")
    assert paths(drafts.create_draft(region, ADA, "us~lamp@1.0.0")) == ["okh.toml"]


def test_a_draft_takes_so_many_files_and_bytes_and_no_more(draft, monkeypatch):
    monkeypatch.setattr(draft_contents, "MAX_FILES", 2)
    monkeypatch.setattr(draft_contents, "MAX_BYTES", 10)
    add(draft, "a.txt", b"12345")
    add(draft, "b.txt", b"12345")
    with pytest.raises(InputError) as too_many:
        add(draft, "c.txt")
    assert [problem.code for problem in too_many.value.problems] == ["U061"]
    with pytest.raises(TooLargeError):
        add(draft, "b.txt", b"123456")
    assert draft_contents.room_left(draft) == 0
    assert [file.size_bytes for file in draft_contents.list_files(draft)] == [5, 5]
    assert list(draft.incoming.iterdir()) == []


def test_nothing_of_a_file_that_grows_too_large_stays(draft):
    incoming = Incoming(draft.incoming, "a.txt", limit=10)
    with pytest.raises(TooLargeError):
        incoming.receive(io.BytesIO(b"x" * 11))
    incoming.drop()
    assert list(draft.incoming.iterdir()) == []


def test_folders_go_with_their_last_file(draft):
    add(draft, "a/b/c.txt")
    add(draft, "a/d.txt")
    draft_contents.remove_file(draft, "a/b/c.txt")
    assert [path.name for path in (draft.files / "a").iterdir()] == ["d.txt"]
    draft_contents.remove_file(draft, "a/d.txt")
    assert list(draft.files.iterdir()) == []
    with pytest.raises(NotFoundError):
        draft_contents.remove_file(draft, "../draft.json")


def test_a_published_draft_changes_no_more(region, draft):
    add(draft, "okh.toml", LAMP)
    calls = []

    def publish(now: Draft):
        calls.append(now.id)
        return {"id": "us~lamp", "version": "1.0.0", "is_new": True}

    assert drafts.finish_draft(draft, publish)["is_new"]
    assert not drafts.finish_draft(draft, publish)["is_new"]
    assert len(calls) == 1
    with pytest.raises(InputError) as refused:
        add(draft, "b.txt")
    assert [problem.code for problem in refused.value.problems] == ["U065"]
    assert drafts.list_drafts(region, ADA) == []


def test_a_draft_whose_publishing_fails_stays_as_it_is(draft):
    add(draft, "okh.toml", LAMP)

    def publish(_: Draft):
        raise InputError([])

    with pytest.raises(InputError):
        drafts.finish_draft(draft, publish)
    assert paths(draft) == ["okh.toml"]


def test_saving_what_is_shown_leaves_the_manifest_byte_for_byte(draft):
    add(draft, "okh.toml", LAMP)
    base, typed = draft_forms.show_form(draft)
    draft_forms.save_form(draft, base, typed)
    assert (draft.files / "okh.toml").read_bytes() == LAMP


def test_an_edit_is_shown_after_it_is_saved(draft):
    base, typed = draft_forms.show_form(draft)
    draft_forms.save_form(draft, base, replace(typed, fields={"name": "Stool", "version": "?"}))
    base, typed = draft_forms.show_form(draft)
    assert (typed.fields["name"], typed.fields["version"]) == ("Stool", "?")
    assert base


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
@settings(max_examples=30)
def test_any_words_survive_being_typed(words):
    typed = Typed({"function": words}).clean()
    assert drafts._typed(drafts._plain(typed)).clean() == typed


def test_a_text_replaces_another_whole_or_not_at_all(tmp_path):
    write_text(tmp_path / "a.txt", "first")
    write_text(tmp_path / "a.txt", "second")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "second"


def zipped(**names: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, data in names.items():
            writer.writestr(name, data)
    return archive.getvalue()


def left_out(region: Path, draft: Draft) -> list[str]:
    return [one["where"] for one in check_draft(region, draft, ADA)["warnings"] if one["code"] == "U030"]


def test_what_is_no_part_of_a_design_is_left_out_of_a_draft_and_its_report_says_so(region, draft):
    assert add(draft, "okh.toml", LAMP) == ["okh.toml"]
    assert left_out(region, draft) == []
    for path in (".git/config", ".git/hooks/post-checkout", "parts/.DS_Store"):
        assert add(draft, path) == []
    assert add(draft, "a.zip", zipped(**{"lamp/a.stl": b"x", "lamp/.gitignore": b"y"})) == ["a.stl"]
    assert add(draft, ".github/b.zip", zipped(a=b"x")) == []
    assert paths(draft) == ["a.stl", "okh.toml"]
    assert left_out(region, draft) == [".git/", ".DS_Store", ".gitignore", ".github/"]
    assert check_draft(region, draft, ADA)["ok"]


@pytest.mark.parametrize("path", [".htaccess", "../.git/config", ".github/../x", "/.DS_Store", ".github/a\nb"])
def test_other_hidden_names_and_ways_out_are_refused_by_a_draft(draft, path):
    with pytest.raises(InputError):
        add(draft, path)
    assert paths(draft) == []


def test_nobody_else_on_the_machine_reads_drafts(region, draft):
    (region / "build").chmod(0o755)
    draft_forms.save_form(draft, "", Typed({"name": "Lamp"}))
    add(draft, "drawings/a.svg")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("parts/b.txt", "b")
        writer.writestr(".gitignore", "*")
    add(draft, "all.zip", archive.getvalue())
    bundle = write_lamp(region / "lamp", "1.0.0")
    publish_bundle(region / "designs", "us~lamp", bundle, message="", created=NOON, by="ada")
    drafts.create_draft(region, ADA, "us~lamp@1.0.0")
    waiting = Incoming(region / drafts.INCOMING, "a.txt")
    top = region / drafts.FOLDER
    found = {path.relative_to(region).as_posix(): path.stat().st_mode & 0o777 for path in (top, *top.rglob("*"))}
    waiting.drop()
    assert len(found) > 12
    for path, mode in found.items():
        assert mode == (0o700 if (region / path).is_dir() else 0o600), path
