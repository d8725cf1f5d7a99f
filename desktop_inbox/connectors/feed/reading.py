"""A feed's bytes become messages; reads whatever is there, and never asks the network. Pure.

Each entry is a line of talk of its own: what is said of one review has nothing to do with the
next one.
"""

from __future__ import annotations

import hashlib
import io
import json
from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import struct_time
from urllib.parse import urlsplit

import feedparser

from desktop_inbox.connectors.chat import Chat, Incoming, Person
from desktop_inbox.connectors.payload import each, line, words
from desktop_inbox.domain.pieces import Piece, Shared
from desktop_inbox.mime.html.text import to_text

MOST_ENTRIES = 200  # of one feed; who publishes more in a quarter of an hour publishes no feed
_MOST_TEXT = 100_000
_HTML = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as a message, and what tells whether it was changed."""

    message: Incoming
    print: str  # of all it says


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a document said. `entries` are oldest first."""

    title: str
    entries: tuple[Entry, ...]
    is_feed: bool = True  # False: it is some other document, or none


def read_feed(raw: bytes, *, url: str, now: datetime) -> Feed:
    """Return what a document says that came from `url`; entries without a date are of `now`."""
    # Bytes in a stream: what looks like an address or a path is never opened.
    found = feedparser.parse(io.BytesIO(raw), response_headers={"content-location": url})
    title = line(found.get("feed"), "title") or (urlsplit(url).hostname or "")
    newest = each(found, "entries")[:MOST_ENTRIES]
    entries = [_entry(one, feed=title, url=url, now=now) for one in newest]
    entries.sort(key=lambda entry: entry.message.at)
    return Feed(
        title=title,
        entries=tuple({one.message.external_id: one for one in entries}.values()),
        is_feed=bool(found.get("version")) or bool(entries),
    )


def _entry(found: Mapping[str, object], *, feed: str, url: str, now: datetime) -> Entry:
    title, text = _plain(found.get("title_detail")), _text(found)
    link = _web(words(found, "link"))
    name = words(found, "id") or link or _digest(title, text)
    message = Incoming(
        external_id=name[:500] if len(name) <= 500 else _digest(name),
        chat=Chat(external_id=name[:500] if len(name) <= 500 else _digest(name), title=title),
        author=_author(found, feed=feed, url=url),
        at=min(_moment(found) or now, now),
        subject=" ".join(title.split())[:500],
        text=text or title,
        pieces=_pieces(link, title),
        raw=_kept(found),
    )
    return Entry(message=message, print=_digest(title, message.text, link))


def _text(found: Mapping[str, object]) -> str:
    """Return the longest form an entry has its text in, as plain text."""
    forms = [*each(found, "content"), found.get("summary_detail")]
    return max((_plain(form) for form in forms), key=len, default="")


def _plain(form: object) -> str:
    value = words(form, "value")[:_MOST_TEXT]
    return to_text(value).strip() if words(form, "type") in _HTML else value.strip()


def _author(found: Mapping[str, object], *, feed: str, url: str) -> Person:
    name = line(found, "author_detail", "name") or line(found, "author")
    site = urlsplit(url).hostname or "feed"
    # Nobody is known beyond the feed: two people of one name in two forums are two people.
    return Person(
        kind="feed",
        address=f"{name or feed}@{site}".lower()[:300],
        name=name or feed,
        scoped=True,
        proven=False,
    )


def _moment(found: Mapping[str, object]) -> datetime | None:
    for key in ("published_parsed", "updated_parsed", "created_parsed"):
        parts = dict(found).get(key)  # itself: feedparser would take one for another
        if isinstance(parts, struct_time):
            try:
                return datetime.fromtimestamp(timegm(parts), UTC)
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _pieces(link: str, title: str) -> tuple[Piece, ...]:
    return (Shared(title=" ".join(title.split())[:200], url=link, kind="post"),) if link else ()


def _web(url: str) -> str:
    try:
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _kept(found: Mapping[str, object]) -> bytes:
    return json.dumps(found, default=str, ensure_ascii=True).encode("ascii")


def _digest(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "replace") + b"\0")
    return digest.hexdigest()


def prints(entries: Iterable[Entry]) -> dict[str, str]:
    """Return what is to be remembered of entries: a short print by their short names."""
    return {key_of(one): one.print[:12] for one in entries}


def key_of(entry: Entry) -> str:
    """Return the short name of an entry."""
    return _digest(entry.message.external_id)[:16]
