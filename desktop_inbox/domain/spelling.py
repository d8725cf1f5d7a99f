"""Which words of a text are looked up in a dictionary. Pure and linear.

Addresses, links, codes, placeholders and names that hold digits are no words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 60  # characters; longer is no word of any language that has a dictionary here
# What is skipped as a whole comes first, so that no part of it is taken for a word.
_PIECES = re.compile(
    r"""
    \{\{[^{}]*\}\}                          # what is filled in
    | [a-z][a-z0-9+.-]*://\S+ | www\.\S+    # links
    | [^\s@]+@[^\s@]+                       # addresses, mentions
    | [@\#/][\w.-]+
    | (?P<word> \w+ (?: ['’-] \w+ )* )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ODD = re.compile(r"[\d_]")


def words(text: str) -> Iterator[tuple[int, str]]:
    """Yield each word with where it begins, as a dictionary has it: apostrophes are straight."""
    for found in _PIECES.finditer(text):
        word = found["word"]
        if word and 1 < len(word) <= LONGEST and not _ODD.search(word) and not word.isupper():
            yield found.start(), word.replace("’", "'")
