"""What a document would load, send or run by itself, listed for whoever looks at it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from desktop_inbox.mime.html.links import MAX_LISTED, target, without_blanks

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Something the document would have loaded, sent or run, and does not any more."""

    kind: str  # image, background, style, font, media, frame, object, link, script, form, refresh
    url: str


def blocked_in(tree: LexborHTMLParser, *, allow_remote: bool) -> tuple[Blocked, ...]:
    """Return what a document would do; `allow_remote` lets its pictures be."""
    found: dict[Blocked, None] = {}
    for node in tree.css(_LOADING):
        if len(found) >= MAX_LISTED:
            break
        found |= dict.fromkeys(_blocked_by(node, allow_remote=allow_remote))
    return tuple(found)


def _blocked_by(node: LexborNode, *, allow_remote: bool) -> Iterator[Blocked]:
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
        if not is_link or target(value) is None:
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
        url = without_blanks(candidate)
        if name.endswith("srcset"):
            url = url.split(" ", 1)[0]
        if url and not url.lower().startswith(("cid:", "data:image/", "#")):
            yield url[:2000]


def _blocked_css(text: str) -> Iterator[Blocked]:
    for found in _CSS_URL.finditer(text):
        url = (found[1] or found[2] or found[3] or "").strip()
        if url and not url.lower().startswith(("cid:", "data:", "#")):
            yield Blocked(kind="style", url=url)
