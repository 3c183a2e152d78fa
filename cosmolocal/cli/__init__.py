"""The command line: one command per workflow."""

from cosmolocal.cli.commands import main

__all__ = ["main"]
