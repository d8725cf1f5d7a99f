"""Links of a document: where they may lead, and what is doubtful about them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from desktop_inbox.mime.dom import tame
from desktop_inbox.mime.html.hosts import deceptive_host, same_site

SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid"})
MAX_LISTED = 1_000
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_BLANKS_IN_URL = re.compile(r"[\t\n\r]")
_HOST_IN_TEXT = re.compile(
    r"\s*(?:https?://)?(?:[^\s/@]*@)?((?:[\w-]+\.)+[^\W\d_]{2,24})(?::\d+)?(?:[/?#]\S*)?\s*\Z",
    re.IGNORECASE,
)
_NUMBER_HOST = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}\Z", re.IGNORECASE)
_FILE_NAMES = re.compile(
    r"\.(?:pdf|docx?|xlsx?|zip|png|jpe?g|gif|txt|csv|html?|md|py|js)\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of the document, with what is doubtful about it."""

    text: str
    url: str
    # text-names-other-host, ip-host, punycode, mixed-scripts, login-in-url, unreadable-url
    warnings: tuple[str, ...]


def links(html: str) -> tuple[Link, ...]:
    """Return the links of a document, sanitised or not, with what is doubtful about each."""
    return links_in(LexborHTMLParser(tame(html)))


def links_in(tree: LexborHTMLParser) -> tuple[Link, ...]:
    """Return the links of a document that was taken apart already."""
    found: list[Link] = []
    for node in tree.css("a[href],area[href]"):
        if len(found) >= MAX_LISTED:
            break
        url = without_blanks(node.attributes.get("href") or "")
        scheme = _SCHEME.match(url)
        if scheme is None or scheme[1].lower() not in SCHEMES - {"cid"}:
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


def target(value: str) -> str | None:
    """Return where a link may lead, None where it goes."""
    url = without_blanks(value)
    scheme = _SCHEME.match(url)
    return url if scheme and scheme[1].lower() in SCHEMES else None


def without_blanks(url: str) -> str:
    """Return an address as browsers follow it, whatever line ends it was hidden between."""
    return _BLANKS_IN_URL.sub("", url).strip()
