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


def fold(text: str) -> str:
    """Return `text` in the form that is indexed and searched."""
    if text.isascii():
        return text.lower()
    # Folding case may compose or decompose again (a styled letter, ß), hence twice.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    marks = [ord(char) for char in set(decomposed) if unicodedata.combining(char)]
    # Hangul comes apart in NFKD as well; composing puts it together again.
    bare = unicodedata.normalize("NFC", decomposed.translate(dict.fromkeys(marks)))
    # I, İ, ı and i become one letter, whatever the language of the interface (rule K).
    return _CJK.sub(r" \1 ", bare.replace("ı", "i"))


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of `text`, as the index splits them."""
    return tuple(_WORD.findall(fold(text)))
