"""The tree of an HTML document: kept from growing absurd, and walked in order. Pure, linear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

MAX_NESTING = 160
MAX_OPEN_FORMATTING = 24
MAX_ATTRIBUTES = 1_000
_HARMLESS_CHARS = 20_000  # whatever is in so little takes milliseconds
_LONG_TAG_CHARS = 4_000
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONG_TAG_CHARS},}}")

_VOID = frozenset((
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr",
))  # fmt: skip
# These close themselves where the next one opens, so that an unclosed row of them is not deep.
_SELF_CLOSING = frozenset((
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup",
    "colgroup", "html", "head", "body",
))  # fmt: skip
_FORMATTING = frozenset((
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
))  # fmt: skip
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")


def tame(html: str) -> str:
    """Return `html` with tags beyond a nesting no reader can want replaced by empty ones.

    Parsers that follow the standard take quadratic time for deep nesting, for formatting that is
    never closed and for thousands of attributes; 300 kB of it would hold one up for seconds.
    """
    if len(html) < _HARMLESS_CHARS:
        return html
    html = _LONG_TAG.sub(_without_attributes, html)
    nesting = _Nesting()
    pieces: list[str] = []
    end = 0
    for found in _TAG.finditer(html):
        name = found[2].lower()
        if name in _VOID or name in _SELF_CLOSING:
            continue
        other = nesting.closed(name) if found[1] else nesting.opened(name)
        if other:
            pieces += (html[end : found.start()], f"<{found[1]}{other}")
            end = found.end()
    if not pieces:
        return html
    pieces.append(html[end:])
    return "".join(pieces)


class _Nesting:
    """How deep a document is while its tags come in; names the tag to put in place of too deep."""

    def __init__(self) -> None:
        self._depth = 0
        self._formatting = 0
        self._hidden = 0  # opened beyond the limit, their ends are still to come
        self._foreign = False  # inside svg or math, where only a line break cannot nest

    def opened(self, name: str) -> str:
        if name in _FORMATTING:
            self._formatting += 1
            return self._empty() if self._formatting > MAX_OPEN_FORMATTING else ""
        self._foreign = self._foreign or name in {"svg", "math"}
        if self._depth >= MAX_NESTING:
            self._hidden += 1
            return self._empty()
        self._depth += 1
        return ""

    def closed(self, name: str) -> str:
        if name in _FORMATTING:
            self._formatting = max(0, min(self._formatting, MAX_OPEN_FORMATTING) - 1)
            return ""
        if self._hidden:
            self._hidden -= 1
            return self._empty()
        if name in {"svg", "math"}:
            self._foreign = False
        self._depth = max(0, self._depth - 1)
        return ""

    def _empty(self) -> str:
        return "br" if self._foreign else "wbr"


def _without_attributes(tag: re.Match[str]) -> str:
    words = tag[0].split()
    return tag[0] if len(words) < MAX_ATTRIBUTES else words[0]


_UNREAD = frozenset((
    "head", "script", "style", "title", "noscript", "template", "svg", "math", "select", "textarea",
))  # fmt: skip
_HIDDEN = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|opacity\s*:\s*0(?:;|\s|\Z)"
    r"|(?:font-size|max-height)\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|\Z))",
    re.IGNORECASE,
)


def events(root: LexborNode) -> Iterator[tuple[LexborNode, str, bool]]:
    """Yield every node from `root` on, with its tag, when it begins (True) and when it ends.

    What nobody reads is left out. Text has the tag "-text".
    """
    opened: list[tuple[LexborNode, str]] = []  # the elements that `node` is within
    node: LexborNode | None = root
    while node is not None:
        child = None
        tag = node.tag or ""
        if tag == "-text" or not _is_unread(node, tag):
            yield node, tag, True
            child = node.first_child
            if child is None:
                yield node, tag, False
            else:
                opened.append((node, tag))
        while child is None and opened:
            child = node.next
            if child is None:
                node, tag = opened.pop()
                yield node, tag, False
        node = child


def _is_unread(node: LexborNode, tag: str) -> bool:
    return tag in _UNREAD or tag[:1] == "!" or _is_hidden(node, tag)


def _is_hidden(node: LexborNode, tag: str) -> bool:
    if not tag or tag[0] == "-":
        return tag == "-comment" or tag.startswith("-doc")
    style = node.attributes.get("style")
    return bool(style) and bool(_HIDDEN.search(style or ""))
