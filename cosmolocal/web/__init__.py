"""The web pages: plans, orders, what is unmet, workshops and designs, for reading."""

import mimetypes
from pathlib import Path

from flask import Flask

from cosmolocal.web import designs, faults, languages, network, orders, plans, security, shared, unmet, workshops
from cosmolocal.workflows import Workspace

#: the region shown when none is named
HERE = Path()


def create_app(folder: Path | None = None, workspace: Workspace | None = None) -> Flask:
    """Return the application that shows the region in ``folder`` (the working folder unless given)."""
    # browsers refuse a module without its type, and not every system knows this one
    mimetypes.add_type("text/javascript", ".mjs")
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["workspace"] = workspace or Workspace(folder or HERE)
    for room in (languages, security, faults, shared):
        room.set_up(app)
    for subject in (plans, orders, unmet, workshops, network, designs):
        app.register_blueprint(subject.bp)
    return app
