"""The header layer: blocks into fields, RFC 2047 and 2231 words into text, addresses, dates, ids.

Pure and total: hostile values give '' or None, never an exception, and every function is linear
in what it is given.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from desktop_inbox.domain.messages import Address
from desktop_inbox.mime import charset
from desktop_inbox.mime.transfer import quoted_printable

MAX_VALUE_BYTES = 65_536
MAX_FIELDS = 2_000
MAX_ADDRESSES = 2_000
_SHORT_LIST = 200  # bytes
_VALUES_READ = 8  # of a field that stands there more often than it may

Fields = dict[str, list[bytes]]  # lower-case name to raw values, in order

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_ENVELOPE_LINE = re.compile(rb">?From [ \t]*[^\s:][^\n]*\n")  # of an mbox


# --- fields -----------------------------------------------------------------------------------


def split(source: bytes, *, start: int = 0, end: int | None = None) -> tuple[Fields, int, bool]:
    """Take the header block off the front of an entity.

    Returns its fields, where the body starts, and whether every line of the block was a header.
    Lines that are none are left out; where there is no header at all, all of it is body.
    """
    stop = len(source) if end is None else end
    position = start
    envelope = _ENVELOPE_LINE.match(source, position, stop)
    if envelope:
        position = envelope.end()
    fields: Fields = {}
    count = 0
    first_bad = -1
    while position < stop:
        found = _FIELD.match(source, position, stop)
        if found:
            position = found.end()
            if count < MAX_FIELDS:
                fields.setdefault(_lower_name(found[1]), []).append(found[2])
                count += 1
            continue
        blank = _blank_line(source, position, stop)
        if blank:
            return fields, position + blank, first_bad < 0
        if not fields:
            return fields, start, False
        if first_bad < 0:
            first_bad = position
        position = _next_line(source, position, stop)
    # The block never ended: what stopped looking like headers is all the body there is.
    return fields, stop if first_bad < 0 else first_bad, first_bad < 0


@lru_cache(maxsize=1024)
def _lower_name(raw: bytes) -> str:
    return raw.decode("ascii").lower()


def _blank_line(source: bytes, position: int, stop: int) -> int:
    if source.startswith(b"\n", position, stop):
        return 1
    if source.startswith(b"\r\n", position, stop):
        return 2
    return 0


def _next_line(source: bytes, position: int, stop: int) -> int:
    found = source.find(b"\n", position, stop)
    return stop if found < 0 else found + 1


def unfold(raw: bytes) -> bytes:
    """Return a raw value on one line, cut at `MAX_VALUE_BYTES`."""
    value = raw[:MAX_VALUE_BYTES]
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return value.strip()


def as_text(raw: bytes, *, hint: str = "") -> str:
    """Return a raw value as text, encoded words untouched.

    8-bit bytes are UTF-8, else in the character set `hint` of the body, else guessed.
    """
    value = unfold(raw)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return charset.decode(value, hint)


class Texts(Mapping[str, Sequence[str]]):
    """Fields as text, each taken apart only when somebody asks for it; encoded words untouched."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Sequence[str]:
        return [as_text(value) for value in self._fields[name][:_VALUES_READ]]

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


# --- text -------------------------------------------------------------------------------------

_WORD = re.compile(r"=\?([^?\s=]{1,64})\?([bBqQ])\?([^?]*)\?=")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_SPACES = re.compile(r"\s{2,}|[^\S ]")


