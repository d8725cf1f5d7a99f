"""Calls Twilio's REST API, and tells by code what a refusal means. Engine loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

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
from desktop_inbox.connectors.http_api import HttpApi, service_url
from desktop_inbox.connectors.payload import Payload, part, whole, words
from desktop_inbox.connectors.twilio.codes import BILLING, RATE, SIGN_IN, reason_of, told
from desktop_inbox.connectors.twilio.info import MAX_DOWNLOAD_BYTES

_USUAL_URL = "https://api.twilio.com"
_CONTENT_URL = "https://content.twilio.com"
_VERSION = "2010-04-01"


class TwilioApi:
    """One account's way to Twilio."""

    def __init__(self, config: AccountConfig) -> None:
        account = str(config.settings.get("account_sid") or "").strip()
        secret = config.secrets.get("secret", "").strip()
        if not account.isalnum() or not secret:
            raise AuthError("no account SID, or no secret")
        key = str(config.settings.get("key_sid") or "").strip() or account
        url = service_url(config.settings.get("api_url"), _USUAL_URL)
        content_url = service_url(config.settings.get("api_url"), _CONTENT_URL)
        self._account = f"/{_VERSION}/Accounts/{account}"
        self._api = HttpApi(url, refusal=refusal, auth=(key, secret))
        self._content = HttpApi(content_url, refusal=refusal, auth=(key, secret))

    async def sign_in(self) -> None:
        """See whether the key is good, by what every kind of key may ask for.

        The account itself is told to main keys only.
        """
        await self.get("Messages", {"PageSize": "1"}, step="sign-in")

    async def status(self) -> str:
        """Return what Twilio says of the account, '' where the key may not know."""
        try:
            return words(await self.get("", step="sign-in"), "status")
        except (AuthError, PermanentError):
            return ""

    async def get(
        self, resource: str, query: Mapping[str, str] | None = None, *, step: str = "receive"
    ) -> Payload:
        """Return a resource of the account, "" for the account itself."""
        path = f"{self._account}/{resource}.json" if resource else f"{self._account}.json"
        return self._read(await self._api.call("GET", path, query=query, step=step))

    async def page(self, uri: str) -> Payload:
        """Return a further page of a list, of this account only."""
        if not uri.startswith(f"{self._account}/"):
            raise TransientError("a page elsewhere", cause=TransientCause.SERVER, step="receive")
        return self._read(await self._api.call("GET", uri, step="receive"))

    async def post(
        self,
        resource: str,
        form: Mapping[str, str | Sequence[str]],
        *,
        before_body: BeforeBody,
        step: str,
    ) -> Payload:
        """Deliver something."""
        path = f"{self._account}/{resource}.json"
        return self._read(
            await self._api.call("POST", path, form=form, before_body=before_body, step=step)
        )

    async def contents(self, *, page: int) -> Payload:
        """Return a page of the approved texts."""
        query = {"PageSize": "100", "Page": str(page)}
        answer = await self._content.call(
            "GET", "/v1/ContentAndApprovals", query=query, step="templates"
        )
        return self._read(answer)

    async def download(self, resource: str, target: Path) -> None:
        """Write a media file into `target`."""
        await self._api.download(
            f"{self._account}/{resource}", target, max_bytes=MAX_DOWNLOAD_BYTES
        )

    async def renew(self) -> None:
        await self._api.renew()

    async def close(self) -> None:
        await self._api.close()
        await self._content.close()

    def _read(self, answer: Answer) -> Payload:
        value = answer.value()
        if not isinstance(value, Mapping):
            raise TransientError(
                self._api.words(answer), cause=TransientCause.SERVER, step="receive"
            )
        return value


def refusal(answer: Answer) -> ConnectorError:
    """Return what an answer means that is no success, by its code."""
    said = part(answer.value())
    code = whole(said, "code")
    detail = told(code, words(said, "message"))
    if code in BILLING:
        return AuthError(detail, reason=AuthReason.BILLING)
    if answer.status == 401 or code in SIGN_IN:
        return AuthError(detail)
    if answer.status == 429 or code in RATE:
        return RateLimited(detail, retry_after_seconds=wait_seconds(answer.headers))
    if (reason := reason_of(code)) is not PermanentReason.INVALID:
        return PermanentError(detail, reason=reason)
    return by_status(answer, detail)
