"""Signing in and out, the own account, invitations: what people see, and what strangers cannot do."""

import re
import threading
from html import unescape

import pytest
from flask import Blueprint
from showcase import ShownWorkspace
from web.accounts import PASSWORD, Clock, FakeHasher, add_person, client_as, csrf_token, post, use_fakes

from cosmolocal.errors import ForbiddenError
from cosmolocal.records import Role, Scope
from cosmolocal.web import create_app, sign_in
from cosmolocal.web.people import own_path
from cosmolocal.web.sign_in import SESSION
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.rights import Action

EVIL = [
    "//evil",
    "/\\evil",
    "\\\\evil",
    "https:",
    "https://evil",
    "https:evil",
    "javascript:alert(1)",
    "/\t/evil",
    "/\n/e",
]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path, clock):
    app = create_app(workspace=ShownWorkspace(tmp_path), secret_key=b"of the tests")
    use_fakes(app, clock)
    return app


@pytest.fixture
def ada(app):
    """Return a client in which an administrator is signed in."""
    return client_as(app, "ada", Role.ADMINISTRATOR)


@pytest.fixture
def people(app):
    accounts = app.extensions["people"]()
    yield accounts
    accounts.close()


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def enter(client, name="ada", password=PASSWORD, **more):
    return post(client, "/sign-in", {"name": name, "password": password, **more})


def cookie_of(client) -> dict:
    with client.session_transaction() as session:
        return dict(session)


FORM = {"name": "ada", "full_name": "Ada Lovelace", "password": PASSWORD}


class TestFirstRun:
    """The first administrator."""

    def test_signing_in_leads_there_while_there_is_nobody(self, client):
        assert client.get("/sign-in").headers["Location"] == "/first-run"

    def test_the_code_of_the_server_makes_the_administrator_and_signs_in(self, client, people):
        code = people.first_run_code()
        assert f'value="{code}"' in client.get(f"/first-run?code={code}").text
        answer = post(client, "/first-run", FORM | {"code": code})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account?done=joined")
        account = client.get(answer.headers["Location"]).text
        assert "You are signed in as ada. Your roles: administrator." in words(account)
        assert '<a href="/people/#invite">Invite somebody</a>' in account

    def test_a_stranger_without_the_code_takes_nothing(self, client, people):
        people.first_run_code()
        for code in ("", "guess"):
            answer = post(client, "/first-run", FORM | {"code": code})
            assert answer.status_code == 422
            assert "not the code that the server printed" in answer.text
        assert people.is_empty()

    def test_once_there_is_somebody_the_page_is_gone(self, app, client, people):
        code = people.first_run_code()
        add_person(app, "ada", Role.ADMINISTRATOR)
        assert client.get("/first-run").status_code == 404
        assert post(client, "/first-run", FORM | {"code": code, "name": "eve"}).status_code == 404
        assert [person.name for person in people.list_all(OPERATOR)] == ["ada"]

    def test_after_a_fault_all_but_the_password_stays_typed_in(self, client, people):
        code = people.first_run_code()
        page = post(client, "/first-run", FORM | {"code": code, "name": "Ada"}).text
        assert 'value="Ada Lovelace"' in page
        assert f'value="{code}"' in page
        assert PASSWORD not in page


def test_signing_in_leads_on_to_where_one_wanted_to_go(app, client):
    add_person(app, "ada", Role.MAKER)
    asked = client.get("/account?done=token")
    assert (asked.status_code, asked.headers["Location"]) == (303, "/sign-in?next=/account?done%3Dtoken")
    form = client.get(asked.headers["Location"]).text
    assert '<input type="hidden" name="next" value="/account?done=token">' in form
    answer = enter(client, next="/account?done=token")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?done=token")


@pytest.mark.parametrize("wish", EVIL)
def test_signing_in_never_leads_to_another_host(app, client, wish):
    add_person(app, "ada", Role.VIEWER)
    assert own_path(wish) == "/"
    assert enter(client, next=wish).headers["Location"] == "/"
    assert client.get("/sign-in", query_string={"next": wish}).headers["Location"] == "/"


def test_a_path_with_accents_is_gone_on_with(app, client):
    add_person(app, "ada", Role.MAKER)
    [link] = re.findall(r'href="(/sign-in[^"]*)"', client.get("/designs/?q=làmpara e").text)
    hidden = re.findall(r'name="next" value="([^"]*)"', client.get(unescape(link)).text)
    assert enter(client, next=unescape(hidden[0])).headers["Location"] == "/designs/?q=l%C3%A0mpara+e"


