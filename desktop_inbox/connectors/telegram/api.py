"""Calls methods of Telegram's Bot API, and tells by code what a refusal means. Engine loop."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

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
)
from desktop_inbox.connectors.http_answers import Answer, by_status, wait_seconds
from desktop_inbox.connectors.http_api import ANSWER_SECONDS, HttpApi, Upload, service_url
from desktop_inbox.connectors.payload import Payload, part, whole, words
from desktop_inbox.connectors.telegram.info import MAX_DOWNLOAD_BYTES

_USUAL_URL = "https://api.telegram.org"
_UPLOAD_SECONDS = 300.0


class ChatMoved(PermanentError):
    """The group goes on as a supergroup, under another number."""

    def __init__(self, detail: str, *, to: int) -> None:
        super().__init__(detail, reason=PermanentReason.RECIPIENT)
        self.to = to


class BotApi:
    """One bot's way to Telegram."""

    def __init__(self, config: AccountConfig) -> None:
        url = service_url(config.settings.get("api_url"), _USUAL_URL)
        token = config.secrets.get("token", "").strip()
        if not token:
            raise AuthError("no token")
        name = quote(token, safe=":")  # nothing in it leads to another path
        self._files_url = f"{url}/file/bot{name}"
        self.http = HttpApi(f"{url}/bot{name}", refusal=refusal, secrets=(token, name))

    async def call(
        self,
        method: str,
        content: Mapping[str, object] | None = None,
        *,
        files: Sequence[Upload] = (),
        seconds: float = ANSWER_SECONDS,
        step: str = "",
        before_body: BeforeBody | None = None,
    ) -> object:
        """Return a method's result. *Raises:* ConnectorError."""
        given = content or {}
        answer = await self.http.call(
            "POST",
            method,
            content=None if files else given,
            form={name: _as_text(value) for name, value in given.items()} if files else None,
            files=files,
            seconds=_UPLOAD_SECONDS if files else seconds,
            step=step or method,
            before_body=before_body,
        )
        said = answer.value()
        if part(said).get("ok") is not True:
            raise TransientError(
                self.http.words(answer), cause=TransientCause.SERVER, step=step or method
            )
        return part(said).get("result")

    async def download(self, file_id: str, target: Path) -> None:
        """Write a file into `target`. *Raises:* PermanentError(MEDIA), ConnectorError."""
        try:
            found = await self.call("getFile", {"file_id": file_id}, step="file")
        except PermanentError as error:  # too large for a bot, or there no more
            raise PermanentError(error.detail, reason=PermanentReason.MEDIA, step="file") from error
        path = quote(words(found, "file_path").lstrip("/"))
        await self.http.download(f"{self._files_url}/{path}", target, max_bytes=MAX_DOWNLOAD_BYTES)

    async def renew(self) -> None:
        await self.http.renew()

    async def close(self) -> None:
        await self.http.close()


def refusal(answer: Answer) -> ConnectorError:
    """Return what an answer means that is no success, by its code."""
    said: Payload = part(answer.value())
    code = whole(said, "error_code") or answer.status
    detail = words(said, "description")
    if code in {401, 404}:  # a token that is none has no methods
        return AuthError(detail, reason=AuthReason.SIGN_IN)
    if code == 409:
        return AuthError(detail, reason=AuthReason.CONFLICT, step="conflict")
    if code == 429:
        seconds = whole(said, "parameters", "retry_after")
        return RateLimited(
            detail, retry_after_seconds=float(seconds or wait_seconds(answer.headers))
        )
    if moved := whole(said, "parameters", "migrate_to_chat_id"):
        return ChatMoved(detail, to=moved)
    if code == 403:
        return PermanentError(detail, reason=PermanentReason.RECIPIENT)
    return by_status(answer, detail)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
