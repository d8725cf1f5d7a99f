"""What an account's settings say of its server. Pure."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field

from slixmpp import JID, InvalidJID

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import PermanentError, PermanentReason
from desktop_inbox.connectors.http_api import is_here


@dataclass(frozen=True, slots=True, kw_only=True)
class XmppSettings:
    """Whom we are, and where the server is."""

    address: str  # bare
    password: str = field(repr=False)
    host: str  # '' as the address leads (RFC 6120 3.2)
    port: int
    tls: bool
    ca_file: str
    trial: bool = False

    @property
    def resource(self) -> str:
        """Our name among the account's programs: the same each time, another on each computer."""
        told = f"{self.address}\n{platform.node()}"
        name = f"desktop-inbox-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
        return f"trial-{name}" if self.trial else name

    @property
    def local(self) -> bool:
        """Whether the server can only be this machine."""
        return is_here(self.host or self.address.partition("@")[2])


def settings_of(config: AccountConfig) -> XmppSettings:
    """Read an account's settings. *Raises:* PermanentError where they make no sense."""
    told: Mapping[str, object] = config.settings
    try:
        port = int(str(told.get("port") or 5222))
    except ValueError as error:
        raise PermanentError(str(error), step="settings") from error
    settings = XmppSettings(
        address=person(config.address),
        password=config.secrets.get("password", ""),
        host=str(told.get("host") or "").strip(),
        port=port,
        tls=told.get("security") != "none",
        ca_file=str(told.get("ca_file") or ""),
    )
    if not settings.tls and not settings.local:
        raise PermanentError("no encryption: only on this machine", step="settings")
    return settings


def person(address: str) -> str:
    """Return somebody's address in its proper form. *Raises:* PermanentError(RECIPIENT)."""
    try:
        jid = JID(address.strip())
    except InvalidJID as error:
        raise _nobody(address) from error
    if not jid.user or not jid.domain:
        raise _nobody(address)
    return str(jid.bare)


def _nobody(address: str) -> PermanentError:
    return PermanentError(
        f"{address!r} is no XMPP address", reason=PermanentReason.RECIPIENT, step="address"
    )
