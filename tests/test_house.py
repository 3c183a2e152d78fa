"""The rules of the house, each a test: rows, style, types, budgets (CONTRIBUTING.md)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "cosmolocal").rglob("*.py"))
LARGEST_FUNCTION_LINES = 50
LARGEST_MODULE_LINES = 400
MOST_ARGUMENTS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def run(*command: str) -> None:
    """Run a tool of the virtual environment in the repository; its words are the failure."""
    tool = Path(sys.executable).parent / command[0]
    result = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_module_imports_from_lower_rows_only():
    run("lint-imports")


def test_style():
    run("ruff", "check")


def test_format():
    run("ruff", "format", "--check")


def test_types():
    run("mypy")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def lines_of(function: Function) -> int:
    """Count the lines from ``def`` to the end, decorators and docstring not counted."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def arguments_of(function: Function) -> int:
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([argument for argument in every if argument.arg not in ("self", "cls")])


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_a_module_keeps_its_budgets(path: Path):
    source = path.read_text("utf-8")
    found = {
        f"{function.name}, line {function.lineno}": (lines_of(function), arguments_of(function))
        for function in functions(ast.parse(source))
    }
    assert len(source.splitlines()) <= LARGEST_MODULE_LINES
    assert {name: lines for name, (lines, _) in found.items() if lines > LARGEST_FUNCTION_LINES} == {}
    assert {name: number for name, (_, number) in found.items() if number > MOST_ARGUMENTS} == {}


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_imports_stand_at_the_top(path: Path):
    """Only what is an extra or slow to load may be imported late."""
    late = [
        module
        for function in functions(ast.parse(path.read_text("utf-8")))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names])
    ]
    # the solvers bring OR-Tools along, and SciPy's take a third of a second
    allowed = ("cosmolocal.planning.solvers", "scipy.optimize", "osmnx", "pyarrow")
    assert [module for module in late if module not in allowed] == []


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_public_names_are_explained(path: Path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), "the module says nothing of itself"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_words_go_through_one_door(path: Path):
    """Only the command line prints; an assert is no check of input, for -O removes it."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "print" not in calls or "cli" in path.relative_to(ROOT).as_posix()
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)] == []
    bare = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type is None]
    assert bare == []


def test_the_budget_counts_lines_without_the_docstring():
    tree = ast.parse('def f(self, a, *, b):\n    """One.\n\n    Two.\n    """\n    return a\n')
    [function] = functions(tree)
    assert (lines_of(function), arguments_of(function)) == (2, 2)
