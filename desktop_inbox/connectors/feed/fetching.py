"""Asks for a feed, and only for what changed (RFC 9110 13.1). Engine loop."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.http_answers import Answer, by_status
from desktop_inbox.connectors.http_api import MAX_REDIRECTS, HttpApi

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_ENTRY = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document, where it lay in the end, and what to ask with whether it changed."""

    url: str = ""
    body: bytes = b""
    etag: str = ""
    modified: str = ""
    unchanged: bool = False


class _Elsewhere(ConnectorError):
    """It lies somewhere else; `detail` says where."""


class _Unchanged(ConnectorError):
    """It is what it was."""


class FeedSource:
    """One feed's address. Nothing stays open between two looks a quarter of an hour apart."""

    def __init__(self, config: AccountConfig) -> None:
        self._url = _checked(config.address.strip())
        user = str(config.settings.get("user") or "")
        self._auth = (user, config.secrets.get("password", "")) if user else None
        self._home = urlsplit(self._url)

    async def fetch(self, before: Fetched) -> Fetched:
        """Return the document, or that it did not change since `before`.

        Raises: ConnectorError.
        """
        url = self._url
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = await self._ask(url, before)
            except _Elsewhere as elsewhere:
                url = _checked(urljoin(url, elsewhere.detail))
                continue
            except _Unchanged:
                return Fetched(url=url, unchanged=True)
            return Fetched(
                url=url,
                body=answer.body,
                etag=answer.headers.get("etag", ""),
                modified=answer.headers.get("last-modified", ""),
            )
        raise TransientError("too many redirects", cause=TransientCause.SERVER, step="receive")

    async def _ask(self, url: str, before: Fetched) -> Answer:
        asked = {"If-None-Match": before.etag, "If-Modified-Since": before.modified}
        headers = {name: value for name, value in asked.items() if value}
        api = HttpApi(url, refusal=_refusal, auth=self._auth_for(url), headers=headers)
        try:
            return await api.call("GET", url, step="receive")
        finally:
            await api.close()

    def _auth_for(self, url: str) -> tuple[str, str] | None:
        """Return what to sign in with; whoever we are sent on to is not told."""
        there = urlsplit(url)
        same = (there.scheme, there.netloc) == (self._home.scheme, self._home.netloc)
        return self._auth if same else None


def _refusal(answer: Answer) -> ConnectorError:
    if answer.status == 304:
        return _Unchanged("unchanged")
    if answer.status in _REDIRECTS and (onward := answer.headers.get("location", "")):
        return _Elsewhere(onward)
    if answer.status in _NO_ENTRY:
        return AuthError("", step="sign-in")
    return by_status(answer, "", step="receive")


def _checked(url: str) -> str:
    """*Raises:* PermanentError where it is no address of the web."""
    try:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname:
            return url
    except ValueError:
        pass
    raise PermanentError(f"{url[:200]!r} is no address of the web", step="settings")
