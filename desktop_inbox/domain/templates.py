"""Canned responses: variables with fall-backs, conditional blocks and a cursor stop (rule F1).

Nothing in a template is run: names are looked up in the values that are given, and a block asks
whether one of them is set or equals a literal. Two passes over the text, linear in its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PROMPT = "prompt."  # what a person is asked for: {{prompt.tracking number}}

# `{{…}}`, or `{%…%}` with what surrounds it where it stands alone on its line.
_TOKEN = re.compile(
    r"\{\{(?P<name>[^{}|]{1,100})(?:\|(?P<fallback>[^{}|]*))?\}\}"
    r"|(?P<lead>^[ \t]*)?\{%(?P<tag>[^{}%]{0,160})%\}(?P<tail>[ \t]*(?:\r?\n|\Z))?",
    re.MULTILINE,
)
# Custom fields and prompts are named in a person's own words.
_NAME = re.compile(r"(?:prompt|contact\.custom)\.[^\"'=]{1,80}|[a-z][a-z0-9_.+]{0,80}")
_IF = re.compile(r"if\s+(not\s+)?([^\"'=!]{1,100}?)(?:\s*(==|!=)\s*(?:\"([^\"]*)\"|'([^']*)'))?")
# Anything that still looks like a place to fill in, also as other programs write it.
_UNRESOLVED = re.compile(r"\{\{[^{}]{0,120}\}\}|\{%[^{}]{0,160}%\}|#\{[^{}]{0,120}\}|\{\{|\{%|#\{")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A canned response filled in; `missing` names the variables that had no value."""

    text: str
    missing: tuple[str, ...] = ()
    caret: int | None = None  # characters before `{% cursor %}`, where writing goes on


def render(body: str, values: Mapping[str, str]) -> Rendered:
    """Fill in `{{contact.first_name|there}}`: the value, else the fall-back, else left standing.

    Of `{% if contact.company %} … {% else %} … {% endif %}` one side stays. The condition may be
    `not NAME`, `NAME == "text"` or `NAME != "text"`. What belongs to no block is left standing.
    A value is never searched for variables again, so a customer named `{{me.email}}` stays one.
    """
    tokens = list(_TOKEN.finditer(body))
    filling = _Filling(values)
    blocks = _blocks(tokens)
    end = 0
    for index, token in enumerate(tokens):
        filling.put(body[end : token.start()])
        end = token.end()
        if token["name"] is not None:
            filling.put_variable(token)
        elif index in blocks:
            filling.enter(token, blocks[index])
        elif _word(token) == "cursor":
            filling.stop(token)
        else:
            filling.put(token[0])
    filling.put(body[end:])
    return filling.result()


def names(body: str) -> frozenset[str]:
    """Return every variable a template mentions."""
    return frozenset(_mentioned(body))


def unresolved(text: str) -> tuple[tuple[int, int], ...]:
    """Return where something is still to be filled in, as (start, end); such text is not sent."""
    return tuple(match.span() for match in _UNRESOLVED.finditer(text))


def _mentioned(body: str) -> Iterator[str]:
    for token in _TOKEN.finditer(body):
        if token["name"] is not None:
            name = token["name"].strip()
        else:
            condition = _IF.fullmatch(_word(token))
            name = condition[2].strip() if condition else ""
        if _NAME.fullmatch(name):
            yield name


def _word(token: re.Match[str]) -> str:
    return (token["tag"] or "").strip()


def _blocks(tokens: list[re.Match[str]]) -> dict[int, str]:
    """Return which tags belong to a block that begins and ends: "if", "else" or "endif"."""
    found: dict[int, str] = {}
    begun: list[list[int]] = []
    for index, token in enumerate(tokens):
        word = _word(token)
        if condition := _IF.fullmatch(word):
            if _NAME.fullmatch(condition[2].strip()):
                begun.append([index])
        elif word == "else" and begun and len(begun[-1]) == 1:
            begun[-1].append(index)
        elif word == "endif" and begun:
            parts = [*begun.pop(), index]
            found |= dict(zip(parts, ("if", "else"), strict=False)) | {index: "endif"}
    return found


class _Filling:
    """A template on its way to text: what is written so far, and which blocks are open."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._parts: list[str] = []
        self._length = 0
        self._missing: dict[str, None] = {}
        self._caret: int | None = None
        self._open: list[tuple[bool, bool]] = []  # whether shown around it, whether its side is
        self._shown = True

    def put(self, text: str) -> None:
        if self._shown and text:
            self._parts.append(text)
            self._length += len(text)

    def put_variable(self, token: re.Match[str]) -> None:
        name, fallback = token["name"].strip(), token["fallback"]
        known = _NAME.fullmatch(name) is not None
        value = self._values.get(name, "") if known else ""
        if value or (known and fallback is not None):
            self.put(value or fallback.strip())
            return
        self.put(token[0])
        if self._shown and known:
            self._missing[name] = None

    def enter(self, token: re.Match[str], part: str) -> None:
        """Go into, to the other side of, or out of a block; a line of its own goes with it."""
        alone = token["lead"] is not None and token["tail"] is not None
        if not alone:
            self.put(token["lead"] or "")
        if part == "if":
            self._open.append((self._shown, self._holds(_word(token))))
        elif part == "else":
            around, side = self._open.pop()
            self._open.append((around, not side))
        if part == "endif":
            self._shown = self._open.pop()[0]
        else:
            self._shown = all(self._open[-1])
        if not alone:
            self.put(token["tail"] or "")

    def stop(self, token: re.Match[str]) -> None:
        self.put(token["lead"] or "")
        if self._shown and self._caret is None:
            self._caret = self._length
        self.put(token["tail"] or "")

    def result(self) -> Rendered:
        return Rendered(text="".join(self._parts), missing=tuple(self._missing), caret=self._caret)

    def _holds(self, word: str) -> bool:
        condition = _IF.fullmatch(word)
        assert condition is not None
        name = condition[2].strip()
        if self._shown and name.startswith(PROMPT) and name not in self._values:
            self._missing[name] = None
        value = self._values.get(name, "")
        if condition[3] is None:
            holds = bool(value)
        else:
            literal = condition[4] if condition[4] is not None else condition[5]
            holds = (value == literal) == (condition[3] == "==")
        return holds != bool(condition[1])
