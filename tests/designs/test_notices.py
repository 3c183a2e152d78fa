"""The log of a design: owners, withdrawals, confirmations; added for good, refused when damaged."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from designs.chairs import CHAIR, NOON, chair
from designs.stores import assert_valid, publish

from cosmolocal.designs.bundles import create_root, list_versions, read_history, recover_root
from cosmolocal.designs.notices import NewNotice, add_notice, find_owners, read_notices
from cosmolocal.designs.verify import verify_root
from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import Notice, NoticeKind

OPERATIONS = [{"process": "assembly", "minutes-per-unit": 5, "envelope-mm": [1, 2, 3]}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_root(tmp_path / "designs")
    publish(tmp_path / "designs")
    return tmp_path / "designs"


def notice(root: Path, kind: NoticeKind, **given: Any) -> Notice:
    return add_notice(root, "acme~chair", NewNotice(kind, **{"by": "ada", "at": NOON} | given))


def yank(root: Path, version: str = "1.0.0", reason: str = "the back breaks") -> Notice:
    return notice(root, NoticeKind.YANK, version=version, reason=reason)


def own(root: Path, *owners: str) -> Notice:
    return notice(root, NoticeKind.OWNERS, values={"owners": list(owners)})


def codes(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_notices_are_read_back_as_they_were_added(root: Path):
    added = (
        yank(root),
        own(root, "ada", "Grâce"),
        notice(root, NoticeKind.CONFIRM, version="1.0.0", values={"part": "", "operations": OPERATIONS}),
        notice(root, NoticeKind.UNYANK, version="1.0.0", reason="it was the floor"),
    )
    assert read_notices(root, "acme~chair") == added
    assert [one.number for one in added] == [1, 2, 3, 4]
    assert_valid(root)


def test_a_notice_is_a_file_that_anyone_can_check(root: Path):
    yank(root)
    (path,) = (root / "acme~chair" / "logs").glob("*.json")
    assert json.loads(path.read_text())["reason"] == "the back breaks"
    number, _, digest = path.stem.partition("-")
    assert number == "00001"
    assert len(digest) == 64
    assert (root / "acme~chair" / "logs" / "head").read_text() == f"{path.name}\n"


def test_earlier_notices_never_change(root: Path):
    yank(root)
    before = {path: path.read_bytes() for path in (root / "acme~chair" / "logs").glob("*.json")}
    own(root, "grace")
    assert {path: path.read_bytes() for path in before} == before


def test_who_published_first_owns_the_design_until_a_notice_says_otherwise(root: Path):
    assert find_owners(root, "acme~chair") == ("ada",)
    publish(root, chair("1.1.0"))
    own(root, "grace", "ada")
    own(root, "grace")
    assert find_owners(root, "acme~chair") == ("grace",)


def test_only_owners_release(root: Path):
    with pytest.raises(InputError) as error:
        publish(root, chair("1.1.0"), by="eve")
    assert codes(error) == ["D060"]
    assert "ask ada" in str(error.value)
    own(root, "eve")
    publish(root, chair("1.1.0"), by="eve")
    with pytest.raises(InputError) as error:
        publish(root, chair("1.2.0"))
    assert codes(error) == ["D060"]
    assert list_versions(root, "acme~chair") == ["1.0.0", "1.1.0"]


def test_all_that_is_wrong_with_a_release_is_told_at_once(root: Path):
    with pytest.raises(InputError) as error:
        publish(root, CHAIR + "\n# other bytes", by="eve")
    assert codes(error) == ["D004", "D060"]


def test_a_new_design_of_a_publisher_is_for_owners_of_its_designs(root: Path):
    publish(root, design_id="other~chair", by="eve")
    with pytest.raises(InputError) as error:
        publish(root, design_id="acme~stool", by="eve")
    assert codes(error) == ["D061"]
    own(root, "eve")
    publish(root, design_id="acme~stool", by="eve")
    assert find_owners(root, "acme~stool") == ("eve",)


def test_one_publisher_is_not_the_beginning_of_another(root: Path):
    publish(root, design_id="acme-two~chair", by="eve")
    assert find_owners(root, "acme-two~chair") == ("eve",)


def test_a_version_is_yanked_once_until_it_is_put_back(root: Path):
    assert read_history(root, "acme~chair")[0].yanked is None
    yank(root)
    with pytest.raises(InputError) as error:
        yank(root, reason="again")
    assert codes(error) == ["D064"]
    assert read_history(root, "acme~chair")[0].yanked == "the back breaks"
    notice(root, NoticeKind.UNYANK, version="1.0.0")
    assert read_history(root, "acme~chair")[0].yanked is None
    with pytest.raises(InputError) as error:
        notice(root, NoticeKind.UNYANK, version="1.0.0")
    assert codes(error) == ["D064"]
    yank(root)


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (NoticeKind.YANK, {"version": "1.0.0", "reason": " "}, ["D063"]),
        (NoticeKind.YANK, {"version": "1.0.0", "reason": "\udcff"}, ["D063"]),
        (NoticeKind.YANK, {"version": "1.0.0", "reason": "x" * 2_001}, ["D063"]),
        (NoticeKind.TAKE_DOWN, {"version": "1.0.0"}, ["D063"]),
        (NoticeKind.OWNERS, {"values": {}}, ["D063"]),
        (NoticeKind.OWNERS, {"values": {"owners": []}}, ["D063"]),
        (NoticeKind.OWNERS, {"values": {"owners": "ada"}}, ["D063"]),
        (NoticeKind.OWNERS, {"values": {"owners": ["ada", 3]}}, ["D063"]),
        (NoticeKind.OWNERS, {"values": {"owners": ["ada", "ada"]}}, ["D063"]),
        (NoticeKind.OWNERS, {"values": {"owners": ["", "a\nb"]}}, ["D066", "D066"]),
        (NoticeKind.OWNERS, {"values": {"owners": ["ada"]}, "version": "1.0.0"}, ["D063"]),
        (NoticeKind.OWNERS, {"values": {"owners": ["ada"]}, "by": " ada"}, ["D066"]),
        (NoticeKind.CONFIRM, {"version": "1.0.0", "by": ""}, ["D063", "D063", "D066"]),
        (NoticeKind.CONFIRM, {"version": "1.0.0", "values": {"part": "", "operations": [1]}}, ["D063"]),
    ],
)
def test_a_notice_that_lacks_something_is_refused(root: Path, kind: NoticeKind, given: dict[str, Any], expected):
    with pytest.raises(InputError) as error:
        notice(root, kind, **given)
    assert codes(error) == expected
    assert read_notices(root, "acme~chair") == ()


def test_a_reason_may_have_2000_characters(root: Path):
    assert len(yank(root, reason="x" * 2_000).reason) == 2_000


def test_what_is_so_already_is_told_in_the_words_of_the_pages(root: Path):
    with pytest.raises(InputError, match="is not withdrawn"):
        notice(root, NoticeKind.UNYANK, version="1.0.0")
    yank(root)
    with pytest.raises(InputError, match=r"was withdrawn before \(the back breaks\)"):
        yank(root)


def test_a_value_that_no_json_holds_is_refused_before_it_is_written(root: Path):
    for wrong in (float("nan"), "\udcff"):
        with pytest.raises(ValueError, match=r"JSON|surrogates"):
            notice(root, NoticeKind.CONFIRM, version="1.0.0", values={"part": "", "operations": [{"x": wrong}]})
    assert read_notices(root, "acme~chair") == ()


def test_a_notice_of_what_is_not_there_is_refused(root: Path):
    with pytest.raises(NotFoundError):
        yank(root, "2.0.0")
    with pytest.raises(NotFoundError):
        add_notice(root, "acme~table", NewNotice(NoticeKind.YANK, by="ada", at=NOON, version="1.0.0", reason="x"))
    with pytest.raises(NotFoundError):
        add_notice(root, "../designs", NewNotice(NoticeKind.YANK, by="ada", at=NOON, version="1.0.0", reason="x"))
    with pytest.raises(ValueError, match="time zone"):
        notice(root, NoticeKind.YANK, version="1.0.0", reason="x", at=datetime(2026, 9, 1))


def filled_log(root: Path) -> list[Path]:
    yank(root)
    own(root, "grace")
    notice(root, NoticeKind.UNYANK, version="1.0.0")
    return sorted((root / "acme~chair" / "logs").glob("*.json"))


def is_refused(root: Path) -> bool:
    with pytest.raises(InputError) as error:
        read_notices(root, "acme~chair")
    found = verify_root(root).errors
    return set(codes(error)) == {"D062"} == {problem.code for problem in found}


def test_every_bit_flip_of_a_notice_is_found(root: Path):
    for path in filled_log(root):
        whole = path.read_bytes()
        for position in range(len(whole)):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
            if position % 40 == 0:
                assert is_refused(root)
            assert verify_root(root).errors
        path.write_bytes(whole)
    assert verify_root(root).errors == []


def test_a_gap_a_renamed_and_a_repeated_notice_are_found(root: Path):
    first, second, third = filled_log(root)
    second.rename(root / "kept")
    assert is_refused(root)
    (root / "kept").rename(second)
    third.rename(third.with_name("00004" + third.name[5:]))
    assert is_refused(root)
    third.with_name("00004" + third.name[5:]).rename(third)
    first.with_name("00002" + first.name[5:]).write_bytes(first.read_bytes())
    assert is_refused(root)


def test_every_loss_of_notices_is_found(root: Path):
    """Whichever of the notices and the head are lost, but for the head of nothing and the folder as a whole."""
    notices = filled_log(root)
    files = [*notices, root / "acme~chair" / "logs" / "head"]
    content = {path: path.read_bytes() for path in files}
    for choice in range(1, 2 ** len(files)):
        lost = [path for bit, path in enumerate(files) if choice >> bit & 1]
        for path in lost:
            path.unlink()
        assert is_refused(root), lost
        with pytest.raises(InputError):
            find_owners(root, "acme~chair")
        with pytest.raises(InputError):
            yank(root)
        with pytest.raises(InputError):
            recover_root(root)
        for path in lost:
            path.write_bytes(content[path])
    assert_valid(root)


@pytest.mark.parametrize("wrong", [b"", b"\xff", b"00003", b"none\nnone\n", b"00003-" + b"0" * 64 + b".json\n"])
def test_a_damaged_head_is_found(root: Path, wrong: bytes):
    filled_log(root)
    (root / "acme~chair" / "logs" / "head").write_bytes(wrong)
    assert is_refused(root)


def test_a_head_that_is_behind_is_brought_up_to_the_newest_notice(root: Path):
    """A crash leaves it so between the notice, which counts, and the head."""
    newest = filled_log(root)[-1].name
    head = root / "acme~chair" / "logs" / "head"
    first = sorted(head.parent.glob("*.json"))[0].name
    for behind in ("none", first):
        head.write_text(f"{behind}\n")
        assert_valid(root)
        assert len(read_notices(root, "acme~chair")) == 3
        recover_root(root)
        assert head.read_text() == f"{newest}\n"
    head.write_text(f"{first}\n")
    yank(root)
    assert head.read_text().startswith("00004-")
    assert_valid(root)


def test_a_log_of_others_takes_our_notices_too(root: Path):
    (root / "acme~chair" / "logs").mkdir()
    (root / "acme~chair" / "logs" / "theirs.txt").write_text("theirs")
    assert read_notices(root, "acme~chair") == ()
    yank(root)
    assert len(read_notices(root, "acme~chair")) == 1
    assert_valid(root)


def test_logs_of_others_are_left_alone(root: Path):
    filled_log(root)
    (root / "acme~chair" / "logs" / "2026-01-01.json").write_text("theirs")
    (root / "acme~chair" / "logs" / "audit").mkdir()
    assert len(read_notices(root, "acme~chair")) == 3
    assert_valid(root)
