"""cosmolocal designs: compare, show with history, lineage and makers, work-list, makes, report-make."""

import json

import pytest
from cli.small_region import run


def asked(region, *command) -> dict:
    result = run("designs", *command, "--region", region, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def told(region, *command) -> str:
    result = run("designs", *command, "--region", region)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_two_versions_are_compared(region):
    found = asked(region, "compare", "us~lamp", "1.0.0", "1.1.0")
    assert (found["old"], found["new"]) == ("us~lamp@1.0.0", "us~lamp@1.1.0")
    assert [change["new"]["path"] for change in found["files"]["changed"]] == ["okh.toml"]
    [process] = found["planning"]["processes"]
    assert process["seconds"] == {"old": 1200, "new": 900}
    text = told(region, "compare", "us~lamp", "1.0.0", "1.1.0")
    for part in ("file changed: okh.toml", "field version: 1.0.0 → 1.1.0", "seconds 1200 → 900", "still made by: 2"):
        assert part in text
    assert "laser-cutting, min per unit" in text


def test_a_version_compared_with_itself_says_nothing_changed(region):
    text = told(region, "compare", "us~lamp", "1.0.0", "1.0.0")
    assert "changed" not in text
    assert "no longer made by: 0" in text


def test_a_larger_lot_is_asked_for_where_told(region):
    """Twenty hours a week on one laser of ten agreed: forty lamps of fifteen minutes are ten hours and more."""
    found = asked(region, "compare", "us~lamp", "1.0.0", "1.1.0", "--quantity", "35")
    assert found["planning"]["quantity"] == 35
    cheapest = found["planning"]["cheapest_cents"]
    assert (cheapest["old"], cheapest["new"] is not None) == (None, True)


def makers(region, design: str, *options) -> dict:
    return asked(region, "show", design, "--makers", *options)["makers"]


def test_makers_are_told_with_figures_for_a_quantity_and_a_place(region):
    found = makers(region, "us~lamp", "--quantity", "5", "--to", "home")
    assert [(row["workshop"], row["ability"]) for row in found["workshops"]] == [("north", "can"), ("south", "can")]
    assert (found["quantity"], found["place"]) == (5, "home")
    here = makers(region, "us~lamp", "--quantity", "5")["workshops"][0]
    assert here["total_cents"] < found["workshops"][0]["total_cents"]
    text = told(region, "show", "us~lamp@1.0.0", "--makers", "--quantity", "500")
    assert "too large for any week" in text
    assert "who can make 500 units, fetched at the workshop" in text


def test_what_is_asked_of_makers_is_refused_without_them(region):
    assert run("designs", "show", "us~lamp", "--to", "home", "--region", region).exit_code == 2


def test_the_figure_is_that_of_the_plan_of_the_order(region):
    """Order A of the book: five lamps for home, due on 18 September, all machines free."""
    book = region / "orders" / "one.csv"
    book.write_text("id,design,quantity,place,due_date\nA,us~lamp,5,home,2026-09-18\n")
    result = run("plan", book, "--region", region, "--json", "--gap", "0")
    found = makers(region, "us~lamp", "--quantity", "5", "--to", "home", "--due", "2026-09-18")
    assert found["workshops"][0]["total_cents"] == json.loads(result.stdout)["cost_cents"]


def test_nothing_unknown_is_no_work(region):
    assert asked(region, "work-list")["totals"] == {"designs": 0, "units": 0, "orders": 0}
    assert "no order waits" in told(region, "work-list", region / "orders/book.csv")


def test_what_is_unknown_is_work(region, tmp_path):
    """Version 1.2.0 says nothing of its material any more; the orders of any version and of ^1.0 resolve to it."""
    bundle = tmp_path / "next"
    bundle.mkdir()
    text = (region / "designs/us~lamp/v2/content/okh.toml").read_text().replace('"1.1.0"', '"1.2.0"')
    (bundle / "okh.toml").write_text(text.replace('material = "plywood"', 'material = "unknown"'))
    assert run("designs", "publish", bundle, "--region", region).exit_code == 0
    found = asked(region, "work-list")
    assert [(row["design"], row["units"], row["unlocks"]) for row in found["designs"]] == [("us~lamp@1.2.0", 14, 14)]
    assert "confirm this 1 design to unlock 14 units of 3 orders" in told(region, "work-list")


def test_the_lineage_and_the_history_are_told(region):
    found = asked(region, "show", "us~lamp@1.0.0")
    assert found["lineage"]["newer"] == "1.1.0"
    assert [row["version"] for row in found["history"]] == ["1.1.0", "1.0.0"]
    assert "makers" not in found
    text = told(region, "show", "us~lamp@1.0.0")
    assert "newer version: 1.1.0" in text
    assert text.count("1.0.0") == 2


def test_sources_and_forks_are_told(region, tmp_path):
    manifest = (region / "designs/us~lamp/v1/content/okh.toml").read_text()
    for name, source in (("near", "us~lamp@1.0.0"), ("far", "them~near@1.0.0"), ("lost", "them~gone@2.0.0")):
        bundle = tmp_path / name
        bundle.mkdir()
        sources = f'derived-from = ["{source}", "https://example.org/lamp"]'
        text = manifest.replace("[x-cosmolocal]", f"[x-cosmolocal]\n{sources}").replace(
            'licensor = "us"', 'licensor = "them"'
        )
        (bundle / "okh.toml").write_text(text)
        done = run("designs", "publish", bundle, "--id", f"them~{name}", "--region", region, "--by", "them")
        assert done.exit_code == 0, done.output
    assert "fork them~near (Lamp): 1.0.0 from 1.0.0\n    fork them~far" in told(region, "show", "us~lamp@1.0.0")
    text = told(region, "show", "them~far")
    assert "from them~near@1.0.0 (Lamp)\n    from us~lamp@1.0.0 (Lamp), newer: 1.1.0" in text
    assert "from https://example.org/lamp" in text
    assert "from them~gone@2.0.0 (not in this store)" in told(region, "show", "them~lost")


def test_a_make_is_reported_and_listed(region):
    done = asked(region, "report-make", "us~lamp@1.0.0", "--quantity", "3", "--place", "north", "--by", "ana")
    assert (done["quantity"], done["person"]) == (3, "ana")
    assert "2 units" in told(region, "report-make", "us~lamp@1.1.0", "--quantity", "2", "--date", "2026-01-05")
    assert asked(region, "makes", "us~lamp")["units"] == 5
    assert "5 units so far" in told(region, "makes", "us~lamp")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("compare", "us~lamp", "1.0.0", "9.0.0"), 4),
        (("show", "us~lamb", "--makers"), 4),
        (("show", "us~lamp", "--makers", "--to", "nowhere"), 4),
        (("show", "us~lamp", "--makers", "--quantity", "0"), 2),
        (("makes", "us~lamb"), 4),
        (("report-make", "us~lamp@9.0.0", "--quantity", "1"), 4),
        (("report-make", "us~lamp@1.0.0", "--quantity", "0"), 3),
        (("work-list", "nothing.csv"), 2),
    ],
)
def test_a_wrong_question_ends_with_its_exit_code(region, command, code):
    assert run("designs", *command, "--region", region).exit_code == code