def decode_words(text: str) -> str:
    """Return `text` with RFC 2047 encoded words decoded.

    Neighbouring words in one character set are joined as bytes first, so that a character split
    between two of them survives.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending = b""
    label = ""
    end = 0
    for found in _WORD.finditer(text):
        between = text[end : found.start()]
        word_label = found[1].split("*", 1)[0].lower()
        data = _word_bytes(found[2], found[3])
        if pending and not between.strip() and word_label == label:
            pending += data
        else:
            pieces.append(charset.decode(pending, label))
            if between.strip() or end == 0:
                pieces.append(between)
            pending, label = data, word_label
        end = found.end()
    pieces.append(charset.decode(pending, label))
    pieces.append(text[end:])
    return "".join(pieces)


def _word_bytes(encoding: str, body: str) -> bytes:
    data = body.encode("utf-8")
    if encoding in "qQ":
        return quoted_printable(data.replace(b"_", b"=20"))
    bare = data.replace(b" ", b"").split(b"=", 1)[0]
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return data


def clean(text: str) -> str:
    """Return `text` as one harmless line: no control, bidi or zero-width characters.

    Nothing in it can then break a line, reverse what stands beside it, or hide.
    """
    if text.isprintable():  # nearly always, and it saves looking at each character three times
        return _SPACES.sub(" ", text).strip() if "  " in text else text.strip()
    return _SPACES.sub(" ", _UNSAFE.sub("", _SPACES.sub(" ", text))).strip()


def unstructured(raw: bytes, *, hint: str = "") -> str:
    """Return an unstructured field, such as Subject, as one line fit to be shown."""
    return clean(decode_words(as_text(raw, hint=hint)))


# --- addresses --------------------------------------------------------------------------------

_QUOTED = r'"(?P<quoted>(?:[^"\\]|\\.)*)"|'
_UNQUOTED = (
    r"(?P<space>\s+)|<(?P<angle>[^<>]*)>"
    r"|(?P<word>=\?[^?\s]{1,64}\?[bBqQ]\?[^?]*\?=)"
    r"|(?P<mark>[,;:(])|(?P<atom>[^\s\"(),:;<>]+)|(?P<other>.)"
)
_TOKEN = re.compile(_QUOTED + _UNQUOTED, re.DOTALL)
# For what follows a quotation mark that never closes: it must not be looked for again.
_TOKEN_WITHOUT_QUOTES = re.compile(_UNQUOTED, re.DOTALL)
_COMMENT_STEP = re.compile(r"[^()\\]+|\\.|[()]|\\", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ATEXT = (
    r"[^\s\x00-\x1f\x7f-\x9f\"(),.:;<>@\[\]\\"
    r"\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]+"
)
_ADDR_SPEC = re.compile(
    rf'(?:{_ATEXT}(?:\.{_ATEXT})*|"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*")'
    rf"@(?:{_ATEXT}(?:\.{_ATEXT})*|\[[^\[\]\\\s\x00-\x1f\x7f]*\])"
)
_ROUTE = re.compile(r"\s*@[^:<>\"]*:")
_LOOSE_SPACE = re.compile(r"\s*([.@])\s*")
_MAX_ADDR_SPEC = 320


class _Mailbox:
    """The pieces of one mailbox while its tokens come in."""

    __slots__ = ("angle", "bare", "comments", "phrase", "structural")

    def __init__(self) -> None:
        self.phrase: list[str] = []  # what a name would be made of
        self.bare: list[str] = []  # the same tokens as written, in case they are an addr-spec
        self.angle: str | None = None
        self.comments: list[str] = []
        self.structural = False  # something stands here that belongs to no mailbox

    def finish(self) -> Address | None:
        """Return what the tokens amount to; None where there were none."""
        name = clean(decode_words("".join(self.phrase)))
        remark = clean(decode_words(" ".join(self.comments)))
        if self.angle is not None:
            address = addr_spec(self.angle)
            if not (name or remark or address):
                return None
            return Address(name=name or remark, address=address)
        address = "" if self.structural else addr_spec("".join(self.bare))
        if address:
            return Address(name=remark, address=address)
        return Address(name=name or remark) if name or remark else None


def addresses(raw: bytes, *, hint: str = "") -> tuple[Address, ...]:
    """Return the mailboxes of an address field, members of groups included.

    An address is the exact RFC 5322 addr-spec, or '' where there is none: encoded words and
    display names never turn into one.
    """
    # The same few people stand in most fields; long lists hardly come twice.
    short = len(raw) <= _SHORT_LIST
    return _addresses_once(raw, "" if raw.isascii() else hint) if short else _addresses(raw, hint)


def _addresses(raw: bytes, hint: str) -> tuple[Address, ...]:
    return parse_addresses(as_text(raw, hint=hint))


_addresses_once = lru_cache(maxsize=4096)(_addresses)


_ONE_MAILBOX = re.compile(r'([^"(),;:<>\\=?@]*)<([^"(),;:<>\\\s]+)>\s*')


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Return the mailboxes of an address list given as unfolded text."""
    simple = _ONE_MAILBOX.fullmatch(text)
    if simple:
        only = addr_spec(simple[2])
        if only:
            return (Address(name=clean(simple[1]), address=only),)
    found: list[Address] = []
    for mailbox in _mailboxes(text):
        address = mailbox.finish()
        if address is not None:
            found.append(address)
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found)


