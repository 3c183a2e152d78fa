"""Publishing on the web: one form, a draft that loses nothing, a check report, one release."""

import errno
import re
import threading
import time
from pathlib import Path

import pytest
from web.accounts import client_as, csrf_token, post
from web.drafts import LAMP, TYPED, app, put, send, send_files, zipped

from cosmolocal.designs.bundles import list_versions, open_file, read_bundle
from cosmolocal.designs.notices import find_owners
from cosmolocal.records import Role
from cosmolocal.web.publishing_view import find_field
from cosmolocal.workflows import draft_contents, draft_publishing, drafts, incoming

__all__ = ["app"]
NAUGHTY = Path(__file__).parents[3] / "shared/data/hostile/naughty-strings"
WORDS = (
    "\x00",
    "'; DROP TABLE",
    "<script>alert(1)</script>",
    "\u202e",
    "ﷺ" * 40,
    "{{ 7*7 }}",
    "../../x",
    "1e999",
    "𝕏" * 9,
)


@pytest.fixture
def maker(app):
    return client_as(app, "ada", Role.MAKER)


@pytest.fixture
def root(app):
    return app.extensions["workspace"].folder / "designs"


def start(client, fields=None, **files) -> str:
    """Return the address of a new draft."""
    answer = send(client, "/drafts/", fields or {}, **files)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].partition("#")[0]


def base_of(page: str) -> str:
    return re.search(r'name="base" value="([^"]*)"', page)[1]


