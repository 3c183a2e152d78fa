"""The start of a new bundle: a manifest that explains itself, and a readme."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

import tomli_w

from cosmolocal.designs.bundles import MANIFEST
from cosmolocal.designs.conversion import REQUIRED, license_unknown
from cosmolocal.designs.licences import names_license
from cosmolocal.designs.preparing import check_stated
from cosmolocal.errors import InputError, Problem

_SKELETON = Path(__file__).with_name("skeleton")
README = "README.md"


def start_bundle(folder: Path, fields: Mapping[str, str]) -> list[Path]:
    """Write a manifest and a readme into a new or empty folder; ``fields`` are required ones that are known by now.

    Raises
    ------
    InputError
        When there is something in the folder, or a field cannot be written.
    """
    problems = check_stated(fields)
    if "license" in fields and not names_license(fields["license"]):
        problems.append(license_unknown("license", repr(fields["license"])))
    if problems:
        raise InputError(problems)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError([Problem("D055", str(folder), "is there already; a new design begins in a folder of its own")])
    values = {"version": "0.1.0", **fields}
    texts = {name: _quoted(values.get(name, "")) for name in REQUIRED}
    title = " ".join(values.get("name", "").split())
    folder.mkdir(parents=True, exist_ok=True)
    for name, replaced in ((MANIFEST, texts), (README, {"name": title})):
        text = Template((_SKELETON / name).read_text(encoding="utf-8")).substitute(replaced)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / MANIFEST, folder / README]


def _quoted(text: str) -> str:
    """Return a text as a TOML string."""
    return tomli_w.dumps({"x": text}).removeprefix("x = ").rstrip("\n")