def _mailboxes(text: str) -> Iterator[_Mailbox]:
    mailbox = _Mailbox()
    position = 0
    tokens = _TOKEN
    while position < len(text):
        token = tokens.match(text, position)
        if token is None:
            break
        kind, value = token.lastgroup or "other", token[0]
        position = token.end()
        if kind == "other" and value == '"':
            tokens = _TOKEN_WITHOUT_QUOTES
        if kind == "mark" and value in ",;":
            yield mailbox
            mailbox = _Mailbox()
        elif kind == "mark" and value == "(":
            comment, position = _comment(text, position)
            mailbox.comments.append(comment)
        elif kind == "mark":
            mailbox = _after_colon(mailbox)
        elif kind == "angle":
            _take_angle(mailbox, token["angle"])
        elif kind == "quoted":
            mailbox.phrase.append(_ESCAPED.sub(r"\1", token["quoted"]))
            mailbox.bare.append(value)
        else:
            if value not in '"<>':
                mailbox.phrase.append(value)
            mailbox.bare.append(value)
    yield mailbox


def _after_colon(mailbox: _Mailbox) -> _Mailbox:
    """Start a group's members; a colon that can name no group spoils the mailbox instead."""
    written = "".join(mailbox.bare)
    if mailbox.angle is None and written.strip() and "@" not in written:
        return _Mailbox()
    mailbox.structural = True
    mailbox.phrase.append(":")
    return mailbox


def _take_angle(mailbox: _Mailbox, angle: str) -> None:
    if mailbox.angle is None:
        mailbox.angle = angle
    else:
        mailbox.phrase.append(f" {angle} ")


def _comment(text: str, position: int) -> tuple[str, int]:
    """Return the comment that was opened just before `position`, and where it ends."""
    depth = 1
    pieces: list[str] = []
    for step in _COMMENT_STEP.finditer(text, position):
        piece = step[0]
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
            if depth == 0:
                return "".join(pieces), step.end()
        pieces.append(piece[-1] if piece[0] == "\\" else piece)
    return "".join(pieces), len(text)


def addr_spec(text: str) -> str:
    """Return the addr-spec that `text` is, without an obsolete route; '' if it is none."""
    candidate = text.strip()
    if "(" in candidate:
        candidate = _without_comments(candidate).strip()
    route = _ROUTE.match(candidate)
    if route:
        candidate = candidate[route.end() :].strip()
    if " " in candidate and '"' not in candidate:
        candidate = _LOOSE_SPACE.sub(r"\1", candidate)
    if len(candidate) > _MAX_ADDR_SPEC or not _ADDR_SPEC.fullmatch(candidate):
        return ""
    return candidate


def _without_comments(text: str) -> str:
    if '"' in text:
        return text
    kept: list[str] = []
    depth = 0
    for step in _COMMENT_STEP.finditer(text):
        piece = step[0]
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(piece)
    return "".join(kept)


def mixes_scripts(text: str) -> bool:
    """Tell whether letters of scripts that look alike (Latin, Cyrillic, Greek) stand together."""
    scripts = {unicodedata.name(char, "").split(" ", 1)[0] for char in text if char.isalpha()}
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1


