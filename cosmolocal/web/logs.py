"""What the server writes of itself: a line for each request and each thing worth knowing, as JSON or in words.

A line holds nothing secret: of a request its route (not its address, which may hold an invitation), of a person the
name, of a fault its kind and its place in the program (not its message, which may hold what somebody typed). No line
can be forged: whatever could end a line, move the cursor or turn the direction of text is escaped.

Writing never holds up the pages: where nobody empties the log, lines are dropped and counted.
"""

import json
import logging
import queue
import re
import secrets
import sys
import threading
import time
import traceback
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from flask import Flask, Response, current_app, g, request

from cosmolocal.web.counting import Counts

#: json: a document a line, for programs; words: for a person's terminal; none: nothing
FORMS = ("json", "words", "none")
#: lines that may wait to be written
MOST_WAITING = 10_000
#: signs of a message that are kept
LONGEST = 2_000
#: frames of a fault that are kept, innermost last
DEEPEST = 30
#: [s] that ending waits for the log to be emptied
LAST_WORDS_SECONDS = 2.0
#: how nginx writes the id it gave a request
_ID = re.compile(r"[0-9a-f]{16,32}")
_ROOT = Path(__file__).parents[2]

log = logging.getLogger("cosmolocal.requests")
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Pages(Flask):
    """The application; of a fault it logs neither the address nor the message, for both may hold secrets."""

    def log_exception(self, exc_info: Any) -> None:
        """Log a fault of the program."""
        facts = fault_of(exc_info)
        self.logger.error(
            "a fault of this program: %s in %s", facts["fault"], facts["stack"][-1:], extra={"facts": facts}
        )


def set_up(app: Flask) -> None:
    """Give each request an id, and write a line and count when it is answered."""
    app.extensions["counts"] = Counts()
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Note when a request came and how it is called; a proxy may have named it."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
    g.begun = time.perf_counter()


def end(response: Response) -> Response:
    """Write and count what a request came to."""
    from_begin = time.perf_counter() - g.get("begun", time.perf_counter())
    route = request.url_rule.rule if request.url_rule else ""
    counts: Counts = current_app.extensions["counts"]
    counts.add(request.method, route, response.status_code, from_begin)
    response.headers.setdefault("X-Request-ID", g.get("request_id", ""))
    if log.isEnabledFor(logging.INFO):
        log.info("request", extra={"facts": _facts(route, response.status_code, from_begin)})
    return response


def _facts(route: str, status: int, seconds: float) -> dict[str, Any]:
    person = g.get("person")
    return {
        "request": g.get("request_id", ""),
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "person": person.name if person is not None else "",
    }


def clean(text: str) -> str:
    """Return a text that cannot end a line nor steer a terminal.

    >>> clean("one" + chr(10) + "two") == "one" + chr(92) + "ntwo"
    True
    """
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return "".join(_escaped(sign) if unicodedata.category(sign)[0] in "CZ" and sign != " " else sign for sign in short)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode()


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line says, in its order."""
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    facts: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
    facts["event"] = clean(record.getMessage())
    facts |= getattr(record, "facts", {})
    if record.exc_info and record.exc_info[0] is not None:
        facts |= fault_of(record.exc_info)
    return facts


def fault_of(info: ExcInfo) -> dict[str, Any]:
    """Return kind and place of a fault; its message stays away, for it may hold what somebody typed."""
    kind, error, trace = info
    frames = traceback.extract_tb(trace)[-DEEPEST:]
    found: dict[str, Any] = {"fault": kind.__name__ if kind else ""}
    if isinstance(error, OSError) and error.errno is not None:
        found["errno"] = error.errno
    if name := getattr(error, "sqlite_errorname", ""):
        found["sqlite"] = name
    found["stack"] = [f"{_inside(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return found


def _inside(name: str) -> str:
    """Return where a file is within the program or its packages; not where those stand on this machine."""
    path = Path(name)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return path.relative_to(_ROOT).as_posix()
    return "/".join(path.parts[-2:])


class JsonLines(logging.Formatter):
    """A JSON document for each record, on one line of ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(facts_of(record), default=str)


class Words(logging.Formatter):
    """A line for a person."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        facts = facts_of(record)
        moment = facts["at"][11:19]
        if "route" in facts:
            who = f" {facts['person']}" if facts["person"] else ""
            route = facts["route"] or "(no such page)"
            return clean(f"{moment} {facts['status']} {facts['method']} {route} {facts['ms']} ms{who}")
        stack = f" ({facts['fault']} in {' > '.join(facts['stack'])})" if "fault" in facts else ""
        return f"{moment} {facts['level']}: {clean(facts['event'] + stack)}"


class LineWriter(logging.Handler):
    """Writes lines in a thread of its own; what finds no place is dropped, counted and told later."""

    def __init__(self, stream: TextIO, most: int = MOST_WAITING) -> None:
        super().__init__()
        self._stream = stream
        self._lines: queue.Queue[logging.LogRecord | None] = queue.Queue(most)
        self._told = self.lost = 0
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Let a record be written."""
        try:
            self._lines.put_nowait(record)
        except queue.Full:
            self.lost += 1

    def close(self) -> None:
        """Write what waits, unless nobody takes it."""
        try:
            self._lines.put(None, timeout=LAST_WORDS_SECONDS)
            self._thread.join(LAST_WORDS_SECONDS)
        except queue.Full:
            pass
        super().close()

    def _work(self) -> None:
        while (record := self._lines.get()) is not None:
            try:
                self._write(record)
            except Exception:  # a log that cannot be written ends nothing else
                self.lost += 1

    def _write(self, record: logging.LogRecord) -> None:
        text = self.format(record) + "\n"
        if self.lost > self._told:
            missed, self._told = self.lost - self._told, self.lost
            told = f"{missed} lines of the log are lost: nobody took them in time"
            gap = logging.makeLogRecord({"name": __name__, "levelname": "WARNING", "msg": told})
            text = f"{self.format(gap)}\n{text}"
        self._stream.write(text)
        self._stream.flush()


def start_log(form: str, stream: TextIO | None = None) -> logging.Handler:
    """Write the log of the whole process to ``stream`` (stderr unless given), until `stop_log`."""
    log.setLevel(logging.CRITICAL if form == "none" else logging.INFO)
    writer = logging.NullHandler() if form == "none" else LineWriter(stream or sys.stderr)
    writer.setFormatter(JsonLines() if form == "json" else Words())
    logging.getLogger().addHandler(writer)
    return writer


def stop_log(writer: logging.Handler) -> None:
    """End what `start_log` began, once all lines are written; what has ended stays so."""
    logging.getLogger().removeHandler(writer)
    writer.close()
    log.setLevel(logging.CRITICAL)


# until somebody starts the log, requests are counted only
log.setLevel(logging.CRITICAL)
