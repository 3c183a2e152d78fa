"""The pages of designs: what is found, and what one version says in each of its states."""

import re
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from io import BytesIO

import pytest
from web.accounts import client_as, post
from web.design_shop import CUBE, DRAWING, NAUGHTY, README, make_shop, manifest, publish, step

from cosmolocal.designs.licence_terms import find_terms
from cosmolocal.records import Role
from cosmolocal.web.designs_view import MakerRow, Shop
from cosmolocal.web.security import HEADERS
from cosmolocal.workflows import design_page
from cosmolocal.workflows.design_export import swhid_of
from cosmolocal.workflows.stewarding import take_down_design

ALL = ["Fork of the lamp", "Lamp", "Set", "Stool", "Table"]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return make_shop(tmp_path_factory.mktemp("shop") / "region")


@pytest.fixture
def folder(app):
    return app.extensions["workspace"].folder


def words(page: str) -> str:
    """Return what a person reads of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


class Harm(HTMLParser):
    """Finds what could run or reach another host."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = {name for name, _ in attrs}
        if (tag == "script" and "src" not in names) or tag == "style" or "style" in names:
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in names if name.startswith("on")]


def harmful(page: str) -> list[str]:
    parser = Harm()
    parser.feed(page)
    return parser.found


def found(page: str) -> list[str]:
    """Return the names of the designs in a list, but for the naughty one."""
    names = [unescape(name) for name in re.findall(r"<h2><a [^>]*>([^<]*)</a>", page)]
    return [name for name in names if name != NAUGHTY]


def test_every_design_is_listed_with_licence_processes_and_marks(read):
    page = read("/designs/")
    assert found(page) == ALL
    text = words(page)
    assert "Lamp 1.1.0 Gives light. CERN-OHL-S-2.0 (share alike) · Laser cutting" in text
    assert "Stool 1.0.0 Gives light. licence needs a person · Laser cutting · some requirements unknown" in text
    assert "Table 1.0.0 Gives light. CC-BY-NC-SA-4.0 (non-commercial)" in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("words=stool", ["Stool"]),
        ("process=laser-cutting", ["Fork of the lamp", "Lamp", "Stool", "Table"]),
        ("process=cutting", ["Fork of the lamp", "Lamp", "Stool", "Table"]),
        ("process=sewing", []),
        ("material=plywood", ["Fork of the lamp", "Lamp", "Table"]),
        ("material=plywood&fits=400+x+300+x+4", ["Fork of the lamp", "Lamp"]),
        ("licence=CC-BY-NC", ["Table"]),
        ("unknown=yes", ["Stool"]),
        ("near=home&within=20", ["Fork of the lamp", "Lamp"]),
        ("near=home&within=1", []),
        ("near=home", ["Fork of the lamp", "Lamp"]),
        ("near=&within=", ALL),
    ],
)
def test_a_search_narrows_the_list(read, query, names):
    assert sorted(found(read(f"/designs/?{query}"))) == sorted(names)


def test_a_search_keeps_what_was_asked_and_says_how_to_go_on(read):
    page = read("/designs/?words=sofa&process=cutting&near=home&within=2")
    assert "No design fits all of this." in words(page)
    assert 'value="sofa"' in page
    for chosen in ("cutting", "home", "2"):
        assert f'<option value="{chosen}" selected>' in page
    assert "There are fewer pages than that." in words(read("/designs/?page=9"))


def test_a_search_that_cannot_be_done_says_why(client):
    answer = client.get("/designs/?fits=big&words=lamp")
    assert answer.status_code == 422
    assert "found 'big'; must be three lengths in mm" in words(answer.text)
    assert 'name="fits" value="big"' in answer.text
    assert 'aria-invalid="true" aria-describedby="fault-fits"' in answer.text
    assert 'value="lamp"' in answer.text
    nowhere = client.get("/designs/?within=1")
    assert nowhere.status_code == 422
    assert "Look here: Choose a place, or any distance." in words(nowhere.text)
    assert client.get("/designs/?process=magic").status_code == 404
    assert client.get("/designs/?near=nowhere").status_code == 404


def test_only_makers_are_asked_to_publish(app, read):
    assert "Publish a design" not in read("/designs/")
    assert "Publish a design" in client_as(app, "mia", Role.MAKER).get("/designs/").text


def test_a_store_without_designs_says_what_to_do(tmp_path):
    app = make_shop(tmp_path / "region")
    for place in (tmp_path / "region/designs").glob("*~*"):
        take = place.rename(tmp_path / place.name)
        assert take.exists()
    assert "There are no designs yet." in words(app.test_client().get("/designs/").text)


