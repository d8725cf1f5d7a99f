"""What the owner entered for an e-mail account, checked and typed. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import PermanentError, PermanentReason

T = TypeVar("T", bound=StrEnum)

IDLE_MINUTES = 15
IDLE_MINUTES_RANGE = (10, 28)  # servers may end it after half an hour (RFC 2177)


class Security(StrEnum):
    """How a connection is protected; NONE is accepted towards this machine only."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class SentCopy(StrEnum):
    """Who files the copy of a sent message."""

    AUTO = "auto"  # the provider where it is known to, else we
    APPEND = "append"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where and how to connect."""

    host: str
    port: int
    security: Security
    ca_file: str = ""  # one more trusted authority, PEM

    @property
    def is_loopback(self) -> bool:
        """Whether the name can only mean this machine."""
        if self.host.lower().rstrip(".") == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


class TokenSource(Protocol):
    """Has an access token that lets us in now, and another one where that was refused."""

    async def access(self, *, refused: str = "") -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How to sign in: with a password, or with an OAuth access token where there is one."""

    username: str
    password: str = ""
    access_token: str = ""
    tokens: TokenSource | None = None  # in place of `access_token`, which would grow old

    def __repr__(self) -> str:
        return f"Credentials(username={self.username!r}, …)"  # never the secrets

    @property
    def with_token(self) -> bool:
        """Whether no password is used."""
        return self.tokens is not None or bool(self.access_token)

    async def token(self, *, refused: str = "") -> str:
        """Return an access token. *Raises:* AuthError, TransientError."""
        if self.tokens is None:
            return self.access_token
        return await self.tokens.access(refused=refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """One e-mail account."""

    address: str
    imap: Server
    smtp: Server
    credentials: Credentials
    sent_copy: SentCopy
    since: datetime | None  # older mail is left alone; the start of a day, UTC
    idle_seconds: float  # after which the connection that waits for news is renewed (rule O9)


_DEFAULT_PORTS = {
    ("imap", Security.TLS): 993,
    ("imap", Security.STARTTLS): 143,
    ("imap", Security.NONE): 143,
    ("smtp", Security.TLS): 465,
    ("smtp", Security.STARTTLS): 587,
    ("smtp", Security.NONE): 25,
}


def read_settings(config: AccountConfig) -> EmailSettings:
    """Return the account's settings.

    *Raises:* PermanentError (step "settings") naming the first field that cannot be used.
    """
    values = config.settings
    address = config.address or _text(values, "address")
    return EmailSettings(
        address=address,
        imap=_server(values, "imap"),
        smtp=_server(values, "smtp"),
        credentials=Credentials(
            username=_text(values, "username") or address,
            password=config.secrets.get("password", ""),
            access_token=config.secrets.get("access_token", ""),
            tokens=_tokens(config),
        ),
        sent_copy=_choice(values, "sent_copy", SentCopy, SentCopy.AUTO),
        since=_day(values, "since"),
        idle_seconds=60.0 * _minutes(values, "idle_minutes"),
    )


def _tokens(config: AccountConfig) -> TokenSource | None:
    """Return what renews tokens; None for an account that has nothing to renew them with."""
    token_url = _text(config.settings, "oauth_token_url")
    if not token_url:
        return None
    from desktop_inbox.connectors.oauth import TokenKeeper  # the first frame does without

    return TokenKeeper(
        token_url,
        config.secrets,
        client_id=_text(config.settings, "oauth_client_id"),
        keep=config.keep_secrets,
    )


def _server(values: Mapping[str, object], protocol: str) -> Server:
    security = _choice(values, f"{protocol}_security", Security, Security.TLS)
    host = _text(values, f"{protocol}_host")
    if not host or not host.isprintable() or " " in host:
        raise _wrong(f"{protocol}_host", host)
    return Server(
        host=host,
        port=_port(values, f"{protocol}_port", _DEFAULT_PORTS[protocol, security]),
        security=security,
        ca_file=_text(values, "ca_file"),
    )


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value).strip()


def _port(values: Mapping[str, object], name: str, default: int) -> int:
    text = _text(values, name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise _wrong(name, text)
    return int(text)


def _minutes(values: Mapping[str, object], name: str) -> int:
    text = _text(values, name) or str(IDLE_MINUTES)
    least, most = IDLE_MINUTES_RANGE
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise _wrong(name, text)
    return int(text)


def _choice(values: Mapping[str, object], name: str, kind: type[T], default: T) -> T:
    text = _text(values, name).lower()
    if not text:
        return default
    try:
        return kind(text)
    except ValueError:
        raise _wrong(name, text) from None


def _day(values: Mapping[str, object], name: str) -> datetime | None:
    text = _text(values, name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise _wrong(name, text) from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _wrong(name: str, value: str) -> PermanentError:
    return PermanentError(f"{name}: {value!r}", reason=PermanentReason.INVALID, step="settings")