def test_a_wrong_password_and_a_wrong_name_get_the_same_answer(app, client):
    add_person(app, "ada", Role.MAKER)
    pages = [enter(client, name, "not the password") for name in ("ada", "eve")]
    assert [page.status_code for page in pages] == [422, 422]
    first, second = (re.sub(r'value="[^"]*"', "", page.text) for page in pages)
    assert first == second
    assert 'value="ada"' in pages[0].text
    assert "not the password" not in pages[0].text


def test_the_sixth_try_within_a_minute_has_to_wait_also_for_unknown_names(app, client, clock):
    add_person(app, "ada", Role.MAKER)
    for name in ("ada", "eve"):
        assert [enter(client, name, "wrong").status_code for _ in range(7)] == [422] * 5 + [429] * 2
    answer = enter(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Wait a minute" in answer.text
    clock.wait(minutes=1)
    assert enter(client).status_code == 303


def test_each_refusal_costs_one_hash(app, client):
    hasher = FakeHasher()
    use_fakes(app, Clock(), hasher)
    add_person(app, "ada", Role.MAKER)
    spent = []
    for name in ("ada", "eve", ""):
        before = hasher.checks
        enter(client, name, "wrong")
        spent.append(hasher.checks - before)
    assert spent == [1, 1, 1]


def test_signing_in_makes_a_new_session_whatever_the_cookie_held(app, client, people):
    """Session fixation: a secret or a token that somebody planted before means nothing afterwards."""
    add_person(app, "eve", Role.MAKER)
    add_person(app, "ada", Role.MAKER)
    planted = people.sign_in("eve", PASSWORD)
    with client.session_transaction() as session:
        session.update({SESSION: planted, "csrf_token": "cd" * 20, "other": "left behind"})
    enter(client)
    after = cookie_of(client)
    assert after[SESSION] != planted
    assert after.keys() == {SESSION, "_permanent"}
    assert "signed in as ada" in client.get("/account").text
    assert people.find_signed_in(planted) is None


def test_signing_out_ends_the_session_on_the_server(app, ada):
    """A copy of the cookie is worth nothing afterwards."""
    copy = cookie_of(ada)
    assert post(ada, "/sign-out").status_code == 303
    assert SESSION not in cookie_of(ada)
    thief = app.test_client()
    with thief.session_transaction() as session:
        session.update(copy)
    assert thief.get("/account").headers["Location"].startswith("/sign-in")


def test_a_link_cannot_sign_anybody_out(ada):
    assert ada.get("/sign-out").status_code == 405
    assert ada.get("/account").status_code == 200


def test_a_browser_left_alone_for_14_days_is_signed_out(ada, clock):
    clock.wait(days=13, hours=23)
    assert ada.get("/account").status_code == 200
    clock.wait(days=14)
    assert ada.get("/account").status_code == 303


def test_the_cookie_is_for_this_host_s_pages_alone(app, client):
    add_person(app, "ada", Role.MAKER)
    plain = enter(client).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain


def test_over_https_the_cookie_stays_off_plain_http(app):
    add_person(app, "ada", Role.MAKER)
    https = app.test_client()
    data = {"name": "ada", "password": PASSWORD}
    with https.session_transaction(base_url="https://localhost") as session:
        session["csrf_token"] = "ab" * 20
    data["csrf_token"] = csrf_token(app.test_client())
    answer = https.post(
        "/sign-in", data=data, base_url="https://localhost", headers={"Referer": "https://localhost/sign-in"}
    )
    assert (answer.status_code, "Secure" in answer.headers["Set-Cookie"]) == (303, True)
    app.config["SESSION_COOKIE_SECURE"] = True
    assert "Secure" in app.test_client().get("/sign-in").headers["Set-Cookie"]


def test_a_cookie_that_we_did_not_sign_is_nothing(app, ada):
    value = ada.get_cookie("cosmolocal").value
    forger = app.test_client()
    forger.set_cookie("cosmolocal", value[:-2] + ("aa" if value[-2:] != "aa" else "bb"))
    assert forger.get("/account").status_code == 303


def test_the_head_says_who_is_signed_in(client, ada):
    assert "Sign in" in words(client.get("/").text)
    head = words(ada.get("/").text)
    assert "Ada People Sign out" in head
    assert "Sign in" not in head


def test_pages_of_somebody_who_is_signed_in_are_kept_nowhere(client, ada):
    assert ada.get("/").headers["Cache-Control"] == "private, no-store"
    assert "no-store" in ada.get("/account").headers["Cache-Control"]
    assert "no-store" in client.get("/sign-in", follow_redirects=True).headers["Cache-Control"]


def test_reading_without_a_cookie_asks_no_database(app, client):
    app.extensions["people"] = None
    assert client.get("/").status_code == 200
    assert "Set-Cookie" not in client.get("/").headers


def test_the_password_can_be_changed(app, ada):
    elsewhere = client_as(app, "ada")
    form = {"present": PASSWORD, "new": "another quiet evening"}
    answer = post(ada, "/account/password", form)
    assert answer.headers["Location"] == "/account?done=password"
    assert "The password is changed" in ada.get("/account?done=password").text
    assert elsewhere.get("/account").status_code == 303
    assert enter(app.test_client(), password="another quiet evening").status_code == 303


def test_a_wrong_present_password_changes_nothing(app, ada):
    answer = post(ada, "/account/password", {"present": "wrong", "new": "another quiet evening"})
    assert answer.status_code == 422
    assert "This is not your present password." in answer.text
    assert "another quiet evening" not in answer.text
    assert enter(app.test_client()).status_code == 303


def test_a_token_is_shown_once(ada):
    page = post(ada, "/account/tokens", {"token_name": "ci", "scopes": ["read", "publish"], "days": "30"}).text
    [token] = re.findall(r"cosmolocal_[\w-]{43}", page)
    account = ada.get("/account").text
    assert token not in account
    assert "publishing , reading" in words(account) or "publishing, reading" in words(account)
    number = re.findall(r"/account/tokens/(\d+)/revoke", account)[0]
    assert post(ada, f"/account/tokens/{number}/revoke").status_code == 303
    assert "/revoke" not in ada.get("/account").text


def test_a_refused_token_keeps_what_was_typed(ada):
    answer = post(ada, "/account/tokens", {"token_name": "for <b>us</b>", "days": "9" * 5000})
    assert answer.status_code == 422
    assert 'value="for &lt;b&gt;us&lt;/b&gt;"' in answer.text
    assert "Choose what the token may do." in answer.text
    assert "valid for 1 to 366 days" in answer.text


def test_other_browsers_can_be_signed_out(app, ada):
    elsewhere = client_as(app, "ada")
    numbers = re.findall(r"/account/sessions/(\d+)/end", ada.get("/account").text)
    assert len(numbers) == 1
    assert post(ada, f"/account/sessions/{numbers[0]}/end").status_code == 303
    assert elsewhere.get("/account").status_code == 303
    assert ada.get("/account").status_code == 200


def test_nobody_ends_what_belongs_to_others(app, ada, people):
    people.make_token(people.find(OPERATOR, "ada"), "ci", [Scope.READ], 9)
    mallory = client_as(app, "mallory", Role.MAKER)
    assert post(mallory, "/account/sessions/1/end").status_code == 404
    assert post(mallory, "/account/tokens/1/revoke").status_code == 404
    assert "/account/tokens/1/revoke" in ada.get("/account").text


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_numbers_of_any_size_are_no_fault_of_ours(ada, number):
    assert post(ada, f"/account/tokens/{number}/revoke").status_code == 404


def test_an_invitation_makes_an_account(app, ada):
    page = post(ada, "/people/invitations", {"roles": ["maker", "workshop"], "workshop": "makers"}).text
    [link] = re.findall(r"http://localhost(/invitation/[\w-]+)", page)
    assert link not in ada.get("/people/").text
    dora = app.test_client()
    assert "Your role here: maker, workshop." in words(dora.get(link).text)
    form = {"name": "dora", "full_name": "Dora", "password": PASSWORD}
    account = dora.get(post(dora, link, form).headers["Location"]).text
    assert '<a href="/designs/new">Publish a design</a>' in account
    assert "Invite somebody" not in account
    assert "signed in as dora. Your roles: maker, workshop." in words(dora.get("/account").text)
    assert app.test_client().get(link).status_code == 404
    assert "Makers &amp; &lt;Friends&gt;" in ada.get("/people/").text


def test_an_invitation_can_be_withdrawn(app, ada):
    page = post(ada, "/people/invitations", {"roles": "viewer"}).text
    [link] = re.findall(r"http://localhost(/invitation/[\w-]+)", page)
    number = re.findall(r"/people/invitations/(\d+)/withdraw", page)[0]
    assert post(ada, f"/people/invitations/{number}/withdraw").status_code == 303
    assert app.test_client().get(link).status_code == 404


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Choose at least one role."),
        ({"roles": "workshop"}, "Choose the workshop that this person answers for."),
        ({"roles": "maker", "workshop": "makers"}, "Only people with the role “workshop” answer for a workshop."),
        ({"roles": "workshop", "workshop": "nowhere"}, "The region has no such workshop."),
        ({"roles": "maker", "name": "Bad Name"}, "A name has 2 to 40 lower-case letters"),
        ({"roles": "maker", "name": "ada"}, "This name is taken"),
    ],
)
def test_a_refused_invitation_says_why_and_keeps_what_was_chosen(ada, form, told):
    answer = post(ada, "/people/invitations", form)
    assert answer.status_code == 422
    assert told in answer.text
    assert "/invitation/" not in answer.text
    for role in [form["roles"]] if "roles" in form else []:
        assert f'value="{role}" checked' in answer.text
    if form.get("name"):
        assert f'name="name" value="{form["name"]}"' in answer.text


