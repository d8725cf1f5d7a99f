"""Looks words up in dictionaries, in a process of its own: they take seconds to read.

Reads one JSON request a line, answers each with one line, and ends with its input:
`{"language": "tr", "words": [...]}` with the unknown ones, `{"language": "tr", "like": word}` with
what may have been meant.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any

from desktop_inbox.paths import resources

LANGUAGES = ("en", "tr")  # that there is a dictionary of, by ISO 639-1
_MOST_LIKE = 6


def main() -> int:
    """Serve until the input ends; return the exit status."""
    for line in sys.stdin.buffer:
        answer = json.dumps(_answer(json.loads(line)), ensure_ascii=True)
        sys.stdout.buffer.write(answer.encode("ascii") + b"\n")
        sys.stdout.buffer.flush()
    return 0


def _answer(asked: dict[str, Any]) -> dict[str, object]:
    language = str(asked["language"])
    dictionary = _dictionary(language)
    if "like" in asked:
        word = str(asked["like"])
        meant = dictionary.suggest(word)[:_MOST_LIKE] if _is_sayable(word) else []
        return {"language": language, "like": word, "meant": list(meant)}
    looked_up = [str(word) for word in asked["words"]]
    wrong = [word for word in looked_up if _is_sayable(word) and not _knows(dictionary, word)]
    return {"language": language, "words": looked_up, "wrong": wrong}


def _knows(dictionary: Any, word: str) -> bool:
    """Tell whether a word is right; of one that is put together with hyphens each part counts."""
    parts = word.split("-")
    return bool(dictionary.spell(word)) or (
        len(parts) > 1 and all(dictionary.spell(part) for part in parts)
    )


def _is_sayable(word: str) -> bool:
    """Leave out lone surrogates and the like, which no dictionary can be asked for."""
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in word


@cache
def _dictionary(language: str) -> Any:
    from hunspell import Hunspell

    return Hunspell(language, hunspell_data_dir=str(resources() / "dictionaries" / language))
