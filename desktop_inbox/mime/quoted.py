"""Quoted history in HTML mail: found by structure first, then by what its lines say.

Pure; runs where the view asks. Linear in the size of the document (see `dom.tame`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from desktop_inbox.domain import quoting
from desktop_inbox.mime.dom import events, tame
from desktop_inbox.mime.html.text import to_text

__all__ = ["split_quoted"]

# From one of these on everything is history.
_CUT_HERE = (
    "#divRplyFwdMsg,#appendonsend,.OutlookMessageHeader,#mail-editor-reference-message-container"
)
# These hold history and nothing else.
_CONTAINERS = (
    ".gmail_quote,.yahoo_quoted,.protonmail_quote,.tutanota_quote,.zmail_extra,"
    '.moz-forward-container,blockquote[type="cite"]'
)
_PREFIXES = ".moz-cite-prefix,.gmail_attr"  # above a quotation, whatever they say
_INDENTED = "blockquote"  # a quotation if the line above it says so, else the author's own
_INLINE = frozenset((
    "-text", "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i", "img",
    "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "td",
    "th", "time", "tt", "u", "var", "wbr",
))  # fmt: skip
_NOT_PARTED = _INLINE | {"br"}
_CELLS = frozenset({"td", "th"})
_ROOTS = frozenset({"body", "html"})
_OWN_PICTURES = ("cid:", "data:")
_RULER = "________"
_PICTURE = "\ufffc"
_MAX_LINE = 1_000  # of which attributions and header blocks take up far less


@dataclass(slots=True)
class _Line:
    """A line as it is read, and what of the document it comes from."""

    text: str = ""
    leaves: list[LexborNode] = field(default_factory=list)
    container: LexborNode | None = None  # the quotation that it is in

    def plain(self) -> str:
        """Return the line as plain text has it."""
        text = " ".join(self.text.split())[:_MAX_LINE]
        return f"> {text}" if self.container is not None else text


def split_quoted(html: str) -> tuple[str, str]:
    """Part a message's HTML into what its author wrote and the history that follows.

    Returns (visible, quoted); quoted is '' where nothing can be told apart, where an answer
    stands between quotes, and where nothing would be left to see.
    """
    tree = LexborHTMLParser(tame(html))
    body = tree.body
    if body is None:
        return html, ""
    pieces = _take_history(tree, body)
    visible = body.inner_html or ""
    if not pieces or not _says_something(visible):
        return html, ""
    return visible, "".join(pieces)


def _take_history(tree: LexborHTMLParser, body: LexborNode) -> list[str]:
    """Take history out of the document and return it, in the document's order."""
    marker = tree.css_first(_CUT_HERE)
    tail = [] if marker is None or marker.tag in _ROOTS else _take_from(marker)
    lines = _Reader(tree).read(body)
    folded = quoting.history_lines([line.plain() for line in lines])
    end = len(lines)
    while end and folded[end - 1]:
        end -= 1
    if not end:
        return []
    above = _above_tail(lines[:end], folded[:end])
    first = next((line for line in lines[end:] if line.leaves), None)
    if first is not None:
        tail = _take_from(_beginning(first)) + tail
    return [piece for node in above for piece in _take_out(node)] + tail


def _above_tail(lines: list[_Line], folded: list[bool]) -> list[LexborNode]:
    """Return the nodes of history that the author's words follow.

    An answer may stand above or below a quotation. Between two of them, both are needed.
    """
    found: dict[int, LexborNode] = {}
    quotations = 0
    inside = False
    for line, hide in zip(lines, folded, strict=True):
        if line.container is not None:
            quotations += not inside
            inside = True
            found[line.container.mem_id] = line.container
        elif hide:
            found |= {leaf.mem_id: leaf for leaf in line.leaves}
        elif line.leaves:
            inside = False
    return list(found.values()) if quotations <= 1 else []


# --- the document as lines --------------------------------------------------------------------


