"""What somebody typed into the search field, taken apart (rule K). Never refuses anything.

Words next to each other must all be there; `OR` binds its two neighbours before that, `-` what
follows it, parentheses what they hold. What does not mean what it looks like is told beside the
tree, with its place; the rest is searched for all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from desktop_inbox.domain.folding import plain, words
from desktop_inbox.domain.phones import phone_digits
from desktop_inbox.domain.query import values
from desktop_inbox.domain.query.tree import (
    Both,
    Either,
    Has,
    Node,
    Not,
    Number,
    Problem,
    Property,
    Query,
    TextField,
    Words,
)
from desktop_inbox.domain.slips import nearest

MAX_TERMS = 32
MAX_DEPTH = 12

TEXT_FIELDS = {one.value: one for one in TextField if one.value}
PROPERTIES = {one.value: one for one in Property}
FIELDS = (*TEXT_FIELDS, *PROPERTIES)

_NUMBER_DIGITS = range(7, 16)  # of a telephone number, see domain.phones
_NUMBER = re.compile(r"(\+?(?:\([0-9]+\)|[0-9])(?:[ .\-/]?(?:\([0-9]+\)|[0-9]))*)(\*?)(?=[\s()]|$)")
_GROUPED = re.compile(r"\([0-9]+\)\Z")
_FIELD = re.compile(r"([^\W\d_]+):")
_QUOTED = re.compile(r'"([^"]*)("|\Z)(\*?)')
_BARE = re.compile(r'[^\s"()]+')
_SPACE = re.compile(r"\s+")
_JOINING = re.compile(r"(OR|AND|NOT)(?=[\s()]|$)")
# What stands before a colon in pasted subjects and addresses.
_ADDRESSES = ("http", "https", "ftp", "mailto", "tel")
_ANSWERS = ("re", "aw", "fwd", "fw", "wg", "sv", "vs", "ynt", "ilt")
_ORDINARY = frozenset((*_ADDRESSES, *_ANSWERS))


class _Kind(StrEnum):
    TERM = "term"
    NUMBER = "number"
    OPEN = "("
    CLOSE = ")"
    OR = "OR"
    AND = "AND"  # says what is so anyway
    NOT = "NOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: _Kind
    start: int
    end: int
    field: str = ""
    value: str = ""
    quoted: bool = False
    closed: bool = True  # its quotation mark
    star: bool = False


def parse_query(text: str, *, typing: bool = True) -> Query:
    """Return what `text` asks for. While somebody is still `typing`, the last word is a prefix."""
    reader = _Reader(text, typing=typing)
    root = reader.read()
    return Query(root=root, problems=tuple(reader.problems))


def reads_as_plain_word(word: str) -> bool:
    """Tell whether a folded word may be written without quotation marks."""
    return not _NUMBER.match(word) and words(word) == (word,)


# Tokens


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        space = _SPACE.match(text, at)
        if space:
            at = space.end()
            continue
        token = _token(text, at)
        if token is not None:
            found.append(token)
        at = token.end if token is not None else at + 1
    return found


def _token(text: str, at: int) -> _Token | None:
    """Return the token that begins here, None where a character means nothing."""
    char = text[at]
    if at == 0 or text[at - 1].isspace() or text[at - 1] in "(-":
        found = _number(text, at) or _joining(text, at)
        if found is not None:
            return found
        if char == "-" and not text[at + 1 : at + 2].isspace() and at + 1 < len(text):
            return _Token(kind=_Kind.NOT, start=at, end=at + 1)
    if char in "()":
        return _Token(kind=_Kind(char), start=at, end=at + 1)
    field = _FIELD.match(text, at)
    return _term(text, at, field=field[1] if field else "", value_at=field.end() if field else at)


def _number(text: str, at: int) -> _Token | None:
    found = _NUMBER.match(text, at)
    if found is None:
        return None
    written = found[1]
    digits = sum(char.isdigit() for char in written)
    # Apart, digits are only a telephone number where they begin like one.
    apart = " " in written and written[0] not in "+(0"
    if digits not in _NUMBER_DIGITS or apart or _GROUPED.match(written):
        return None
    return _Token(kind=_Kind.NUMBER, start=at, end=found.end(), value=written, star=bool(found[2]))


def _joining(text: str, at: int) -> _Token | None:
    found = _JOINING.match(text, at)
    return _Token(kind=_Kind(found[1]), start=at, end=found.end()) if found else None


def _term(text: str, at: int, *, field: str, value_at: int) -> _Token | None:
    quoted = _QUOTED.match(text, value_at)
    if quoted:
        return _Token(
            kind=_Kind.TERM,
            start=at,
            end=quoted.end(),
            field=field,
            value=quoted[1],
            quoted=True,
            closed=bool(quoted[2]),
            star=bool(quoted[3]),
        )
    bare = _BARE.match(text, value_at)
    if bare is None and not field:
        return None
    value = bare[0] if bare else ""
    return _Token(
        kind=_Kind.TERM,
        start=at,
        end=bare.end() if bare else value_at,
        field=field,
        value=value.rstrip("*"),
        star=value.endswith("*"),
    )


# The tree


class _Reader:
    """Reads the tokens of one search."""

    def __init__(self, text: str, *, typing: bool) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._typing = typing
        self._tokens = _tokens(text)
        self._at = 0
        self._terms = 0

    def read(self) -> Node | None:
        found: list[Node] = []
        while self._at < len(self._tokens):
            found += self._sequence(depth=0)
            if self._next(_Kind.CLOSE) is not None:
                self._tell("stray-group", self._tokens[self._at - 1])
        return _both(found)

    def _sequence(self, *, depth: int) -> list[Node]:
        """Return what stands next to each other, up to a closing parenthesis."""
        found: list[Node] = []
        while self._at < len(self._tokens) and not self._is(_Kind.CLOSE):
            either = self._either(depth=depth)
            if either is not None:
                found.append(either)
        return found

    def _either(self, *, depth: int) -> Node | None:
        found = [self._one(depth=depth)]
        while token := self._next(_Kind.OR):
            ends = self._at >= len(self._tokens) or self._is(_Kind.CLOSE)
            begun = self._typing and token is self._tokens[-1]
            if (ends or found[-1] is None) and not begun:
                self._tell("lone-or", token)
            if not ends:
                found.append(self._one(depth=depth))
        return _either([one for one in found if one is not None])

    def _one(self, *, depth: int) -> Node | None:
        if self._is(_Kind.OR):
            return None
        token = self._tokens[self._at]
        self._at += 1
        match token.kind:
            case _Kind.NOT:
                return self._negated(depth=depth)
            case _Kind.OPEN:
                return self._group(token, depth=depth)
            case _Kind.NUMBER | _Kind.TERM:
                return self._leaf(token)
        return None

    def _negated(self, *, depth: int) -> Node | None:
        if self._at >= len(self._tokens) or self._is(_Kind.CLOSE):
            return None
        inner = self._one(depth=depth)
        if isinstance(inner, Not):
            return inner.node
        return None if inner is None else Not(inner)

    def _group(self, opened: _Token, *, depth: int) -> Node | None:
        if depth >= MAX_DEPTH:
            return None  # its parentheses are left out
        found = self._sequence(depth=depth + 1)
        if self._next(_Kind.CLOSE) is None and not self._typing:
            self._tell("open-group", opened)
        return _both(found)

    def _is(self, kind: _Kind) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].kind is kind

    def _next(self, kind: _Kind) -> _Token | None:
        if not self._is(kind):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    # Leaves

    def _leaf(self, token: _Token) -> Node | None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            if self._terms == MAX_TERMS + 1:
                self._tell("too-many-terms", token, most=str(MAX_TERMS))
            return None
        begun = token.star or (self._is_last(token) and not token.quoted)
        if token.kind is _Kind.NUMBER:
            written = " ".join(token.value.split())
            return Number(written=written, prefix=begun)
        if not token.closed and not self._typing:
            self._tell("open-quote", token)
        name = token.field.lower()
        if name in PROPERTIES:
            return self._property(token, PROPERTIES[name], begun=begun)
        where = TEXT_FIELDS.get(name, TextField.ANY)
        value = token.value
        if token.field and where is TextField.ANY:
            self._unknown(token)
            value = f"{token.field} {value}"  # "Re:order" and "https://x" are words
        elif token.field and not value.strip():
            return self._without_value(token)
        folded = words(value)
        return Words(words=folded, where=where, prefix=begun) if folded else None

    def _is_last(self, token: _Token) -> bool:
        """Whether somebody is still writing this."""
        return self._typing and token.end == len(self._text)

    def _without_value(self, token: _Token) -> Node | None:
        """A field with nothing behind it: about to be written, or a word of a sentence."""
        if self._is_last(token):
            return None
        self._tell("no-value", token, name=token.field.lower())
        folded = words(token.field)
        return None if token.quoted or not folded else Words(words=folded)

    def _unknown(self, token: _Token) -> None:
        name = token.field.lower()
        if token.value and not token.value.startswith("/") and name not in _ORDINARY:
            self._tell("unknown-field", token, name=name, nearest=nearest(name, FIELDS))

    def _property(self, token: _Token, asked: Property, *, begun: bool) -> Node | None:
        if not token.value.strip():
            return self._without_value(token)
        value = canonical(asked, token.value)
        known = known_values(asked)
        half = value not in known and any(one.startswith(value) for one in known)
        if half and self._is_last(token):
            return None
        if not values.is_held(asked, value):
            name = asked.value if (asked, "") in values.NOT_HELD else f"{asked}:{value}"
            self._tell("not-held", token, name=name)
        elif not value or not values.is_understood(asked, value):
            if self._is_last(token) and asked not in values.CHOICES:
                return None  # "created:20" will be a year
            self._tell(
                "bad-value",
                token,
                name=asked.value,
                value=token.value,
                nearest=nearest(value, known),
                known=", ".join(known),
            )
        if begun and asked in PREFIXED:
            value += "*"
        return Has(property=asked, value=value)

    def _tell(self, code: str, token: _Token, **told: str) -> None:
        self.problems.append(Problem(code=code, start=token.start, end=token.end, values=told))


# Names that may be only begun.
PREFIXED = frozenset({Property.CONTACT, Property.COMPANY, Property.EMAIL})
# Names somebody gave, compared as they are folded.
_NAMES = PREFIXED | {Property.TAG, Property.ACCOUNT, Property.ASSIGNEE, Property.FILE}


def canonical(asked: Property, value: str) -> str:
    """Return a value in the one form it is kept and compared in."""
    if asked in _NAMES:
        return plain(value)
    if asked is Property.PHONE:
        return phone_digits(value)
    return value.strip().lower()


def known_values(asked: Property) -> tuple[str, ...]:
    """Return the values of a property that has few."""
    return values.CLOCKS if asked is Property.SLA else values.CHOICES.get(asked, ())


def _both(nodes: Iterable[Node]) -> Node | None:
    flat = [one for node in nodes for one in (node.nodes if isinstance(node, Both) else (node,))]
    if len(flat) < 2:
        return flat[0] if flat else None
    return Both(tuple(flat))


def _either(nodes: Iterable[Node]) -> Node | None:
    flat = [one for node in nodes for one in (node.nodes if isinstance(node, Either) else (node,))]
    if len(flat) < 2:
        return flat[0] if flat else None
    return Either(tuple(flat))
