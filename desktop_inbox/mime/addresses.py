"""Fields of addresses, such as To: the mailboxes in them, exactly as RFC 5322 has them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from desktop_inbox.domain.messages import Address
from desktop_inbox.mime.comments import read_comment, without_comments
from desktop_inbox.mime.headers import as_text, clean, decode_words

MAX_ADDRESSES = 2_000
_SHORT_LIST = 200  # bytes
_QUOTED = r'"(?P<quoted>(?:[^"\\]|\\.)*)"|'
_UNQUOTED = (
    r"(?P<space>\s+)|<(?P<angle>[^<>]*)>"
    r"|(?P<word>=\?[^?\s]{1,64}\?[bBqQ]\?[^?]*\?=)"
    r"|(?P<mark>[,;:(])|(?P<atom>[^\s\"(),:;<>]+)|(?P<other>.)"
)
_TOKEN = re.compile(_QUOTED + _UNQUOTED, re.DOTALL)
# For what follows a quotation mark that never closes: it must not be looked for again.
_TOKEN_WITHOUT_QUOTES = re.compile(_UNQUOTED, re.DOTALL)
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


def read(raw: bytes, *, hint: str = "") -> tuple[Address, ...]:
    """Return the mailboxes of an address field, members of groups included.

    An address is the exact RFC 5322 addr-spec, or '' where there is none: encoded words and
    display names never turn into one.
    """
    # The same few people stand in most fields; long lists hardly come twice.
    short = len(raw) <= _SHORT_LIST
    return _read_once(raw, "" if raw.isascii() else hint) if short else _read(raw, hint)


def _read(raw: bytes, hint: str) -> tuple[Address, ...]:
    return parse_read(as_text(raw, hint=hint))


_read_once = lru_cache(maxsize=4096)(_read)


_ONE_MAILBOX = re.compile(r'([^"(),;:<>\\=?@]*)<([^"(),;:<>\\\s]+)>\s*')


def parse_read(text: str) -> tuple[Address, ...]:
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
            comment, position = read_comment(text, position)
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


def addr_spec(text: str) -> str:
    """Return the addr-spec that `text` is, without an obsolete route; '' if it is none."""
    candidate = text.strip()
    if "(" in candidate:
        candidate = without_comments(candidate).strip()
    route = _ROUTE.match(candidate)
    if route:
        candidate = candidate[route.end() :].strip()
    if " " in candidate and '"' not in candidate:
        candidate = _LOOSE_SPACE.sub(r"\1", candidate)
    if len(candidate) > _MAX_ADDR_SPEC or not _ADDR_SPEC.fullmatch(candidate):
        return ""
    return candidate
