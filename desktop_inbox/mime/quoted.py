"""Quoted history in HTML mail: found by the structure that mail programs give it, then parted.

Pure; runs where the view asks. Linear in the size of the document (see `dom.tame`).
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from desktop_inbox.domain import quoting
from desktop_inbox.mime.dom import events, tame
from desktop_inbox.mime.html import to_text

__all__ = ["split_quoted"]

# From here on everything is history.
_CUT_HERE = (
    "#divRplyFwdMsg,#appendonsend,.OutlookMessageHeader,#mail-editor-reference-message-container"
)
# These hold the history and nothing else.
_CONTAINERS = (
    ".gmail_quote,.yahoo_quoted,.protonmail_quote,.tutanota_quote,.moz-forward-container,"
    'blockquote[type="cite"],blockquote'
)
_PREFIXES = frozenset({"moz-cite-prefix", "gmail_attr"})


def split_quoted(html: str) -> tuple[str, str]:
    """Part a message's HTML into what its author wrote and the history that follows.

    Returns (visible, quoted); quoted is '' where nothing can be told apart, where an answer
    stands between quotes, and where nothing would be left to see.
    """
    tree = LexborHTMLParser(tame(html))
    body = tree.body
    if body is None:
        return html, ""
    pieces = _take_after(tree) or _take_containers(tree)
    visible = body.inner_html or ""
    quoted = "".join(pieces)
    if not pieces or not _says_something(visible):
        return html, ""
    return visible, quoted


def _take_after(tree: LexborHTMLParser) -> list[str]:
    """Take the first header of a forwarded or answered message out, with all that follows."""
    marker = tree.css_first(_CUT_HERE) or _outlook_header(tree)
    if marker is None or marker.tag in {"body", "html"}:
        return []
    taken: list[str] = []
    node: LexborNode | None = marker
    keep_node = False
    while node is not None and node.tag not in {"body", "html"}:
        parent = node.parent
        following = node.next
        while following is not None:
            after = following.next
            taken.append(following.html or following.text_content or "")
            following.decompose()
            following = after
        if not keep_node:
            taken.insert(0, node.html or "")
            node.decompose()
            keep_node = True
        node = parent
    return taken


def _outlook_header(tree: LexborHTMLParser) -> LexborNode | None:
    for node in tree.css('div[style*="border-top"]'):
        if quoting.starts_header_block(_first_lines(node)):
            return node
    return None


def _first_lines(node: LexborNode) -> list[str]:
    return [line for line in to_text(node.html or "").split("\n")[:8] if line.strip()]


def _take_containers(tree: LexborHTMLParser) -> list[str]:
    """Take quotations out, unless an answer stands between them."""
    outer: list[LexborNode] = []
    for node in tree.css(_CONTAINERS):
        if not _is_within(node, outer):
            outer.append(node)
    if not outer or _answered_between(outer, tree):
        return []
    taken: list[str] = []
    for node in outer:
        before = _previous_element(node)
        if before is not None and _is_attribution(before):
            taken.append(before.html or "")
            before.decompose()
        taken.append(node.html or "")
        node.decompose()
    return taken


def _is_within(node: LexborNode, outer: list[LexborNode]) -> bool:
    ids = {other.mem_id for other in outer}
    parent = node.parent
    while parent is not None:
        if parent.mem_id in ids:
            return True
        parent = parent.parent
    return False


def _answered_between(outer: list[LexborNode], tree: LexborHTMLParser) -> bool:
    """Tell whether the author's words stand both before or between and after quotations."""
    ids = {node.mem_id for node in outer}
    runs: list[bool] = []  # True for the author's words, False for a quotation
    inside = 0
    root = tree.body
    if root is None:
        return False
    for node, entering in events(root):
        if node.mem_id in ids:
            inside += 1 if entering else -1
            if entering and (not runs or runs[-1]):
                runs.append(False)
        elif entering and not inside and node.tag == "-text":
            said = (node.text_content or "").strip()
            if said and not quoting.is_attribution(said) and (not runs or not runs[-1]):
                runs.append(True)
    return runs.count(False) > 1


def _previous_element(node: LexborNode) -> LexborNode | None:
    before = node.prev
    while before is not None and before.tag == "-text" and not (before.text_content or "").strip():
        before = before.prev
    return before


def _is_attribution(node: LexborNode) -> bool:
    classes = (node.attributes.get("class") or "").split() if node.tag != "-text" else []
    if _PREFIXES.intersection(classes):
        return True
    text = " ".join((node.text(deep=True) or "").split())
    return len(text) <= 300 and quoting.is_attribution(text)


def _says_something(html: str) -> bool:
    return bool(to_text(html).strip()) or "<img" in html