def test_an_administrator_changes_roles(app, ada):
    ben = client_as(app, "ben", Role.VIEWER)
    assert ben.get("/people/").status_code == 403
    post(ada, "/people/ben/access", {"roles": ["administrator", "viewer"]})
    assert ben.get("/people/").status_code == 200


def test_an_administrator_closes_an_account_and_opens_it_again(app, ada):
    ben = client_as(app, "ben", Role.MAKER)
    assert post(ada, "/people/ben/deactivate").status_code == 303
    assert ben.get("/account").status_code == 303
    assert enter(ben, "ben").status_code == 422
    assert "may not sign in" in ada.get("/people/ben/").text
    assert post(ada, "/people/ben/activate").status_code == 303
    assert enter(ben, "ben").status_code == 303


def test_the_last_administrator_cannot_be_lost(ada):
    for address, form in (("/people/ada/deactivate", {}), ("/people/ada/access", {"roles": "viewer"})):
        answer = post(ada, address, form)
        assert answer.status_code == 422
        assert "This is the last administrator" in answer.text


def test_a_refusal_is_said_in_plain_words(app):
    ben = client_as(app, "ben", Role.VIEWER)
    answer = ben.get("/people/")
    assert answer.status_code == 403
    assert "Your account may not do this." in words(answer.text)


