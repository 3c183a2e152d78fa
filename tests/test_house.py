"""The rules of the house, each a test: rows, style, types, budgets (CONTRIBUTING.md)."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


Trees = dict[str, ast.Module]


@pytest.fixture(scope="module")
def trees() -> Trees:
    """Return each module by its name; read once, and not kept for the tests of other files."""
    return {name_of(path): ast.parse(path.read_text("utf-8")) for path in MODULES}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


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


def faults(trees: Trees, find: Callable[[ast.Module], list[Any]]) -> dict[str, list[Any]]:
    """Return what is found in each module that has something to find."""
    found = {name: find(tree) for name, tree in trees.items()}
    return {name: faults for name, faults in found.items() if faults}


def test_a_module_keeps_its_budgets(trees: Trees):
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > LARGEST_MODULE_LINES} == {}
    long = faults(
        trees,
        lambda tree: [
            (function.name, function.lineno, lines_of(function), arguments_of(function))
            for function in functions(tree)
            if lines_of(function) > LARGEST_FUNCTION_LINES or arguments_of(function) > MOST_ARGUMENTS
        ],
    )
    assert long == {}


def late_imports(tree: ast.Module) -> list[str]:
    return [
        module
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names])
    ]


def test_imports_stand_at_the_top(trees: Trees):
    """Only what is an extra or slow to load may be imported late."""
    # the solvers bring OR-Tools along, and SciPy's take a third of a second
    allowed = ("cosmolocal.planning.solvers", "scipy.optimize", "osmnx", "pyarrow")
    assert faults(trees, lambda tree: [module for module in late_imports(tree) if module not in allowed]) == {}


def test_public_names_are_explained(trees: Trees):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    silent = faults(trees, lambda tree: [] if ast.get_docstring(tree) else ["the module says nothing of itself"])
    assert silent == {}
    unexplained = faults(
        trees,
        lambda tree: [
            node.name
            for node in tree.body
            if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node)
        ],
    )
    assert unexplained == {}


def test_words_go_through_one_door(trees: Trees):
    """Only the command line prints; an assert is no check of input, for -O removes it."""
    printed = faults(
        trees,
        lambda tree: [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ],
    )
    assert [name for name in printed if "cli" not in name] == []
    assert faults(trees, lambda tree: [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]) == {}
    bare = faults(
        trees,
        lambda tree: [
            node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type is None
        ],
    )
    assert bare == {}


def test_a_rule_that_is_broken_is_found(trees: Trees):
    """The rules above would hold for searches that find nothing."""
    broken = ast.parse("def f():\n    import os\n    assert os\n")
    assert late_imports(broken) == ["os"]
    assert len(trees) == len(MODULES) > 100


def test_the_budget_counts_lines_without_the_docstring():
    tree = ast.parse('def f(self, a, *, b):\n    """One.\n\n    Two.\n    """\n    return a\n')
    [function] = functions(tree)
    assert (lines_of(function), arguments_of(function)) == (2, 2)