# --- ids --------------------------------------------------------------------------------------

_ID = re.compile(r"<([^<>]*)>")


def message_ids(raw: bytes) -> tuple[str, ...]:
    """Return the message ids of a field, without angle brackets, each once, in order.

    Ids that stand without brackets are taken where the field has none with.
    """
    text = as_text(raw)
    found = [one for inside in _ID.findall(text) if (one := inside.strip())]
    if not found:
        found = [one for word in text.split() if (one := word.strip("<>,;"))]
    if not text.isprintable():
        found = [one if one.isprintable() else _UNSAFE.sub("", one) for one in found]
    return tuple(dict.fromkeys(found))


# --- dates ------------------------------------------------------------------------------------

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_DATE = re.compile(
    r"(?:[A-Za-z]{2,9}\.?,?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3,9}|\d{1,2})\.?,?[\s-]+(\d{2,5})"
    r"\s+(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:\.\d+)?\s*([+-]\d{4}|[+-]\d\d:\d\d|[A-Za-z]+)?"
)
_ASCTIME = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d\d)(?::(\d\d))?"
    r"\s+(?:([A-Za-z]+)\s+)?(\d{4})(?:\s+([+-]\d{4}))?"
)
_ZONES = {
    "ut": 0, "gmt": 0, "utc": 0, "z": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "met": 60,
    "mest": 120, "eet": 120, "eest": 180, "wet": 0, "west": 60, "bst": 60, "msk": 180,
    "trt": 180, "jst": 540, "kst": 540, "ist": 330, "est5edt": -300,
}  # fmt: skip
_LATEST_YEAR = 9998
_EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).date()
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def parse_date(text: str) -> datetime | None:
    """Return the instant a date field names, aware UTC; None where it names none."""
    if "(" in text:
        text = _without_comments(text)
    if ";" in text:
        text = text.rpartition(";")[2]
    text = " ".join(text.split())
    found = _DATE.match(text)
    if found:
        day, month, year, hour, minute, second, zone = found.groups()
        return _instant(year, month, day, hour, minute, second, zone)
    found = _ASCTIME.match(text)
    if found:
        month, day, hour, minute, second, name, year, offset = found.groups()
        return _instant(year, month, day, hour, minute, second, offset or name)
    return None


def sane_date(when: datetime | None) -> datetime | None:
    """Return `when`, or None where no mail can be that old or new (an unset clock, year 12026)."""
    if when is None or not _EARLIEST <= when < _LATEST or when.date() == _EPOCH_DAY:
        return None
    return when


def _instant(
    year: str,
    month: str,
    day: str,
    hour: str,
    minute: str,
    second: str | None,
    zone: str | None,
) -> datetime | None:
    number = int(month) if month.isdigit() else _MONTHS.get(month[:3].lower(), 0)
    full_year = int(year)
    if len(year) <= 3:  # RFC 5322 4.3
        full_year += 2000 if len(year) == 2 and full_year < 50 else 1900
    if not 1 <= full_year <= _LATEST_YEAR:
        return None
    try:
        local = datetime(
            full_year, number, int(day), int(hour), int(minute),
            min(int(second or 0), 59),  # a leap second has no place in datetime
            tzinfo=_zone(zone),
        )  # fmt: skip
    except ValueError:
        return None
    return local.astimezone(UTC)


@lru_cache(maxsize=256)
def _zone(name: str | None) -> timezone:
    return timezone(timedelta(minutes=_offset(name)))


def _offset(zone: str | None) -> int:
    """Return minutes east of UTC; what is unknown or impossible counts as UTC."""
    if not zone:
        return 0
    if zone[0] not in "+-":
        return _ZONES.get(zone.lower(), 0)
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes >= 24 * 60:
        return 0
    return -minutes if zone[0] == "-" else minutes


# --- parameters -------------------------------------------------------------------------------

