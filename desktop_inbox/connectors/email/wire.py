"""The grammar of IMAP (RFC 3501) as pure functions: tokens in and out, names, sets, dates.

Everything read here comes from a server and is not to be trusted: malformed input raises
ValueError, nothing else, and nothing here recurses or grows without bound.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

# What a response consists of: an atom or string is bytes, NIL is None, a parenthesis is a list.
Value = bytes | None | list["Value"]

_MAX_DEPTH = 200
_MAX_SET = 5_000_000  # UIDs in one set; more is nonsense
_TOKEN = re.compile(
    rb" *(?:"
    rb'([^\s()"\[\]]+(?:\[[^\]]*\][^\s()"\[\]]*)*|(?:\[[^\]]*\][^\s()"\[\]]*)+)'
    rb'|(\()|(\))|"((?:[^"\\]|\\.)*)"'
    rb")",
    re.DOTALL,
)
_ATOM, _OPEN, _CLOSE = 1, 2, 3  # its groups; the last one is a string
_LITERAL_MARK = re.compile(rb"~?\{\d+\+?\}$")
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_UNSAFE = re.compile(rb"[\x00\r\n]")
_QUOTABLE = re.compile(rb"[\x20-\x7e]*")
_DATE = re.compile(
    rb" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)",
)
_MONTHS = (
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Literal:
    """Bytes that go out as an IMAP literal: counted, so that nothing in them is a command."""

    data: bytes


Part = bytes | Literal


def tokens(parts: Sequence[bytes]) -> list[Value]:
    """Read the values of one response; `parts` alternates text and literals.

    *Raises:* ValueError where brackets or quotes do not match.
    """
    top: list[Value] = []
    stack: list[list[Value]] = [top]
    for index, text in enumerate(parts):
        if index % 2:
            stack[-1].append(text)
            continue
        end = len(text)
        if index + 1 < len(parts):
            mark = _LITERAL_MARK.search(text, max(0, end - 24))
            if mark is None:
                raise ValueError("a literal without its length")
            end = mark.start()
        _tokens_of_text(text, end, stack)
    if len(stack) != 1:
        raise ValueError("a bracket is not closed")
    return top


def _tokens_of_text(text: bytes, end: int, stack: list[list[Value]]) -> None:
    position = 0
    here = stack[-1]
    while match := _TOKEN.match(text, position, end):
        position = match.end()
        kind = match.lastindex
        if kind == _ATOM:
            atom = match[_ATOM]
            here.append(None if atom in (b"NIL", b"nil") else atom)
        elif kind == _OPEN:
            if len(stack) >= _MAX_DEPTH:
                raise ValueError("nested too deeply")
            inner: list[Value] = []
            here.append(inner)
            stack.append(inner)
            here = inner
        elif kind == _CLOSE:
            if len(stack) == 1:
                raise ValueError("a bracket is closed that was not opened")
            stack.pop()
            here = stack[-1]
        else:
            string = match[4]
            here.append(_ESCAPE.sub(rb"\1", string) if b"\\" in string else string)
    if text[position:end].strip(b" "):
        raise ValueError("neither an atom nor a string")


def fetch_items(parts: Sequence[bytes]) -> dict[bytes, Value]:
    """Return what one `* n FETCH (…)` response says, by upper-case name without origin (`<0>`).

    *Raises:* ValueError for anything that is not such a response.
    """
    head, _, rest = parts[0].partition(b"(")
    if not head.upper().rstrip().endswith(b"FETCH"):
        raise ValueError("not a FETCH response")
    values = tokens([b"(" + rest, *parts[1:]])
    if len(values) != 1 or not isinstance(values[0], list):
        raise ValueError("a FETCH response without its list")
    items = values[0]
    if len(items) % 2:
        raise ValueError("a FETCH item without its value")
    found: dict[bytes, Value] = {}
    for index in range(0, len(items), 2):
        name = items[index]
        if not isinstance(name, bytes):
            raise ValueError("a FETCH item without its name")
        found[name.upper().partition(b"<")[0]] = items[index + 1]
    return found


def number(value: Value) -> int:
    """Return a non-negative number. *Raises:* ValueError for anything else."""
    if not isinstance(value, bytes) or not value.isdigit() or len(value) > 20:
        raise ValueError("not a number")
    return int(value)


def text_of(value: Value) -> str:
    """Return a string for display or comparison; '' for NIL and lists."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def astring(value: str | bytes) -> Part:
    """Quote an argument: a quoted string where that is safe, a literal otherwise.

    *Raises:* ValueError for a NUL, which no IMAP string can hold.
    """
    data = value.encode("utf-8") if isinstance(value, str) else value
    if b"\0" in data:
        raise ValueError("NUL in an argument")
    if len(data) <= 1000 and _QUOTABLE.fullmatch(data):
        return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return Literal(data)


