"""cosmolocal plan: what it prints, what it writes, how it ends."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli.small_region import files_in, run

from cosmolocal.cli.texts import STOPS
from cosmolocal.records import StoppedBy

ROOT = Path(__file__).parent.parent.parent
BOOK = "orders/book.csv"
#: docs: interfaces that stay
KEYS = {"plan", "status", "cost_cents", "bound_cents", "gap", "seconds", "orders", "lots", "served_share"} | {
    "local_share",
    "unmet",
    "digests",
    "seed",
    "solver",
}


def test_the_json_document_holds_what_scripts_rely_on(region):
    result = run("plan", region / BOOK, "--region", region, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found.keys() >= KEYS
    assert found["local_share"].keys() == {"units", "mass", "value"}
    assert (found["orders"], found["lots"], found["unmet"], found["served_share"]) == (3, 4, 1, 0.928)
    assert found["status"] in ("optimal", "feasible")
    assert 0 < found["bound_cents"] <= found["cost_cents"]
    assert found["digests"].keys() >= {"region.yaml", "workshops.yaml", "places.csv", BOOK, "designs/us~lamp@1.1.0"}


def test_the_sample_s_small_book_is_planned_and_audited(tmp_path):
    out = tmp_path / "small.json"
    result = run("plan", ROOT / "orders/small.csv", "--region", ROOT, "--json", "--dry-run", "--out", out)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["orders"], found["audit"]["problems"]) == (0, 24, 0)
    assert found["gap"] <= 0.005
    assert not out.exists()


def test_figures_go_to_stdout_and_messages_to_stderr(region):
    result = run("plan", region / BOOK, "--region", region)
    assert "Orders made here" in result.stdout
    assert "planning 3 orders of orders/book.csv" in result.stderr
    assert "planning" not in result.stdout
    assert "\r" not in result.output, "progress is for terminals only"


def test_quiet_says_nothing(region):
    result = run("plan", region / BOOK, "--region", region, "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_the_plan_file_is_the_same_byte_for_byte(region, tmp_path):
    plans = [tmp_path / "one.json", tmp_path / "two.json"]
    for path in plans:
        assert run("plan", region / BOOK, "--region", region, "--out", path).exit_code == 0
    assert plans[0].read_bytes() == plans[1].read_bytes()


def test_a_dry_run_writes_nothing(region):
    before = files_in(region)
    result = run("plan", region / BOOK, "--region", region, "--out", region / "plan.json", "--dry-run")
    assert result.exit_code == 0
    assert files_in(region) == before


def test_a_run_stores_the_plan_under_the_id_it_names(region):
    plan_id = json.loads(run("plan", region / BOOK, "--region", region, "--json").stdout)["plan"]
    assert [row["plan"] for row in json.loads(run("show", "--region", region, "--json").stdout)] == [plan_id]


def test_a_setting_can_be_overridden_for_one_plan(region):
    result = run("plan", region / BOOK, "--region", region, "--json", "--set", "max_lots_per_order=1", "--dry-run")
    assert json.loads(result.stdout)["lots"] == 3


def test_a_plan_that_must_be_complete_and_is_not_ends_with_5_and_is_kept(region):
    result = run("plan", region / BOOK, "--region", region, "--require-complete", "--out", region / "plan.json")
    assert result.exit_code == 5
    assert (region / "plan.json").exists()
    (region / BOOK).write_text("".join((region / BOOK).read_text().splitlines(keepends=True)[:-1]))
    assert run("plan", region / BOOK, "--region", region, "--require-complete").exit_code == 0


@pytest.mark.parametrize("solver", ["auto", "exact", "prices", "flow"])
def test_the_plan_says_which_solver_was_used_and_costs_the_same_by_all(region, solver):
    """All hours are enough here, so any problem is a flow."""
    result = run("plan", region / BOOK, "--region", region, "--json", "--dry-run", "--gap", "0", "--solver", solver)
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["solver"] == (solver if solver != "auto" else "flow")
    assert (
        found["cost_cents"] == json.loads(run("plan", region / BOOK, "--region", region, "--json").stdout)["cost_cents"]
    )


def test_a_plan_by_another_solver_has_another_id(region):
    ids = [
        json.loads(run("plan", region / BOOK, "--region", region, "--json", "--solver", solver).stdout)["plan"]
        for solver in ("auto", "exact", "prices", "flow", "auto")
    ]
    assert len(set(ids)) == 4
    assert ids[0] == ids[-1]
    stored = json.loads(run("show", "--region", region, "--json").stdout)
    assert {row["plan"] for row in stored} == set(ids)


def test_a_flow_is_refused_where_the_plan_is_none(region):
    """Hours are short, and orders need different minutes of them."""
    path = region / "workshops.yaml"
    path.write_text(
        path.read_text().replace("agreed: 10, actual: 10, maximum: 20", "agreed: 2, actual: 2, maximum: 20")
    )
    before = files_in(region)
    result = run("plan", region / BOOK, "--region", region, "--json", "--solver", "flow")
    [problem] = json.loads(result.stdout)["problems"]
    assert (result.exit_code, problem["code"], problem["where"]) == (3, "P093", "solver")
    assert "auto, exact and prices take any problem" in problem["message"]
    assert files_in(region) == before
    assert run("plan", region / BOOK, "--region", region, "--quiet", "--solver", "prices").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [("--gap", "2"), ("--seconds", "0"), ("--solver", "magic"), ("--set", "weeks"), ("--seed", "-1"), ("--wings",)],
)
def test_wrong_usage_ends_with_2(region, arguments):
    result = run("plan", region / BOOK, "--region", region, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error" in result.stderr


def test_a_book_that_is_not_there_is_wrong_usage(region):
    assert run("plan", region / "orders/none.csv", "--region", region).exit_code == 2


def spoil(region: Path) -> None:
    """Plant a fault in each of four files."""
    for name, good, bad in (
        ("region.yaml", "weeks: 4", "weeks: -4"),
        ("workshops.yaml", "lat: 41.42", "lat: 241.42"),
        ("places.csv", "neighbourhood", "village"),
        (BOOK, "^1.0,8", "^1.0,-8"),
    ):
        path = region / name
        path.write_text(path.read_text().replace(good, bad))


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_faults_of_all_files_are_listed_together_and_nothing_is_written(region, command):
    spoil(region)
    before = files_in(region)
    arguments = [region / BOOK, "--out", region / "plan.json"] if command == "plan" else []
    result = run(command, *arguments, "--region", region, "--json")
    problems = json.loads(result.stdout)["problems"]
    assert result.exit_code == 3
    assert {problem["code"] for problem in problems} == {"W022", "W002", "W021", "O002"}
    assert all(problem.keys() == {"code", "where", "message"} for problem in problems)
    assert {problem["where"].partition(":")[0] for problem in problems} == {
        "region.yaml",
        "workshops.yaml",
        "places.csv",
        "book.csv",
    }
    assert files_in(region) == before


#: file, what is right in it, a fault
BROKEN = {
    "a latitude": ("workshops.yaml", "lat: 41.42", "lat: 241.42"),
    "an id": ("workshops.yaml", "id: north", "id: North!"),
    "the weeks": ("region.yaml", "weeks: 4", "weeks: x"),
    "a place's kind": ("places.csv", "neighbourhood", "village"),
    "a manifest": ("designs/us~lamp/v1/content/okh.toml", 'name = "Lamp"', "name = "),
}
UNREADABLE = {
    "the workshops": ("workshops.yaml", "workshops:", "workshops: ["),
    "a workshop's id": ("workshops.yaml", "  - id: north\n    name", "  - name"),
    "the places": ("places.csv", "id,name", "name"),
}


def break_region(region: Path, name: str, good: str, bad: str) -> None:
    """Plant a fault beside an order of an unknown design for an unknown place."""
    path = region / name
    assert good in path.read_text()
    path.write_text(path.read_text().replace(good, bad))
    (region / BOOK).write_text((region / BOOK).read_text() + "X,us~lamb,*,1,mars,2026-09-25,,normal,no,1,\n")


def order_faults(region: Path, command: str) -> set[tuple[str, str]]:
    result = run(command, *([region / BOOK] if command == "plan" else []), "--region", region, "--json")
    found = {(problem["code"], problem["where"]) for problem in json.loads(result.stdout)["problems"]}
    faults = {(code, where) for code, where in found if code.startswith("O")}
    assert found - faults, "the region's own fault is named too"
    return faults


@pytest.mark.parametrize("command", ["plan", "validate"])
@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_unknown_places_and_designs_are_found_beside_a_fault_of_the_region(region, command, fault):
    break_region(region, *fault)
    assert order_faults(region, command) == {("O004", "book.csv: line 5.place"), ("O005", "book.csv: line 5.design")}


@pytest.mark.parametrize("command", ["plan", "validate"])
@pytest.mark.parametrize("fault", UNREADABLE.values(), ids=UNREADABLE)
def test_where_ids_of_places_cannot_be_read_only_the_places_of_orders_go_unchecked(region, command, fault):
    break_region(region, *fault)
    assert order_faults(region, command) == {("O005", "book.csv: line 5.design")}


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_where_the_store_cannot_be_read_only_the_designs_of_orders_go_unchecked(region, command):
    break_region(region, "places.csv", "Home", "Home")
    shutil.rmtree(region / "designs")
    assert order_faults(region, command) == {("O004", "book.csv: line 5.place")}


def test_faults_are_lines_on_stderr_without_json(region):
    spoil(region)
    result = run("plan", region / BOOK, "--region", region)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "4 problems; nothing was written" in result.stderr
    assert "W022 region.yaml: settings.weeks: found '-4'; must be a whole number from 1 to 104" in result.stderr


def test_faults_of_overrides_and_orders_are_listed_together(region):
    path = region / BOOK
    path.write_text(path.read_text().replace("us~lamp,*,5", "us~lamb,*,5"))
    overrides = ("--set", "weeks=0", "--set", "colour=red")
    result = run("plan", path, "--region", region, *overrides, "--json")
    problems = json.loads(result.stdout)["problems"]
    assert result.exit_code == 3
    assert {(problem["code"], problem["where"]) for problem in problems} == {
        ("W022", "settings: weeks"),
        ("W022", "settings: colour"),
        ("O005", "book.csv: line 2.design"),
    }


def test_overrides_are_checked_even_where_the_region_is_broken(region):
    (region / "region.yaml").write_text("region: [")
    result = run("plan", region / BOOK, "--region", region, "--set", "colour=red", "--json")
    assert {problem["code"] for problem in json.loads(result.stdout)["problems"]} == {"W020", "W022"}


def test_ctrl_c_ends_with_130_and_the_best_plan_is_kept_and_right(tmp_path):
    for name in ("region.yaml", "workshops.yaml", "places.csv"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "designs", tmp_path / "designs")
    (tmp_path / "orders").mkdir()
    book, out = Path(shutil.copy(ROOT / "orders/small.csv", tmp_path / "orders")), tmp_path / "plan.json"
    # pytest may have been started with the signal ignored
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import cosmolocal.cli as c; c.main()"
    )
    command = [sys.executable, "-c", code, "plan", book, "--region", tmp_path, "--gap", "0", "--json", "--out", out]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "planning 24 orders" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=50)
    assert process.returncode == 130, stderr
    assert "stopping" in stderr
    plan_id = json.loads(stdout)["plan"]
    for plan in (out, plan_id):
        assert run("audit", plan, "--region", tmp_path).exit_code == 0


def test_every_end_of_solving_is_told_in_words():
    assert STOPS.keys() == set(StoppedBy)
