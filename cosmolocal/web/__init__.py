"""The web pages: plans, orders, what is unmet, workshops and designs, for reading."""

import mimetypes
from pathlib import Path

from flask import Flask

from cosmolocal.web import (
    api,
    bench,
    bundle_files,
    closures,
    comparing,
    confirming,
    design_changes,
    designs,
    differences,
    fault_words,
    faults,
    feeds,
    fronts,
    gaps,
    imports,
    languages,
    load,
    logs,
    makers_room,
    network,
    open_pages,
    operating,
    order_books,
    order_uploads,
    orders,
    page_files,
    people,
    places,
    plan_publishing,
    plans,
    publishing,
    roads,
    runs,
    scenarios,
    security,
    shared,
    shared_pages,
    sign_in,
    siting,
    steering,
    timeline,
    unmet,
    uploads,
    workshops,
    worth,
)
from cosmolocal.web.rules import QuickRule
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.keys import read_secret_key
from cosmolocal.workflows.people import people_of
from cosmolocal.workflows.recovering import recover_designs
from cosmolocal.workflows.workspace import DATABASE

#: the region shown when none is named
HERE = Path()


def create_app(
    folder: Path | None = None, workspace: Workspace | None = None, secret_key: bytes | None = None
) -> Flask:
    """Return the application that shows the region in ``folder`` (the working folder unless given).

    Unless ``secret_key`` is given, cookies are signed with the region's own key, which is made when it is missing.
    """
    # browsers refuse a module without its type, and not every system knows this one
    mimetypes.add_type("text/javascript", ".mjs")
    app = logs.Pages(__name__)
    app.url_rule_class = QuickRule
    # an id of slashes is an unknown id, and leads to no other address
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["workspace"] = shown = workspace or Workspace(folder or HERE)
    app.extensions["people"] = lambda: people_of(shown.folder)
    app.secret_key = secret_key or read_secret_key((shown.folder / DATABASE).parent)
    first = (logs, languages, security, faults, fault_words, shared, sign_in, shared_pages)
    for room in (*first, uploads, api, runs, fronts, operating):
        room.set_up(app)
    looks = (load, timeline, worth, differences, fronts, gaps, siting)
    of_designs = (comparing, confirming, design_changes, makers_room)
    of_workshops = (bench, closures, feeds, plan_publishing)
    for subject in (
        people,
        plans,
        *looks,
        orders,
        order_books,
        order_uploads,
        unmet,
        workshops,
        imports,
        network,
        roads,
        open_pages,
        places,
        designs,
        *of_designs,
        *of_workshops,
        bundle_files,
        publishing,
        runs,
        scenarios,
        steering,
        page_files,
        operating,
        api,
        api.page,
    ):
        app.register_blueprint(subject.bp)
    if told := recover_designs(shown.folder):
        app.logger.warning("what a crash left cannot all be cleared away: %s", told)
    return app