def is_safe(text: bytes) -> bool:
    """Tell whether text can stand in a command line without ending it."""
    return _UNSAFE.search(text) is None


def encode_mailbox(name: str) -> bytes:
    """Write a folder's name in modified UTF-7 (RFC 3501 section 5.1.3)."""
    out = bytearray()
    foreign: list[str] = []

    def flush() -> None:
        if foreign:
            data = base64.b64encode("".join(foreign).encode("utf-16-be", "surrogatepass"))
            out.extend(b"&" + data.rstrip(b"=").replace(b"/", b",") + b"-")
            foreign.clear()

    for character in name:
        if " " <= character <= "~":
            flush()
            out.extend(b"&-" if character == "&" else character.encode("ascii"))
        else:
            foreign.append(character)
    flush()
    return bytes(out)


def decode_mailbox(name: bytes) -> str:
    """Read a folder's name; what is not valid modified UTF-7 stays as it is."""
    out: list[str] = []
    position = 0
    while position < len(name):
        start = name.find(b"&", position)
        if start < 0:
            out.append(name[position:].decode("utf-8", "replace"))
            break
        out.append(name[position:start].decode("utf-8", "replace"))
        end = name.find(b"-", start)
        encoded = name[start + 1 : end] if end >= 0 else None
        if encoded is None:
            out.append(name[start:].decode("utf-8", "replace"))
            break
        out.append("&" if not encoded else _decode_run(encoded))
        position = end + 1
    return "".join(out)


def _decode_run(encoded: bytes) -> str:
    padded = encoded.replace(b",", b"/") + b"=" * (-len(encoded) % 4)
    try:
        return base64.b64decode(padded, validate=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return "&" + encoded.decode("utf-8", "replace") + "-"


def format_set(uids: Iterable[int]) -> str:
    """Write UIDs as a sequence set, neighbours as ranges: 1:4,9."""
    runs: list[str] = []
    first = last = -1
    for uid in sorted(uids):
        if uid == last:
            continue
        if uid == last + 1 and first >= 0:
            last = uid
            continue
        if first >= 0:
            runs.append(f"{first}:{last}" if last > first else str(first))
        first = last = uid
    if first >= 0:
        runs.append(f"{first}:{last}" if last > first else str(first))
    return ",".join(runs)


def parse_set(text: bytes | str, *, below: int | None = None) -> list[int]:
    """Read a sequence set as ascending UIDs, only those under `below` where that is given.

    *Raises:* ValueError for anything else, and for a set of more than five million UIDs.
    """
    uids: set[int] = set()
    for run in text.decode("ascii").split(",") if isinstance(text, bytes) else text.split(","):
        if not run:
            continue
        low, _, high = run.partition(":")
        start, stop = sorted((_uid(low), _uid(high or low)))
        if below is not None:
            stop = min(stop, below - 1)
        if stop - start + len(uids) > _MAX_SET:
            raise ValueError("a set of absurd size")
        uids.update(range(start, stop + 1))
    return sorted(uids)


def _uid(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise ValueError("not a UID")
    return int(text)


def internal_date(value: Value) -> datetime | None:
    """Read an INTERNALDATE as aware UTC; None where it is missing or absurd."""
    match = _DATE.fullmatch(value) if isinstance(value, bytes) else None
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, east_hours, east_minutes = match.groups()
    offset = timedelta(hours=int(east_hours), minutes=int(east_minutes))
    try:
        return datetime(
            int(year), _MONTHS.index(month.lower()) + 1, int(day),
            int(hour), int(minute), min(int(second), 59),
            tzinfo=timezone(-offset if sign == b"-" else offset),
        ).astimezone(UTC)  # fmt: skip
    except (ValueError, OverflowError):
        return None


def format_date(day: datetime) -> bytes:
    """Write a day as SEARCH wants it: 07-Feb-2026."""
    return b"%02d-%s-%04d" % (day.day, _MONTHS[day.month - 1].title(), day.year)


def format_internal_date(at: datetime) -> bytes:
    """Write a time as APPEND wants it, quoted, in UTC."""
    at = at.astimezone(UTC)
    return b'"%s %s +0000"' % (format_date(at), at.strftime("%H:%M:%S").encode("ascii"))
