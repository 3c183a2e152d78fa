"""Jobs as an iCalendar (RFC 5545): one event for each, over its weeks; the same jobs give the same bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class JobEntry:
    """A job as a calendar shows it."""

    #: stays the same as long as the job is the same
    uid: str
    first_monday: date
    last_monday: date
    summary: str
    description: str
    #: address of its page
    url: str
    #: TENTATIVE, CONFIRMED or CANCELLED
    status: str
    #: last change
    changed_at: datetime
    #: how often it has changed
    sequence: int


def build_job_calendar(name: str, entries: Iterable[JobEntry]) -> bytes:
    """Return a calendar with an event for each job."""
    calendar = Calendar()
    calendar.add("prodid", "-//cosmolocal//jobs//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: JobEntry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at)
    event.add("dtstart", entry.first_monday)
    # the end is the first day after it
    event.add("dtend", entry.last_monday + timedelta(days=7))
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("url", entry.url)
    event.add("status", entry.status)
    event.add("sequence", entry.sequence)
    # a week of work does not make its people busy
    event.add("transp", "TRANSPARENT")
    return event
