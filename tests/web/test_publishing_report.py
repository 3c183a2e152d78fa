"""The check report of a draft: everything at once, in the words of the form, and where the reader looks next."""

import re
from html import unescape

import pytest
from web.accounts import client_as
from web.drafts import LAMP, TYPED, app, put, send, send_files, zipped
from web.test_publishing import base_of, publish, shown, start, values_of

from cosmolocal.designs.bundles import open_file, read_history
from cosmolocal.records import Role

__all__ = ["app"]


@pytest.fixture
def maker(app):
    return client_as(app, "ada", Role.MAKER)


@pytest.fixture
def root(app):
    return app.extensions["workspace"].folder / "designs"


def findings(page: str) -> list[str]:
    found = re.findall(r'<ul class="findings">(.*?)</ul>', page, re.S)
    return [re.sub(r"<[^>]+>", "", item) for listed in found for item in re.findall(r"<li>(.*?)</li>", listed, re.S)]


def test_a_place_is_named_by_the_label_of_its_field(maker):
    page = shown(maker, start(maker, TYPED | {"version": "one", "line-0-quantity": "0"}))
    assert {one.partition(": found")[0] for one in findings(page)} >= {"Version", "Row 1: How many"}
    assert "okh.toml:" not in "".join(findings(page))


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("operation-0-envelope-mm", "y?", "found 'y?'; must be three lengths"),
        ("operation-0-envelope-mm", "400 × 300", "found '400 × 300'; must be three lengths"),
        ("operation-0-envelope-mm", "400x0x2.5", "found '400 × 0 × 2.5'; must be three lengths"),
        ("operation-0-minutes-per-unit", "-1.5", "found -1.5; must be a number"),
        ("line-0-mass", "two", "found 'two'; must be a"),
    ],
)
def test_a_value_is_shown_as_a_person_writes_it(maker, field, typed, told):
    """Not as the program holds it: no list, no word of the language it is written in."""
    page = shown(maker, start(maker, TYPED | {field: typed}))
    assert told in unescape("".join(findings(page)))
    assert "Decimal(" not in page


def test_what_only_helps_elsewhere_is_left_out(maker):
    page = shown(maker, start(maker, TYPED | {"license": "my own terms"}))
    assert "a person must say which it is" in page
    assert "--license" not in page
    publish(maker, start(maker, okh_toml=LAMP))
    page = shown(maker, start(maker, okh_toml=LAMP, more_txt=b"more"))
    assert "is published with other bytes; a version never changes" in page


def test_warnings_come_together_with_what_is_wrong(maker):
    page = shown(maker, start(maker, TYPED | {"version": "one", "operation-0-material": "Plywood"}))
    assert "It cannot be published yet." in page
    assert "Step 1: Material: found &#39;Plywood&#39;; workshops write &#39;plywood&#39;" in "".join(findings(page))


def test_what_the_store_refuses_is_told_together_with_what_the_form_lacks(app, maker):
    publish(maker, start(maker, okh_toml=LAMP))
    other = client_as(app, "ben", Role.MAKER)
    lacking = LAMP.replace(b'"1.0.0"', b'"2.0.0"').replace(b'function = "Gives light."', b'function = ""')
    page = shown(other, start(other, okh_toml=lacking))
    assert "only its owners release it" in page
    assert "2 things have to be put right." in page


def test_it_says_that_orders_wait_without_contradicting_itself(maker):
    unknown = TYPED | {"operation-0-minutes-per-unit": ""}
    assert "It can be published like this." in shown(maker, start(maker, unknown))
    page = shown(maker, start(maker, unknown | {"operation-0-material": "", "operation-0-envelope-mm": "1"}))
    assert "It cannot be published yet." in page
    assert "It can be published like this." not in page


def test_the_materials_of_workshops_are_offered(maker):
    page = shown(maker, "/designs/new")
    assert '<datalist id="materials"><option value="plywood">' in page
    assert re.search(r'id="field-operation-0-material"[^>]* list="materials"', page)


def test_a_damaged_file_is_told_by_its_name(maker):
    page = shown(maker, start(maker, TYPED, bad_stl=b"\0" * 100))
    assert any(one.startswith("bad.stl: The file is damaged") for one in findings(page))


def test_the_report_is_where_reading_goes_on(maker):
    answer = send(maker, "/drafts/", TYPED | {"version": "one"})
    assert answer.headers["Location"].endswith("#report-title")
    page = shown(maker, answer.headers["Location"])
    assert "<title>1 thing has to be put right. Draft: Stool" in page
    assert 'id="report-title" tabindex="-1"' in page
    assert re.search(r'class="verdict alarm" role="alert"', page)
    refused = send_files(maker, "/drafts/", TYPED, {"CON.txt": b"b"}).text
    assert re.findall(r'id="([^"]+)"[^>]* autofocus', refused) == ["faults-title"]


def test_the_button_to_publish_comes_after_what_there_is_to_read(maker):
    page = shown(maker, start(maker, TYPED | {"reference-price": ""}))
    assert page.index("Worth a look") < page.index('value="publish"')


def test_one_empty_row_stands_at_the_end(maker):
    page = shown(maker, start(maker, TYPED))
    assert re.findall(r"<legend>([^<]+)", page) == ["Row 1: seat", "Row 2", "Step 1: seat", "Step 2"]


def test_a_cleaned_licence_is_written_into_the_manifest_and_still_told(maker, root):
    address = start(maker, TYPED | {"license": "CERN OHL S v2"})
    for _ in range(2):
        page = shown(maker, address)
        assert values_of(page)["license"] == "CERN-OHL-S-2.0"
        assert "read as CERN-OHL-S-2.0" in page
        send(maker, address, {**values_of(page), "base": base_of(page)})
    publish(maker, address)
    assert 'license = "CERN-OHL-S-2.0"' in open_file(root, "ada~stool", "1.0.0", "okh.toml").read_text()
    again = start(maker, {**values_of(page), "version": "1.1.0", "license": "MIT"})
    assert "read as" not in shown(maker, again)


def test_the_warning_about_a_cleaned_licence_goes_with_the_licence(maker):
    address = start(maker, TYPED | {"license": "CERN OHL S v2"})
    page = shown(maker, address)
    send(maker, address, {**values_of(page), "base": base_of(page), "license": "MIT"})
    assert "read as" not in shown(maker, address)


def test_a_release_is_kept_with_what_changed(maker, root):
    publish(maker, start(maker, TYPED))
    second = start(maker, TYPED | {"version": "1.1.0"})
    assert any(one.startswith("What changed: is empty") for one in findings(shown(maker, second)))
    publish(maker, second)
    publish(maker, start(maker, TYPED | {"version": "1.2.0", "changes": "rounder"}))
    messages = [release.message for release in read_history(root, "ada~stool")]
    assert messages == ["first version", "new version", "rounder"]


def test_faults_of_one_kind_are_one_sentence_with_all_names(maker):
    bomb = zipped({"a.txt": b"0" * 30_000_000, "b.txt": b"0" * 30_000_000})
    page = send_files(maker, "/drafts/", TYPED | {"unpack": "1"}, {"bomb.zip": bomb}).text
    told = findings(page[: page.index("All that you typed")])
    assert len({one.partition(": ")[2] for one in told}) == len(told)
    assert "a.txt" in told[0]


def test_the_answer_to_an_upload_names_the_file_in_the_archive(maker):
    address = start(maker)
    answer = put(maker, address, "bomb.zip", zipped({"deep/zeros.bin": b"0" * 30_000_000}))
    assert any("zeros.bin" in one["where"] for one in answer.json["problems"])