def shown(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def publish(client, address: str, fields=None):
    page = shown(client, address)
    typed = fields or values_of(page)
    return send(client, address, {**typed, "base": base_of(page), "do": "publish"})


def values_of(page: str) -> dict[str, str]:
    """Return what the fields of a page hold, as a browser would send them back."""
    inputs = re.findall(r'<input id="field-[^"]+" name="([^"]+)" type="(?:text|url)" value="([^"]*)"', page)
    areas = re.findall(r'<textarea id="field-[^"]+" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', page)
    selects = re.findall(r'<select id="field-[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', page, re.S)
    chosen = {name: (re.findall(r'value="([^"]*)" selected', options) or [""])[-1] for name, options in selects}
    return dict(inputs) | dict(areas) | chosen


def test_what_is_typed_and_sent_becomes_a_release(maker, root):
    address = start(maker, TYPED, drawing_svg=b"<svg/>")
    assert "It can be published." in shown(maker, address)
    answer = publish(maker, address)
    assert answer.headers["Location"] == "/designs/ada~stool/1.0.0/?done=published"
    assert [file.path for file in read_bundle(root, "ada~stool", "1.0.0")] == ["drawing.svg", "okh.toml"]
    assert find_owners(root, "ada~stool") == ("ada",)
    assert shown(maker, "/designs/ada~stool/").count("Stool") > 0


def test_an_uploaded_manifest_that_nobody_edits_stays_byte_for_byte(maker, root):
    address = start(maker, okh_toml=LAMP, a_txt=b"a")
    for _ in range(2):
        page = shown(maker, address)
        assert 'value="Lamp"' in page
        send(maker, address, {**values_of(page), "base": base_of(page)})
    publish(maker, address)
    assert open_file(root, "us~lamp", "1.0.0", "okh.toml").read_bytes() == LAMP


def test_an_edited_field_is_written_into_the_manifest(maker, root):
    address = start(maker, okh_toml=LAMP)
    page = shown(maker, address)
    publish(maker, address, values_of(page) | {"function": "Gives warm light.", "organization": "Lamp House"})
    text = open_file(root, "lamp-house~lamp", "1.0.0", "okh.toml").read_text()
    assert 'function = "Gives warm light."' in text
    assert "minutes-per-unit = 20" in text


def test_a_manifest_that_comes_after_typing_fills_in_only_what_was_not_typed(maker):
    address = start(maker)
    assert put(maker, address, "okh.toml", LAMP).status_code == 200
    send(maker, address, {"base": "", "function": "Typed while it came."})
    fields = values_of(shown(maker, address))
    assert (fields["name"], fields["function"]) == ("Lamp", "Typed while it came.")


def test_a_form_that_was_open_while_the_manifest_changed_overwrites_only_what_was_edited(maker):
    address = start(maker, okh_toml=LAMP)
    page = shown(maker, address)
    for version in (b'version = "1.1.0"', b'version = "1.2.0"'):
        put(maker, address, "okh.toml", LAMP.replace(b'version = "1.0.0"', version))
    send(maker, address, {**values_of(page), "base": base_of(page), "function": "Edited."})
    fields = values_of(shown(maker, address))
    assert (fields["version"], fields["function"]) == ("1.2.0", "Edited.")


def test_two_open_forms_do_not_undo_each_other(maker):
    address = start(maker, okh_toml=LAMP)
    page = shown(maker, address)
    typed = {**values_of(page), "base": base_of(page)}
    send(maker, address, typed | {"function": "Edited here."})
    send(maker, address, typed | {"organization": "Edited there"})
    fields = values_of(shown(maker, address))
    assert (fields["function"], fields["organization"]) == ("Edited here.", "Edited there")


def test_a_manifest_of_another_format_fills_in_the_form_and_is_kept(maker, root):
    foreign = (
        b"title: Press\ndescription: Presses oil.\nlicense: {hardware: CERN-OHL-S-2.0}\n"
        b"project-link: https://example.org/press\nlicensor: {name: Ana}\n"
    )
    address = start(maker)
    put(maker, address, "okh-press.yml", foreign)
    page = shown(maker, address)
    assert values_of(page)["name"] == "Press"
    assert "It cannot be published yet." in page
    publish(maker, address, values_of(page) | {"version": "1.0.0"})
    assert open_file(root, "ana~press", "1.0.0", "okh-press.yml").read_bytes() == foreign


def test_each_problem_stands_beside_its_field(maker):
    address = start(maker, TYPED | {"version": "one", "operation-0-minutes-per-unit": "soon", "line-0-quantity": "0"})
    page = shown(maker, address)
    for name in ("version", "operation-0-minutes-per-unit", "line-0-quantity"):
        assert f'href="#field-{name}"' in page
        assert re.search(rf'id="field-{name}"[^>]*aria-invalid="true"', page), name
    assert ">Publish version" not in page
    assert values_of(page)["operation-0-minutes-per-unit"] == "soon"


def test_a_name_in_other_letters_needs_an_id_and_two_of_them_do_not_meet(maker, root):
    for name, design_id in (("كرسي", "ada~chair"), ("طاولة", "ada~table")):
        address = start(maker, TYPED | {"name": name})
        page = shown(maker, address)
        assert re.search(r'id="field-design-id"[^>]*aria-invalid="true"', page)
        assert f"found &#39;{name}&#39;; an id is written in letters a to z" in page
        answer = publish(maker, address, values_of(page) | {"design-id": design_id})
        assert answer.headers["Location"] == f"/designs/{design_id}/1.0.0/?done=published"
    assert list_versions(root, "ada~chair") == list_versions(root, "ada~table") == ["1.0.0"]


def test_the_id_that_the_names_make_is_proposed(maker):
    page = shown(maker, start(maker, TYPED))
    assert re.search(r'id="field-design-id"[^>]*value=""[^>]*placeholder="ada~stool"', page)


def test_a_wrong_value_of_an_uploaded_manifest_is_shown_and_stays_until_it_is_mended(maker):
    address = start(maker, okh_toml=LAMP.replace(b"minutes-per-unit = 20", b'minutes-per-unit = "soon"'))
    for _ in range(2):
        page = shown(maker, address)
        assert values_of(page)["operation-0-minutes-per-unit"] == "soon"
        send(maker, address, {**values_of(page), "base": base_of(page)})


def test_what_is_unknown_is_said_and_stops_nothing(maker):
    address = start(maker, TYPED | {"operation-0-minutes-per-unit": ""})
    page = shown(maker, address)
    assert "Not known yet" in page
    assert "seat: minutes" in page
    assert ">Publish version" in page


def test_a_wrong_file_is_told_and_all_else_is_kept(maker):
    answer = send_files(maker, "/drafts/", TYPED, {"good.txt": b"a", "CON.txt": b"b", "../up.txt": b"c"})
    assert answer.status_code == 422
    assert "All that you typed, and all other files, are kept." in answer.text
    assert values_of(answer.text)["name"] == "Stool"
    assert ">good.txt</th>" in answer.text
    assert ">CON.txt</th>" not in answer.text


def test_a_zip_is_unpacked_unless_it_is_wished_to_stay(maker):
    archive = zipped({"lamp/okh.toml": LAMP, "lamp/parts/a.txt": b"a"})
    address = start(maker)
    assert put(maker, address, "lamp.zip", archive).json["files"] == ["okh.toml", "parts/a.txt"]
    assert put(maker, address, "source.zip", archive, "?unpack=0").json["files"] == ["source.zip"]


def test_a_hostile_archive_harms_nothing(maker):
    address = start(maker, TYPED, a_txt=b"a")
    answer = put(maker, address, "bad.zip", zipped({"../../evil": b"x"}))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [one["code"] for one in answer.json["problems"]]
    assert put(maker, address, "none.zip", b"no zip").status_code == 422
    assert ">a.txt</th>" in shown(maker, address)


def test_files_are_replaced_and_taken_out(maker):
    address = start(maker, TYPED, a_txt=b"a", b_txt=b"b")
    assert put(maker, address, "a.txt", b"longer").status_code == 200
    page = shown(maker, address)
    send(maker, address, {**values_of(page), "base": base_of(page), "remove": "b.txt"})
    headers = {"X-CSRFToken": csrf_token(maker)}
    assert maker.delete(f"{address}/files/okh.toml", headers=headers).status_code == 204
    assert maker.delete(f"{address}/files/okh.toml", headers=headers).status_code == 404
    assert re.findall(r'<tr><th scope="row">([^<]+)', shown(maker, address)) == ["a.txt"]


def test_names_that_fall_together_are_refused(maker):
    address = start(maker, TYPED, a_txt=b"a")
    assert put(maker, address, "A.txt", b"a").status_code == 422
    assert put(maker, address, "a.txt/b", b"a").status_code == 422


def test_a_new_version_begins_with_the_files_and_fields_of_the_last(maker, root):
    publish(maker, start(maker, TYPED, drawing_svg=b"<svg/>"))
    page = shown(maker, "/designs/ada~stool/new-version")
    fields = values_of(page)
    assert (fields["name"], fields["version"], fields["operation-0-minutes-per-unit"]) == ("Stool", "", "12.5")
    typed = fields | {"version": "1.1.0", "changes": "rounder", "base": base_of(page), "after": "ada~stool@1.0.0"}
    answer = send(maker, "/drafts/", typed | {"keep": "1"})
    publish(maker, answer.headers["Location"].partition("#")[0])
    assert list_versions(root, "ada~stool") == ["1.0.0", "1.1.0"]
    assert "drawing.svg" in [file.path for file in read_bundle(root, "ada~stool", "1.1.0")]
    assert 'changes = "rounder"' in open_file(root, "ada~stool", "1.1.0", "okh.toml").read_text()


def test_the_same_bytes_again_say_so_and_other_bytes_are_a_conflict(maker, root):
    publish(maker, start(maker, okh_toml=LAMP))
    again = start(maker, okh_toml=LAMP)
    assert "publishing it again changes nothing" in shown(maker, again)
    assert publish(maker, again).headers["Location"] == again
    assert "Publishing the same again changed nothing." in shown(maker, again)
    other = start(maker, okh_toml=LAMP, more_txt=b"more")
    page = shown(maker, other)
    assert "a version never changes" in page
    assert 'href="#field-version"' in page
    assert publish(maker, other).status_code == 422
    assert list_versions(root, "us~lamp") == ["1.0.0"]


def test_a_double_click_publishes_once(app, maker, root):
    address = start(maker, okh_toml=LAMP)
    page = shown(maker, address)
    typed = {**values_of(page), "base": base_of(page), "do": "publish"}
    clients = [client_as(app, "ada", Role.MAKER) for _ in range(5)]
    answers = []
    threads = [threading.Thread(target=lambda one=one: answers.append(send(one, address, typed))) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert list_versions(root, "us~lamp") == ["1.0.0"]
    assert send(maker, address, typed).headers["Location"] == "/designs/us~lamp/1.0.0/?done=published"


def test_a_draft_is_only_there_for_its_owner_and_administrators(app, maker):
    address = start(maker, TYPED)
    other = client_as(app, "ben", Role.MAKER)
    assert other.get(address).status_code == 404
    assert put(other, address, "a.txt", b"a").status_code == 404
    assert send(other, address, TYPED).status_code == 404
    assert "Stool" not in shown(other, "/drafts/")
    assert client_as(app, "root", Role.ADMINISTRATOR).get(address).status_code == 200
    assert client_as(app, "vera", Role.VIEWER).get(address).status_code == 403
    assert app.test_client().get(address).status_code == 303
    signed_out = app.test_client().put(f"{address}/files/a.txt", data=b"a")
    assert (signed_out.status_code, signed_out.json["detail"]) == (401, "You have to sign in for this.")


def test_a_design_of_others_cannot_be_continued(app, maker, root):
    publish(maker, start(maker, okh_toml=LAMP))
    other = client_as(app, "ben", Role.MAKER)
    assert other.get("/designs/us~lamp/new-version").status_code == 403
    assert send(other, "/drafts/", {"keep": "1", "after": "us~lamp@1.0.0"}).status_code == 403
    address = start(other, okh_toml=LAMP.replace(b'version = "1.0.0"', b'version = "2.0.0"'))
    assert "only its owners release it" in shown(other, address)
    assert publish(other, address).status_code == 422
    assert list_versions(root, "us~lamp") == ["1.0.0"]


def test_forms_need_their_token(maker):
    address = start(maker, TYPED)
    assert maker.post(address, data={"name": "x"}).status_code == 400
    assert maker.post("/drafts/", data={"name": "x"}).status_code == 400
    assert maker.put(f"{address}/files/a.txt", data=b"a").status_code == 400
    stale = maker.delete(f"{address}/files/okh.toml")
    assert (stale.status_code, stale.mimetype) == (400, "application/problem+json")
    assert maker.post(f"{address}/discard").status_code == 400
    assert "Stool" in shown(maker, address)


def test_a_draft_can_be_thrown_away(maker):
    address = start(maker, TYPED)
    assert post(maker, f"{address}/discard").status_code == 303
    assert maker.get(address).status_code == 404
    assert send(maker, address, TYPED).status_code == 404


def test_a_body_that_says_it_is_too_large_is_refused_unread(maker):
    address = start(maker, TYPED)

    class Unread:
        def read(self, *_):
            raise AssertionError("it was read")

    headers = {"X-CSRFToken": csrf_token(maker)}
    told = {"CONTENT_LENGTH": str(incoming.MAX_BYTES + 1), "wsgi.input": Unread()}
    answer = maker.put(f"{address}/files/a.bin", headers=headers, environ_overrides=told)
    assert answer.status_code == 413
    assert answer.json["problems"][0]["code"] == "U060"
    kind = "multipart/form-data; boundary=x"
    told |= {"CONTENT_LENGTH": str(3 * incoming.MAX_BYTES)}
    assert maker.post(address, content_type=kind, environ_overrides=told).status_code == 413


def test_a_body_that_lies_about_its_size_is_refused(maker, monkeypatch):
    address = start(maker, TYPED)
    headers = {"X-CSRFToken": csrf_token(maker)}
    less = {"CONTENT_LENGTH": "100"}
    answer = maker.put(f"{address}/files/a.bin", data=b"x" * 10, headers=headers, environ_overrides=less)
    assert (answer.status_code, answer.json["problems"][0]["code"]) == (422, "U063")
    monkeypatch.setattr(draft_contents, "room_left", lambda _: 1000)
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    answer = maker.put(f"{address}/files/a.bin", data=b"x" * 5000, headers=headers, environ_overrides=chunked)
    assert (answer.status_code, answer.json["problems"][0]["code"]) == (413, "U060")
    folder = Path(maker.application.extensions["workspace"].folder, drafts.FOLDER)
    assert [*folder.glob("*/incoming/*"), *folder.glob("incoming/*")] == []
    assert "a.bin" not in shown(maker, address)


class FullDisk:
    """A file on a disk that has no room for it."""

    def write(self, _: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        pass


def test_a_full_disk_is_said_and_harms_nothing(maker, monkeypatch):
    address = start(maker, TYPED, a_txt=b"a")
    monkeypatch.setattr(incoming, "create_file", lambda _: FullDisk())
    answer = put(maker, address, "b.txt", b"b")
    assert (answer.status_code, answer.json["problems"][0]["code"]) == (507, "U062")
    page = shown(maker, address)
    answer = send_files(maker, address, {**values_of(page), "base": base_of(page)}, {"c.txt": b"c"})
    assert answer.status_code == 507
    assert "the disk of the server is full" in answer.text
    monkeypatch.undo()
    after = shown(maker, address)
    assert values_of(after) == values_of(page)
    assert re.findall(r'<tr><th scope="row">([^<]+)', after) == ["a.txt", "okh.toml"]


def test_a_disk_that_fills_up_while_publishing_leaves_the_draft(maker, root, monkeypatch):
    address = start(maker, TYPED)

    def publish_design(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(draft_publishing, "publish_design", publish_design)
    answer = publish(maker, address)
    assert answer.status_code == 507
    assert "the disk of the server is full" in answer.text
    monkeypatch.undo()
    assert publish(maker, address).headers["Location"] == "/designs/ada~stool/1.0.0/?done=published"
    assert list_versions(root, "ada~stool") == ["1.0.0"]


def test_naughty_words_do_no_harm(maker):
    words = [*WORDS, *naughty_words()]
    for start_at in range(0, len(words), 40):
        some = words[start_at : start_at + 40]
        names = [*TYPED, "design-id", "derived-from", "mass", "reference-price", "base", "after", "remove", "do"]
        typed = {name: some[number % len(some)] for number, name in enumerate(names)}
        rows = {f"operation-{number}-material": word for number, word in enumerate(some)}
        files = {f"{word}.txt": b"x" for word in some[:12]}
        answer = send_files(maker, "/drafts/", typed | rows, files)
        assert answer.status_code < 500, typed
        if answer.status_code == 303:
            assert maker.get(answer.headers["Location"]).status_code < 500


def naughty_words() -> list[str]:
    if not NAUGHTY.exists():
        return []
    lines = next(NAUGHTY.rglob("blns.txt")).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_an_unreadable_manifest_stays_and_what_is_typed_beside_it_too(maker):
    address = start(maker, okh_toml=b"name = = no")
    send(maker, address, TYPED)
    page = shown(maker, address)
    assert "is not TOML" in page
    assert values_of(page)["name"] == "Stool"
    maker.delete(f"{address}/files/okh.toml", headers={"X-CSRFToken": csrf_token(maker)})
    page = shown(maker, address)
    assert "It can be published." in page
    assert values_of(page)["name"] == "Stool"


def test_old_drafts_go(maker):
    address = start(maker, TYPED)
    folder = maker.application.extensions["workspace"].folder
    drafts.sweep_drafts(folder, now=time.time() + drafts.KEPT_SECONDS - 60)
    assert maker.get(address).status_code == 200
    drafts.sweep_drafts(folder, now=time.time() + drafts.KEPT_SECONDS + 60)
    assert maker.get(address).status_code == 404


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("okh.toml: version", "version"),
        ("okh.toml: x-cosmolocal.reference-price", "reference-price"),
        ("okh.toml: x-cosmolocal.operation[1].minutes-per-unit", "operation-1-minutes-per-unit"),
        ("okh.toml: x-cosmolocal.bom[0].mass-g", "line-0-mass"),
        ("okh.toml: x-cosmolocal.bom[2].into", "line-2-into"),
        ("okh.toml: part[1].mass", "line-1-mass"),
        ("okh.toml: part[9].mass", ""),
        ("drawings/a.svg", ""),
    ],
)
def test_a_place_in_the_manifest_is_a_field_of_the_form(where, field):
    document = {
        "part": [{"name": "a"}, {"name": "b"}],
        "x-cosmolocal": {"bom": [{"bought": "bolt"}, {"part": "b"}, {"part": "a"}]},
    }
    assert find_field(where, document) == field