def test_a_form_of_somebody_who_is_signed_out_meanwhile_says_so(app):
    add_person(app, "ada", Role.ADMINISTRATOR)
    answer = post(app.test_client(), "/people/invitations", {"roles": "administrator"})
    assert answer.status_code == 403
    assert "You have to sign in for this." in words(answer.text)


def test_a_name_with_markup_is_shown_as_it_is_and_does_nothing(app, ada, people):
    """Stored XSS."""
    code = people.invite(OPERATOR, [Role.MAKER])
    name = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    mallory = app.test_client()
    post(mallory, f"/invitation/{code}", {"name": "mallory", "full_name": name, "password": PASSWORD})
    for client, address in ((mallory, "/"), (mallory, "/account"), (ada, "/people/"), (ada, "/people/mallory/")):
        page = client.get(address).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_form_without_its_token_gives_back_what_was_typed_but_no_password(ada):
    form = {"full_name": "Dora <b>", "password": PASSWORD, "present": "secret one", "code": "secret two", "empty": " "}
    answer = ada.post("/people/invitations", data=form)
    assert answer.status_code == 400
    text = words(answer.text)
    assert "The page was open too long" in text
    assert "full_name Dora <b>" in text
    assert not [secret for secret in (PASSWORD, "secret one", "secret two") if secret in answer.text]


def test_a_token_of_another_session_is_refused(app, ada):
    """Else whoever has an account here could write forms for others."""
    mallory = client_as(app, "mallory", Role.MAKER)
    with mallory.session_transaction() as session:
        session["csrf_token"] = "99" * 20
    form = {"roles": "administrator", "csrf_token": csrf_token(mallory)}
    assert csrf_token(ada) != csrf_token(mallory)
    assert ada.post("/people/invitations", data=form).status_code == 400


