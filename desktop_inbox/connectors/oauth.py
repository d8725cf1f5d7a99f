"""Signing in through a provider's own page: the system browser, a loopback redirect, and PKCE.

RFC 8252 and RFC 7636. The page may be opened in any browser and any of its profiles: whatever
comes back to our port with our `state` counts. Engine loop. Nothing here is written anywhere or
logged; whoever calls keeps the tokens.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.web import client
from desktop_inbox.connectors.web.client import Web

SIGN_IN_SECONDS = 300.0  # for a person to find a password and a second factor
EARLY_SECONDS = 300.0  # a token is renewed so long before it ends
_MOST_LINE_BYTES = 16 * 1024
_ASSUMED_SECONDS = 3600.0
_REFUSALS = frozenset({400, 401, 403})
# What a token endpoint says when the permission itself is gone (RFC 6749 5.2).
_GONE = frozenset({"invalid_grant", "interaction_required", "consent_required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where a provider signs people in, and what it is asked for."""

    id: str
    name: str
    authorise_url: str
    token_url: str
    scope: str
    extra: Mapping[str, str] = field(default_factory=dict)  # of the first request


GOOGLE = Service(
    id="google",
    name="Google",
    authorise_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    scope="https://mail.google.com/",
    extra={"access_type": "offline", "prompt": "consent"},  # else no refresh token comes
)
MICROSOFT = Service(
    id="microsoft",
    name="Microsoft",
    authorise_url="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",  # noqa: S106
    scope=(
        "https://outlook.office.com/IMAP.AccessAsUser.All "
        "https://outlook.office.com/SMTP.Send offline_access"
    ),
)
SERVICES: dict[str, Service] = {one.id: one for one in (GOOGLE, MICROSOFT)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What this program is called at a provider. Some hand out a secret that is none."""

    id: str
    secret: str = ""

    def __repr__(self) -> str:
        return f"Client(id={self.id!r}, …)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What lets us in until `expires_at`, and what gets us the next."""

    access: str
    refresh: str
    expires_at: float  # seconds since 1970
    early_seconds: float = EARLY_SECONDS

    def __repr__(self) -> str:
        return "Tokens(…)"  # never the secrets

    @property
    def is_stale(self) -> bool:
        """Whether it is time for another one."""
        return time.time() > self.expires_at - self.early_seconds


async def sign_in(
    service: Service,
    program: Client,
    *,
    open_page: Callable[[str], None],
    login_hint: str = "",
    said: tuple[str, str] = ("Signed in.", "Not signed in."),
    web: Web | None = None,
) -> Tokens:
    """Have a person sign in on the provider's page; cancel the task to stop waiting.

    `open_page` gets the address of the page, once; `said` is what the browser shows at the end.
    *Raises:* AuthError where it was refused or nobody came within `SIGN_IN_SECONDS`;
    TransientError.
    """
    verifier = secrets.token_urlsafe(64)
    waiting = _Waiting(state=secrets.token_urlsafe(24), said=said)
    server = await asyncio.start_server(waiting.serve, "127.0.0.1", 0, limit=_MOST_LINE_BYTES)
    async with server:
        port = server.sockets[0].getsockname()[1]
        redirect = f"http://127.0.0.1:{port}/"
        asked = {
            "client_id": program.id,
            "redirect_uri": redirect,
            "state": waiting.state,
            "code_challenge": challenge(verifier),
            **({"login_hint": login_hint} if login_hint else {}),
        }
        open_page(_sign_in_page(service, asked))
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                code = await waiting.code
        except TimeoutError:
            raise AuthError("nobody signed in within five minutes", step="browser") from None
        finally:
            await waiting.close()
    return await _tokens(
        service.token_url,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        },
        program,
        web=web,
    )


def _sign_in_page(service: Service, asked: Mapping[str, str]) -> str:
    """Return the address of the page on which a person signs in."""
    usual = {
        "response_type": "code",
        "scope": service.scope,
        "code_challenge_method": "S256",
        **service.extra,
    }
    return f"{service.authorise_url}?{urlencode({**asked, **usual})}"


def challenge(verifier: str) -> str:
    """Return what is told of the verifier before it is needed (RFC 7636 4.2, S256)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


async def refresh(
    token_url: str, program: Client, refresh_token: str, *, web: Web | None = None
) -> Tokens:
    """Return fresh tokens; the refresh token may be another one now.

    *Raises:* AuthError (REVOKED) where a person must sign in again; TransientError.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return await _tokens(token_url, form, program, web=web, kept=refresh_token)


