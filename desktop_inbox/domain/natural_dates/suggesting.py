"""What somebody may have meant by a word of time that nobody knows."""

from __future__ import annotations

from difflib import get_close_matches

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.natural_dates.words import FOLDED_KNOWN

_LIKE_ENOUGH = 0.7
_SHORTEST = 2


def as_written(text: str, word: str) -> str:
    """Return the folded `word` as it stands in `text`."""
    return next((piece for piece in text.split() if fold(piece).startswith(word)), word)


def suggestion(text: str, word: str) -> str:
    """Return `text` with the folded `word` in it replaced by the likeliest known one, or ''."""
    known, written = _known(word), as_written(text, word)
    if not known or written not in text:
        return ""
    return " ".join(text.replace(written, known, 1).split())


def _known(word: str) -> str:
    """Return the word that begins like this, else the one most like it."""
    if len(word) < _SHORTEST:
        return ""
    begun = [folded for folded in FOLDED_KNOWN if folded.startswith(word)]
    close = begun[:1] or get_close_matches(word, FOLDED_KNOWN, n=1, cutoff=_LIKE_ENOUGH)
    return FOLDED_KNOWN[close[0]] if close else ""
