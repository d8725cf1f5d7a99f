"""The header layer: blocks into fields, RFC 2047 words into text, message ids.

What stands in certain fields is read by `addresses`, `dates` and `parameters`. Pure and total, all
of them: hostile values give '' or None, never an exception, and every function is linear in what
it is given.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from desktop_inbox.mime import charset
from desktop_inbox.mime.transfer import quoted_printable

MAX_VALUE_BYTES = 65_536
MAX_FIELDS = 2_000
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
