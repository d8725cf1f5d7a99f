"""What an account's settings say, and what names look like on Matrix. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import AuthError, PermanentError, PermanentReason
from desktop_inbox.connectors.http_api import is_here

_USER = re.compile(r"@[^\s:\x00]+:[^\s@/?#\\]+")
_LONGEST_NAME = 255


class Invitations(StrEnum):
    """Which invitations are accepted."""

    DIRECT = "direct"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixSettings:
    """Whom we are, and how we show that we are."""

    user_id: str
    homeserver: str  # '' where the address leads there
    password: str = field(repr=False)
    access_token: str = field(repr=False)  # given by a person, '' where the password is to do
    invitations: Invitations

    @property
    def server_name(self) -> str:
        return self.user_id.partition(":")[2]


def settings_of(config: AccountConfig) -> MatrixSettings:
    """Read an account's settings.

    *Raises:* PermanentError where they make no sense, AuthError where there is nothing to show.
    """
    told = config.settings
    invitations = str(told.get("invitations") or Invitations.DIRECT)
    settings = MatrixSettings(
        user_id=person(config.address),
        homeserver=homeserver(str(told.get("homeserver") or "")),
        password=config.secrets.get("password", ""),
        access_token=config.secrets.get("access_token", "").strip(),
        invitations=(
            Invitations(invitations) if invitations in set(Invitations) else Invitations.DIRECT
        ),
    )
    if not settings.password and not settings.access_token:
        raise AuthError("neither a password nor an access token")
    return settings


def person(address: str) -> str:
    """Return somebody's address in its proper form. *Raises:* PermanentError(RECIPIENT)."""
    name = address.strip().removeprefix("https://matrix.to/#/")
    if not _USER.fullmatch(name) or len(name.encode()) > _LONGEST_NAME:
        raise PermanentError(
            f"{address!r} is no Matrix address", reason=PermanentReason.RECIPIENT, step="address"
        )
    return name


def homeserver(told: str) -> str:
    """Return where a server is, '' for nothing told.

    *Raises:* PermanentError where it is no address, or one without encryption elsewhere.
    """
    told = told.strip().rstrip("/")
    if not told:
        return ""
    url = told if "://" in told else f"https://{told}"
    try:
        parts = urlsplit(url)
        here = parts.scheme == "http" and is_here(parts.hostname or "")
        fits = bool(parts.hostname) and (parts.scheme == "https" or here) and not parts.username
    except ValueError:
        fits = False
    if not fits:
        raise PermanentError(f"{told!r} is no address of a homeserver", step="settings")
    return url
