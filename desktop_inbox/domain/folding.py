"""Text as the search index sees it: case, accents, Turkish i and CJK folded away.

SQLite's own tokenizers keep I, İ, ı and i apart and cannot split Chinese or Japanese, so both
what is stored and what is asked for pass through here.
"""

from __future__ import annotations

import re
import unicodedata

# Scripts written without spaces: each character becomes a word of its own. Hangul is not among
# them: Korean separates words.
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f])")

_FIRST_CJK = "\u3040"
_FEW = 30


def fold(text: str) -> str:
    """Return `text` in the form that is indexed and searched."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).casefold()
    # Folding case may compose or decompose again (a styled letter, ß).
    if not unicodedata.is_normalized("NFKD", folded):
        folded = unicodedata.normalize("NFKD", folded)
    chars = set(folded)
    folded = _without(folded, [char for char in chars if unicodedata.combining(char)])
    # Hangul comes apart in NFKD as well; composing puts it together again.
    if not unicodedata.is_normalized("NFC", folded):
        folded = unicodedata.normalize("NFC", folded)
    if any(char >= _FIRST_CJK for char in chars):
        folded = _CJK.sub(r" \1 ", folded)
    # I, İ, ı and i become one letter, whatever the language of the interface (rule K).
    return folded.replace("ı", "i")


def _without(text: str, marks: list[str]) -> str:
    """Return `text` without `marks`: a language needs few, and each is found at once."""
    if len(marks) > _FEW:
        return text.translate(dict.fromkeys(map(ord, marks)))
    for mark in marks:
        text = text.replace(mark, "")
    return text


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of `text`, as the index splits them."""
    return tuple(_WORD.findall(fold(text)))


def plain(text: str) -> str:
    """Return `text` folded on one line, for comparing names."""
    folded = fold(text)
    return " ".join((folded if folded.isascii() else _APART.sub(r"\1", folded)).split())


_APART = re.compile(rf" *{_CJK.pattern} *")
