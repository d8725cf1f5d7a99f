"""Plain text as the HTML subset a QTextBrowser shows: escaped, with links that may be followed.

Pure and linear in the length of the text, because strangers write it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from html import escape

from desktop_inbox.domain.folding import fold

SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_WORD = re.compile(r"\S+")
_URL_START = re.compile(r"https?://|www\.", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_MENTION = re.compile(r"<[^>]*>|(?<![\w.+%-])@[\w.-]*\w")  # a tag is taken whole, and left alone
_TRAILING = ".,;:!?'\"…»”’"
_CLOSERS = {")": "(", "]": "[", "}": "{", ">": "<"}
_LONGEST_LINK = 2000
# Tags, and what cannot be broken: up to the first script that can be broken anywhere.
_TOKEN = re.compile("<[^>]*>?|[!-;=-\u2e7f]+")
_BREAKING = re.compile(
    r"</?(?:br|p|div|li|tr|t[dh]|h[1-6r]|blockquote|table|[uo]l|pre|body)\b", re.IGNORECASE
)


def to_html(text: str) -> str:
    """Return `text` as one pre-wrapped block in which addresses are links."""
    pieces: list[str] = []
    end = 0
    for found in _WORD.finditer(text):
        pieces.append(text[end : found.start()])
        pieces.append(_word(found.group()))
        end = found.end()
    pieces.append(text[end:])
    body = "".join(pieces).replace("\r\n", "\n").replace("\n", "<br>")
    return f'<div style="white-space: pre-wrap; line-height: 118%">{body}</div>'


def with_mentions(html: str, handles: Collection[str], *, colour: str) -> str:
    """Return HTML of `to_html` in which those who are meant stand out."""
    known = {fold(one) for one in handles}

    def mark(found: re.Match[str]) -> str:
        word = found.group()
        if fold(word) not in known:
            return word
        return f'<span style="font-weight: 600; color: {colour}">{word}</span>'

    return _MENTION.sub(mark, html) if known else html


@lru_cache(maxsize=32)
def longest_run(html: str) -> int:
    """The most characters in a row between which no line may be broken, tags not counted.

    Qt takes quadratic time to wrap such a run at word boundaries: minutes for 200 kB. Remembered,
    so that whoever makes a document beside the window can spare the window this look at it.
    """
    longest = run = end = 0
    for found in _TOKEN.finditer(html):
        broken = found.start() != end or _BREAKING.match(found.group())
        if found.group().startswith("<"):
            run = 0 if broken else run
        else:
            run = (0 if broken else run) + len(found.group())
            longest = max(longest, run)
        end = found.end()
    return longest


def links(text: str) -> list[str]:
    """Return the targets `to_html` would link, in order."""
    return [
        target for found in _WORD.finditer(text) for _, target in _parts(found.group()) if target
    ]


def _word(word: str) -> str:
    return "".join(
        f'<a href="{escape(target)}">{escape(shown)}</a>' if target else escape(shown)
        for shown, target in _parts(word)
    )


def _parts(word: str) -> list[tuple[str, str]]:
    """Split one run of non-space into (shown text, link target or '')."""
    if len(word) > _LONGEST_LINK:
        return [(word, "")]
    url = _URL_START.search(word)
    if url:
        start, stop = url.start(), _link_end(word, url.start())
        shown = word[start:stop]
        if stop > url.end():
            target = shown if "://" in shown else f"https://{shown}"
            return [(word[:start], ""), (shown, target), (word[stop:], "")]
        return [(word, "")]
    address = _ADDRESS.search(word) if "@" in word else None
    if address:
        shown = address.group().rstrip(".")
        stop = address.start() + len(shown)
        return [(word[: address.start()], ""), (shown, f"mailto:{shown}"), (word[stop:], "")]
    return [(word, "")]


def _link_end(word: str, start: int) -> int:
    """Where a URL ends: without the punctuation of the sentence around it."""
    for offset, character in enumerate(word[start:]):
        if character in '<>"“”«»':
            word = word[: start + offset]
            break
    stop = len(word)
    while stop > start:
        last = word[stop - 1]
        opener = _CLOSERS.get(last)
        balanced = opener and word.count(opener, start, stop) >= word.count(last, start, stop)
        if last in _TRAILING or (opener and not balanced):
            stop -= 1
            continue
        break
    return stop
