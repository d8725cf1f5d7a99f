"""The tree that a search becomes, and what was wrong with its words. Values only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from desktop_inbox.domain.states import Status


class TextField(StrEnum):
    """Where words are looked for."""

    ANY = ""
    SUBJECT = "subject"
    FROM = "from"
    TO = "to"
    CC = "cc"
    BODY = "body"
    NOTE = "note"


class Property(StrEnum):
    """What else a conversation can be asked for."""

    CONTACT = "contact"
    EMAIL = "email"
    PHONE = "phone"
    COMPANY = "company"
    CHANNEL = "channel"
    ACCOUNT = "account"
    TAG = "tag"
    STATUS = "status"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"
    HAS = "has"
    FILE = "file"
    ID = "id"
    ORDER = "order"
    SLA = "sla"
    WAITING = "waiting"
    CSAT = "csat"
    CREATED = "created"
    BEFORE = "before"
    AFTER = "after"
    LAST = "last"
    LANG = "lang"
    IS = "is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Folded words that stand next to each other; the last may be only begun."""

    words: tuple[str, ...]
    where: TextField = TextField.ANY
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as long as one of a telephone, however it is written: "0532 123 45 67"."""

    written: str
    prefix: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """The digits as they are grouped."""
        return tuple(re.findall(r"\d+", self.written))

    @property
    def digits(self) -> str:
        """All digits."""
        return "".join(self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """A property; what `value` means is told by `values`."""

    property: Property
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class Both:
    """All of two or more."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of two or more."""

    nodes: tuple[Node, ...]


Node: TypeAlias = "Words | Number | Has | Not | Both | Either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that does not mean what it looks like; `start` and `end` tell where it stands.

    Codes: "unknown-field" (name, nearest), "no-value" (name), "bad-value" (name, value, nearest,
    known), "not-held" (name), "open-quote", "open-group", "stray-group", "lone-or",
    "too-many-terms" (most).
    """

    code: str
    start: int
    end: int
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is searched for; without a root, nothing."""

    root: Node | None = None
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return self.root is not None

    def leaves(self) -> Iterator[tuple[Words | Number | Has, bool]]:
        """Yield every leaf, in order, and whether it is wanted rather than excluded."""
        if self.root is not None:
            yield from _leaves(self.root, wanted=True)


def _leaves(node: Node, *, wanted: bool) -> Iterator[tuple[Words | Number | Has, bool]]:
    match node:
        case Not(inner):
            yield from _leaves(inner, wanted=not wanted)
        case Both(nodes) | Either(nodes):
            for one in nodes:
                yield from _leaves(one, wanted=wanted)
        case _:
            yield node, wanted


def view_asked_for(query: Query) -> str:
    """Return "spam" or "trash" where a search asks for these, which others leave out; else ''."""
    for leaf, wanted in query.leaves():
        if not wanted or not isinstance(leaf, Has):
            continue
        if leaf.property in (Property.STATUS, Property.IS) and leaf.value in _APART:
            return leaf.value
    return ""


_APART = (Status.SPAM.value, Status.TRASH.value)
