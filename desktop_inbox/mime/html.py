"""HTML that strangers wrote: made inert and read as text.

Pure; runs in the parse worker process and, for what is shown, wherever the view asks. `nh3`
decides what is safe; everything here is linear in the size of the document (see `dom.tame`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape, unescape
from urllib.parse import quote, unquote, urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from desktop_inbox.domain.imitation import mixes_scripts
from desktop_inbox.mime.dom import events, tame
from desktop_inbox.mime.reading import reading_view

__all__ = [
    "Blocked",
    "Link",
    "Sanitised",
    "cid_of",
    "cid_url",
    "content_ids",
    "count_remote",
    "deceptive_host",
    "from_text",
    "inert",
    "inline_image",
    "link_warnings",
    "links",
    "reading_view",
    "same_organisation",
    "same_site",
    "sanitise",
    "tame",
    "to_text",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Something the document would have loaded, sent or run, and does not any more."""

    kind: str  # image, background, style, font, media, frame, object, link, script, form, refresh
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of the document, with what is doubtful about it."""

    text: str
    url: str
    warnings: tuple[
        str, ...
    ]  # text-names-other-host, ip-host, punycode, mixed-scripts, login-in-url


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanitised:
    """A document that can be shown: nothing in it runs, loads or reaches out by itself."""

    html: str
    blocked: tuple[Blocked, ...]
    links: tuple[Link, ...]


# --- sanitising -------------------------------------------------------------------------------

_TAGS = frozenset((
    "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br",
    "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div",
    "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q",
    "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
))  # fmt: skip
_DROPPED_WITH_CONTENT = frozenset((
    "script", "style", "title", "noscript", "template", "iframe", "object", "embed", "applet",
    "audio", "video", "canvas", "svg", "math", "frameset", "noframes", "noembed", "textarea",
    "select", "xmp",
))  # fmt: skip
_CELL = frozenset((
    "colspan", "rowspan", "width", "height", "valign", "align", "bgcolor", "nowrap",
))  # fmt: skip
_ATTRIBUTES = {
    "*": frozenset({"align", "dir", "lang", "title", "style", "class", "id"}),
    "a": frozenset({"href"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "table": frozenset({"width", "cellpadding", "cellspacing", "border", "bgcolor"}),
    "td": _CELL,
    "th": _CELL,
    "tr": frozenset({"bgcolor", "valign"}),
    "col": frozenset({"span", "width"}),
    "colgroup": frozenset({"span", "width"}),
    "font": frozenset({"color", "size", "face"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "ul": frozenset({"type"}),
    "li": frozenset({"value"}),
    "blockquote": frozenset({"type"}),
}
# What mail programs mark quoted history with; everything else about classes and ids is noise.
_QUOTE_CLASSES = frozenset((
    "gmail_quote", "gmail_quote_container", "gmail_attr", "gmail_extra", "gmail_signature",
    "yahoo_quoted", "moz-cite-prefix", "moz-signature", "moz-forward-container", "protonmail_quote",
    "tutanota_quote", "zmail_extra", "WordSection1", "OutlookMessageHeader",
))  # fmt: skip
_QUOTE_IDS = frozenset({"divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container"})
_SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid"})
_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_RASTER = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]*\Z")
_CID = re.compile(r"cid:[^\s\"'<>]{1,300}\Z", re.IGNORECASE)
_MEASURE = re.compile(r"\s*\d{1,5}(?:\.\d+)?\s*(?:%|px)?\s*\Z")
_COUNT = re.compile(r"\s*\d{1,3}\s*\Z")
_COLOUR = re.compile(r"\s*(?:#[0-9a-fA-F]{3,8}|[0-9a-fA-F]{6}|[a-zA-Z]{3,24})\s*\Z")
_COUNTED = frozenset({"colspan", "rowspan", "span", "cellpadding", "cellspacing", "border"})
_BLANKS_IN_URL = re.compile(r"[\t\n\r]")

_CSS_PROPERTIES = frozenset((
    "color", "background-color", "background", "font", "font-weight", "font-style", "font-size",
    "font-family", "font-variant", "text-align", "text-decoration", "text-indent", "text-transform",
    "line-height", "letter-spacing", "margin", "margin-top", "margin-right", "margin-bottom",
    "margin-left", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
    "border", "border-top", "border-right", "border-bottom", "border-left", "border-color",
    "border-style", "border-width", "border-collapse", "border-spacing", "border-radius",
    "border-top-color", "border-right-color", "border-bottom-color", "border-left-color",
    "border-top-width", "border-right-width", "border-bottom-width", "border-left-width",
    "border-top-style", "border-right-style", "border-bottom-style", "border-left-style", "width",
    "max-width", "min-width", "height", "max-height", "vertical-align", "white-space",
    "list-style-type", "direction", "display", "visibility", "opacity", "overflow", "mso-hide",
    "word-break", "overflow-wrap", "word-wrap", "table-layout",
))  # fmt: skip
_CSS_VALUE = re.compile(r"[\w\s#%.,()'\"!+-]{1,300}\Z")
_CSS_FUNCTION = re.compile(r"([\w-]*)\s*\(")
_CSS_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla"})
_MAX_STYLE_CHARS = 4_000


@lru_cache(maxsize=4096)
def _style(value: str) -> str | None:
    """Return the declarations of a style attribute that can do no more than look."""
    kept: list[str] = []
    for declaration in value[:_MAX_STYLE_CHARS].split(";"):
        name, colon, content = declaration.partition(":")
        name, content = name.strip().lower(), content.strip()
        if not colon or name not in _CSS_PROPERTIES or not _CSS_VALUE.match(content):
            continue
        functions = _CSS_FUNCTION.findall(content) if "(" in content else ()
        if all(function.lower() in _CSS_FUNCTIONS for function in functions):
            kept.append(f"{name}:{content}")
    return ";".join(kept) or None


def _attribute(allow_remote: bool, tag: str, name: str, value: str) -> str | None:
    """Return the value an attribute may keep, None where it goes."""
    if name == "style":
        return _style(value)
    if name == "href":
        return _target(value)
    if name == "src":
        return _image_source(value, allow_remote=allow_remote)
    if name == "class":
        return " ".join(word for word in value.split() if word in _QUOTE_CLASSES) or None
    if name == "id":
        bare = value.removeprefix("x_")
        return bare if bare in _QUOTE_IDS else None
    if name in {"width", "height"}:
        return value if _MEASURE.match(value) else None
    if name in _COUNTED:
        return value if _COUNT.match(value) else None
    if name in {"bgcolor", "color"}:
        return value if _COLOUR.match(value) else None
    if name == "type" and tag == "blockquote":
        return value if value.lower() == "cite" else None
    return value


def _target(value: str) -> str | None:
    url = _BLANKS_IN_URL.sub("", value).strip()
    scheme = _SCHEME.match(url)
    return url if scheme and scheme[1].lower() in _SCHEMES else None


def _image_source(value: str, *, allow_remote: bool) -> str | None:
    source = _BLANKS_IN_URL.sub("", value).strip()
    if _CID.match(source) or _RASTER.match(source):
        return source
    if allow_remote and source.lower().startswith(("https://", "http://")):
        return source
    return None


# Most documents hold no picture of their own and no value that only a look at it can judge. For
# them the rules that nh3 applies by itself are enough: pictures, which can only be remote ones,
# lose their source altogether, and what came out is searched for what should not be there.
_OWN_PICTURES = ("cid:", "data:")
_DOUBTFUL_VALUES = ("url(", "\\", "expression", "behavio", "binding")
_WIDE_SPAN = re.compile(r"span=\"\d{4}")


@lru_cache(maxsize=1)
def _plain_cleaner() -> nh3.Cleaner:
    general = _ATTRIBUTES["*"] - {"class", "id"}
    attributes = _ATTRIBUTES | {"*": general, "img": _ATTRIBUTES["img"] - {"src"}}
    del attributes["blockquote"]
    marked = ("blockquote", "div", "p", "span", "table", "td")
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=attributes,
        strip_comments=True,
        link_rel=None,
        url_schemes=_SCHEMES,
        url_relative="deny",
        allowed_classes=dict.fromkeys(marked, _QUOTE_CLASSES),
        tag_attribute_values={
            "blockquote": {"type": {"cite"}},
            "div": {"id": _QUOTE_IDS},
            "p": {"id": _QUOTE_IDS},
            "span": {"id": _QUOTE_IDS},
        },
        filter_style_properties=_CSS_PROPERTIES - {"background", "font", "border"},
    )


@lru_cache(maxsize=2)
def _cleaner(allow_remote: bool) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=partial(_attribute, allow_remote),
        strip_comments=True,
        link_rel=None,
        url_schemes=_SCHEMES | {"data"},  # data: only gets past `_image_source` for pictures
        url_relative="deny",
    )


_OF_INTEREST = re.compile(
    r"<(?:a|area|link|style|script|form|base|meta|i?frame|object|embed|applet|video|audio|source"
    r"|track|svg|math|image|input|button|img|bgsound)\b"
    r"|url\(|//|srcset|background|poster|cite|profile|manifest",
    re.IGNORECASE,
)
_LOADING = (
    "[src],[srcset],[imagesrcset],[background],[poster],[style],[lowsrc],[dynsrc],[longdesc],[data],"
    "[archive],[codebase],[manifest],[ping],[action],[formaction],[cite],[profile],link,style,"
    "script,form,base,meta,iframe,frame,object,embed,applet,video,audio,bgsound,svg *,math,math *,"
    "image,a[href],area[href]"
)
_CSS_URL = re.compile(
    r"""url\(\s*["']?\s*([^"')]{1,2000})|@import[\s/*]{0,40}["']([^"']{1,2000})"""
    r"""|((?:https?:)?//[^\s"'()<>\\]{1,2000})""",
    re.IGNORECASE,
)


def sanitise(html: str, *, allow_remote: bool = False) -> Sanitised:
    """Return `html` made inert: nothing runs, nothing is loaded, every link has a known scheme.

    Remote sub-resources of every kind are removed and listed; `allow_remote` lets pictures, and
    only pictures, keep their web address.
    """
    tamed = tame(html)
    blocked: tuple[Blocked, ...] = ()
    found: tuple[Link, ...] = ()
    if _OF_INTEREST.search(tamed):
        tree = LexborHTMLParser(tamed)
        blocked = _blocked(tree, allow_remote=allow_remote)
        found = _links(tree)
    return Sanitised(html=inert(tamed, allow_remote=allow_remote), blocked=blocked, links=found)


def inert(html: str, *, allow_remote: bool = False) -> str:
    """Return what `sanitise` returns as `html`, without the lists that take longer to make."""
    tamed = tame(html)
    lowered = tamed.lower()
    if not allow_remote and not any(scheme in lowered for scheme in _OWN_PICTURES):
        cleaned = _plain_cleaner().clean(tamed)
        lowered = cleaned.lower()
        doubtful = any(value in lowered for value in _DOUBTFUL_VALUES)
        if not doubtful and not _WIDE_SPAN.search(lowered):
            return cleaned
    return _cleaner(allow_remote).clean(tamed)


_REMOTE_LOADS = ('src="http', "src='http", "src=http", 'background="http', "url(http", "@import")


def count_remote(html: str) -> int:
    """Return about how many things a document would load from the web, without taking it apart."""
    lowered = html.lower()
    if "//" not in lowered:
        return 0
    return sum(lowered.count(load) for load in _REMOTE_LOADS)


def links(html: str) -> tuple[Link, ...]:
    """Return the links of a document, sanitised or not, with what is doubtful about each."""
    return _links(LexborHTMLParser(tame(html)))


_KIND_BY_TAG = {
    "img": "image", "image": "image", "input": "image", "feimage": "image", "use": "image",
    "video": "media", "audio": "media", "source": "media", "track": "media", "bgsound": "media",
    "iframe": "frame", "frame": "frame", "object": "object", "embed": "object",
    "applet": "object", "script": "script", "link": "link", "form": "form", "base": "link",
    "a": "link", "area": "link", "button": "form", "math": "link",
}  # fmt: skip
_ALWAYS_LISTED = frozenset((
    "script", "form", "iframe", "frame", "object", "embed", "applet", "video", "audio", "base",
))  # fmt: skip
_URL_ATTRIBUTES = frozenset((
    "src", "srcset", "imagesrcset", "background", "poster", "lowsrc", "dynsrc", "longdesc", "data",
    "archive", "codebase", "manifest", "ping", "action", "formaction", "cite", "profile",
))  # fmt: skip
_MAX_LISTED = 1_000


def _blocked(tree: LexborHTMLParser, *, allow_remote: bool) -> tuple[Blocked, ...]:
    found: dict[Blocked, None] = {}
    for node in tree.css(_LOADING):
        if len(found) >= _MAX_LISTED:
            break
        found |= dict.fromkeys(_blocked_in(node, allow_remote=allow_remote))
    return tuple(found)


def _blocked_in(node: LexborNode, *, allow_remote: bool) -> Iterator[Blocked]:
    tag = (node.tag or "").lower()
    kind = _KIND_BY_TAG.get(tag, "background")
    is_link = tag in {"a", "area"}
    listed = False
    for name, value in node.attributes.items():
        if not value:
            continue
        for url in _urls(name.lower(), value, is_link=is_link):
            listed = True
            if not (allow_remote and name == "src" and tag == "img"):
                yield Blocked(kind=_kind_of(name.lower(), kind), url=url)
    if tag == "style":
        yield from _blocked_css(node.text(deep=True))
    elif tag == "meta" and node.attributes.get("http-equiv"):
        yield Blocked(kind="refresh", url=(node.attributes.get("content") or "")[:2000])
    elif tag in _ALWAYS_LISTED and not listed:
        yield Blocked(kind=kind, url="")


def _kind_of(name: str, kind: str) -> str:
    if name == "style":
        return "style"
    return "media" if name == "poster" else kind


def _urls(name: str, value: str, *, is_link: bool) -> Iterator[str]:
    """Yield what an attribute would load, or where it would lead a click that we do not allow."""
    if name in _URL_ATTRIBUTES:
        yield from _addresses(name, value)
    elif name in {"href", "xlink:href"}:
        if not is_link or _target(value) is None:
            yield from _addresses(name, value)
    elif name not in {"alt", "title", "content"} and (
        "url(" in value or (name == "style" and "//" in value) or "://" in value
    ):
        yield from (blocked.url for blocked in _blocked_css(value))


def _addresses(name: str, value: str | None) -> Iterator[str]:
    if not value:
        return
    candidates = value.split(",") if name.endswith("srcset") else [value]
    for candidate in candidates:
        url = _BLANKS_IN_URL.sub("", candidate).strip()
        if name.endswith("srcset"):
            url = url.split(" ", 1)[0]
        if url and not url.lower().startswith(("cid:", "data:image/", "#")):
            yield url[:2000]


def _blocked_css(text: str) -> Iterator[Blocked]:
    for found in _CSS_URL.finditer(text):
        url = (found[1] or found[2] or found[3] or "").strip()
        if url and not url.lower().startswith(("cid:", "data:", "#")):
            yield Blocked(kind="style", url=url)


# --- links ------------------------------------------------------------------------------------

_HOST_IN_TEXT = re.compile(
    r"\s*(?:https?://)?(?:[^\s/@]*@)?((?:[\w-]+\.)+[^\W\d_]{2,24})(?::\d+)?(?:[/?#]\S*)?\s*\Z",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_NUMBER_HOST = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}\Z", re.IGNORECASE)
_FILE_NAMES = re.compile(
    r"\.(?:pdf|docx?|xlsx?|zip|png|jpe?g|gif|txt|csv|html?|md|py|js)\Z", re.IGNORECASE
)


def _links(tree: LexborHTMLParser) -> tuple[Link, ...]:
    found: list[Link] = []
    for node in tree.css("a[href],area[href]"):
        if len(found) >= _MAX_LISTED:
            break
        url = _BLANKS_IN_URL.sub("", node.attributes.get("href") or "").strip()
        scheme = _SCHEME.match(url)
        if scheme is None or scheme[1].lower() not in _SCHEMES - {"cid"}:
            continue
        text = " ".join(node.text(deep=True).split())[:500]
        found.append(Link(text=text, url=url, warnings=link_warnings(text, url)))
    return tuple(found)


def link_warnings(text: str, url: str) -> tuple[str, ...]:
    """Return what is doubtful about a link: its text names another host, its host hides."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        login = parts.username
    except ValueError:
        return ("unreadable-url",)
    if parts.scheme.lower() not in {"http", "https"}:
        return ()
    found: list[str] = []
    named = _HOST_IN_TEXT.match(text)
    if named and not _FILE_NAMES.search(named[1]) and not same_site(named[1], host):
        found.append("text-names-other-host")
    if ":" in host or _NUMBER_HOST.match(host):
        found.append("ip-host")
    if any(label.startswith("xn--") for label in host.lower().split(".")):
        found.append("punycode")
    if deceptive_host(host):
        found.append("mixed-scripts")
    if login is not None:
        found.append("login-in-url")
    return tuple(found)


def same_site(named: str, host: str) -> bool:
    """Tell whether one of two hosts lies within the other, "www." not counted."""
    one, other = (name.lower().removeprefix("www.").rstrip(".") for name in (named, host))
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def same_organisation(one: str, other: str) -> bool:
    """Tell whether two domains most likely belong to the same owner: for hints, not for trust."""
    return same_site(one, other) or _owned(one) == _owned(other)


def _owned(domain: str) -> str:
    """Return the part of a domain that is bought: three labels under "com.tr" and its like."""
    labels = domain.lower().rstrip(".").split(".")
    under_short = len(labels) > 2 and len(labels[-2]) <= _LONGEST_SHORT_LABEL
    return ".".join(labels[-3:] if under_short else labels[-2:])


_LONGEST_SHORT_LABEL = 3


def deceptive_host(host: str) -> bool:
    """Tell whether a host name looks like another one: scripts mixed, or foreign look-alikes."""
    if host.isascii() and "xn--" not in host.lower():
        return False
    labels = [_readable(label) for label in host.split(".")]
    return any(
        not label.isascii() and (mixes_scripts(label) or _looks_latin(label)) for label in labels
    )


# Cyrillic and Greek letters that a reader takes for Latin ones.
_LOOK_ALIKES = frozenset("аеорсухіјѕһԁԛԝӏոαορνικυ")


def _looks_latin(label: str) -> bool:
    letters = [char for char in label.lower() if char.isalpha()]
    return bool(letters) and all(char in _LOOK_ALIKES for char in letters)


def _readable(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


# --- our own pieces ---------------------------------------------------------------------------


def cid_url(content_id: str) -> str:
    """Return the address by which HTML names the part with this Content-ID."""
    return f"cid:{content_id}"


def cid_of(url: str) -> str:
    """Return the Content-ID an address names; '' if it names none."""
    return unquote(url[4:]) if url[:4].lower() == "cid:" else ""


_CID_ANYWHERE = re.compile(r"cid:([^\s\"'<>)]{1,300})", re.IGNORECASE)


def content_ids(html: str) -> frozenset[str]:
    """Return the Content-IDs that a document names, without taking it apart."""
    named = {unescape(found) for found in _CID_ANYWHERE.findall(html)}
    return frozenset(named | {unquote(found) for found in named})


def inline_image(content_id: str) -> str:
    """Return HTML that shows the picture with this Content-ID."""
    return f'<div><img src="cid:{quote(content_id, safe="@.!$&+-=_~")}"></div>'


def from_text(text: str) -> str:
    """Return plain text as HTML."""
    return "<div>" + escape(text).replace("\n", "<br>\n") + "</div>"


# --- text -------------------------------------------------------------------------------------

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


_BLANKS = " \t\r\n\f"
_FLOW = re.compile(f"[{_BLANKS}]+")
_RUN = re.compile(r"  +")
_AROUND_URL = re.compile(r"\Ahttps?://(?:www\.)?|/\Z", re.IGNORECASE)


def _bare_url(url: str) -> str:
    return _AROUND_URL.sub("", url.strip())
