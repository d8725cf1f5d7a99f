"""Sanitised HTML into a clean view for a text browser: paragraphs, lists, links, small tables.

Newsletters are laid out in tables for a page of fixed width; here their content stands in one
column that fits any pane, in colours that can be read on its background. Pure, linear.
"""

from __future__ import annotations

import colorsys
import re
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from desktop_inbox.mime.dom import events, tame

_INLINE = {
    "b": "b", "strong": "b", "i": "i", "em": "i", "cite": "i", "var": "i", "dfn": "i", "u": "u",
    "ins": "u", "s": "s", "strike": "s", "del": "s", "code": "code", "tt": "code", "kbd": "code",
    "samp": "code", "sub": "sub", "sup": "sup", "small": "small",
}  # fmt: skip
_HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
_BREAKS = frozenset((
    "address", "article", "aside", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "footer", "header", "main", "nav", "p", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr",
))  # fmt: skip
_MAX_LISTS = 8
_MAX_QUOTES = 12
_TINY_PIXELS = 2  # a picture that small counts readers

_STYLED = re.compile(r"(?:^|;)\s*([a-z-]+)\s*:\s*([^;]+)", re.IGNORECASE)
_BOLD = re.compile(r"bold|bolder|[6-9]00", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)")
_SPACES = re.compile(r"[ \t\r\n\f]+")


def reading_view(html: str, *, dark: bool = False, width: int = 640) -> str:
    """Return sanitised `html` simplified for a pane of `width` pixels.

    Only tags and attributes that Qt's rich text knows remain; nothing has a width but pictures,
    and those at most the pane's. With `dark`, colours are moved to where a dark pane shows them.
    """
    root = LexborHTMLParser(tame(html)).body
    if root is None:
        return ""
    writer = _Writer(dark=dark, width=width)
    for node, tag, entering in events(root):
        writer.take(node, tag, entering)
    return writer.html()


