"""Breaks things on purpose and says what came of it: python -m torture [SECTION…] [--share 0.1] [--report FILE]."""

import argparse
import json
import os
import subprocess
import sys
import time
import traceback
from dataclasses import asdict
from datetime import date
from pathlib import Path

from torture.report import Entry, read_report, summary, write_report
from torture.sections import Section, UnavailableError, find_sections

REPORT = Path("docs/reliability.md")


def run_section(section: Section, share: float) -> Entry:
    """Run one experiment in this process; whatever it raises is a finding."""
    begun, done, details, unavailable = time.monotonic(), "", "", ""
    wrong: tuple[str, ...] = ()
    try:
        result = section.run(share)
        done, wrong, details = result.done, result.wrong, result.details
    except UnavailableError as error:
        unavailable = str(error)
    except Exception:  # an experiment that breaks has not passed
        done, wrong = "broke off", (traceback.format_exc(),)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB"
    seconds = round(time.monotonic() - begun, 1)
    return Entry(section.name, done, wrong, details, seconds, share, date.today().isoformat(), machine, unavailable)


def run_apart(name: str, share: float) -> Entry:
    """Run one experiment in a process of its own, so that none meets what another left behind."""
    command = [sys.executable, "-m", "torture", name, "--share", str(share), "--json"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    lines = ended.stdout.splitlines()
    if not lines:
        ended_so = f"the process of the experiment ended with {ended.returncode}"
        return Entry(name, "broke off", (ended_so,), "", 0, share, date.today().isoformat(), "")
    plain = json.loads(lines[-1])
    return Entry(**{**plain, "wrong": tuple(plain["wrong"])})


def main() -> int:
    """Run what is asked for; 1 where anything was wrong, 2 where something could not be run."""
    sections = find_sections()
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("section", nargs="*", metavar="SECTION", help=f"one of {', '.join(sections)}; all if none")
    parser.add_argument("--share", type=float, default=1.0, help="share of the full amount, above 0")
    parser.add_argument("--report", type=Path, default=None, help=f"file of the report; {REPORT} for all of it")
    parser.add_argument("--json", action="store_true", help="one section, in this process, as a line of JSON")
    given = parser.parse_args()
    if unknown := sorted(set(given.section) - set(sections)):
        parser.error(f"there is no section {', '.join(unknown)}; there are: {', '.join(sections)}")
    if given.share <= 0:
        parser.error(f"--share {given.share}: must be above 0")
    if given.json:
        for name in given.section:
            sys.stdout.write(json.dumps(asdict(run_section(sections[name], given.share))) + "\n")
        return 0
    return _run(sections, given.section or list(sections), given.share, given.report)


def _run(sections: dict[str, Section], names: list[str], share: float, report: Path | None) -> int:
    path = report or (REPORT if share == 1 else None)
    kept = read_report(path) if path else {}
    entries: dict[str, Entry] = {}
    for name in names:
        sys.stderr.write(f"{name} …\n")
        entries[name] = entry = run_apart(name, share)
        sys.stderr.write("".join(f"  {wrong}\n" for wrong in entry.wrong))
        sys.stderr.write(f"  {entry.verdict}: {entry.unavailable or entry.done} ({entry.seconds:.0f} s)\n")
        if path:  # after each, so that a run that is cut short keeps what it found
            write_report(path, sections, kept | entries)
    sys.stdout.write(summary(sections, entries))
    if any(entry.wrong for entry in entries.values()):
        return 1
    return 2 if any(entry.unavailable for entry in entries.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