class TestTokens:
    """Blueprints that are used with tokens alone."""

    @pytest.fixture
    def app(self, tmp_path, clock):
        app = create_app(workspace=ShownWorkspace(tmp_path), secret_key=b"of the tests")
        use_fakes(app, clock)
        probe = Blueprint("probe", __name__)

        @probe.route("/probe", methods=["GET", "POST"])
        def who() -> str:
            return sign_in.require(Action.OWN_ACCOUNT).name

        probe.register_error_handler(ForbiddenError, lambda error: (str(error), 401 if error.sign_in else 403))
        sign_in.exempt(probe)
        app.register_blueprint(probe)
        return app

    @pytest.fixture
    def bearer(self, people, ada):  # noqa: ARG002 (whose token it is)
        def make(*scopes: Scope) -> dict[str, str]:
            token = people.make_token(people.find(OPERATOR, "ada"), " ".join(scopes), scopes, 30)
            return {"Authorization": f"Bearer {token}"}

        return make

    def test_a_token_needs_no_csrf_token(self, app, bearer):
        assert app.test_client().post("/probe", headers=bearer(Scope.PUBLISH)).text == "ada"

    def test_a_cookie_means_nothing_there(self, ada):
        """Else any page of any site could post for whoever is signed in here."""
        assert ada.post("/probe").status_code == 401
        assert post(ada, "/probe").status_code == 401
        assert ada.get("/probe").status_code == 401

    def test_a_token_means_nothing_elsewhere(self, app, bearer):
        assert app.test_client().get("/account", headers=bearer(Scope.PUBLISH)).status_code == 303

    def test_reading_is_not_writing(self, app, bearer):
        reading = bearer(Scope.READ)
        client = app.test_client()
        assert client.get("/probe", headers=reading).text == "ada"
        assert client.post("/probe", headers=reading).status_code == 403

    @pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer made-up", "Basic YWRhOng=", "bearer \x7f"])
    def test_anything_else_is_nobody(self, app, header):
        assert app.test_client().get("/probe", headers={"Authorization": header}).status_code == 401

    def test_a_token_ends(self, app, bearer, clock):
        reading = bearer(Scope.READ)
        clock.wait(days=30)
        assert app.test_client().get("/probe", headers=reading).status_code == 401


def test_every_thread_has_a_connection_of_its_own(app, ada):
    cookie = cookie_of(ada)
    found = []

    def look() -> None:
        client = app.test_client()
        with client.session_transaction() as session:
            session.update(cookie)
        found.extend(client.get("/account").status_code for _ in range(3))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 24


def test_a_broken_database_is_said_and_pages_are_still_drawn(ada, tmp_path):
    (tmp_path / "build/cosmolocal.db").write_bytes(b"no database " * 400)
    answer = ada.get("/")
    assert answer.status_code == 422
    assert "P080" in answer.text


def test_pages_without_a_plan_name_the_region_too(app, client):
    add_person(app, "ada", Role.VIEWER)
    for reader, address in ((client, "/sign-in"), (client_as(app, "ada"), "/account"), (client, "/no-such-page")):
        page = reader.get(address).text
        assert "· Two neighbourhoods</title>" in page, address
        assert "cosmolocal <span>Two neighbourhoods</span>" in page, address


@pytest.mark.parametrize(
    ("roles", "room"),
    [
        ({Role.WORKSHOP}, "/jobs/"),
        ({Role.WORKSHOP, Role.MAKER}, "/jobs/"),
        ({Role.MAKER}, "/my-designs/"),
        ({Role.PLANNER, Role.MAKER}, "/"),
        ({Role.ADMINISTRATOR}, "/"),
        ({Role.VIEWER}, "/"),
    ],
)
def test_who_wants_to_go_nowhere_is_led_to_the_own_work(app, client, roles, room):
    add_person(app, "ada", *roles, workshop="north" if Role.WORKSHOP in roles else None)
    assert enter(client, next="/").headers["Location"] == room
    assert enter(app.test_client(), next="/account").headers["Location"] == "/account"
    assert client.get("/sign-in").headers["Location"] == room


def test_over_https_browsers_take_cookies_from_this_host_alone(app):
    """A neighbour under the same domain can set no cookie that begins so."""
    add_person(app, "ada", Role.MAKER)
    answer = app.test_client().get("/sign-in?lang=fr", base_url="https://localhost")
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-cosmolocal", "__Host-lang"}
    assert all("Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie for cookie in cookies)
    browser = app.test_client()
    browser.get("/sign-in?lang=fr", base_url="https://localhost")
    assert 'lang="fr"' in browser.get("/sign-in", base_url="https://localhost").text
