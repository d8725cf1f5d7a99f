"""Text as the search index sees it: case, accents, Turkish i and CJK folded away.

SQLite's own tokenizers keep I, İ, ı and i apart and cannot split Chinese or Japanese, so both
what is stored and what is asked for pass through here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

# Scripts written without spaces: each character becomes a word of its own. Hangul is not among
# them: Korean separates words.
_WORD = re.compile(r"[^\W_]+")
_CJK = "([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f])"
_APART = rf" *{_CJK} *"

_FIRST_CJK = "\u2e80"  # with the radicals, which become characters
_FIRST_JOINING = "\u0900"  # no letters before it, once without accents, become one
_ASCII = bytes(range(128))
_FEW = 30


def fold(text: str) -> str:
    """Return `text` in the form that is indexed and searched."""
    if text.isascii():
        return text.lower()
    letters = _beyond_ascii(text)
    changed = {letter: new for letter in letters if (new := _fold_letter(letter)) != letter}
    text = _replaced(text, changed)
    text = text.lower() if text.isascii() else text.casefold()
    last = max(letters)
    # Korean and Indian letters may stand in parts.
    if last >= _FIRST_JOINING and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return " ".join(_pattern(_CJK).split(text)) if last >= _FIRST_CJK else text


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern of whole scripts, which takes 3 ms to compile: only where such text is."""
    return re.compile(pattern)


def _beyond_ascii(text: str) -> set[str]:
    data = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return set(data.decode("utf-8", "surrogatepass"))


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    folded = unicodedata.normalize("NFKD", letter).casefold()
    # Folding case may compose or decompose again (a styled letter, ß).
    folded = unicodedata.normalize("NFKD", folded)
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    # Hangul comes apart in NFKD as well; composing puts it together again.
    # I, İ, ı and i become one letter, whatever the language of the interface (rule K).
    return unicodedata.normalize("NFC", folded).replace("ı", "i")


def _replaced(text: str, letters: dict[str, str]) -> str:
    """Return `text` with `letters` replaced: a language needs few, and each is found at once."""
    if len(letters) > _FEW:
        return text.translate({ord(letter): new for letter, new in letters.items()})
    for letter, new in letters.items():
        text = text.replace(letter, new)
    return text


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of `text`, as the index splits them."""
    return tuple(_WORD.findall(fold(text)))


def plain(text: str) -> str:
    """Return `text` folded on one line, for comparing names."""
    folded = fold(text)
    return " ".join((folded if folded.isascii() else _pattern(_APART).sub(r"\1", folded)).split())
