"""``python -m cosmolocal``."""

from cosmolocal.cli import main

main(prog_name="cosmolocal")
