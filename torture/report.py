"""The report of the torture: one summary table and the details of each experiment, in a Markdown file that is kept."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from torture.sections import Section, table

HEAD = """# Reliability

What was done to the program on purpose, and what came of it. `make torture` writes this file; with `SECTION=name` it
runs one experiment and writes its row alone. Each experiment can fail: a test in `tests/` shows it on a program
without the protection. How the experiments work is told in [docs/store.md](store.md) and in `torture/`.

"""
_ROW = re.compile(r"<!-- (\{.*\}) -->")
_LONG = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """An experiment that was run."""

    name: str
    done: str
    wrong: tuple[str, ...]
    details: str
    #: [s]
    seconds: float
    #: share of the full amount
    share: float
    #: ISO date
    day: str
    #: cores and memory
    machine: str
    #: why it could not be run; empty: it was
    unavailable: str = ""

    @property
    def verdict(self) -> str:
        """Return the state in a word."""
        if self.unavailable:
            return "not run"
        return f"**{len(self.wrong)} wrong**" if self.wrong else "passed"


def read_report(path: Path) -> dict[str, Entry]:
    """Return the entries of an earlier report by name; none where there is no report."""
    if not path.exists():
        return {}
    plain = (json.loads(found) for found in _ROW.findall(path.read_text()))
    return {entry["name"]: Entry(**{**entry, "wrong": tuple(entry["wrong"])}) for entry in plain}


def write_report(path: Path, sections: Mapping[str, Section], entries: Mapping[str, Entry]) -> None:
    """Write the report: a row for each section, those not run yet included."""
    rows = [_row(section, entries.get(section.name)) for section in sections.values()]
    text = HEAD + table(("experiment", "passes when", "done", "result", "seconds", "run on"), rows)
    for section in sections.values():
        if entry := entries.get(section.name):
            text += f"\n## {section.name}\n\n<!-- {_hidden(entry)} -->\n{section.experiment}.\n"
            text += f"\n{entry.details.rstrip()}\n" if entry.details else ""
            text += "".join(f"\n- {_shown(wrong)}" for wrong in entry.wrong[:_LONG]) + ("\n" if entry.wrong else "")
    path.write_text(text)


def summary(sections: Mapping[str, Section], entries: Mapping[str, Entry]) -> str:
    """Return the table of those that were run."""
    rows = [_row(sections[name], entry) for name, entry in entries.items()]
    return table(("experiment", "passes when", "done", "result", "seconds", "run on"), rows)


def _row(section: Section, entry: Entry | None) -> tuple[str, ...]:
    name = f"`{section.name}`: {section.experiment}"
    if entry is None:
        return name, section.passes_when, "", "not run", "", ""
    done = entry.unavailable or entry.done
    part = "" if entry.share == 1 else f" ({entry.share:.3g} of the full amount)"
    return name, section.passes_when, f"{done}{part}", entry.verdict, f"{entry.seconds:.0f}", _where(entry)


def _where(entry: Entry) -> str:
    return f"{entry.day}, {entry.machine}"


def _hidden(entry: Entry) -> str:
    """Return the entry for the next run to read; a comment ends at its first two hyphens."""
    return json.dumps(asdict(entry)).replace("--", "-\\u002d")


def _shown(wrong: str) -> str:
    return " ".join(wrong.split()).replace("|", "\\|").replace("<", "&lt;")
