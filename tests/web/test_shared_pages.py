"""Pages that are kept: each is what it would be if it were made anew, for everybody, and never what it was before."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from cli.small_region import run, write_lamp
from flask import Flask, render_template_string
from web.accounts import add_person, client_as
from web.planned import make_planned

from cosmolocal.database import open_database, save_plan
from cosmolocal.records import Role
from cosmolocal.web.shared import HEAD, TOKEN, PrivatePageError
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.sign_in import csrf_field, current_person
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.workspace import _VIEWS

PAGES = (
    "/", "/plans/", "{plan}", "{plan}?q=lamp&sort=-cost", "{plan}?page=2", "{plan}map.json", "{plan}unmet",
    "{plan}unmet?sort=cost",
    "{plan}workshops/", "{plan}workshops/?q=north", "{plan}workshops/north", "{plan}orders/A", "{plan}orders/FAR",
    "{plan}network", "{plan}network?place=north", "/network/",
    "{plan}?measure=cost&spots=price", "{plan}?spots=load&week=0", "{plan}?spots=load", "{plan}?chosen=lot:A/1",
    "{plan}?chosen=workshop:north", "{plan}?workshop=north&made_week=0", "{plan}map.json?measure=asked&spots=load",
    "{plan}map.json?spots=price&week=0", "{plan}map.json?chosen=workshop:north",
    "{plan}load", "{plan}load?measure=price", "{plan}load?workshop=north&sort=load", "{plan}timeline",
    "{plan}timeline?workshop=north", "{plan}timeline?q=lamp&late=yes", "{plan}worth", "{plan}worth?sort=name&show=all",
    "{plan}difference/newest/", "{plan}difference/newest/?sort=cost",
)  # fmt: skip
LANGUAGES = ("en", "fr", "es", "ca")
PEOPLE = {"vera": Role.VIEWER, "paul": Role.PLANNER, "adam": Role.ADMINISTRATOR}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_planned(tmp_path / "region")


def clients_of(app: Flask) -> dict:
    return {"": app.test_client()} | {name: client_as(app, name, role) for name, role in PEOPLE.items()}


def addresses(app: Flask) -> list[str]:
    plan = app.extensions["workspace"].plans()[0].id
    return [page.format(plan=f"/plans/{plan}/") for page in PAGES]


def stable(text: str) -> str:
    """Return a page without the tokens of its forms, which differ each time."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", text)


def test_a_kept_page_is_the_page_made_anew(app: Flask):
    """Routes × people × languages: whoever asked first, each reads what they would have read alone."""
    pages, heads, clients = app.extensions["shared_pages"], app.extensions["heads"], clients_of(app)
    for address in addresses(app):
        for language in LANGUAGES:
            headers = {"Accept-Language": language}
            kept = {name: stable(client.get(address, headers=headers).text) for name, client in clients.items()}
            assert len(pages) > 0
            for name, client in clients.items():
                pages.clear()
                heads.clear()
                answer = client.get(address, headers=headers)
                assert answer.status_code == 200
                assert stable(answer.text) == kept[name], (address, language, name)


def test_what_is_kept_of_a_plan_changes_no_page(app: Flask):
    """Each page, after all others in all languages, is what it is where it is the first that shows the plan."""
    pages, client = app.extensions["shared_pages"], app.test_client()
    asked = [(address, {"Accept-Language": language}) for address in addresses(app) for language in LANGUAGES]
    for address, headers in asked:
        client.get(address, headers=headers)
    pages.clear()
    later = [client.get(address, headers=headers).text for address, headers in asked]
    for (address, headers), text in zip(asked, later, strict=True):
        pages.clear()
        _VIEWS.clear()
        assert client.get(address, headers=headers).text == text, (address, headers)


def test_nobody_sees_another_person_s_head(app: Flask):
    clients = clients_of(app)
    for address in (each for each in addresses(app) if "map.json" not in each):
        texts = {name: client.get(address).text for name, client in clients.items()}
        for name, text in texts.items():
            seen = {other for other in PEOPLE if f">{other.title()}</a>" in text}
            assert seen == ({name} if name else set())
            assert ("csrf_token" in text) == bool(name)
            assert HEAD not in text
            assert TOKEN not in text


def test_what_is_kept_holds_nobody(app: Flask):
    clients = clients_of(app)
    for address in addresses(app):
        for client in clients.values():
            client.get(address)
    bodies = [kept.body.decode() for kept, *_ in app.extensions["shared_pages"]._kept.values()]
    assert len(bodies) >= len(PAGES)
    for body in bodies:
        assert not any(name.title() in body for name in PEOPLE)
        # what stands for the token of a form, and no token of anybody
        assert set(re.findall(r'name="csrf_token" value="([^"]+)"', body)) <= {TOKEN}


