"""Writes the tables of the README from what the code says of itself: python -m tools.readme."""

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import click

from cosmolocal.records import Settings, to_plain

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"

Row = tuple[str, ...]


def find_codes() -> dict[str, str]:
    """Return what each error code means, from the ``CODES`` of every module; no code may have two meanings."""
    codes: dict[str, str] = {}
    for path in sorted((ROOT / "cosmolocal").rglob("*.py")):
        for code, meaning in _codes_of(ast.parse(path.read_text("utf-8"))).items():
            if code in codes:
                raise ValueError(f"{path}: {code} already means {codes[code]!r}")
            codes[code] = meaning
    return dict(sorted(codes.items(), key=lambda item: ("WODUNPJS".index(item[0][0]), item[0])))


def _codes_of(tree: ast.Module) -> dict[str, str]:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "CODES" and isinstance(node, ast.Assign | ast.AnnAssign):
            return dict(ast.literal_eval(node.value)) if isinstance(node.value, ast.Dict) else {}
    return {}


def find_commands() -> Iterator[tuple[str, str]]:
    """Yield each command of the command line with its first sentence."""
    group = importlib.import_module("cosmolocal.cli").main
    yield from _commands_of(group, "")


def _commands_of(group: click.Group, prefix: str) -> Iterator[tuple[str, str]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands_of(command, f"{prefix}{name} ")
        else:
            arguments = " ".join(item.make_metavar(click.Context(command)) for item in _arguments(command))
            yield f"{prefix}{name} {arguments}".strip(), command.get_short_help_str(limit=200)


def _arguments(command: click.Command) -> list[click.Parameter]:
    return [item for item in command.params if isinstance(item, click.Argument)]


def find_settings() -> Iterator[tuple[str, str, str]]:
    """Yield name, default and meaning of each setting."""
    lines = inspect.getsource(Settings).splitlines()
    for field in fields(Settings):
        at = next(number for number, line in enumerate(lines) if line.strip().startswith(f"{field.name}:"))
        comments: list[str] = []
        while (line := lines[at - 1].strip()).startswith("#:"):
            comments.insert(0, line.removeprefix("#:").strip())
            at -= 1
        yield field.name, _default(field), " ".join(comments).replace("``", "`").replace("None:", "none:")


def _default(field: Field[Any]) -> str:
    if field.default_factory is not MISSING:
        return ", ".join(f"{name} {value}" for name, value in to_plain(field.default_factory()).items())
    if field.default is MISSING:
        return "required"
    return "none" if field.default is None else str(field.default)


def find_targets() -> Iterator[tuple[str, str]]:
    """Yield each target of the Makefile with its line of help."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    yield from re.findall(r"^([a-z]+):.*##  *(.*)$", makefile, re.MULTILINE)


def build_table(head: Row, rows: Iterator[Row]) -> str:
    """Return a Markdown table whose first column is code."""
    lines = [head, tuple("---" for _ in head)]
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    lines += [(f"`{first}`", *rest) for first, *rest in escaped]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


#: what stands between ``<!-- name -->`` and ``<!-- /name -->``
TABLES: dict[str, Callable[[], str]] = {
    "targets": lambda: build_table(("make …", "does"), find_targets()),
    "commands": lambda: build_table(("cosmolocal …", "does"), find_commands()),
    "settings": lambda: build_table(("setting", "default", "meaning"), find_settings()),
    "codes": lambda: build_table(("code", "rule or fault"), iter(find_codes().items())),
}


def find_block(text: str, name: str) -> str:
    """Return what stands between the marks of a table."""
    [block] = _mark(name).findall(text)
    return str(block)


def _mark(name: str) -> re.Pattern[str]:
    return re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)


def main() -> None:
    """Bring every table of the README up to date."""
    text = README.read_text("utf-8")
    for name, build in TABLES.items():
        start, end = next(_mark(name).finditer(text)).span()
        text = f"{text[:start]}\n{build()}\n{text[end:]}"
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
