"""The README says what the program does, no more and no less."""

import hashlib
import re
from pathlib import Path

import pytest

from cosmolocal import __version__
from tools.readme import TABLES, find_block, find_codes

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SOURCES = {path: path.read_text("utf-8") for path in sorted((ROOT / "cosmolocal").rglob("*.py"))}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_the_readme_lists_all_there_is_and_nothing_else(name: str):
    """``make docs`` writes the tables again."""
    assert find_block(README, name).strip() == TABLES[name]().strip()


@pytest.mark.parametrize("name", TABLES)
def test_no_table_is_short_and_no_cell_is_empty(name: str):
    block = find_block(README, name).strip()
    assert len(block.splitlines()) > 8
    assert not re.search(r"\|\s*\|$", block, re.MULTILINE)


def test_every_code_in_use_is_explained_and_every_explained_code_is_in_use():
    """In the rooms of designs a W is a warning of OCFL, whose own codes we keep."""
    used: set[str] = set()
    for path, source in SOURCES.items():
        letters = "[DUNPJS]" if path.parent.name == "designs" else "[WODUNPJS]"
        used.update(re.findall(rf"[\"']({letters}[0-9]{{3}})[\"']", without_codes(source)))
    assert used == find_codes().keys()


def without_codes(source: str) -> str:
    """Return a module without its table of codes, whose keys would count as uses."""
    return re.sub(r"^CODES[^\n]*= \{.*?\}$", "", source, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "room", sorted(path.name for path in (ROOT / "cosmolocal").iterdir() if path.name[0] not in "_.")
)
def test_the_map_of_the_house_shows_every_room(room: str):
    [house] = re.findall(r"## Map of the house\n(.*?)\n## ", README, re.DOTALL)
    assert room in house


def test_files_that_the_docs_point_to_exist():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_changelog_speaks_of_this_version():
    assert re.search(rf"^## {re.escape(__version__)}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_the_licence_is_verbatim():
    """The text of the GNU Affero General Public License 3 as its authors publish it."""
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert digest == "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"
