"""The way to a homeserver: found, signed in to, asked. Errors are told by errcode. Engine loop."""

from __future__ import annotations

import secrets as chance
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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
from desktop_inbox.connectors.http_api import ANSWER_SECONDS, HttpApi, Upload
from desktop_inbox.connectors.matrix.settings import MatrixSettings, homeserver, settings_of
from desktop_inbox.connectors.payload import Payload, each, part, whole, words

_UPLOAD_SECONDS = 300.0
_DEVICE_NAME = "Desktop Inbox"
_NOBODY = frozenset({"M_FORBIDDEN", "M_GUEST_ACCESS_FORBIDDEN"})
_REVOKED = frozenset({"M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED", "M_USER_SUSPENDED"})


class NotThere(PermanentError):
    """The server knows nothing of that name, or no such question."""


class SignedOut(AuthError):
    """The server has forgotten who we are; whoever has a password can tell it again."""

    def __init__(self, detail: str, *, soft: bool) -> None:
        super().__init__(detail, reason=AuthReason.REVOKED)
        self.soft = soft  # the device is known still, and so its keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What signing in brought: kept, so that the next start is the same device."""

    token: str = field(repr=False)
    device_id: str
    keys_password: str = field(repr=False)  # opens what keys are kept in


class Link:
    """One account's way to its homeserver, signed in."""

    def __init__(self, http: HttpApi, *, settings: MatrixSettings, session: Session) -> None:
        self.http = http
        self.settings = settings
        self.session = session

    async def ask(
        self,
        method: str,
        *path: str,
        version: str = "v3",
        query: Mapping[str, str] | None = None,
        content: object = None,
        seconds: float = ANSWER_SECONDS,
        step: str = "",
        before_body: BeforeBody | None = None,
    ) -> Payload:
        """Return the object that the server answers with under `/_matrix/client`.

        *Raises:* ConnectorError; SignedOut only where nobody but a person can sign in again.
        """
        answer = await self._call(
            method, *path, version=version, query=query, content=content, seconds=seconds,
            step=step or path[0], before_body=before_body,
        )  # fmt: skip
        return part(answer)

    async def _call(
        self,
        method: str,
        *path: str,
        step: str,
        version: str = "v3",
        query: Mapping[str, str] | None = None,
        content: object = None,
        seconds: float = ANSWER_SECONDS,
        before_body: BeforeBody | None = None,
    ) -> object:
        try:
            answer = await self.http.call(
                method,
                where("_matrix", "client", version, *path),
                query=query,
                content=content,
                seconds=seconds,
                step=step,
                before_body=before_body,
            )
        except SignedOut as error:
            if step == "sign-in" or not self.settings.password:
                raise
            raise TransientError(
                error.detail, cause=TransientCause.SERVER, step="sign-in"
            ) from error
        return answer.value()

    async def state(self, room: str) -> list[Payload]:
        """Return what a room is, and who is there. *Raises:* ConnectorError."""
        return each({"it": await self._call("GET", "rooms", room, "state", step="rooms")}, "it")

    async def members(self, room: str) -> list[Payload]:
        """Return the state of everybody who is, or is invited, in a room.

        *Raises:* ConnectorError.
        """
        query = {"not_membership": "leave"}
        said = await self.ask("GET", "rooms", room, "members", query=query)
        return [
            one
            for one in each(said, "chunk")
            if words(one, "content", "membership") in {"join", "invite"}
        ]

    async def upload(self, file: Path, *, name: str, media_type: str) -> str:
        """Put a file on the server; return its address (mxc). *Raises:* ConnectorError."""
        answer = await self.http.call(
            "POST",
            where("_matrix", "media", "v3", "upload"),
            query={"filename": name} if name else None,
            upload=Upload(field="", name=name, media_type=media_type, path=file),
            seconds=_UPLOAD_SECONDS,
            step="files",
        )
        address = words(answer.value(), "content_uri")
        if not address.startswith("mxc://"):
            raise TransientError("no place for the file", cause=TransientCause.SERVER, step="files")
        return address

    async def close(self) -> None:
        await self.http.close()


def where(*path: str) -> str:
    """Return a path whose parts lead nowhere else, whatever they say."""
    return "/".join(quote(one, safe="") for one in path)


# Signing in


async def sign_in(
    config: AccountConfig, *, has_keys: Callable[[str], bool], known: Session | None = None
) -> Link:
    """Find the server and show who we are: by what is kept of the last time, or anew.

    A device whose keys `has_keys` does not find is given up where there is a password: nobody
    would trust other keys under its name.

    *Raises:* ConnectorError; AuthError where a person must look.
    """
    settings = settings_of(config)
    base_url = settings.homeserver or await discover(settings.server_name)
    kept = known or _kept(config)
    refused: SignedOut | None = None
    if not settings.password or not kept.device_id or has_keys(kept.device_id):
        for token in filter(None, dict.fromkeys((settings.access_token, kept.token))):
            link = _link(base_url, settings, replace(kept, token=token))
            try:
                return await _as_told(link, config)
            except SignedOut as error:
                refused = error
    if refused is not None and not settings.password:
        raise refused
    device_id = kept.device_id if refused is not None and refused.soft else ""
    session = await _log_in(base_url, settings, kept, device_id=device_id)
    await _keep(config, session)
    return _link(base_url, settings, session)


