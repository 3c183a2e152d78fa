"""The pages, served from the command line."""

from pathlib import Path

import click
from waitress import create_server

from cosmolocal.cli.options import region_option
from cosmolocal.cli.output import say
from cosmolocal.web import create_app


@click.command()
@region_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--threads", type=click.IntRange(1, 256), default=16, show_default=True, help="Requests served at once.")
def serve(region: Path, host: str, port: int, threads: int) -> None:
    """Serve the pages of a region."""
    try:
        server = create_server(create_app(region), host=host, port=port, threads=threads)
    except OSError as error:
        raise click.UsageError(f"{host}:{port} cannot be used ({error.strerror}); name another with --port") from None
    say(f"serving {region.resolve().name} on http://{host}:{port}/  (Ctrl-C ends)")
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        say("ended")
