"""The front door: what make would do, without doing it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VOCABULARY = "cosmolocal/processes.yaml"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str, cwd: Path = ROOT) -> str:
    """Return what make prints; the make that runs the tests must not speak through this one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    result = subprocess.run(["make", *arguments], cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def targets() -> set[str]:
    [phony] = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    return set(phony.split())


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a region whose virtual environment is ready and whose planner writes down what it was asked."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("region.yaml", "workshops.yaml", "places.csv", VOCABULARY, "orders/autumn.csv", "orders/spring.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "designs" / "a~lamp").mkdir(parents=True)
    (tmp_path / "designs" / "a~lamp" / "inventory.json").touch()
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "pyproject.toml").touch()
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "python").touch()
    planner = bin_folder / "cosmolocal"
    planner.write_text('#!/bin/sh\necho "$@" >> calls\n[ "$1" = plan ] && echo "{}" > "$4"\ntest ! -e broken\n')
    planner.chmod(0o755)
    (tmp_path / ".venv" / "run.stamp").touch()
    return tmp_path


def calls(house: Path) -> list[str]:
    return (house / "calls").read_text().splitlines()


def test_help_lists_every_target_with_a_line():
    shown = dict(line.strip().split(maxsplit=1) for line in make("help").splitlines())
    assert shown.keys() == targets()
    assert all(shown.values())


def test_help_is_what_make_does_when_asked_for_nothing():
    assert make() == make("help")


def test_a_plan_is_solved_once(house: Path):
    make("plan", cwd=house)
    make("plan", cwd=house)
    assert calls(house) == ["plan orders/autumn.csv --out build/plans/autumn.json"]


def test_gaps_are_told_beside_the_plan_of_the_order_book(house: Path):
    make("gaps", "ORDERS=orders/spring.csv", "NEXT=5", cwd=house)
    make("gaps", "ORDERS=orders/spring.csv", cwd=house)
    plan = "build/plans/spring.json"
    assert calls(house) == [
        f"plan orders/spring.csv --out {plan}",
        f"gaps {plan} --next 5",
        f"gaps {plan} --next 3",
    ]


@pytest.mark.parametrize(
    "changed",
    ["workshops.yaml", "region.yaml", "places.csv", VOCABULARY, "designs/a~lamp/inventory.json", "orders/autumn.csv"],
)
def test_a_changed_input_is_planned_again(house: Path, changed: str):
    make("plan", cwd=house)
    make("plan", f"--what-if={changed}", cwd=house)
    assert len(calls(house)) == 2


def test_another_order_book_has_a_plan_of_its_own(house: Path):
    make("plan", "ORDERS=orders/spring.csv", cwd=house)
    make("audit", "ORDERS=orders/spring.csv", cwd=house)
    assert calls(house) == [
        "plan orders/spring.csv --out build/plans/spring.json",
        "audit build/plans/spring.json",
    ]


def test_half_a_plan_is_not_kept(house: Path):
    (house / "broken").touch()
    result = subprocess.run(["make", "plan"], cwd=house, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert not (house / "build" / "plans" / "autumn.json").exists()


@pytest.mark.parametrize(
    "kind", ["csv", "unmet-csv", "trips-csv", "json", "geojson", "html", "parquet", "districts-csv"]
)
def test_an_export_is_made_of_the_plan_in_the_format_asked_for(house: Path, kind: str):
    make("export", f"FORMAT={kind}", cwd=house)
    assert calls(house)[-1] == f"export build/plans/autumn.json --format {kind}"
    assert (house / "build" / "exports" / f"autumn.{kind}").exists()


def test_run_plans_then_serves(house: Path):
    make("run", "PORT=8001", cwd=house)
    assert [call.split()[0] for call in calls(house)] == ["plan", "serve"]
    assert calls(house)[-1] == "serve --port 8001"


def test_clean_leaves_inputs_and_the_virtual_environment(house: Path):
    make("plan", cwd=house)
    (house / "cosmolocal" / "__pycache__").mkdir(parents=True)
    (house / "tests").mkdir()
    make("clean", cwd=house)
    assert not (house / "build" / "plans").exists()
    assert not (house / "cosmolocal" / "__pycache__").exists()
    assert (house / ".venv" / "run.stamp").exists()
    assert (house / "orders" / "autumn.csv").exists()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pinned_package_has_a_hash_and_no_address(name: str):
    text = (ROOT / name).read_text("utf-8")
    packages = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(packages) >= 30
    assert [package for package in packages if "--hash=sha256:" not in package or "==" not in package] == []
    assert "://" not in text
    assert "index-url" not in text


def test_tests_run_with_the_very_packages_that_running_needs():
    pins = [
        {line.rstrip(" \\") for line in (ROOT / name).read_text("utf-8").splitlines() if line[:1].isalnum()}
        for name in ("requirements.txt", "requirements-dev.txt")
    ]
    assert pins[0] <= pins[1]


def require_programs(tmp_path: Path, *programs: str) -> subprocess.CompletedProcess[str]:
    """Run the tool for somebody who is not root and has these programs alone."""
    for name in (*programs, "id"):
        (tmp_path / name).write_text("#!/bin/sh\necho 1000\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "sed").symlink_to(shutil.which("sed") or "/bin/sed")
    command = ["/bin/sh", ROOT / "tools" / "require-programs"]
    return subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("browser", ["chromium", "chromium-browser", "google-chrome"])
def test_programs_that_are_there_are_used_without_a_word(tmp_path: Path, browser: str):
    result = require_programs(tmp_path, browser, "strace", "git", "nginx", "openssl")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_without_a_program_and_without_rights_a_word_is_said_and_the_tests_go_on(tmp_path: Path):
    result = require_programs(tmp_path, "git", "nginx", "openssl")
    assert (result.returncode, result.stderr) == (0, "")
    assert "not installed: chromium strace;" in result.stdout
