"""Fields with parameters, such as Content-Type: RFC 2231, and what is sent instead. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from desktop_inbox.mime import charset
from desktop_inbox.mime.comments import without_comments
from desktop_inbox.mime.headers import as_text, decode_words

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
    value = "".join(without_comments(head).split()).lower()
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