async def discover(server_name: str) -> str:
    """Return where a server is reached (client-server API, "Server discovery").

    *Raises:* ConnectorError where it cannot be asked, PermanentError where its answer is no use.
    """
    http = HttpApi(f"https://{server_name}", refusal=refusal)
    try:
        answer = await http.call("GET", ".well-known/matrix/client", step="discovery")
    except NotThere:
        return f"https://{server_name}"
    finally:
        await http.close()
    found = homeserver(words(answer.value(), "m.homeserver", "base_url"))
    if not found:
        raise PermanentError("the server does not say where it is", step="discovery")
    return found


async def _log_in(
    base_url: str, settings: MatrixSettings, kept: Session, *, device_id: str
) -> Session:
    """Sign in with the password, as the device of before where there is one.

    *Raises:* AuthError where the password is refused, ConnectorError.
    """
    http = HttpApi(base_url, refusal=_sign_in_refusal, secrets=(settings.password,))
    content: dict[str, object] = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": settings.user_id},
        "password": settings.password,
        "initial_device_display_name": _DEVICE_NAME,
    }
    if device_id:
        content["device_id"] = device_id
    try:
        answer = await http.call(
            "POST", where("_matrix", "client", "v3", "login"), content=content, step="sign-in"
        )
    finally:
        await http.close()
    said = answer.value()
    token, device = words(said, "access_token"), words(said, "device_id")
    if not token or not device:
        raise TransientError("no access token", cause=TransientCause.SERVER, step="sign-in")
    return replace(kept, token=token, device_id=device)


async def log_out(link: Link) -> None:
    """Let the server forget this device. *Raises:* ConnectorError."""
    await link.ask("POST", "logout", step="sign-out")


def _kept(config: AccountConfig) -> Session:
    """Return what is kept of the last time."""
    own = config.secrets
    return Session(
        token=own.get("session_token", ""),
        device_id=own.get("session_device", ""),
        keys_password=own.get("keys_password", "") or chance.token_urlsafe(32),
    )


async def _as_told(link: Link, config: AccountConfig) -> Link:
    """Return a link whose server said whom it takes us for. *Raises:* ConnectorError."""
    try:
        said = await link.ask("GET", "account", "whoami", step="sign-in")
        user, device = words(said, "user_id"), words(said, "device_id")
        if user != link.settings.user_id:
            raise AuthError(f"the access token is of {user}")
        told = replace(link.session, device_id=device)
        if told != link.session or not config.secrets.get("keys_password"):
            await _keep(config, told)
    except BaseException:
        await link.close()
        raise
    link.session = told
    return link


async def _keep(config: AccountConfig, session: Session) -> None:
    if config.keep_secrets is not None:
        await config.keep_secrets(
            {
                "session_token": session.token,
                "session_device": session.device_id,
                "keys_password": session.keys_password,
            }
        )


def _link(base_url: str, settings: MatrixSettings, session: Session) -> Link:
    http = HttpApi(
        base_url,
        refusal=refusal,
        headers={"Authorization": f"Bearer {session.token}"},
        secrets=(session.token, settings.password),
    )
    return Link(http, settings=settings, session=session)


# What refusals mean


def refusal(answer: Answer) -> ConnectorError:
    """Return what an answer means that is no success, by its errcode."""
    said = part(answer.value())
    code, detail = words(said, "errcode"), words(said, "error")
    if code == "M_UNKNOWN_TOKEN":
        return SignedOut(detail, soft=said.get("soft_logout") is True)
    if code in _REVOKED:
        return AuthError(detail, reason=AuthReason.REVOKED)
    if code == "M_LIMIT_EXCEEDED":
        seconds = whole(said, "retry_after_ms") / 1000
        return RateLimited(
            detail,
            retry_after_seconds=max(seconds, 1.0) if seconds else wait_seconds(answer.headers),
        )
    if code == "M_TOO_LARGE":
        return PermanentError(detail, reason=PermanentReason.TOO_LARGE)
    if code in _NOBODY:
        return PermanentError(detail, reason=PermanentReason.RECIPIENT)
    if code in {"M_NOT_FOUND", "M_UNRECOGNIZED"} or (not code and answer.status == 404):
        return NotThere(detail or f"status {answer.status}")
    return by_status(answer, detail)


def _sign_in_refusal(answer: Answer) -> ConnectorError:
    """Return what a refused sign-in means: there, "forbidden" is a wrong name or password."""
    error = refusal(answer)
    if isinstance(error, PermanentError) and error.reason is PermanentReason.RECIPIENT:
        return AuthError(error.detail, reason=AuthReason.SIGN_IN)
    return error
