"""What lies beside a design and is no part of it: left out of a bundle, and said so.

Programs put such files into folders and archives without being asked. All other hidden names are refused, as nobody
knows what they steer.
"""

import os
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from cosmolocal.designs.names import MAX_LEVELS
from cosmolocal.errors import Problem

CODES: dict[str, str] = {
    "U030": "Warning: files that are no part of a design were left out, such as what code hosts and Macs add.",
}
#: name or pattern, in lower case; a folder with ``/`` at its end -> what it is
REASONS: Mapping[str, str] = {
    ".git/": "the history of the folder; the design is what it holds now",
    ".git": "says where the history of the folder lies",
    ".gitignore": "steers git",
    ".gitattributes": "steers git",
    ".gitmodules": "steers git; what a submodule holds is part of the design where its files lie in its folder",
    ".gitkeep": "keeps an empty folder in git",
    ".git-blame-ignore-revs": "steers git",
    ".mailmap": "names of people for git",
    ".hg/": "the history of the folder; the design is what it holds now",
    ".hgignore": "steers Mercurial",
    ".svn/": "the history of the folder; the design is what it holds now",
    ".github/": "steers a code host",
    ".gitlab/": "steers a code host",
    ".gitlab-ci.yml": "steers a code host",
    ".gitea/": "steers a code host",
    ".forgejo/": "steers a code host",
    ".woodpecker/": "steers a code host",
    ".woodpecker.y*ml": "steers a code host",
    ".circleci/": "steers a code host",
    ".travis.yml": "steers a code host",
    ".nojekyll": "steers a code host",
    ".readthedocs.y*ml": "steers a host of documents",
    ".all-contributorsrc": "steers a program that lists people",
    ".pre-commit-config.yaml": "steers a program that checks files",
    ".markdownlint*": "steers a program that checks texts",
    ".codespellrc": "steers a program that checks texts",
    ".prettierrc*": "steers a program that lays out texts",
    ".prettierignore": "steers a program that lays out texts",
    ".reuse/": "steers a program that checks licences; REUSE.toml can say the same, and stays",
    ".editorconfig": "settings of editors",
    ".vscode/": "settings of an editor",
    ".idea/": "settings of an editor",
    ".~lock.*#": "says that an office program has a file open",
    "~$*": "says that an office program has a file open",
    "__macosx/": "notes of a Mac on its files",
    ".ds_store": "notes of a Mac on a folder",
    "._*": "notes of a Mac on a file",
    ".directory": "notes of a desktop on a folder",
    "thumbs.db": "small pictures that Windows keeps of a folder",
    "desktop.ini": "notes of Windows on a folder",
    ".env": "settings of one machine, often with passwords",
    ".env.*": "settings of one machine, often with passwords",
    ".venv/": "programs that Python installed here",
    "venv/": "programs that Python installed here",
    "__pycache__/": "programs that Python translated here",
    "node_modules/": "programs that npm installed here",
}
#: those that are more than a name; all of them are names of files
_PATTERNS = tuple(rule for rule in REASONS if "*" in rule)
_GIT = ".git"


def find_rule(path: str, *, is_archive: bool = False) -> str | None:
    """Return the key of `REASONS` by which a path is left out; None: it is not. Folders end in ``/``.

    A ``.git`` in an archive is never passed over: it came from elsewhere, and no code host packs one.

    >>> find_rule("parts/.github/workflows/draw.yml")
    '.github/'
    >>> find_rule(".htaccess")
    """
    names = path.casefold().split("/")
    # a path that is too deep is refused anyway; it may have been made to keep us busy
    if len(names) > MAX_LEVELS + 1 or (is_archive and _GIT in names):
        return None
    return next(filter(None, map(_rule_of, [*(f"{name}/" for name in names[:-1]), names[-1]])), None)


def _rule_of(step: str) -> str | None:
    if step in REASONS:
        return step
    patterns = () if step.endswith("/") else _PATTERNS
    return next((pattern for pattern in patterns if fnmatchcase(step, pattern)), None)


def sort_out(paths: Iterable[str], *, is_archive: bool = False) -> tuple[list[str], dict[str, str]]:
    """Return the paths that stay, and those that are left out with the rule by which they are."""
    rules = [(path, find_rule(path, is_archive=is_archive)) for path in paths]
    return [path for path, rule in rules if rule is None], {path: rule for path, rule in rules if rule is not None}


def scan_left_out(folder: Path) -> dict[str, str]:
    """Return what is left out of a folder, files and folders, each with the rule by which it is."""
    found = {}
    for above, folders, files in os.walk(folder):
        way = "" if Path(above) == folder else f"{Path(above).relative_to(folder).as_posix()}/"
        links = {name for name in folders if Path(above, name).is_symlink()}
        for name in (*(f"{name}/" for name in folders if name not in links), *links, *files):
            if rule := find_rule(way + name):
                found[way + name] = rule
    return found


def warn_left_out(rule_by_path: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return one warning for each rule, with the number of files that were left out by it."""
    files = [rule for path, rule in rule_by_path.items() if not path.endswith("/")]
    return tuple(_warning(rule, files.count(rule)) for rule in sorted(set(rule_by_path.values())))


def warn_rules(rules: Iterable[str]) -> tuple[Problem, ...]:
    """Return one warning for each rule, where nobody counted the files."""
    return tuple(_warning(rule, None) for rule in sorted(set(rules) & REASONS.keys()))


def _warning(rule: str, count: int | None) -> Problem:
    number = "" if count is None else f" ({count} file{'' if count == 1 else 's'})"
    return Problem(
        "U030", _SHOWN.get(rule, rule), f"was left out{number}, as it is no part of a design: {REASONS[rule]}"
    )


#: rules whose names are not in lower case where they come from
_SHOWN = {"__macosx/": "__MACOSX/", ".ds_store": ".DS_Store", "thumbs.db": "Thumbs.db"}
