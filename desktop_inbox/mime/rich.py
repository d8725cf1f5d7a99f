"""HTML read as what can be written here: drafts brought back, and what is pasted from elsewhere.

Pure and linear. Whatever `domain.rich_text` cannot say is left out, so what was read is safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from desktop_inbox.domain.rich_text import (
    MAX_LEVEL,
    MAX_QUOTE,
    Kind,
    Line,
    RichText,
    Run,
    is_content_id,
    normalised,
    safe_link,
)
from desktop_inbox.mime.dom import events, tame

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "caption", "center", "dd", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot",
    "thead", "tr", "ul",
))  # fmt: skip
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_APART = _HEADINGS | {"p", "table", "hr", "pre", "dl"}  # shown with room above and below
_LISTS = {"ul": Kind.BULLET, "ol": Kind.NUMBER}
_FLOW = re.compile(r"[ \t\r\n\f]+")
_WORD_LIST = re.compile(r"mso-list\s*:[^;]*\blevel(\d)", re.IGNORECASE)
_WORD_MARK = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
_WORD_NUMBER = re.compile(r"\s*(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]\s*\Z", re.IGNORECASE)
_NO_MARGIN = re.compile(r"(?:^|[;\s])margin(?:-top)?\s*:\s*0(?:\.0)?(?:px|pt|cm|in|em)?\b(?!\.)")
_BOLD = {"bold": True, "bolder": True, "normal": False, "lighter": False}


def read(html: str, *, pictures: frozenset[str] | None = None) -> RichText:
    """Return what HTML says, as far as it can be said here.

    `pictures` are the content ids that mean something; None for all of them.
    """
    reader = _Reader(pictures)
    root = LexborHTMLParser(tame(html)).body
    if root is not None:
        for node, tag, entering in events(root):
            reader.take(node, tag, entering=entering)
    return normalised(reader.lines())


_PLAIN = Run()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How text looks at one place."""

    run: Run = _PLAIN
    pre: bool = False
    unread: bool = False  # the bullet that Word draws itself
    apart: bool = False  # this very element has room above and below
    item: bool = False  # this very element is an item of a list, as Word writes them


@dataclass(slots=True)
class _Item:
    """A list item that is being read."""

    kind: Kind
    level: int
    begun: bool = False  # one of its lines is there, or a list in it