def test_many_designs_come_in_pages(tmp_path):
    app = make_shop(tmp_path / "region")
    for number in range(50):
        publish(tmp_path / "region", f"us~many-{number}", manifest("1.0.0", [step()], name=f"Many {number:02}"))
    client = app.test_client()
    first, second = client.get("/designs/?words=many").text, client.get("/designs/?page=2").text
    assert len(found(first)) == 50
    assert found(second) == ["Many 47", "Many 48", "Many 49", "Set", "Stool", "Table"]
    assert 'href="/designs/?page=1"' in second


def test_the_version_that_new_plans_take_is_shown_unless_one_is_named(read):
    assert "<h1>Lamp <small>1.1.0</small></h1>" in read("/designs/us~lamp/")
    old = words(read("/designs/us~lamp/1.0.0/"))
    assert "There is a newer version: 1.1.0 · What is different?" in old


def test_the_first_lines_say_who_can_make_it_and_for_how_much(read):
    text = words(read("/designs/us~lamp/"))
    assert re.search(r"Workshops that can make it 2 of 2 Made here from €[\d.]+ each From outside €90.45 each", text)
    assert re.search(r"Made so far 0 units Files 3 files [\d.]+ kB Take it Whole bundle zip", text)


def test_makers_stand_cheapest_first_against_the_import(read):
    page = read("/designs/us~lamp/?quantity=10&place=home")
    row = r'<tr role="row"><th scope="row" role="rowheader">([^<]*)</th>.*?<td class="number"[^>]*>€([\d.,]+)</td>'
    rows = re.findall(row, page, re.DOTALL)[:2]
    assert [name for name, _ in rows] == ["North Makers", "South Makers"]
    assert float(rows[0][1]) < float(rows[1][1])
    assert "can shade from North Makers" in words(page)
    assert "imported from outside the region €90.45 €904.50" in words(page)
    assert '<option value="home" selected>' in page


def test_who_cannot_make_it_is_told_with_the_reason(read):
    text = words(read("/designs/us~table/"))
    assert "Workshops that can make it 0 of 2" in text
    assert "No workshop of the region can make it." in text
    assert "North Makers Table (4,000 × 2,000 × 4 mm) is too large for Laser cutting at North Makers (900 × 600" in text


@pytest.mark.parametrize("query", ["quantity=0", "quantity=many", "quantity=99999999", "quantity=-1"])
def test_a_wrong_quantity_is_told_beside_its_field(client, query):
    """The rest of the page stays: it is what the person came for."""
    answer = client.get(f"/designs/us~lamp/?{query}")
    assert answer.status_code == 422
    assert f'value="{query.partition("=")[2]}" aria-invalid="true" aria-describedby="quantity-fault"' in answer.text
    assert "from 1 to 10,000,000" in words(answer.text) or "whole number above 0" in words(answer.text)
    assert "Workshops that can make it 2 of 2" in words(answer.text)


@pytest.mark.parametrize("address", ["/designs/no~no/", "/designs/us~lamp/9.9.9/", "/designs/us~lamp/?place=nowhere"])
def test_what_is_not_there_is_said(client, address):
    assert client.get(address).status_code == 404


def test_what_is_unknown_is_said_and_leads_to_the_form(read):
    page = read("/designs/us~stool/")
    assert "Not all that planning needs is known of: Stool." in words(page)
    assert 'href="/designs/us~stool/1.0.0/confirm"' in page
    assert "Of 2 workshops it is unknown North Makers, South Makers Nobody has said what Stool needs" in words(page)
    assert "the whole Laser cutting unknown" in words(page)


def test_a_withdrawn_version_says_why_and_what_to_use(read):
    text = words(read("/designs/us~lamp/1.2.0/"))
    assert (
        "This version was withdrawn: It gets too hot. Only orders that name exactly this version still get it." in text
    )
    assert "1.2.0 withdrawn" in words(read("/designs/us~lamp/"))


def test_a_version_that_was_taken_down_leaves_a_page_that_tells_why(client):
    answer = client.get("/designs/us~lamp/0.9.0/")
    assert answer.status_code == 410
    text = words(answer.text)
    assert "why Not ours to give. taken down on" in text
    assert "by root" in text
    assert "/files/" not in answer.text
    assert "<h1>Lamp <small>0.9.0</small></h1>" in answer.text


