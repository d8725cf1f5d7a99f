"""HTML made inert: `nh3` decides what is safe, by the rules here. Pure, and linear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, partial

import nh3
from selectolax.lexbor import LexborHTMLParser

from desktop_inbox.mime.dom import tame
from desktop_inbox.mime.html.blocked import Blocked, blocked_in
from desktop_inbox.mime.html.links import SCHEMES, Link, links_in, target, without_blanks

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
_RASTER = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]*\Z")
_CID = re.compile(r"cid:[^\s\"'<>]{1,300}\Z", re.IGNORECASE)
_MEASURE = re.compile(r"\s*\d{1,5}(?:\.\d+)?\s*(?:%|px)?\s*\Z")
_COUNT = re.compile(r"\s*\d{1,3}\s*\Z")
_COLOUR = re.compile(r"\s*(?:#[0-9a-fA-F]{3,8}|[0-9a-fA-F]{6}|[a-zA-Z]{3,24})\s*\Z")
_COUNTED = frozenset({"colspan", "rowspan", "span", "cellpadding", "cellspacing", "border"})

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanitised:
    """A document that can be shown: nothing in it runs, loads or reaches out by itself."""

    html: str
    blocked: tuple[Blocked, ...]
    links: tuple[Link, ...]


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
        return target(value)
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


def _image_source(value: str, *, allow_remote: bool) -> str | None:
    source = without_blanks(value)
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
        url_schemes=SCHEMES,
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
        url_schemes=SCHEMES | {"data"},  # data: only gets past `_image_source` for pictures
        url_relative="deny",
    )


_OF_INTEREST = re.compile(
    r"<(?:a|area|link|style|script|form|base|meta|i?frame|object|embed|applet|video|audio|source"
    r"|track|svg|math|image|input|button|img|bgsound)\b"
    r"|url\(|//|srcset|background|poster|cite|profile|manifest",
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
        blocked = blocked_in(tree, allow_remote=allow_remote)
        found = links_in(tree)
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
