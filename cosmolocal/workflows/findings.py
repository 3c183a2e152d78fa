"""What the doctor says of one thing."""

from dataclasses import dataclass

NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    found: str
    #: what to do; of something that is right: what may be done some time
    mend: str = ""
    #: of what is wrong
    code: str = ""

    @property
    def mark(self) -> str:
        """Return the state in a word."""
        if not self.ok:
            return "WRONG"
        return NOTE if self.mend else "ok"

    def as_dict(self) -> dict[str, str | bool]:
        """Return its JSON values."""
        return {"what": self.what, "ok": self.ok, "found": self.found, "mend": self.mend}


def right(what: str, found: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(what, True, found)


def note(what: str, found: str, mend: str) -> Finding:
    """Return that a thing works and yet wants somebody some time."""
    return Finding(what, True, found, mend)


def wrong(code: str, what: str, found: str, mend: str) -> Finding:
    """Return that a thing is wrong."""
    return Finding(what, False, found, mend, code)
