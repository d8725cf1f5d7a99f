"""Invitations: what a text/calendar part asks for (RFC 5545, RFC 5546). Pure, total, linear.

Only what a reader has to know of the first event. Times stay as they are written, with the name
of their zone: half of all calendars name zones that only their own program knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from desktop_inbox.domain.messages import Invitation
from desktop_inbox.mime.headers import clean

MAX_CHARS = 500_000  # of a calendar; more is not read
_MAX_LINE = 20_000
_MAX_TEXT = 300
_MAX_ZONE = 100

_LINE = re.compile(r"([A-Za-z0-9-]++)((?:;[^:;\"]*+(?:\"[^\"]*+\"[^:;\"]*+)*+)*+):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";([A-Za-z0-9-]+)=(?:\"([^\"]*)\"|([^;\"]*))")
_ESCAPE = re.compile(r"\\([\\;,Nn])")
_FOLD = re.compile(r"\r?\n[ \t]")
_KINDS = frozenset({"REQUEST", "CANCEL", "REPLY", "PUBLISH", "COUNTER"})


def invitation(text: str) -> Invitation | None:
    """Return what a calendar asks for; None where it holds no event."""
    method = ""
    found: dict[str, tuple[dict[str, str], str]] = {}
    within: list[str] = []
    for name, parameters, value in lines(text[:MAX_CHARS]):
        if name == "BEGIN":
            within.append(value.upper())
        elif name == "END":
            if within and within.pop() == "VEVENT":
                break
        elif name == "METHOD" and within == ["VCALENDAR"]:
            method = value.strip().upper()
        elif within == ["VCALENDAR", "VEVENT"]:
            found.setdefault(name, (parameters, value))
    if "DTSTART" not in found and "SUMMARY" not in found:
        return None
    starts, zone = _time(found.get("DTSTART"))
    ends, _ = _time(found.get("DTEND"))
    return Invitation(
        method=method if method in _KINDS else "",
        summary=plain_text(found.get("SUMMARY")),
        starts=starts,
        ends=ends,
        zone=zone,
        place=plain_text(found.get("LOCATION")),
        organiser=_person(found.get("ORGANIZER")),
        repeats="RRULE" in found,
    )


def lines(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield the content lines of a calendar: name and parameters in capitals, and the value."""
    for line in _FOLD.sub("", text).splitlines():
        parts = _LINE.fullmatch(line[:_MAX_LINE])
        if parts:
            parameters = {
                key.upper(): quoted or bare for key, quoted, bare in _PARAMETER.findall(parts[2])
            }
            yield parts[1].upper(), parameters, parts[3]


def plain_text(found: tuple[dict[str, str], str] | None) -> str:
    """Return the value of a line as one line that can be shown, '' for None."""
    if found is None:
        return ""
    plain = _ESCAPE.sub(lambda escape: " " if escape[1] in "nN" else escape[1], found[1])
    return clean(plain)[:_MAX_TEXT]


def _person(found: tuple[dict[str, str], str] | None) -> str:
    if found is None:
        return ""
    parameters, value = found
    address = clean(value.strip())
    if address[:7].lower() == "mailto:":
        address = address[7:]
    return (clean(parameters.get("CN", "")) or address)[:_MAX_TEXT]


def _time(found: tuple[dict[str, str], str] | None) -> tuple[str, str]:
    """Return a time in ISO 8601 and its zone: "UTC", a name as written, or '' for local time."""
    if found is None:
        return "", ""
    parameters, value = found
    value = value.strip()
    zone = "UTC" if value.endswith("Z") else clean(parameters.get("TZID", ""))[:_MAX_ZONE]
    try:
        if "T" in value:
            at = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            return at.replace(tzinfo=None).isoformat(timespec="minutes"), zone
        return datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date().isoformat(), ""
    except ValueError:
        return "", ""