_PARAMETER = re.compile(
    r'\s*([^\s=;"]+)\s*=\s*'
    # A semicolon may be missing before the next name; an unquoted value may hold spaces.
    r'(?:"((?:[^"\\]|\\.)*)"([^;=]*?)|([^;]*?))(?:;|\Z|(?=\s{1,8}[^\s=;"]{1,40}=))'
)
_NEXT_NAME = re.compile(r'\s[^\s=;"/]{1,40}=')
_SIMPLE = re.compile(  # at most one parameter, of a form that nothing has to be undone in
    rb"([\w.+-]+(?:/[\w.+-]+)?)"
    rb'(?:\s*;\s*([\w-]+)\s*=\s*(?:"([^"\\\r\n]+)"|"?([\w.:+-]+)"?))?\s*;?\s*\Z'
)
_CONTINUED = re.compile(r"([^*]+)\*(\d{1,3})(\*?)\Z")
_QUOTED_PAIR = re.compile(r'\\(["\\])')
_TRAILING_COMMENT = re.compile(r"\s\(.*\Z", re.DOTALL)
_CACHED_BYTES = 128

Value = tuple[str, dict[str, str]]


def value_and_parameters(raw: bytes, *, hint: str = "") -> Value:
    """Return a field such as Content-Type taken apart: its lower-case value, its parameters.

    Names are lower case; RFC 2231 continuations and character sets are resolved, RFC 2047 words
    in values decoded. The first of several equal names wins.
    """
    if len(raw) <= _CACHED_BYTES and raw.isascii():
        return _cached_value(raw)
    return _value_and_parameters(as_text(raw, hint=hint))


@lru_cache(maxsize=2048)
def _cached_value(raw: bytes) -> Value:
    simple = _SIMPLE.match(raw)
    if simple and b"=?" not in raw:
        value, name, quoted, bare = (group.decode("ascii") for group in simple.groups(b""))
        return value.lower(), {name.lower(): quoted or bare} if name else {}
    return _value_and_parameters(as_text(raw))


def _value_and_parameters(text: str) -> Value:
    head, _, rest = text.partition(";")
    early = _NEXT_NAME.search(head)
    if early:
        head, rest = text[: early.start()], text[early.start() :]
    value = "".join(_without_comments(head).split()).lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    last = ""
    for name, content, quoted in _parameters(rest):
        if not name:
            if last and not quoted:  # a stray part of an unquoted value that holds a semicolon
                plain[last] += f";{content}"
            continue
        continued = _CONTINUED.match(name)
        if continued:
            group = pieces.setdefault(continued[1], {})
            group.setdefault(int(continued[2]), (content, bool(continued[3])))
        elif name.endswith("*"):
            pieces.setdefault(name[:-1], {}).setdefault(0, (content, True))
        elif name not in plain:
            plain[name] = content
            last = "" if quoted else name
    decoded = {name: decode_words(content) for name, content in plain.items()}
    decoded |= {name: _assembled(group) for name, group in pieces.items()}
    return value, decoded


def _parameters(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (name, content, quoted); ('', text, False) for what is no parameter."""
    position = 0
    while position < len(text):
        found = _PARAMETER.match(text, position)
        if found:
            position = found.end()
            if found[2] is not None:
                yield found[1].lower(), _QUOTED_PAIR.sub(r"\1", found[2]), True
            else:
                content = _TRAILING_COMMENT.sub("", found[4].strip()).strip().strip('"')
                yield found[1].lower(), content, False
            continue
        end = text.find(";", position)
        end = len(text) if end < 0 else end
        stray = text[position:end]
        position = end + 1
        if stray.strip():
            yield "", stray, False


def _assembled(group: dict[int, tuple[str, bool]]) -> str:
    """Return the RFC 2231 value that numbered pieces make together."""
    label = ""
    data = b""
    for number in sorted(group):
        content, encoded = group[number]
        if encoded:
            if number == 0 and content.count("'") >= 2:
                label, _, content = content.split("'", 2)
            data += unquote_to_bytes(content)
        else:
            data += content.encode("utf-8")
    return decode_words(charset.decode(data, label))
