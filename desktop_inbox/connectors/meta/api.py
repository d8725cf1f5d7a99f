"""Calls Meta's Graph API for one page or one Instagram account, and tells by code what a refusal
means. Engine loop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from desktop_inbox import __version__
from desktop_inbox.connectors.contract import AccountConfig, BeforeBody
from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientCause,
    TransientError,
    UncertainDelivery,
)
from desktop_inbox.connectors.http_answers import Answer, by_status, wait_seconds
from desktop_inbox.connectors.http_api import HttpApi, Upload, service_url
from desktop_inbox.connectors.meta.codes import (
    RATE,
    RESTRICTED,
    SIGN_IN,
    TRANSIENT,
    WITHDRAWN,
    lacks_permission,
    reason_of,
)
from desktop_inbox.connectors.meta.pace import Pace
from desktop_inbox.connectors.payload import Payload, at, part, whole, words, written_date

VERSION = "v23.0"
MAX_DOWNLOAD_BYTES = 100 * 2**20
_UPLOAD_SECONDS = 300.0
_NEARLY_USED_UP = 90  # per cent of what Meta allows: beyond it, nothing goes for an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What sets the two services apart that speak this language."""

    kind: str
    url: str
    me_fields: tuple[str, ...]  # the last one is what people call the account
    message_fields: str
    profile_fields: str = ""  # where messages do not bear their authors' names
    permissions: frozenset[str] = frozenset()  # that a token must have, where it can be asked
    names_sends: bool = False  # it keeps a name of ours with what we send
    upload_form: Mapping[str, str] = field(default_factory=dict)  # what a file is left with
    renews: bool = False  # its tokens run out, and are exchanged for others
    # What emojis are called that have a name of their own.
    reactions: Mapping[str, str] = field(default_factory=dict)


class Unclear(TransientError):
    """Meta failed and does not know how far it had come."""


class GraphApi:
    """One account's way to Meta."""

    def __init__(
        self,
        config: AccountConfig,
        service: Service,
        *,
        token: str,
        pace: Pace,
        now: Callable[[], datetime],
    ) -> None:
        if not token:
            raise AuthError("no token")
        self._token = token
        self._url = service_url(config.settings.get("api_url"), service.url)
        self.service = service
        self._now = now
        self._pace = pace
        self._http = HttpApi(
            f"{self._url}/{VERSION}",
            refusal=refusal,
            headers={
                "Authorization": f"Bearer {self._token}",
                "User-Agent": f"desktop-inbox/{__version__}",  # as Meta's description wants it
            },
            secrets=(self._token, quote(self._token, safe="")),
        )
        self.ahead = timedelta(0)  # of this computer's clock, compared with Meta's

    async def me(self) -> Payload:
        """Return what Meta knows of the account. *Raises:* ConnectorError."""
        query = {"fields": ",".join(self.service.me_fields)}
        return await self.get("me", query=query, step="sign-in")

    async def get(
        self, *path: str, query: Mapping[str, str] | None = None, step: str = "receive"
    ) -> Payload:
        """Return what lies at a path, in its turn. *Raises:* ConnectorError."""
        await self._pace.turn()
        answer = await self._http.call("GET", _path(path), query=query, step=step)
        self._pace.goes_easy = used_up(answer.headers) >= _NEARLY_USED_UP
        self._compare_clocks(answer)
        return self._read(answer, step)

    async def deliver(
        self, content: Mapping[str, object], *, before_body: BeforeBody, step: str = "message"
    ) -> Payload:
        """Have something delivered. *Raises:* ConnectorError."""
        try:
            answer = await self._http.call(
                "POST", "me/messages", content=content, before_body=before_body, step=step
            )
        except Unclear as error:  # it may have gone out all the same
            raise UncertainDelivery(error.detail, step=step) from error
        self._compare_clocks(answer)
        try:
            return self._read(answer, step)
        except TransientError as error:
            raise UncertainDelivery(error.detail, step=step) from error

    async def post(self, content: Mapping[str, object], *, step: str) -> None:
        """Do something to a chat that may be done twice. *Raises:* ConnectorError."""
        await self._http.call("POST", "me/messages", content=content, step=step)

    async def upload(self, kind: str, file: Upload) -> str:
        """Leave a file with Meta and return what it is sent by. *Raises:* ConnectorError."""
        attachment = {"attachment": {"type": kind, "payload": {"is_reusable": True}}}
        form = {**self.service.upload_form, "message": json.dumps(attachment)}
        try:
            answer = await self._http.call(
                "POST", "me/message_attachments", form=form, files=(file,),
                seconds=_UPLOAD_SECONDS, step="files",
            )  # fmt: skip
        except PermanentError as error:  # whatever it was, it was the file
            raise PermanentError(
                f"{file.name}: {error.detail}", reason=PermanentReason.MEDIA, step="files"
            ) from error
        if name := words(self._read(answer, "files"), "attachment_id"):
            return name
        raise TransientError(self._http.words(answer), cause=TransientCause.SERVER, step="files")

    async def renewed(self) -> tuple[str, int]:
        """Return a token for the one we have, and for how many seconds it is good."""
        query = {"grant_type": "ig_refresh_token", "access_token": self._token}
        await self._pace.turn()
        answer = await self._http.call(
            "GET", f"{self._url}/refresh_access_token", query=query, step="sign-in"
        )
        said = self._read(answer, "sign-in")
        return words(said, "access_token"), whole(said, "expires_in")

    async def granted(self) -> frozenset[str] | None:
        """Return the permissions of our token, None where Meta does not tell."""
        query = {"input_token": self._token}
        await self._pace.turn()
        try:
            answer = await self._http.call(
                "GET", f"{self._url}/debug_token", query=query, step="permissions"
            )
        except (AuthError, PermanentError):
            return None
        scopes = at(answer.value(), "data", "scopes")
        return frozenset(map(words, scopes)) if isinstance(scopes, list) else None

    async def download(self, url: str, target: Path) -> None:
        """Write a file into `target`. *Raises:* PermanentError(MEDIA), ConnectorError."""
        await self._http.download(url, target, max_bytes=MAX_DOWNLOAD_BYTES)

    async def renew(self) -> None:
        await self._http.renew()

    async def close(self) -> None:
        await self._http.close()

    def theirs(self, moment: datetime) -> datetime:
        """Return a moment of this computer's clock by Meta's."""
        return moment - self.ahead

    def _compare_clocks(self, answer: Answer) -> None:
        if said := written_date(answer.headers, "date"):
            self.ahead = self._now() - said

    def _read(self, answer: Answer, step: str) -> Payload:
        value = answer.value()
        if isinstance(value, Mapping):
            return value
        raise TransientError(self._http.words(answer), cause=TransientCause.SERVER, step=step)


