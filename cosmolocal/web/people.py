"""Signing in, the own account, and people for administrators."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import Person, Role, Scope
from cosmolocal.web.fault_words import tell
from cosmolocal.web.shared import load_region
from cosmolocal.web.sign_in import SESSION, current_person, end_session, people, require, start_session
from cosmolocal.web.words import gettext
from cosmolocal.workflows.people_rules import check_workshop
from cosmolocal.workflows.rights import Action
from cosmolocal.workflows.sessions import LONGEST_TOKEN_DAYS, TRY_WINDOW, ThrottledError

bp = Blueprint("people", __name__)

Page = str | Redirect | tuple[str, int] | tuple[str, int, dict[str, str]]

#: whole numbers that every database holds
ID = "int(max=999999999)"
NO_PROBLEMS: Mapping[str, list[str]] = {}


def role_words() -> dict[Role, tuple[str, str]]:
    """Return the name of each role and what it is for."""
    return {
        Role.VIEWER: (gettext("viewer"), gettext("reads what is public")),
        Role.MAKER: (gettext("maker"), gettext("publishes designs and new versions of their own")),
        Role.WORKSHOP: (gettext("workshop"), gettext("answers for the jobs of one workshop")),
        Role.PLANNER: (gettext("planner"), gettext("plans who makes what")),
        Role.ADMINISTRATOR: (gettext("administrator"), gettext("manages people, withdraws and takes down designs")),
    }


def scope_words() -> dict[Scope, str]:
    """Return what a token can be good for."""
    return {
        Scope.READ: gettext("reading"),
        Scope.PUBLISH: gettext("publishing"),
        Scope.PLAN: gettext("planning"),
        Scope.ANSWER: gettext("answering for a workshop"),
    }


@bp.app_template_global()
def role_names(roles: frozenset[Role]) -> str:
    """Return the names of some roles in one line."""
    return ", ".join(name for role, (name, _) in role_words().items() if role in roles)


def own_path(wish: str) -> str:
    r"""Return the path to go on with, or the start page where it could lead to another host.

    Browsers read a backslash as a slash and skip tabs and line ends, hence the rule for single characters.

    >>> own_path("/designs/?q=lamp"), own_path("//evil"), own_path("/\\evil"), own_path("https://evil")
    ('/designs/?q=lamp', '/', '/', '/')
    """
    plain = all("!" <= sign <= "~" and sign != "\\" for sign in wish)
    return wish if plain and wish.startswith("/") and not wish.startswith("//") else "/"


def _told(error: InputError) -> dict[str, list[str]]:
    """Return what is wrong with a form, by the name of the field, in the reader's language."""
    found: dict[str, list[str]] = {}
    for problem in error.problems:
        found.setdefault(problem.where, []).append(tell(problem))
    return found


def own_room(person: Person | None) -> str:
    """Return where a person's own work waits: jobs, designs, or, for all others, the plan."""
    roles = person.roles if person else frozenset()
    if Role.WORKSHOP in roles and not roles & {Role.PLANNER, Role.ADMINISTRATOR}:
        return url_for("bench.index")
    return url_for("makers_room.index") if roles == {Role.MAKER} else url_for("plans.newest")


def _go_on() -> Redirect:
    """Lead a person who is signed in to where the person wanted to go, or to the own work."""
    path = own_path(request.values.get("next", "/"))
    return redirect(own_room(current_person()) if path == url_for("plans.newest") else path, 303)


def _field(name: str) -> str:
    return request.form.get(name, "")


@bp.get("/sign-in")
def sign_in() -> Page:
    """Ask for name and password."""
    if people().is_empty():
        return redirect(url_for("people.first_run"), 303)
    if current_person():
        return _go_on()
    return render_template("people/sign_in.html", problems=NO_PROBLEMS)


@bp.post("/sign-in")
def sign_in_now() -> Page:
    """Sign in, and go on to where the person wanted to go."""
    try:
        secret = people().sign_in(_field("name"), _field("password"))
    except ThrottledError as error:
        wait = {"Retry-After": str(int(TRY_WINDOW.total_seconds()))}
        return render_template("people/sign_in.html", problems=_told(error)), 429, wait
    except InputError as error:
        return render_template("people/sign_in.html", problems=_told(error)), 422
    start_session(secret)
    return _go_on()


@bp.post("/sign-out")
def sign_out() -> Page:
    """Sign out, here and on the server."""
    end_session()
    return redirect(url_for("plans.newest"), 303)


@bp.route("/first-run", methods=["GET", "POST"])
def first_run() -> Page:
    """Make the first administrator, with the code that the server printed."""
    if not people().is_empty():
        raise NotFoundError("there are people already")
    code = request.values.get("code", "")
    return _join("people/first_run.html", people().start, code=code, fixed_name=None)


@bp.route("/invitation/<code>", methods=["GET", "POST"])
def invitation(code: str) -> Page:
    """Accept an invitation."""
    found = people().find_invitation(code)
    return _join("people/invitation.html", people().accept, code=code, fixed_name=found.name, roles=found.roles)