class _Writer:
    """Writes the view while the nodes of the document come in order."""

    def __init__(self, *, dark: bool, width: int) -> None:
        self._dark = dark
        self._width = width
        self._out: list[str] = []
        self._inline: list[tuple[str, str]] = []  # open formatting: its start and end tags
        self._marks: list[int] = []  # how many of those each open element began
        self._end = ""  # closes the paragraph that is open; '' while none is
        self._open = False
        self._first = False  # the next paragraph is the first of its list item or cell
        self._lists = 0
        self._quotes = 0
        self._pre = 0
        self._tables: list[bool] = []  # for each open table, whether it stays one
        self._align: list[str] = [""]
        self._space = True  # what was written last ends with a space

    def take(self, node: LexborNode, tag: str, entering: bool) -> None:
        if tag == "-text":
            if entering:
                self._text(node.text_content or "")
        elif tag == "br":
            if entering:
                self._line_break()
        elif tag == "img":
            if entering:
                self._picture(node)
        elif entering:
            self._enter(node, tag)
        else:
            self._leave(node, tag)

    def html(self) -> str:
        self._close()
        return "".join(self._out)

    # -- elements --

    def _enter(self, node: LexborNode, tag: str) -> None:
        style = dict(_styles(node.attributes.get("style") or ""))
        self._align.append(_alignment(node, style) or self._align[-1])
        if tag in _HEADINGS:
            self._start(f"<{_HEADINGS[tag]}>", f"</{_HEADINGS[tag]}>")
        elif tag in {"ul", "ol"}:
            self._close()
            self._lists += 1
            self._raw(f"<{tag}>", wanted=self._lists <= _MAX_LISTS)
        elif tag == "li":
            self._close()
            self._raw("<li>", wanted=0 < self._lists <= _MAX_LISTS)
            self._first = True
        elif tag == "blockquote":
            self._close()
            self._quotes += 1
            self._raw("<blockquote>", wanted=self._quotes <= _MAX_QUOTES)
        elif tag == "pre":
            self._start('<pre style="white-space:pre-wrap">', "</pre>")
            self._pre += 1
        elif tag == "hr":
            self._close()
            self._raw("<hr>")
        elif tag == "table":
            self._enter_table(node)
        elif tag in {"tr", "td", "th"} and self._tables and self._tables[-1]:
            self._close()
            self._raw(f"<{tag}>")
            self._first = tag != "tr"
        elif tag in _BREAKS:
            self._close()
        self._format(node, tag, style)

    def _leave(self, node: LexborNode, tag: str) -> None:
        self._unformat()
        if len(self._align) > 1:
            self._align.pop()
        if tag in _HEADINGS or tag in _BREAKS or tag in {"li", "ul", "ol", "blockquote", "pre"}:
            self._close()
        if tag in {"ul", "ol"}:
            self._raw(f"</{tag}>", wanted=self._lists <= _MAX_LISTS)
            self._lists -= 1
        elif tag == "li":
            self._raw("</li>", wanted=0 < self._lists <= _MAX_LISTS)
        elif tag == "blockquote":
            self._raw("</blockquote>", wanted=self._quotes <= _MAX_QUOTES)
            self._quotes -= 1
        elif tag == "pre":
            self._pre -= 1
        elif tag == "table":
            self._raw("</table>", wanted=self._tables.pop())
        elif tag in {"tr", "td", "th"} and self._tables and self._tables[-1]:
            self._raw(f"</{tag}>")

    def _enter_table(self, node: LexborNode) -> None:
        self._close()
        stays = not any(self._tables) and _is_data(node)
        self._tables.append(stays)
        self._raw('<table border="0" cellspacing="0" cellpadding="4">', wanted=stays)

    # -- formatting --

    def _format(self, node: LexborNode, tag: str, style: dict[str, str]) -> None:
        begun: list[tuple[str, str]] = []
        if tag in _INLINE:
            begun.append((f"<{_INLINE[tag]}>", f"</{_INLINE[tag]}>"))
        elif tag == "a" and node.attributes.get("href"):
            begun.append((f'<a href="{escape(node.attributes["href"] or "")}">', "</a>"))
        look = self._look(node, tag, style)
        if look:
            begun.append((f'<span style="{look}">', "</span>"))
        self._marks.append(len(begun))
        for start, end in begun:
            self._inline.append((start, end))
            if self._open:
                self._out.append(start)

    def _unformat(self) -> None:
        for _ in range(self._marks.pop() if self._marks else 0):
            _, end = self._inline.pop()
            if self._open:
                self._out.append(end)

    def _look(self, node: LexborNode, tag: str, style: dict[str, str]) -> str:
        found: list[str] = []
        colour = style.get("color") or (node.attributes.get("color") if tag == "font" else "") or ""
        shown = "" if tag == "a" else readable_colour(colour, dark=self._dark)
        if shown:
            found.append(f"color:{shown}")
        if _BOLD.match(style.get("font-weight", "").strip()):
            found.append("font-weight:bold")
        if style.get("font-style", "").strip().lower() == "italic":
            found.append("font-style:italic")
        if "line-through" in style.get("text-decoration", ""):
            found.append("text-decoration:line-through")
        return ";".join(found)

    # -- paragraphs --

    def _text(self, text: str) -> None:
        if not self._pre:
            text = _SPACES.sub(" ", text)
            if self._space or not self._open:
                text = text.lstrip(" ")
        if not text:
            return
        self._begin()
        self._out.append(escape(text, quote=False))
        self._space = text[-1] == " "

    def _line_break(self) -> None:
        if self._open:
            self._out.append("<br>")
            self._space = True

    def _picture(self, node: LexborNode) -> None:
        source = node.attributes.get("src") or ""
        wide, high = (_pixels(node.attributes.get(name)) for name in ("width", "height"))
        if 0 <= wide <= _TINY_PIXELS or 0 <= high <= _TINY_PIXELS:
            return
        alt = " ".join((node.attributes.get("alt") or "").split())
        if not source:
            if alt:
                self._text(alt)
            return
        self._begin()
        size = f' width="{min(wide, self._width)}"' if wide > 0 else ""
        if 0 < wide <= self._width and high > 0:
            size += f' height="{high}"'
        self._out.append(f'<img src="{escape(source)}" alt="{escape(alt)}"{size}>')
        self._space = False

    def _begin(self) -> None:
        if not self._open:
            align = f' align="{self._align[-1]}"' if self._align[-1] else ""
            bare = self._first and not align
            self._start("" if bare else f"<p{align}>", "" if bare else "</p>")

    def _start(self, start: str, end: str) -> None:
        self._close()
        self._out.append(start)
        self._out += [tag for tag, _ in self._inline]
        self._end, self._open, self._first, self._space = end, True, False, True

    def _close(self) -> None:
        if self._open:
            self._out += [end for _, end in reversed(self._inline)]
            self._out.append(self._end)
            self._open = False
        self._space = True

    def _raw(self, markup: str, *, wanted: bool = True) -> None:
        if wanted:
            self._out.append(markup)