class _Reader:
    """Collects lines while the nodes of a document come in."""

    def __init__(self, pictures: frozenset[str] | None) -> None:
        self._pictures = pictures
        self._lines: list[Line] = []
        self._runs: list[Run] = []
        self._broken = False  # the line ends with a break that shows only where more follows
        self._gap = False
        self._quote = 0
        self._lists: list[Kind] = []
        self._items: list[_Item] = []
        self._looks: list[_Look] = [_Look()]

    def lines(self) -> list[Line]:
        self._end_line()
        return self._lines

    def take(self, node: LexborNode, tag: str, *, entering: bool) -> None:
        if tag == "-text":
            if entering:
                self._write(node.text_content or "")
            return
        if entering:
            self._enter(node, tag)
        else:
            self._leave(tag)

    # --- tags ---

    def _enter(self, node: LexborNode, tag: str) -> None:
        style = (node.attributes.get("style") or "").lower()
        if tag in _BLOCKS:
            self._end_line()
        listed = _WORD_LIST.search(style) if tag == "p" else None
        apart = tag in _APART and not self._items and not _close_together(node, style)
        look = _look(node, tag, style, self._looks[-1])
        self._looks.append(replace(look, apart=apart, item=listed is not None))
        self._gap = self._gap or apart
        if listed:
            self._items.append(_Item(Kind.BULLET, max(int(listed[1]) - 1, 0)))
        match tag:
            case "br":
                self._append("\n")
                self._broken = True
            case "wbr":
                self._broken = False
            case "img":
                self._picture(node)
            case "td" | "th" if self._runs:
                self._append("\t")
            case "blockquote":
                self._quote += 1
            case "ul" | "ol":
                self._begin_list(tag)
            case "li":
                level = max(len(self._lists) - 1, 0)
                self._items.append(_Item(self._lists[-1] if self._lists else Kind.BULLET, level))

    def _leave(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line()
        look = self._looks.pop()
        self._gap = self._gap or look.apart
        match tag:
            case "blockquote":
                self._quote -= 1
            case "ul" | "ol":
                self._lists.pop()
            case "li":
                if not self._items[-1].begun:
                    self._emit(())
                self._items.pop()
            case "p" if look.item:
                self._items.pop()

    def _begin_list(self, tag: str) -> None:
        if self._items:
            self._items[-1].begun = True
        self._lists.append(_LISTS[tag])

    # --- text ---

    def _write(self, text: str) -> None:
        look = self._looks[-1]
        if look.unread:
            if self._items and _WORD_NUMBER.match(text):
                self._items[-1].kind = Kind.NUMBER
            return
        if look.pre:
            first, *rest = text.split("\n")
            self._append(first)
            for line in rest:
                self._end_line(keep_empty=True)
                self._append(line)
            return
        told = _FLOW.sub(" ", text)
        last = self._runs[-1] if self._runs else Run(text=" ")
        if not last.picture and last.text[-1:] in (" ", "\n", "\t"):
            told = told.removeprefix(" ")
        self._append(told)

    def _append(self, text: str) -> None:
        if text:
            self._runs.append(replace(self._looks[-1].run, text=text))
            self._broken = False

    def _picture(self, node: LexborNode) -> None:
        source = (node.attributes.get("src") or "").strip()
        name = source[4:].strip("<>") if source[:4].lower() == "cid:" else ""
        known = self._pictures is None or name in self._pictures
        if name and known and is_content_id(name):
            words, link = node.attributes.get("alt") or "", self._looks[-1].run.link
            self._runs.append(Run(text=words, picture=name, link=link))
            self._broken = False

    def _end_line(self, *, keep_empty: bool = False) -> None:
        runs, self._runs = self._runs, []
        broken, self._broken = self._broken, False
        if broken:
            runs.pop()
        elif runs and not runs[-1].picture and runs[-1].text.endswith(" "):
            runs[-1] = replace(runs[-1], text=runs[-1].text[:-1])
        if broken or keep_empty or any(run.text or run.picture for run in runs):
            self._emit(tuple(runs))

    def _emit(self, runs: tuple[Run, ...]) -> None:
        item = self._items[-1] if self._items else None
        gap, self._gap = self._gap, False
        if item is not None and item.begun and self._lines:
            last = self._lines[-1]
            self._lines[-1] = replace(last, runs=(*last.runs, Run(text="\n"), *runs))
            return
        quote = min(self._quote, MAX_QUOTE)
        if item is not None:
            item.begun = True
            level = min(item.level, MAX_LEVEL)
            self._lines.append(Line(runs=runs, kind=item.kind, level=level, quote=quote))
            return
        if gap and runs and self._lines and self._lines[-1].runs:
            self._lines.append(Line(quote=min(quote, self._lines[-1].quote)))
        self._lines.append(Line(runs=runs, quote=quote))


def _close_together(node: LexborNode, style: str) -> bool:
    """Whether a paragraph stands directly below the one before it."""
    return bool(_NO_MARGIN.search(style)) or (node.attributes.get("class") or "").startswith("Mso")


def _look(node: LexborNode, tag: str, style: str, around: _Look) -> _Look:
    run = around.run
    if tag in ("b", "strong", "th") or tag in _HEADINGS:
        run = replace(run, bold=True)
    elif tag in ("i", "em", "cite", "var", "dfn"):
        run = replace(run, italic=True)
    elif tag in ("u", "ins"):
        run = replace(run, underline=True)
    elif tag == "a":
        run = replace(run, link=safe_link(node.attributes.get("href") or ""))
    pre = around.pre or tag in ("pre", "xmp", "listing")
    look = _Look(run=run, pre=pre, unread=around.unread)
    return _styled(style, tag, look) if style else look


def _styled(style: str, tag: str, look: _Look) -> _Look:
    """Take over what a style attribute says of the look."""
    run = look.run
    declared = {
        name.strip(): value.strip()
        for name, colon, value in (part.partition(":") for part in style.split(";"))
        if colon
    }
    weight = declared.get("font-weight", "")
    if weight in _BOLD or weight.isdecimal():
        run = replace(run, bold=_BOLD.get(weight, weight.isdecimal() and int(weight) >= 600))
    slant = declared.get("font-style", "")
    if slant in ("italic", "oblique", "normal"):
        run = replace(run, italic=slant != "normal")
    line = declared.get("text-decoration", "") + declared.get("text-decoration-line", "")
    if line and tag != "a":
        run = replace(run, underline="underline" in line)
    spaces = declared.get("white-space", "")
    pre = spaces.startswith("pre") if spaces else look.pre
    unread = look.unread or bool(_WORD_MARK.search(style))
    return replace(look, run=run, pre=pre, unread=unread)
