"""The catalogues of translations: ``python -m cosmolocal.web.catalogues`` brings them up to date.

Sentences of the code and the templates go into each ``messages.po``, where people translate them; ``messages.mo`` is
what the program reads. Both are kept in the repository, so that a fresh clone speaks all languages.
"""

import ast
import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TypeGuard

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from cosmolocal import __version__
from cosmolocal.designs.licence_terms import KINDS, TERMS
from cosmolocal.processes import load_vocabulary

PACKAGE = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "translations"
LANGUAGES = ("fr", "es", "ca")
#: what surrounds a sentence to be translated, and which arguments it is
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "translate": None, "N_": None, "say": None}
#: modules whose problems are said as a whole in every language and never stored, so that no page explains their codes
ALL_SAID = (
    "web/asking.py",
    *(
        f"workflows/{name}.py"
        for name in (
            *("asking", "design_questions", "design_search", "incoming", "job_states", "jobs", "makers", "makes"),
            *("order_changes", "order_reading", "order_uploads", "people_rules", "plan_publishing", "promising"),
            *("fronts", "wishing"),
        )
    ),
)
#: modules whose problems no page shows; so it is with the audit and the command line
FOR_PROGRAMS = ("exports/parquet.py", "exports/plan_file.py", "workflows/keep_file.py", "workflows/repeats.py")
#: always the same, so that a catalogue only changes when its sentences do
DATE = datetime(2026, 1, 1, tzinfo=UTC)


def extract_messages() -> Catalog:
    """Return every sentence that the pages, the map and the reasons may show."""
    template = Catalog(project="cosmolocal", creation_date=DATE)
    drawn = [PACKAGE / "exports" / name for name in ("svg_map.py", "network_map.py")]
    marked = [PACKAGE / name for name in ("planning/wording.py", "workflows/rights.py", "workflows/people_rules.py")]
    code = [*sorted((PACKAGE / "web").glob("*.py")), *drawn, *marked, *find_sayers()]
    pages = sorted((PACKAGE / "web/templates").rglob("*.html"))
    for path, method in [*((path, "python") for path in code), *((path, "jinja2.ext:babel_extract") for path in pages)]:
        place = path.relative_to(PACKAGE).as_posix()
        options = {"trimmed": "true"}
        for _, message, _, context in extract_from_file(method, path, keywords=KEYWORDS, options=options):
            template.add(message, locations=[(place, 0)], context=context)
    for sentence in sorted({*TERMS.values(), *KINDS}):
        template.add(sentence, locations=[("designs/licence_terms.py", 0)])
    for process in load_vocabulary().processes:
        template.add(process.name, locations=[("processes.yaml", 0)])
    for place, meanings in find_meanings().items():
        for meaning in meanings:
            template.add(meaning, locations=[(place, 0)])
    return template


def find_sayers() -> list[Path]:
    """Return the modules whose problems are said in every language."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in ("web", "cli")]
    return [path for path in paths if path.name != "errors.py" and re.search(r"\bsay\(", path.read_text("utf-8"))]


def find_meanings() -> dict[str, list[str]]:
    """Return by module what its codes of problems mean, where a page may have to say that."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith(("planning/audit/", "cli/")) or place in (*ALL_SAID, *FOR_PROGRAMS):
            continue
        tables = [node.value for node in ast.parse(path.read_text("utf-8")).body if _is_of_codes(node)]
        found[place] = [meaning for table in tables if table for meaning in ast.literal_eval(table).values()]
    return found


def _is_of_codes(node: ast.stmt) -> TypeGuard[ast.Assign | ast.AnnAssign]:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return isinstance(target, ast.Name) and target.id == "CODES" and isinstance(getattr(node, "value", None), ast.Dict)


def catalogue_file(language: str) -> Path:
    """Return where the sentences of a language are translated."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(language: str) -> Catalog:
    """Return the catalogue of a language; an empty one where it has none yet."""
    path = catalogue_file(language)
    if not path.exists():
        return Catalog(locale=language, project="cosmolocal")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update_catalogues() -> None:
    """Bring all catalogues up to date: new sentences come in untranslated, those no longer used go."""
    for language in LANGUAGES:
        catalogue = read_catalogue(language)
        catalogue.update(extract_messages(), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _set_head(catalogue)
        path = catalogue_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
        path.with_suffix(".mo").write_bytes(compile_catalogue(language))


def _set_head(catalogue: Catalog) -> None:
    """Say what is true of every catalogue, and nothing that changes by itself."""
    catalogue.creation_date = catalogue.revision_date = DATE
    catalogue.version = __version__
    catalogue.msgid_bugs_address = ""
    catalogue.last_translator = catalogue.language_team = "cosmolocal contributors"
    catalogue.header_comment = "# The sentences of cosmolocal; licence AGPL-3.0-or-later."
    catalogue.fuzzy = False


def compile_catalogue(language: str) -> bytes:
    """Return the catalogue of a language as the program reads it."""
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    return compiled.getvalue()


if __name__ == "__main__":
    update_catalogues()
