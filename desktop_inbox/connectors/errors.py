"""The closed set of failures a connector may raise. Anything else is a bug of ours.

Classified by code, never by text. `detail` keeps the server's own words, fit to be shown.
"""

from __future__ import annotations

from enum import StrEnum


class ConnectorError(Exception):
    """Base of everything that can go wrong between us and a service."""

    def __init__(self, detail: str, *, step: str = "") -> None:
        super().__init__(detail)
        self.detail = detail  # what the server or the system said
        self.step = step  # which step failed, such as "connect", "sign-in", "recipient"


class AuthReason(StrEnum):
    SIGN_IN = "sign_in"
    REVOKED = "revoked"
    BILLING = "billing"
    CONFLICT = "conflict"
    PERMISSION = "permission"  # it signs in, and may not do this
    RESTRICTED = "restricted"  # the service holds the account back


class AuthError(ConnectorError):
    """A person must act before this account can work again."""

    def __init__(
        self, detail: str, *, reason: AuthReason = AuthReason.SIGN_IN, step: str = "sign-in"
    ) -> None:
        super().__init__(detail, step=step)
        self.reason = reason


class TransientCause(StrEnum):
    """Why it may work later; each has its own sentence in the interface."""

    NETWORK = "network"  # offline, refused, reset, timed out
    DNS = "dns"
    TLS = "tls"  # certificate or handshake refused
    SERVER = "server"  # the server said so, or said nonsense


class TransientError(ConnectorError):
    """May work later: offline, a 4xx answer, a time-out before anything irrevocable happened."""

    def __init__(
        self,
        detail: str,
        *,
        cause: TransientCause = TransientCause.NETWORK,
        retry_after_seconds: float | None = None,
        step: str = "",
    ) -> None:
        super().__init__(detail, step=step)
        self.cause = cause
        self.retry_after_seconds = retry_after_seconds


class NotConnected(TransientError):
    """There is no link to the service now; what needs one is tried again once there is."""

    def __init__(self) -> None:
        super().__init__("not connected", step="connect")


class RateLimited(ConnectorError):
    """The service named the time before which it will not listen."""

    def __init__(self, detail: str, *, retry_after_seconds: float, step: str = "") -> None:
        super().__init__(detail, step=step)
        self.retry_after_seconds = retry_after_seconds


class PermanentReason(StrEnum):
    RECIPIENT = "recipient"
    WINDOW_CLOSED = "window_closed"
    TOO_LARGE = "too_large"
    MEDIA = "media"
    INVALID = "invalid"


class PermanentError(ConnectorError):
    """This item can never succeed as it is."""

    def __init__(
        self, detail: str, *, reason: PermanentReason = PermanentReason.INVALID, step: str = ""
    ) -> None:
        super().__init__(detail, step=step)
        self.reason = reason


class Unsupported(ConnectorError):
    """The channel cannot do this at all; refused before queueing."""


class UncertainDelivery(ConnectorError):
    """The body left and no answer came: it may have been delivered, never resend blindly."""
