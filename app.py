"""The web application of the region in the working folder, where flask, gunicorn and waitress find it."""

from cosmolocal.web import create_app

app = create_app()