def test_a_page_that_looks_at_the_person_is_refused(app: Flask):
    for source in (
        "{{ person.name }}",
        "{% if person %}x{% endif %}",
        "{{ person }}",
        "{{ may(person, Action.CONFIRM) }}",
    ):
        with app.test_request_context("/"), pytest.raises(PrivatePageError):
            shared_page()(lambda source=source: render_template_string(source))()
    with app.test_request_context("/"), pytest.raises(PrivatePageError):
        shared_page()(lambda: str(current_person()))()


def test_a_page_for_each_person_is_kept_for_each_apart(app: Flask):
    made = []

    def view() -> str:
        person = current_person()
        made.append(person and person.name)
        return f"{person.full_name if person else 'nobody'} {csrf_field()}"

    app.add_url_rule("/mine", view_func=shared_page(per_person=True)(view))
    clients = clients_of(app)
    for _ in range(2):
        texts = {name: client.get("/mine").text for name, client in clients.items()}
        for name, text in texts.items():
            assert text.startswith(name.title() if name else "nobody")
            assert TOKEN not in text
    assert sorted(made, key=str) == sorted([None, *PEOPLE], key=str)


def test_what_a_page_names_is_asked_each_time(app: Flask):
    state = ["one"]
    app.add_url_rule("/told", view_func=shared_page(lambda: state[0])(lambda: state[0]), endpoint="told")
    client = app.test_client()
    assert client.get("/told").text == "one"
    state[0] = "two"
    assert client.get("/told").text == "two"


def test_what_changes_while_a_page_is_made_is_not_kept(app: Flask):
    state = ["one"]

    def view() -> str:
        text, state[0] = state[0], "two"
        return text

    app.add_url_rule("/told", view_func=shared_page(lambda: state[0])(view), endpoint="told")
    client = app.test_client()
    assert client.get("/told").text == "one"
    state[0] = "one"
    state_seen = client.get("/told").text
    assert state_seen == "one"
    assert client.get("/told").text == "two"


def test_a_change_of_a_file_is_shown_at_once(app: Flask):
    client, folder = app.test_client(), app.extensions["workspace"].folder
    pages = [address for address in addresses(app) if "workshops/" in address or address.endswith("network")]
    assert all("North Makers" in client.get(address).text for address in pages)
    workshops = folder / "workshops.yaml"
    workshops.write_text(workshops.read_text().replace("North Makers", "North Makerz"))
    assert all("North Makerz" in client.get(address).text for address in pages)
    region = folder / "region.yaml"
    region.write_text(region.read_text().replace("name: Small", "name: Smaller"))
    assert all("Smaller" in client.get(address).text for address in addresses(app) if "map.json" not in address)


def test_a_published_design_is_shown_at_once(app: Flask, tmp_path: Path):
    client, folder = app.test_client(), app.extensions["workspace"].folder
    plan = addresses(app)[2]
    before = client.get(plan).text
    bundle = write_lamp(tmp_path / "bundle", "1.1.1")
    (bundle / "okh.toml").write_text((bundle / "okh.toml").read_text().replace('name = "Lamp"', 'name = "Lantern"'))
    assert run("designs", "publish", bundle, "--region", folder, "--id", "us~lamp").exit_code == 0
    assert "1.1.1" in client.get("/designs/us~lamp/").text
    assert client.get(plan).text == before, "the plan itself stays what it is"


def publish(app: Flask, bundle: Path, design: str) -> None:
    write_lamp(bundle, "7.0.0")
    folder = app.extensions["workspace"].folder
    assert run("designs", "publish", bundle, "--region", folder, "--id", design).exit_code == 0


@pytest.mark.parametrize("design", ["us~lamp", "us~table"])
def test_after_a_design_is_published_each_page_is_the_page_made_anew(app: Flask, tmp_path: Path, design: str):
    """The plan speaks of the lamp; an address may ask for what it does not speak of."""
    client, asked = app.test_client(), addresses(app)
    asked += [
        f"{page}?design={design}" for page in asked if page.endswith(("/plans/", "timeline")) or page.count("/") == 3
    ]
    for address in asked:
        client.get(address)
    publish(app, tmp_path / "bundle", design)
    kept = {address: (client.get(address).status_code, client.get(address).text) for address in asked}
    for address in asked:
        app.extensions["shared_pages"].clear()
        _VIEWS.clear()
        answer = client.get(address)
        assert (answer.status_code, answer.text) == kept[address], address


def test_pages_of_a_plan_stay_when_a_design_is_published_that_it_does_not_speak_of(app: Flask, tmp_path: Path):
    """With 2.5 releases a second readers waited for half a second: each let all pages be made again."""
    client, pages = app.test_client(), app.extensions["shared_pages"]
    others = ("/plans/", "/network/", "/newest/", "/orders/")
    asked = [page for page in addresses(app) if not any(other in page.removeprefix("/plans/") for other in others)]
    asked = [page for page in asked if page != "/plans/"]
    assert len(asked) > 20

    def made() -> dict:
        for address in asked:
            client.get(address)
        return {key[0]: kept for key, (kept, *_) in pages._kept.items() if key[0][2] != "/plans/"}

    client.get("/plans/")  # which reads the region
    before = made()
    publish(app, tmp_path / "table", "us~table")
    after = made()
    assert all(after[address] is kept for address, kept in before.items())
    publish(app, tmp_path / "lamp", "us~lamp")
    after = made()
    assert not any(after[address] is kept for address, kept in before.items())