@pytest.mark.parametrize("address", ["files/README.md", "preview/README.md", "picture/README.md", "bundle.zip"])
def test_the_files_of_a_version_that_was_taken_down_are_gone_with_the_same_sentence(client, address):
    answer = client.get(f"/designs/us~lamp/0.9.0/{address}")
    assert answer.status_code == 410
    assert "why Not ours to give." in words(answer.text)
    assert client.get(f"/designs/us~lamp/9.9.9/{address}").status_code == 404


def test_a_design_of_which_all_was_taken_down_is_gone(tmp_path):
    app = make_shop(tmp_path / "region")
    take_down_design(tmp_path / "region", "us~table@1.0.0", "no more", "root")
    client = app.test_client()
    assert client.get("/designs/us~table/").status_code == 410
    assert found(client.get("/designs/").text) == ["Fork of the lamp", "Lamp", "Set", "Stool"]


def test_a_fork_and_its_source_lead_to_each_other(read):
    fork = read("/designs/them~lamp/")
    assert "Derived from Lamp 1.0.0 · there is a newer one: 1.1.0 · compare with us~lamp@1.0.0" in words(fork)
    assert 'href="/designs/them~lamp/compare?old=us~lamp@1.0.0&amp;new=1.0.0"' in fork
    assert "Derived from this design Fork of the lamp 1.0.0 from 1.0.0" in words(read("/designs/us~lamp/"))


def test_the_bill_of_materials_goes_through_modules(read):
    text = words(read("/designs/us~set/"))
    assert (
        "2 × Lamp module, version 1.1.0 2 × shade made 4 × bolt bought, €0.00 each 1 × us~none module * is not here"
        in text
    )


def test_every_file_has_its_digest_size_and_ways_to_it(read):
    page = read("/designs/us~lamp/1.0.0/")
    assert 'href="/designs/us~lamp/1.0.0/preview/parts/cube.stl"' in page
    assert 'href="/designs/us~lamp/1.0.0/files/parts/cube.stl" download' in page
    digest = subprocess.run(["sha256sum"], input=CUBE.encode(), capture_output=True, check=True).stdout[:64]
    assert digest.decode() in page
    assert "One of these ." in words(page)


def test_the_command_on_the_page_gives_the_digest_on_the_page(client, read, tmp_path):
    page = read("/designs/us~lamp/")
    command = unescape(re.search(r"<code>(find [^<]*)</code>", page)[1])
    zipfile.ZipFile(BytesIO(client.get("/designs/us~lamp/1.1.0/bundle.zip").data)).extractall(tmp_path)
    [data] = tmp_path.glob("*/data")
    told = subprocess.run(["bash", "-c", command], cwd=data, capture_output=True, check=True).stdout.decode()
    assert f"sha256:{told.split()[0]}" in page


def test_the_swhid_is_told_unless_the_bundle_is_large(folder, read, monkeypatch):
    swhid = swhid_of(folder, "us~lamp@1.1.0")
    assert swhid in read("/designs/us~lamp/")
    monkeypatch.setattr(design_page, "LARGEST_SWHID", 10)
    page = read("/designs/us~lamp/")
    assert swhid not in page
    assert "cosmolocal designs export us~lamp@1.1.0 --json" in page


@pytest.mark.parametrize("design", ["us~lamp", "us~table", "us~set"])
def test_a_licence_comes_with_a_plain_sentence(read, design):
    page = words(read(f"/designs/{design}/"))
    [(name, sentence)] = find_terms(re.search(r"Licence (\S+) Anyone|Licence (\S+) For", page)[0].split()[1])
    assert f"{name} {sentence} In short, and not legal advice" in page


def test_a_licence_that_nobody_knows_needs_a_person(read):
    assert "needs a person Its manifest names no licence that is known here" in words(read("/designs/us~stool/"))


def test_all_versions_are_listed_with_who_when_and_what(read):
    text = words(read("/designs/us~lamp/"))
    assert "1.1.0 published on 7 Sept 2026, 00:00:00 UTC by ada A shade is added. compare with 1.0.0" in text
    assert "1.0.0 published on 7 Sept 2026, 00:00:00 UTC by ada made for tests compare with this 1.0.0" in text
    assert "0.9.0 taken down" in text
    assert re.search(r"It gets too hot. withdrawn on [^·]*? UTC by ada", text)
    assert re.search(r"Not ours to give. taken down on [^·]*? UTC by root", text)


def test_names_that_makers_enter_are_escaped(read):
    for address in ("/designs/", "/designs/us~naughty/", "/designs/us~naughty/compare"):
        page = read(address)
        assert harmful(page) == []
        assert "<script>document.title='harmed'</script>" in words(page)
        assert "{{7*7}}" in page


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", " https://example.org"])
def test_only_web_addresses_become_links(app, address):
    template = '{% from "designs/_parts.html" import web_link %}{{ web_link(address) }}'
    with app.test_request_context("/"):
        assert "href" not in app.jinja_env.from_string(template).render(address=address)


