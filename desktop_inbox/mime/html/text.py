"""HTML read as text, as a person would type it. Pure; runs in the parse worker process."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from desktop_inbox.mime.dom import events, tame

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "div", "dl", "dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody",
    "tfoot", "thead", "tr", "ul",
))  # fmt: skip
_PARAGRAPHS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre",
))  # fmt: skip
_MAX_QUOTE_MARKS = 12
_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_BLANKS = " \t\r\n\f"
_FLOW = re.compile(f"[{_BLANKS}]+")
_RUN = re.compile(r"  +")
_AROUND_URL = re.compile(r"\Ahttps?://(?:www\.)?|/\Z", re.IGNORECASE)


def to_text(html: str) -> str:
    """Return the text of a document as a person would type it: paragraphs, lists, links, quotes."""
    root = LexborHTMLParser(tame(html)).body
    if root is None:
        return ""
    writer = _TextWriter()
    for node, tag, entering in events(root):
        writer.take(node, tag, entering)
    return writer.text()


class _TextWriter:
    """Collects the lines of a document while its nodes come in order."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._gap = False  # an empty line is due before the next text
        self._quotes = 0
        self._pre = 0
        self._lists: list[int] = []  # next number of each open list; -1 for bullets
        self._links: list[tuple[str, int, int]] = []
        self._list_begins = False
        self._mark = ""  # of a list item, until its first line comes

    def take(self, node: LexborNode, tag: str, entering: bool) -> None:
        if tag == "-text":
            if entering:
                self._write(node.text_content or "")
            return
        if tag == "br":
            if entering:
                self._end_line(keep_empty=True)
            return
        if tag in {"td", "th"} and entering and any(self._line):
            self._line.append("\t")
        elif tag in _BLOCKS:
            self._end_line()
            self._gap = self._gap or tag in _PARAGRAPHS
        if tag == "blockquote":
            self._quotes += 1 if entering else -1
        elif tag == "pre":
            self._pre += 1 if entering else -1
        elif tag in {"ul", "ol"}:
            self._list(tag, entering)
        elif tag == "li" and entering:
            self._bullet()
        elif tag == "a":
            self._link(node, entering)
        elif tag == "hr" and entering:
            self._line.append("---")
            self._end_line()
        elif tag == "img" and entering:
            self._line.append(node.attributes.get("alt") or "")

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def _write(self, text: str) -> None:
        if self._pre:
            first, *rest = text.split("\n")
            self._line.append(first)
            for line in rest:
                self._end_line(keep_empty=True)
                self._line.append(line)
        elif text.strip(_BLANKS):
            self._line.append(_FLOW.sub(" ", text))
        else:
            self._line.append(" ")

    def _end_line(self, *, keep_empty: bool = False) -> None:
        joined = "".join(self._line)
        line = joined.rstrip() if self._pre else joined.strip()
        if "  " in line and not self._pre:
            line = _RUN.sub(" ", line)
        self._line.clear()
        if not line and not keep_empty:
            return
        mark = "> " * min(self._quotes, _MAX_QUOTE_MARKS)
        if line:
            gap = self._gap and (self._list_begins or not self._mark)
            if gap and self._lines and self._lines[-1].strip("> "):
                self._lines.append(mark.rstrip())
            self._list_begins = False
            self._gap = False
            self._lines.append(mark + self._mark + line)
            self._mark = ""
        elif keep_empty and self._lines and self._lines[-1].strip("> "):
            self._lines.append(mark.rstrip())
            self._gap = False

    def _list(self, tag: str, entering: bool) -> None:
        if entering:
            self._list_begins = not self._lists
            self._lists.append(1 if tag == "ol" else -1)
        elif self._lists:
            self._lists.pop()

    def _bullet(self) -> None:
        indent = "  " * (min(len(self._lists), 8) - 1) if self._lists else ""
        number = self._lists[-1] if self._lists else -1
        self._mark = f"{indent}{number}. " if number > 0 else f"{indent}- "
        if number > 0:
            self._lists[-1] += 1

    def _link(self, node: LexborNode, entering: bool) -> None:
        if entering:
            url = (node.attributes.get("href") or "").strip()
            self._links.append((url, len(self._lines), len(self._line)))
            return
        if not self._links:
            return
        url, lines, pieces = self._links.pop()
        if lines != len(self._lines) or not _REMOTE.match(url):
            return
        text = "".join(self._line[pieces:]).strip()
        if text and _bare_url(text) != _bare_url(url):
            self._line.append(f" <{url}>")


def _bare_url(url: str) -> str:
    return _AROUND_URL.sub("", url.strip())