def _join(template: str, join: Callable[[str, str, str, str], str], code: str, **shown: Any) -> Page:
    """Show the form for a new account; take it when it is sent."""
    if request.method != "POST":
        return render_template(template, problems=NO_PROBLEMS, code=code, **shown)
    try:
        secret = join(code, _field("name"), _field("full_name"), _field("password"))
    except InputError as error:
        return render_template(template, problems=_told(error), code=code, **shown), 422
    start_session(secret)
    return redirect(url_for("people.account", done="joined"), 303)


@bp.get("/account")
def account() -> Page:
    """Show the own account: password, tokens, browsers."""
    return _account(require(Action.OWN_ACCOUNT))


def _account(person: Person, error: InputError | None = None, token: str | None = None) -> Page:
    page = render_template(
        "people/account.html",
        sessions=people().sessions(person, session[SESSION]),
        tokens=people().tokens(person),
        scope_words=scope_words(),
        scopes=tuple(Scope),
        longest_days=LONGEST_TOKEN_DAYS,
        token=token,
        problems=_told(error) if error else NO_PROBLEMS,
    )
    return (page, 429 if isinstance(error, ThrottledError) else 422) if error else page


@bp.post("/account/password")
def change_password() -> Page:
    """Change the own password; every other browser is signed out."""
    person = require(Action.OWN_ACCOUNT)
    try:
        secret = people().change_password(person, _field("present"), _field("new"))
    except InputError as error:
        return _account(person, error)
    start_session(secret)
    return redirect(url_for("people.account", done="password"), 303)


@bp.post("/account/tokens")
def make_token() -> Page:
    """Make a token and show it, this once."""
    person = require(Action.OWN_ACCOUNT)
    scopes = [scope for scope in Scope if scope in request.form.getlist("scopes")]
    days = _field("days")
    try:
        # what is no number is out of range, too
        token = people().make_token(
            person, _field("token_name"), scopes, int(days) if days.isdecimal() and len(days) < 9 else 0
        )
    except InputError as error:
        return _account(person, error)
    return _account(person, token=token)


@bp.post(f"/account/tokens/<{ID}:token_id>/revoke")
def revoke_token(token_id: int) -> Page:
    """Make a token worth nothing."""
    people().revoke_token(require(Action.OWN_ACCOUNT), token_id)
    return redirect(url_for("people.account", done="token"), 303)


@bp.post(f"/account/sessions/<{ID}:session_id>/end")
def end_other(session_id: int) -> Page:
    """Sign another browser out."""
    people().end_own_session(require(Action.OWN_ACCOUNT), session_id)
    return redirect(url_for("people.account", done="session"), 303)


@bp.get("/people/")
def index() -> Page:
    """List people and open invitations."""
    return _index(require(Action.MANAGE_PEOPLE))


def _index(by: Person, error: InputError | None = None, link: str | None = None) -> Page:
    page = render_template(
        "people/index.html",
        everybody=people().list_all(by),
        invitations=people().invitations(by),
        workshops=load_region().workshops,
        role_words=role_words(),
        link=link,
        problems=_told(error) if error else NO_PROBLEMS,
    )
    return (page, 422) if error else page


def _access() -> tuple[list[Role], str | None]:
    """Return the roles and the workshop that a form gives to a person."""
    workshop = _field("workshop") or None
    problems = check_workshop(workshop, {shop.id for shop in load_region().workshops})
    if problems:
        raise InputError(problems)
    return [role for role in Role if role in request.form.getlist("roles")], workshop


@bp.post("/people/invitations")
def invite() -> Page:
    """Make an invitation and show its link, this once."""
    by = require(Action.MANAGE_PEOPLE)
    try:
        code = people().invite(by, *_access(), _field("name").strip() or None)
    except InputError as error:
        return _index(by, error)
    return _index(by, link=url_for("people.invitation", code=code, _external=True))


@bp.post(f"/people/invitations/<{ID}:invitation_id>/withdraw")
def withdraw(invitation_id: int) -> Page:
    """Make an open invitation worth nothing."""
    people().withdraw(require(Action.MANAGE_PEOPLE), invitation_id)
    return redirect(url_for("people.index"), 303)


@bp.get("/people/<name>/")
def show(name: str) -> Page:
    """Show a person's roles."""
    return _show(require(Action.MANAGE_PEOPLE), name)


def _show(by: Person, name: str, error: InputError | None = None) -> Page:
    page = render_template(
        "people/show.html",
        shown=people().find(by, name),
        workshops=load_region().workshops,
        role_words=role_words(),
        problems=_told(error) if error else NO_PROBLEMS,
    )
    return (page, 422) if error else page


@bp.post("/people/<name>/access")
def set_access(name: str) -> Page:
    """Give a person other roles."""
    by = require(Action.MANAGE_PEOPLE)
    try:
        people().set_access(by, name, *_access())
    except InputError as error:
        return _show(by, name, error)
    return redirect(url_for("people.index"), 303)


@bp.post("/people/<name>/<any(activate, deactivate):change>")
def set_active(name: str, change: str) -> Page:
    """Let a person sign in again, or no more."""
    by = require(Action.MANAGE_PEOPLE)
    try:
        people().set_active(by, name, change == "activate")
    except InputError as error:
        return _show(by, name, error)
    return redirect(url_for("people.index"), 303)


@bp.after_request
def never_store(response: Response) -> Response:
    """Keep codes and tokens out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response
