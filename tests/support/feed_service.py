"""A web site with a feed, on the loopback: RSS 2.0 or Atom, with entity tags and a password."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.support.http_service import Asked, HttpService, Said

PASSWORD = "let me read"
START = datetime(2026, 11, 2, 9, tzinfo=UTC)  # when the first post was written


@dataclass(frozen=True)
class Post:
    name: str
    text: str
    at: datetime
    author: str = "Elif"


class FeedService(HttpService):
    """The site. `private` asks for a password."""

    def __init__(self, *, atom: bool = False, private: bool = False) -> None:
        super().__init__()
        self.posts: list[Post] = []
        self.elsewhere: dict[str, str] = {}
        self._atom = atom
        self._private = private

    @property
    def address(self) -> str:
        return f"{self.url}/feed"

    def post(self, name: str, *, text: str = "", author: str = "Elif") -> None:
        at = START + timedelta(minutes=len(self.posts))
        self.posts.insert(0, Post(name=name, text=text or name, at=at, author=author))

    def change(self, name: str, *, text: str) -> None:
        self.posts = [replace(one, text=text) if one.name == name else one for one in self.posts]

    async def answer(self, asked: Asked) -> Said:
        if asked.path in self.elsewhere:
            return Said(status=301, headers={"Location": self.elsewhere[asked.path]})
        if asked.path != "/feed":
            return Said(status=404)
        if self._private and asked.headers.get("Authorization") != _signed("reader", PASSWORD):
            return Said(status=401)
        body = (self._as_atom() if self._atom else self._as_rss()).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if asked.headers.get("If-None-Match") == tag:
            return Said(status=304, body=b"")
        return Said(body=body, headers={"ETag": tag, "Content-Type": "application/xml"})

    def _as_rss(self) -> str:
        items = "".join(
            f"<item><guid>{escape(one.name)}</guid><title>{escape(one.name)}</title>"
            f"<link>https://forum.example/{escape(one.name)}</link>"
            f"<author>{escape(one.author)}</author>"
            f"<pubDate>{format_datetime(one.at)}</pubDate>"
            f"<description>{escape(one.text)}</description></item>"
            for one in self.posts
        )
        return f'<rss version="2.0"><channel><title>Pots forum</title>{items}</channel></rss>'

    def _as_atom(self) -> str:
        entries = "".join(
            f"<entry><id>tag:forum.example,2026:{escape(one.name)}</id><title>{escape(one.name)}</title>"
            f'<link href="https://forum.example/{escape(one.name)}"/>'
            f"<author><name>{escape(one.author)}</name></author>"
            f"<published>{one.at.isoformat()}</published>"
            f'<content type="html">{escape(one.text)}</content></entry>'
            for one in self.posts
        )
        return (
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Pots forum</title>{entries}</feed>'
        )


def _signed(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
