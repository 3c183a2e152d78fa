"""The pages, served from the command line."""

from pathlib import Path

import click

from cosmolocal.cli.ending import Ending, told_by_signals
from cosmolocal.cli.listening import listen
from cosmolocal.cli.options import region_option
from cosmolocal.cli.output import say
from cosmolocal.cli.people import open_people
from cosmolocal.web import create_app
from cosmolocal.workflows.collecting import keep_survivors


@click.command()
@region_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--threads", type=click.IntRange(1, 256), default=16, show_default=True, help="Requests served at once.")
@click.option("--https", is_flag=True, help="A proxy serves these pages by HTTPS: browsers send the cookie by it only.")
def serve(region: Path, host: str, port: int, threads: int, https: bool) -> None:
    """Serve the pages of a region."""
    app = create_app(region)
    app.config["SESSION_COOKIE_SECURE"] = https
    try:
        server = listen(app, host, port, threads)
    except OSError as error:
        raise click.UsageError(f"{host}:{port} cannot be used ({error.strerror}); name another with --port") from None
    keep_survivors()
    ending = Ending(server)
    try:
        with told_by_signals(ending.tell):
            _say_where(region, host, port)
            ending.run()
            say("ending: what was under way is answered; a plan in the making is kept")
            app.extensions["runner"].close()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        say("ended")


def _say_where(region: Path, host: str, port: int) -> None:
    """Say where the pages are, and where the first account is made."""
    say(f"serving {region.resolve().name} on http://{host}:{port}/  (Ctrl-C ends)")
    with open_people(region) as people:
        code = people.first_run_code()
    if code:
        say(f"nobody has an account yet; the first one is made at http://{host}:{port}/first-run?code={code}")
