"""The pages, served from the command line."""

import logging
from dataclasses import dataclass
from pathlib import Path

import click

from cosmolocal.cli.ending import Ending, told_by_signals
from cosmolocal.cli.listening import listen
from cosmolocal.cli.options import region_option
from cosmolocal.cli.output import say
from cosmolocal.cli.people import open_people
from cosmolocal.collecting import keep_survivors
from cosmolocal.cores import keep_to_one_core
from cosmolocal.web import create_app, logs

log = logging.getLogger(__name__)


@click.command()
@region_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--threads", type=click.IntRange(1, 256), default=16, show_default=True, help="Requests served at once.")
@click.option(
    "--https",
    is_flag=True,
    help="A proxy on this machine serves these pages by HTTPS: it is believed who asks, and cookies go by HTTPS only.",
)
@click.option(
    "--log",
    "form",
    type=click.Choice(logs.FORMS),
    default="words",
    show_default=True,
    help="What is written to stderr of each request: a JSON document for programs, words for a terminal, or nothing.",
)
def serve(region: Path, host: str, port: int, threads: int, https: bool, form: str) -> None:
    """Serve the pages of a region."""
    keep_to_one_core()  # before the threads begin that answer and that write the log
    writer = logs.start_log(form)
    try:
        _serve(region, Place(host, port, threads, https), form, writer)
    finally:
        logs.stop_log(writer)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages are served, and how."""

    host: str
    port: int
    threads: int
    https: bool

    @property
    def address(self) -> str:
        """Return the address of the first page, as this machine sees it."""
        return f"http://{self.host}:{self.port}/"


def _serve(region: Path, place: Place, form: str, writer: logging.Handler) -> None:
    app = create_app(region)
    app.config["SESSION_COOKIE_SECURE"] = place.https
    try:
        server = listen(app, place.host, place.port, place.threads, behind_proxy=place.https)
    except OSError as error:
        raise click.UsageError(
            f"{place.host}:{place.port} cannot be used ({error.strerror}); name another with --port"
        ) from None
    keep_survivors()
    tell = say if form != "json" else log.warning
    ending = Ending(server)
    try:
        with told_by_signals(ending.tell):
            _say_where(region, place, form)
            ending.run()
            tell("ending: what was under way is answered; a plan in the making is kept")
            app.extensions["runner"].close()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        if form != "json":
            logs.stop_log(writer)  # what was logged comes before the last word
        tell("ended")


def _say_where(region: Path, place: Place, form: str) -> None:
    """Say where the pages are, and where the first account is made; a log is no place for its code."""
    where = f"serving {region.resolve().name} on {place.address}  (Ctrl-C ends)"
    with open_people(region) as people:
        if form == "json":
            log.warning(where)
            if people.is_empty():
                log.warning("nobody has an account yet; cosmolocal people add makes one")
            return
        say(where)
        if code := people.first_run_code():
            say(f"nobody has an account yet; the first one is made at {place.address}first-run?code={code}")
