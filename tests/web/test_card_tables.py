"""Tables that are blocks on a phone: `display: block` takes from them what they are, so each part says it by a role."""

import re
from pathlib import Path

import pytest

import cosmolocal.web

TEMPLATES = Path(cosmolocal.web.__file__).parent / "templates"
TABLES = [
    (f"{path.relative_to(TEMPLATES)} {number}", table)
    for path in sorted(TEMPLATES.rglob("*.html"))
    for number, table in enumerate(
        re.findall(r"<table [^>]*\bcards\b.*?</table>", path.read_text("utf-8"), flags=re.DOTALL)
    )
]
ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tfoot": "rowgroup", "tr": "row", "td": "cell"}


@pytest.mark.parametrize("table", [table for _, table in TABLES], ids=[name for name, _ in TABLES])
def test_every_part_of_a_table_of_cards_has_its_role(table):
    for tag, rest in re.findall(r"<(table|thead|tbody|tfoot|tr|td|th)\b([^>]*)", table):
        role = ROLES.get(tag) or ("rowheader" if 'scope="row"' in rest else "columnheader")
        assert f'role="{role}"' in rest, f"<{tag}{rest}>"


def test_there_are_such_tables():
    assert len(TABLES) > 10