def test_another_plan_is_shown_at_once(app: Flask):
    client, workspace = app.test_client(), app.extensions["workspace"]
    old = workspace.plans()[0].id
    view = workspace.plan(old)
    assert f'href="/plans/{old}/' in client.get("/").text
    db = open_database(workspace.database_path)
    save_plan(db, replace(view.plan, id="f" * 12), view.orders, view.run)
    db.close()
    assert f'href="/plans/{"f" * 12}/' in client.get("/").text
    assert "f" * 12 in client.get("/plans/").text
    assert client.get(f"/plans/{old}/").status_code == 200


def test_a_beginning_that_two_plans_share_is_no_longer_a_plan(app: Flask):
    client, workspace = app.test_client(), app.extensions["workspace"]
    old = workspace.plans()[0].id
    assert client.get(f"/plans/{old[:4]}/").status_code == 200
    view = workspace.plan(old)
    db = open_database(workspace.database_path)
    save_plan(db, replace(view.plan, id=old[:4] + "-" * 8), view.orders, view.run)
    db.close()
    assert client.get(f"/plans/{old[:4]}/").status_code == 404


def test_who_is_not_signed_in_reads_what_did_not_change_only_once(app: Flask):
    client = app.test_client()
    for address in addresses(app):
        first = client.get(address)
        tag = {"If-None-Match": first.headers["ETag"]}
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = client.get(address, headers=tag)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    french = client.get(
        "/plans/", headers={"If-None-Match": client.get("/plans/").headers["ETag"], "Accept-Language": "fr"}
    )
    assert french.status_code == 200


def test_pages_of_a_signed_in_person_are_stored_nowhere(app: Flask):
    client = client_as(app, "vera", Role.VIEWER)
    for address in (each for each in addresses(app) if "map.json" not in each):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers


def test_who_is_signed_out_is_signed_out_at_once(app: Flask):
    client = client_as(app, "vera", Role.VIEWER)
    assert ">Vera</a>" in client.get("/plans/").text
    people = app.extensions["people"]()
    people._db.execute("DELETE FROM sessions")
    people._db.conn.commit()
    people.close()
    assert ">Vera</a>" not in client.get("/plans/").text
    add_person(app, "vera", Role.VIEWER)


def test_faults_are_not_kept(app: Flask):
    client, folder = app.test_client(), app.extensions["workspace"].folder
    plan = addresses(app)[2]
    places = folder / "places.csv"
    good = places.read_text()
    places.write_text("no,such,columns\n")
    assert client.get(plan).status_code == 422
    places.write_text(good)
    assert client.get(plan).status_code == 200
    assert client.get(f"{plan}?week=soon").status_code == 422


def test_a_region_s_plans_are_its_own(app: Flask):
    """Two workspaces of one folder agree, as two processes would."""
    workspace = app.extensions["workspace"]
    other = Workspace(workspace.folder)
    assert other.plans() == workspace.plans()
    assert other.plan(workspace.plans()[0].id).plan == workspace.plan(workspace.plans()[0].id).plan


def test_two_browsers_of_one_person_share_a_head_and_no_token(app: Flask):
    """The sign-out form of each works; what is kept holds the token of neither."""
    here, there = client_as(app, "vera", Role.VIEWER), client_as(app, "vera", Role.VIEWER)
    for address in (*addresses(app)[:2], "/account"):
        tokens = [
            re.findall(r'name="csrf_token" value="([^"]+)"', client.get(address).text) for client in (here, there)
        ]
        assert tokens[0]
        assert not set(tokens[0]) & set(tokens[1])
    heads = [head for head, *_ in app.extensions["heads"]._kept.values()]
    assert heads
    assert not [head for head in heads if any(token in head for found in tokens for token in found)]
    assert here.post("/sign-out", data={"csrf_token": tokens[0][0]}).status_code in (302, 303)


def test_a_head_follows_the_page_the_language_and_the_person(app: Flask):
    """A kept head is the head made anew, also on pages that are not kept, and where a form was refused."""
    heads = app.extensions["heads"]
    asked = [("GET", page) for page in ("/sign-in", "/account", "/designs/", "/jobs/", "/nowhere")] + [
        ("POST", "/sign-in")
    ]
    for client in clients_of(app).values():
        for language in LANGUAGES:
            for method, address in asked:
                told = []
                for _ in range(2):
                    told.append(stable(client.open(address, method=method, headers={"Accept-Language": language}).text))
                heads.clear()
                told.append(stable(client.open(address, method=method, headers={"Accept-Language": language}).text))
                assert told[0] == told[1] == told[2]
