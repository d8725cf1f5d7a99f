"""The line of a text that shows what was found, and where in it the hits lie. Pure.

Texts are kept as they were written, while a query is folded: a pattern finds its words unfolded.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import replace
from functools import lru_cache

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.query import Number, Query, Words

BEFORE, _AFTER = 60, 140  # characters of a snippet around the first hit
_WORDS, _LETTERS = 16, 40  # of a phrase, and of each of its words: the rest is not marked


def excerpt(
    body: str, otherwise: str, *, pattern: re.Pattern[str] | None, before: int = BEFORE
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return one line of `body` around the first hit and where hits lie in it.

    Where nothing is hit, as when only the subject matched, `otherwise` stands for it.
    """
    first = pattern.search(body) if pattern else None
    if first is None or pattern is None:
        return otherwise, ()
    start = max(0, first.start() - before)
    if start:
        start = body.find(" ", start, first.start()) + 1 or start
    line = " ".join(body[start : first.start() + _AFTER].split())
    shown = f"…{line}" if start else line
    return shown, tuple(match.span() for match in pattern.finditer(shown))


def pattern_of(query: Query) -> re.Pattern[str] | None:
    """Return what finds the words of a search in a text, None where it asks for none."""
    wanted = [
        _phrase(_shortened(leaf)) if isinstance(leaf, Words) else _number(leaf)
        for leaf, is_wanted in query.leaves()
        if is_wanted and isinstance(leaf, Words | Number)
    ]
    return re.compile("|".join(wanted), re.IGNORECASE) if wanted else None


def _shortened(words: Words) -> Words:
    """Return so much of a phrase as a pattern can be made of in no time."""
    kept = tuple(word[:_LETTERS] for word in words.words[:_WORDS])
    return words if kept == words.words else replace(words, words=kept, prefix=True)


def _number(number: Number) -> str:
    behind = "" if number.prefix else r"(?!\d)"
    return r"(?<!\d)" + r"[\s().\-/]{0,3}".join(number.digits) + behind


def _phrase(words: Words) -> str:
    parts = [_spellings(word) for word in words.words]
    pattern = parts[0]
    for before, part, word in zip(words.words, parts[1:], words.words[1:], strict=False):
        pattern += (r"[\W_]*" if _stands_alone(before) or _stands_alone(word) else r"[\W_]+") + part
    ahead = "" if _stands_alone(words.words[0]) else r"(?<![^\W_])"
    behind = "" if words.prefix or _stands_alone(words.words[-1]) else r"(?![^\W_])"
    return f"{ahead}{pattern}{behind}"


def _stands_alone(word: str) -> bool:
    """Tell whether a word may be written without space around it, as in Chinese and Japanese."""
    return len(word) == 1 and ord(word) >= _FIRST_CJK


_FIRST_CJK = 0x3040
_MARKS = "[\u0300-\u036f]*"


def _spellings(word: str) -> str:
    table = _unfolded()
    return "".join(
        f"[{re.escape(char)}{table[char]}]{_MARKS}" if char in table else re.escape(char)
        for char in word
    )


@lru_cache(maxsize=1)
def _unfolded() -> dict[str, str]:
    """Return which letters of the alphabets with accents and cases fold to each letter."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x530), *range(0x1E00, 0x2000)):
        char = chr(code)
        folded = fold(char)
        if len(folded) == 1 and folded != char and not unicodedata.combining(char):
            found[folded].append(char)
    return {folded: "".join(chars) for folded, chars in found.items()}
