"""A chair of two parts, as a folder ready to be published."""

from datetime import UTC, datetime
from pathlib import Path

from cosmolocal.records import Process, Vocabulary

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)

VOCABULARY = Vocabulary(
    (
        Process("cnc-routing", "CNC routing", needs=("material", "envelope")),
        Process("assembly", "Assembly"),
    )
)

CHAIR = """\
okhv = "OKH-LOSHv1.0"
name = "Chair"
repo = "https://example.org/chair"
version = "1.0.0"
license = "CERN-OHL-S-2.0"
licensor = "Somebody"
function = "To sit on"
image = "drawings/side.svg"

[[part]]
name = "side panel"
source = "drawings/side.svg"
mass = 1200

[[part]]
name = "seat"
mass = 900

[x-cosmolocal]
reference-price = 180.00
reference-co2e-g = 24000

[[x-cosmolocal.bom]]
part = "side panel"
quantity = 2
[[x-cosmolocal.bom]]
part = "seat"
quantity = 1
[[x-cosmolocal.bom]]
bought = "M6 bolt"
into = "seat"
quantity = 16
cost = 0.12
mass-g = 9
provenance = "assumed"

[[x-cosmolocal.operation]]
part = "side panel"
process = "cnc-routing"
minutes-per-unit = 12.5
setup-minutes = 10
material = "plywood"
material-cost = 6.50
envelope-mm = [800, 400, 18]
tolerance = "medium"
provenance = "assumed"
[[x-cosmolocal.operation]]
part = "seat"
process = "cnc-routing"
minutes-per-unit = "unknown"
[[x-cosmolocal.operation]]
process = "assembly"
minutes-per-unit = 5
"""


def write_chair(folder: Path, text: str = CHAIR) -> Path:
    """Write the bundle into ``folder``."""
    (folder / "drawings").mkdir(parents=True, exist_ok=True)
    (folder / "okh.toml").write_text(text, encoding="utf-8")
    (folder / "drawings" / "side.svg").write_text("<svg/>", encoding="utf-8")
    return folder


def chair(version: str) -> str:
    """Return the manifest with another version."""
    return CHAIR.replace('version = "1.0.0"', f'version = "{version}"', 1)
