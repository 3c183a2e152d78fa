"""Withdrawing, offering again, owners, taking down and reporting makes: forms with their consequences."""

import pytest
from web.accounts import add_person, client_as, post
from web.design_shop import NAUGHTY, make_shop
from web.test_designs import harmful, words

from cosmolocal.designs.notices import find_owners, read_notices
from cosmolocal.records import Role

LAMP = "/designs/us~lamp/1.1.0"


@pytest.fixture
def app(tmp_path):
    return make_shop(tmp_path / "region")


@pytest.fixture
def owner(app):
    return client_as(app, "ada", Role.MAKER)


@pytest.fixture
def root(app):
    return client_as(app, "root", Role.ADMINISTRATOR)


def store(app):
    return app.extensions["workspace"].folder / "designs"


def test_before_withdrawing_it_is_said_who_keeps_it_and_who_takes_another(owner):
    text = words(owner.get(f"{LAMP}/yank").text)
    assert "1 order names exactly this version; it keeps it: PIN (all)" in text
    assert "1 order takes version 1.0.0 instead: ANY (all)" in text
    assert "For 1 order no version is left: LATE (all)" in text
    assert "us~set@1.0.0 has it in its bill of materials, and takes version 1.0.0 instead." in text


def test_where_no_version_is_left_that_is_said(owner):
    text = words(owner.get("/designs/us~stool/1.0.0/yank").text)
    assert "For 1 order no version is left: SIT (all)" in text


def test_withdrawing_needs_a_reason_and_keeps_the_page(app, owner):
    before = read_notices(store(app), "us~lamp")
    answer = post(owner, f"{LAMP}/yank", {"reason": "  "})
    assert answer.status_code == 422
    assert "is empty; people who rely on the version are told why it goes" in words(answer.text)
    assert read_notices(store(app), "us~lamp") == before


def test_a_withdrawn_version_can_be_offered_again(owner, read):
    answer = post(owner, f"{LAMP}/yank", {"reason": "Bolts come loose."})
    assert answer.headers["Location"] == f"{LAMP}/?done=yanked"
    page = words(read(answer.headers["Location"]))
    assert "The version is withdrawn. New plans do not take it." in page
    assert "This version was withdrawn: Bolts come loose." in page
    assert "<small>1.0.0</small>" in read("/designs/us~lamp/")
    assert "It was withdrawn: Bolts come loose." in words(owner.get(f"{LAMP}/yank").text)
    again = post(owner, f"{LAMP}/unyank", {"reason": "Use glue."})
    assert again.headers["Location"] == f"{LAMP}/?done=unyanked"
    assert "was withdrawn" not in words(read(again.headers["Location"]))


def test_withdrawing_twice_is_refused_with_a_sentence(owner):
    post(owner, f"{LAMP}/yank", {"reason": "Bolts come loose."})
    answer = post(owner, f"{LAMP}/yank", {"reason": "Again."})
    assert answer.status_code == 422
    assert "was withdrawn before (Bolts come loose.)" in words(answer.text)


def test_owners_are_added_and_removed_one_by_one(app, owner):
    add_person(app, "ben", Role.MAKER)
    assert post(owner, "/designs/us~lamp/owners", {"add": " ben "}).status_code == 303
    assert find_owners(store(app), "us~lamp") == ("ada", "ben")
    assert "ada you Remove ada ben Remove ben" in words(owner.get("/designs/us~lamp/owners").text)
    assert post(owner, "/designs/us~lamp/owners", {"remove": "ada"}).status_code == 303
    assert find_owners(store(app), "us~lamp") == ("ben",)
    assert owner.get("/designs/us~lamp/owners").status_code == 403


@pytest.mark.parametrize("name", ["nobody-here", "", NAUGHTY])
def test_only_somebody_with_an_account_becomes_an_owner(app, owner, name):
    """Else whoever took that name later would own the design."""
    answer = post(owner, "/designs/us~lamp/owners", {"add": name})
    assert answer.status_code == 422
    assert "There is nobody here called" in words(answer.text)
    assert harmful(answer.text) == []
    assert find_owners(store(app), "us~lamp") == ("ada",)


