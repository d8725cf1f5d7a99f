"""What somebody typed into the search field, taken apart (rule K). Never refuses anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from desktop_inbox.domain.folding import words


class TextField(StrEnum):
    """Where words are looked for."""

    ANY = "any"
    SUBJECT = "subject"
    PEOPLE = "people"
    BODY = "body"


class Property(StrEnum):
    """What else a conversation can be asked for."""

    TAG = "tag"
    IS = "is"
    HAS = "has"
    STATUS = "status"
    CHANNEL = "channel"
    ID = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Folded words that stand next to each other; the last may be only begun."""

    words: tuple[str, ...]
    where: TextField = TextField.ANY
    prefix: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """A property that must, or with `negated` must not, hold."""

    property: Property
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Everything that must hold at once."""

    words: tuple[Words, ...] = ()
    properties: tuple[Has, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.properties)


_TERM = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"?|([^\s"]+))', re.IGNORECASE)
_TEXT_FIELDS = {
    "subject": TextField.SUBJECT,
    "from": TextField.PEOPLE,
    "to": TextField.PEOPLE,
    "cc": TextField.PEOPLE,
    "contact": TextField.PEOPLE,
    "email": TextField.PEOPLE,
    "body": TextField.BODY,
}
_PROPERTIES = {name.value: name for name in Property}
MAX_TERMS = 32


def parse_query(text: str, *, typing: bool = True) -> Query:
    """Return what `text` asks for. While somebody is still `typing`, the last word is a prefix."""
    found_words: list[Words] = []
    properties: list[Has] = []
    terms = list(_TERM.finditer(text))[:MAX_TERMS]
    for term in terms:
        minus, name, phrase, word = term.groups()
        value = phrase if phrase is not None else word
        negated = bool(minus)
        known = (name or "").lower()
        if known in _PROPERTIES:
            properties.append(
                Has(property=_PROPERTIES[known], value=value.lower(), negated=negated)
            )
            continue
        if name and known not in _TEXT_FIELDS:
            value = f"{name} {value}"  # "note: see below" is not an operator
        last = term is terms[-1] and term.end() == len(text)
        folded = words(value)
        if folded:
            begun = phrase is None and (value.endswith("*") or (typing and last))
            found_words.append(
                Words(
                    words=folded,
                    where=_TEXT_FIELDS.get(known, TextField.ANY),
                    prefix=begun,
                    negated=negated,
                )
            )
    return Query(words=tuple(found_words), properties=tuple(properties))
