"""The one place where what goes wrong on the wire becomes one of the connector errors. Pure."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from desktop_inbox.connectors.email.imap_responses import CommandRefused, LinkLost, ProtocolError
from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    PermanentError,
    PermanentReason,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.system_words import system_words

# RFC 5530 and friends: a NO with one of these passes by itself.
_PASSING = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CORRUPTION", "THROTTLED"})
_FINAL = frozenset({"NOPERM", "CANNOT", "NONEXISTENT"})  # it will say so every time
_REVOKED = frozenset({"EXPIRED", "PRIVACYREQUIRED"})
_LIMIT_RETRY_SECONDS = 60.0


@contextmanager
def wire_errors(step: str) -> Iterator[None]:
    """Turn every failure of the network, of TLS and of the server into a ConnectorError.

    `step` names what was being done, such as "connect", "tls", "sign-in", "folders".
    """
    try:
        yield
    except ConnectorError:
        raise
    except (CommandRefused, LinkLost, ProtocolError, OSError) as error:
        raise translate(error, step) from error


def translate(error: Exception, step: str) -> ConnectorError:
    """Return the connector error for a failure at `step`; TimeoutError is an OSError."""
    if isinstance(error, CommandRefused):
        return _refused(error, step)
    if isinstance(error, ProtocolError):
        return TransientError(str(error), cause=TransientCause.SERVER, step=step)
    if isinstance(error, LinkLost):
        return TransientError(str(error), cause=TransientCause.NETWORK, step=step)
    if isinstance(error, ssl.SSLCertVerificationError):
        return TransientError(_certificate(error), cause=TransientCause.TLS, step="tls")
    if isinstance(error, ssl.SSLError):
        return TransientError(str(error), cause=TransientCause.TLS, step="tls")
    if isinstance(error, socket.gaierror):
        return TransientError(system_words(error), cause=TransientCause.DNS, step="connect")
    if isinstance(error, TimeoutError):
        return TransientError(str(error) or "no answer in time", step=step)
    if isinstance(error, OSError):
        return TransientError(system_words(error), step=step)
    return TransientError(str(error) or type(error).__name__, step=step)


def _refused(error: CommandRefused, step: str) -> ConnectorError:
    words = error.text or error.status
    if error.code in _PASSING:
        wait = _LIMIT_RETRY_SECONDS if error.code in ("LIMIT", "THROTTLED") else None
        return TransientError(
            words, cause=TransientCause.SERVER, retry_after_seconds=wait, step=step
        )
    if error.code == "OVERQUOTA":
        return PermanentError(words, reason=PermanentReason.TOO_LARGE, step=step)
    if step == "change" and error.code in _FINAL:
        return PermanentError(words, reason=PermanentReason.INVALID, step=step)
    if step == "sign-in" and error.status == "NO":
        reason = AuthReason.REVOKED if error.code in _REVOKED else AuthReason.SIGN_IN
        return AuthError(words, reason=reason, step=step)
    return TransientError(words, cause=TransientCause.SERVER, step=step)


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    return error.verify_message or str(error)
