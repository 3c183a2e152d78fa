"""The web application of the region in the working folder, where `flask run` and other servers find it.

``COSMOLOCAL_LOG=json`` or ``words`` writes the log of the program to stderr; what serves it may write its own.
"""

import os

from cosmolocal.web import create_app, logs

form = os.environ.get("COSMOLOCAL_LOG", "none")
if form not in logs.FORMS:
    raise SystemExit(f"COSMOLOCAL_LOG is {form!r}; it must be one of {', '.join(logs.FORMS)}")
logs.start_log(form)
app = create_app()