def test_the_last_owner_and_one_named_twice_are_refused(app, owner):
    assert post(owner, "/designs/us~lamp/owners", {"remove": "ada"}).status_code == 422
    assert post(owner, "/designs/us~lamp/owners", {"add": "ada"}).status_code == 422
    assert find_owners(store(app), "us~lamp") == ("ada",)
    assert "the last one cannot be removed" in words(owner.get("/designs/us~lamp/owners").text)


@pytest.mark.parametrize(
    "sent", [{"reason": "Not ours."}, {"reason": "Not ours.", "typed": "us~lamp"}, {"typed": "us~lamp@1.1.0"}]
)
def test_taking_down_wants_a_reason_and_the_name_typed(root, client, sent):
    answer = post(root, f"{LAMP}/take-down", sent)
    assert answer.status_code == 422
    assert client.get(f"{LAMP}/files/picture.svg", buffered=True).status_code == 200


def test_taking_down_removes_the_files_and_says_so(root, client):
    assert "3 orders take this version now, and lose it: ANY (all) , PIN (all) , LATE (all)" in words(
        root.get(f"{LAMP}/take-down").text
    )
    answer = post(root, f"{LAMP}/take-down", {"reason": "Not ours.", "typed": "us~lamp@1.1.0"})
    gone = client.get(answer.headers["Location"])
    assert gone.status_code == 410
    assert "Not ours." in words(gone.text)
    assert client.get(f"{LAMP}/files/picture.svg").status_code == 410
    assert root.get(f"{LAMP}/take-down").status_code == 404


def test_only_administrators_take_down(owner):
    assert owner.get(f"{LAMP}/take-down").status_code == 403


def test_a_make_is_noted_with_its_sum_by_version(owner, read):
    post(owner, "/designs/us~lamp/1.0.0/report-make", {"quantity": "3"})
    sent = {"quantity": "12", "date": "2026-09-01", "place": "north", "note": NAUGHTY}
    answer = post(owner, f"{LAMP}/report-make", sent)
    assert answer.headers["Location"] == f"{LAMP}/?done=made"
    page = read(answer.headers["Location"])
    text = words(page)
    assert "12 units of version 1.1.0 · 3 units of version 1.0.0" in text
    assert "1 Sept 2026 12 1.1.0 North Makers ada" in text
    assert "Made so far 12 units 15 of all versions" in text
    assert harmful(page) == []


def test_a_make_that_cannot_be_is_refused_beside_its_field(owner):
    sent = {"quantity": "none", "date": "2999-01-01", "place": "moon", "note": "kept"}
    answer = post(owner, f"{LAMP}/report-make", sent)
    assert answer.status_code == 422
    for name in ("quantity", "date", "place"):
        assert f'id="fault-{name}-1"' in answer.text
    assert "kept" in answer.text


def test_a_version_shows_each_person_what_that_person_may_do(app, owner, root, read):
    links = {"yank", "owners", "take-down", "report-make", "confirm"}

    def offered(page: str) -> set[str]:
        return {name for name in links if f"{LAMP}/{name}" in page or f"us~lamp/{name}" in page}

    assert offered(owner.get(f"{LAMP}/").text) == links - {"take-down"}
    assert offered(root.get(f"{LAMP}/").text) == links
    assert offered(read(f"{LAMP}/")) == set()
    assert offered(client_as(app, "wim", Role.WORKSHOP, workshop="north").get(f"{LAMP}/").text) == {
        "report-make",
        "confirm",
    }


def test_a_form_without_its_token_changes_nothing(app, owner):
    before = read_notices(store(app), "us~lamp")
    assert owner.post(f"{LAMP}/yank", data={"reason": "forged"}).status_code == 400
    assert read_notices(store(app), "us~lamp") == before