def refusal(answer: Answer) -> ConnectorError:
    """Return what an answer means that is no success, by its codes."""
    error = part(answer.value(), "error")
    code, subcode = whole(error, "code"), whole(error, "error_subcode")
    detail = " ".join(filter(None, (_number(code, subcode), words(error, "message"))))
    reason = reason_of(subcode, code)
    if reason is not PermanentReason.INVALID:
        return PermanentError(detail, reason=reason)
    if RESTRICTED & {code, subcode}:
        return AuthError(detail, reason=AuthReason.RESTRICTED, step="")
    if code in SIGN_IN:
        withdrawn = subcode in WITHDRAWN
        return AuthError(detail, reason=AuthReason.REVOKED if withdrawn else AuthReason.SIGN_IN)
    if lacks_permission(code):
        return AuthError(detail, reason=AuthReason.PERMISSION, step="")
    if code in RATE:
        return RateLimited(detail, retry_after_seconds=_patience(answer))
    if code in TRANSIENT or error.get("is_transient") is True:
        return Unclear(detail, cause=TransientCause.SERVER)
    return by_status(answer, detail)


def _number(code: int, subcode: int) -> str:
    """Return what Meta explains an error under."""
    return f"{code}/{subcode}" if subcode else str(code or "")


def used_up(headers: Mapping[str, str]) -> int:
    """Return how much of an allowance is used up, in per cent."""
    names = ("call_count", "total_time", "total_cputime")
    return max((whole(one, name) for one in _allowances(headers) for name in names), default=0)


def _patience(answer: Answer) -> float:
    """Return how long to leave Meta alone: as it asks, or until an allowance is there again."""
    if "retry-after" in answer.headers:
        return wait_seconds(answer.headers)
    until = (whole(one, "estimated_time_to_regain_access") for one in _allowances(answer.headers))
    minutes = max(until, default=0)
    return wait_seconds({"retry-after": str(60 * minutes)} if minutes > 0 else {})


def _allowances(headers: Mapping[str, str]) -> list[Payload]:
    """Return what is told of the app's allowance, {…}, and of accounts', {account: [{…}], …}."""
    app = _json(headers.get("x-app-usage", ""))
    by_account = part(_json(headers.get("x-business-use-case-usage", ""))).values()
    lists = [found for found in by_account if isinstance(found, list)]
    return [part(app), *(part(one) for found in lists for one in found)]


def _json(header: str) -> object:
    return Answer(status=200, body=header.encode()).value()


def _path(names: tuple[str, ...]) -> str:
    """Return a path of names that Meta gave; nothing in one leads elsewhere."""
    return "/".join(quote(name, safe="") for name in names)