# --- tables -----------------------------------------------------------------------------------

_MAX_CELLS = 400
_MAX_COLUMNS = 8
_MAX_CELL_CHARS = 90


def _is_data(table: LexborNode) -> bool:
    """Tell whether a table holds data, rather than the layout of a page."""
    if table.css_first("table table, img, ul, ol, blockquote, h1, h2, h3") is not None:
        return False
    cells = table.css("td, th")
    rows = table.css("tr")
    if not rows or len(cells) > _MAX_CELLS or len(cells) < 2 * len(rows):
        return False
    if len(cells) > _MAX_COLUMNS * len(rows):
        return False
    return all(len(cell.text(deep=True).strip()) <= _MAX_CELL_CHARS for cell in cells)


# --- values -----------------------------------------------------------------------------------


def _styles(style: str) -> list[tuple[str, str]]:
    return [(name.lower(), value.strip()) for name, value in _STYLED.findall(style)]


def _alignment(node: LexborNode, style: dict[str, str]) -> str:
    if node.tag == "center":
        return "center"
    value = (style.get("text-align") or node.attributes.get("align") or "").strip().lower()
    if node.tag in {"table", "img"}:  # there it places the box, not the text
        return ""
    return value if value in {"center", "right", "left"} else ""


def _pixels(value: str | None) -> int:
    """Return a length in pixels; -1 for none and for shares of the page."""
    found = _NUMBER.match(value or "")
    if found is None or "%" in (value or ""):
        return -1
    return int(float(found[1]))


_NAMED = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#008000",
    "blue": "#0000ff", "navy": "#000080", "teal": "#008080", "maroon": "#800000",
    "purple": "#800080", "olive": "#808000", "gray": "#808080", "grey": "#808080",
    "silver": "#c0c0c0", "orange": "#ffa500", "yellow": "#ffff00", "lime": "#00ff00",
    "aqua": "#00ffff", "cyan": "#00ffff", "fuchsia": "#ff00ff", "magenta": "#ff00ff",
    "brown": "#a52a2a", "darkred": "#8b0000", "darkblue": "#00008b", "darkgreen": "#006400",
    "crimson": "#dc143c", "tomato": "#ff6347", "gold": "#ffd700", "pink": "#ffc0cb",
}  # fmt: skip
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\Z")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})")
_PAPER = (1.0, 1.0, 1.0)
_DARK_PAPER = (0.11, 0.12, 0.14)
_GREY_SATURATION = 0.15
_ENOUGH_CONTRAST = 4.5

_Colour = tuple[float, float, float]


def readable_colour(value: str, *, dark: bool) -> str:
    """Return a text colour that can be read on the pane, near the one asked for.

    '' for greys and for what is no colour: the pane's own text colour serves better.
    """
    colour = _colour(value.strip().lower())
    if colour is None:
        return ""
    hue, light, saturation = colorsys.rgb_to_hls(*colour)
    if saturation < _GREY_SATURATION or light in {0.0, 1.0}:
        return ""
    paper = _DARK_PAPER if dark else _PAPER
    step = 0.05 if dark else -0.05
    while _contrast(colour, paper) < _ENOUGH_CONTRAST and 0 < light + step < 1:
        light += step
        colour = colorsys.hls_to_rgb(hue, light, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _colour(value: str) -> _Colour | None:
    value = _NAMED.get(value, value)
    found = _HEX.match(value)
    if found:
        digits = found[1] if len(found[1]) == 6 else "".join(char * 2 for char in found[1])
        red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
        return red, green, blue
    triple = _RGB.match(value)
    if triple:
        red, green, blue = (min(int(part), 255) / 255 for part in triple.groups())
        return red, green, blue
    return None


def _contrast(one: _Colour, other: _Colour) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2)."""
    first, second = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _luminance(colour: _Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
