"""The region of the lamp in a folder, with the design in two versions, and the command line in this process."""

from pathlib import Path

from click.testing import CliRunner, Result

from cosmolocal.cli import main
from torture.lamp_region import MANIFEST, ORDERS, PLACES, REGION, WORKSHOPS, write_lamp, write_region

__all__ = [
    "MANIFEST",
    "ORDERS",
    "PLACES",
    "REGION",
    "WORKSHOPS",
    "files_in",
    "make_region",
    "run",
    "write_lamp",
]


def run(*arguments: str | Path) -> Result:
    """Run the command line in this process; stdout and stderr stay apart."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def make_region(folder: Path) -> Path:
    """Write the region's files and publish its design."""
    write_region(folder)
    for version, minutes in (("1.0.0", "20"), ("1.1.0", "15")):
        bundle = write_lamp(folder.parent / "bundles" / version, version, minutes)
        result = run("designs", "publish", bundle, "--region", folder)
        assert result.exit_code == 0, result.output
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
