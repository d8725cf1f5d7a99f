"""HTML that we write ourselves, and how it names the parts of its message. Pure."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import quote, unquote

_CID_ANYWHERE = re.compile(r"cid:([^\s\"'<>)]{1,300})", re.IGNORECASE)


def cid_of(url: str) -> str:
    """Return the Content-ID an address names; '' if it names none."""
    return unquote(url[4:]) if url[:4].lower() == "cid:" else ""


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