class _Reader:
    """Collects the lines of a document while its nodes come in order."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._quotations = {
            node.mem_id
            for node in tree.css(f"{_CONTAINERS},{_PREFIXES}")
            # Gmail wraps quotations and the answers between them once more.
            if node.tag == "blockquote" or node.css_first("blockquote") is None
        }
        self._lines: list[_Line] = []
        self._line = _Line()
        self._said = ""  # the last line that is not empty
        self._container: LexborNode | None = None

    def read(self, root: LexborNode) -> list[_Line]:
        """Return the lines, with an empty one where a block begins or ends."""
        for node, tag, entering in events(root):
            if entering:
                self._enter(node, tag)
            else:
                self._leave(node, tag)
        self._end_line()
        return self._lines

    def _enter(self, node: LexborNode, tag: str) -> None:
        if tag == "-text":
            self._add(node, node.text_content or "")
        elif tag == "img":
            if (node.attributes.get("src") or "").startswith(_OWN_PICTURES):
                self._add(node, _PICTURE)
        elif tag == "br":
            self._end_line()
        elif tag not in _INLINE:
            self._end_block()
            if tag == "hr":
                self._add(node, _RULER)
                self._end_line()
        elif tag in _CELLS:
            self._line.text += " "
        if self._container is None and self._is_quotation(node, tag):
            self._end_line()
            self._container = node
            self._line.container = node

    def _leave(self, node: LexborNode, tag: str) -> None:
        closes = self._container is not None and self._container.mem_id == node.mem_id
        if closes or tag not in _NOT_PARTED:
            self._end_block()
        if closes:
            self._container = None
            self._line.container = None

    def _is_quotation(self, node: LexborNode, tag: str) -> bool:
        if node.mem_id in self._quotations:
            return True
        return tag == _INDENTED and quoting.introduces_quotation(self._said)

    def _add(self, node: LexborNode, text: str) -> None:
        if text and not text.isspace():
            self._line.leaves.append(node)
        self._line.text += text

    def _end_block(self) -> None:
        self._end_line()
        if self._lines and self._lines[-1].leaves:
            self._lines.append(_Line(container=self._container))

    def _end_line(self) -> None:
        if self._line.leaves:
            self._lines.append(self._line)
            self._said = self._line.text
        self._line = _Line(container=self._container)


# --- taking out -------------------------------------------------------------------------------


def _beginning(line: _Line) -> LexborNode:
    """Return the largest element that begins with a line."""
    node = line.container or line.leaves[0]
    parent = node.parent
    while parent is not None and parent.tag not in _ROOTS and _is_first(node):
        node, parent = parent, parent.parent
    return node


def _is_first(node: LexborNode) -> bool:
    before = node.prev
    while before is not None and _says_nothing(before):
        before = before.prev
    return before is None


def _says_nothing(node: LexborNode) -> bool:
    if node.tag == "-text":
        return not (node.text_content or "").strip()
    return node.tag in {"br", "-comment"}


def _take_from(first: LexborNode) -> list[str]:
    """Take a node out, with all that follows it in the document."""
    taken: list[str] = []
    node: LexborNode | None = first
    while node is not None and node.tag not in _ROOTS:
        parent = node.parent
        following = node.next
        while following is not None:
            after = following.next
            taken.append(following.html or following.text_content or "")
            following.decompose()
            following = after
        if node is first:
            taken.insert(0, node.html or node.text_content or "")
            node.decompose()
        node = parent
    return taken


def _take_out(node: LexborNode) -> Iterator[str]:
    """Take a node out, with the elements that nothing is left in."""
    if node.tag == "-text":
        yield f"<div>{node.html}</div>"
        following = node.next
        if following is not None and following.tag == "br":
            following.decompose()
    else:
        yield node.html or ""
        if _is_inline(node.prev) and _is_inline(node.next):
            node.insert_before(" ")  # lest the words above and below become one
    parent = node.parent
    node.decompose()
    while parent is not None and parent.tag not in _ROOTS and _is_empty(parent):
        node, parent = parent, parent.parent
        node.decompose()


def _is_inline(node: LexborNode | None) -> bool:
    return node is not None and node.tag in _INLINE


def _is_empty(node: LexborNode) -> bool:
    child = node.first_child
    return child is None or (child.next is None and _says_nothing(child))


def _says_something(html: str) -> bool:
    return bool(to_text(html).strip()) or "<img" in html