async def _tokens(
    token_url: str, form: dict[str, str], program: Client, *, web: Web | None, kept: str = ""
) -> Tokens:
    form = {**form, "client_id": program.id}
    if program.secret:
        form["client_secret"] = program.secret
    answer = await client.post(token_url, form, web=web)
    values = _values(answer.body)
    if answer.status != 200:
        raise _refusal(answer.status, values)
    access, lasts = values.get("access_token"), values.get("expires_in")
    token = values.get("refresh_token") or kept
    if not isinstance(access, str) or not access:
        raise TransientError("no token in the answer", cause=TransientCause.SERVER, step="token")
    if not isinstance(token, str) or not token:
        raise AuthError("the provider gave no lasting permission", step="token")
    sound = isinstance(lasts, int | float) and not isinstance(lasts, bool) and 0 < lasts < 10**9
    seconds = float(lasts) if sound else _ASSUMED_SECONDS  # type: ignore[arg-type]
    return Tokens(
        access=access,
        refresh=token,
        expires_at=time.time() + seconds,
        early_seconds=min(EARLY_SECONDS, seconds / 4),  # some last five minutes altogether
    )


def _refusal(status: int, values: Mapping[str, object]) -> AuthError | TransientError:
    code = str(values.get("error", ""))[:100]
    words = f"{status} {code}: {str(values.get('error_description', ''))[:300]}".rstrip(": ")
    if status not in _REFUSALS:  # whatever is in the way there, it passes (behaviour 19)
        return TransientError(words, cause=TransientCause.SERVER, step="token")
    reason = AuthReason.REVOKED if code in _GONE else AuthReason.SIGN_IN
    return AuthError(words, reason=reason, step="token")


def _values(body: bytes) -> dict[str, object]:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


class _Waiting:
    """Answers the browser until it comes with the code that was asked for."""

    def __init__(self, *, state: str, said: tuple[str, str]) -> None:
        self.state = state
        self.code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._said = said
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            async with asyncio.timeout(10):
                line = await reader.readuntil(b"\r\n")
                words = line.decode("latin-1").split(" ")
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(words))
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # a browser that hung up, or none at all
        finally:
            self._serving.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def close(self) -> None:
        """Let the browser have its last page, but not for long."""
        if self._serving:
            await asyncio.wait(self._serving, timeout=1.0)

    def _answer(self, words: list[str]) -> bytes:
        if len(words) != 3 or words[0] != "GET":
            return _page(400, "")
        parts = urlsplit(words[1])
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != "/" or not secrets.compare_digest(
            said.get("state", "").encode(), self.state.encode()
        ):
            return _page(404, "")  # a favicon, or somebody who guesses: the wait goes on
        if self.code.done():
            return _page(200, self._said[0])
        if said.get("code"):
            self.code.set_result(said["code"])
            return _page(200, self._said[0])
        error = said.get("error", "no code")[:100]
        self.code.set_exception(AuthError(error, step="browser"))
        return _page(200, self._said[1])


def _page(status: int, words: str) -> bytes:
    body = (
        '<!doctype html><meta charset="utf-8"><title>Desktop Inbox</title>'
        '<body style="font:16px system-ui;margin:18vh auto;max-width:28em;text-align:center">'
        f"<p>{escape(words)}</p>"
    ).encode()
    return (
        b"HTTP/1.1 %d OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n"
        b"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
        % (status, len(body))
    ) + body


# --- tokens of an account ---

KeepSecrets = Callable[[Mapping[str, str]], Awaitable[None]]


class TokenKeeper:
    """Holds an account's tokens and renews them before they end, for all its connections."""

    def __init__(
        self,
        token_url: str,
        secret_values: Mapping[str, str],
        *,
        client_id: str,
        keep: KeepSecrets | None = None,
        web: Web | None = None,
    ) -> None:
        self._token_url = token_url
        self._program = Client(id=client_id, secret=secret_values.get("client_secret", ""))
        self._tokens = read_tokens(secret_values)
        self._keep = keep
        self._web = web
        self._renewing = asyncio.Lock()

    async def access(self, *, refused: str = "") -> str:
        """Return a token that lets us in; not the `refused` one, which a server would not take.

        Who waits while it is renewed takes what comes of that, whatever the clock says by then.

        *Raises:* AuthError where a person must sign in again; TransientError.
        """
        known = self._tokens
        async with self._renewing:
            stale = self._tokens is known and known.is_stale
            if stale or self._tokens.access == refused:
                if not self._tokens.refresh:
                    raise AuthError("no token to sign in with", reason=AuthReason.REVOKED)
                self._tokens = await refresh(
                    self._token_url, self._program, self._tokens.refresh, web=self._web
                )
                if self._keep is not None:
                    await self._keep(written_tokens(self._tokens))
            return self._tokens.access


def read_tokens(secret_values: Mapping[str, str]) -> Tokens:
    """Return the tokens among an account's secrets; without any they are stale."""
    try:
        expires_at = float(secret_values.get("expires_at", ""))
    except ValueError:
        expires_at = 0.0
    return Tokens(
        access=secret_values.get("access_token", ""),
        refresh=secret_values.get("refresh_token", ""),
        expires_at=expires_at,
    )


def written_tokens(tokens: Tokens) -> dict[str, str]:
    """Return tokens as an account's secrets hold them."""
    return {
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_at": str(tokens.expires_at),
    }
