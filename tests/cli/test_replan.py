"""cosmolocal plan --from: what is read, what it says, how it ends."""

import json
from pathlib import Path

import pytest
from cli.small_region import files_in, run

BOOK = "orders/book.csv"


def keep(region: Path, *rows: str, head: str = "lot,order,state,workshop,reason") -> Path:
    path = region / "keep.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def plan_again(region: Path, *options: str | Path):
    return run("plan", region / BOOK, "--region", region, "--from", region / "plan.json", *options)


def changes_of(region: Path, *options: str | Path):
    result = plan_again(region, "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["changes"]


def workshops_of(plan: Path) -> dict[str, str]:
    return {row["lot"]: row["workshop"] for row in json.loads(plan.read_text())["allocations"]}


@pytest.fixture
def lots(planned) -> dict[str, str]:
    return workshops_of(planned / "plan.json")


def test_nothing_said_and_nothing_changed_moves_nothing(planned, lots):
    changes = changes_of(planned)
    assert (changes["earlier"], changes["moves"], changes["conflicts"], changes["churn"]) == (len(lots), [], [], 0.0)
    assert changes["previous"] == json.loads((planned / "plan.json").read_text())["id"]
    assert (changes["most_moves"], changes["move_cents"], changes["stability_cents_at_most"]) == (None, 0, 0)


def test_a_declined_lot_goes_elsewhere_and_the_plan_says_why(planned, lots):
    out = planned / "next.json"
    options = ("--keep", keep(planned, "A/1,,declined,,machine broken"), "--out", out)
    result = plan_again(planned, *options)
    assert result.exit_code == 0
    assert "lot A/1: from" in result.stdout
    assert "declined it." in result.stdout
    assert workshops_of(out)["A/1"] != lots["A/1"]
    [declined] = json.loads(out.read_text())["changes"]["declined"]
    assert declined == {"lot": "A/1", "workshop": lots["A/1"], "why": "machine broken"}
    audit = run("audit", out, "--region", planned, "--json")
    assert (audit.exit_code, json.loads(audit.stdout)["problems"]) == (0, [])
    shown = run("show", out, "--region", planned)
    assert "against the plan before" in shown.stdout
    assert json.loads(run("show", out, "--region", planned, "--json").stdout)["changes"]["forced_moves"] == 1


def test_a_plan_that_follows_another_is_stored_whole_and_can_be_followed_by_its_id(planned):
    result = plan_again(planned, "--keep", keep(planned, "A/1,,declined,,"), "--json", "--out", planned / "next.json")
    plan_id = json.loads(result.stdout)["plan"]
    exported = run("export", plan_id, "--region", planned, "--format", "json")
    assert exported.stdout == (planned / "next.json").read_text()
    third = run("plan", planned / BOOK, "--region", planned, "--from", plan_id, "--json")
    changes = json.loads(third.stdout)["changes"]
    assert [row["lot"] for row in changes["declined"]] == ["A/1"]
    assert changes["previous"] == plan_id


def test_the_plan_file_is_the_same_byte_for_byte(planned):
    paths = [planned / "one.json", planned / "two.json"]
    for path in paths:
        assert plan_again(planned, "--most-moves", "1", "--out", path).exit_code == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_plan_from_scratch_has_no_changes(planned):
    assert "changes" not in json.loads((planned / "plan.json").read_text())
    assert "changes" not in json.loads(run("plan", planned / BOOK, "--region", planned, "--json").stdout)


def close_workshop(region: Path, workshop: str) -> None:
    path = region / "workshops.yaml"
    path.write_text(path.read_text().replace(f"id: {workshop}\n", f"id: {workshop}\n    status: closed\n"))


def test_what_was_promised_and_cannot_be_kept_is_told_and_planned_anew(planned, lots):
    close_workshop(planned, lots["A/1"])
    changes = changes_of(planned, "--keep", keep(planned, ",A,accepted,,"), "--most-moves", "0")
    [conflict] = changes["conflicts"]
    assert (conflict["lot"], conflict["state"]) == ("A/1", "accepted")
    assert "makes nothing now." in conflict["text"]
    assert changes["counted_moves"] == 0


def test_accepted_lots_stay_though_another_place_became_cheaper(planned):
    path = planned / "workshops.yaml"
    text = path.read_text()
    path.write_text(text.replace("hourly_cost: 12,", "hourly_cost: 90,"))
    free, kept = changes_of(planned), changes_of(planned, "--keep", keep(planned, ",A,accepted,,", ",B,started,,"))
    assert free["moves"] != []
    assert kept["moves"] == []
    assert kept["kept"] == 3
    limited = changes_of(planned, "--most-moves", "1")
    assert limited["counted_moves"] == 1
    assert limited["stability_cents_at_most"] > 0
    assert changes_of(planned, "--move-cost", "1000000")["moves"] == []


def test_a_week_later_what_is_past_is_done_and_stays_out(planned, lots):
    later = ("--set", "start_date=2026-09-28")
    changes = changes_of(planned, *later)
    assert (changes["done"], changes["earlier"], changes["weeks_later"]) == (len(lots), 0, 3)
    missed = changes_of(planned, *later, "--keep", keep(planned, "B/1,,declined,,never came"))
    assert missed["done"] == len(lots) - 1
    [move] = missed["moves"]
    assert (move["lot"], move["forced"], move["why"]["code"]) == ("B/1", True, "declined")


@pytest.mark.parametrize(
    ("row", "code", "where"),
    [
        ("Z/1,,accepted,,", "P072", "keep.csv: line 2"),
        (",Z,done,,", "P072", "keep.csv: line 2"),
        ("A/1,B,done,,", "P072", "keep.csv: line 2"),
        ("A/1,,finished,,", "P071", "keep.csv: line 2.state"),
        ("A/1,,,,", "P071", "keep.csv: line 2.state"),
        (",,accepted,,", "P071", "keep.csv: line 2"),
        ("FAR/1,,accepted,,", "P077", "keep.csv: line 2"),
        ("FAR/1,,declined,,", "P071", "keep.csv: line 2.workshop"),
        ("A/1,,accepted,moon,", "P074", "keep.csv: line 2.workshop"),
        ("A/1,,declined,moon,", "P074", "keep.csv: line 2.workshop"),
        ("A/1,,accepted,,\n,A,started,,", "P073", "keep.csv: line 3"),
    ],
)
def test_faults_of_the_keep_file_are_named_by_code_and_line(planned, row, code, where):
    result = plan_again(planned, "--json", "--keep", keep(planned, row))
    assert result.exit_code == 3
    [problem] = json.loads(result.stdout)["problems"]
    assert (problem["code"], problem["where"]) == (code, where)


def test_all_faults_of_all_files_are_listed_together_and_nothing_is_written(planned):
    path = planned / BOOK
    path.write_text(path.read_text().replace("us~lamp,*,5", "us~lamb,*,5"))
    before = keep(planned, "Z/1,,accepted,,", "A/1,,finished,,") and files_in(planned)
    result = plan_again(planned, "--json", "--keep", planned / "keep.csv", "--out", planned / "next.json")
    codes = [problem["code"] for problem in json.loads(result.stdout)["problems"]]
    assert (result.exit_code, sorted(codes)) == (3, ["O005", "P071", "P072"])
    assert files_in(planned) == before


@pytest.mark.parametrize("head", ["lot,order", "lot,state,colour", "state,state,lot"])
def test_a_keep_file_with_other_columns_is_refused(planned, head):
    result = plan_again(planned, "--json", "--keep", keep(planned, head=head))
    assert {problem["code"] for problem in json.loads(result.stdout)["problems"]} == {"P070"}


def test_a_lot_that_is_done_keeps_its_quantity(planned):
    path = planned / BOOK
    path.write_text(path.read_text().replace("us~lamp,*,5", "us~lamp,*,6"))
    result = plan_again(planned, "--json", "--keep", keep(planned, ",A,done,,"))
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["P076"]


def test_a_plan_of_another_region_is_refused(planned):
    path = planned / "region.yaml"
    path.write_text(path.read_text().replace("id: small", "id: other"))
    result = plan_again(planned, "--json")
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["P075"]


def test_a_plan_before_that_is_not_there_is_not_found(planned):
    assert run("plan", planned / BOOK, "--region", planned, "--from", "ffffff").exit_code == 4


@pytest.mark.parametrize("option", [("--most-moves", "1"), ("--move-cost", "5"), ("--keep", "KEEP")])
def test_options_of_replanning_need_the_plan_before(planned, option):
    keep(planned, "A/1,,accepted,,")
    given = [planned / "keep.csv" if each == "KEEP" else each for each in option]
    result = run("plan", planned / BOOK, "--region", planned, *given)
    assert result.exit_code == 2
    assert "needs --from" in result.stderr