@pytest.mark.parametrize(
    "address", ["/designs/", "/designs/us~lamp/", "/designs/us~lamp/0.9.0/", "/designs/to-confirm"]
)
def test_every_page_carries_the_headers_and_nothing_of_other_hosts(client, address):
    answer = client.get(address)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert harmful(answer.text) == []
    assert re.findall(r'(?:src|action)="[^"]*//', answer.text) == []


def test_the_page_says_who_a_design_is_by(read):
    assert "Gives light. by Ada, Light for all" in words(read("/designs/us~lamp/"))


def test_the_text_of_a_licence_is_one_click_away(read):
    assert 'href="https://spdx.org/licenses/CERN-OHL-S-2.0.html" rel="noreferrer"' in read("/designs/us~lamp/")
    assert "spdx.org" not in read("/designs/us~stool/")


def test_a_price_from_outside_says_where_it_comes_from(tmp_path):
    app = make_shop(tmp_path / "region")
    bare = manifest("1.0.0", [step()], {"reference-price": 90}, name="Bare").replace("reference-price = 90", "")
    publish(tmp_path / "region", "us~bare", bare)
    client = app.test_client()
    assert "each the price is assumed Made" in words(client.get("/designs/us~bare/").text)
    known = words(client.get("/designs/us~lamp/").text)
    assert "From outside €90.45 each with its transport" in known
    assert "price outside €90.00 without transport" in known


def test_a_lot_too_large_for_any_week_leads_to_the_largest_that_fits(read):
    page = read("/designs/us~lamp/?quantity=500000")
    [largest] = set(re.findall(r"largest lot that fits is ([\d,]+) units", page))
    assert f"{largest} at most in one lot" in words(page)
    address = f"/designs/us~lamp/1.1.0/?quantity={largest.replace(',', '')}"
    assert f'href="{address}#makers"' in page
    assert "Made here from €" in words(read(address))


def test_only_makes_of_this_version_count_for_it(tmp_path):
    app = make_shop(tmp_path / "region")
    maker = client_as(app, "mo", Role.MAKER)
    post(maker, "/designs/them~lamp/1.0.0/report-make", {"quantity": "4", "date": "2025-09-09"})
    publish(tmp_path / "region", "them~lamp", manifest("2.0.0", [step()], name="Fork of the lamp"))
    assert "Made so far 4 units Files" in words(maker.get("/designs/them~lamp/1.0.0/").text)
    newer = words(maker.get("/designs/them~lamp/2.0.0/").text)
    assert "Made so far 0 units 4 of all versions" in newer
    assert "9 Sept 2025 4 1.0.0" in newer


def test_a_week_that_is_over_is_marked():
    row = MakerRow(Shop("a", "A"), "can", 1, 1, 1, date(2026, 9, 7), ())
    assert [row.is_past(date(2026, 9, day)) for day in (7, 13, 14)] == [False, False, True]
    assert not replace(row, monday=None).is_past(date(2026, 9, 14))


def test_a_new_release_is_greeted(read):
    assert "The version is published." in words(read("/designs/us~lamp/?done=published"))


def test_a_model_is_shown_in_the_page_and_a_damaged_one_is_passed_over(tmp_path):
    app = make_shop(tmp_path / "region")
    files = {"a.stl": "no model at all", "b.stl": CUBE, "photo.svg": DRAWING, "README.md": README}
    publish(tmp_path / "region", "us~seen", manifest("1.0.0", [step()], name="Seen", image="photo.svg"), files)
    answer = app.test_client().get("/designs/us~seen/")
    assert 'id="model" data-src="/designs/us~seen/1.0.0/files/b.stl"' in answer.text
    assert "triangles 1" in words(answer.text)
    assert "js/model.js" in answer.text
    assert "No preview." not in words(answer.text)
    picture, model, text, makers = (
        answer.text.index(mark) for mark in ("Picture photo.svg", 'id="model"', "read-first", 'id="makers"')
    )
    assert picture < model < text < makers
    assert "blob:" in answer.headers["Content-Security-Policy"]


def test_a_chosen_picture_that_is_damaged_is_not_shown(tmp_path):
    app = make_shop(tmp_path / "region")
    publish(tmp_path / "region", "us~torn", manifest("1.0.0", [step()], name="Torn", image="a.png"), {"a.png": "none"})
    assert "main-previews" not in app.test_client().get("/designs/us~torn/").text
