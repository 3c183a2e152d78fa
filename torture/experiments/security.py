"""Malice: rights of every route, what has to be refused, what has to stay secret, what the program is made of."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.dependencies import check_parts, read_advisories, read_parts
from tools.sbom import build_bill
from torture import refusals, secrecy
from torture.refusals import Ground, Tally
from torture.routes import LET_IN, REFUSED, run_routes
from torture.sections import Result, Section, amount, table

GUESSING_MINUTES = 30
#: each text of each address meets every so manieth path that leads out, another set of them each
PATHS_PER_TEXT = 2


@contextmanager
def ground() -> Iterator[Ground]:
    """Give a small region in which anything may be tried."""
    with tempfile.TemporaryDirectory() as folder:
        yield secrecy.make_ground(Path(folder) / "region")


def run_rights(share: float) -> Result:
    """Send every route as every role; of a share, each n-th route."""
    tally = run_routes(round(1 / share))
    done = f"{tally.requests:,} requests to {tally.routes} routes"
    keys = sorted({(role, whose) for role, whose, _ in tally.counts})
    rows = [(*key, tally.counts[(*key, LET_IN)], tally.counts[(*key, REFUSED)]) for key in keys]
    return Result(done, tuple(tally.wrong), table(("role", "things", LET_IN, REFUSED), rows))


def run_refused(share: float) -> Result:
    """Attack in each way."""
    every = round(1 / share)
    attacks: dict[str, Callable[[Ground], Tally]] = {
        "forms of other sites": lambda ground: refusals.forge_forms(ground, every),
        "sessions fixed before signing in": refusals.fix_sessions,
        "guessed passwords": lambda ground: refusals.guess_passwords(ground, amount(GUESSING_MINUTES, share)),
        "addresses to be fetched": lambda ground: refusals.tempt_to_fetch(ground, every),
        "paths that lead out": lambda ground: refusals.lead_out(ground, every * PATHS_PER_TEXT),
    }
    tallies: dict[str, Tally] = {}
    for name, attack in attacks.items():
        sys.stderr.write(f"  {name}\n")
        with ground() as fresh:
            tallies[name] = attack(fresh)
    return _result(tallies)


def run_secrets(share: float) -> Result:
    """Look for secrets wherever something is written."""
    with tempfile.TemporaryDirectory() as place, ground() as used:
        secrets = secrecy.use_region(used)
        tallies = {
            "no default account or key": secrecy.look_for_defaults(Path(place)),
            "modes of files, with umask 0": secrecy.look_at_modes(Path(place) / "open"),
            "pages, exports and the log": secrecy.look_at_answers(used, secrets, round(1 / share)),
            "pages of faults": secrecy.look_at_error_pages(used),
        }
        if backups := secrecy.look_at_backups(used, secrets):
            tallies["backups"] = backups
    return _result(tallies)


def run_dependencies(_: float) -> Result:
    """Check pins, digests, licences and known faults of all that the program is made of."""
    parts, advisories = read_parts(), read_advisories()
    bill = build_bill(parts)
    done = f"{len(parts)} parts, {sum(len(part.digests) for part in parts):,} digests, {len(advisories)} advisories"
    kinds = sorted({part.licence for part in parts})
    rows = [(licence, sum(part.licence == licence for part in parts)) for licence in kinds]
    wrong = check_parts(parts, advisories)
    if len(bill["components"]) != len(parts):
        wrong.append("the bill of materials leaves parts out")
    return Result(done, tuple(wrong), table(("licence", "parts"), rows))


def _result(tallies: dict[str, Tally]) -> Result:
    wrong = tuple(f"{name}: {one}" for name, tally in tallies.items() for one in tally.wrong)
    rows = [(name, f"{tally.tries:,}", len(tally.wrong)) for name, tally in tallies.items()]
    done = f"{sum(tally.tries for tally in tallies.values()):,} tries"
    return Result(done, wrong, table(("what", "tries", "wrong"), rows))


SECTIONS = (
    Section(
        "routes",
        "every route as nobody and as each role, on own things and on those of others",
        "every route in the table, 0 let in who may not, 0 refused who may, 0 status 5xx",
        run_rights,
    ),
    Section(
        "refused",
        "forged forms, fixed sessions, guessed passwords, addresses to fetch and paths that lead out, everywhere",
        "all refused, nothing fetched, nothing read or written that is not meant",
        run_refused,
    ),
    Section(
        "secrets",
        "secrets looked for in pages, exports, the log, pages of faults, backups and modes of files",
        "no default account or key, 0 secrets told, secret files are their owner's alone",
        run_secrets,
    ),
    Section(
        "dependencies",
        "versions, digests, licences and known faults of every package and browser file",
        "all pinned with digests, all licences fit, 0 known faults without a reason",
        run_dependencies,
    ),
)
